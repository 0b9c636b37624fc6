//! `trainyard workers`: who works, and who is taken out of work.

use std::collections::BTreeMap;

use anyhow::Result;
use reqwest::Url;
use trainyard_api::page::Changed;
use trainyard_api::workers::{Fleet, NewDrain};
use trainyard_events::chat::Language;
use trainyard_events::fleet::{Gpu, Machine, WorkerRecord};
use trainyard_events::maintenance::{DrainedWorker, PausedQueue};

use crate::args::WorkerAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, action: Option<WorkerAction>, json: bool) -> Result<()> {
    let language = client.language;
    let (answer, said) = match action.unwrap_or(WorkerAction::List) {
        WorkerAction::List => return list(client, json).await,
        WorkerAction::Drain { worker, because: note, now } => {
            let answer = client.put::<Changed>(&path(&worker), &NewDrain { note, now }).await?;
            let said = pick(
                language,
                format!(
                    "{worker}에 새 작업을 보내지 않습니다. 되돌리려면: trainyard workers return {worker}"
                ),
                format!(
                    "{worker} gets nothing new; give it work again with: trainyard workers return {worker}"
                ),
            );
            (answer, said)
        }
        WorkerAction::Return { worker } => {
            let answer = client.delete::<Changed>(&path(&worker)).await?;
            let said = pick(
                language,
                format!("{worker}에 다시 작업을 보냅니다"),
                format!("{worker} gets work again"),
            );
            (answer, said)
        }
    };
    if json {
        return print_json(&answer.json);
    }
    line(said);
    Ok(())
}

fn path(worker: &str) -> String {
    let mut url = Url::parse("http://gateway").expect("it is one");
    url.path_segments_mut().expect("it has a path").extend(["v1", "workers", worker, "drain"]);
    url.path().to_owned()
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let answer = client.get::<Fleet>("/v1/workers").await?;
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    if let Some(PausedQueue { who, note, .. }) = &answer.paused {
        let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        line(pick(
            language,
            format!("{who}님이 대기열을 멈췄습니다{note}"),
            format!("{who} has paused the queue{note}"),
        ));
    }
    let drained =
        |worker: &WorkerRecord| answer.drained.iter().find(|drained| drained.worker == worker.worker);
    let mut rows: Vec<Vec<String>> =
        answer.workers.iter().map(|worker| row(worker, drained(worker), language)).collect();
    let is_there =
        |drained: &&DrainedWorker| answer.workers.iter().any(|known| known.worker == drained.worker);
    rows.extend(
        answer.drained.iter().filter(|drained| !is_there(drained)).map(|drained| away(drained, language)),
    );
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

fn gib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

/// `43 %, 6.1/23.5 GiB`: of its processors and its memory, where it tells.
fn machine(worker: &WorkerRecord) -> Option<String> {
    let Machine { busy_percent, memory_used_bytes } = worker.machine.as_ref()?;
    let memory =
        worker.memory_bytes.map(|all| format!(", {:.1}/{:.1} GiB", gib(*memory_used_bytes), gib(all)));
    Some(format!("{busy_percent} %{}", memory.unwrap_or_default()))
}

/// `GPU 0: 87 %, 40.0/141.0 GiB, 61 °C, 410 W`, of what its driver tells.
fn figures(gpu: &Gpu) -> String {
    let told = [
        gpu.use_percent.map(|percent| format!("{percent} %")),
        gpu.memory_used_bytes
            .zip(gpu.memory_bytes)
            .map(|(used, all)| format!("{:.1}/{:.1} GiB", gib(used), gib(all))),
        gpu.celsius.map(|celsius| format!("{celsius} °C")),
        gpu.watts.map(|watts| format!("{watts} W")),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    if told.is_empty() {
        format!("GPU {}", gpu.index)
    } else {
        format!("GPU {}: {}", gpu.index, told.join(", "))
    }
}

/// `2 x NVIDIA H100, zone=a`: what jobs may ask for, where that is anything.
fn offered(worker: &WorkerRecord) -> Option<String> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    worker.devices.iter().for_each(|device| *kinds.entry(&device.kind).or_default() += 1);
    let devices = kinds.into_iter().map(|(kind, count)| format!("{count} x {kind}"));
    let labels = worker.labels.iter().map(|(name, value)| format!("{name}={value}"));
    let all: Vec<String> = devices.chain(labels).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Who has taken it out of work, and why.
fn said(drained: &DrainedWorker, language: Language) -> String {
    let DrainedWorker { who, note, .. } = drained;
    let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    pick(language, format!("점검 중({who}){note}"), format!("drained by {who}{note}"))
}

fn away(drained: &DrainedWorker, language: Language) -> Vec<String> {
    vec![drained.worker.clone(), String::new(), String::new(), String::new(), said(drained, language)]
}

fn row(worker: &WorkerRecord, drained: Option<&DrainedWorker>, language: Language) -> Vec<String> {
    let leaving = worker.draining.then(|| pick(language, "나가는 중", "draining").to_owned());
    let drained = drained.filter(|_| !worker.draining).map(|drained| said(drained, language));
    let jobs: Vec<String> = worker.jobs.iter().map(ToString::to_string).collect();
    vec![
        worker.worker.clone(),
        worker.pool.to_string(),
        [worker.device.clone()]
            .into_iter()
            .chain(machine(worker))
            .chain(worker.gpus.iter().map(figures))
            .chain(offered(worker))
            .collect::<Vec<_>>()
            .join("; "),
        format!("{}/{}", worker.jobs.len(), worker.slots),
        match leaving {
            Some(leaving) => leaving,
            None => drained.into_iter().chain(jobs).collect::<Vec<_>>().join(" "),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gpu_is_told_as_far_as_its_driver_tells_of_it() {
        let all = serde_json::json!({
            "index": 0, "name": "NVIDIA H200", "use_percent": 87, "memory_used_bytes": 40_u64 << 30,
            "memory_bytes": 141_u64 << 30, "celsius": 61, "watts": 410,
        });
        let said = |gpu: serde_json::Value| figures(&serde_json::from_value(gpu).expect("a GPU"));
        assert_eq!(said(all), "GPU 0: 87 %, 40.0/141.0 GiB, 61 °C, 410 W");
        assert_eq!(said(serde_json::json!({ "index": 1, "name": "Old", "celsius": 40 })), "GPU 1: 40 °C");
        assert_eq!(said(serde_json::json!({ "index": 2, "name": "Older" })), "GPU 2");
    }
}
