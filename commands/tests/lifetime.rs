//! A dataset after it was added: tagged, put away, taken out again and deleted, and what jobs on it are told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod given;

use trainyard_commands::dataset::{Dataset, DatasetCommand, Standing, Verdict};
use trainyard_events::config::Task;
use trainyard_events::dataset::DatasetSource;
use trainyard_events::reason::{Advice, Reason, Rejection, Unfit};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::Inspection;
use trainyard_events::{DatasetEvent, limits};

/// A dataset and the sequence of its newest event.
#[derive(Default)]
struct Story(Dataset, u64);

impl Story {
    /// With versions of these contents, each made of the list of the same name.
    fn of(contents: &[&str]) -> Story {
        let mut story = Story::default();
        contents.iter().for_each(|content| {
            story.found(content);
        });
        story
    }

    fn tell(&mut self, command: DatasetCommand) -> Option<DatasetEvent> {
        let event = self.0.decide(&command).unwrap()?;
        self.1 += 1;
        self.0.evolve(&event, self.1);
        Some(event)
    }

    fn register(&self, list: &str) -> DatasetCommand {
        let source = DatasetSource::Files { list: file(list) };
        DatasetCommand::Register { path: "pets".into(), task: Task::Classify, source, again: true }
    }

    fn found(&mut self, content: &str) -> u32 {
        self.tell(self.register(content)).unwrap();
        self.looked(content)
    }

    fn looked(&mut self, content: &str) -> u32 {
        let mut profile = given::profile();
        profile.kinds = vec![Task::Classify];
        let inspection = self.0.inspection;
        let recorded = self.tell(DatasetCommand::RecordInspection {
            inspection,
            result: Inspection::Good { profile: profile.into() },
            artifacts: Vec::new(),
            manifest: Some(file(content)),
        });
        let Some(DatasetEvent::Validated { version, .. }) = recorded else { panic!("{recorded:?}") };
        version.unwrap().number
    }

    fn numbers(&self) -> Vec<u32> {
        self.0.versions.iter().map(|version| version.number).collect()
    }

    fn refusal(&self, written: &str, requested: u64) -> Vec<Reason> {
        match self.0.standing(written, Task::Classify, requested) {
            Standing::Refused(bad) => bad.because,
            other => panic!("{written}: {other:?}"),
        }
    }
}

fn file(content: &str) -> Artifact {
    let (role, key) = ("manifest".to_owned(), format!("datasets/d/manifests/{content}"));
    Artifact { role, key, sha256: content.to_owned(), bytes: 9 }
}

fn tag(tag: &str, version: u32) -> DatasetCommand {
    DatasetCommand::Tag { tag: tag.to_owned(), version }
}

fn untag(tag: &str) -> DatasetCommand {
    DatasetCommand::Untag { tag: tag.to_owned() }
}

const ALL: DatasetCommand = DatasetCommand::Delete { version: None };

fn delete(version: u32) -> DatasetCommand {
    DatasetCommand::Delete { version: Some(version) }
}

#[test]
fn a_tag_names_one_version_and_moves() {
    let mut story = Story::of(&["a", "b"]);
    let tagged = |version| Some(DatasetEvent::Tagged { tag: "golden".to_owned(), version });
    assert_eq!(story.tell(tag("golden", 1)), tagged(1));
    assert_eq!(story.tell(tag("golden", 1)), None, "it is so already");
    assert_eq!(story.tell(tag("golden", 2)), tagged(2));
    assert_eq!(story.0.tags, [("golden".to_owned(), 2)].into());
    assert_eq!(story.0.decide(&tag("golden", 3)), Err(Rejection::NoSuchDatasetVersion { version: 3 }));
    for bad in ["", "7", "a b", "a/b", "a@b", &"x".repeat(65)] {
        assert_eq!(story.0.decide(&tag(bad, 1)), Err(Rejection::BadTag), "{bad}");
    }
    assert_eq!(story.tell(untag("golden")), Some(DatasetEvent::Untagged { tag: "golden".to_owned() }));
    let gone = Err(Rejection::NoSuchTag { tag: "golden".to_owned() });
    assert_eq!(story.0.decide(&untag("golden")), gone);
    assert_eq!(Dataset::default().decide(&tag("golden", 1)), Err(Rejection::NoSuchDataset));
}

#[test]
fn tags_have_a_limit_and_one_that_is_there_can_still_move() {
    let mut story = Story::of(&["a", "b"]);
    for number in 0..limits::DATASET_TAGS {
        assert!(story.tell(tag(&format!("t{number}"), 1)).is_some());
    }
    let full = Err(Rejection::TooManyTags { limit: limits::DATASET_TAGS as u64 });
    assert_eq!(story.0.decide(&tag("one-more", 1)), full);
    assert!(story.tell(tag("t0", 2)).is_some());
    story.tell(untag("t1"));
    assert!(story.tell(tag("one-more", 1)).is_some());
}

