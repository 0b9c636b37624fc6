//! Reasons, refusals and advice in English and Korean: exhaustive matches over data, so that a missing translation does
//! not compile. The only room that knows these sentences.

mod advice;
mod amount;
mod cause;
mod caution;
mod config;
mod ending;
mod event;
mod fact;
mod flaw;
mod format;
mod hook;
mod measure;
mod outlook;
pub mod particle;
mod public;
mod rejection;
mod terms;
mod trouble;
mod unfit;
mod wait;

use trainyard_events::chat::Language;
use trainyard_events::reason::{Other, Reason};

pub use amount::{grouped, money};
pub use fact::spell;
pub use measure::{measure_name, measure_value, measured};
pub use outlook::{Outlook, Takes};
pub use public::say;

/// What stands between several reasons.
const BETWEEN: &str = "; ";

/// One thing in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both {
    pub english: String,
    pub korean: String,
}

/// Something that can be said in either language.
pub trait Words {
    fn words(&self) -> Both;
}

pub fn english(what: &(impl Words + ?Sized)) -> String {
    what.words().english
}

pub fn korean(what: &(impl Words + ?Sized)) -> String {
    what.words().korean
}

pub fn said(what: &(impl Words + ?Sized), language: Language) -> String {
    match language {
        Language::English => english(what),
        Language::Korean => korean(what),
    }
}

/// Several things in one line; nothing where there are none.
impl<T: Words> Words for [T] {
    fn words(&self) -> Both {
        let all: Vec<Both> = self.iter().map(Words::words).collect();
        let line = |of: fn(&Both) -> &str| all.iter().map(of).collect::<Vec<_>>().join(BETWEEN);
        Both { english: line(|both| &both.english), korean: line(|both| &both.korean) }
    }
}

impl<T: Words> Words for Vec<T> {
    fn words(&self) -> Both {
        self.as_slice().words()
    }
}

impl Words for Reason {
    fn words(&self) -> Both {
        match self {
            Reason::Wait(wait) => wait.words(),
            Reason::Ending(ending) => ending.words(),
            Reason::Trouble(trouble) => trouble.words(),
            Reason::Unfit(unfit) => unfit.words(),
            Reason::Config(problem) => problem.words(),
            Reason::Other(Other::Said { text }) => as_said(text),
        }
    }
}

fn both(english: impl Into<String>, korean: impl Into<String>) -> Both {
    Both { english: english.into(), korean: korean.into() }
}

/// What is not ours is the same in every language.
fn as_said(text: &str) -> Both {
    both(text, text)
}
