//! What is kept of how a tenant is used that is no fact: when a token was last shown, and what was refused.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::tenant::Role;

/// When a token was shown last, within a minute, and from which address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastUse {
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub at: OffsetDateTime,
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub address: IpAddr,
}

/// Something that somebody with a token wanted to do and was not let.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub token_id: Uuid,
    /// The token's name.
    pub name: String,
    pub role: Role,
    pub address: IpAddr,
    pub method: String,
    /// As it was asked for, without its query.
    pub path: String,
    pub status: u16,
    /// For programs, such as `forbidden`.
    pub code: String,
}
