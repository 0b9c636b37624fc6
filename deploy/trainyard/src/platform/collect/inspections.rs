//! Pure: which of the sample images that inspections have left are still shown.
//!
//! Samples are uploaded before the event that names them, so those of the inspection that is asked for last may be about
//! to be named: they stay. Of the answered ones the newest is what the dataset's page shows, and of each version that is left its
//! list of problems stays.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use trainyard_events::DatasetEvent;
use uuid::Uuid;

use super::verdict::{Garbage, Verdict};

#[derive(Debug, Default)]
pub(super) struct Inspections {
    datasets: HashMap<Uuid, Dataset>,
}

#[derive(Debug, Default)]
struct Dataset {
    /// Sequences of all that were asked for.
    asked: BTreeSet<u64>,
    /// Keys that the newest good answer names.
    shown: Vec<String>,
    /// Of each version, the key of what is wrong with its files.
    problems: BTreeMap<u32, String>,
    /// It was deleted, and not registered since.
    is_gone: bool,
}

impl Inspections {
    pub(super) fn take_in(&mut self, dataset: Uuid, sequence: u64, event: &DatasetEvent) {
        let known = self.datasets.entry(dataset).or_default();
        match event {
            DatasetEvent::Registered { .. } => {
                known.asked.insert(sequence);
                known.is_gone = false;
            }
            DatasetEvent::Validated { artifacts, version, .. } => {
                known.shown = artifacts.iter().map(|artifact| artifact.key.clone()).collect();
                let list =
                    version.iter().filter_map(|version| Some((version.number, version.problems.as_ref()?)));
                known.problems.extend(list.map(|(number, list)| (number, list.key.clone())));
            }
            DatasetEvent::Deleted { versions, .. } => {
                known.problems.retain(|number, _| !versions.contains(number));
            }
            DatasetEvent::Rejected { .. }
            | DatasetEvent::Tagged { .. }
            | DatasetEvent::Untagged { .. }
            | DatasetEvent::Archived { .. }
            | DatasetEvent::Restored { .. } => {}
        }
    }

    /// Nothing shows a dataset that was deleted.
    pub(super) fn forget(&mut self, dataset: Uuid) {
        if let Some(known) = self.datasets.get_mut(&dataset) {
            known.shown.clear();
            known.problems.clear();
            known.is_gone = true;
        }
    }

    /// What becomes of what an inspection of a dataset has left.
    pub(super) fn verdict(&self, (dataset, inspection): (Uuid, u64), key: &str, is_old: bool) -> Verdict {
        let known = self.datasets.get(&dataset).filter(|known| known.asked.contains(&inspection));
        let Some(known) = known else { return Verdict::Foreign };
        let is_newest = known.asked.last() == Some(&inspection) && !known.is_gone;
        if is_newest || !is_old || known.shows(key) {
            Verdict::Keep
        } else {
            Verdict::Collect(Garbage::Inspection)
        }
    }
}

