//! What is drawn beside an answer, and what is offered next.

use trainyard_events::chat::Exhibit;
use trainyard_views::JobStatus;
use uuid::Uuid;

use crate::world::World;

fn world() -> World {
    let finished = JobStatus::Finished;
    World::new()
        .with(finished, "resnet18", Some(0.91))
        .with(finished, "resnet50", Some(0.95))
        .with(JobStatus::Training, "resnet34", Some(0.5))
        .with(JobStatus::Failed, "resnet34", None)
}

#[test]
fn an_answer_shows_what_it_speaks_of() {
    let mut world = world();
    let [first, second, third, fourth] = [0, 1, 2, 3].map(|at| world.jobs[at].id);
    let of = |job: Uuid| Exhibit::Job { job };
    let results = |job: Uuid| Exhibit::Results { job };
    let ranked = |jobs: [Uuid; 2]| Exhibit::Jobs { jobs: jobs.into() };
    let dataset = |path: &str| Exhibit::Dataset { path: path.to_owned() };
    for (say, shown) in [
        ("작업 1하고 2 비교해줘", vec![Exhibit::Comparison { jobs: vec![first, second] }]),
        ("compare job 2 and job 1", vec![Exhibit::Comparison { jobs: vec![first, second] }]),
        ("작업 3 언제 끝나?", vec![of(third)]),
        ("how is job 3", vec![of(third)]),
        ("작업 4 왜 실패했어?", vec![of(fourth)]),
        ("작업 2 결과 보여줘", vec![results(second)]),
        ("show the results of job 4", vec![of(fourth)]),
        ("show the results of the best job", vec![results(second), ranked([second, first])]),
        ("list my jobs", vec![Exhibit::Jobs { jobs: vec![fourth, third, second, first] }]),
        ("완료된 작업 목록 보여줘", vec![ranked([second, first])]),
        ("data/digits 살펴봐줘", vec![dataset("data/digits")]),
        ("look at data/unknown", vec![dataset("data/unknown")]),
        ("look at data/bad", vec![]),
        ("도움말", vec![]),
        ("작업 1과 9 비교", vec![]),
    ] {
        let told = world.say(say);
        assert_eq!(told.shows, shown, "{say}: {told:?}");
        assert!(!told.reply.is_empty(), "{say}: whoever sees no drawing reads it");
    }
}

/// Each is said as it stands, and does what it is for; none of them stops a job.
#[test]
fn what_is_offered_next_is_understood() {
    for (say, offered) in [
        (
            "작업 1 진행률은?",
            vec![("results", None), ("deploy", Some("deploy 1")), ("register_model", Some(""))],
        ),
        ("how is job 2", vec![("results", None), ("deploy", Some("deploy 2")), ("register_model", Some(""))]),
        ("작업 3 언제 끝나?", vec![("results", None)]),
        ("작업 4 진행률은?", vec![("explain", None), ("resume", None)]),
        ("explain job 4", vec![("resume", None)]),
        ("compare job 1 and job 2", vec![("results", None), ("deploy", Some("deploy 2"))]),
        ("list my jobs", vec![("compare_jobs", None)]),
        ("look at data/digits", vec![("proposed", None)]),
        ("데이터셋 목록 보여줘", vec![("analyze_dataset", None), ("analyze_dataset", None)]),
        ("look at data/nobody-knows", vec![("analyze_dataset", None), ("list_datasets", None)]),
    ] {
        let choices = world().say(say).choices;
        assert_eq!(choices.len(), offered.len(), "{say}: {choices:?}");
        for (choice, (intent, act)) in choices.iter().zip(&offered) {
            let mut world = world();
            let told = world.say(choice);
            assert_eq!(told.intent, *intent, "{choice}: {told:?}");
            match act {
                None => assert!(told.acts.is_empty(), "{choice}: {told:?}"),
                Some("") => {}
                Some(act) => assert_eq!(told.acts, [*act], "{choice}: {told:?}"),
            }
        }
    }
}
