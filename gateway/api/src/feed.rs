//! `/v1/feed`: how programs of others read what happens, over NATS.

use serde::{Deserialize, Serialize};

/// What a client of NATS has to be told, beside its address: the password is the token, whatever the user's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedAnswer {
    /// False where the servers let nobody log in with a token.
    pub open: bool,
    /// The JetStream domain of every request.
    pub domain: String,
    /// Inboxes are below it.
    pub inbox_prefix: String,
    /// Consumers that the tenant's readers may have, of each stream.
    pub consumers: Vec<String>,
    pub streams: Vec<FeedStream>,
    /// Sequence of the first event that is still there to be read, of whichever tenant: who has read less far asks
    /// `/v1/activity?after=` for what is missing.
    pub begins: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedStream {
    pub stream: String,
    /// The subjects of the tenant that a consumer may be filtered by; each is a filter, and so is whatever is narrower.
    pub filters: Vec<String>,
}
