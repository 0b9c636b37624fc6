//! Whose token it is: bearer tokens, of which only hashes are known. Good ones are remembered and forgotten when revoked;
//! only one that nobody knows is looked up at a rate.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;
use tokio::sync::{Semaphore, broadcast};
use tokio::time::Instant;
use trainyard_api::Problem;
use trainyard_door::Clock;
use trainyard_events::tenant::Replaced;
use trainyard_events::{Event, Recorded, TenantEvent};
use trainyard_projections::Views;
use trainyard_views::tenant::StoredToken;
use uuid::Uuid;

use crate::client::Client;
use crate::error::ApiError;
use crate::identity::Identity;
use crate::rate::Rates;

const TOKEN_PREFIX: &str = "ty_";
const TOKEN_BYTES: usize = 32;
/// The longest text that is taken for a token, in bytes.
const TOKEN_TEXT_BYTES: usize = 128;
/// Good tokens that are remembered, the newest ones.
const REMEMBERED: usize = 16_384;
/// A remembered token is looked up again after this long, whatever the log has said meanwhile; while one request does
/// so, the others go by what is remembered, this much longer.
const TRUSTED_FOR: Duration = Duration::from_secs(60);
const LOOKING: Duration = Duration::from_secs(5);
/// Unknown tokens that are looked up at once, and how long one waits for its turn.
const LOOKUPS: usize = 4;
const LOOKUP_WAIT: Duration = Duration::from_secs(2);
/// Digits of the hash that the cache looks up by; the rest is compared in constant time.
const LOOKUP_DIGITS: usize = 16;
/// Revocations that a socket may be behind.
const REVOCATIONS: usize = 64;

/// A fresh token: its text, shown once, and the SHA-256 of the whole text in hex, which alone is stored.
pub fn new_token() -> (String, String) {
    let bytes: [u8; TOKEN_BYTES] = rand::random();
    let text = format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = token_hash(&text);
    (text, hash)
}

/// The same of one that can answer a challenge at NATS besides: its text is the secret half of a key (`SU...`), and what is
/// stored is the hash of the public one.
pub(crate) fn new_key_token() -> (String, String) {
    let (seed, public) = trainyard_bus::new_user_key();
    (seed, token_hash(&public))
}

/// What is stored of a token with this text, whichever of both it is. `None` of what can be neither.
pub(crate) fn hash_of(text: &str) -> Option<String> {
    if text.len() > TOKEN_TEXT_BYTES {
        return None;
    }
    match text.starts_with(TOKEN_PREFIX) {
        true => Some(token_hash(text)),
        false => trainyard_bus::public_key_of(text).map(|public| token_hash(&public)),
    }
}

/// The SHA-256 of a token's text in hex: what is stored of it.
pub fn token_hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// The tokens that are good, as far as this gateway has heard, and those that were revoked lately.
pub(crate) struct Tokens {
    clock: Clock,
    known: Mutex<Known>,
    lookups: Semaphore,
    pub(crate) rates: Rates,
    revocations: broadcast::Sender<Uuid>,
}

#[derive(Default)]
struct Known {
    /// By the first digits of the hash.
    tokens: HashMap<String, KnownToken>,
    /// With the sequence of the event that revoked it: until the views are past it, they may still say yes.
    revoked: HashMap<Uuid, u64>,
    /// Those that another has taken the place of, and when they end; with the sequence likewise.
    ending: HashMap<Uuid, (OffsetDateTime, u64)>,
}

struct KnownToken {
    hash: String,
    identity: Identity,
    /// When it is looked up again.
    until: Instant,
}

/// What is remembered of a token.
enum Memory {
    Good(Identity),
    /// It was good a while ago.
    Stale,
}

impl Tokens {
    /// `clock` says what has expired.
    pub(crate) fn new(clock: Clock) -> Tokens {
        Tokens {
            clock,
            known: Mutex::default(),
            lookups: Semaphore::new(LOOKUPS),
            rates: Rates::default(),
            revocations: broadcast::Sender::new(REVOCATIONS),
        }
    }

    /// Whose token the one with this hash, which `client` shows, is now.
    pub(crate) async fn identify(
        &self,
        views: &Views,
        client: Client,
        hash: String,
    ) -> Result<Identity, ApiError> {
        let identity = self.find(views, client, hash).await?;
        self.is_valid(&identity).map(|()| identity)
    }

