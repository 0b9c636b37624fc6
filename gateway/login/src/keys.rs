//! The public keys that a provider signs with (RFC 7517), and what they verify (RFC 7518): asymmetric signatures alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

/// Keys of one provider that are looked at.
const KEYS: usize = 64;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

/// One key; of a kind that is not known here, nothing but its kind is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Key {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// How a token may be signed. `none` and what needs a shared secret are not there, so nobody can choose them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl Algorithm {
    fn name(self) -> String {
        format!("{self:?}")
    }
}

impl KeySet {
    /// Whether one of the keys has made `signature` of `message`: the one called `kid`, where the token names one.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let fits = |key: &&Key| kid.is_none() || key.kid.as_deref() == kid;
        let mut keys = self.keys.iter().take(KEYS).filter(fits);
        keys.any(|key| key.is_for(algorithm) && key.verifies(algorithm, message, signature).is_some())
    }
}

impl Key {
    fn is_for(&self, algorithm: Algorithm) -> bool {
        let signs = self.r#use.as_deref().is_none_or(|purpose| purpose == "sig");
        signs && self.alg.as_ref().is_none_or(|name| *name == algorithm.name())
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<()> {
        use Algorithm::*;
        let rsa = |parameters: &'static signature::RsaParameters| {
            let (n, e) = (self.bytes("RSA", &self.n)?, self.bytes("RSA", &self.e)?);
            RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).ok()
        };
        let curve = |name: &str, parameters: &'static dyn signature::VerificationAlgorithm| {
            (self.crv.as_deref() == Some(name)).then_some(())?;
            let (x, y) = (self.bytes("EC", &self.x)?, self.bytes("EC", &self.y)?);
            // The point as SEC 1 writes it whole.
            let point = [&[4], &x[..], &y[..]].concat();
            UnparsedPublicKey::new(parameters, point).verify(message, signature).ok()
        };
        match algorithm {
            RS256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            RS384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            RS512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            PS256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            PS384 => rsa(&signature::RSA_PSS_2048_8192_SHA384),
            PS512 => rsa(&signature::RSA_PSS_2048_8192_SHA512),
            ES256 => curve("P-256", &signature::ECDSA_P256_SHA256_FIXED),
            ES384 => curve("P-384", &signature::ECDSA_P384_SHA384_FIXED),
            EdDSA => {
                (self.crv.as_deref() == Some("Ed25519")).then_some(())?;
                let point = self.bytes("OKP", &self.x)?;
                UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature).ok()
            }
        }
    }

    /// A number of a key of this kind.
    fn bytes(&self, kind: &str, number: &Option<String>) -> Option<Vec<u8>> {
        (self.kty == kind).then_some(())?;
        URL_SAFE_NO_PAD.decode(number.as_ref()?).ok()
    }
}
