//! Every problem in words: one exhaustive match for each language, so that nothing can be left out of either.

mod english;
mod korean;

use std::fmt;

use trainyard_events::chat::Language;

use crate::error::{ErrorAnswer, ErrorBody, Problem, Said};

impl Problem {
    pub fn said(&self, language: Language) -> Said {
        match language {
            Language::English => english::said(self),
            Language::Korean => korean::said(self),
        }
    }

    pub fn answer(&self, language: Language) -> ErrorAnswer {
        let Said { message, next_step } = self.said(language);
        ErrorAnswer { error: ErrorBody { code: self.code(), message, next_step } }
    }
}

/// For logs.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&english::said(self).message)
    }
}
