//! `trainyard jobs fork` and `checkpoints`: a new job from where another was.

use anyhow::Result;
use trainyard_api::chats::Changes;
use trainyard_api::jobs::{CheckpointList, Fork, Ordered};

use crate::args::JobsAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table, watch};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, action: JobsAction, json: bool) -> Result<()> {
    match action {
        JobsAction::Fork { job, epoch, step, settings, watch } => {
            let set = Changes(settings.into_iter().collect());
            fork(client, &job, &Fork { epoch, step, set }, watch, json).await
        }
        JobsAction::Checkpoints { job } => checkpoints(client, &job, json).await,
    }
}

async fn fork(client: &Client, job: &str, fork: &Fork, watch: bool, json: bool) -> Result<()> {
    let answer = client.post::<Ordered>(&format!("/v1/jobs/{job}/fork"), fork).await?;
    let new = answer.job.id.to_string();
    if watch {
        return watch::run(client, &new, json).await.map(|_| ());
    }
    if json {
        return print_json(&answer.json);
    }
    let from = answer.proposal.config.continues.as_ref().map(|from| &from.checkpoint);
    let (epoch, step) = from.map_or((0, 0), |from| (from.epoch, from.step));
    line(pick(
        client.language,
        format!(
            "작업을 요청했습니다({new}). 작업 {job}의 {epoch} 에폭({step} 스텝) 체크포인트에서 갈라집니다. 지켜보려면: trainyard watch {new}"
        ),
        format!(
            "job {new} is requested; it forks job {job} after epoch {epoch} (step {step}); follow it with: trainyard watch {new}"
        ),
    ));
    Ok(())
}

async fn checkpoints(client: &Client, job: &str, json: bool) -> Result<()> {
    let answer = client.get::<CheckpointList>(&format!("/v1/jobs/{job}/checkpoints")).await?;
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    if answer.checkpoints.is_empty() {
        line(pick(
            language,
            format!("작업 {job}에 남아 있는 체크포인트가 없습니다"),
            format!("job {job} keeps no checkpoint"),
        ));
        return Ok(());
    }
    let header = pick(language, ["에폭", "스텝", "크기(MB)"], ["epoch", "step", "MB"]);
    let rows = answer.checkpoints.iter().map(|kept| {
        vec![kept.epoch.to_string(), kept.step.to_string(), format!("{:.1}", kept.bytes as f64 / 1e6)]
    });
    table::print(&header, &rows.collect::<Vec<_>>());
    Ok(())
}
