//! Writes down what Rust folds the golden events into, for the browser's fold to be compared with step by step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trainyard_events::{Envelope, Recorded};
use trainyard_views::{ChatMessage, ChatRow, DatasetRow, EpochRow, JobRow, ModelRow, public_event};

/// The kind of a golden event, or the name of one of its further examples, and JSON of what in its body is replaced.
type Change = (&'static str, &'static str);

/// Histories of one aggregate: the first sequence, and the golden events that follow one another, some with values of
/// their body replaced. The golden attempt has the token 22 and the golden answers are to inspection 12, so an
/// attempt that counts starts at 22 and a registration at 12; other numbers make stale facts on purpose.
const HISTORIES: &[(&str, u64, &[Change])] = &[
    (
        "a job that finishes, is deployed and withdrawn",
        20,
        &[
            ("job.requested", "{}"),
            ("job.dispatched", "{}"),
            ("job.attempt_started", r#"{"resume":null,"attempt":1}"#),
            ("job.training_started", "{}"),
            ("job.epoch_logged", r#"{"epoch":1}"#),
            ("job.epoch_logged", r#"{"epoch":2,"is_best":false}"#),
            (
                "job.checkpoint_committed",
                r#"{"checkpoint":{"epoch":2,"step":188,"artifact":{"role":"checkpoint","key":"k","sha256":"s","bytes":1}}}"#,
            ),
            ("job.epoch_logged", "{}"),
            ("job.finished", "{}"),
            ("job.epoch_logged", r#"{"epoch":4}"#),
            ("endpoint.deployed", "{}"),
            ("endpoint.withdrawn", "{}"),
        ],
    ),
    (
        "a job of which something is said before, while and after it runs",
        20,
        &[
            ("job.annotated", "{}"),
            ("job.requested", "{}"),
            ("job.annotated", r#"{"annotation":{"title":"","tags":[],"note":"","archived":false}}"#),
            ("job.attempt_started", r#"{"resume":null,"attempt":1}"#),
            ("job.annotated", "{}"),
            ("job.failed", "{}"),
            ("job.annotated", r#"{"annotation":{"title":"t","tags":["a"],"note":"","archived":true}}"#),
            ("job.cancel_requested", "{}"),
        ],
    ),
    (
        "an attempt that goes on from a checkpoint is lost, and a late fact of it is not believed",
        20,
        &[
            ("job.requested", "{}"),
            ("job.dispatched", "{}"),
            ("job.attempt_started", r#"{"resume":null,"attempt":1}"#),
            ("job.epoch_logged", r#"{"epoch":1}"#),
            ("job.epoch_logged", r#"{"epoch":2}"#),
            ("job.epoch_logged", "{}"),
            ("job.checkpoint_committed", "{}"),
            ("job.epoch_logged", r#"{"epoch":4,"validation":{"accuracy":0.9,"loss":0.4}}"#),
            ("job.attempt_lost", "{}"),
            ("job.epoch_logged", r#"{"epoch":5}"#),
            ("job.dispatched", "{}"),
            ("job.attempt_started", "{}"),
            ("job.epoch_logged", r#"{"epoch":5}"#),
            ("job.epoch_logged", r#"{"epoch":4,"token":31,"is_best":false}"#),
        ],
    ),
    (
        "an attempt that is preempted, one that starts over, and a failure in the end",
        20,
        &[
            ("job.requested", "{}"),
            ("job.dispatched", "{}"),
            ("job.attempt_started", "{}"),
            ("job.training_started", "{}"),
            ("job.preempt_requested", r#"{"token":21}"#),
            ("job.preempt_requested", "{}"),
            ("job.attempt_preempted", "{}"),
            ("job.attempt_started", r#"{"resume":null,"attempt":3}"#),
            ("job.attempt_failed", r#"{"token":27}"#),
            ("job.failed", "{}"),
        ],
    ),
    (
        "a job that is cancelled while it starts",
        20,
        &[
            ("job.requested", r#"{"chat":null}"#),
            ("job.cancel_requested", "{}"),
            ("job.attempt_started", r#"{"resume":null}"#),
            ("job.training_started", "{}"),
            ("job.cancelled", "{}"),
            ("job.cancelled", r#"{"token":null}"#),
        ],
    ),
    (
        "a job that goes on from another's checkpoint, and leaves a console at each of its ends",
        20,
        &[
            ("job.requested.v1.continues", "{}"),
            ("job.dispatched", "{}"),
            (
                "job.attempt_started",
                r#"{"attempt":1,"resume":{"epoch":2,"step":188,"artifact":{"role":"checkpoint","key":"k","sha256":"s","bytes":1}}}"#,
            ),
            ("job.epoch_logged", r#"{"is_best":false}"#),
            ("job.attempt_failed.v1.console", "{}"),
            ("job.attempt_started", r#"{"attempt":2}"#),
            ("job.cancelled.v1.console", r#"{"token":25}"#),
        ],
    ),
    ("facts of a job that was never requested", 20, &[("job.dispatched", "{}"), ("job.epoch_logged", "{}")]),
    (
        "a chat",
        1,
        &[
            ("chat.prompt_received", "{}"),
            ("chat.config_proposed", "{}"),
            ("chat.reply_given", "{}"),
            ("chat.proposal_approved", "{}"),
            ("chat.config_proposed", "{}"),
            ("chat.proposal_rejected", "{}"),
        ],
    ),
    (
        "a chat that is called something and put away, and then neither",
        1,
        &[
            ("chat.prompt_received", "{}"),
            ("chat.annotated", "{}"),
            ("chat.reply_given", "{}"),
            ("chat.annotated", r#"{"title":"","archived":false}"#),
        ],
    ),
    (
        "a chat in which nothing has been said is called nothing",
        1,
        &[("chat.annotated", "{}"), ("chat.prompt_received", "{}")],
    ),
    (
        "a chat that offers what may be said, and shows what it speaks of",
        1,
        &[
            ("chat.prompt_received", "{}"),
            ("chat.reply_given.v1.choices", "{}"),
            ("chat.config_proposed.v1.choices", "{}"),
            ("chat.reply_given.v1.shows", "{}"),
        ],
    ),
    (
        "a chat of which what was said is erased, and in which something is said after it",
        1,
        &[
            ("chat.prompts_erased", "{}"),
            ("chat.prompt_received", "{}"),
            ("chat.config_proposed", "{}"),
            ("chat.annotated", "{}"),
            ("chat.prompts_erased", "{}"),
            ("chat.reply_given", "{}"),
            ("chat.prompt_received.v1.sealed", r#"{"text":"once more"}"#),
            ("chat.prompts_erased.v1.member", "{}"),
        ],
    ),
    (
        "a dataset that is good, asked about again, and bad",
        11,
        &[
            ("dataset.validated", "{}"),
            ("dataset.registered", "{}"),
            (
                "dataset.validated",
                r#"{"artifacts":[{"role":"sample_images","key":"k","sha256":"s","bytes":1}],
                    "version":{"number":1,"kinds":["classify"],"manifest":
                        {"role":"manifest","key":"k","sha256":"s","bytes":1},"stored":true}}"#,
            ),
            ("dataset.rejected", "{}"),
            (
                "dataset.registered",
                r#"{"path":"other","source":{"from":"files","list":
                    {"role":"files","key":"k","sha256":"s","bytes":1}}}"#,
            ),
            ("dataset.validated", "{}"),
            ("dataset.rejected", r#"{"inspection":15}"#),
        ],
    ),
    (
        "a dataset that is tagged, put away and deleted, one version and then all of it, and begun anew",
        12,
        &[
            (
                "dataset.registered",
                r#"{"source":{"from":"files","list":
                {"role":"files","key":"k","sha256":"s","bytes":1}}}"#,
            ),
            (
                "dataset.validated",
                r#"{"version":{"number":1,"kinds":["classify"],"manifest":
                    {"role":"manifest","key":"k","sha256":"s","bytes":1},"stored":true}}"#,
            ),
            ("dataset.tagged", "{}"),
            ("dataset.tagged", r#"{"tag":"old"}"#),
            ("dataset.untagged", "{}"),
            ("dataset.archived", "{}"),
            ("dataset.registered", "{}"),
            (
                "dataset.validated",
                r#"{"inspection":18,"version":{"number":2,"kinds":["classify"],"manifest":
                    {"role":"manifest","key":"k","sha256":"t","bytes":1},"stored":true}}"#,
            ),
            ("dataset.tagged", r#"{"version":2}"#),
            ("dataset.restored", "{}"),
            ("dataset.deleted", "{}"),
            ("dataset.archived", "{}"),
            ("dataset.deleted.v1.whole", r#"{"versions":[2]}"#),
            ("dataset.registered", "{}"),
            ("dataset.deleted", "{}"),
            ("dataset.rejected", r#"{"inspection":25}"#),
            ("dataset.deleted", "{}"),
        ],
    ),
    (
        "a model with two versions, whose alias moves, goes back and is removed",
        40,
        &[
            ("model.aliased", "{}"),
            ("model.registered", "{}"),
            ("model.aliased", "{}"),
            ("model.registered.v1.whole", "{}"),
            ("model.aliased.v1.former", "{}"),
            ("model.aliased", r#"{"version":1,"former":2}"#),
            ("model.archived", r#"{"version":2}"#),
            ("model.restored", r#"{"version":2}"#),
            ("model.archived", r#"{"version":9}"#),
            ("model.alias_removed", "{}"),
            ("model.alias_removed", "{}"),
            ("model.sampling_set", "{}"),
            ("model.samples_deleted", "{}"),
        ],
    ),
    (
        "a tenant, which has no row here",
        30,
        &[
            ("tenant.created", "{}"),
            ("log.event_skipped", "{}"),
            ("tenant.quota_set", "{}"),
            ("tenant.slot_reserved", "{}"),
            ("tenant.slot_released", "{}"),
            ("tenant.quota_set.v1.budget", "{}"),
            ("tenant.price_set", "{}"),
            ("tenant.budget_neared", "{}"),
            ("tenant.token_issued", "{}"),
            ("tenant.token_granted", "{}"),
            ("tenant.token_granted.v1.rotated", "{}"),
            ("tenant.token_offered", "{}"),
            ("tenant.token_granted.v1.invited", "{}"),
            ("tenant.token_revoked", "{}"),
            ("tenant.member_removed", "{}"),
            ("tenant.member_restored", "{}"),
            ("tenant.closed", "{}"),
        ],
    ),
    (
        "the hooks of a tenant, which have no row here",
        30,
        &[
            ("hook.added", "{}"),
            ("hook.changed", "{}"),
            ("hook.tested", "{}"),
            ("hook.paused", "{}"),
            ("hook.replayed", "{}"),
            ("hook.removed", "{}"),
        ],
    ),
    (
        "the maintenance of a fleet, which has no row here",
        30,
        &[
            ("maintenance.worker_drained", "{}"),
            ("maintenance.worker_drained.v1.now", "{}"),
            ("maintenance.worker_returned", "{}"),
            ("maintenance.queue_paused", "{}"),
            ("maintenance.queue_resumed", "{}"),
        ],
    ),
    (
        "a job that costs something, whose attempts are of two prices and which is stopped at its cap",
        20,
        &[
            ("chat.config_proposed.v1.capped", "{}"),
            ("chat.proposal_approved.v1.capped", "{}"),
            ("job.requested.v1.capped", "{}"),
            ("job.dispatched.v1.priced", "{}"),
            ("job.attempt_started", r#"{"attempt":1,"resume":null}"#),
            ("job.training_started", r#"{"token":24,"device":"cuda:0 NVIDIA h200"}"#),
            ("job.attempt_lost", r#"{"token":24}"#),
            ("job.dispatched.v1.priced", r#"{"price":{"currency":"KRW","hour":1234567891}}"#),
            ("job.attempt_started", r#"{"attempt":2,"resume":null}"#),
            ("job.attempt_lost", r#"{"token":24}"#),
            ("job.cancel_requested", r#"{"because":[{"code":"hours_cap_reached","max_hours":12.5}]}"#),
            ("job.cancelled", r#"{"token":28}"#),
        ],
    ),
    (
        "a job whose pool dies while it is on the queue, and which another pool takes",
        20,
        &[
            ("job.requested", "{}"),
            ("job.dispatched", "{}"),
            ("job.dispatched.v1.withdrawn", "{}"),
            ("job.dispatched", r#"{"pool":"cpu"}"#),
            ("job.attempt_started", r#"{"attempt":1,"resume":null}"#),
        ],
    ),
];

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn golden(kind: &str) -> Value {
    let name = if kind.contains(".v1.") { format!("{kind}.json") } else { format!("{kind}.v1.json") };
    let path = home().join("../../events/tests/golden").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("golden files are JSON")
}

fn event(kind: &str, changes: &str, sequence: u64) -> Recorded {
    let mut value = golden(kind);
    let changes: BTreeMap<String, Value> = serde_json::from_str(changes).expect("changes are JSON");
    for (name, change) in changes {
        value["body"][name] = change;
    }
    let envelope = Envelope::from_json(value.to_string().as_bytes()).expect("it still decodes");
    Recorded::new(sequence, envelope)
}

/// Every row after every event.
fn fold(start: u64, history: &[Change]) -> Value {
    let (mut job, mut chat, mut dataset): (Option<JobRow>, Option<ChatRow>, Option<DatasetRow>) =
        Default::default();
    let mut model: Option<ModelRow> = None;
    let mut epochs: BTreeMap<u32, EpochRow> = BTreeMap::new();
    let steps = (start..).zip(history).map(|(sequence, (kind, changes))| {
        let recorded = event(kind, changes, sequence);
        let counted = match &mut job {
            Some(row) => row.apply(&recorded),
            None => {
                job = JobRow::requested(&recorded, 7);
                job.is_some()
            }
        };
        if counted {
            EpochRow::apply(&mut epochs, &recorded);
        }
        ChatRow::apply(&mut chat, &recorded);
        DatasetRow::apply(&mut dataset, &recorded);
        ModelRow::apply(&mut model, &recorded);
        json!({
            "event": public_event(&recorded),
            "job": job,
            "epochs": epochs.values().collect::<Vec<_>>(),
            "chat": chat,
            "message": ChatMessage::of(&recorded),
            "dataset": dataset,
            "model": model,
        })
    });
    Value::Array(steps.collect())
}

#[test]
fn the_browser_is_compared_with_what_rust_folds_now() {
    let stories: Vec<Value> = HISTORIES
        .iter()
        .map(|(name, start, history)| json!({ "name": name, "steps": fold(*start, history) }))
        .collect();
    let text = serde_json::to_string_pretty(&stories).expect("rows are plain data") + "\n";
    let path: PathBuf = home().join("tests/golden/folds.json");
    if std::fs::read_to_string(&path).unwrap_or_default() == text {
        return;
    }
    std::fs::write(&path, text).expect("the checkout can be written");
    panic!(
        "{} was stale and has been written anew: run the dashboard's tests, then commit it",
        path.display()
    );
}

#[test]
fn every_golden_event_is_in_a_history() {
    let used: Vec<&str> =
        HISTORIES.iter().flat_map(|(_, _, history)| history.iter().map(|(kind, _)| *kind)).collect();
    for entry in std::fs::read_dir(home().join("../../events/tests/golden")).expect("there are golden files")
    {
        let name = entry.expect("a readable folder").file_name().to_string_lossy().into_owned();
        // A kind can have further examples, such as `chat.config_proposed.v1.llm.json`.
        let kind = name.split(".v1.").next().unwrap_or_default().trim_end_matches(".json");
        // Facts about the log are folded by nobody: whoever reads the log heeds them.
        let is_folded = !kind.starts_with("log.");
        assert!(
            !is_folded || used.contains(&kind),
            "{name} is in no history: add it, so that the browser knows it too"
        );
    }
}
