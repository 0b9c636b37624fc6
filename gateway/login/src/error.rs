//! What is wrong with a login.

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LoginError {
    /// Try again later.
    #[error("{0}")]
    Unavailable(String),
    /// This login leads nowhere; begin another.
    #[error("{0}")]
    Refused(String),
}
