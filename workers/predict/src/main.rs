//! The predictor as a program of its own, for tests: the platform's own binary is one, too.

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: trainyard_predict::Settings,
}

fn main() {
    std::process::exit(trainyard_predict::main(Arguments::parse().settings));
}
