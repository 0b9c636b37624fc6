//! What is said about models that people have named, what is answered, and what is done.

use trainyard_views::JobStatus::{Failed, Finished, Training};

use crate::world::World;

/// `tree-detector` of jobs 1 to 3, whose second version was in production before its third; and `weld` of job 4.
fn world() -> World {
    let mut world = World::new()
        .with(Finished, "resnet18", Some(0.81))
        .with(Finished, "resnet50", Some(0.97))
        .with(Finished, "resnet34", Some(0.88))
        .with(Finished, "resnet18", Some(0.75))
        .with(Failed, "resnet18", None)
        .with(Finished, "resnet50", Some(0.9))
        .with(Training, "resnet50", None)
        .registered("tree-detector", &[1, 2, 3])
        .registered("weld", &[4]);
    world.alias("tree-detector", "production", 2);
    world.alias("tree-detector", "production", 3);
    world
}

#[test]
fn what_is_ordered_is_done_to_what_is_named() {
    for (say, act) in [
        ("작업 6을 tree-detector로 등록해줘", "register 6 tree-detector v4"),
        ("6번 모델 등록해줘 이름은 weld", "register 6 weld v2"),
        ("register job 6 as line3", "register 6 line3 v1"),
        ("tree-detector v1을 production으로 승격해줘", "promote tree-detector v1 production"),
        ("promote tree-detector v1 to staging", "promote tree-detector v1 staging"),
        ("promote version 2 of tree-detector to production", "promote tree-detector v2 production"),
        ("tree-detector 운영을 이전 버전으로 되돌려줘", "roll back tree-detector production"),
        ("운영을 이전 버전으로 되돌려", "roll back tree-detector production"),
        ("roll back production", "roll back tree-detector production"),
        ("roll back production of tree-detector to v1", "promote tree-detector v1 production"),
        ("weld 최신 버전을 운영으로 승격해줘", "promote weld v1 production"),
        ("promote the best version of tree-detector to production", "promote tree-detector v2 production"),
    ] {
        let told = world().say(say);
        assert_eq!(told.acts, [act], "{say}: {told:?}");
    }
}

#[test]
fn it_says_what_it_resolved_and_how_to_go_back() {
    let mut world = world();
    let told = world.say("tree-detector v2를 production으로 승격해줘");
    assert!(
        told.reply.contains("v2입니다(작업 2, resnet50, 정확도 97.00 %). 이전 버전은 v3입니다."),
        "{told:?}"
    );
    let back = world.say(&told.choices[0]);
    assert_eq!(back.acts, ["roll back tree-detector production"], "{back:?}");
    let told = world.say("register job 6 as weld");
    assert!(told.reply.starts_with("The model of job 6 (resnet50) is registered as weld v2."), "{told:?}");
    // What was just registered is what is spoken of.
    assert_eq!(world.say("promote it to production").acts, ["promote weld v2 production"]);
    let same = world.say("register job 6 as weld");
    assert!(same.acts.is_empty() && same.reply.contains("is weld v2"), "{same:?}");
}

#[test]
fn what_is_not_said_is_asked_with_choices_that_do_it() {
    for (say, choice, act) in [
        ("promote v1 to champion", 0, "promote "),
        ("tree-detector를 production으로 승격해줘", 2, "promote tree-detector v1 production"),
        ("작업 6 등록해줘", 0, "register 6 digits v1"),
        ("register job 6", 1, "register 6 tree-detector v4"),
        ("tree-detector v9를 production으로 승격해줘", 1, "promote tree-detector v2 production"),
    ] {
        let mut world = world();
        let asked = world.say(say);
        assert!(asked.acts.is_empty() && asked.choices.len() > choice, "{say}: {asked:?}");
        let told = world.say(&asked.choices[choice]);
        assert!(
            told.acts.len() == 1 && told.acts[0].starts_with(act),
            "{say}, {:?}: {told:?}",
            asked.choices
        );
    }
    for (say, reply) in [
        ("작업 5를 weld로 등록해줘", "끝난 작업만 등록할 수 있습니다."),
        ("roll back production of weld", "weld has no alias production."),
        ("tree-detector v3를 production으로 승격해줘", "tree-detector의 production은 이미 v3입니다"),
    ] {
        let told = world().say(say);
        assert!(told.acts.is_empty() && told.reply.starts_with(reply), "{say}: {told:?}");
    }
    assert!(World::new().say("what is in production?").reply.starts_with("No model is registered yet."));
}

#[test]
fn which_version_answers_and_what_differs_is_told() {
    for (say, reply) in [
        (
            "what is in production?",
            "production of tree-detector is v3 (job 3, resnet34, accuracy 88.00 %), before that v2",
        ),
        (
            "지금 운영에 있는 버전 알려줘",
            "tree-detector의 production: v3 (작업 3, resnet34, 정확도 88.00 %), 그 전에는 v2",
        ),
        ("show the versions of weld", "The versions of weld:\n- v1: job 4, resnet18, accuracy 75.00 %"),
        ("tree-detector 버전 보여줘", "tree-detector의 버전입니다.\n- v3 (production): 작업 3"),
        ("compare v2 and v3 of tree-detector", "| tree-detector | v2 | v3 |"),
    ] {
        let told = world().say(say);
        assert!(told.acts.is_empty() && told.reply.starts_with(reply), "{say}: {told:?}");
    }
    let told = world().say("tree-detector v2랑 v3 비교해줘");
    assert!(told.reply.ends_with("정확도 기준으로 v2가 가장 좋습니다(97.00 %)."), "{told:?}");
}

#[test]
fn what_only_speaks_of_it_does_nothing() {
    for say in [
        "v3를 운영에 올리면 어떻게 돼?",
        "what happens if I roll back production?",
        "should we promote v3?",
        "운영 롤백하지 마",
        "don't promote tree-detector v1 to production",
        "어제 누가 운영을 롤백했대",
        "등록하면 나중에 지울 수 있어?",
        "if v1 were better we would promote it to production",
    ] {
        let told = world().say(say);
        assert!(told.acts.is_empty(), "{say}: {told:?}");
    }
}