    /// Whether the token still opens something, as far as that is a matter of time.
    pub(crate) fn is_valid(&self, identity: &Identity) -> Result<(), ApiError> {
        identity.is_valid((self.clock)())
    }

    async fn find(&self, views: &Views, client: Client, hash: String) -> Result<Identity, ApiError> {
        let remembered = self.lock().find(&hash);
        match remembered {
            Some(Memory::Good(identity)) => Ok(identity),
            // It waits for nobody, whatever strangers try meanwhile.
            Some(Memory::Stale) => self.look_up(views, hash).await,
            None => {
                self.rates.unknown(client)?;
                let turn = tokio::time::timeout(LOOKUP_WAIT, self.lookups.acquire()).await;
                let _turn = turn.map_err(|_| Problem::TooManyLookups)?;
                self.look_up(views, hash).await
            }
        }
    }

    /// The same of one that was not known a moment ago, for whom its client has paid.
    pub(crate) async fn look_again(&self, views: &Views, hash: String) -> Result<Identity, ApiError> {
        let identity = self.look_up(views, hash).await?;
        self.is_valid(&identity).map(|()| identity)
    }

    async fn look_up(&self, views: &Views, hash: String) -> Result<Identity, ApiError> {
        let found = views.token(&hash).await?.map(Identity::from);
        let mut known = self.lock();
        match found.filter(|identity| !known.revoked.contains_key(&identity.token_id)) {
            Some(identity) => Ok(known.keep(hash, identity)),
            None => {
                known.tokens.remove(&hash[..LOOKUP_DIGITS]);
                Err(unknown())
            }
        }
    }

    /// Remembers the good tokens that there are, so that none of them is a stranger when it is shown first.
    pub(crate) async fn learn(&self, views: &Views) -> Result<(), ApiError> {
        let stored = views.valid_tokens(REMEMBERED).await?;
        let mut known = self.lock();
        for StoredToken { sha256, token } in stored {
            known.keep(sha256, token.into());
        }
        Ok(())
    }

    /// Takes in what happened to a token, here or at another gateway, before the views know.
    pub(crate) fn take_in(&self, recorded: &Recorded) {
        let Event::Tenant(event) = &recorded.envelope.event else { return };
        let mut known = self.lock();
        match event {
            TenantEvent::TokenIssued { token_id, name, role, sha256, expires_at } => {
                let identity = Identity {
                    tenant: recorded.envelope.tenant.clone(),
                    token_id: *token_id,
                    name: name.clone(),
                    role: *role,
                    expires_at: *expires_at,
                    scope: Vec::new(),
                    member: None,
                };
                known.keep(sha256.clone(), identity);
            }
            TenantEvent::TokenGranted {
                token_id,
                name,
                role,
                sha256,
                expires_at,
                scope,
                member,
                replaces,
                ..
            } => {
                let identity = Identity {
                    tenant: recorded.envelope.tenant.clone(),
                    token_id: *token_id,
                    name: name.clone(),
                    role: *role,
                    expires_at: *expires_at,
                    scope: scope.clone(),
                    member: member.as_ref().map(|member| member.id),
                };
                known.keep(sha256.clone(), identity);
                if let Some(former) = replaces {
                    known.end(former, recorded.sequence);
                    // Its sockets come again, and hear when they end.
                    let _ = self.revocations.send(former.token_id);
                }
            }
            TenantEvent::TokenRevoked { token_id } => {
                known.tokens.retain(|_, known| known.identity.token_id != *token_id);
                known.revoked.insert(*token_id, recorded.sequence);
                // Without an open socket nobody listens.
                let _ = self.revocations.send(*token_id);
            }
            TenantEvent::Created {}
            | TenantEvent::Closed {}
            | TenantEvent::TokenOffered { .. }
            | TenantEvent::MemberRemoved { .. }
            | TenantEvent::MemberRestored { .. }
            | TenantEvent::QuotaSet { .. }
            | TenantEvent::SlotReserved { .. }
            | TenantEvent::SlotReleased { .. }
            | TenantEvent::PriceSet { .. }
            | TenantEvent::BudgetNeared { .. } => {}
        }
    }

    /// Tokens as they are revoked, for the sockets that they opened.
    pub(crate) fn revocations(&self) -> broadcast::Receiver<Uuid> {
        self.revocations.subscribe()
    }

    /// Those that were revoked and of which the views may not know yet.
    pub(crate) fn revoked(&self) -> HashSet<Uuid> {
        self.lock().revoked.keys().copied().collect()
    }

