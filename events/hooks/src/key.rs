//! The key of all hooks: what is sealed with it stands in the log, and the secrets that sign are made of it and stand nowhere.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;
use trainyard_events::TenantId;
use uuid::Uuid;

/// The key's length in bytes, and that of a secret.
const KEY_BYTES: usize = 32;
/// Before the letters of a secret, as the Standard Webhooks specification has it.
const SECRET: &str = "whsec_";

/// 32 random bytes that gateways and the role `hooks` share, and that lie neither on NATS nor in Postgres.
#[derive(Clone)]
pub struct HooksKey([u8; KEY_BYTES]);

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key of hooks is 32 bytes in base64, such as `openssl rand -base64 32` draws")]
    NoKey,
    /// Sealed under another key, or of another hook.
    #[error("the address of this hook cannot be read: it was given under another key; give it anew")]
    NotOurs,
}

/// Signs what is sent to one hook.
#[derive(Clone)]
pub struct Secret([u8; KEY_BYTES]);

impl HooksKey {
    pub fn draw() -> HooksKey {
        HooksKey(rand::random())
    }

    pub fn from_text(text: &str) -> Result<HooksKey, KeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| KeyError::NoKey)?;
        bytes.try_into().map(HooksKey).map_err(|_| KeyError::NoKey)
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// The same whenever it is asked for.
    pub fn secret(&self, tenant: &TenantId, hook: Uuid) -> Secret {
        Secret(self.derived("secret", &name(tenant, hook)))
    }

    /// What only who has this key can read, and only as of this hook.
    pub fn seal(&self, tenant: &TenantId, hook: Uuid, plain: &str) -> String {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = plain.as_bytes().to_vec();
        let of = name(tenant, hook);
        self.sealing()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(of.as_bytes()),
                &mut sealed,
            )
            .expect("an address is far shorter than what this cipher can seal");
        STANDARD.encode([&nonce[..], &sealed].concat())
    }

    pub fn unseal(&self, tenant: &TenantId, hook: Uuid, sealed: &str) -> Result<String, KeyError> {
        let bytes = STANDARD.decode(sealed).map_err(|_| KeyError::NotOurs)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(KeyError::NotOurs)?;
        let of = name(tenant, hook);
        let mut sealed = sealed.to_vec();
        let plain = self
            .sealing()
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(of.as_bytes()), &mut sealed)
            .map_err(|_| KeyError::NotOurs)?;
        String::from_utf8(plain.to_vec()).map_err(|_| KeyError::NotOurs)
    }

    fn sealing(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.derived("seal", ""));
        LessSafeKey::new(key.expect("a key of this cipher has 32 bytes"))
    }

    fn derived(&self, purpose: &str, of: &str) -> [u8; KEY_BYTES] {
        authenticate(&self.0, &[purpose.as_bytes(), b" ", of.as_bytes()])
    }
}

impl fmt::Debug for HooksKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HooksKey(not shown)")
    }
}

impl Secret {
    /// As a receiver is told it, once.
    pub fn text(&self) -> String {
        format!("{SECRET}{}", STANDARD.encode(self.0))
    }

    /// The header `webhook-signature`: of the event's id, the second of sending and the body.
    pub fn sign(&self, id: &str, second: i64, body: &[u8]) -> String {
        let second = second.to_string();
        let signed = authenticate(&self.0, &[id.as_bytes(), b".", second.as_bytes(), b".", body]);
        format!("v1,{}", STANDARD.encode(signed))
    }
}

fn name(tenant: &TenantId, hook: Uuid) -> String {
    format!("{tenant}/{hook}")
}

/// HMAC-SHA256 over the parts, one after the other.
fn authenticate(key: &[u8], parts: &[&[u8]]) -> [u8; KEY_BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        name.parse().expect("a tenant")
    }

    #[test]
    fn only_the_key_and_the_hook_open_what_was_sealed() {
        let (key, hook, url) = (HooksKey::draw(), Uuid::from_u128(7), "https://hooks.example/T0/secret");
        let sealed = key.seal(&tenant("acme"), hook, url);
        assert!(!sealed.contains("hooks") && sealed != key.seal(&tenant("acme"), hook, url));
        assert_eq!(key.unseal(&tenant("acme"), hook, &sealed).expect("ours"), url);
        let again = HooksKey::from_text(&key.text()).expect("a key");
        assert_eq!(again.unseal(&tenant("acme"), hook, &sealed).expect("ours"), url);
        assert!(key.unseal(&tenant("rival"), hook, &sealed).is_err());
        assert!(key.unseal(&tenant("acme"), Uuid::from_u128(8), &sealed).is_err());
        assert!(HooksKey::draw().unseal(&tenant("acme"), hook, &sealed).is_err());
        for broken in ["", "AAAA", "no base64!", &sealed[..sealed.len() - 4]] {
            assert!(key.unseal(&tenant("acme"), hook, broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_secret_is_a_hooks_own_and_stays() {
        let (key, hook) =
            (HooksKey::from_text(&STANDARD.encode([7; 32])).expect("a key"), Uuid::from_u128(7));
        let secret = key.secret(&tenant("acme"), hook).text();
        assert!(secret.starts_with("whsec_"));
        assert_eq!(secret, key.secret(&tenant("acme"), hook).text());
        assert_ne!(secret, key.secret(&tenant("rival"), hook).text());
        assert_ne!(secret, key.secret(&tenant("acme"), Uuid::from_u128(8)).text());
        assert!(HooksKey::from_text("c2hvcnQ=").is_err() && HooksKey::from_text("").is_err());
        assert!(!format!("{key:?}").contains(&key.text()));
    }

    /// The example of the Standard Webhooks libraries, whose secret has 24 bytes.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let parts: [&[u8]; 5] =
            [b"msg_p5jXN8AQM9LWM0D4loKWxJek", b".", b"1614265330", b".", br#"{"test": 2432232314}"#];
        let signed = STANDARD.encode(authenticate(&secret, &parts));
        assert_eq!(signed, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
