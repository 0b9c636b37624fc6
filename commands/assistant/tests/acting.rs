//! What must not act does not, and what must act does: single turns beside a complete proposal and running jobs.

mod single;

use std::collections::BTreeMap;
use std::io::Write as _;

use single::Single;
use trainyard_assistant::reader::{complete_proposal, learned_from, mark};
use trainyard_assistant::{Intent, interpret};

fn set(name: &str) -> Vec<Single> {
    let path = format!("{}/tests/sets/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(&path).expect("the set is in the repository");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

/// Straight to the descriptor: the table is to be seen also when the test passes.
fn print(table: &str) {
    std::io::stdout().lock().write_all(table.as_bytes()).expect("stdout is open");
}

/// Of a set that must not act, those that do.
fn acts(name: &str) -> usize {
    let all = set(name);
    let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut table, mut wrong) = (String::new(), 0);
    for said in &all {
        let turn = said.read();
        let acts = turn.intent.acts();
        let of = by_kind.entry(said.kind.as_deref().unwrap_or("-")).or_default();
        *of = (of.0 + 1, of.1 + usize::from(acts));
        if acts {
            wrong += 1;
            table += &format!(
                "  {} {:?} is read as {} ({:.2})\n",
                said.id,
                said.say,
                turn.intent.name(),
                turn.confidence
            );
        }
    }
    print(&format!("\n{name}: {wrong} of {} act\n{table}", all.len()));
    for (kind, (turns, acts)) in by_kind.into_iter().filter(|(_, (_, acts))| *acts > 0) {
        print(&format!("  {kind}: {acts} of {turns}\n"));
    }
    wrong
}

/// Of a set that must act, the share that does what is meant to what is meant.
fn does(name: &str) -> f64 {
    let all = set(name);
    let (mut table, mut right, mut other) = (String::new(), 0, 0);
    for said in &all {
        let turn = said.read();
        if said.is_done_by(&turn) {
            right += 1;
            continue;
        }
        other += usize::from(turn.intent.acts());
        table += &format!(
            "  {} {:?}: {} {:?}, read as {} {:?} ({:.2}) {:?}\n",
            said.id,
            said.say,
            said.act.as_deref().unwrap_or("-"),
            said.job,
            turn.intent.name(),
            turn.slots.job,
            turn.confidence,
            turn.nearest
        );
    }
    print(&format!(
        "\n{name}: {right} of {} do what is meant, {other} do something else\n{table}",
        all.len()
    ));
    right as f64 / all.len() as f64
}

#[test]
fn what_must_not_act_does_not() {
    // When each was read first: 0 of 400 of `blind1_still`, 3 of 300 of `blind2_still`, 4 of 400 and 3 of 300 of the next two.
    let sets = [
        "blind1_still",
        "blind2_still",
        "blind3_still",
        "blind4_still",
        "blind5_still",
        "blind6_still",
        "blind7_still",
        "blind9_still",
        "blind10_still",
        "blind11_still",
        "heldout_still",
        "heldout_registry_still",
    ];
    assert!(sets.map(|name| set(name).len()).iter().sum::<usize>() >= 1_000);
    assert_eq!(sets.map(acts).iter().sum::<usize>(), 0);
}

#[test]
fn what_must_act_does() {
    for (name, floor) in [
        ("blind1_act", 0.98),
        ("blind2_act", 0.98),
        ("blind3_act", 0.92),
        ("blind4_act", 0.91),
        ("blind7_act", 0.9),
        ("blind9_act", 0.95),
        ("blind10_act", 0.95),
        ("blind11_act", 0.95),
        ("heldout_registry_act", 0.78),
    ] {
        let share = does(name);
        assert!(share >= floor, "{name}: {share}");
    }
}

/// Each said beside a complete proposal and of no job that is named.
#[test]
fn what_is_denied_or_of_other_things_does_not_act() {
    let open = complete_proposal();
    for said in [
        "let's not scrap this one",
        "no need to drop the proposal",
        "we won't discard it",
        "as if I'd ever start that",
        "keep staging as it stands, no roll back",
        "no deployment for job 4, thanks",
        "롤백은 없이 이대로 둡시다",
        "like I'd ever sign off on that, start what",
        "노래 아까 끊긴 데부터 이어서 틀어줘",
        "put the song on again from where it stopped",
    ] {
        let intent = interpret(said, Some(&open)).intent;
        assert!(!intent.acts(), "{said}: {intent:?}");
    }
    for (said, act) in [("let's not do this, drop it", Intent::Reject), ("제안은 버려줘", Intent::Reject)]
    {
        assert_eq!(interpret(said, Some(&open)).intent, act, "{said}");
    }
}

/// Words that speak against an act hold it up where they stand in its own sentence.
#[test]
fn what_is_told_around_an_order_does_not_hinder_it() {
    for (told, act) in [
        ("소장님도 보시더니 괜찮다고 하시네요. 진행해 주세요.", "approve"),
        ("My boss asked why it took so long. Please start the training.", "approve"),
        ("죄송한데 지금까지 말한 거 초기화하고 새로 시작할게요", "reset"),
    ] {
        assert_eq!(interpret(told, Some(&complete_proposal())).intent.name(), act, "{told}");
    }
    for still in ["과장님이 진행해 주세요 라고 했다던데요?", "He said please start the training, would you?"]
    {
        assert!(!interpret(still, Some(&complete_proposal())).intent.acts(), "{still}");
    }
}

/// `make reader` learns it anew.
#[test]
fn the_model_is_learned_from_these_sets() {
    let sets = format!("{}/tests/sets", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(sets)
        .expect("the sets are there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let learned = |name: &str| !name.starts_with("heldout") && !name.ends_with("_still");
    files.retain(|path| learned(&path.file_stem().unwrap_or_default().to_string_lossy()));
    let texts: Vec<String> =
        files.iter().map(|path| std::fs::read_to_string(path).expect("a set can be read")).collect();
    assert_eq!(mark(texts.iter().map(String::as_str)), learned_from(), "run `make reader`");
    let measured = include_str!("../reader.txt");
    assert!(measured.starts_with(&format!("learned from {:016x}\n", learned_from())), "run `make reader`");
}