#[test]
fn what_is_archived_refuses_new_jobs_and_lets_the_others_go_on() {
    let mut story = Story::of(&["a"]);
    let before = story.1;
    assert_eq!(story.tell(DatasetCommand::Archive), Some(DatasetEvent::Archived {}));
    assert_eq!(story.tell(DatasetCommand::Archive), None);
    let after = story.1 + 1;
    for written in ["pets", "pets@1"] {
        assert_eq!(story.0.standing(written, Task::Classify, before), Standing::Ready, "{written}");
        assert_eq!(story.refusal(written, after), [Unfit::DatasetArchived.into()]);
    }
    let Standing::Refused(bad) = story.0.standing("pets", Task::Classify, after) else { panic!("refused") };
    assert_eq!(bad.advice, [Advice::RestoreDataset]);
    assert_eq!(story.0.decide(&story.register("b")), Err(Rejection::DatasetArchived));
    let quiet = DatasetCommand::Register {
        path: "pets".into(),
        task: Task::Classify,
        source: DatasetSource::Path,
        again: false,
    };
    assert_eq!(story.0.decide(&quiet), Ok(None), "a policy that only sees to it that it was looked at");
    assert_eq!(story.tell(DatasetCommand::Restore), Some(DatasetEvent::Restored {}));
    assert_eq!(story.tell(DatasetCommand::Restore), None);
    assert_eq!(story.0.standing("pets", Task::Classify, after), Standing::Ready);
    for command in [DatasetCommand::Archive, DatasetCommand::Restore] {
        assert_eq!(Dataset::default().decide(&command), Err(Rejection::NoSuchDataset));
    }
}

#[test]
fn a_deleted_version_takes_its_tags_along_and_its_number_is_not_given_again() {
    let mut story = Story::of(&["a", "b", "c"]);
    story.tell(tag("old", 1));
    story.tell(tag("good", 2));
    assert_eq!(story.tell(delete(1)), Some(DatasetEvent::Deleted { versions: vec![1], whole: false }));
    assert_eq!((story.numbers(), story.tell(delete(1))), (vec![2, 3], None), "again is no other");
    assert_eq!(story.0.tags, [("good".to_owned(), 2)].into());
    assert!(!story.0.is_unseen, "the verdict is of another");
    assert_eq!(story.refusal("pets@1", 1), [Unfit::NoSuchVersion { version: 1, newest: 3 }.into()]);
    for never in [0, 4] {
        let refusal = Err(Rejection::NoSuchDatasetVersion { version: never });
        assert_eq!(story.0.decide(&delete(never)), refusal);
    }
    assert_eq!(story.found("a"), 4, "what was deleted and comes again is another version");
}

#[test]
fn without_its_newest_version_it_is_what_the_one_before_was_made_of() {
    let mut story = Story::of(&["a", "b"]);
    story.tell(delete(2));
    assert!(story.0.is_unseen);
    assert_eq!(story.0.source, DatasetSource::Files { list: file("a") });
    assert_eq!(story.0.standing("pets", Task::Classify, 1), Standing::Pending, "it is looked at once more");
    assert_eq!(story.0.standing("pets@1", Task::Classify, 1), Standing::Ready);
    assert_eq!(story.found("a"), 1, "and is the same version");
    assert!(!story.0.is_unseen);
    assert_eq!(story.found("b"), 3);
}

#[test]
fn with_its_last_version_a_dataset_is_gone_unless_it_is_being_looked_at() {
    let mut story = Story::of(&["a"]);
    story.tell(story.register("b"));
    story.tell(delete(1));
    assert_eq!((&story.0.verdict, story.numbers()), (&Verdict::Pending, vec![]));
    assert_eq!(story.looked("b"), 2);
    story.tell(delete(2));
    assert_eq!(story.0.verdict, Verdict::Deleted);
}

#[test]
fn what_was_deleted_is_gone_and_its_name_is_free() {
    let mut story = Story::of(&["a", "b"]);
    story.tell(tag("golden", 1));
    story.tell(DatasetCommand::Archive);
    assert_eq!(story.tell(ALL), Some(DatasetEvent::Deleted { versions: vec![1, 2], whole: true }));
    assert_eq!(story.tell(ALL), None);
    assert!(story.0.tags.is_empty() && story.0.archived.is_none() && story.numbers().is_empty());
    for written in ["pets", "pets@1"] {
        assert_eq!(story.refusal(written, 99), [Unfit::DatasetDeleted.into()]);
    }
    for command in [tag("golden", 1), DatasetCommand::Archive] {
        assert_eq!(story.0.decide(&command), Err(Rejection::NoSuchDataset));
    }
    // Of a look that was under way.
    let late = DatasetCommand::RecordInspection {
        inspection: 1,
        result: Inspection::Good { profile: given::profile().into() },
        artifacts: Vec::new(),
        manifest: Some(file("a")),
    };
    assert_eq!(story.0.decide(&late), Err(Rejection::NoSuchDataset));
    assert_eq!(story.found("a"), 3, "numbers go on");
    assert_eq!(Dataset::default().decide(&ALL), Err(Rejection::NoSuchDataset));
}
