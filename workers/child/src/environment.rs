//! What a child finds in its environment: ours, less our own settings, which hold secrets.

use std::process::Command;

use rustix::fs::Mode;
use rustix::process::umask;

/// Before the names of our settings, and the one of them that has another name and is a secret.
const OURS: [&str; 2] = ["TRAINYARD_", "OTEL_EXPORTER_OTLP_HEADERS"];

const TRAINING: [(&str, &str); 5] = [
    // libtorch's threads would spin while they wait for each other; on a machine that does anything else besides,
    // that made training several times slower. A short spin costs a twentieth to a tenth there; a quiet machine gains
    // more.
    ("OMP_WAIT_POLICY", "PASSIVE"),
    ("GOMP_SPINCOUNT", "1000"),
    // For glibc, in bytes: blocks of up to 32 MiB, the most that it takes here, do not go back to the system when they
    // are freed. A training step asks for the same ones again; mapping and clearing them took a sixth of a detector's
    // step.
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "8589934592"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// What makes training fast, for a child that computes.
pub fn training() -> Vec<(String, String)> {
    TRAINING.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// What this process and its children write from now on is for nobody else.
pub fn write_privately() {
    umask(Mode::RWXG | Mode::RWXO);
}

pub(crate) fn set(command: &mut Command, on_top: &[(String, String)]) {
    for (name, _) in std::env::vars_os() {
        if OURS.iter().any(|ours| name.to_string_lossy().starts_with(ours)) {
            command.env_remove(name);
        }
    }
    command.envs(on_top.iter().map(|(name, value)| (name, value)));
}
