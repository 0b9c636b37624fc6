//! The things that have a history: each is one literal subject of the log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

/// A name that cannot be used in a subject.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{0:?} is not a valid {1}")]
pub struct BadName(pub String, pub &'static str);

/// A tenant's name: 1 to 32 of `a-z`, `0-9` and `-`, so that it is safe in a subject and in a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z0-9-]{1,32}$")))]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(String);

impl TenantId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TenantId {
    type Error = BadName;

    fn try_from(name: String) -> Result<Self, BadName> {
        let fits = (1..=limits::TENANT_NAME_CHARS).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits { Ok(TenantId(name)) } else { Err(BadName(name, "tenant name (a-z, 0-9 and -, 32 at most)")) }
    }
}

impl FromStr for TenantId {
    type Err = BadName;

    fn from_str(name: &str) -> Result<Self, BadName> {
        TenantId::try_from(name.to_owned())
    }
}

impl From<TenantId> for String {
    fn from(tenant: TenantId) -> String {
        tenant.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "schema")]
const PATTERN: &str = "^((chat|dataset|job|endpoint|model)/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(hook|maintenance|tenant)/[a-z0-9-]{1,32})$";

/// What a fact is about. An endpoint shares the id of the job whose model it serves. Written `job/<uuid>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = PATTERN)))]
#[serde(try_from = "String", into = "String")]
pub enum Aggregate {
    Chat(Uuid),
    Dataset(Uuid),
    Job(Uuid),
    Endpoint(Uuid),
    Model(Uuid),
    /// All of a tenant's hooks: how many there are is decided in one history.
    Hooks(TenantId),
    /// What operators have taken out of work; the tenant is theirs.
    Maintenance(TenantId),
    Tenant(TenantId),
}

impl Aggregate {
    /// The first word of its subject and of its events' kinds.
    pub fn kind(&self) -> &'static str {
        match self {
            Aggregate::Chat(_) => "chat",
            Aggregate::Dataset(_) => "dataset",
            Aggregate::Job(_) => "job",
            Aggregate::Endpoint(_) => "endpoint",
            Aggregate::Model(_) => "model",
            Aggregate::Hooks(_) => "hook",
            Aggregate::Maintenance(_) => "maintenance",
            Aggregate::Tenant(_) => "tenant",
        }
    }

    /// The last token of its subject.
    pub fn id(&self) -> String {
        match self {
            Aggregate::Chat(id)
            | Aggregate::Dataset(id)
            | Aggregate::Job(id)
            | Aggregate::Endpoint(id)
            | Aggregate::Model(id) => id.to_string(),
            Aggregate::Hooks(name) | Aggregate::Maintenance(name) | Aggregate::Tenant(name) => {
                name.to_string()
            }
        }
    }

    /// The dataset that `tenant` calls so: the same path or name is always the same dataset, whichever version of it.
    pub fn dataset_at(tenant: &TenantId, written: &str) -> Aggregate {
        Aggregate::Dataset(Aggregate::dataset_id(tenant, written))
    }

    pub fn dataset_id(tenant: &TenantId, written: &str) -> Uuid {
        let (path, _) = crate::dataset::parted(written);
        Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("trainyard:{tenant}:dataset:{path}").as_bytes())
    }

    /// The model that `tenant` calls so.
    pub fn model_called(tenant: &TenantId, name: &str) -> Aggregate {
        let id = format!("trainyard:{tenant}:model:{name}");
        Aggregate::Model(Uuid::new_v5(&Uuid::NAMESPACE_URL, id.as_bytes()))
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.id())
    }
}

impl FromStr for Aggregate {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName(text.to_owned(), "aggregate (kind/id)");
        let (kind, id) = text.split_once('/').ok_or_else(bad)?;
        let uuid = || Uuid::parse_str(id).map_err(|_| bad());
        match kind {
            "chat" => uuid().map(Aggregate::Chat),
            "dataset" => uuid().map(Aggregate::Dataset),
            "job" => uuid().map(Aggregate::Job),
            "endpoint" => uuid().map(Aggregate::Endpoint),
            "model" => uuid().map(Aggregate::Model),
            "hook" => id.parse().map(Aggregate::Hooks),
            "maintenance" => id.parse().map(Aggregate::Maintenance),
            "tenant" => id.parse().map(Aggregate::Tenant),
            _ => Err(bad()),
        }
    }
}

impl TryFrom<String> for Aggregate {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<Aggregate> for String {
    fn from(aggregate: Aggregate) -> String {
        aggregate.to_string()
    }
}
