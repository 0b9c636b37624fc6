//! `/v1/tokens` and `/v1/whoami`: who may ask for what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::TenantId;
use trainyard_events::access::LastUse;
use trainyard_events::tenant::{Role, Scope};
use trainyard_views::TokenRow;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Whoami {
    pub tenant: TenantId,
    pub token: TokenNamed,
    pub role: Role,
    /// Whether it may do what concerns every tenant, such as making one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operator: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenNamed {
    pub id: Uuid,
    pub name: String,
    /// From then on it opens nothing; null is never.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub expires_at: Option<OffsetDateTime>,
    /// What it opens; empty is everything that its role may.
    pub scope: Vec<Scope>,
    /// Whether it was had by logging in, and is given back by logging out.
    pub session: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenList {
    /// Newest first, revoked ones too.
    pub tokens: Vec<TokenRow>,
    /// By the ids of those that are valid: when each was shown last, within a minute.
    pub last_uses: BTreeMap<String, LastUse>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = trainyard_events::schema::ONE_LINE)))]
    pub name: String,
    pub role: Role,
    /// Left out, it lives until it is revoked.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub expires_at: Option<OffsetDateTime>,
    /// Its text is the seed of a NATS key (`SU...`), which can sign a challenge there instead of being sent. Over HTTP it is as any
    /// other.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nkey: bool,
    /// What it opens; left out or empty is everything that its role may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 8)))]
    pub scope: Vec<Scope>,
}

/// Another text under the name of a token.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// For how long the old text goes on, in seconds; left out an hour, and a week at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 604_800)))]
    pub grace_s: Option<u32>,
    /// Left out, the new one ends when the old one would have.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub expires_at: Option<OffsetDateTime>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenRotated {
    /// Shown only now.
    pub token: String,
    pub token_id: Uuid,
    /// From then on the old one opens nothing.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub old_until: OffsetDateTime,
    pub sequence: u64,
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenIssued {
    /// Shown only now.
    pub token: String,
    pub token_id: Uuid,
    pub sequence: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenRevoked {
    pub token_id: Uuid,
    /// Null where it was revoked already.
    pub sequence: Option<u64>,
}
