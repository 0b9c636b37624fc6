//! What must not act does not, and what must act does so to the right object: whole answers beside an open proposal and jobs.

use serde::Deserialize;
use trainyard_commands::chat::ChatCommand;
use trainyard_conversation::{Act, Answer};
use trainyard_views::JobStatus;

use crate::world::World;

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

/// Two jobs run, one has failed, three have finished, the fifth as the best; and a proposal is open.
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
        .with(Training, "resnet50", None);
    world.say("resnet50으로 data/flowers 50 에폭 학습해줘");
    assert!(world.thread().chat.open.is_some_and(|open| open.missing.is_empty()));
    world
}

/// What an answer does, and to which job: such as `cancel` and 7.
fn done(answer: &Answer, world: &World) -> Vec<(&'static str, Option<u64>)> {
    let acts = answer.acts.iter().map(|act| match act {
        Act::Cancel(job) => ("cancel", Some(job.number)),
        Act::Deploy(job) => ("deploy", Some(job.number)),
    });
    let number =
        |id: &Option<uuid::Uuid>| world.jobs.iter().find(|job| Some(job.id) == *id).map(|job| job.number);
    let said = match &answer.say {
        ChatCommand::ApproveProposal { .. } => Some(("approve", None)),
        ChatCommand::RejectProposal { .. } => Some(("reject", None)),
        ChatCommand::GiveReply { intent, job, .. } if intent == "resume" => {
            number(job).map(|number| ("resume", Some(number)))
        }
        _ => None,
    };
    acts.chain(said).collect()
}

#[test]
fn what_must_not_act_changes_nothing() {
    let world = world();
    let mut turns = 0;
    for said in ["blind1_still", "blind2_still", "blind4_still", "blind5_still", "heldout_still"]
        .iter()
        .flat_map(|name| set(name))
    {
        turns += 1;
        assert_eq!(done(&world.heard(&said.say), &world), [], "{} {:?}", said.id, said.say);
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
            job => vec![(act, job.map(|job| job.parse().expect("a number")))],
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
