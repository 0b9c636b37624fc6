//! Logging in with a token: servers ask us who somebody is that they do not know, and we vouch for what he may.
//!
//! NATS calls it auth callout. The server sends what the client has said, and takes back a user, signed with a key whose
//! public half is in its configuration. Every answer is for one connection.

use std::fmt;
use std::net::IpAddr;

use async_nats::{Client, Message};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

/// Somebody at the door.
pub struct LoginRequest {
    /// The password, or the token where that is what he has shown.
    pub secret: String,
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
        secret: asked.connect_opts.pass.or(asked.connect_opts.auth_token).unwrap_or_default(),
        address: asked.client_info.host.parse().ok(),
        server: asked.server_id.id,
        user_key: asked.user_nkey,
        issuer: issuer.clone(),
        client: client.clone(),
        reply,
    })
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
}

#[derive(Deserialize)]
struct ConnectOpts {
    pass: Option<String>,
    auth_token: Option<String>,
}

/// Who may send here is a matter of rights; the signature, the server's own, adds nothing.
fn claims(payload: &[u8]) -> Result<Claims, &'static str> {
    let text = std::str::from_utf8(payload).map_err(|_| "not text")?;
    let middle = text.split('.').nth(1).ok_or("not a JWT")?;
    let json = URL_SAFE_NO_PAD.decode(middle).map_err(|_| "not base64")?;
    serde_json::from_slice(&json).map_err(|_| "not a request to log in")
}
