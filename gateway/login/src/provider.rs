//! One login: an address to send a browser to, and who has come back with a code.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use trainyard_fetch::{Http, Trusted};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::LoginError;
use crate::discovery::{self, Document, said};
use crate::keys::KeySet;
use crate::token::{Claims, Expected, Flaw, verified};

/// What a provider says of itself is asked for again after this long.
const KNOWN_FOR: Duration = Duration::from_secs(600);
/// The longest name of a person that is kept, as of a token, in characters.
const NAME_CHARS: usize = 64;
/// Groups of one person that are looked at.
const GROUPS: usize = 1_000;

/// Where people log in, and as whom this platform asks there.
#[derive(Clone)]
pub struct LoginConfig {
    /// As the provider names itself. Its host may be anywhere, and in the clear: the operator has chosen it.
    pub issuer: Url,
    pub client_id: String,
    /// `None` of a public client, which PKCE alone protects.
    pub client_secret: Option<String>,
    /// Beside `openid`.
    pub scopes: Vec<String>,
    /// The claim of an ID token that lists somebody's groups.
    pub groups_claim: String,
    /// Where the provider sends browsers back to, as it knows it.
    pub redirect: Url,
}

/// Without the secret.
impl std::fmt::Debug for LoginConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let LoginConfig { issuer, client_id, scopes, groups_claim, redirect, .. } = self;
        let (issuer, redirect) = (issuer.as_str(), redirect.as_str());
        write!(f, "LoginConfig({issuer} {client_id} {scopes:?} {groups_claim} {redirect})")
    }
}

/// What is remembered of a login while its browser is with the provider; nobody else may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub state: String,
    nonce: String,
    verifier: String,
}

/// Who has come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What the provider calls them, for good.
    pub subject: String,
    /// What people call them: their address there, or another name.
    pub name: String,
    pub groups: Vec<String>,
}

pub struct Provider {
    config: LoginConfig,
    http: Http,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    document: Arc<Document>,
    keys: Arc<KeySet>,
    at: Instant,
}

#[derive(Deserialize)]
struct Answer {
    id_token: String,
}

impl Provider {
    pub fn new(config: LoginConfig) -> Provider {
        let host = config.issuer.host_str().unwrap_or_default();
        let port = config.issuer.port_or_known_default().unwrap_or_default();
        let http = Http::new(Trusted(vec![format!("{host}:{port}")]));
        Provider { config, http, known: Mutex::default() }
    }

    /// Who vouches for people here.
    pub fn issuer(&self) -> &Url {
        &self.config.issuer
    }

    /// Where a browser goes to, and what its return will be compared with.
    pub async fn begin(&self) -> Result<(Url, Waiting), LoginError> {
        let Known { document, .. } = self.known(false).await?;
        let waiting = Waiting { state: drawn(), nonce: drawn(), verifier: drawn() };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&waiting.verifier));
        let scopes: Vec<&str> =
            std::iter::once("openid").chain(self.config.scopes.iter().map(String::as_str)).collect();
        let mut there = document.authorization_endpoint.clone();
        there
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", self.config.redirect.as_str())
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", &waiting.state)
            .append_pair("nonce", &waiting.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok((there, waiting))
    }

    /// Where a browser goes to log out there too; `None` of a provider that has no such place. It comes back from there by
    /// itself or not at all: an address to come back to would have to be known there.
    pub async fn leave(&self) -> Result<Option<Url>, LoginError> {
        let Known { document, .. } = self.known(false).await?;
        let mut there = document.end_session_endpoint.clone();
        if let Some(there) = &mut there {
            there.query_pairs_mut().append_pair("client_id", &self.config.client_id);
        }
        Ok(there)
    }

    /// Who has come back with `code`. `waiting` is of the same browser: its state was compared already.
    pub async fn finish(
        &self,
        code: &str,
        waiting: &Waiting,
        now: OffsetDateTime,
    ) -> Result<Person, LoginError> {
        let known = self.known(false).await?;
        let Answer { id_token } = self.redeem(&known.document, code, waiting).await?;
        let claims = match self.look(&id_token, &known, waiting, now) {
            // Keys change, and a token of the new one may come before anybody has asked for it.
            Err(Flaw::Signature) => self.look(&id_token, &self.known(true).await?, waiting, now),
            looked => looked,
        };
        let refused = |why: &str| LoginError::Refused(format!("the provider's token is not accepted: {why}"));
        let claims = claims.map_err(|flaw| match flaw {
            Flaw::Signature => refused("none of its keys has signed it"),
            Flaw::Other(why) => refused(why),
        })?;
        Ok(self.person(claims))
    }

    fn look(
        &self,
        token: &str,
        known: &Known,
        waiting: &Waiting,
        now: OffsetDateTime,
    ) -> Result<Claims, Flaw> {
        let (issuer, client) = (known.document.issuer(), &self.config.client_id);
        verified(token, &known.keys, &Expected { issuer, client, nonce: &waiting.nonce, now })
    }

    async fn redeem(&self, document: &Document, code: &str, waiting: &Waiting) -> Result<Answer, LoginError> {
        let request = self.redemption(document, code, waiting)?;
        discovery::post(&self.http, &document.token_endpoint, request).await
    }

    /// What the token endpoint is asked.
    fn redemption(
        &self,
        document: &Document,
        code: &str,
        waiting: &Waiting,
    ) -> Result<Request<Full<Bytes>>, LoginError> {
        let LoginConfig { client_id, client_secret, redirect, .. } = &self.config;
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("client_id", client_id)
            .append_pair("code_verifier", &waiting.verifier);
        let mut request = Request::builder()
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json");
        match client_secret {
            Some(secret) if document.takes_secret_in_body() => {
                form.append_pair("client_secret", secret);
            }
            Some(secret) => {
                // Each half is encoded as in a form (RFC 6749, 2.3.1).
                let half = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let both = STANDARD.encode(format!("{}:{}", half(client_id), half(secret)));
                request = request.header(AUTHORIZATION, format!("Basic {both}"));
            }
            None => {}
        }
        request
            .body(Full::new(Bytes::from(form.finish())))
            .map_err(|error| LoginError::Unavailable(error.to_string()))
    }

    fn person(&self, claims: Claims) -> Person {
        let Claims { sub, email, email_verified, preferred_username, name, others, .. } = claims;
        let groups = match others.get(&self.config.groups_claim) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => {
                many.iter().take(GROUPS).filter_map(|group| group.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        // Some providers write `"false"`.
        let is_unsure = email_verified.is_some_and(|said| said == false || said == "false");
        let called = email.filter(|_| !is_unsure).or(preferred_username).or(name);
        let called = called.map(|name| said(&name)).filter(|name| !name.trim().is_empty());
        let name = called.unwrap_or_else(|| said(&sub)).chars().take(NAME_CHARS).collect();
        Person { subject: sub, name, groups }
    }

    /// What the provider says of itself; `anew` asks whatever is remembered.
    async fn known(&self, anew: bool) -> Result<Known, LoginError> {
        let remembered = self.lock().clone().filter(|known| !anew && known.at.elapsed() < KNOWN_FOR);
        if let Some(known) = remembered {
            return Ok(known);
        }
        let (document, keys) = discovery::discover(&self.http, &self.config.issuer).await?;
        let known = Known { document: Arc::new(document), keys: Arc::new(keys), at: Instant::now() };
        *self.lock() = Some(known.clone());
        Ok(known)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Known>> {
        self.known.lock().expect("nothing panics while it holds what is known of the provider")
    }
}

/// 256 random bits, as text that may stand in an address.
fn drawn() -> String {
    let bytes: [u8; 32] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes)
}
