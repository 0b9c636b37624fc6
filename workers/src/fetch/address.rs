//! A file that is fetched over HTTP.

use trainyard_fetch::Trusted;
use url::Url;

#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// As its user wrote it.
    pub(crate) source: String,
    pub(crate) url: Url,
    /// Only for the host of `url`.
    pub(crate) token: Option<String>,
    pub(crate) trusted: Trusted,
}