    /// The views hold everything up to `sequence`, so they can be asked about what was revoked before.
    pub(crate) fn forget_until(&self, sequence: u64) {
        let mut known = self.lock();
        known.revoked.retain(|_, revoked| *revoked > sequence);
        known.ending.retain(|_, (_, replaced)| *replaced > sequence);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics while it holds the tokens")
    }
}

impl Known {
    fn find(&mut self, hash: &str) -> Option<Memory> {
        let known = self.tokens.get_mut(&hash[..LOOKUP_DIGITS])?;
        let (fits, now) = (bool::from(known.hash.as_bytes().ct_eq(hash.as_bytes())), Instant::now());
        if fits && known.until <= now {
            known.until = now + LOOKING;
            return Some(Memory::Stale);
        }
        fits.then(|| Memory::Good(known.identity.clone()))
    }

    /// From `former.until` on the token opens nothing, whatever the views say until they are past `sequence`.
    fn end(&mut self, former: &Replaced, sequence: u64) {
        self.ending.insert(former.token_id, (former.until, sequence));
        for known in self.tokens.values_mut().filter(|known| known.identity.token_id == former.token_id) {
            known.identity.ends_by(former.until);
        }
    }

    /// Remembers a token, unless it was revoked meanwhile; returns it with its end as this gateway has heard it.
    fn keep(&mut self, hash: String, mut identity: Identity) -> Identity {
        if self.revoked.contains_key(&identity.token_id) {
            return identity;
        }
        if let Some((until, _)) = self.ending.get(&identity.token_id) {
            identity.ends_by(*until);
        }
        let digits: String = hash.chars().take(LOOKUP_DIGITS).collect();
        if self.tokens.len() >= REMEMBERED && !self.tokens.contains_key(&digits) {
            let oldest =
                self.tokens.iter().min_by_key(|(_, known)| known.until).map(|(digits, _)| digits.clone());
            oldest.and_then(|digits| self.tokens.remove(&digits));
        }
        let until = Instant::now() + TRUSTED_FOR;
        self.tokens.insert(digits, KnownToken { hash, identity: identity.clone(), until });
        identity
    }
}

