//! HTTP to addresses that people write: public ones, and hosts that the operator has named.

mod address;
mod allowed;
mod http;

pub use address::{Trusted, is_public};
pub use allowed::Allowed;
pub use http::{Http, HttpError, SILENCE, tls};
