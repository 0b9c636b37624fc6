//! Measures the grammar on prompts: intent accuracy, slot F1 and exact turns, by language, each with a floor; and what the
//! worst misses need.

mod scored;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use scored::{Conversation, Prompt, Score, same, spec, voice};
use serde_json::{Map, Value};
use trainyard_assistant::{Intent, interpret_conversation};

/// The worst misses of a set that are printed.
const SHOWN: usize = 10;

/// A turn that was not read exactly.
struct Miss {
    /// Wrong action first, then wrong intent, then wrong slots, the more the worse.
    weight: usize,
    text: String,
}

/// What of the turn would have to be read otherwise.
fn miss(id: &str, prompt: &Prompt, intent: Intent, spec: &Map<String, Value>) -> Miss {
    let expected = &prompt.expect;
    let mut needs = Vec::new();
    if intent.name() != expected.intent {
        needs.push(format!("the intent {}, not {}", expected.intent, intent.name()));
    }
    for (slot, value) in &expected.spec {
        match spec.get(slot) {
            None => needs.push(format!("{slot} {value}")),
            Some(given) if !same(given, value) => needs.push(format!("{slot} {value}, not {given}")),
            Some(_) => {}
        }
    }
    for slot in spec.keys().filter(|slot| !expected.spec.contains_key(*slot)) {
        needs.push(format!("no {slot}"));
    }
    let acts = intent.acts();
    let other = intent.name() != expected.intent;
    let weight = usize::from(acts && other) * 100 + usize::from(other) * 10 + needs.len();
    Miss { weight, text: format!("{id} {:?}: needs {}", prompt.say, needs.join("; ")) }
}

fn measure(name: &str, floor: f64) {
    let path = format!("{}/tests/sets/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(&path).expect("the set is in the repository");
    let mut scores: BTreeMap<(usize, String), Score> = BTreeMap::new();
    let mut misses = Vec::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let conversation: Conversation =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        for (turn, prompt) in interpret_conversation(&conversation.said()).iter().zip(&conversation.turns) {
            let voice = voice(conversation.voice.as_deref());
            let rows = [(0, "all"), (1, conversation.lang.as_str()), (2, voice)];
            let exact = rows.map(|(rank, row)| {
                scores.entry((rank, row.to_owned())).or_default().take(&prompt.expect, turn)
            });
            if !exact[0] {
                misses.push(miss(&conversation.id, prompt, turn.intent, &spec(turn)));
            }
        }
    }
    // Straight to the descriptor: the table is to be seen also when the test passes.
    let mut out = std::io::stdout().lock();
    let mut table = format!("\n{name:<14} {:>6} {:>9} {:>9} {:>9}\n", "turns", "intent", "slot F1", "exact");
    for ((_, row), score) in scores.iter().filter(|((_, row), _)| row != "untold") {
        let (intents, f1, exact) = (score.share(score.intents), score.f1(), score.share(score.exact));
        let [intents, f1, exact] = [intents, f1, exact].map(|share| 100.0 * share);
        let _ = writeln!(table, "{row:<14} {:>6} {intents:>8.1}% {f1:>8.1}% {exact:>8.1}%", score.turns);
    }
    misses.sort_by_key(|miss| std::cmp::Reverse(miss.weight));
    // A held-back set's misses stay unseen unless someone asks: who reads them can no longer measure with it.
    let asked = std::env::args().any(|argument| argument == "--show-output");
    let shown = match (name.starts_with("heldout"), asked) {
        (true, false) => 0,
        (_, true) => misses.len(),
        (false, false) => SHOWN,
    };
    for miss in misses.iter().take(shown) {
        let _ = writeln!(table, "  {}", miss.text);
    }
    out.write_all(table.as_bytes()).expect("stdout is open");
    drop(out);
    let all = &scores[&(0, "all".to_owned())];
    let exact = all.share(all.exact);
    assert!(
        exact >= floor,
        "{name}: {:.1} % exact turns, below the floor of {:.1} %",
        100.0 * exact,
        100.0 * floor
    );
}

#[test]
fn the_sample_is_understood() {
    measure("sample", 0.995);
}

/// Those that the grammar was tuned on.
#[test]
fn our_own_prompts_are_understood() {
    measure("dev", 0.98);
}

#[test]
fn our_newer_prompts_are_understood() {
    measure("dev2", 0.985);
}

#[test]
fn newer_held_back_prompts_are_understood() {
    measure("heldout2", 0.96);
}

/// A third of what others wrote blind, as users write; the grammar has seen the other two thirds.
#[test]
fn held_back_prompts_of_others_are_understood() {
    measure("heldout3", 0.955);
}

