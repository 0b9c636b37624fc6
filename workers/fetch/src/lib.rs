//! HTTP to addresses that people write: public ones, and hosts that the operator has named.

mod address;
mod allowed;
mod client;
mod http;

pub use address::{Trusted, is_public};
pub use allowed::Allowed;
pub use client::{client, client_trusting};
pub use http::{AuthorityError, Http, HttpError, SILENCE, tls, tls_trusting};
