//! One request of a user as commands: the same `Idempotency-Key` again is the same commands, which write once.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use trainyard_commands::{Command, Request, derived_id};
use trainyard_events::Aggregate;
use uuid::Uuid;

use crate::error::ApiError;
use crate::tokens::Identity;

const HEADER: &str = "idempotency-key";
const KEY_CHARS: usize = 200;

/// Who asks, under which ids.
pub(crate) struct Asker {
    pub(crate) identity: Identity,
    /// Every id of this request derives from it.
    base: Uuid,
}

impl Asker {
    /// `place` is the method and path: the same key elsewhere is another request.
    fn new(identity: Identity, key: Option<&str>, place: &str) -> Asker {
        let tenant = &identity.tenant;
        let base = key.map(|key| {
            let name = format!("trainyard:{tenant}:request:{place}:{key}");
            Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
        });
        Asker { base: base.unwrap_or_else(Uuid::now_v7), identity }
    }

    /// The id of one step of this request.
    pub(crate) fn id(&self, step: &str) -> Uuid {
        derived_id(self.base, step)
    }

    pub(crate) fn request(&self, step: &str, aggregate: Aggregate, command: Command) -> Request {
        Request {
            id: self.id(step),
            tenant: self.identity.tenant.clone(),
            aggregate,
            actor: self.identity.actor(),
            correlation_id: self.base,
            causation_id: None,
            command,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let identity = Identity::from_request_parts(parts, state).await?;
        let bad = || {
            ApiError::bad_request(
                format!("an Idempotency-Key is 1 to {KEY_CHARS} characters of text"),
                "send a shorter key, such as a UUID",
            )
        };
        let key = match parts.headers.get(HEADER) {
            Some(key) => {
                let key = std::str::from_utf8(key.as_bytes()).map_err(|_| bad())?;
                let fits = (1..=KEY_CHARS).contains(&key.chars().count());
                Some(if fits { key } else { return Err(bad()) })
            }
            None => None,
        };
        let place = format!("{} {}", parts.method, parts.uri.path());
        Ok(Asker::new(identity, key, &place))
    }
}

#[cfg(test)]
mod tests {
    use trainyard_events::tenant::Role;
    use uuid::Uuid;

    use super::Asker;
    use crate::tokens::Identity;

    fn id(tenant: &str, key: Option<&str>, place: &str, step: &str) -> Uuid {
        let tenant = tenant.parse().expect("a name");
        let identity = Identity { tenant, token_id: Uuid::nil(), name: "ci".into(), role: Role::Editor };
        Asker::new(identity, key, place).id(step)
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
