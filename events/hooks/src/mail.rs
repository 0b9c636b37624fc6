//! Sends by SMTP, through the one server that the operator has named.

use std::fmt;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use trainyard_events::hook::Miss;

use crate::letter::{Letter, Sentence};
use crate::web::DETAIL_CHARS;

/// One command of the conversation with the server.
const COMMAND_WAIT: Duration = Duration::from_secs(15);
/// All of it.
const LETTER_WAIT: Duration = Duration::from_secs(60);
const SUBJECT_CHARS: usize = 150;

#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error(
        "TRAINYARD_SMTP_URL is smtps://user:password@host, or smtp://host:port?tls=required; without TLS smtp://host:port"
    )]
    Url,
    #[error("TRAINYARD_SMTP_FROM is whom letters are from: trainyard@example.com")]
    From,
}

/// The server, and whom letters are from.
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mail {
    /// Without the server, whose URL has a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.from)
    }
}

impl Mail {
    pub fn new(url: &str, from: &str) -> Result<Mail, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| MailError::Url)?
            .timeout(Some(COMMAND_WAIT))
            .build();
        Ok(Mail { transport, from: from.parse().map_err(|_| MailError::From)? })
    }

    pub(crate) async fn send(
        &self,
        to: &[Address],
        letter: &Letter,
        sentence: &Sentence,
    ) -> Result<(), Miss> {
        let message = self.message(to, letter, sentence).map_err(|error| refused(&error))?;
        match tokio::time::timeout(LETTER_WAIT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(refused(&error)),
            Err(_) => Err(Miss::Silent),
        }
    }

    /// A letter that comes twice has one id: programs for mail show it once.
    fn message(
        &self,
        to: &[Address],
        letter: &Letter,
        sentence: &Sentence,
    ) -> Result<Message, lettre::error::Error> {
        let subject: String = sentence.text.chars().take(SUBJECT_CHARS).collect();
        let link = sentence.link.as_deref().unwrap_or_default();
        let text = format!("{}\n\n{link}\n\n{} {}\n", sentence.text, letter.kind, letter.subject);
        let id = format!("<{}@{}>", letter.id, self.from.email.domain());
        let start = Message::builder().from(self.from.clone()).message_id(Some(id)).subject(subject);
        let addressed = to.iter().fold(start, |message, to| message.to(Mailbox::new(None, to.clone())));
        let body = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text);
        let event = SinglePart::builder()
            .header(ContentType::parse("application/cloudevents+json").expect("it is a type of contents"))
            .body(letter.cloud_event.to_vec());
        addressed.multipart(MultiPart::mixed().singlepart(body).singlepart(event))
    }
}

fn refused(error: &(dyn std::error::Error + 'static)) -> Miss {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(behind) = cause {
        text = behind.to_string();
        cause = behind.source();
    }
    Miss::MailRefused { detail: text.chars().take(DETAIL_CHARS).collect() }
}
