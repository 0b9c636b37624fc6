//! `trainyard workers`.

use std::collections::BTreeMap;

use anyhow::Result;
use trainyard_api::workers::Fleet;
use trainyard_events::chat::Language;
use trainyard_events::fleet::{Gpu, WorkerRecord};

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

/// `GPU 0: 87 %, 40.0/141.0 GiB, 61 °C, 410 W`, of what its driver tells.
fn figures(gpu: &Gpu) -> String {
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
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

fn row(worker: &WorkerRecord, language: Language) -> Vec<String> {
    let jobs: Vec<String> = worker.jobs.iter().map(ToString::to_string).collect();
    vec![
        worker.worker.clone(),
        worker.pool.to_string(),
        [worker.device.clone()]
            .into_iter()
            .chain(worker.gpus.iter().map(figures))
            .chain(offered(worker))
            .collect::<Vec<_>>()
            .join("; "),
        format!("{}/{}", jobs.len(), worker.slots),
        if worker.draining { pick(language, "나가는 중", "draining").to_owned() } else { jobs.join(" ") },
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
