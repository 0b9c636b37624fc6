//! `/v1/tenants`: who has a place on the platform, for its operators.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::TenantId;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantShown {
    pub tenant: TenantId,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub created_at: OffsetDateTime,
    /// Null while people may come in.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub closed_at: Option<OffsetDateTime>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantList {
    /// By name.
    pub tenants: Vec<TenantShown>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    pub tenant: TenantId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantMade {
    pub tenant: TenantId,
    /// Its first, of an admin; shown only now.
    pub token: String,
    pub token_id: Uuid,
    pub sequence: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantClosed {
    pub tenant: TenantId,
    /// Tokens that were revoked now.
    pub tokens: u64,
    /// Of the newest event that it took; null where nothing had to be done.
    pub sequence: Option<u64>,
}
