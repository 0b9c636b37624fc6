//! `trainyard workers`.

use anyhow::Result;
use trainyard_api::workers::Fleet;
use trainyard_events::chat::Language;
use trainyard_events::fleet::WorkerRecord;

use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, json: bool) -> Result<()> {
    let answer = client.get::<Fleet>("/v1/workers").await?;
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    let rows: Vec<Vec<String>> = answer.workers.iter().map(|worker| row(worker, language)).collect();
    if rows.is_empty() {
        line(pick(
            language,
            "작업자가 없습니다. 시작하려면: trainyard worker",
            "no worker is up; start one with: trainyard worker",
        ));
        return Ok(());
    }
    let header = pick(
        language,
        ["작업자", "풀", "장치", "자리", "하는 일"],
        ["worker", "pool", "device", "busy", "doing"],
    );
    table::print(&header, &rows);
    Ok(())
}

fn row(worker: &WorkerRecord, language: Language) -> Vec<String> {
    let jobs: Vec<String> = worker.jobs.iter().map(ToString::to_string).collect();
    vec![
        worker.worker.clone(),
        worker.pool.to_string(),
        worker.device.clone(),
        format!("{}/{}", jobs.len(), worker.slots),
        if worker.draining { pick(language, "나가는 중", "draining").to_owned() } else { jobs.join(" ") },
    ]
}
