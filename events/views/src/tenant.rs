//! The tenants, how much of their quota they use, and their tokens. A token's hash is in its stored row, and in no other.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::fleet::Pool;
use trainyard_events::tenant::{Member, Role, Scope};
use trainyard_events::{Event, Price, Recorded, TenantEvent, TenantId};
use uuid::Uuid;

use crate::Quarantined;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantRow {
    pub tenant: TenantId,
    /// `None` is unlimited.
    pub concurrent_jobs: Option<u32>,
    pub gpu_hours: Option<u32>,
    /// Of the files of its datasets in the store.
    pub dataset_bytes: Option<u64>,
    /// What its jobs may cost in a calendar month of Seoul, in whole units of its currency.
    pub month_budget: Option<u64>,
    /// What time on the workers of a pool costs.
    pub prices: BTreeMap<Pool, Price>,
    /// The jobs that hold one of the slots. Without a quota none does.
    pub slots: BTreeSet<Uuid>,
    /// Members who may not log in any more.
    pub removed: BTreeSet<Uuid>,
    /// What attempts under slots that were given back took of the GPU pool, in milliseconds.
    pub gpu_ms: u64,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub created_at: OffsetDateTime,
    /// Since when nobody comes in any more.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub closed_at: Option<OffsetDateTime>,
    /// Set while its history has an event that cannot be read. By no fold: the reader of the log knows.
    pub quarantine: Option<Quarantined>,
    pub sequence: u64,
}

/// A token as its tenant may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenRow {
    pub tenant: TenantId,
    pub token_id: Uuid,
    pub name: String,
    pub role: Role,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub issued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub revoked_at: Option<OffsetDateTime>,
    /// From then on it opens nothing; absent is never.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub expires_at: Option<OffsetDateTime>,
    /// What it opens; empty is everything that its role may.
    pub scope: Vec<Scope>,
    /// Whose session it is; null for any other token.
    pub member: Option<Member>,
    /// The token that has taken its place.
    pub replaced_by: Option<Uuid>,
    pub sequence: u64,
}

/// The whole row of a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredToken {
    pub sha256: String,
    #[serde(flatten)]
    pub token: TokenRow,
}

impl StoredToken {
    /// Of a token that opens all that its role may.
    fn new(
        recorded: &Recorded,
        token_id: Uuid,
        name: &str,
        role: Role,
        sha256: &str,
        expires_at: Option<OffsetDateTime>,
    ) -> StoredToken {
        let token = TokenRow {
            tenant: recorded.envelope.tenant.clone(),
            token_id,
            name: name.to_owned(),
            role,
            issued_at: recorded.envelope.at,
            revoked_at: None,
            expires_at,
            scope: Vec::new(),
            member: None,
            replaced_by: None,
            sequence: recorded.sequence,
        };
        StoredToken { sha256: sha256.to_owned(), token }
    }

    /// Folds one event into the row of its token, and says whether it counted.
    pub fn apply(row: &mut Option<StoredToken>, recorded: &Recorded) -> bool {
        let Event::Tenant(event) = &recorded.envelope.event else { return false };
        match (event, row) {
            (TenantEvent::TokenIssued { token_id, name, role, sha256, expires_at }, row @ None) => {
                *row = Some(StoredToken::new(recorded, *token_id, name, *role, sha256, *expires_at));
                true
            }
            (
                TenantEvent::TokenGranted { token_id, name, role, sha256, expires_at, scope, member, .. },
                row @ None,
            ) => {
                let mut new = StoredToken::new(recorded, *token_id, name, *role, sha256, *expires_at);
                new.token.scope.clone_from(scope);
                new.token.member.clone_from(member);
                *row = Some(new);
                true
            }
            (TenantEvent::TokenRevoked { .. }, Some(row)) if row.token.revoked_at.is_none() => {
                row.token.revoked_at = Some(recorded.envelope.at);
                row.token.sequence = recorded.sequence;
                true
            }
            _ => false,
        }
    }
}

impl StoredToken {
    /// Folds into the row of a token that another one has taken its place: it has an end then.
    pub fn apply_replaced(row: &mut Option<StoredToken>, recorded: &Recorded) -> bool {
        let (Event::Tenant(TenantEvent::TokenGranted { token_id, replaces: Some(replaced), .. }), Some(row)) =
            (&recorded.envelope.event, row)
        else {
            return false;
        };
        let token = &mut row.token;
        let end = token.expires_at.map_or(replaced.until, |end| end.min(replaced.until));
        token.expires_at = Some(end);
        token.replaced_by = Some(*token_id);
        token.sequence = token.sequence.max(recorded.sequence);
        true
    }
}

impl TenantRow {
    /// Folds one event into the row of its tenant. Any event makes the row: a tenant that acts exists.
    pub fn apply(row: &mut Option<TenantRow>, recorded: &Recorded) {
        let row = row.get_or_insert_with(|| TenantRow {
            tenant: recorded.envelope.tenant.clone(),
            concurrent_jobs: None,
            gpu_hours: None,
            dataset_bytes: None,
            month_budget: None,
            prices: BTreeMap::new(),
            slots: BTreeSet::new(),
            removed: BTreeSet::new(),
            gpu_ms: 0,
            created_at: recorded.envelope.at,
            closed_at: None,
            quarantine: None,
            sequence: 0,
        });
        if recorded.sequence <= row.sequence {
            return;
        }
        match &recorded.envelope.event {
            Event::Tenant(TenantEvent::QuotaSet {
                concurrent_jobs,
                gpu_hours,
                dataset_bytes,
                month_budget,
            }) => {
                row.concurrent_jobs = *concurrent_jobs;
                row.gpu_hours = *gpu_hours;
                row.dataset_bytes = *dataset_bytes;
                row.month_budget = *month_budget;
            }
            Event::Tenant(TenantEvent::PriceSet { pool, price: Some(price) }) => {
                row.prices.insert(*pool, price.clone());
            }
            Event::Tenant(TenantEvent::PriceSet { pool, price: None }) => drop(row.prices.remove(pool)),
            Event::Tenant(TenantEvent::SlotReserved { job, .. }) => {
                row.slots.insert(*job);
            }
            Event::Tenant(TenantEvent::SlotReleased { job, gpu_ms, .. }) => {
                row.slots.remove(job);
                row.gpu_ms = row.gpu_ms.saturating_add(*gpu_ms);
            }
            Event::Tenant(TenantEvent::MemberRemoved { member }) => {
                row.removed.insert(*member);
            }
            Event::Tenant(TenantEvent::MemberRestored { member }) => {
                row.removed.remove(member);
            }
            Event::Tenant(TenantEvent::Closed {}) => row.closed_at = Some(recorded.envelope.at),
            _ => {}
        }
        row.sequence = recorded.sequence;
    }
}
