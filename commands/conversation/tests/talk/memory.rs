//! What a conversation remembers, compares, foretells and refuses.

use std::collections::BTreeMap;

use serde_json::json;
use time::Duration;
use trainyard_views::{EpochRow, JobStatus};

use crate::world::{NOW, World};

#[test]
fn one_more_leans_on_what_was_approved() {
    let mut world = World::new();
    world.say("resnet18로 data/flowers 학습해줘, 에폭 7");
    world.say("시작해줘");
    for (say, model, epochs) in [
        ("resnet34로도 하나 더", "resnet34", 7),
        ("once more on resnet50", "resnet50", 7),
        ("같은 설정에 에폭만 9로 하나 더", "resnet18", 9),
        ("same settings with resnet34", "resnet34", 7),
    ] {
        let told = world.say(say);
        assert_eq!(
            (told.value("model"), told.value("dataset"), told.value("epochs")),
            (json!(model), json!("data/flowers"), json!(epochs)),
            "{say}: {told:?}"
        );
        world.say("취소해줘, 이 제안은 필요 없어");
        assert_eq!(world.thread().chat.open, None, "{say}");
    }
    // Whoever names model and data describes a training of their own.
    let own = world.say("resnet34로 data/digits 학습해줘");
    assert_ne!(own.value("epochs"), json!(7), "{own:?}");
}

#[test]
fn data_goes_by_its_name_and_by_that() {
    let mut world = World::new();
    world.say("data/flowers 살펴봐줘");
    for say in ["아까 그 데이터셋으로 resnet18 학습해줘", "train resnet18 on the same dataset"] {
        let told = world.say(say);
        assert_eq!(told.value("dataset"), json!("data/flowers"), "{say}: {told:?}");
    }
    for (say, path) in [
        ("train resnet18 on digits", "data/digits"),
        ("digits로 resnet50 학습해줘", "data/digits"),
        ("use flowers", "data/flowers"),
        ("데이터는 digits", "data/digits"),
    ] {
        let told = world.say(say);
        assert_eq!(told.value("dataset"), json!(path), "{say}: {told:?}");
    }
    // A class is no dataset.
    let mut other = World::new();
    let told = other.say("train a classifier for flowers, trees and grass");
    assert_eq!(told.value("dataset"), json!(null), "{told:?}");
}

#[test]
fn any_jobs_are_compared_in_a_table() {
    let finished = JobStatus::Finished;
    let mut world = World::new()
        .with(finished, "resnet18", Some(0.91))
        .with(finished, "resnet50", Some(0.95))
        .with(JobStatus::Training, "resnet34", None);
    for say in ["compare job 1 and job 2", "which is better, job 1 or job 2?"] {
        let told = world.say(say);
        assert_eq!(told.intent, "compare_jobs", "{say}: {told:?}");
        assert!(told.reply.contains("|  | job 1 | job 2 |"), "{told:?}");
        assert!(told.reply.contains("| accuracy | 91.00 % | 95.00 % |"), "{told:?}");
        assert!(told.reply.ends_with("By accuracy, job 2 is best (95.00 %)."), "{told:?}");
    }
    let korean = world.say("1번이랑 3번 비교해줘");
    assert!(korean.reply.contains("| 모델 | resnet18 | resnet34 |"), "{korean:?}");
    let gone = world.say("작업 1과 9 비교");
    assert!(gone.reply.starts_with("9번 작업은 없습니다."), "{gone:?}");
}

#[test]
fn several_jobs_are_stopped_each_and_all_only_after_a_question() {
    let running = JobStatus::Training;
    let mut world = World::new();
    for _ in 0..4 {
        world = world.with(running, "resnet18", None);
    }
    assert_eq!(world.say("1번 3번 취소해줘").acts, ["cancel 1", "cancel 3"]);
    for say in ["cancel all jobs", "모든 작업 취소해줘"] {
        let asked = world.say(say);
        assert!(asked.acts.is_empty(), "{asked:?}");
        assert_eq!(asked.choices.len(), 1, "{say}: {asked:?}");
    }
    let asked = world.say("stop all the jobs");
    assert_eq!(asked.choices, ["cancel jobs 2, 4"]);
    assert_eq!(world.say(&asked.choices[0]).acts, ["cancel 2", "cancel 4"]);
    let deploy = world.say("deploy jobs 1 and 3");
    assert!(deploy.acts.is_empty(), "{deploy:?}");
    assert_eq!(deploy.choices, ["deploy job 1", "deploy job 3"]);
}

