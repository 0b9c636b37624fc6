//! What is asked of hooks.

use clap::{Args, Subcommand};
use trainyard_events::chat::Language;
use trainyard_events::config::UnknownWord;
use trainyard_events::hook::Form;

#[derive(Debug, Subcommand)]
pub(crate) enum HookAction {
    /// Have somebody told; the secret that signs is shown once.
    ///
    /// trainyard hooks add https://hooks.example/trainyard --on 'job.*'
    /// trainyard hooks add https://hooks.slack.com/services/T0/B0/x --form slack
    /// trainyard hooks add --mail team@firma.kr --on job.finished,job.failed
    #[command(verbatim_doc_comment)]
    Add {
        #[command(flatten)]
        to: HookAddress,
        /// json (a CloudEvent), slack, discord, teams or kakaowork [default: json].
        #[arg(long, value_parser = parse_form, conflicts_with = "mail")]
        form: Option<Form>,
        /// Kinds of events such as job.finished, and families such as job.* [default: job.finished,job.failed].
        #[arg(long, value_delimiter = ',')]
        on: Vec<String>,
        /// Of the sentences: korean or english [default: this terminal's].
        #[arg(long, value_parser = parse_language)]
        language: Option<Language>,
    },
    /// List the hooks, and how far each is.
    List,
    /// Change what a hook is for, or where it leads.
    Change {
        /// Its id, or as much of it as is its own.
        hook: String,
        /// Where events are posted to from then on.
        #[arg(long)]
        to: Option<String>,
        /// Who gets letters from then on.
        #[arg(long, conflicts_with = "to")]
        mail: Option<String>,
        /// Instead of all that it is for.
        #[arg(long, value_delimiter = ',')]
        on: Vec<String>,
        #[arg(long, value_parser = parse_language)]
        language: Option<Language>,
    },
    /// Send a hook one event that says so, and say what becomes of it.
    Test {
        /// Its id, or as much of it as is its own.
        hook: String,
    },
    /// Send again what was given up; a hook that is paused goes on.
    Replay {
        /// Its id, or as much of it as is its own.
        hook: String,
    },
    /// Remove a hook, and what waits for it.
    Remove {
        /// Its id, or as much of it as is its own.
        hook: String,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct HookAddress {
    /// Where events are posted to: https://host/path.
    pub address: Option<String>,
    /// Who gets letters: name@host, up to 8 of them with commas between.
    #[arg(long)]
    pub mail: Option<String>,
}

fn parse_form(word: &str) -> Result<Form, UnknownWord> {
    word.parse()
}

fn parse_language(word: &str) -> Result<Language, UnknownWord> {
    match word {
        "korean" | "ko" => Ok(Language::Korean),
        "english" | "en" => Ok(Language::English),
        _ => Err(UnknownWord { word: word.to_owned(), choices: "korean, english".to_owned() }),
    }
}
