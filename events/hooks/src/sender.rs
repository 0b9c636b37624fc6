//! Sends one event to one receiver, once: in its form, signed, by HTTP or by mail.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use lettre::Address;
use trainyard_bus::{EventLog, HookFeed, JetStreamLog};
use trainyard_commands::hook::Hook;
use trainyard_door::Clock;
use trainyard_events::chat::Language;
use trainyard_events::hook::{Form, Miss};
use trainyard_events::{Entry, Recorded, TenantId};
use uuid::Uuid;

use crate::address::{Target, Trusted};
use crate::key::{HooksKey, Secret};
use crate::letter::{Letter, Sentence, chat};
use crate::mail::Mail;
use crate::patience::Patience;
use crate::web::{NotTaken, Web, json};

/// Before the log or the feed is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// What telling hooks needs to know beside the log.
#[derive(Clone, Debug)]
pub struct HooksConfig {
    pub key: HooksKey,
    pub trusted: Arc<Trusted>,
    /// Without it no letters are sent.
    pub mail: Option<Mail>,
    /// The address of the page, for links.
    pub site: Option<String>,
    pub patience: Patience,
}

/// The way to the receiver of one hook, as it was last given.
pub(crate) struct Sender {
    tenant: TenantId,
    form: Form,
    language: Language,
    way: Way,
    site: Option<String>,
    feed: HookFeed,
    log: JetStreamLog,
    clock: Clock,
}

enum Way {
    Web(Box<Web>, Secret),
    Mail(Box<Mail>, Vec<Address>),
    Closed(Miss),
}

impl Sender {
    pub(crate) fn new(
        tenant: &TenantId,
        id: Uuid,
        hook: &Hook,
        config: &HooksConfig,
        (feed, log, clock): (HookFeed, JetStreamLog, Clock),
    ) -> Sender {
        Sender {
            tenant: tenant.clone(),
            form: hook.form,
            language: hook.language,
            way: Way::of(tenant, id, hook, config),
            site: config.site.clone(),
            feed,
            log,
            clock,
        }
    }

    /// Sends what stands at `place` of the feed; `None` if nothing does.
    pub(crate) async fn send_at(&self, place: u64) -> Option<Result<(), NotTaken>> {
        let message = loop {
            match self.feed.at(&self.tenant, place).await {
                Ok(message) => break message?,
                Err(error) => tracing::warn!(%error, "the feed cannot be read for a hook; trying again"),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        };
        Some(self.send(&Letter::read(&message.payload)?).await)
    }

    /// Sends the event at `sequence` of the log, as soon as the feed has it.
    pub(crate) async fn send_event(&self, sequence: u64) -> Result<(), NotTaken> {
        loop {
            if let Ok(place) = self.feed.place_of(sequence).await
                && let Ok(Some(message)) = self.feed.at(&self.tenant, place).await
                && let Some(letter) = Letter::read(&message.payload).filter(|it| it.sequence == sequence)
            {
                return self.send(&letter).await;
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    async fn send(&self, letter: &Letter) -> Result<(), NotTaken> {
        match &self.way {
            Way::Closed(miss) => Err(miss.clone().into()),
            Way::Mail(mail, to) => Ok(mail.send(to, letter, &self.sentence(letter).await).await?),
            Way::Web(web, secret) => {
                let (kind, body) = match self.form {
                    Form::Json => {
                        let kind = HeaderValue::from_static("application/cloudevents+json");
                        ((CONTENT_TYPE, kind), self.opened(letter).await)
                    }
                    form => (json(), Bytes::from(chat(form, &self.sentence(letter).await))),
                };
                let second = (self.clock)().unix_timestamp();
                let mut headers = signed(secret, &letter.id, second, &body);
                headers.insert(kind.0, kind.1);
                web.post(headers, body).await
            }
        }
    }

    async fn sentence(&self, letter: &Letter) -> Sentence {
        let recorded = self.event(letter.sequence).await;
        let event = recorded.as_ref().map(|recorded| &recorded.envelope.event);
        Sentence::of(letter, &self.tenant, event, self.language, self.site.as_deref())
    }

    /// What people have said is sealed in the feed; a receiver is told it, unless it was erased by now.
    async fn opened(&self, letter: &Letter) -> Bytes {
        if !letter.sealed {
            return letter.cloud_event.clone();
        }
        let recorded = self.event(letter.sequence).await;
        recorded.and_then(|recorded| letter.opened(&recorded)).unwrap_or_else(|| letter.cloud_event.clone())
    }

    /// `None` where this release cannot read it.
    async fn event(&self, sequence: u64) -> Option<Recorded> {
        loop {
            match self.log.at(sequence).await {
                Ok(Some(Entry::Event(recorded))) => return Some(*recorded),
                Ok(_) => return None,
                Err(error) => tracing::warn!(%error, "the log cannot be read for a hook; trying again"),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }
}

impl Way {
    fn of(tenant: &TenantId, id: Uuid, hook: &Hook, config: &HooksConfig) -> Way {
        let Ok(address) = config.key.unseal(tenant, id, &hook.sealed) else {
            return Way::Closed(Miss::Sealed);
        };
        match (Target::read(hook.form, &address, tenant, &config.trusted), &config.mail) {
            (Ok(Target::Web(url)), _) => {
                let web = Web::new(tenant.clone(), url, config.trusted.clone(), config.patience.answer);
                Way::Web(Box::new(web), config.key.secret(tenant, id))
            }
            (Ok(Target::Mail(to)), Some(mail)) => Way::Mail(Box::new(mail.clone()), to),
            (Ok(Target::Mail(_)), None) => Way::Closed(Miss::NoMailServer),
            // It was taken when it was given: the operator has named its host since then no more.
            (Err(_), _) => Way::Closed(Miss::NotPublic),
        }
    }
}

/// As the Standard Webhooks specification names them.
fn signed(secret: &Secret, id: &str, second: i64, body: &[u8]) -> HeaderMap {
    let signature = secret.sign(id, second, body);
    let said =
        [("webhook-id", id), ("webhook-timestamp", &second.to_string()), ("webhook-signature", &signature)];
    let mut headers = HeaderMap::new();
    for (name, value) in said {
        let value = HeaderValue::from_str(value).expect("ids, digits and base64 are plain letters");
        headers.insert(name, value);
    }
    headers
}
