//! What is sent to a receiver: an event in the form that it reads.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trainyard_events::chat::Language;
use trainyard_events::hook::Form;
use trainyard_events::{Event, Recorded, TenantId};
use trainyard_words::said;

/// Characters of a sentence; the rest is cut. The least that one of the forms takes is 2,000.
const SENTENCE_CHARS: usize = 1_500;

/// An event as the feed has it.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// The event's id, the same whenever it is sent.
    pub(crate) id: String,
    pub(crate) kind: String,
    /// What it is about: `job/<id>`.
    pub(crate) subject: String,
    /// In the log.
    pub(crate) sequence: u64,
    /// What people have said in it stands sealed.
    pub(crate) sealed: bool,
    pub(crate) cloud_event: Bytes,
}

#[derive(Deserialize)]
struct CloudEvent {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    sequence: String,
    #[serde(default)]
    sealed: bool,
}

/// How people are told of it.
pub(crate) struct Sentence {
    pub(crate) text: String,
    /// Where it can be looked at.
    pub(crate) link: Option<String>,
}

impl Letter {
    /// `None` if it is no copy of an event.
    pub(crate) fn read(cloud_event: &Bytes) -> Option<Letter> {
        let CloudEvent { id, kind, subject, sequence, sealed } = serde_json::from_slice(cloud_event).ok()?;
        let sequence = sequence.parse().ok()?;
        Some(Letter { id, kind, subject, sequence, sealed, cloud_event: cloud_event.clone() })
    }

    /// The same with what was said in the event.
    pub(crate) fn opened(&self, recorded: &Recorded) -> Option<Bytes> {
        let mut cloud_event: Map<String, Value> = serde_json::from_slice(&self.cloud_event).ok()?;
        cloud_event.remove("sealed");
        cloud_event.insert("data".to_owned(), recorded.to_value()["body"].take());
        serde_json::to_vec(&cloud_event).ok().map(Bytes::from)
    }

    /// What is sent in order: a job and its endpoint have one id, and are one line.
    pub(crate) fn line(&self) -> &str {
        self.subject.split_once('/').map_or(&self.subject, |(_, id)| id)
    }
}

impl Sentence {
    /// Of an event that this release cannot read only its kind is said.
    pub(crate) fn of(
        letter: &Letter,
        tenant: &TenantId,
        event: Option<&Event>,
        language: Language,
        site: Option<&str>,
    ) -> Sentence {
        let what = match letter.subject.split_once('/') {
            Some((kind, id)) if id != tenant.as_str() => format!("{kind} {}", id.get(..8).unwrap_or(id)),
            _ => letter.kind.clone(),
        };
        let happened = event.map_or_else(|| letter.kind.clone(), |event| said(event, language));
        let text = format!("[{tenant}] {what}: {happened}");
        let page = match letter.subject.split_once('/') {
            Some(("job" | "endpoint", id)) => Some(format!("jobs/{id}")),
            Some(("dataset", id)) => Some(format!("datasets/{id}")),
            _ => None,
        };
        let link = site.zip(page).map(|(site, page)| format!("{}/{page}", site.trim_end_matches('/')));
        Sentence { text: cut(&text), link }
    }

    fn with_link(&self, link: impl Fn(&str) -> String) -> String {
        self.link.as_ref().map_or_else(|| self.text.clone(), |at| format!("{}\n{}", self.text, link(at)))
    }
}

