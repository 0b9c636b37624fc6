//! Notes of how tokens are used that are no facts: when each was shown last, and what was refused to whom.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::http::Method;
use axum::response::Response;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tracing::warn;
use trainyard_api::Problem;
use trainyard_events::access::{LastUse, Refusal};
use trainyard_events::limits::SEEN_INTERVAL;
use uuid::Uuid;

use crate::client::Client;
use crate::gateway::Gateway;
use crate::identity::Identity;

/// Tokens of which this gateway knows when it noted them last.
const NOTED: usize = 16_384;
/// Notes on their way at once; what is more is not noted, and said in the log.
const NOTES: usize = 64;

pub(crate) struct AccessNotes {
    noted: Mutex<HashMap<Uuid, OffsetDateTime>>,
    room: Semaphore,
}

impl Default for AccessNotes {
    fn default() -> Self {
        AccessNotes { noted: Mutex::default(), room: Semaphore::new(NOTES) }
    }
}

impl AccessNotes {
    /// Whether it is time to note that the token was shown.
    fn is_due(&self, token: Uuid, now: OffsetDateTime) -> bool {
        let mut noted = self.noted.lock().expect("nothing panics while it holds the notes");
        if noted.get(&token).is_some_and(|last| now - *last < SEEN_INTERVAL && now >= *last) {
            return false;
        }
        if noted.len() >= NOTED {
            // They are noted again when they are shown next.
            noted.clear();
        }
        noted.insert(token, now);
        true
    }
}

impl Gateway {
    /// Notes that the token was shown, at most once a minute, behind the answer's back.
    pub(crate) fn note_use(&self, identity: &Identity, client: Client) {
        let (token, now) = (identity.token_id, (self.clock)());
        if !self.access_notes.is_due(token, now) {
            return;
        }
        let gateway = self.clone();
        self.note(async move {
            let last = LastUse { at: now, address: client.address() };
            gateway.bus.access_notes().note_use(token, &last).await
        });
    }

    /// Notes what somebody who is known wanted to do and was not let: what needs another right, and changes that a rule
    /// refuses.
    pub(crate) fn note_refusal(
        &self,
        identity: &Identity,
        client: Client,
        (method, path): (&Method, &str),
        response: &Response,
    ) {
        let status = response.status().as_u16();
        let is_change = *method != Method::GET && *method != Method::HEAD;
        if status != 403 && !(is_change && matches!(status, 409 | 422)) {
            return;
        }
        let code = response.extensions().get::<Problem>().map(|problem| problem.code().name().to_owned());
        let refusal = Refusal {
            at: (self.clock)(),
            token_id: identity.token_id,
            name: identity.name.clone(),
            role: identity.role,
            address: client.address(),
            method: method.as_str().to_owned(),
            path: path.to_owned(),
            status,
            code: code.unwrap_or_default(),
        };
        let (gateway, tenant) = (self.clone(), identity.tenant.clone());
        self.note(async move { gateway.bus.access_notes().note_refusal(&tenant, &refusal).await });
    }

    fn note(&self, writing: impl Future<Output = Result<(), trainyard_bus::BusError>> + Send + 'static) {
        let gateway = self.clone();
        self.tasks.spawn(async move {
            let Ok(_room) = gateway.access_notes.room.try_acquire() else {
                return warn!("too much is noted of tokens at once, and some of it is not");
            };
            if let Err(error) = writing.await {
                warn!(%error, "how a token was used is not noted");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn a_token_is_noted_once_a_minute() {
        let (notes, token, now) = (AccessNotes::default(), Uuid::from_u128(7), OffsetDateTime::UNIX_EPOCH);
        assert!(notes.is_due(token, now) && notes.is_due(Uuid::from_u128(8), now));
        assert!(!notes.is_due(token, now + Duration::seconds(59)));
        assert!(notes.is_due(token, now + Duration::seconds(60)));
        assert!(notes.is_due(token, now), "a clock that was set back notes again");
    }
}