/// Written blind by others, as users write.
#[test]
fn prompts_of_others_are_understood() {
    measure("dev3", 0.99);
}

#[test]
fn prompts_of_other_people_are_understood() {
    measure("dev4", 0.97);
}

#[test]
fn more_prompts_of_other_people_are_understood() {
    measure("dev5", 0.985);
}

#[test]
fn yet_more_prompts_of_other_people_are_understood() {
    measure("dev7", 0.98);
}

/// Written last, blind and in odd voices, and read by nobody since: how new wording fares.
#[test]
fn the_last_held_back_prompts_are_understood() {
    measure("heldout4", 0.94);
}

/// Two thirds of 240 conversations that a writer in many voices wrote blind.
#[test]
fn prompts_in_many_voices_are_understood() {
    measure("dev8", 0.985);
}

/// Variants of what was misread of those: values without a name, edits of the classes, jobs corrected.
#[test]
fn newer_variants_are_understood() {
    measure("dev9", 0.995);
}

/// Idioms of both languages, off-topic questions in the shape of ours, and values without a name.
#[test]
fn idioms_are_understood() {
    measure("dev10", 0.96);
}

/// Two thirds of 300 conversations that two writers wrote blind.
#[test]
fn prompts_of_two_writers_are_understood() {
    measure("dev11", 0.99);
}

/// The other third: every conversation whose place in its writer's file is a multiple of three.
#[test]
fn held_back_prompts_of_two_writers_are_understood() {
    measure("heldout6", 0.975);
}

/// Two thirds of 300 conversations that two more writers wrote blind.
#[test]
fn prompts_of_two_more_writers_are_understood() {
    measure("dev12", 0.99);
}

/// Variants of what was misread of those.
#[test]
fn variants_of_two_more_writers_are_understood() {
    measure("dev13", 0.97);
}

/// Questions about a setting, the list alone, and a question asked again of another job: what was seen in use.
#[test]
fn questions_and_what_follows_them_are_understood() {
    measure("dev14", 0.995);
}

/// The other third: every conversation whose place in its writer's file is a multiple of three.
#[test]
fn held_back_prompts_of_two_more_writers_are_understood() {
    measure("heldout7", 0.97);
}

/// The other third: every conversation whose number is a multiple of three.
#[test]
fn held_back_prompts_in_many_voices_are_understood() {
    measure("heldout5", 0.92);
}

/// Variants of what was misread before, a class at a time.
#[test]
fn variants_are_understood() {
    measure("dev6", 0.94);
}

/// Written apart, and never looked at one by one while tuning.
#[test]
fn held_back_prompts_are_understood() {
    measure("heldout", 0.95);
}

/// Written blind, in many voices, by somebody who has seen neither the code nor its misses; with the first score on it in
/// docs/talk.md.
#[test]
fn the_first_blind_set_is_understood() {
    measure("blind1", 0.945);
}

/// Written without sight of the code or any set.
#[test]
fn the_fourth_blind_set_is_understood() {
    measure("blind4", 0.94);
}

/// The same, later.
#[test]
fn the_fifth_blind_set_is_understood() {
    measure("blind5", 0.935);
}

/// The same, with models that people have named.
#[test]
fn the_sixth_blind_set_is_understood() {
    measure("blind6", 0.97);
}

/// The same: dialects, what is dictated, and wishes within stories above all.
#[test]
fn the_seventh_blind_set_is_understood() {
    measure("blind7", 0.88);
}

/// The same: bullets, change of mind, dialect, dictation, politeness.
#[test]
fn the_ninth_blind_set_is_understood() {
    measure("blind9", 0.97);
}

/// Lists that nothing announces, questions beside a proposal.
#[test]
fn the_tenth_blind_set_is_understood() {
    measure("blind10", 0.96);
}

/// The same, with many questions about the product.
#[test]
fn the_eleventh_blind_set_is_understood() {
    measure("blind11", 0.95);
}

/// Jobs, tasks and values that are taken back, sizes that describe, and orders in polite or hasty words.
#[test]
fn what_is_taken_back_is_understood() {
    measure("dev19", 0.95);
    measure("dev20", 0.95);
}

#[test]
fn conversations_written_to_learn_from_are_understood() {
    measure("dev15", 0.94);
}

#[test]
fn orders_told_in_prose_are_understood() {
    measure("dev16", 0.89);
}

#[test]
fn everyday_questions_are_understood() {
    measure("dev17", 0.975);
}

#[test]
fn who_has_good_ones_only_is_understood() {
    measure("heldout_anomaly", 0.85);
}

#[test]
fn the_second_blind_set_is_understood() {
    measure("blind2", 0.93);
}
