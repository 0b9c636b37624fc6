//! An ID token (OpenID Connect Core 1.0, 3.1.3.7): its signature first, and then each of its claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use crate::keys::{Algorithm, KeySet};

/// How far the provider's clock may be from this one.
const LEEWAY: Duration = Duration::seconds(60);
/// The longest token that is looked at, and the longest subject that the standard allows, in bytes.
const TOKEN_BYTES: usize = 64 * 1024;
const SUBJECT_BYTES: usize = 255;

/// What a token has to be.
pub(crate) struct Expected<'e> {
    pub(crate) issuer: &'e str,
    pub(crate) client: &'e str,
    pub(crate) nonce: &'e str,
    pub(crate) now: OffsetDateTime,
}

/// What is wrong with a token. One that no known key has signed may have been signed by a newer one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Signature,
    Other(&'static str),
}

#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
    /// Extensions that have to be understood; none is.
    crit: Option<Value>,
}

/// The claims of a token that holds.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    pub(crate) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: Option<Value>,
    pub(crate) preferred_username: Option<String>,
    pub(crate) name: Option<String>,
    #[serde(flatten)]
    pub(crate) others: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The claims, if the token is the provider's, for us, of now and the answer to what we have asked.
pub(crate) fn verified(text: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Claims, Flaw> {
    let other = Flaw::Other;
    if text.len() > TOKEN_BYTES {
        return Err(other("it is too long"));
    }
    let mut parts = text.split('.');
    let (Some(header), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(other("it is no signed token"));
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| other("it is not in base64"));
    let Header { alg, kid, crit } = serde_json::from_slice(&decoded(header)?)
        .map_err(|_| other("it is signed in a way that is not taken"))?;
    if crit.is_some() {
        return Err(other("it has an extension that is not known"));
    }
    let message = &text[..header.len() + 1 + body.len()];
    if !keys.verify(alg, kid.as_deref(), message.as_bytes(), &decoded(signature)?) {
        return Err(Flaw::Signature);
    }
    let claims: Claims =
        serde_json::from_slice(&decoded(body)?).map_err(|_| other("its claims cannot be read"))?;
    claims.check(expected).map_err(other)?;
    Ok(claims)
}

impl Claims {
    fn check(&self, expected: &Expected<'_>) -> Result<(), &'static str> {
        let Expected { issuer, client, nonce, now } = *expected;
        let ours = |named: &String| named == client;
        let (is_for_us, others) = match &self.aud {
            Audience::One(one) => (ours(one), false),
            Audience::Many(many) => (many.iter().any(ours), many.len() > 1),
        };
        let (soon, before) = ((now + LEEWAY).unix_timestamp(), (now - LEEWAY).unix_timestamp());
        let faults = [
            (self.iss != issuer, "it is of another issuer"),
            (!is_for_us, "it is for another application"),
            (others && self.azp.is_none(), "it is for several applications and names none"),
            (self.azp.as_ref().is_some_and(|named| !ours(named)), "it was asked for by another application"),
            (self.exp <= before, "it has expired"),
            (self.iat > soon || self.nbf.is_some_and(|from| from > soon), "it is of a time still to come"),
            (self.nonce.as_deref() != Some(nonce), "it answers another question"),
            (self.sub.is_empty() || self.sub.len() > SUBJECT_BYTES, "it names nobody"),
        ];
        faults.into_iter().find(|(is_so, _)| *is_so).map_or(Ok(()), |(_, fault)| Err(fault))
    }
}
