//! The one binary: every role of the platform, and the command line that talks to it.

#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "`out` makes what others wrote fit for a terminal"
)]

mod args;
mod cli;
mod language;
#[cfg(test)]
mod mentions;
mod out;
mod platform;

use std::process::ExitCode;

use crate::args::{Arguments, Command, DatasetAction, ScheduleAction};
use crate::language::{language, pick};

fn main() -> ExitCode {
    // Before anything else: a guard needs no settings, no log and no runtime.
    if let Some(guarded) = trainyard_child::guard::if_asked() {
        return guarded;
    }
    // The store that `up` starts is this program too.
    if let Some(served) = trainyard_objects::if_asked() {
        return served;
    }
    let arguments = Arguments::typed();
    // With a runtime of its own, which waits for the network and for nothing else.
    if matches!(arguments.command, Command::Predictor) {
        return platform::predictor::run(&arguments.settings);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return report(&anyhow::Error::new(error).context(pick(
                language(),
                "비동기 런타임을 시작할 수 없습니다",
                "the async runtime does not start",
            )));
        }
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

/// The outermost of the causes says what to do next.
fn report(error: &anyhow::Error) -> ExitCode {
    out::error(error, language());
    ExitCode::FAILURE
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { server, settings, json, command } = arguments;
    match command {
        Command::Up(up) => Box::pin(platform::up::run(settings.resolve()?, up)).await,
        Command::Demo { detect, transfer } => {
            let demo = cli::demo::Demo::of(detect, transfer);
            Box::pin(cli::demo::run(settings.resolve()?, demo)).await
        }
        Command::Gateway => platform::roles::run_alone(settings.resolve()?, platform::Role::Gateway).await,
        Command::Projector => {
            platform::roles::run_alone(settings.resolve()?, platform::Role::Projector).await
        }
        Command::Dispatcher => {
            platform::roles::run_alone(settings.resolve()?, platform::Role::Dispatcher).await
        }
        Command::Worker => platform::roles::run_alone(settings.resolve()?, platform::Role::Worker).await,
        Command::Feed => platform::roles::run_alone(settings.resolve()?, platform::Role::Feed).await,
        Command::Webhooks => platform::roles::run_alone(settings.resolve()?, platform::Role::Webhooks).await,
        Command::Auditor => platform::roles::run_alone(settings.resolve()?, platform::Role::Auditor).await,
        Command::Archiver => platform::roles::run_alone(settings.resolve()?, platform::Role::Archiver).await,
        Command::Mlflow => platform::roles::run_alone(settings.resolve()?, platform::Role::Mlflow).await,
        Command::Traces => platform::roles::run_alone(settings.resolve()?, platform::Role::Traces).await,
        Command::Rebuild(rebuild) => {
            Box::pin(platform::rebuild::run(settings.resolve()?, rebuild, json)).await
        }
        Command::Archive(wish) => Box::pin(platform::archive::archive(settings.resolve()?, wish, json)).await,
        Command::Restore => Box::pin(platform::archive::from_archive(settings.resolve()?, json)).await,
        Command::Collect(collect) => {
            Box::pin(platform::collect::run(settings.resolve()?, collect, json)).await
        }
        Command::Bootstrap { tenant } => {
            Box::pin(platform::bootstrap::print_token(settings.resolve()?, &tenant, json)).await
        }
        Command::Provision => Box::pin(platform::provision::run(settings.resolve()?)).await,
        Command::NatsUsers { readers } => {
            platform::provision::print_nats_users(readers);
            Ok(())
        }
        Command::Config => platform::print_config(&settings.resolve()?),
        Command::Tools { action } => cli::tools::run(action, &settings.resolve()?.tools, json).await,
        Command::Schedule { action: ScheduleAction::Replay(replay) } => cli::schedule::run(&replay, json),
        Command::Doctor => Box::pin(cli::doctor::run(settings, json)).await,
        Command::Datasets { action: Some(DatasetAction::Check(check)), .. } => {
            cli::datasets::check(&check, json).await
        }
        Command::Certificate { check: Some(file), by, .. } => {
            cli::certificate::check(&file, by.as_deref(), json).await
        }
        Command::Runners { action } => cli::runners::run(action, &settings.runners(), json).await,
        Command::Inspect(inspect) => {
            tokio::task::spawn_blocking(move || inspect.run()).await??;
            Ok(())
        }
        Command::Interpret { jsonl, text } => cli::interpret::run(jsonl.as_deref(), &text),
        Command::Completion { shell } => cli::completion(shell),
        other => cli::run(other, server.client(&settings)?, json).await,
    }
}
