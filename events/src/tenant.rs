//! The facts of a tenant: who may ask, and for how much.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::config::UnknownWord;
use crate::fleet::Pool;
use crate::price::{Month, Price};

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, talks, trains, deploys.
    Editor,
    /// And issues tokens.
    Admin,
}

impl Role {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let all = [Role::Viewer, Role::Editor, Role::Admin];
        let unknown = || UnknownWord { word: word.to_owned(), choices: all.map(Role::name).join(", ") };
        all.into_iter().find(|role| role.name() == word).ok_or_else(unknown)
    }
}

/// A group of routes that a token may be confined to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Conversations.
    Chats,
    /// Jobs, what they measure, print and leave.
    Jobs,
    /// Datasets, their files and images, and the folders that workers read.
    Datasets,
    /// The catalog, the registry and what is deployed.
    Models,
    /// Questions to deployed models.
    Predict,
    /// What happened: the activity and the feed.
    Events,
    /// The workers.
    Fleet,
    /// Tokens, members, the quota, hooks and what is kept back.
    Settings,
}

impl Scope {
    pub const ALL: [Scope; 8] = [
        Scope::Chats,
        Scope::Jobs,
        Scope::Datasets,
        Scope::Models,
        Scope::Predict,
        Scope::Events,
        Scope::Fleet,
        Scope::Settings,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Chats => "chats",
            Scope::Jobs => "jobs",
            Scope::Datasets => "datasets",
            Scope::Models => "models",
            Scope::Predict => "predict",
            Scope::Events => "events",
            Scope::Fleet => "fleet",
            Scope::Settings => "settings",
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let unknown =
            || UnknownWord { word: word.to_owned(), choices: Scope::ALL.map(Scope::name).join(", ") };
        Scope::ALL.into_iter().find(|scope| scope.name() == word).ok_or_else(unknown)
    }
}

/// A person who has logged in, as the provider of identities tells of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// Derived from who vouches for them and what they are called there, so that it stays when a name changes.
    pub id: Uuid,
    /// What they are called there.
    pub subject: String,
}

/// A token that another one takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Replaced {
    pub token_id: Uuid,
    /// From then on it opens nothing, if it has not ended before.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub until: OffsetDateTime,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum TenantEvent {
    #[serde(rename = "tenant.created")]
    Created {},
    /// Only `sha256`, the hash of the token in hex, is ever stored.
    #[serde(rename = "tenant.token_issued")]
    TokenIssued {
        token_id: Uuid,
        name: String,
        role: Role,
        sha256: String,
        /// From then on it opens nothing; without it, the token lives until it is revoked.
        #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
        expires_at: Option<OffsetDateTime>,
    },
    /// A token that `token_issued` cannot tell of: a person's session, one that is confined, or one in the place of another. A
    /// kind of its own, because who left its fields unread would let in too much.
    #[serde(rename = "tenant.token_granted")]
    TokenGranted {
        token_id: Uuid,
        name: String,
        role: Role,
        sha256: String,
        #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
        expires_at: Option<OffsetDateTime>,
        /// What it opens; empty is everything that its role may.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        scope: Vec<Scope>,
        /// Whose session it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member: Option<Member>,
        /// In whose place it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Replaced>,
        /// The invitation that it was had for, which is used up by that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<Uuid>,
    },
    /// An invitation: whoever shows what `sha256` is the hash of, once and until `expires_at`, has a token of this name. Taken
    /// back as a token is, by `token_revoked`.
    #[serde(rename = "tenant.token_offered")]
    TokenOffered {
        token_id: Uuid,
        name: String,
        role: Role,
        sha256: String,
        #[serde(with = "time::serde::rfc3339")]
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
        expires_at: OffsetDateTime,
    },
    #[serde(rename = "tenant.token_revoked")]
    TokenRevoked { token_id: Uuid },
    /// They may not log in any more. Their sessions are revoked besides, each by its own fact.
    #[serde(rename = "tenant.member_removed")]
    MemberRemoved { member: Uuid },
    /// They may log in again.
    #[serde(rename = "tenant.member_restored")]
    MemberRestored { member: Uuid },
    /// Nobody comes in any more, and nothing new begins. For good: its name is not given again.
    #[serde(rename = "tenant.closed")]
    Closed {},
    /// `None` is unlimited.
    #[serde(rename = "tenant.quota_set")]
    QuotaSet {
        concurrent_jobs: Option<u32>,
        gpu_hours: Option<u32>,
        /// Of the files of its datasets in the store, each once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dataset_bytes: Option<u64>,
        /// What its jobs may cost in a calendar month of Seoul, in whole units of the currency of its prices.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        month_budget: Option<u64>,
    },
    /// `job` may be dispatched within the quota. `wait` is the sequence of the event since which it waits, so that a
    /// reservation is for one dispatch and one attempt. Only of a tenant that has, or had, a quota.
    #[serde(rename = "tenant.slot_reserved")]
    SlotReserved { job: Uuid, wait: u64 },
    /// The job that reserved it has ended or waits again. `gpu_ms` is what its attempt took of the GPU pool, in
    /// milliseconds from its start to its end.
    #[serde(rename = "tenant.slot_released")]
    SlotReleased { job: Uuid, wait: u64, gpu_ms: u64 },
    /// What time on workers of `pool` costs from here on; `None` is nothing. All prices of a tenant are in one currency.
    /// What was dispatched before keeps the price that it was dispatched at.
    #[serde(rename = "tenant.price_set")]
    PriceSet { pool: Pool, price: Option<Price> },
    /// Of what it may spend in `month` most is gone: `spent`, in millionths, of `budget`, in whole units. Once for each
    /// month and budget.
    #[serde(rename = "tenant.budget_neared")]
    BudgetNeared { month: Month, spent: u64, budget: u64, currency: String },
}

impl TenantEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            TenantEvent::Created { .. } => "tenant.created",
            TenantEvent::TokenIssued { .. } => "tenant.token_issued",
            TenantEvent::TokenGranted { .. } => "tenant.token_granted",
            TenantEvent::TokenOffered { .. } => "tenant.token_offered",
            TenantEvent::TokenRevoked { .. } => "tenant.token_revoked",
            TenantEvent::Closed { .. } => "tenant.closed",
            TenantEvent::MemberRemoved { .. } => "tenant.member_removed",
            TenantEvent::MemberRestored { .. } => "tenant.member_restored",
            TenantEvent::QuotaSet { .. } => "tenant.quota_set",
            TenantEvent::SlotReserved { .. } => "tenant.slot_reserved",
            TenantEvent::SlotReleased { .. } => "tenant.slot_released",
            TenantEvent::PriceSet { .. } => "tenant.price_set",
            TenantEvent::BudgetNeared { .. } => "tenant.budget_neared",
        }
    }
}
