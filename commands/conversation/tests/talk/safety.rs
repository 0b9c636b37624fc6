//! What must not act does not, and what must act does so to the right object: whole answers beside an open proposal and jobs.

use serde::Deserialize;
use trainyard_commands::chat::ChatCommand;
use trainyard_conversation::Answer;
use trainyard_views::JobStatus;

use crate::world::{self, World};

#[derive(Deserialize)]
struct Said {
    id: String,
    say: String,
    act: Option<String>,
    /// The number of the one that is meant, or that it is to be asked.
    job: Option<String>,
}

fn set(name: &str) -> Vec<Said> {
    let path = format!("{}/../assistant/tests/sets/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(path).expect("the set is in the repository");
    lines.lines().map(|line| serde_json::from_str(line).expect("a turn")).collect()
}

/// Two jobs run, one has failed, three have finished, the fifth as the best, and are versions of a model whose second is in
/// production; and a proposal is open.
fn world() -> World {
    use JobStatus::{Cancelled, Failed, Finished, Training};
    let mut world = World::new()
        .with(Cancelled, "resnet34", None)
        .with(Cancelled, "resnet34", None)
        .with(Finished, "resnet18", Some(0.81))
        .with(Cancelled, "resnet34", None)
        .with(Finished, "resnet50", Some(0.97))
        .with(Failed, "efficientnet_b0", None)
        .with(Training, "yolo11n", None)
        .with(Finished, "resnet18", Some(0.88))
        .with(Training, "resnet50", None)
        .registered("tree-detector", &[3, 8, 5]);
    world.alias("tree-detector", "production", 1);
    world.alias("tree-detector", "production", 2);
    world.alias("tree-detector", "staging", 3);
    world.say("resnet50으로 data/flowers 50 에폭 학습해줘");
    assert!(world.thread().chat.open.is_some_and(|open| open.missing.is_empty()));
    world
}

/// What an answer does, and to which job: such as `cancel 7`.
fn done(answer: &Answer, world: &World) -> Vec<String> {
    let number =
        |id: &Option<uuid::Uuid>| world.jobs.iter().find(|job| Some(job.id) == *id).map(|job| job.number);
    let said = match &answer.say {
        ChatCommand::ApproveProposal { .. } => Some("approve".to_owned()),
        ChatCommand::RejectProposal { .. } => Some("reject".to_owned()),
        ChatCommand::GiveReply { intent, job, .. } if intent == "resume" => {
            number(job).map(|number| format!("resume {number}"))
        }
        _ => None,
    };
    answer.acts.iter().map(world::done).chain(said).collect()
}

#[test]
fn what_must_not_act_changes_nothing() {
    let world = world();
    let mut turns = 0;
    for said in [
        "blind1_still",
        "blind2_still",
        "blind4_still",
        "blind5_still",
        "heldout_still",
        "heldout_registry_still",
    ]
    .iter()
    .flat_map(|name| set(name))
    {
        turns += 1;
        assert_eq!(done(&world.heard(&said.say), &world), [""; 0], "{} {:?}", said.id, said.say);
    }
    assert!(turns >= 1_000, "{turns}");
}

#[test]
fn what_must_act_does_so_to_the_right_object() {
    let world = world();
    let (mut right, mut wrong, mut turns) = (0, Vec::new(), 0);
    for said in ["blind1_act", "blind2_act"].iter().flat_map(|name| set(name)) {
        turns += 1;
        let answer = world.heard(&said.say);
        let done = done(&answer, &world);
        let act = said.act.as_deref().expect("an act");
        let act = if act == "reset" { "reject" } else { act };
        let meant = match said.job.as_deref() {
            Some("ask") => Vec::new(),
            job => vec![job.map_or(act.to_owned(), |job| format!("{act} {job}"))],
        };
        match done == meant {
            true => right += 1,
            // Asked instead of done is a question too many, and no harm.
            false if done.is_empty() => {}
            false => wrong.push(format!("{} {:?}: {meant:?}, not {done:?}", said.id, said.say)),
        }
    }
    println!(
        "{right} of {turns} do what is meant to what is meant; {} do something else: {wrong:#?}",
        wrong.len()
    );
    assert!(turns >= 300 && right * 100 >= turns * 85, "{right} of {turns}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
