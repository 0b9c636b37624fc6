//! Standard output: what reads it may stop reading, which is no error of ours.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::process::exit;

/// As a shell reports a program that wrote to a closed pipe.
const CLOSED_PIPE: i32 = 141;

/// Prints one line. When nobody reads any more there is nothing left to do.
pub(crate) fn line(text: impl Display) {
    if let Err(error) = writeln!(std::io::stdout(), "{text}") {
        if error.kind() == ErrorKind::BrokenPipe {
            exit(CLOSED_PIPE);
        }
        eprintln!("error: standard output cannot be written: {error}");
        exit(1);
    }
}
