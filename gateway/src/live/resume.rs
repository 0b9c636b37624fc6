//! Resume tokens: where a reader of one topic was, signed, so that it can go on from exactly there.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use trainyard_events::TenantId;
use trainyard_projections::{PROJECTION_VERSION, Topic};

/// Why a token is no place to go on from. The reader starts the topic again.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum NoResume {
    #[error("the resume token is not one of this gateway's for this topic")]
    Foreign,
    #[error("the event log is another one than the resume token was made for")]
    OtherLog,
    #[error("the views have another form than the resume token was made for")]
    OtherViews,
}

#[derive(Serialize, Deserialize)]
struct Place {
    stream: String,
    version: u32,
    sequence: u64,
    /// SHA-256 of tenant and topic, in hex.
    topic: String,
}

/// Signs and checks the tokens of one log.
#[derive(Clone)]
pub(crate) struct Resumes {
    mac: Hmac<Sha256>,
    stream: String,
}

impl Resumes {
    /// `key` is the same for every gateway of a platform, so that a reader goes on wherever it comes back to.
    pub(crate) fn new(key: &[u8; 32], stream: String) -> Resumes {
        let mac = Hmac::new_from_slice(key).expect("HMAC takes a key of any length");
        Resumes { mac, stream }
    }

    pub(crate) fn token(&self, tenant: &TenantId, topic: Topic, sequence: u64) -> String {
        let place = Place {
            stream: self.stream.clone(),
            version: PROJECTION_VERSION,
            sequence,
            topic: topic_hash(tenant, topic),
        };
        let json = serde_json::to_vec(&place).expect("a place is plain data, which always serialises");
        let signature = self.mac.clone().chain_update(&json).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(json), URL_SAFE_NO_PAD.encode(signature))
    }

    /// The sequence up to which the reader has every event of the topic.
    pub(crate) fn read(&self, tenant: &TenantId, topic: Topic, token: &str) -> Result<u64, NoResume> {
        let place = self.verified(token).ok_or(NoResume::Foreign)?;
        if place.topic != topic_hash(tenant, topic) {
            return Err(NoResume::Foreign);
        }
        if place.stream != self.stream {
            return Err(NoResume::OtherLog);
        }
        if place.version != PROJECTION_VERSION {
            return Err(NoResume::OtherViews);
        }
        Ok(place.sequence)
    }

    fn verified(&self, token: &str) -> Option<Place> {
        let (json, signature) = token.split_once('.')?;
        let json = URL_SAFE_NO_PAD.decode(json).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac.clone().chain_update(&json).verify_slice(&signature).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

fn topic_hash(tenant: &TenantId, topic: Topic) -> String {
    hex::encode(Sha256::digest(format!("{tenant}\n{topic}")))
}

#[cfg(test)]
mod tests {
    use trainyard_events::TenantId;
    use trainyard_projections::Topic;
    use uuid::Uuid;

    use super::{NoResume, Resumes};

    #[test]
    fn a_token_is_good_for_its_reader_topic_and_log_only() {
        let tenant: TenantId = "acme".parse().expect("a name");
        let other: TenantId = "other".parse().expect("a name");
        let topic = Topic::Job(Uuid::nil());
        let resumes = Resumes::new(&[7; 32], "EVENTS-1".to_owned());
        let token = resumes.token(&tenant, topic, 42);
        assert_eq!(resumes.read(&tenant, topic, &token), Ok(42));
        assert_eq!(Resumes::new(&[7; 32], "EVENTS-1".to_owned()).read(&tenant, topic, &token), Ok(42));
        assert_eq!(resumes.read(&other, topic, &token), Err(NoResume::Foreign));
        assert_eq!(resumes.read(&tenant, Topic::Jobs, &token), Err(NoResume::Foreign));
        let another_key = Resumes::new(&[8; 32], "EVENTS-1".to_owned());
        assert_eq!(another_key.read(&tenant, topic, &token), Err(NoResume::Foreign));
        let another_log = Resumes::new(&[7; 32], "EVENTS-2".to_owned());
        assert_eq!(another_log.read(&tenant, topic, &token), Err(NoResume::OtherLog));
        let (json, signature) = token.split_once('.').expect("two parts");
        let forged =
            [format!("{json}x.{signature}"), json.to_owned(), format!(".{signature}"), String::new()];
        for token in forged {
            assert_eq!(resumes.read(&tenant, topic, &token), Err(NoResume::Foreign), "{token}");
        }
    }
}
