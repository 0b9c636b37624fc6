//! The trainer's mouth: one JSON line at a time on standard output, each flushed.

use std::io::Write;

use serde::Serialize;
use trainyard_events::trainer::exit;

/// Prints one line. Who listens is gone when that fails, and nobody would take the result: the process ends.
pub fn say(line: &impl Serialize) {
    let text = serde_json::to_string(line).expect("protocol lines are plain data, which always serialises");
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush()) {
        eprintln!("standard output is closed ({error}): nobody is listening, so this process ends");
        std::process::exit(exit::INTERNAL);
    }
}
