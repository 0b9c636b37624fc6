//! `/v1/login` and `/v1/logout`: coming in with a company's account, and leaving.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How people come in here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoginWays {
    /// Whether `/v1/login/company` leads to a provider of identities. A token opens the platform in any case.
    pub company: bool,
}

/// What a provider sends a browser back with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoginAnswer {
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub state: Option<String>,
    /// Why there is no code.
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub error_description: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoggedOut {
    /// Whether the token was a session, which opens nothing any more; any other goes on.
    pub revoked: bool,
    pub token_id: Uuid,
    /// Null where nothing had to be done.
    pub sequence: Option<u64>,
    /// Where the browser goes to log out at the provider too; null where it has no such place, and of a token that is no session.
    pub provider: Option<String>,
}
