//! Keeps one predictor alive: it answers with trained models, and comes back when it dies.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::time::Instant;
use trainyard_child::{Attached, Backoff, Exit, Program, environment};
use trainyard_events::limits;

use crate::agent::Agent;
use crate::lines::Lines;

const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_LONGEST: Duration = Duration::from_secs(30);
/// One that lived this long had started well: its death counts as the first again.
const LIVED_WELL: Duration = Duration::from_secs(60);
/// What it has to finish the answers that it has begun.
const STOP_GRACE: Duration = Duration::from_secs(5);

pub(crate) async fn keep(agent: Arc<Agent>) {
    let mut backoff = Backoff::new(PAUSE_FIRST, PAUSE_LONGEST);
    while !agent.stop.is_cancelled() {
        let born = Instant::now();
        let ended = serve(&agent).await;
        if agent.stop.is_cancelled() {
            return;
        }
        if born.elapsed() >= LIVED_WELL {
            backoff.reset();
        }
        let deaths = backoff.tries() + 1;
        match ended {
            Ok(exit) => tracing::warn!(%exit, deaths, "the predictor ended; it is started again"),
            Err(error) => tracing::warn!(%error, deaths, "the predictor does not run; it is started again"),
        }
        agent.stop.run_until_cancelled(backoff.wait()).await;
    }
}

/// Runs it until it ends, or until told to stop.
async fn serve(agent: &Agent) -> std::io::Result<Exit> {
    let config = &agent.config;
    let mut predictor = Program::new(&config.predictor, vec!["predictor".into()], &config.work_dir);
    predictor.environment = environment::training();
    predictor.environment.extend(config.predictor_environment.iter().cloned());
    predictor.stop.grace = STOP_GRACE;
    let (mut process, out, err) = Attached::piped(&predictor)?;
    let line = process.line();
    let mut run = Box::pin(async { tokio::try_join!(process.wait(), log(out), log(err)) });
    tokio::select! {
        ended = &mut run => return ended.map(|(exit, (), ())| exit),
        () = agent.stop.cancelled() => line.stop(),
    }
    run.await.map(|(exit, (), ())| exit)
}

async fn log(from: impl AsyncRead + Unpin) -> std::io::Result<()> {
    let mut lines = Lines::new(from, limits::CONSOLE_LINE_CHARS, true);
    while let Some(line) = lines.next().await? {
        tracing::info!(target: "predictor", "{line}");
    }
    Ok(())
}