fn unknown() -> ApiError {
    Problem::UnknownToken.into()
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use trainyard_api::Code;
    use trainyard_events::tenant::Role;
    use trainyard_events::{Actor, Aggregate, Envelope, Event, Recorded, TenantEvent, TenantId};
    use trainyard_projections::Views;
    use uuid::Uuid;

    use super::{
        Identity, LOOKING, Memory, REMEMBERED, TOKEN_TEXT_BYTES, TRUSTED_FOR, Tokens, hash_of, new_key_token,
        new_token, token_hash,
    };
    use crate::client::Client;

    fn recorded(sequence: u64, event: TenantEvent) -> Recorded {
        let tenant: TenantId = "acme".parse().expect("a name");
        let envelope = Envelope {
            event_id: Uuid::from_u128(u128::from(sequence)),
            aggregate: Aggregate::Tenant(tenant.clone()),
            tenant,
            command_id: Uuid::nil(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            actor: Actor::User("test".to_owned()),
            at: OffsetDateTime::UNIX_EPOCH,
            sealed: None,
            event: Event::Tenant(event),
        };
        Recorded::new(sequence, envelope)
    }

    #[test]
    fn a_token_has_its_form_and_never_repeats() {
        let (text, sha256) = new_token();
        assert_eq!((text.len(), &text[..3], sha256.len()), (46, "ty_", 64));
        assert_eq!(sha256, token_hash(&text));
        assert_ne!(new_token().0, text);
        assert_eq!(hash_of(&text), Some(sha256));
    }

    #[test]
    fn what_is_stored_of_a_key_is_its_public_half_which_opens_nothing_by_itself() {
        let (seed, sha256) = new_key_token();
        let public = trainyard_bus::public_key_of(&seed).expect("a key");
        assert_eq!((hash_of(&seed), token_hash(&public)), (Some(sha256.clone()), sha256));
        for text in [&public, "", "SUAB", &format!("ty_{}", "x".repeat(TOKEN_TEXT_BYTES))] {
            assert_eq!(hash_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_revoked_token_is_forgotten_at_once_and_stays_so_until_the_views_know() {
        let tokens = Tokens::new(|| OffsetDateTime::UNIX_EPOCH);
        let token_id = Uuid::from_u128(9);
        let (_, sha256) = new_token();
        let issued = TenantEvent::TokenIssued {
            token_id,
            name: "ci".into(),
            role: Role::Viewer,
            sha256: sha256.clone(),
            expires_at: None,
        };
        tokens.take_in(&recorded(1, issued.clone()));
        assert!(tokens.lock().find(&sha256).is_some());
        assert!(tokens.lock().find(&new_token().1).is_none());
        tokens.take_in(&recorded(2, TenantEvent::TokenRevoked { token_id }));
        assert!(tokens.lock().find(&sha256).is_none());
        tokens.take_in(&recorded(1, issued));
        assert!(tokens.lock().find(&sha256).is_none(), "told late, it does not come back");
        tokens.forget_until(1);
        assert!(tokens.lock().revoked.contains_key(&token_id));
        tokens.forget_until(2);
        assert!(tokens.lock().revoked.is_empty());
    }

    #[tokio::test]
    async fn a_good_token_is_asked_about_again_whatever_strangers_try() {
        let database = trainyard_local::harness::postgres_database().await;
        let views = Views::connect(&database.url).await.expect("a database of its own");
        let tokens = Tokens::new(|| OffsetDateTime::UNIX_EPOCH);
        let client = Client::from(std::net::IpAddr::from([192, 0, 2, 1]));
        while tokens.rates.unknown(client).is_ok() {}
        let (text, sha256) = new_token();
        let code = async |text: &str| {
            let hash = hash_of(text).expect("it has the form of one");
            tokens.identify(&views, client, hash).await.err().map(|error| error.0.code())
        };
        assert_eq!(code(&text).await, Some(Code::TooManyRequests), "nobody knows it yet");
        let (token_id, name, role) = (Uuid::from_u128(9), "ci".into(), Role::Viewer);
        let issued =
            TenantEvent::TokenIssued { token_id, name, role, sha256: sha256.clone(), expires_at: None };
        tokens.take_in(&recorded(1, issued));
        assert_eq!(code(&text).await, None);
        tokio::time::pause();
        tokio::time::advance(TRUSTED_FOR).await;
        tokio::time::resume();
        let remembered = || tokens.lock().find(&sha256);
        assert!(matches!(remembered(), Some(Memory::Stale)), "one asks again");
        assert!(matches!(remembered(), Some(Memory::Good(_))), "and the others do not wait for the answer");
        tokio::time::pause();
        tokio::time::advance(LOOKING).await;
        tokio::time::resume();
        while tokens.rates.unknown(client).is_ok() {}
        assert_eq!(code(&text).await, Some(Code::Unauthorized), "the views were asked, and do not have it");
        assert!(remembered().is_none());
    }

    #[test]
    fn only_so_many_are_remembered_the_newest() {
        let tokens = Tokens::new(|| OffsetDateTime::UNIX_EPOCH);
        let issue = |number: u64| {
            let (token_id, sha256) = (Uuid::from_u128(number.into()), token_hash(&number.to_string()));
            let (name, role) = (String::new(), Role::Viewer);
            tokens.take_in(&recorded(
                number,
                TenantEvent::TokenIssued { token_id, name, role, sha256, expires_at: None },
            ));
        };
        let most = REMEMBERED as u64;
        (0..most + 3).for_each(issue);
        let known = |number: u64| tokens.lock().find(&token_hash(&number.to_string())).is_some();
        assert_eq!(tokens.lock().tokens.len(), REMEMBERED);
        assert!(!known(0) && !known(2) && known(3) && known(most + 2));
    }

    #[test]
    fn a_token_opens_nothing_from_its_end_on() {
        let end = OffsetDateTime::UNIX_EPOCH + time::Duration::HOUR;
        let expires_at = Some(end);
        let (tenant, token_id) = ("acme".parse().expect("a name"), Uuid::nil());
        let (name, role, scope, member) = ("ci".into(), Role::Admin, Vec::new(), None);
        let identity = Identity { tenant, token_id, name, role, expires_at, scope, member };
        assert!(identity.is_valid(end - time::Duration::MICROSECOND).is_ok());
        let refused = identity.is_valid(end).expect_err("it has ended");
        assert_eq!(refused.0.code(), Code::TokenExpired);
        assert!(Identity { expires_at: None, ..identity }.is_valid(end).is_ok());
    }
}
