//! Logging in with a token: servers ask us who somebody is that they do not know, and we vouch for what he may.
//!
//! NATS calls it auth callout. The server sends what the client has said, and takes back a user, signed with a key whose
//! public half is in its configuration. Every answer is for one connection.

use std::fmt;
use std::net::IpAddr;

use async_nats::{Client, Message};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, future};
use nkeys::KeyPair;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use trainyard_events::limits;
use uuid::Uuid;

use crate::error::unavailable;
use crate::readers::READERS_ACCOUNT;
use crate::rights::LOGINS;
use crate::{BusError, Rights};

/// One role answers each question, however many there are of it.
const QUEUE: &str = "logins";
const HEADER: &str = r#"{"typ":"JWT","alg":"ed25519-nkey"}"#;

/// The key that vouches for those who log in. Clones are the same.
#[derive(Clone)]
pub struct Issuer(std::sync::Arc<KeyPair>);

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({})", self.public_key())
    }
}

impl Issuer {
    /// A new one.
    pub fn draw() -> Issuer {
        Issuer(KeyPair::new_account().into())
    }

    /// `seed` begins with `SA`.
    pub fn from_seed(seed: &str) -> Result<Issuer, BusError> {
        let bad = "the key that vouches for readers is not the seed of an account (SA...): `trainyard nats-users` prints one";
        let key = KeyPair::from_seed(seed.trim()).map_err(|_| BusError::Config(bad.to_owned()))?;
        let is_account = key.public_key().starts_with('A');
        is_account.then(|| Issuer(key.into())).ok_or_else(|| BusError::Config(bad.to_owned()))
    }

    /// The secret half, to be kept.
    pub fn seed(&self) -> String {
        self.0.seed().expect("it was made from its seed")
    }

    /// What servers are told.
    pub fn public_key(&self) -> String {
        self.0.public_key()
    }

    fn sign(&self, claims: &Value) -> String {
        let (header, claims) = (URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let text = format!("{header}.{claims}");
        let signature = self.0.sign(text.as_bytes()).expect("it has its secret half");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A key that somebody can log in with: its secret half, which begins with `SU`, and the public one.
pub fn new_user_key() -> (String, String) {
    let key = KeyPair::new_user();
    (key.seed().expect("it was made with its seed"), key.public_key())
}

/// The public half of a key that somebody can log in with.
pub fn public_key_of(seed: &str) -> Option<String> {
    let key = seed.starts_with("SU").then(|| KeyPair::from_seed(seed).ok())??;
    Some(key.public_key())
}

/// What somebody shows at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A password, or a token; empty where it is neither.
    Secret(String),
    /// The public half of a key. He has signed what the server had drawn for him, so that the other half is his.
    Key(String),
}

/// Somebody at the door.
pub struct LoginRequest {
    pub shown: Shown,
    /// Where he comes from.
    pub address: Option<IpAddr>,
    server: String,
    user_key: String,
    issuer: Issuer,
    client: Client,
    reply: async_nats::Subject,
}

/// What he is let in for.
#[derive(Clone, Debug)]
pub struct Login {
    /// Under this name he is found among those who are connected.
    pub name: String,
    pub rights: Rights,
    /// The server cuts him off then.
    pub expires_at: Option<OffsetDateTime>,
}

pub(crate) async fn requests(
    client: &Client,
    issuer: Issuer,
) -> Result<BoxStream<'static, LoginRequest>, BusError> {
    let messages = client.queue_subscribe(LOGINS, QUEUE.to_owned()).await.map_err(unavailable)?;
    let client = client.clone();
    let read = move |message: Message| future::ready(read(message, &issuer, &client));
    Ok(messages.filter_map(read).boxed())
}

/// `None` of what no server has sent.
fn read(message: Message, issuer: &Issuer, client: &Client) -> Option<LoginRequest> {
    let reply = message.reply?;
    let asked = claims(&message.payload)
        .inspect_err(|reason| tracing::warn!(reason, "a login that cannot be read; not answered"))
        .ok()?
        .nats;
    Some(LoginRequest {
        shown: shown(&asked),
        address: asked.client_info.host.parse().ok(),
        server: asked.server_id.id,
        user_key: asked.user_nkey,
        issuer: issuer.clone(),
        client: client.clone(),
        reply,
    })
}

/// The server does not look at the signature of a key that it does not know: we do.
fn shown(asked: &Asked) -> Shown {
    let Asked { client_info, connect_opts: said, .. } = asked;
    match &said.nkey {
        Some(key) if is_signed(key, &client_info.nonce, said.sig.as_deref().unwrap_or_default()) => {
            Shown::Key(key.clone())
        }
        Some(_) => Shown::Secret(String::new()),
        None => Shown::Secret(said.pass.clone().or(said.auth_token.clone()).unwrap_or_default()),
    }
}

fn is_signed(key: &str, nonce: &str, signature: &str) -> bool {
    // Clients write it in either alphabet.
    let signature = URL_SAFE_NO_PAD.decode(signature).or_else(|_| STANDARD.decode(signature));
    let key = KeyPair::from_public_key(key).ok().filter(|_| key.starts_with('U'));
    let (Some(key), Ok(signature)) = (key, signature) else { return false };
    !nonce.is_empty() && key.verify(nonce.as_bytes(), &signature).is_ok()
}

impl LoginRequest {
    /// Lets him in.
    pub async fn accept(self, login: &Login, now: OffsetDateTime) -> Result<(), BusError> {
        let user = self.issuer.sign(&self.user(login, now));
        self.answer(json!({ "jwt": user }), now).await
    }

