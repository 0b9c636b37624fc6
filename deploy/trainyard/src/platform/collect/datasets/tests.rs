//! What is of use of a dataset, for each way that one can go.

use serde_json::json;
use trainyard_events::address::Place;
use trainyard_events::config::Task;
use trainyard_events::dataset::DatasetVersion;
use trainyard_events::job::JobEvent;

use super::*;
use crate::platform::collect::garbage::tests::Log;

const PETS: Uuid = Uuid::from_u128(7);
const JOB: Uuid = Uuid::from_u128(8);

fn artifact(role: &str, content: &str) -> Artifact {
    Artifact { role: role.to_owned(), key: content.to_owned(), sha256: content.to_owned(), bytes: 1 }
}

pub(crate) fn registered(list: Artifact) -> DatasetEvent {
    let source = Place::Files { list };
    DatasetEvent::Registered { path: "pets".to_owned(), task: Task::Classify, source, remote: None }
}

pub(crate) fn validated(inspection: u64, number: u32, manifest: Artifact) -> DatasetEvent {
    let profile = json!({
        "format": "yolo", "task": "detect", "images": { "train": 1, "validation": 0, "test": 0 }, "split": true,
        "classes": [], "width": [1, 1, 1], "height": [1, 1, 1], "grey": false, "bytes": 1, "content_hash": "",
        "warnings": [], "skipped": [],
    });
    let profile = serde_json::from_value(profile).unwrap();
    let version =
        DatasetVersion { number, kinds: vec![Task::Classify], manifest, stored: true, problems: None };
    DatasetEvent::Validated { inspection, profile, artifacts: vec![], version: Some(version) }
}

pub(crate) fn deleted(versions: &[u32], whole: bool) -> DatasetEvent {
    DatasetEvent::Deleted { versions: versions.to_vec(), whole }
}

/// Registered with a list and found to be a version.
fn version(log: &mut Log, number: u32) {
    let inspection = log.dataset(PETS, registered(artifact("files", &format!("list-{number}"))));
    log.dataset(PETS, validated(inspection, number, artifact("manifest", &format!("manifest-{number}"))));
}

fn living(log: &Log) -> (Vec<String>, Vec<String>) {
    let all = log.named().living();
    let [(_, Living { manifests, lists })] = &all[..] else { panic!("one tenant: {all:?}") };
    (manifests.keys().cloned().collect(), lists.keys().cloned().collect())
}

fn kept(manifests: &[&str], lists: &[&str]) -> (Vec<String>, Vec<String>) {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    (owned(manifests), owned(lists))
}

#[test]
fn versions_stay_until_they_are_deleted() {
    let mut log = Log::default();
    version(&mut log, 1);
    version(&mut log, 2);
    log.dataset(PETS, DatasetEvent::Archived {});
    assert_eq!(living(&log), kept(&["manifest-1", "manifest-2"], &["list-1", "list-2"]));
    log.dataset(PETS, deleted(&[1], false));
    assert_eq!(living(&log), kept(&["manifest-2"], &["list-2"]));
    log.dataset(PETS, deleted(&[2], true));
    assert_eq!(living(&log), kept(&[], &[]));
    version(&mut log, 3);
    assert_eq!(living(&log), kept(&["manifest-3"], &["list-3"]), "its name is used anew");
}

#[test]
fn what_was_registered_last_stays_whatever_is_found_in_it() {
    let mut log = Log::default();
    version(&mut log, 1);
    log.dataset(PETS, registered(artifact("files", "list-2")));
    log.dataset(PETS, deleted(&[1], false));
    assert_eq!(living(&log), kept(&[], &["list-2"]), "it is being looked at");
    log.dataset(PETS, deleted(&[], true));
    assert_eq!(living(&log), kept(&[], &[]));
}

#[test]
fn the_newest_takes_its_list_along() {
    let mut log = Log::default();
    version(&mut log, 1);
    version(&mut log, 2);
    log.dataset(PETS, deleted(&[2], false));
    assert_eq!(living(&log), kept(&["manifest-1"], &["list-1"]));
}

#[test]
fn a_job_that_has_not_ended_keeps_what_it_may_need() {
    for (written, manifests) in [
        ("pets@1", &["manifest-1"][..]),
        ("pets", &["manifest-1", "manifest-2"]),
        ("pets@2", &["manifest-2"]),
    ] {
        let mut log = Log::default();
        version(&mut log, 1);
        version(&mut log, 2);
        log.request(JOB, PETS, written);
        log.dataset(PETS, deleted(&[1, 2], true));
        assert_eq!(living(&log).0, manifests, "{written}");
        log.write(JOB, JobEvent::Cancelled { token: None, console: None });
        assert_eq!(living(&log), kept(&[], &[]), "{written}");
    }
}

#[test]
fn a_manifest_that_nothing_names_is_kept_for_a_day_and_only_of_datasets_that_are_known() {
    let mut log = Log::default();
    version(&mut log, 1);
    let named = log.named();
    let gone = Verdict::Collect(Garbage::Manifest);
    assert_eq!(
        (named.datasets.verdict(PETS, true), named.datasets.verdict(PETS, false)),
        (gone, Verdict::Keep)
    );
    assert_eq!(named.datasets.verdict(JOB, true), Verdict::Foreign);
}
