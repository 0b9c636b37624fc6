//! The command line's side of the binary: each command is a client of the gateway like any other.

mod annotate;
mod audit;
pub(crate) mod certificate;
mod chat;
pub(crate) mod client;
mod configuration;
mod costs;
pub(crate) mod datasets;
pub(crate) mod demo;
pub(crate) mod doctor;
mod erase;
mod events;
mod export;
mod fork;
mod hooks;
pub(crate) mod interpret;
mod job;
mod jobs;
mod live;
mod logs;
mod meant;
mod members;
mod models;
mod new_folder;
mod outlook;
mod predict;
mod prelabel;
mod prices;
mod queue;
mod quota;
mod refusal;
mod registry;
mod reproduce;
pub(crate) mod runners;
pub(crate) mod schedule;
pub(crate) mod server;
mod table;
mod tenants;
mod tokens;
pub(crate) mod tools;
mod watch;
mod way_on;
mod workers;

use anyhow::Result;
use clap::CommandFactory;
use serde_json::Value;
use trainyard_api::jobs::{JobsQuery, Resume, Statuses};
use trainyard_api::models::ModelsQuery;

use crate::args::{Arguments, AuditAction, Command, EventAction};
use crate::cli::client::Client;
use crate::out;

/// Commands that ask a running platform.
pub(crate) async fn run(command: Command, client: Client, json: bool) -> Result<()> {
    match command {
        Command::Chat { chat, text } => chat::run(&client, chat, &text.join(" "), json).await,
        Command::Train(train) => jobs::train(&client, *train, json).await,
        Command::Jobs { action: Some(action), .. } => fork::run(&client, action, json).await,
        Command::Jobs { status, tag, archived, sort, limit, action: None } => {
            let status = (!status.is_empty()).then(|| Statuses(status.join(",")));
            let (archived, limit) = (Some(archived), Some(limit));
            let query = JobsQuery { status, tag, archived, sort, limit, ..JobsQuery::default() };
            jobs::list(&client, &query, json).await
        }
        Command::Job { job, annotation } if annotation.is_empty() => job::run(&client, &job, json).await,
        Command::Job { job, annotation } => annotate::run(&client, &job, annotation, json).await,
        Command::Watch { job } => watch::run(&client, &job, json).await.map(|_| ()),
        Command::Cancel { job } => jobs::cancel(&client, &job, json).await,
        Command::Resume { job, watch, max_hours, max_cost } => {
            jobs::resume(&client, &job, Resume { max_cost, max_hours }, watch, json).await
        }
        Command::Logs { job, follow } => logs::run(&client, &job, follow, json).await,
        Command::Export { job, format, precision, to } => {
            export::run(&client, &job, format, precision, to).await
        }
        Command::Certificate { job, .. } => certificate::print(&client, job.as_deref(), json).await,
        Command::Reproduce { file, settings } => reproduce::run(&client, &file, settings, json).await,
        Command::Deploy { job, withdraw } => jobs::deploy(&client, &job, withdraw, json).await,
        Command::Predict { job, images } => predict::run(&client, &job, &images, json).await,
        Command::Prelabel(asked) => prelabel::run(&client, *asked, json).await,
        Command::Events { action: Some(EventAction::Quarantine), .. } => {
            events::quarantine(&client, json).await
        }
        Command::Events { action: Some(EventAction::Skip { sequence, because }), .. } => {
            events::skip(&client, sequence, &because, json).await
        }
        Command::Events { topic, after, no_follow, action: None } => {
            events::run(&client, topic, after, no_follow, json).await
        }
        Command::Datasets { archived, action } => datasets::run(&client, archived, action, json).await,
        Command::Models { task, runner, words } => {
            let query = ModelsQuery { task, q: words, runner };
            models::run(&client, &query, json).await
        }
        Command::Registry { action } => registry::run(&client, action, json).await,
        Command::Workers { action } => workers::run(&client, action, json).await,
        Command::Queue { action } => queue::run(&client, action, json).await,
        Command::Hooks { action } => hooks::run(&client, action, json).await,
        Command::Erase(erase) => erase::run(&client, erase, json).await,
        Command::Quota { action } => quota::run(&client, action, json).await,
        Command::Prices { action } => prices::run(&client, action, json).await,
        Command::Costs { month, csv } => costs::run(&client, month, csv, json).await,
        Command::Token { action } => tokens::run(&client, action, json).await,
        Command::Members { action } => members::run(&client, action, json).await,
        Command::Tenants { action } => tenants::run(&client, action, json).await,
        Command::Audit { action: AuditAction::Export { csv, after } } => {
            audit::export(&client, csv, after).await
        }
        Command::Up(_)
        | Command::Demo { .. }
        | Command::Gateway
        | Command::Projector
        | Command::Dispatcher
        | Command::Worker
        | Command::Feed
        | Command::Webhooks
        | Command::Auditor
        | Command::Archiver
        | Command::Mlflow
        | Command::Traces
        | Command::Rebuild(_)
        | Command::Archive(_)
        | Command::Restore
        | Command::Collect(_)
        | Command::Bootstrap { .. }
        | Command::Provision
        | Command::NatsUsers { .. }
        | Command::Config
        | Command::Tools { .. }
        | Command::Doctor
        | Command::Schedule { .. }
        | Command::Inspect(_)
        | Command::Runners { .. }
        | Command::Interpret { .. }
        | Command::Predictor
        | Command::Completion { .. } => unreachable!("these are run before a client is made"),
    }
}

/// Prints the completion script of one shell.
pub(crate) fn completion(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "trainyard", &mut script);
    out::script(&String::from_utf8(script)?);
    Ok(())
}

/// One line of JSON.
fn print_json(value: &Value) -> Result<()> {
    out::json(value);
    Ok(())
}
