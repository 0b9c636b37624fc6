//! What is said, what is answered, and what comes of it.

use serde_json::{Value, json};
use trainyard_views::JobStatus;

use crate::world::World;

#[test]
fn a_training_is_described_changed_approved_and_asked_about() {
    let mut world = World::new();
    let first = world.say("resnet18로 숫자 이미지 분류 모델 만들어줘");
    assert_eq!(first.proposal.map(|open| open.missing), Some(vec!["dataset".to_owned()]));
    let named = world.say("data/digits");
    assert!(named.reply.contains("이미지 1,797장, 클래스 10개"), "{named:?}");
    let changed = world.say("에폭을 3으로 바꿔줘");
    assert_eq!((changed.value("epochs"), changed.value("dataset")), (json!(3), json!("data/digits")));
    let approved = world.say("시작해줘");
    assert_eq!((approved.intent.as_str(), approved.proposal), ("approved", None));
    let status = world.say("지금 어떻게 되고 있어?");
    assert!(status.reply.contains("작업 1(resnet18, data/digits)"), "{status:?}");
    let again = world.say("에폭만 두 배로 해서 하나 더");
    assert_eq!((again.value("epochs"), again.value("model")), (json!(6), json!("resnet18")));
}

#[test]
fn the_last_change_is_taken_back() {
    let mut world = World::new();
    let first = world.say("train resnet18 on data/digits");
    world.say("batch size 16");
    let back = world.say("undo the last change");
    assert_eq!(back.proposal, first.proposal);
    assert_eq!(World::new().say("undo the last change").proposal, None);
}

#[test]
fn data_that_is_no_good_is_asked_for_again_and_what_cannot_be_is_refused() {
    let mut world = World::new();
    let bad = world.say("train resnet18 on data/bad for 2 epochs");
    assert_eq!((bad.value("dataset"), bad.value("epochs")), (Value::Null, json!(2)));
    let early = world.say("go ahead");
    assert!(early.reply.contains("Where is the dataset?"), "{early:?}");
    let too_many = world.say("epochs 99999999");
    assert!(too_many.reply.contains("must be"), "{too_many:?}");
}

#[test]
fn which_job_is_asked_where_several_fit_and_the_best_is_named() {
    let (running, finished) = (JobStatus::Training, JobStatus::Finished);
    let mut world = World::new()
        .with(finished, "resnet18", Some(0.91))
        .with(finished, "resnet50", Some(0.95))
        .with(running, "resnet18", None)
        .with(running, "yolo11n", None);
    let asked = world.say("stop it");
    assert!(asked.acts.is_empty() && asked.reply.starts_with("Which job do you mean?"), "{asked:?}");
    let deployed = world.say("제일 정확도 높은 모델 배포해줘");
    assert_eq!(deployed.acts, ["deploy 2"]);
    assert!(
        deployed.reply.starts_with("가장 좋은 작업은 2번입니다: resnet50 (accuracy 0.9500)"),
        "{deployed:?}"
    );
    assert_eq!(world.say("stop the yolo11n job").acts, ["cancel 4"]);
    assert_eq!(world.say("작업 3 취소해줘").acts, ["cancel 3"]);
    let nothing = world.say("stop job 1");
    assert!(nothing.acts.is_empty() && nothing.reply.starts_with("There is nothing to stop."), "{nothing:?}");
    assert!(world.say("how is job 99 doing?").reply.contains("There is no job 99"));
}
