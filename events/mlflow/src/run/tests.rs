//! What becomes of a job's history: the same run, whether it is taken in at once or piece by piece.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trainyard_events::Envelope;
use uuid::Uuid;

use super::*;

const JOB: &str = "0193d2c4-0000-7000-8000-000000000009";
/// 2026-01-01T00:00:00Z.
const BEGIN_MS: i64 = 1_767_225_600_000;

fn history(bodies: &[(&str, Value)]) -> Vec<Recorded> {
    let envelope = |(number, (kind, body)): (usize, &(&str, Value))| {
        let stored = json!({
            "actor": "user:laptop", "aggregate": format!("job/{JOB}"), "at": format!("2026-01-01T00:00:{number:02}.5Z"),
            "body": body, "causation_id": null, "command_id": Uuid::nil(), "correlation_id": Uuid::nil(),
            "event_id": Uuid::nil(), "kind": kind, "schema": 1, "tenant": "acme",
        });
        let envelope = Envelope::from_json(stored.to_string().as_bytes()).expect("an event");
        Recorded::new(number as u64 + 1, envelope)
    };
    bodies.iter().enumerate().map(envelope).collect()
}

fn requested() -> (&'static str, Value) {
    let config = json!({
        "task": "classify", "model": "resnet18", "dataset": "digits@2", "classes": ["0", "1"], "epochs": 3, "image_size": 32,
        "batch_size": 64, "learning_rate": 0.1, "optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.0005,
        "schedule": "cosine", "warmup_epochs": 0.5, "label_smoothing": 0.0, "ema": true, "augmentation": "light",
        "resize": "letterbox", "patience": null, "seed": 7, "device": "auto", "priority": "normal", "initial_weights": null,
        "options": { "mixup": 0.2, "odd(name)": "x" }, "of_a_newer_release": { "a": [1, null] },
    });
    let nil = Uuid::nil();
    let body =
        json!({ "config": config, "config_hash": "c0ffee", "dataset": nil, "chat": nil, "approval": nil });
    ("job.requested", body)
}

fn epoch(number: u32, token: u64, is_best: bool) -> (&'static str, Value) {
    let body = json!({
        "token": token, "epoch": number, "train": { "loss": 1.5 }, "validation": { "accuracy": 0.5, "mAP(50)": 0.25, "mAP[50]": 0.5 },
        "primary": "accuracy", "is_best": is_best, "learning_rate": 0.1, "seconds": 2.0,
    });
    ("job.epoch_logged", body)
}

fn attempt(number: u32) -> (&'static str, Value) {
    let body =
        json!({ "worker": "gpu-3", "attempt": number, "dispatch": 2, "batch_divisor": 1, "resume": null });
    ("job.attempt_started", body)
}

fn finished() -> (&'static str, Value) {
    let artifact = |role: &str, name: &str| json!({ "role": role, "key": format!("jobs/{JOB}/3/{name}"), "sha256": format!("hash of {name}"), "bytes": 1 });
    let body = json!({
        "token": 8, "best_epoch": 2, "measurements": { "accuracy": 0.5 }, "classes": ["0", "1"], "stopped_early": null,
        "artifacts": [artifact("weights", "w"), artifact("pr_curve", "a"), artifact("pr_curve", "b")],
    });
    ("job.finished", body)
}

fn folded(history: &[Recorded]) -> Run {
    let mut run = Run::default();
    history.iter().for_each(|recorded| run.take(recorded, 12, "store"));
    run
}

#[test]
fn a_job_becomes_a_run_with_the_times_of_its_events() {
    let run = folded(&history(&[
        requested(),
        ("job.dispatched", json!({ "pool": "cpu", "class": "normal", "reason": "free" })),
        attempt(1),
        epoch(1, 3, true),
        epoch(2, 3, true),
        ("job.attempt_lost", json!({ "token": 3 })),
        attempt(2),
        epoch(2, 7, true),
        finished(),
    ]));
    assert_eq!((run.name.as_str(), run.started), ("12 resnet18", Some(BEGIN_MS + 500)));
    assert_eq!((run.status, run.ended), (Status::Finished, Some(BEGIN_MS + 8_500)));
    let param = |name: &str| run.params.get(name).map(String::as_str);
    assert_eq!(param("learning_rate"), Some("0.1"));
    assert_eq!((param("dataset"), param("classes")), (Some("digits@2"), Some(r#"["0","1"]"#)));
    assert_eq!((param("patience"), param("initial_weights")), (None, None));
    assert_eq!((param("options.mixup"), param("options.odd_name_")), (Some("0.2"), Some("x")));
    assert_eq!(param("of_a_newer_release.a"), Some("[1,null]"));
    let tag = |name: &str| run.tags.get(&format!("trainyard.{name}")).map(String::as_str);
    assert_eq!((tag("job"), tag("tenant"), tag("number")), (Some(JOB), Some("acme"), Some("12")));
    assert_eq!((tag("status"), tag("worker"), tag("attempts")), (Some("finished"), Some("gpu-3"), Some("2")));
    assert_eq!(tag("artifact.weights"), Some(format!("s3://store/jobs/{JOB}/3/w").as_str()));
    assert_eq!(tag("artifact.pr_curve.2.sha256"), Some("hash of b"));
    assert_eq!(tag("artifact.pr_curve.sha256"), Some("hash of a"));
    let steps = |key: &str| -> Vec<(i64, i64)> {
        let of_key = run.points.iter().filter(|point| point.key == key);
        of_key.map(|point| (point.step, point.timestamp - BEGIN_MS)).collect()
    };
    // What was trained twice was measured twice.
    assert_eq!(steps("train/loss"), [(1, 3_500), (2, 4_500), (2, 7_500)]);
    assert_eq!(steps("best/accuracy"), [(2, 8_500)]);
    // Two names that MLflow would take for one.
    let values: BTreeMap<&str, f64> = run.points.iter().map(|it| (it.key.as_str(), it.value)).collect();
    assert_eq!((values["validation/mAP_50_"], values["validation/mAP_50__"]), (0.25, 0.5));
}

#[test]
fn each_end_is_the_one_that_mlflow_has_a_word_for() {
    let failure = json!({ "class": "diverged", "message": "the loss is no number", "next_step": "a smaller rate", "console": [] });
    let said = json!({ "title": "first try", "tags": ["a", "b"], "note": "a person's own words", "archived": false });
    let said = json!({ "annotation": said });
    for (last, status) in [
        (attempt(1), Status::Running),
        (("job.attempt_failed", json!({ "token": 3, "failure": failure })), Status::Scheduled),
        (("job.cancel_requested", json!({ "reason": "a person's own words" })), Status::Scheduled),
        (("job.annotated", said), Status::Scheduled),
        (("job.cancelled", json!({ "token": null })), Status::Killed),
        (("job.failed", json!({ "failure": failure })), Status::Failed),
    ] {
        let run = folded(&history(&[requested(), last.clone()]));
        assert_eq!(run.status, status, "{last:?}");
        assert_eq!(run.ended.is_some(), status.has_ended(), "{last:?}");
        assert!(!format!("{run:?}").contains("a person's own words"));
    }
}
