//! Why something on the bus did not happen.

use std::fmt;

/// By what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Nothing will change by trying again.
    #[error("the configuration of the bus is wrong: {0}")]
    Config(String),
    #[error("the NATS server refuses these credentials; check the user and password in its URL")]
    Refused,
    /// The outcome may be unknown: try again, with the same id where there is one.
    #[error("the bus cannot be used now: {0}")]
    Unavailable(String),
    #[error("{bytes} bytes are more than the {limit} that the bus takes")]
    TooLarge { bytes: usize, limit: usize },
    #[error("what is stored does not decode: {0}")]
    Corrupt(String),
}

/// An error with all that is behind it: what a certificate is refused for is the last of them.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(behind) = cause {
        let said = behind.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = behind.source();
    }
    text
}

pub(crate) fn unavailable(error: impl fmt::Display) -> BusError {
    BusError::Unavailable(error.to_string())
}