    /// Does not; the server logs why, and the client is told nothing of it.
    pub async fn refuse(self, reason: &str, now: OffsetDateTime) -> Result<(), BusError> {
        self.answer(json!({ "error": reason }), now).await
    }

    fn user(&self, login: &Login, now: OffsetDateTime) -> Value {
        let Login { name, rights, expires_at } = login;
        let mut claims = json!({
            "jti": Uuid::new_v4(),
            "iss": self.issuer.public_key(),
            "sub": self.user_key,
            "aud": READERS_ACCOUNT,
            "iat": now.unix_timestamp(),
            "name": name,
            "nats": {
                "type": "user",
                "version": 2,
                "pub": { "allow": rights.publish },
                "sub": { "allow": rights.subscribe },
                "subs": limits::READER_SUBSCRIPTIONS,
                "payload": limits::READER_MESSAGE_BYTES,
                "data": -1,
            },
        });
        if let Some(end) = expires_at {
            claims["exp"] = end.unix_timestamp().into();
        }
        claims
    }

    async fn answer(&self, outcome: Value, now: OffsetDateTime) -> Result<(), BusError> {
        let mut claims = json!({
            "jti": Uuid::new_v4(),
            "iss": self.issuer.public_key(),
            "sub": self.user_key,
            "aud": self.server,
            "iat": now.unix_timestamp(),
            "nats": outcome,
        });
        claims["nats"]["type"] = "authorization_response".into();
        claims["nats"]["version"] = 2.into();
        let answer = Bytes::from(self.issuer.sign(&claims));
        self.client.publish(self.reply.clone(), answer).await.map_err(unavailable)
    }
}

#[derive(Deserialize)]
struct Claims {
    nats: Asked,
}

#[derive(Deserialize)]
struct Asked {
    server_id: ServerId,
    user_nkey: String,
    client_info: ClientInfo,
    connect_opts: ConnectOpts,
}

#[derive(Deserialize)]
struct ServerId {
    id: String,
}

#[derive(Deserialize)]
struct ClientInfo {
    #[serde(default)]
    host: String,
    /// What the server has drawn for this connection.
    #[serde(default)]
    nonce: String,
}

#[derive(Deserialize)]
struct ConnectOpts {
    pass: Option<String>,
    auth_token: Option<String>,
    nkey: Option<String>,
    sig: Option<String>,
}

/// Who may send here is a matter of rights; the signature, the server's own, adds nothing.
fn claims(payload: &[u8]) -> Result<Claims, &'static str> {
    let text = std::str::from_utf8(payload).map_err(|_| "not text")?;
    let middle = text.split('.').nth(1).ok_or("not a JWT")?;
    let json = URL_SAFE_NO_PAD.decode(middle).map_err(|_| "not base64")?;
    serde_json::from_slice(&json).map_err(|_| "not a request to log in")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(nkey: Option<&str>, sig: Option<&str>, nonce: &str) -> Asked {
        serde_json::from_value(json!({
            "server_id": { "id": "N" }, "user_nkey": "U", "client_info": { "host": "127.0.0.1", "nonce": nonce },
            "connect_opts": { "pass": "ty_1", "nkey": nkey, "sig": sig },
        }))
        .expect("a request")
    }

    #[test]
    fn a_key_is_shown_by_a_signature_over_what_was_drawn_and_by_nothing_else() {
        let (seed, public) = new_user_key();
        assert_eq!(public_key_of(&seed), Some(public.clone()));
        let key = KeyPair::from_seed(&seed).expect("a seed");
        let signed = key.sign(b"drawn").expect("it has its secret half");
        for signature in [URL_SAFE_NO_PAD.encode(&signed), STANDARD.encode(&signed)] {
            let by = |nonce| shown(&asked(Some(&public), Some(&signature), nonce));
            assert_eq!(by("drawn"), Shown::Key(public.clone()));
            assert_eq!(by("drawn for another"), Shown::Secret(String::new()));
            assert_eq!(by(""), Shown::Secret(String::new()));
        }
        let (_, other) = new_user_key();
        let theirs = shown(&asked(Some(&other), Some(&STANDARD.encode(&signed)), "drawn"));
        assert_eq!(theirs, Shown::Secret(String::new()));
        assert_eq!(shown(&asked(Some(&public), None, "drawn")), Shown::Secret(String::new()));
        let account = KeyPair::new_account();
        let signature = STANDARD.encode(account.sign(b"drawn").expect("it has its secret half"));
        let by_account = shown(&asked(Some(&account.public_key()), Some(&signature), "drawn"));
        assert_eq!(by_account, Shown::Secret(String::new()));
        assert_eq!(shown(&asked(None, None, "")), Shown::Secret("ty_1".to_owned()));
    }

    #[test]
    fn only_the_seed_of_a_user_is_a_token() {
        let account = KeyPair::new_account().seed().expect("a seed");
        let (seed, public) = new_user_key();
        for other in ["", "SU", "ty_1", &account, &public, &seed[..seed.len() - 1], &seed.to_lowercase()] {
            assert_eq!(public_key_of(other), None, "{other}");
        }
    }
}
