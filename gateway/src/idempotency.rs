//! One request of a user as commands: the same `Idempotency-Key` again is the same commands, which write once.
//!
//! A key is bound to the body that it first came with: its hash is in the correlation id of every event that the request
//! writes, so that the log itself knows another body from the same one.

use axum::extract;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use trainyard_api::Problem;
use trainyard_bus::EventLog;
use trainyard_commands::{Command, Request, derived_id};
use trainyard_door::{HandleError, Handled};
use trainyard_events::{Aggregate, Entry, event_id, limits};
use uuid::Uuid;

use crate::error::ApiError;
use crate::identity::Identity;

const HEADER: &str = "idempotency-key";
const KEY_CHARS: usize = 200;

/// Who asks, under which ids.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) identity: Identity,
    /// Every id of this request derives from it.
    base: Uuid,
    /// Of all that it sets going: other where the body is.
    correlation: Uuid,
    /// The event that all of it answers.
    cause: Option<Uuid>,
    /// When the first of the request was here.
    pub(crate) received: OffsetDateTime,
}

/// When the head of a request was read.
#[derive(Clone, Copy)]
pub(crate) struct Received(pub(crate) OffsetDateTime);

/// SHA-256 of the body of a request with a key.
#[derive(Clone, Copy)]
struct BodyHash([u8; 32]);

/// Around every route that writes: the body of a request with a key is read and hashed before its handler sees it.
pub(crate) async fn hash_body(request: extract::Request, next: Next) -> Response {
    if !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let bytes = match axum::body::to_bytes(body, limits::REQUEST_BODY_BYTES).await {
        Ok(bytes) => bytes,
        Err(_) => {
            let too_large = Problem::BodyTooLarge { bytes_max: limits::REQUEST_BODY_BYTES };
            return ApiError(too_large).into_response();
        }
    };
    parts.extensions.insert(BodyHash(Sha256::digest(&bytes).into()));
    next.run(extract::Request::from_parts(parts, bytes.into())).await
}

impl Asker {
    /// `place` is the method and path: the same key elsewhere is another request.
    fn new(
        (identity, received): (Identity, OffsetDateTime),
        key: Option<&str>,
        place: &str,
        body: &[u8],
    ) -> Asker {
        let tenant = &identity.tenant;
        let base = key.map(|key| {
            let name = format!("trainyard:{tenant}:request:{place}:{key}");
            Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
        });
        let base = base.unwrap_or_else(Uuid::now_v7);
        Asker { base, correlation: Uuid::new_v5(&base, body), cause: None, received, identity }
    }

    /// The id of one step of this request.
    pub(crate) fn id(&self, step: &str) -> Uuid {
        derived_id(self.base, step)
    }

    /// The same, for all that is done because of one of its steps.
    pub(crate) fn answering(&self, step: &str) -> Asker {
        Asker { cause: Some(event_id(self.id(step))), ..self.clone() }
    }

    /// What the door says of a request, where a gateway of release 0.1 may have begun it. That one hashed no body, so that all
    /// it wrote goes by the key alone; while releases change, one try of a request meets it and the next one does not.
    pub(crate) async fn of_any_release<L: EventLog>(
        &self,
        log: &L,
        aggregate: &Aggregate,
        handled: Result<Handled, HandleError>,
    ) -> Result<Handled, HandleError> {
        let Err(HandleError::IdTaken { sequence }) = handled else { return handled };
        match log.at(sequence).await? {
            Some(Entry::Event(recorded))
                if recorded.envelope.correlation_id == self.base
                    && recorded.envelope.aggregate == *aggregate =>
            {
                Ok(Handled::Recorded(recorded))
            }
            _ => Err(HandleError::IdTaken { sequence }),
        }
    }

    pub(crate) fn request(&self, step: &str, aggregate: Aggregate, command: Command) -> Request {
        Request {
            id: self.id(step),
            tenant: self.identity.tenant.clone(),
            aggregate,
            actor: self.identity.actor(),
            correlation_id: self.correlation,
            causation_id: self.cause,
            command,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let identity = Identity::from_request_parts(parts, state).await?;
        let received = parts.extensions.get::<Received>().copied();
        let Received(received) =
            received.ok_or_else(|| ApiError::internal("nobody has noted when this request came"))?;
        let bad = || ApiError::from(Problem::BadKey { chars_max: KEY_CHARS });
        let key = match parts.headers.get(HEADER) {
            Some(key) => {
                let key = std::str::from_utf8(key.as_bytes()).map_err(|_| bad())?;
                let fits = (1..=KEY_CHARS).contains(&key.chars().count());
                Some(if fits { key } else { return Err(bad()) })
            }
            None => None,
        };
        let place = format!("{} {}", parts.method, parts.uri.path());
        let body = parts.extensions.get::<BodyHash>().map_or(&[][..], |hash| &hash.0);
        Ok(Asker::new((identity, received), key, &place, body))
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use trainyard_events::tenant::Role;
    use uuid::Uuid;

    use super::Asker;
    use crate::identity::Identity;

    fn id(tenant: &str, key: Option<&str>, place: &str, step: &str) -> Uuid {
        let tenant = tenant.parse().expect("a name");
        let (token_id, name, role) = (Uuid::nil(), "ci".into(), Role::Editor);
        let (expires_at, scope, member) = (None, Vec::new(), None);
        let identity = Identity { tenant, token_id, name, role, expires_at, scope, member };
        Asker::new((identity, OffsetDateTime::UNIX_EPOCH), key, place, b"").id(step)
    }

    #[test]
    fn a_key_means_the_same_ids_for_the_same_tenant_and_place_only() {
        let first = id("acme", Some("k"), "POST /v1/chats", "prompt");
        assert_eq!(first, id("acme", Some("k"), "POST /v1/chats", "prompt"));
        for other in [
            id("other", Some("k"), "POST /v1/chats", "prompt"),
            id("acme", Some("l"), "POST /v1/chats", "prompt"),
            id("acme", Some("k"), "POST /v1/jobs", "prompt"),
            id("acme", Some("k"), "POST /v1/chats", "reply"),
            id("acme", None, "POST /v1/chats", "prompt"),
        ] {
            assert_ne!(first, other);
        }
        assert_ne!(id("acme", None, "p", "s"), id("acme", None, "p", "s"));
    }
}
