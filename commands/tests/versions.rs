//! A dataset's versions: each good look that found something new is one, and none is lost or changed by what follows.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod given;

use trainyard_commands::dataset::{Dataset, DatasetCommand, Standing};
use trainyard_events::DatasetEvent;
use trainyard_events::config::Task;
use trainyard_events::dataset::DatasetSource;
use trainyard_events::reason::{Advice, Reason, Rejection, Unfit};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::Inspection;

fn file(sha256: &str) -> Artifact {
    let (role, key) = ("manifest".to_owned(), format!("datasets/d/manifests/{sha256}"));
    Artifact { role, key, sha256: sha256.to_owned(), bytes: 9 }
}

/// A dataset and the sequence of its newest event.
#[derive(Default)]
struct Story(Dataset, u64);

impl Story {
    fn tell(&mut self, command: &DatasetCommand) -> Option<DatasetEvent> {
        let event = self.0.decide(command).unwrap()?;
        self.1 += 1;
        self.0.evolve(&event, self.1);
        Some(event)
    }

    fn register(&mut self, source: DatasetSource) -> bool {
        let register =
            DatasetCommand::Register { path: "pets".into(), task: Task::Classify, source, again: true };
        self.tell(&register).is_some()
    }

    /// Registers and finds it good.
    fn found(&mut self, sha256: &str) -> Option<u32> {
        self.register(DatasetSource::Path);
        let mut profile = given::profile();
        profile.kinds = vec![Task::Classify];
        let recorded = self.tell(&DatasetCommand::RecordInspection {
            inspection: self.1,
            result: Inspection::Good { profile: profile.into() },
            artifacts: Vec::new(),
            manifest: Some(file(sha256)),
        });
        let Some(DatasetEvent::Validated { version, .. }) = recorded else { panic!("{recorded:?}") };
        version.map(|version| version.number)
    }

    fn refused(&mut self) {
        self.register(DatasetSource::Path);
        let (problem, next_step) = ("it is empty".to_owned(), "fill it".to_owned());
        let (because, advice) = (vec![Reason::Unfit(Unfit::EmptyFolder)], Vec::new());
        self.tell(&DatasetCommand::RecordInspection {
            inspection: self.1,
            result: Inspection::Bad { problem, next_step, report: Vec::new(), bad_files: 0, because, advice },
            artifacts: Vec::new(),
            manifest: None,
        });
    }
}

#[test]
fn what_is_new_is_the_next_version_and_what_is_not_is_the_same() {
    let mut story = Story::default();
    assert_eq!(
        [story.found("a"), story.found("a"), story.found("b"), story.found("b")].map(Option::unwrap),
        [1, 1, 2, 2]
    );
    let hash = |written| story.0.version_of(written).map(|version| version.manifest.sha256.as_str());
    assert_eq!(
        (hash("pets"), hash("pets@1"), hash("pets@2"), hash("pets@3")),
        (Some("b"), Some("a"), Some("b"), None)
    );
}

#[test]
fn a_bad_look_leaves_the_versions_alone() {
    let mut story = Story::default();
    story.found("a");
    story.refused();
    assert_eq!(story.0.standing("pets@1", Task::Classify, 1), Standing::Ready);
    assert!(matches!(story.0.standing("pets", Task::Classify, 1), Standing::Refused(_)));
    story.register(DatasetSource::Path);
    assert_eq!(story.0.standing("pets", Task::Classify, 1), Standing::Pending);
    assert_eq!(story.0.standing("pets@1", Task::Classify, 1), Standing::Ready);
    assert_eq!(story.0.standing("pets@2", Task::Classify, 1), Standing::Pending, "it may become one");
    assert_eq!(story.found("b"), Some(2));
}

