//! A model: versions of finished jobs under one name, and aliases that move between them and back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use trainyard_commands::model::{Model, ModelCommand};
use trainyard_events::config::Task;
use trainyard_events::model::{ModelCard, Share};
use trainyard_events::reason::Rejection;
use trainyard_events::results::Artifact;
use trainyard_events::{ModelEvent, limits};
use uuid::Uuid;

fn card(content: &str) -> Box<ModelCard> {
    let export = Artifact {
        role: "onnx".to_owned(),
        key: format!("jobs/j/7/{content}.onnx"),
        sha256: content.to_owned(),
        bytes: 9,
    };
    Box::new(ModelCard {
        job: Uuid::from_u128(3),
        export,
        weights: None,
        task: Task::Classify,
        model: "resnet18".to_owned(),
        runner: None,
        licence: None,
        classes: vec!["ok".to_owned(), "scratch".to_owned()],
        preprocessing: None,
        output: None,
        dataset: Some("scratches@3".to_owned()),
        dataset_hash: Some("d".to_owned()),
        config_hash: "c".to_owned(),
        measurements: [("accuracy".to_owned(), 0.9)].into(),
    })
}

fn register(content: &str) -> ModelCommand {
    ModelCommand::Register { name: "line3".to_owned(), card: card(content) }
}

fn alias(version: u32) -> ModelCommand {
    ModelCommand::Alias { alias: "champion".to_owned(), version }
}

fn roll_back(to: u32) -> ModelCommand {
    ModelCommand::RollBack { alias: "champion".to_owned(), to }
}

fn aliased(version: u32, former: Option<u32>) -> Option<ModelEvent> {
    Some(ModelEvent::Aliased { alias: "champion".to_owned(), version, former })
}

/// A model with versions of these exports.
fn of(contents: &[&str]) -> Model {
    let mut model = Model::default();
    contents.iter().for_each(|content| drop(tell(&mut model, &register(content))));
    model
}

fn tell(model: &mut Model, command: &ModelCommand) -> Option<ModelEvent> {
    let event = model.decide(command).unwrap()?;
    model.evolve(&event);
    Some(event)
}

#[test]
fn versions_are_counted_and_the_same_export_is_the_same_version() {
    let mut model = Model::default();
    let registered = |version, content| {
        Some(ModelEvent::Registered { name: "line3".to_owned(), version, card: card(content) })
    };
    assert_eq!(tell(&mut model, &register("a")), registered(1, "a"));
    assert_eq!(tell(&mut model, &register("b")), registered(2, "b"));
    assert_eq!(tell(&mut model, &register("a")), None, "it is version 1 already");
    assert_eq!((model.of_export("a"), model.of_export("b"), model.of_export("c")), (Some(1), Some(2), None));
    assert_eq!(tell(&mut model, &register("c")), registered(3, "c"));
}

#[test]
fn an_archived_version_keeps_its_number_and_its_export() {
    let mut model = of(&["a", "b"]);
    assert_eq!(
        tell(&mut model, &ModelCommand::Archive { version: 2 }),
        Some(ModelEvent::Archived { version: 2 })
    );
    assert_eq!(tell(&mut model, &ModelCommand::Archive { version: 2 }), None);
    assert_eq!(tell(&mut model, &register("b")), None);
    let Some(ModelEvent::Registered { version, .. }) = tell(&mut model, &register("c")) else { panic!() };
    assert_eq!(version, 3, "no number comes again");
    assert_eq!(model.decide(&alias(2)), Err(Rejection::ModelVersionArchived { version: 2 }));
    assert_eq!(
        tell(&mut model, &ModelCommand::Restore { version: 2 }),
        Some(ModelEvent::Restored { version: 2 })
    );
    assert_eq!(tell(&mut model, &ModelCommand::Restore { version: 2 }), None);
    assert_eq!(tell(&mut model, &alias(2)), aliased(2, None));
}

#[test]
fn an_alias_names_one_version_and_knows_the_one_before() {
    let mut model = of(&["a", "b", "c"]);
    assert_eq!(tell(&mut model, &alias(1)), aliased(1, None));
    assert_eq!(tell(&mut model, &alias(1)), None, "it is so already");
    assert_eq!(tell(&mut model, &alias(3)), aliased(3, Some(1)));
    assert_eq!(model.decide(&alias(4)), Err(Rejection::NoSuchModelVersion { version: 4 }));
    for bad in ["", "7", "a b", "a/b", "a@b"] {
        let command = ModelCommand::Alias { alias: bad.to_owned(), version: 1 };
        assert_eq!(model.decide(&command), Err(Rejection::BadAlias), "{bad}");
    }
}

