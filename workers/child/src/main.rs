//! The guard as a program of its own, for tests: the platform's own binary guards its children itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    trainyard_child::guard::main(std::env::args_os().skip(1))
}
