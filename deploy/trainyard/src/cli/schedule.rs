//! `trainyard schedule replay`: a recorded log once more through the scheduler, under other rules or with other workers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trainyard_api::workers::Fleet;
use trainyard_commands::replay::{Report, Story, Waits};
use trainyard_commands::schedule::Rules;
use trainyard_events::chat::Language;
use trainyard_events::{Envelope, Recorded};

use crate::args::Replay;
use crate::cli::{print_json, table};
use crate::language::{language, pick};
use crate::out::line;

pub(crate) fn run(replay: &Replay, json: bool) -> Result<()> {
    let story = read(&replay.log)?;
    let fleet = match &replay.fleet {
        Some(path) => {
            let text = std::fs::read(path).with_context(|| path.display().to_string())?;
            serde_json::from_slice::<Fleet>(&text).with_context(|| path.display().to_string())?.workers
        }
        None => story.fleet(),
    };
    let report = story.replay(&fleet, rules(replay));
    if let Some(path) = &replay.decisions {
        std::fs::write(path, &report.decisions).with_context(|| path.display().to_string())?;
    }
    let sha256 = hex::encode(Sha256::digest(&report.decisions));
    if json {
        return print_json(&in_json(&report, fleet.len(), &sha256));
    }
    show(&report, fleet.len(), &sha256, language());
    Ok(())
}

fn rules(replay: &Replay) -> Rules {
    let usual = Rules::default();
    let class = replay.class_minutes.map(|minutes| Duration::from_secs(minutes.saturating_mul(60)));
    Rules {
        class: class.unwrap_or(usual.class),
        share: replay.share_seconds.map_or(usual.share, Duration::from_secs),
        backfill: usual.backfill.filter(|_| !replay.no_keeping),
        packs: !replay.no_packing,
        ..usual
    }
}

/// An event a line, with its place in the log.
fn read(path: &Path) -> Result<Story> {
    #[derive(Deserialize)]
    struct Place {
        sequence: u64,
        kind: String,
    }
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut story = Story::default();
    for (number, written) in text.lines().enumerate().filter(|(_, written)| !written.trim().is_empty()) {
        let place = || {
            let (path, number) = (path.display(), number + 1);
            pick(
                language(),
                format!(
                    "{path} {number}번째 줄이 이벤트가 아닙니다. `trainyard --json events --after 0 --no-follow`로 기록하세요"
                ),
                format!(
                    "{path}, line {number} is no event: record it by `trainyard --json events --after 0 --no-follow`"
                ),
            )
        };
        let Place { sequence, kind } = serde_json::from_str(written).with_context(place)?;
        // Who may come in decides nothing about whose turn it is, and the hashes in it are told to nobody.
        if kind.starts_with("tenant.token_") {
            continue;
        }
        let envelope = Envelope::from_json(written.as_bytes()).with_context(place)?;
        story.take_in(&Recorded::new(sequence, envelope));
    }
    Ok(story)
}

fn in_json(report: &Report, workers: usize, sha256: &str) -> Value {
    let groups = |waits: &BTreeMap<String, Waits>| -> Value {
        let group = |(name, waits): (&String, &Waits)| {
            let Waits { jobs, p50, p95, longest } = waits;
            (name.clone(), json!({ "jobs": jobs, "p50_s": p50, "p95_s": p95, "longest_s": longest }))
        };
        Value::Object(waits.iter().map(group).collect())
    };
    json!({
        "workers": workers,
        "recorded": groups(&report.recorded),
        "replayed": groups(&report.replayed),
        "left": report.left,
        "decisions_sha256": sha256,
    })
}

fn show(report: &Report, workers: usize, sha256: &str, language: Language) {
    let header = pick(
        language,
        ["", "작업", "기록 p50", "기록 p95", "다시 p50", "다시 p95", "가장 긴"],
        ["", "jobs", "was p50", "was p95", "now p50", "now p95", "longest"],
    );
    let seconds = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1} s"));
    let row = |(group, now): (&String, &Waits)| {
        let was = report.recorded.get(group);
        vec![
            group.clone(),
            now.jobs.to_string(),
            seconds(was.map(|was| was.p50)),
            seconds(was.map(|was| was.p95)),
            seconds(Some(now.p50)),
            seconds(Some(now.p95)),
            seconds(Some(now.longest)),
        ]
    };
    table::print(&header, &report.replayed.iter().map(row).collect::<Vec<_>>());
    let left = report.left;
    line(pick(
        language,
        format!("작업자 {workers}대, 차례가 오지 않은 작업 {left}개, 결정 {sha256}"),
        format!("{workers} workers, {left} jobs that had no turn, decisions {sha256}"),
    ));
}
