//! reqwest as everybody here uses it: with this machine's authorities, and whatever proxy the environment names left out.

use reqwest::ClientBuilder;
use rustls::ClientConfig;

use crate::http::tls;

/// A client to be told its timeouts, which believes the authorities of this machine.
pub fn client() -> ClientBuilder {
    client_trusting(tls())
}

/// The same, believing whom `tls` does. Without any, reqwest would look for a provider of its own, and there is none.
pub fn client_trusting(tls: ClientConfig) -> ClientBuilder {
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls)
}
