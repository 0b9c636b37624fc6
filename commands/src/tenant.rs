//! A tenant: its tokens, of which only hashes are known, and its quota.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;
use trainyard_events::TenantEvent;
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::rejection::Rejection;

const TOKEN_NAME_CHARS: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub enum TenantCommand {
    Create,
    IssueToken(NewToken),
    RevokeToken { token_id: Uuid },
    SetQuota { concurrent_jobs: Option<u32>, gpu_hours: Option<u32> },
}

/// A token that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewToken {
    pub token_id: Uuid,
    /// What is done with it is recorded under this name, so no two valid tokens of a tenant share one.
    pub name: String,
    pub role: Role,
    pub sha256: String,
    /// `None` is never.
    pub expires_at: Option<OffsetDateTime>,
    /// When it is asked for: which other tokens are still valid, and whether this one will be.
    pub now: OffsetDateTime,
}

/// A token that was issued and not revoked.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued {
    name: String,
    expires_at: Option<OffsetDateTime>,
}

impl Issued {
    /// Whether people would take it for one called `name`.
    fn is_called(&self, name: &str) -> bool {
        let folded = |name: &str| name.trim().to_lowercase();
        folded(&self.name) == folded(name)
    }

    fn is_valid(&self, now: OffsetDateTime) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tenant {
    pub exists: bool,
    /// Those that were not revoked; some may have expired, and logs of before names were unique hold the same name
    /// twice.
    pub tokens: BTreeMap<Uuid, Issued>,
    revoked: BTreeSet<Uuid>,
    pub concurrent_jobs: Option<u32>,
    pub gpu_hours: Option<u32>,
}

impl Tenant {
    pub fn evolve(&mut self, event: &TenantEvent) {
        match event {
            TenantEvent::Created {} => self.exists = true,
            TenantEvent::TokenIssued { token_id, name, expires_at, .. } => {
                let issued = Issued { name: name.clone(), expires_at: *expires_at };
                self.tokens.insert(*token_id, issued);
            }
            TenantEvent::TokenRevoked { token_id } => {
                self.tokens.remove(token_id);
                self.revoked.insert(*token_id);
            }
            TenantEvent::QuotaSet { concurrent_jobs, gpu_hours } => {
                self.concurrent_jobs = *concurrent_jobs;
                self.gpu_hours = *gpu_hours;
            }
        }
    }

    pub fn decide(&self, command: &TenantCommand) -> Result<Option<TenantEvent>, Rejection> {
        if !self.exists && *command != TenantCommand::Create {
            return Err(Rejection::NoSuchTenant);
        }
        match command {
            TenantCommand::Create => Ok((!self.exists).then_some(TenantEvent::Created {})),
            TenantCommand::IssueToken(new) => self.issue(new),
            TenantCommand::RevokeToken { token_id } if self.revoked.contains(token_id) => Ok(None),
            TenantCommand::RevokeToken { token_id } if self.tokens.contains_key(token_id) => {
                Ok(Some(TenantEvent::TokenRevoked { token_id: *token_id }))
            }
            TenantCommand::RevokeToken { .. } => Err(Rejection::NoSuchToken),
            TenantCommand::SetQuota { concurrent_jobs, gpu_hours } => {
                let same = (self.concurrent_jobs, self.gpu_hours) == (*concurrent_jobs, *gpu_hours);
                Ok((!same).then_some(TenantEvent::QuotaSet {
                    concurrent_jobs: *concurrent_jobs,
                    gpu_hours: *gpu_hours,
                }))
            }
        }
    }

    fn issue(&self, new: &NewToken) -> Result<Option<TenantEvent>, Rejection> {
        let NewToken { token_id, name, role, sha256, expires_at, now } = new;
        if self.tokens.contains_key(token_id) || self.revoked.contains(token_id) {
            return Ok(None);
        }
        let fits = (1..=TOKEN_NAME_CHARS).contains(&name.trim().chars().count());
        if !fits || name.contains(char::is_control) {
            return Err(Rejection::BadTokenName);
        }
        if expires_at.is_some_and(|end| end <= *now) {
            return Err(Rejection::ExpiresInThePast);
        }
        if self.tokens.values().any(|issued| issued.is_called(name) && issued.is_valid(*now)) {
            return Err(Rejection::TokenNameTaken);
        }
        Ok(Some(TenantEvent::TokenIssued {
            token_id: *token_id,
            name: name.clone(),
            role: *role,
            sha256: sha256.clone(),
            expires_at: *expires_at,
        }))
    }
}