#[test]
fn how_long_it_takes_is_foretold_from_its_epochs() {
    let mut world = World::new().with(JobStatus::Training, "resnet18", None);
    world.jobs[0].epochs_done = 4;
    world.jobs[0].device = Some("CPU".to_owned());
    assert!(world.say("when will job 1 finish?").reply.contains("shows after its first epoch"));
    for epoch in 1..=4 {
        world.epochs.push(EpochRow {
            tenant: "acme".parse().expect("a name"),
            job: world.jobs[0].id,
            epoch,
            token: 1,
            train: BTreeMap::new(),
            validation: BTreeMap::new(),
            is_best: true,
            learning_rate: 0.1,
            seconds: 60.0,
            at: NOW - Duration::seconds(30),
            sequence: u64::from(epoch),
        });
    }
    let told = world.say("when will job 1 finish?");
    assert!(told.reply.contains("About 6 min left, at 60 s an epoch."), "{told:?}");
    let slow = world.say("왜 이렇게 느려?");
    assert!(slow.reply.contains("에폭 하나에 60초 걸립니다(CPU"), "{slow:?}");
}

#[test]
fn what_cannot_be_had_is_said_beside_what_can() {
    let mut world = World::new();
    for (say, word) in [
        ("onnx로 내보내줘", "`trainyard export 3`"),
        ("use mixed precision", "precision is not chosen by words"),
        ("rename job 3 to final", "go by number"),
        ("multi label로 해줘", "여러 개"),
        ("끝나면 메일로 알려줘", "알림"),
    ] {
        let told = world.say(say);
        assert!(told.acts.is_empty() && told.proposal.is_none(), "{say}: {told:?}");
        assert!(told.reply.contains(word), "{say}: {told:?}");
    }
    let both = world.say("train resnet18 on data/digits for 5 epochs and freeze the backbone");
    assert_eq!(both.value("epochs"), json!(5));
    assert!(both.reply.starts_with("Layers are not frozen by words"), "{both:?}");
}

#[test]
fn several_trainings_in_one_order_are_proposed_one_at_a_time() {
    for (say, first, next, epochs) in [
        (
            "data/flowers 로 resnet18 하나, resnet34 하나 이렇게 두 개 학습 돌려줘",
            "resnet18",
            "resnet34",
            None,
        ),
        ("train resnet18 and resnet50 on data/flowers, 9 epochs each", "resnet18", "resnet50", Some(9)),
        ("resnet18은 3에폭, resnet50은 6에폭으로 data/flowers 둘 다 돌려", "resnet18", "resnet50", Some(3)),
    ] {
        let mut world = World::new();
        let told = world.say(say);
        assert_eq!(
            (told.value("model"), told.value("dataset")),
            (json!(first), json!("data/flowers")),
            "{told:?}"
        );
        assert!(epochs.is_none_or(|epochs: u32| told.value("epochs") == json!(epochs)), "{say}: {told:?}");
        assert!(told.reply.contains(next), "{say}: {told:?}");
        world.say("시작해줘");
        let more = world.say(&format!("같은 설정으로 {next} 하나 더"));
        assert_eq!(
            (more.value("model"), more.value("dataset")),
            (json!(next), json!("data/flowers")),
            "{more:?}"
        );
    }
    // A change of mind is one training.
    for say in [
        "resnet18 아니 resnet34로 data/flowers 학습해줘",
        "train resnet34 instead of resnet18 on data/flowers",
    ] {
        let told = World::new().say(say);
        assert_eq!(told.value("model"), json!("resnet34"), "{say}: {told:?}");
        assert!(!told.reply.contains("resnet18"), "{say}: {told:?}");
    }
}

#[test]
fn a_setting_that_is_named_is_put_back_and_no_other() {
    let mut world = World::new();
    world.say("resnet18로 data/flowers 학습해줘, 에폭 7, 배치 64");
    world.say("배치는 32로, 에폭은 9로 둘 다 바꿔");
    world.say("학습률 0.003으로");
    let told = world.say("배치는 원래대로");
    let values =
        |told: &crate::world::Told| ["batch_size", "epochs", "learning_rate"].map(|name| told.value(name));
    assert_eq!(values(&told), [json!(64), json!(9), json!(0.003)], "{told:?}");
    assert!(told.reply.contains("배치 크기"), "{told:?}");
    // Nobody has changed the seed.
    let told = world.say("시드는 원래대로 되돌려줘");
    assert!(told.reply.contains("되돌릴 변경이 없습니다"), "{told:?}");
    let told = world.say("undo that");
    assert_eq!(values(&told), [json!(32), json!(9), json!(0.003)], "{told:?}");
}

