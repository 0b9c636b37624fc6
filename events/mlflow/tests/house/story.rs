//! What happens to some jobs of two tenants, one event after the other: trained, lost and trained again, cancelled, failed, and
//! registered as models.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trainyard_events::model::ModelCard;
use trainyard_events::{Aggregate, Envelope, Event, ModelEvent, TenantId};
use uuid::Uuid;

pub(crate) type Happening = (TenantId, Aggregate, Event);

pub(crate) fn tenants() -> [TenantId; 2] {
    ["acme", "rival"].map(|name| name.parse().expect("a name"))
}

/// Jobs by turns, so that several train at a time.
pub(crate) fn story(jobs: usize, epochs: u32) -> Vec<Happening> {
    let mut lines: Vec<_> = (0..jobs).map(|number| job(number, epochs).into_iter()).collect();
    let mut story = Vec::new();
    // A new one begins whenever one before it has got on by a few events.
    let mut open = 1;
    while lines.iter().any(|line| line.len() > 0) {
        for line in lines.iter_mut().take(open) {
            story.extend(line.by_ref().take(3));
        }
        open += 1;
    }
    story.extend(models(&story));
    story
}

pub(crate) fn event(aggregate: &Aggregate, kind: &str, body: &Value) -> Event {
    let stored = json!({
        "actor": "user:x", "aggregate": aggregate, "at": "2026-01-01T00:00:00Z", "body": body, "causation_id": null,
        "command_id": Uuid::nil(), "correlation_id": Uuid::nil(), "event_id": Uuid::nil(), "kind": kind, "schema": 1,
        "tenant": "acme",
    });
    Envelope::from_json(stored.to_string().as_bytes()).expect("an event").event
}

fn job(number: usize, epochs: u32) -> Vec<Happening> {
    let (id, tenant) = (Uuid::new_v4(), tenants()[number % 2].clone());
    let mut line = Vec::new();
    let mut happens = |kind: &str, body: Value| {
        let aggregate = Aggregate::Job(id);
        line.push((tenant.clone(), aggregate.clone(), event(&aggregate, kind, &body)));
    };
    happens("job.requested", requested(number, epochs));
    let attempt = |number: u32| json!({ "worker": format!("gpu-{number}"), "attempt": number, "dispatch": 2, "batch_divisor": 1, "resume": null });
    let begun = |device: &str| {
        json!({
            "token": 3, "device": device, "parameters": 11_000_000, "train_images": 900, "validation_images": 100,
            "classes": ["0", "1"], "dataset_hash": format!("hash {number}"), "resolved": { "batch": "64", "odd(name)": device },
        })
    };
    let epoch = |number: u32, best: bool| {
        json!({
            "token": 3, "epoch": number, "train": { "loss": 2.0 / f64::from(number) },
            "validation": { "accuracy": 1.0 - 0.9 / f64::from(number), "metrics/mAP50(B)": 0.1 }, "primary": "accuracy",
            "is_best": best, "learning_rate": 0.1, "seconds": 1.5,
        })
    };
    happens("job.dispatched", json!({ "pool": "gpu", "class": "normal", "reason": "free" }));
    happens("job.attempt_started", attempt(1));
    happens("job.training_started", begun("cuda:0"));
    (1..=epochs / 2).for_each(|number| happens("job.epoch_logged", epoch(number, true)));
    if number % 3 == 1 {
        happens("job.attempt_lost", json!({ "token": 3 }));
        happens("job.dispatched", json!({ "pool": "cpu", "class": "normal", "reason": "free" }));
        happens("job.attempt_started", attempt(2));
        happens("job.training_started", begun("cpu"));
        happens("job.epoch_logged", epoch(epochs / 2, true));
    }
    (epochs / 2 + 1..=epochs).for_each(|number| happens("job.epoch_logged", epoch(number, number % 2 == 0)));
    let failure = json!({ "class": "out_of_memory", "message": "no room", "next_step": "a smaller batch", "console": ["a"] });
    match number % 5 {
        // Goes on training.
        4 => {}
        3 => {
            happens("job.cancel_requested", json!({ "reason": "private words" }));
            happens("job.cancelled", json!({ "token": 3 }));
        }
        2 => {
            happens("job.attempt_failed", json!({ "token": 3, "failure": failure }));
            happens("job.failed", json!({ "failure": failure }));
        }
        _ => happens(
            "job.finished",
            json!({
                "token": 3, "best_epoch": epochs, "measurements": { "accuracy": 0.9 }, "classes": ["0", "1"],
                "artifacts": [artifact(id, "weights"), artifact(id, "onnx"), artifact(id, "pr_curve"), artifact(id, "pr_curve")],
                "stopped_early": null,
            }),
        ),
    }
    line
}

fn artifact(job: Uuid, role: &str) -> Value {
    json!({ "role": role, "key": format!("jobs/{job}/3/{role}"), "sha256": format!("sha {role} {job}"), "bytes": 7 })
}

pub(crate) fn requested(number: usize, epochs: u32) -> Value {
    let classes: Vec<String> = (0..400).map(|it| format!("긁힘 {it}")).collect();
    let options: BTreeMap<String, f64> = (0..110).map(|it| (format!("option_{it}"), f64::from(it))).collect();
    json!({
        "config": {
            "task": "classify", "model": "resnet18", "dataset": "digits@2", "classes": classes, "epochs": epochs,
            "image_size": 32, "batch_size": 64, "learning_rate": 0.1, "optimizer": "sgd", "momentum": 0.9,
            "weight_decay": 0.0005, "schedule": "cosine", "warmup_epochs": 0.5, "label_smoothing": 0.0, "ema": true,
            "augmentation": "light", "resize": "letterbox", "patience": null, "seed": number, "device": "auto",
            "priority": "normal", "initial_weights": null, "options": options, "of_a_newer_release": { "a": true },
        },
        "config_hash": format!("config {number}"), "dataset": Uuid::nil(), "chat": null, "approval": Uuid::nil(),
    })
}

/// A model of each tenant, a version of each finished job, and aliases that come and go.
fn models(story: &[Happening]) -> Vec<Happening> {
    let mut happened = Vec::new();
    for tenant in tenants() {
        let name = "3호기-line.a";
        let aggregate = Aggregate::model_called(&tenant, name);
        let mut happens =
            |event: ModelEvent| happened.push((tenant.clone(), aggregate.clone(), Event::Model(event)));
        let finished = story.iter().filter(|(of, _, event)| *of == tenant && event.kind() == "job.finished");
        let mut version = 0;
        for (_, job, _) in finished {
            let Aggregate::Job(id) = job else { continue };
            version += 1;
            let card: ModelCard = serde_json::from_value(json!({
                "job": id, "export": artifact(*id, "onnx"), "weights": artifact(*id, "weights"), "task": "classify",
                "model": "resnet18", "classes": ["0", "1"], "dataset": "digits@2", "dataset_hash": "d", "config_hash": "c",
                "measurements": { "accuracy": 0.9 },
            }))
            .expect("a card");
            happens(ModelEvent::Registered { name: name.to_owned(), version, card: Box::new(card) });
            let former = (version > 1).then(|| version - 1);
            happens(ModelEvent::Aliased { alias: "champion".to_owned(), version, former });
            happens(ModelEvent::Aliased { alias: format!("v{version}"), version, former: None });
        }
        happens(ModelEvent::AliasRemoved { alias: "v1".to_owned() });
        happens(ModelEvent::Archived { version: 1 });
        happens(ModelEvent::Archived { version });
        happens(ModelEvent::Restored { version });
    }
    happened
}