#[test]
fn a_roll_back_goes_to_the_version_before_and_again_forth() {
    let mut model = of(&["a", "b"]);
    let unknown = Err(Rejection::NoSuchAlias { alias: "champion".to_owned() });
    assert_eq!(model.decide(&roll_back(1)), unknown);
    tell(&mut model, &alias(1));
    assert_eq!(model.decide(&roll_back(1)), Err(Rejection::NoFormerVersion { alias: "champion".to_owned() }));
    tell(&mut model, &alias(2));
    assert_eq!(model.decide(&roll_back(2)), Err(Rejection::MovedOn), "somebody else has moved it meanwhile");
    assert_eq!(tell(&mut model, &roll_back(1)), aliased(1, Some(2)));
    assert_eq!(tell(&mut model, &roll_back(2)), aliased(2, Some(1)));
    tell(&mut model, &ModelCommand::Archive { version: 1 });
    assert_eq!(model.decide(&roll_back(1)), Err(Rejection::ModelVersionArchived { version: 1 }));
}

#[test]
fn what_an_alias_names_is_not_archived_and_a_removed_alias_lets_go() {
    let mut model = of(&["a"]);
    tell(&mut model, &alias(1));
    let archive = ModelCommand::Archive { version: 1 };
    let named = Rejection::ModelVersionNamed { version: 1, alias: "champion".to_owned() };
    assert_eq!(model.decide(&archive), Err(named));
    let remove = ModelCommand::RemoveAlias { alias: "champion".to_owned() };
    let removed = ModelEvent::AliasRemoved { alias: "champion".to_owned() };
    assert_eq!(tell(&mut model, &remove), Some(removed));
    let gone = Err(Rejection::NoSuchAlias { alias: "champion".to_owned() });
    assert_eq!(model.decide(&remove), gone);
    assert!(tell(&mut model, &archive).is_some());
    assert_eq!(
        model.decide(&ModelCommand::Archive { version: 9 }),
        Err(Rejection::NoSuchModelVersion { version: 9 })
    );
}

#[test]
fn what_cannot_be_a_model_is_refused() {
    for bad in ["", "a/b", "-x", "a b", "a@b", &"x".repeat(65)] {
        let command = ModelCommand::Register { name: bad.to_owned(), card: card("a") };
        assert_eq!(Model::default().decide(&command), Err(Rejection::BadModelName), "{bad}");
    }
    let mut report = card("a");
    report.export.role = "report".to_owned();
    let command = ModelCommand::Register { name: "line3".to_owned(), card: report };
    assert_eq!(Model::default().decide(&command), Err(Rejection::NoWeights));
    for command in [alias(1), roll_back(1), ModelCommand::Archive { version: 1 }] {
        assert_eq!(Model::default().decide(&command), Err(Rejection::NoSuchModel));
    }
}

#[test]
fn versions_and_aliases_have_a_limit_and_what_is_there_can_still_move() {
    let mut model = of(&["a", "b"]);
    for number in 0..limits::MODEL_ALIASES {
        let command = ModelCommand::Alias { alias: format!("a{number}"), version: 1 };
        assert!(tell(&mut model, &command).is_some());
    }
    let full = Rejection::TooManyAliases { limit: limits::MODEL_ALIASES as u64 };
    assert_eq!(model.decide(&alias(1)), Err(full));
    assert!(tell(&mut model, &ModelCommand::Alias { alias: "a0".to_owned(), version: 2 }).is_some());
    for number in 2..limits::MODEL_VERSIONS {
        tell(&mut model, &register(&format!("e{number}")));
    }
    let full = Rejection::TooManyModelVersions { limit: limits::MODEL_VERSIONS as u64 };
    assert_eq!(model.decide(&register("one-more")), Err(full));
    assert_eq!(model.decide(&register("a")), Ok(None));
}

#[test]
fn nothing_is_kept_until_somebody_says_how_much() {
    let mut model = of(&["a"]);
    let share = |share: f64| Share::try_from(share).unwrap();
    let sample = |of| ModelCommand::Sample { share: share(of) };
    assert_eq!((model.sampling, tell(&mut model, &sample(0.0))), (share(0.0), None));
    let set = |of| Some(ModelEvent::SamplingSet { share: share(of) });
    assert_eq!(tell(&mut model, &sample(0.05)), set(0.05));
    assert_eq!(tell(&mut model, &sample(0.05)), None, "it is so already");
    let deleted = Some(ModelEvent::SamplesDeleted {});
    assert_eq!(tell(&mut model, &ModelCommand::DeleteSamples), deleted);
    assert_eq!(tell(&mut model, &ModelCommand::DeleteSamples), deleted, "there may be others by now");
    assert_eq!(model.sampling, share(0.05), "what comes is kept as before");
    assert_eq!(tell(&mut model, &sample(0.0)), set(0.0));
    assert_eq!(Model::default().decide(&sample(1.0)), Err(Rejection::NoSuchModel));
}
