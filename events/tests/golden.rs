//! Every event ever written is read for ever: one file for each kind and schema, never changed once it is there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use trainyard_events::{
    ChatEvent, DatasetEvent, DecodeError, EndpointEvent, Entry, Envelope, HookEvent, JobEvent, LogEvent,
    MaintenanceEvent, ModelEvent, TenantEvent, event_id, kinds,
};

#[test]
fn the_table_of_kinds_is_what_serde_knows() {
    let table = kinds::KINDS.iter().map(|kind| kind.name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(table, serde_kinds().into_iter().collect());
    assert_eq!(table.len(), kinds::KINDS.len(), "no kind is there twice");
}

#[test]
fn every_kind_has_a_golden_file_of_each_schema() {
    let schemas = |kind: &kinds::Kind| {
        (1..=kind.schema).map(|schema| format!("{}.v{schema}.json", kind.name)).collect::<Vec<_>>()
    };
    let wanted = kinds::KINDS.iter().flat_map(schemas).collect::<BTreeSet<_>>();
    let files = golden().into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let missing = wanted.difference(&files).collect::<Vec<_>>();
    assert!(missing.is_empty(), "write these into tests/golden: {missing:?}");
    let stale = files.iter().filter(|name| kinds::find(kind_of(name)).is_none());
    assert_eq!(stale.collect::<Vec<_>>(), Vec::<&String>::new(), "files of kinds that no longer decode");
}

#[test]
fn every_golden_event_is_read_and_written_again_byte_for_byte() {
    for (name, text) in golden() {
        let envelope = Envelope::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(envelope.event.kind(), kind_of(&name));
        assert_eq!(envelope.event_id, event_id(envelope.command_id), "{name}");
        // An older schema is written again as the current one, so only that can be the same bytes.
        if name.contains(&format!(".v{}.", envelope.event.schema())) {
            assert_eq!(envelope.to_json(), text, "{name}");
        }
        assert_eq!(Envelope::from_json(envelope.to_json().as_bytes()).unwrap(), envelope, "{name}");
    }
}

#[test]
fn what_a_newer_binary_adds_is_carried_unread() {
    let (_, text) = golden().into_iter().find(|(name, _)| name == "job.requested.v1.json").unwrap();
    let mut event: Value = serde_json::from_str(&text).unwrap();
    event["schema"] = json!(7);
    event["envelope_field"] = json!("x");
    event["body"]["body_field"] = json!([1.5]);
    event["body"]["config"]["precision"] = json!("bf16");
    let bytes = event.to_string().replace("\"x\"", "\"\\u0078\"");
    let subject = subject_of(&text);
    let Entry::Event(recorded) = Entry::read(7, &subject, bytes.as_bytes()) else { panic!("it is read") };
    assert_eq!(&*recorded.raw(), bytes, "byte for byte");
    assert_eq!(recorded.to_value()["body"]["body_field"], json!([1.5]));
    let trainyard_events::Event::Job(JobEvent::Requested { config, .. }) = &recorded.envelope.event else {
        panic!("a request")
    };
    assert_eq!(config.unread["precision"], "bf16");
    let without = trainyard_events::TrainingConfig { unread: Default::default(), ..config.clone() };
    assert_ne!(config.hash(), without.hash(), "what is approved covers it");
}

/// Where an event lies.
fn subject_of(text: &str) -> String {
    let envelope = Envelope::from_json(text.as_bytes()).unwrap();
    trainyard_events::subject::event(&envelope.tenant, &envelope.aggregate)
}

#[test]
fn an_event_that_lies_in_anothers_history_is_not_believed() {
    for (name, text) in golden() {
        let own = subject_of(&text);
        assert!(matches!(Entry::read(7, &own, text.as_bytes()), Entry::Event(_)), "{name}");
        for other in [own.replace(".acme", ".rival"), format!("{own}0"), own.replace("event", "dead")] {
            let Entry::Unreadable(entry) = Entry::read(7, &other, text.as_bytes()) else {
                panic!("{name} at {other}")
            };
            assert_eq!(entry.reason, format!("the event says that it is of {own}"), "{name}");
            assert_eq!(
                entry.of,
                trainyard_events::subject::parse_event(&other),
                "who is held is who owns the place"
            );
        }
    }
}

#[test]
fn what_is_not_ours_says_why() {
    let (_, text) = golden().into_iter().find(|(name, _)| name.starts_with("job.attempt_lost")).unwrap();
    let event: Value = serde_json::from_str(&text).unwrap();
    let read = |field: &str, value: Value| {
        let mut event = event.clone();
        event[field] = value;
        Envelope::from_json(event.to_string().as_bytes()).unwrap_err()
    };
    assert!(matches!(read("kind", json!("job.renamed")), DecodeError::UnknownKind(_)));
    assert!(matches!(read("kind", json!("chat.reply_given")), DecodeError::WrongAggregate { .. }));
    assert!(matches!(read("body", json!({})), DecodeError::Body { .. }));
    assert!(matches!(read("tenant", json!("No.Such>Tenant")), DecodeError::Envelope(_)));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _refused_or_not = Envelope::from_json(&bytes);
    }

    #[test]
    fn no_damage_to_a_real_event_makes_it_panic(
        which in any::<proptest::sample::Index>(),
        place in any::<proptest::sample::Index>(),
        damage in proptest::collection::vec(any::<u8>(), 0..8),
        removed in 0_usize..16,
    ) {
        let golden = golden();
        let mut bytes = which.get(&golden).1.clone().into_bytes();
        let start = place.index(bytes.len());
        let end = (start + removed).min(bytes.len());
        bytes.splice(start..end, damage);
        if let Ok(envelope) = Envelope::from_json(&bytes) {
            prop_assert_eq!(Envelope::from_json(envelope.to_json().as_bytes()).unwrap(), envelope);
        }
    }

    #[test]
    fn no_value_in_a_field_makes_it_panic(
        which in any::<proptest::sample::Index>(),
        field in any::<proptest::sample::Index>(),
        value in any_json(),
    ) {
        let golden = golden();
        let mut event: Value = serde_json::from_str(&which.get(&golden).1).unwrap();
        let fields = event.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        event[field.get(&fields)] = value;
        if let Ok(envelope) = Envelope::from_json(event.to_string().as_bytes()) {
            prop_assert_eq!(Envelope::from_json(envelope.to_json().as_bytes()).unwrap(), envelope);
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{1,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// Name and text, without the newline at the end, of each file.
fn golden() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(path).unwrap();
        (name, text.strip_suffix('\n').expect("a text file ends with a newline").to_owned())
    };
    let files = std::fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap().path()));
    let mut files = files.collect::<Vec<_>>();
    files.sort();
    files
}

/// `job.failed.v1.json` is of `job.failed`.
fn kind_of(file: &str) -> &str {
    file.rsplit_once(".v")
        .filter(|_| file.ends_with(".json"))
        .expect("kind.vN.json or kind.vN.variant.json")
        .0
}

/// Every kind of event that there is, as serde knows them.
fn serde_kinds() -> Vec<String> {
    [
        variants::<ChatEvent>(),
        variants::<DatasetEvent>(),
        variants::<JobEvent>(),
        variants::<EndpointEvent>(),
        variants::<ModelEvent>(),
        variants::<HookEvent>(),
        variants::<MaintenanceEvent>(),
        variants::<TenantEvent>(),
        variants::<LogEvent>(),
    ]
    .concat()
}

/// The refusal of a kind that is none names all that are.
fn variants<E: DeserializeOwned>() -> Vec<String> {
    let Err(refusal) = serde_json::from_value::<E>(json!({ "kind": "?", "body": null })) else {
        panic!("? is no kind");
    };
    let refusal = refusal.to_string();
    let names = refusal.split('`').skip(1).step_by(2).skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert!(!names.is_empty(), "{refusal}");
    names
}