#[test]
fn small_talk_and_questions_about_acts_are_answered_and_do_nothing() {
    for (say, answer) in
        [("ㅎㅇ", "안녕하세요"), ("hello", "Hello"), ("고마워", "천만에요"), ("좋네", "감사합니다")]
    {
        let mut world = World::new();
        let alone = world.say(say);
        assert!(alone.reply.starts_with(answer) && !alone.reply.contains("제안은"), "{say}: {alone:?}");
        world.say("resnet18로 data/flowers 학습해줘");
        let open = world.thread().chat.open;
        let told = world.say(say);
        assert!(told.reply.starts_with(answer), "{say}: {told:?}");
        assert_eq!(world.thread().chat.open, open, "{say}");
    }
    for (say, told) in [
        ("what happens to the checkpoints if I cancel job 7?", "resume job 7"),
        ("7번 작업 취소하면 체크포인트는 남아?", "이어서"),
        ("이거 승인하면 바로 GPU 잡혀?", "대기열"),
    ] {
        let answer = World::new().say(say);
        assert!(answer.reply.contains(told), "{say}: {answer:?}");
    }
    // Thanks beside an order that is not clear enough: the order is asked about.
    let mut world = World::new();
    world.say("resnet18로 data/flowers 학습해줘");
    let told = world.say("혹시 이 제안 승인해도 될까, 감사합니다");
    assert!(told.acts.is_empty() && !told.reply.starts_with("천만에요"), "{told:?}");
    let told = world.say("제안 승인합니다, 감사합니다");
    assert!(!told.reply.starts_with("천만에요"), "{told:?}");
    // Nothing is open: nothing of a proposal is offered.
    let told = World::new().say("asdf qwer");
    assert!(
        told.choices.iter().all(|choice| !choice.contains("시작") && !choice.contains("start it")),
        "{told:?}"
    );
}

#[test]
fn a_model_of_a_runner_that_nobody_has_says_how_to_get_it() {
    let told = World::new().say("timm/resnet10t로 data/flowers 학습해줘");
    assert!(told.reply.contains("trainyard runners install timm"), "{told:?}");
}

#[test]
fn a_value_that_is_asked_about_is_weighed_and_changes_nothing() {
    let mut world = World::new();
    let proposed = world.say("resnet18로 data/flowers 학습해줘, 에폭 7").proposal.expect("a proposal");
    for (say, stands, brings) in [
        ("200 에폭이면 너무 많을까?", "에폭: 7 (말씀하신 값)", "에폭 200:"),
        ("would 200 epochs be too many?", "epochs: 7 (as you said)", "epochs 200:"),
        ("배치 100000이면 메모리 부족할까?", "배치 크기: ", "배치 크기"),
        ("is lr 0.2 too high?", "learning rate: 0.05 (recommended: tiny images", "learning rate 0.2:"),
        ("학습률 0.2는 너무 높아?", "학습률: 0.05 (추천: 아주 작은", "학습률 0.2:"),
    ] {
        let told = world.say(say);
        assert!(told.acts.is_empty(), "{say}: {told:?}");
        assert!(told.reply.contains(stands) && told.reply.contains(brings), "{say}: {told:?}");
        assert_eq!(world.thread().chat.open.as_ref(), Some(&proposed), "{say}");
    }
    // Whatever is offered is understood, and does what it says.
    let offered = world.say("would 200 epochs be too many?").choices;
    assert_eq!(world.say(&offered[0]).value("epochs"), json!(200), "{offered:?}");
    let offered = world.say("배치 8이면 너무 작을까?").choices;
    assert_eq!(world.say(&offered[0]).value("batch_size"), json!(8), "{offered:?}");
    // Of what cannot be nothing is offered.
    let told = world.say("would 20000 epochs be too many?");
    assert!(told.choices.is_empty() && told.reply.contains("10000"), "{told:?}");
}

#[test]
fn why_a_value_is_as_it_is() {
    let mut world = World::new();
    world.say("resnet18로 data/flowers 학습해줘");
    for say in ["왜 에폭이 10이야?", "에폭이 왜 10이야?"] {
        let told = world.say(say);
        assert!(told.reply.contains("에폭: 10 (추천: "), "{say}: {told:?}");
    }
    let told = world.say("why is the batch size 32?");
    assert!(told.reply.contains("batch size: 32 (recommended: "), "{told:?}");
    // Without a proposal there is none to ask about.
    let told = World::new().say("would 200 epochs be too many?");
    assert!(told.proposal.is_none() && !told.reply.contains("proposal has now"), "{told:?}");
}
