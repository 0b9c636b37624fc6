//! The facts of a tenant's hooks: who is told of which events, from when on, and whether anybody listens there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chat::Language;
use crate::config::UnknownWord;
use crate::kinds;

/// Kinds of which no hook tells: what was done to tokens, and hooks themselves.
const UNTOLD: &[&str] = &["tenant.token_", "hook."];

/// How an event looks to whom it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A CloudEvent, as on the feed.
    Json,
    Slack,
    Discord,
    Teams,
    KakaoWork,
    /// A letter by SMTP.
    Mail,
}

impl Form {
    pub const ALL: [Form; 6] =
        [Form::Json, Form::Slack, Form::Discord, Form::Teams, Form::KakaoWork, Form::Mail];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Form::Json => "json",
            Form::Slack => "slack",
            Form::Discord => "discord",
            Form::Teams => "teams",
            Form::KakaoWork => "kakaowork",
            Form::Mail => "mail",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Form {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let unknown = || UnknownWord { word: word.to_owned(), choices: Form::ALL.map(Form::name).join(", ") };
        Form::ALL.into_iter().find(|form| form.name() == word).ok_or_else(unknown)
    }
}

/// Why a hook was paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// Nothing has reached its receiver for a day.
    DeadDay,
    /// Its receiver has said that it is there no more (410).
    Gone,
}

/// Why a receiver has not got what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "miss", rename_all = "snake_case")]
pub enum Miss {
    /// It answers with this HTTP status.
    Status {
        status: u16,
    },
    /// It leads elsewhere, where nobody follows.
    Redirected {
        status: u16,
    },
    /// No answer in time.
    Silent,
    Unreachable {
        detail: String,
    },
    /// Its name leads inside somebody's network.
    NotPublic,
    /// Its address was sealed under another key.
    Sealed,
    /// The platform sends no mail.
    NoMailServer,
    MailRefused {
        detail: String,
    },
    /// What is to be sent cannot be read.
    Unreadable,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum HookEvent {
    /// Events after this one are sent.
    #[serde(rename = "hook.added")]
    Added {
        hook_id: Uuid,
        form: Form,
        /// Kinds such as `job.finished`, and families such as `job.*`.
        on: Vec<String>,
        /// Of the sentences.
        language: Language,
        /// The address, which whoever knows it may write to: encrypted, under a key that no event holds. The secret that
        /// signs is made of that key, and stands nowhere.
        sealed: String,
    },
    /// As it is from here on.
    #[serde(rename = "hook.changed")]
    Changed { hook_id: Uuid, on: Vec<String>, language: Language, sealed: String },
    #[serde(rename = "hook.removed")]
    Removed { hook_id: Uuid },
    /// Nothing is sent until it is replayed. What happens meanwhile waits.
    #[serde(rename = "hook.paused")]
    Paused { hook_id: Uuid, why: Pause },
    /// What was given up is sent again, and what waits after it.
    #[serde(rename = "hook.replayed")]
    Replayed { hook_id: Uuid },
    /// This very event is sent, whatever the hook is for.
    #[serde(rename = "hook.tested")]
    Tested { hook_id: Uuid },
}

impl HookEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            HookEvent::Added { .. } => "hook.added",
            HookEvent::Changed { .. } => "hook.changed",
            HookEvent::Removed { .. } => "hook.removed",
            HookEvent::Paused { .. } => "hook.paused",
            HookEvent::Replayed { .. } => "hook.replayed",
            HookEvent::Tested { .. } => "hook.tested",
        }
    }
}

/// Whether hooks can be for this: a kind that there is, or a family (`job.*`) with such kinds.
pub fn can_be_told(pattern: &str) -> bool {
    let is_told = |kind: &str| !UNTOLD.iter().any(|untold| kind.starts_with(untold));
    kinds::KINDS.iter().any(|kind| is_told(kind.name) && is_for(pattern, kind.name))
}

/// Whether a kind is among those that `on` names. What is untold is not, whatever the words.
pub fn wants(on: &[String], kind: &str) -> bool {
    !UNTOLD.iter().any(|untold| kind.starts_with(untold)) && on.iter().any(|pattern| is_for(pattern, kind))
}

fn is_for(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(family) => family.ends_with('.') && kind.starts_with(family),
        None => pattern == kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_for_kinds_and_families_and_never_for_tokens() {
        let on = ["job.finished", "dataset.*", "tenant.*"].map(str::to_owned);
        for (kind, wanted) in [
            ("job.finished", true),
            ("job.failed", false),
            ("job.finished_twice", false),
            ("dataset.validated", true),
            ("dataset.of_the_future", true),
            ("datasets.validated", false),
            ("tenant.quota_set", true),
            ("tenant.token_issued", false),
            ("hook.added", false),
        ] {
            assert_eq!(wants(&on, kind), wanted, "{kind}");
        }
    }

    #[test]
    fn only_what_there_is_can_be_told() {
        for (pattern, can) in [
            ("job.finished", true),
            ("job.*", true),
            ("tenant.*", true),
            ("tenant.token_issued", false),
            ("hook.*", false),
            ("job.finish", false),
            ("job.fin*", false),
            ("*", false),
            ("", false),
            ("jobs.*", false),
        ] {
            assert_eq!(can_be_told(pattern), can, "{pattern}");
        }
    }

    #[test]
    fn a_form_is_read_as_it_is_written() {
        for form in Form::ALL {
            assert_eq!(form.name().parse(), Ok(form));
            assert_eq!(serde_json::to_value(form).expect("plain data"), form.name());
        }
        assert!("fax".parse::<Form>().is_err());
    }
}
