//! What is said, what is answered, and what comes of it.

use serde_json::{Value, json};
use trainyard_views::{Expected, JobStatus};

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
        deployed.reply.starts_with("가장 좋은 작업은 2번입니다: resnet50 (정확도 95.00 %)"),
        "{deployed:?}"
    );
    assert_eq!(world.say("stop the yolo11n job").acts, ["cancel 4"]);
    assert_eq!(world.say("작업 3 취소해줘").acts, ["cancel 3"]);
    let nothing = world.say("stop job 1");
    assert!(nothing.acts.is_empty() && nothing.reply.starts_with("There is nothing to stop."), "{nothing:?}");
    assert!(world.say("how is job 99 doing?").reply.contains("There is no job 99"));
}

#[test]
fn what_is_not_clear_is_one_choice_away() {
    let (running, finished) = (JobStatus::Training, JobStatus::Finished);
    let mut world = World::new().with(finished, "resnet18", Some(0.91)).with(running, "resnet18", None);
    world.say("train resnet18 on data/digits");
    let asked = world.say("would 200 epochs be too many?");
    assert!(asked.acts.is_empty(), "{asked:?}");
    let asked = world.say("취소하면 체크포인트는 어떻게 돼?");
    assert!(asked.acts.is_empty() && asked.proposal.is_some(), "{asked:?}");
    let odd = world.say("거시기 그것을 30 바쿠 굴리라우");
    assert_eq!((odd.intent.as_str(), odd.choices.len()), ("unknown", 2), "{odd:?}");
    for say in &odd.choices {
        assert!(odd.reply.contains(say), "{odd:?}");
        assert_ne!(world.say(say).intent, "unknown", "{say}");
    }
}

#[test]
fn what_is_offered_is_there() {
    let mut world = World::new();
    let first = world.say("train resnet18");
    assert_eq!(first.choices, ["the dataset is data/digits", "the dataset is data/flowers"]);
    assert_eq!(world.say(&first.choices[1]).value("dataset"), json!("data/flowers"));
    let (running, mut world) = (JobStatus::Training, World::new());
    for _ in 0..2 {
        world = world.with(running, "resnet18", None);
    }
    let which = world.say("stop it");
    assert_eq!(which.choices, ["stop job 2", "stop job 1"]);
    assert_eq!(world.say(&which.choices[1]).acts, ["cancel 1"]);
}

#[test]
fn that_one_is_the_job_that_was_spoken_of() {
    let running = JobStatus::Training;
    let mut world = World::new().with(running, "resnet18", None).with(running, "resnet50", None);
    assert!(world.say("how is job 1 doing?").reply.contains("Job 1"));
    assert_eq!(world.say("cancel that").acts, ["cancel 1"]);
    let last = world.say("그럼 2번은?");
    assert!(last.reply.contains("작업 2"), "{last:?}");
    assert_eq!(world.say("그거 취소해줘").acts, ["cancel 2"]);
}

#[test]
fn what_has_not_begun_says_what_it_waits_for() {
    let mut world = World::new();
    world.say("train resnet18 on data/digits");
    for say in ["why is it not starting?", "how is it going?"] {
        let told = world.say(say);
        assert!(told.reply.starts_with("No job has been started yet. Say \"start\""), "{say}: {told:?}");
    }
}

#[test]
fn a_tag_is_proposed_as_the_version_that_it_names_now() {
    let mut world = World::new();
    let pinned = "digits@2".to_owned();
    world.datasets.insert(pinned.clone(), world.datasets["data/digits"].clone());
    world.tagged.insert("digits@golden".to_owned(), pinned);
    let asked = world.say("Train resnet18 on the dataset \"digits@golden\"");
    assert_eq!(asked.value("dataset"), "digits@2", "{asked:?}");
    world.tagged.insert("digits@golden".to_owned(), "digits@3".to_owned());
    let approved = world.say("go ahead");
    assert_eq!(approved.intent, "approved");
    let config = &world.jobs.last().expect("a job").config;
    assert_eq!(config.dataset.as_deref(), Some("digits@2"), "a tag that has moved changes no job");
}

#[test]
fn how_long_a_proposal_takes_is_answered_by_those_like_it() {
    let mut world = World::new();
    world.say("train resnet18 on data/digits");
    let unknown = world.say("how long would this take roughly?");
    assert!(unknown.reply.contains("nothing like it has finished yet"), "{unknown:?}");
    let time = trainyard_views::Estimate {
        ms: 3_725_000,
        by: 3,
        guess: false,
        pool: None,
        device: None,
        currency: Some("KRW".to_owned()),
        cost: 1_500_000_000,
    };
    world.expected = Expected { time: Some(time), waiting: 2, running: 1 };
    for said in ["이 설정이면 얼마나 걸릴까요?", "돈은 많이 드나요?", "얼마나 걸려?"]
    {
        let known = world.say(said);
        assert!(known.reply.contains("예상: 1시간 2분쯤, 1,500 KRW"), "{said}: {known:?}");
        assert!(known.acts.is_empty(), "{known:?}");
    }
    // Of a job that trains it is asked how long that one takes.
    let mut world = World::new().with(JobStatus::Training, "resnet18", None);
    world.say("train resnet34 on data/digits");
    let job = world.say("how long will it take?");
    assert!(job.reply.contains("job 1"), "{job:?}");
}
