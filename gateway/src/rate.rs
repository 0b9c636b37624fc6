//! How much may be asked for: by a token, by all tokens of a tenant, and by an address that shows none that is known.

use std::time::Duration;

use trainyard_api::error::{Excess, Problem};
use trainyard_events::TenantId;
use uuid::Uuid;

use crate::buckets::Buckets;
use crate::client::Client;
use crate::error::ApiError;
use crate::identity::Identity;

/// Requests a second that can be kept up, and those that can be made at once after a rest.
struct Rate {
    per_second: u32,
    at_once: u32,
}

const TOKEN: Rate = Rate { per_second: 100, at_once: 500 };
const TENANT: Rate = Rate { per_second: 1_000, at_once: 5_000 };
/// Of an address, on routes that need no token.
const OPEN: Rate = Rate { per_second: 100, at_once: 500 };
/// Tokens of an address that are looked up because nobody has used them lately: guessing one must not keep the
/// database busy.
const UNKNOWN: Rate = Rate { per_second: 10, at_once: 200 };
/// Tokens, tenants and addresses that are told apart at a time.
const KEYS: usize = 16_384;

pub(crate) struct Rates {
    tokens: Buckets<Uuid>,
    tenants: Buckets<TenantId>,
    open: Buckets<Client>,
    unknown: Buckets<Client>,
}

impl Default for Rates {
    fn default() -> Self {
        Rates {
            tokens: TOKEN.buckets(),
            tenants: TENANT.buckets(),
            open: OPEN.buckets(),
            unknown: UNKNOWN.buckets(),
        }
    }
}

impl Rate {
    fn buckets<K: Clone + Eq + std::hash::Hash>(&self) -> Buckets<K> {
        Buckets::new(self.per_second, self.at_once, KEYS)
    }

    fn too_many(&self, excess: Excess, wait: Duration) -> ApiError {
        let wait_ms = wait.as_millis().max(1).try_into().unwrap_or(u64::MAX);
        Problem::TooMany { excess, wait_ms, per_second: self.per_second }.into()
    }
}

impl Rates {
    /// Counts a request of the token, and of its tenant; 429 when either asks too much.
    pub(crate) fn request(&self, Identity { token_id, tenant, .. }: &Identity) -> Result<(), ApiError> {
        self.tokens.take(token_id).map_err(|wait| TOKEN.too_many(Excess::Token, wait))?;
        self.tenants.take(tenant).map_err(|wait| TENANT.too_many(Excess::Tenant, wait))
    }

    /// Counts a request without a token.
    pub(crate) fn open(&self, client: Client) -> Result<(), ApiError> {
        self.open.take(&client).map_err(|wait| OPEN.too_many(Excess::Address, wait))
    }

    /// Counts a look into the views for a token that is not known.
    pub(crate) fn unknown(&self, client: Client) -> Result<(), ApiError> {
        self.unknown.take(&client).map_err(|wait| UNKNOWN.too_many(Excess::UnknownTokens, wait))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use trainyard_api::Code;

    use super::{OPEN, Rates, TENANT, TOKEN, UNKNOWN};
    use crate::client::Client;
    use crate::error::ApiError;
    use crate::identity::tests::identity;

    /// How many are granted at once, and what the next is told.
    fn exhaust(ask: impl Fn() -> Result<(), ApiError>) -> (u32, ApiError) {
        let mut granted = 0;
        loop {
            match ask() {
                Ok(()) => granted += 1,
                Err(refused) => {
                    assert_eq!(refused.0.code(), Code::TooManyRequests);
                    return (granted, refused);
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_asks_too_much_keeps_nobody_else_out() {
        let rates = Rates::default();
        assert_eq!(exhaust(|| rates.request(&identity("acme", 1))).0, TOKEN.at_once);
        assert!(rates.request(&identity("acme", 2)).is_ok());
        let (loud, quiet) = (Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2));
        let client = |address: Ipv4Addr| Client::from(std::net::IpAddr::from(address));
        assert_eq!(exhaust(|| rates.open(client(loud))).0, OPEN.at_once);
        assert_eq!(exhaust(|| rates.unknown(client(loud))).0, UNKNOWN.at_once);
        assert!(rates.open(client(quiet)).is_ok() && rates.unknown(client(quiet)).is_ok());
        assert!(rates.request(&identity("acme", 2)).is_ok(), "a known token never waits for strangers");
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_gains_nothing_by_more_tokens() {
        let rates = Rates::default();
        let ask = |token: u32| exhaust(|| rates.request(&identity("acme", token.into()))).0;
        let granted: u32 = (0..TENANT.at_once / TOKEN.at_once + 5).map(ask).sum();
        assert_eq!(granted, TENANT.at_once);
        assert!(rates.request(&identity("other", 1_000)).is_ok());
    }
}
