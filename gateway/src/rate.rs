//! How much one token may ask for, and how many unknown tokens are looked up at all.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::StatusCode;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};
use uuid::Uuid;

use crate::error::ApiError;

/// Requests a second that a token may keep up, and those it may make at once after a rest.
const REQUESTS: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
const REQUESTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(500).expect("not zero");
/// Tokens a second that are looked up in the views because nobody has used them lately, over all clients: guessing one
/// must not keep the database busy.
const LOOKUPS: NonZeroU32 = NonZeroU32::new(50).expect("not zero");

pub(crate) struct Rates {
    clock: DefaultClock,
    tokens: RateLimiter<Uuid, HashMapStateStore<Uuid>, DefaultClock>,
    lookups: governor::DefaultDirectRateLimiter,
}

impl Default for Rates {
    fn default() -> Self {
        let tokens = Quota::per_second(REQUESTS).allow_burst(REQUESTS_AT_ONCE);
        Rates {
            clock: DefaultClock::default(),
            tokens: RateLimiter::hashmap(tokens),
            lookups: RateLimiter::direct(Quota::per_second(LOOKUPS)),
        }
    }
}

impl Rates {
    /// Counts a request of the token; 429 when it asks too much.
    pub(crate) fn request(&self, token: Uuid) -> Result<(), ApiError> {
        let message = "this token asks more than a gateway answers";
        self.tokens.check_key(&token).map_err(|later| self.too_many(message, &later))
    }

    /// Counts a look into the views for a token that is not remembered.
    pub(crate) fn lookup(&self) -> Result<(), ApiError> {
        let message = "too many unknown tokens are tried";
        self.lookups.check().map_err(|later| self.too_many(message, &later))
    }

    fn too_many(&self, message: &str, later: &NotUntil<<DefaultClock as Clock>::Instant>) -> ApiError {
        let wait = later.wait_time_from(self.clock.now()).max(Duration::from_millis(1));
        let next_step =
            format!("ask again in {} ms, and at most {REQUESTS} times a second", wait.as_millis());
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message, next_step)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{LOOKUPS, REQUESTS_AT_ONCE, Rates};

    #[test]
    fn one_token_that_asks_too_much_keeps_nobody_else_out() {
        let (rates, loud, quiet) = (Rates::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let answered = (0..REQUESTS_AT_ONCE.get() * 3).filter(|_| rates.request(loud).is_ok()).count();
        assert!(answered >= REQUESTS_AT_ONCE.get() as usize, "{answered}");
        let refused = rates.request(loud).expect_err("it has used up its share");
        assert_eq!((refused.code(), refused.not_in_korean()), ("too_many_requests", vec![]));
        assert!(rates.request(quiet).is_ok());
    }

    #[test]
    fn guessing_tokens_does_not_reach_the_views_for_long() {
        let rates = Rates::default();
        let looked_up = (0..LOOKUPS.get() * 10).filter(|_| rates.lookup().is_ok()).count();
        let refused =
            std::iter::repeat_with(|| rates.lookup()).find_map(Result::err).expect("it is asked for ever");
        assert_eq!(refused.not_in_korean(), Vec::<&str>::new());
        assert!(looked_up < LOOKUPS.get() as usize * 2, "{looked_up}");
    }
}
