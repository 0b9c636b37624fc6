//! Pure: seals what people have said in an event, and opens it, with a key of its author's own within one history.
//!
//! The same text at the same place of the same event is sealed to the same letters, so that an append that is tried again writes the
//! very bytes that it has written before.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;
use trainyard_events::{Entry, Envelope, Recorded, Unreadable};
use uuid::Uuid;

pub(crate) const KEY_BYTES: usize = 32;
/// Before the letters of a text that is sealed. In an event that says that it is none begins so but sealed ones.
const MARK: &str = "sealed:";

/// Opens what one author has said in one history.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SaidKey(pub(crate) [u8; KEY_BYTES]);

impl SaidKey {
    pub(crate) fn draw() -> SaidKey {
        SaidKey(rand::random())
    }

    /// The event as it is stored.
    pub(crate) fn seal(&self, envelope: &Envelope) -> Envelope {
        let id = envelope.event_id;
        let sealed = Recorded::new(0, envelope.clone())
            .saying(|at, text| *text = format!("{MARK}{}", STANDARD.encode(self.sealed(id, at, text))));
        sealed.event().expect("an event with other texts is an event").envelope
    }

    /// The event as it was said; unreadable where this is not what it was sealed with.
    pub(crate) fn open(&self, recorded: &Recorded) -> Entry {
        let id = recorded.envelope.event_id;
        let mut is_ours = true;
        let opened = recorded.saying(|at, text| {
            let Some(letters) = text.strip_prefix(MARK) else { return };
            match self.opened(id, at, letters) {
                Some(plain) => *text = plain,
                None => is_ours = false,
            }
        });
        if is_ours { opened } else { damaged(recorded) }
    }

    fn sealed(&self, event: Uuid, at: &str, plain: &str) -> Vec<u8> {
        let place = place(event, at);
        let drawn = self.derived(&[b"nonce ", place.as_bytes(), b"\0", plain.as_bytes()]);
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&drawn[..NONCE_LEN]);
        let mut sealed = plain.as_bytes().to_vec();
        self.cipher()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .expect("what is said is far shorter than what this cipher can seal");
        [&nonce[..], &sealed].concat()
    }

    fn opened(&self, event: Uuid, at: &str, letters: &str) -> Option<String> {
        let bytes = STANDARD.decode(letters).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain =
            self.cipher().open_in_place(nonce, Aad::from(place(event, at).as_bytes()), &mut sealed).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }

    fn cipher(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.derived(&[b"seal"]));
        LessSafeKey::new(key.expect("a key of this cipher has 32 bytes"))
    }

    fn derived(&self, parts: &[&[u8]]) -> [u8; KEY_BYTES] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

/// Whether anything in the event is sealed.
pub(crate) fn is_sealed(recorded: &Recorded) -> bool {
    recorded.envelope.sealed.is_some() && recorded.raw().contains(&format!("\"{MARK}"))
}

/// What is left of an event whose key is destroyed.
pub(crate) fn erased(recorded: &Recorded) -> Entry {
    recorded.saying(|_, text| {
        if text.starts_with(MARK) {
            text.clear();
        }
    })
}

fn damaged(recorded: &Recorded) -> Entry {
    let entry = Entry::Event(Box::new(recorded.clone()));
    Entry::Unreadable(Box::new(Unreadable {
        sequence: recorded.sequence,
        subject: entry.subject(),
        of: entry.of(),
        kind: Some(recorded.envelope.event.kind().to_owned()),
        reason: "what was said in it is not sealed with the key of its author".to_owned(),
        raw: entry.raw(),
    }))
}

fn place(event: Uuid, at: &str) -> String {
    format!("{event} {at}")
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use trainyard_events::chat::Language;
    use trainyard_events::{Actor, Aggregate, ChatEvent, Event};

    use super::*;

    fn said(text: &str) -> Envelope {
        Envelope {
            event_id: Uuid::from_u128(7),
            tenant: "acme".parse().expect("a name"),
            aggregate: Aggregate::Chat(Uuid::nil()),
            command_id: Uuid::nil(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            actor: Actor::User("kim".to_owned()),
            at: OffsetDateTime::UNIX_EPOCH,
            sealed: Some(0),
            event: Event::Chat(ChatEvent::PromptReceived {
                text: text.to_owned(),
                language: Language::Korean,
            }),
        }
    }

    #[test]
    fn only_its_key_opens_it_and_only_where_it_stood() {
        let (key, plain) = (SaidKey::draw(), said("내 이름은 김하나, sealed: 아님"));
        let sealed = key.seal(&plain);
        assert!(!sealed.to_json().contains("김하나") && is_sealed(&Recorded::new(1, sealed.clone())));
        assert_eq!(key.seal(&plain).to_json(), sealed.to_json(), "tried again, it is the same");
        let opened = key.open(&Recorded::new(1, sealed.clone()));
        assert_eq!(opened.as_event().map(|it| &it.envelope), Some(&plain));
        assert!(SaidKey::draw().open(&Recorded::new(1, sealed.clone())).as_event().is_none());
        let elsewhere = Envelope { event_id: Uuid::from_u128(8), ..sealed.clone() };
        assert!(key.open(&Recorded::new(1, elsewhere)).as_event().is_none());
        let gone = erased(&Recorded::new(1, sealed)).event().expect("an event").envelope;
        assert_eq!(gone, said(""));
    }
}