impl Dataset {
    fn shows(&self, key: &str) -> bool {
        self.shown.iter().chain(self.problems.values()).any(|shown| shown == key)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trainyard_events::config::Task;
    use trainyard_events::dataset::{DatasetProfile, DatasetVersion, SplitCounts};
    use trainyard_events::results::Artifact;

    use super::*;

    const DATASET: Uuid = Uuid::from_u128(7);
    const GONE: Verdict = Verdict::Collect(Garbage::Inspection);

    fn key(inspection: u64) -> String {
        trainyard_store::dataset_key(DATASET, inspection, "sample_images.jpg").unwrap()
    }

    fn asked(inspections: &mut Inspections, sequence: u64) {
        let registered = DatasetEvent::Registered {
            path: "data".to_owned(),
            task: Task::Detect,
            source: Default::default(),
            remote: None,
        };
        inspections.take_in(DATASET, sequence, &registered);
    }

    fn answered(inspections: &mut Inspections, inspection: u64) {
        found(inspections, inspection, None);
    }

    fn found(inspections: &mut Inspections, inspection: u64, version: Option<DatasetVersion>) {
        let role = "sample_images".to_owned();
        let artifact = Artifact { role, key: key(inspection), sha256: String::new(), bytes: 1 };
        let profile = serde_json::from_value::<DatasetProfile>(json!({
            "format": "yolo", "task": "detect", "images": SplitCounts::default(), "split": true, "classes": [],
            "width": [1, 1, 1], "height": [1, 1, 1], "grey": false, "bytes": 1, "content_hash": "",
            "warnings": [], "skipped": [],
        }));
        let profile = Box::new(profile.unwrap());
        let validated = DatasetEvent::Validated { inspection, profile, artifacts: vec![artifact], version };
        inspections.take_in(DATASET, inspection + 1, &validated);
    }

    #[test]
    fn the_problems_of_a_version_stay_as_long_as_it_does() {
        let mut inspections = Inspections::default();
        let list = |inspection| trainyard_store::dataset_key(DATASET, inspection, "problems.jsonl").unwrap();
        for (number, inspection) in [(1, 1), (2, 3), (3, 5)] {
            asked(&mut inspections, inspection);
            let artifact =
                |role: &str, key| Artifact { role: role.to_owned(), key, sha256: String::new(), bytes: 1 };
            let manifest = artifact("manifest", format!("m{number}"));
            let problems = Some(artifact("problems", list(inspection)));
            let version =
                DatasetVersion { number, kinds: vec![Task::Detect], manifest, stored: true, problems };
            found(&mut inspections, inspection, Some(version));
        }
        let deleted = DatasetEvent::Deleted { versions: vec![2], whole: false };
        inspections.take_in(DATASET, 7, &deleted);
        let verdict = |inspection, key: &str| inspections.verdict((DATASET, inspection), key, true);
        assert_eq!((verdict(1, &list(1)), verdict(3, &list(3))), (Verdict::Keep, GONE));
        assert_eq!(
            (verdict(1, &key(1)), verdict(5, &key(5))),
            (GONE, Verdict::Keep),
            "pages are of the newest"
        );
    }

    #[test]
    fn what_is_shown_and_what_may_be_next_stay() {
        let mut inspections = Inspections::default();
        let verdict = |inspections: &Inspections, inspection, is_old| {
            inspections.verdict((DATASET, inspection), &key(inspection), is_old)
        };
        assert_eq!(verdict(&inspections, 1, true), Verdict::Foreign);
        asked(&mut inspections, 1);
        assert_eq!(verdict(&inspections, 1, true), Verdict::Keep, "it may be named yet");
        answered(&mut inspections, 1);
        asked(&mut inspections, 3);
        assert_eq!(verdict(&inspections, 1, true), Verdict::Keep, "it is shown until the next is there");
        answered(&mut inspections, 3);
        assert_eq!(verdict(&inspections, 3, true), Verdict::Keep);
        assert_eq!(verdict(&inspections, 1, false), Verdict::Keep, "somebody may be looking at it");
        assert_eq!(verdict(&inspections, 1, true), GONE);
        assert_eq!(verdict(&inspections, 2, true), Verdict::Foreign);
    }

    #[test]
    fn a_refusal_shows_nothing_new() {
        let mut inspections = Inspections::default();
        asked(&mut inspections, 1);
        answered(&mut inspections, 1);
        asked(&mut inspections, 3);
        let refused = DatasetEvent::Rejected {
            inspection: 3,
            problem: String::new(),
            next_step: String::new(),
            report: Vec::new(),
            bad_files: 0,
            because: vec![],
            advice: vec![],
        };
        inspections.take_in(DATASET, 4, &refused);
        asked(&mut inspections, 5);
        let verdict = |inspection| inspections.verdict((DATASET, inspection), &key(inspection), true);
        assert_eq!((verdict(1), verdict(3), verdict(5)), (Verdict::Keep, GONE, Verdict::Keep));
    }

    #[test]
    fn what_showed_a_dataset_goes_with_it() {
        let mut inspections = Inspections::default();
        let verdict = |inspections: &Inspections, inspection, is_old| {
            inspections.verdict((DATASET, inspection), &key(inspection), is_old)
        };
        asked(&mut inspections, 1);
        answered(&mut inspections, 1);
        inspections.forget(DATASET);
        assert_eq!((verdict(&inspections, 1, true), verdict(&inspections, 1, false)), (GONE, Verdict::Keep));
        asked(&mut inspections, 3);
        assert_eq!((verdict(&inspections, 1, true), verdict(&inspections, 3, true)), (GONE, Verdict::Keep));
    }
}