#[test]
fn a_task_that_the_labels_do_not_serve_is_refused_and_the_dataset_stays_good() {
    let mut story = Story::default();
    story.found("a");
    for written in ["pets", "pets@1"] {
        let Standing::Refused(bad) = story.0.standing(written, Task::Detect, 1) else { panic!("{written}") };
        let kinds = vec![Task::Classify];
        assert_eq!(bad.because, [Reason::Unfit(Unfit::OtherLabels { task: Task::Detect, kinds })]);
        assert_eq!(story.0.standing(written, Task::Classify, 1), Standing::Ready);
    }
    let Standing::Refused(bad) = story.0.standing("pets@7", Task::Classify, 1) else {
        panic!("there is none")
    };
    assert_eq!(bad.because, [Reason::Unfit(Unfit::NoSuchVersion { version: 7, newest: 1 })]);
    assert_eq!(bad.advice, [Advice::NameOtherVersion]);
}

#[test]
fn files_that_were_uploaded_meanwhile_are_looked_at_instead() {
    let mut story = Story::default();
    assert!(story.register(DatasetSource::Path));
    assert!(!story.register(DatasetSource::Path), "somebody looks already");
    let files = DatasetSource::Files { list: file("l") };
    assert!(story.register(files.clone()));
    assert_eq!(story.0.source, files);
    let late = DatasetCommand::RecordInspection {
        inspection: 1,
        result: Inspection::Good { profile: given::profile().into() },
        artifacts: Vec::new(),
        manifest: Some(file("a")),
    };
    assert!(story.0.decide(&late).is_err(), "of what nobody asks for any more");
}

#[test]
fn of_two_who_add_one_name_at_once_the_second_waits_and_both_are_versions() {
    let mut story = Story::default();
    let uploaded = |list: &str| DatasetSource::Files { list: file(list) };
    let looked = |story: &mut Story, found: &str| {
        let good = DatasetCommand::RecordInspection {
            inspection: story.1,
            result: Inspection::Good { profile: given::profile().into() },
            artifacts: Vec::new(),
            manifest: Some(file(found)),
        };
        let Some(DatasetEvent::Validated { version, .. }) = story.tell(&good) else { panic!() };
        version.map(|version| version.number)
    };
    assert!(story.register(uploaded("a")));
    for other in [uploaded("b"), DatasetSource::at("s3://photos/pets", None).unwrap(), DatasetSource::Path] {
        let register = DatasetCommand::Register {
            path: "pets".into(),
            task: Task::Classify,
            source: other,
            again: true,
        };
        assert_eq!(story.0.decide(&register), Err(Rejection::DatasetPending));
    }
    assert!(!story.register(uploaded("a")), "the same again is no other");
    assert_eq!(looked(&mut story, "a"), Some(1));
    assert!(story.register(uploaded("b")));
    assert_eq!(looked(&mut story, "b"), Some(2));
}

#[test]
fn what_is_fetched_is_in_the_store_under_a_name_or_its_address() {
    let at = |address: &str| DatasetSource::at(address, None).unwrap();
    let register = |path: &str, source| DatasetCommand::Register {
        path: path.into(),
        task: Task::Classify,
        source,
        again: true,
    };
    let (archive, bucket) = ("https://example.com/pets.zip", "s3://photos/pets");
    for (address, path) in [(archive, "pets"), (bucket, "pets"), (archive, archive), (bucket, bucket)] {
        let mut story = Story::default();
        story.tell(&register(path, at(address))).expect("it is new");
        assert_eq!(story.0.source, at(address));
        let good = DatasetCommand::RecordInspection {
            inspection: story.1,
            result: Inspection::Good { profile: given::profile().into() },
            artifacts: Vec::new(),
            manifest: Some(file("a")),
        };
        let Some(DatasetEvent::Validated { version: Some(version), .. }) = story.tell(&good) else {
            panic!()
        };
        assert!(version.stored, "{address}");
    }
    let refused = |path: &str, source| Dataset::default().decide(&register(path, source)).unwrap_err();
    assert_eq!(refused("a/b", at(archive)), Rejection::BadDatasetName);
    assert_eq!(refused("pets", at("https://me:secret@example.com/pets.zip")), Rejection::BadAddress);
    let hashed = DatasetSource::Archive { url: archive.to_owned(), sha256: Some("ab".to_owned()) };
    assert_eq!(refused("pets", hashed), Rejection::BadAddress);
}
