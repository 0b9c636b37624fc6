//! Who asks: what a token that is good says of its owner.

use time::OffsetDateTime;
use trainyard_api::Problem;
use trainyard_events::tenant::{Role, Scope};
use trainyard_events::{Actor, TenantId};
use trainyard_views::TokenRow;
use uuid::Uuid;

use crate::error::ApiError;

/// Whose token a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) tenant: TenantId,
    pub(crate) token_id: Uuid,
    pub(crate) name: String,
    pub(crate) role: Role,
    /// From then on it opens nothing; absent is never.
    pub(crate) expires_at: Option<OffsetDateTime>,
    /// What it opens; empty is everything that its role may.
    pub(crate) scope: Vec<Scope>,
    /// Whose session it is.
    pub(crate) member: Option<Uuid>,
}

impl Identity {
    pub(crate) fn actor(&self) -> Actor {
        Actor::User(self.name.clone())
    }

    /// What is kept for whoever asks: a member has the same in every session.
    pub(crate) fn account(&self) -> Uuid {
        self.member.unwrap_or(self.token_id)
    }

    pub(crate) fn needs(&self, role: Role) -> Result<(), ApiError> {
        if self.role >= role { Ok(()) } else { Err(Problem::NeedsRole { role }.into()) }
    }

    /// It ends then, if it does not before.
    pub(crate) fn ends_by(&mut self, until: OffsetDateTime) {
        self.expires_at = Some(self.expires_at.map_or(until, |end| end.min(until)));
    }

    /// 401 with a code of its own from the moment that the token has ended.
    pub(crate) fn is_valid(&self, now: OffsetDateTime) -> Result<(), ApiError> {
        if self.expires_at.is_some_and(|end| end <= now) { Err(Problem::TokenExpired.into()) } else { Ok(()) }
    }
}

impl From<TokenRow> for Identity {
    fn from(row: TokenRow) -> Self {
        let TokenRow { tenant, token_id, name, role, expires_at, scope, member, .. } = row;
        let member = member.map(|member| member.id);
        Identity { tenant, token_id, name, role, expires_at, scope, member }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Identity, Role, Uuid};

    /// Of a viewer of this tenant, with this token.
    pub(crate) fn identity(tenant: &str, token: u128) -> Identity {
        Identity {
            tenant: tenant.parse().expect("a name"),
            token_id: Uuid::from_u128(token),
            name: String::new(),
            role: Role::Viewer,
            expires_at: None,
            scope: Vec::new(),
            member: None,
        }
    }
}
