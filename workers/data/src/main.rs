//! The look at a dataset as a program of its own, for tests: the platform's own binary looks itself.

use clap::Parser;
use trainyard_data::inspect::Inspect;

#[derive(Parser)]
enum Command {
    Inspect(Inspect),
}

fn main() -> std::io::Result<()> {
    let Command::Inspect(inspect) = Command::parse();
    inspect.run()
}
