//! The store as a program of its own, for tests: the platform's own binary is one when it is told to be.

use std::process::ExitCode;

fn main() -> ExitCode {
    trainyard_objects::if_asked().unwrap_or_else(|| {
        eprintln!("usage: trainyard-objects store HOST:PORT, in a folder with keys.json");
        ExitCode::FAILURE
    })
}
