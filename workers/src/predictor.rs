//! Keeps one `trainyard-vision serve` alive: it answers predictions, and comes back when it dies.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::time::{Instant, timeout};
use trainyard_events::limits;

use crate::agent::Agent;
use crate::lines::Lines;
use crate::process::{Exit, Process};

const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_LONGEST: Duration = Duration::from_secs(30);
/// One that lived this long had started well: its death counts as the first again.
const LIVED_WELL: Duration = Duration::from_secs(60);
/// What it has to finish the answers that it has begun.
const STOP_GRACE: Duration = Duration::from_secs(5);

pub(crate) async fn keep(agent: Arc<Agent>) {
    let mut deaths = 0;
    while !agent.stop.is_cancelled() {
        let born = Instant::now();
        let ended = serve(&agent).await;
        if agent.stop.is_cancelled() {
            return;
        }
        deaths = if born.elapsed() >= LIVED_WELL { 1 } else { deaths + 1 };
        let pause = PAUSE_FIRST.saturating_mul(1 << (deaths - 1).min(10)).min(PAUSE_LONGEST);
        match ended {
            Ok(exit) => tracing::warn!(?exit, deaths, ?pause, "the predictor ended; it is started again"),
            Err(error) => {
                tracing::warn!(%error, deaths, ?pause, "the predictor does not run; it is started again")
            }
        }
        agent.stop.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
}

/// Runs it until it ends, or until told to stop.
async fn serve(agent: &Agent) -> std::io::Result<Exit> {
    let config = &agent.config;
    let environment = &config.predictor_environment;
    let (mut process, out, err) =
        Process::spawn(&config.trainer, &["serve".into()], environment, &config.work_dir)?;
    let group = process.group();
    let mut run = Box::pin(async { tokio::try_join!(process.wait(), log(out), log(err)) });
    tokio::select! {
        ended = &mut run => return ended.map(|(exit, (), ())| exit),
        () = agent.stop.cancelled() => group.terminate(),
    }
    match timeout(STOP_GRACE, &mut run).await {
        Ok(ended) => ended.map(|(exit, (), ())| exit),
        Err(_) => {
            group.kill();
            run.await.map(|(exit, (), ())| exit)
        }
    }
}

async fn log(from: impl AsyncRead + Unpin) -> std::io::Result<()> {
    let mut lines = Lines::new(from, limits::CONSOLE_LINE_CHARS, true);
    while let Some(line) = lines.next().await? {
        tracing::info!(target: "predictor", "{line}");
    }
    Ok(())
}