fn cut(text: &str) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    match text.char_indices().nth(SENTENCE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The body of a chat's form, as its makers describe their incoming webhooks. What stands in the sentence is text there: it calls
/// nobody and hides no link.
pub(crate) fn chat(form: Form, sentence: &Sentence) -> Vec<u8> {
    let plain = sentence.with_link(str::to_owned);
    let body = match form {
        Form::Slack => {
            let escaped = sentence.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let escaped = Sentence { text: escaped, link: sentence.link.clone() };
            json!({ "text": escaped.with_link(|link| format!("<{link}>")) })
        }
        Form::Discord => json!({ "content": plain, "allowed_mentions": { "parse": [] } }),
        Form::Teams => {
            let actions = sentence.link.iter();
            let actions: Vec<_> = actions
                .map(|url| json!({ "type": "Action.OpenUrl", "title": "Trainyard", "url": url }))
                .collect();
            json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [{
                            "type": "RichTextBlock",
                            "inlines": [{ "type": "TextRun", "text": sentence.text }],
                        }],
                        "actions": actions,
                    },
                }],
            })
        }
        Form::KakaoWork | Form::Json | Form::Mail => json!({ "text": plain }),
    };
    serde_json::to_vec(&body).expect("a body is plain data")
}

#[cfg(test)]
mod tests {
    use trainyard_events::TenantEvent;

    use super::*;

    fn letter(subject: &str) -> Letter {
        let cloud_event = json!({
            "specversion": "1.0", "id": "e1", "source": "acme", "type": "job.finished", "subject": subject,
            "sequence": "00000000000000004711", "data": {},
        });
        Letter::read(&Bytes::from(cloud_event.to_string())).expect("a letter")
    }

    fn sentence(text: &str) -> Sentence {
        Sentence { text: text.to_owned(), link: Some("https://train.example/jobs/7".to_owned()) }
    }

    fn body(form: Form, text: &str) -> Value {
        serde_json::from_slice(&chat(form, &sentence(text))).expect("JSON")
    }

    #[test]
    fn a_job_and_its_endpoint_are_one_line() {
        let job = letter("job/0193d2c4-0000-7000-8000-000000000009");
        let endpoint = letter("endpoint/0193d2c4-0000-7000-8000-000000000009");
        assert_eq!((job.line(), job.sequence), (endpoint.line(), 4711));
        assert!(Letter::read(&Bytes::from_static(b"{}")).is_none());
    }

    #[test]
    fn a_sentence_says_whose_and_of_what_and_leads_there() {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let event = Event::Tenant(TenantEvent::Created {});
        let of = |subject: &str, site| {
            Sentence::of(&letter(subject), &tenant, Some(&event), Language::English, site)
        };
        let job = of("job/0193d2c4-0000-7000-8000-000000000009", Some("https://train.example/"));
        assert_eq!(job.text, "[acme] job 0193d2c4: the tenant is created");
        assert_eq!(
            job.link.as_deref(),
            Some("https://train.example/jobs/0193d2c4-0000-7000-8000-000000000009")
        );
        assert_eq!(of("tenant/acme", Some("https://train.example")).link, None);
        assert_eq!(of("job/1", None).link, None);
        assert_eq!(cut(&"x".repeat(5_000)).chars().count(), SENTENCE_CHARS + 1);
        assert_eq!(cut("a\r\nb"), "a  b");
    }

    #[test]
    fn each_chat_gets_its_own_form_and_nobody_is_called() {
        let hostile = "<!channel> <https://evil.example|here> @everyone & [x](https://evil.example)";
        assert_eq!(
            body(Form::Slack, hostile)["text"],
            "&lt;!channel&gt; &lt;https://evil.example|here&gt; @everyone &amp; [x](https://evil.example)\n\
             <https://train.example/jobs/7>"
        );
        let discord = body(Form::Discord, hostile);
        assert_eq!(discord["allowed_mentions"], json!({ "parse": [] }));
        assert!(discord["content"].as_str().expect("text").ends_with("/jobs/7"));
        let teams = &body(Form::Teams, hostile)["attachments"][0]["content"];
        assert_eq!(teams["body"][0]["inlines"][0]["text"], hostile);
        assert_eq!(teams["actions"][0]["url"], "https://train.example/jobs/7");
        assert_eq!(body(Form::KakaoWork, "끝")["text"], "끝\nhttps://train.example/jobs/7");
    }
}
