//! Signs what a training was, with a key that every gateway of the platform has.

use ring::signature::{Ed25519KeyPair, KeyPair};
use trainyard_api::certificate::{Certificate, Statement};

/// The shared key that certificates are signed with.
pub(crate) const CERTIFICATE_KEY: &str = "certificates";

pub(crate) struct Signer(Ed25519KeyPair);

impl Signer {
    /// `key` is the same for every gateway of the platform.
    pub(crate) fn new(key: &[u8; 32]) -> Signer {
        Signer(Ed25519KeyPair::from_seed_unchecked(key).expect("any 32 bytes are a seed"))
    }

    /// The public half, in hex.
    pub(crate) fn key(&self) -> String {
        hex::encode(self.0.public_key())
    }

    pub(crate) fn sign(&self, statement: Statement) -> Certificate {
        let signature = hex::encode(self.0.sign(statement.canonical().as_bytes()));
        Certificate { statement, key: self.key(), signature }
    }
}
