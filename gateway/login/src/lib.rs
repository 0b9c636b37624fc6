//! Logging in with a company's account: OpenID Connect 1.0 as a relying party does it, by the authorization code with PKCE.
//!
//! Signatures are verified by ring, which the platform has anyway (docs/adr/0012-login.md says why by no library above it).
//! Knows no tenant, no token and no cookie: an address to send a browser to, and who has come back.

mod discovery;
mod error;
mod keys;
mod provider;
mod token;

pub use error::LoginError;
pub use provider::{LoginConfig, Person, Provider, Waiting};
