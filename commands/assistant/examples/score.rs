//! Scores sets that are not in the repository: `make score SET=path/to/set.jsonl`. Conversations by intent, slots and exact
//! turns; single turns, beside an open proposal, by whether they act, and those that must by what they do.

#[path = "../tests/scored/mod.rs"]
mod scored;
#[path = "../tests/single/mod.rs"]
mod single;

use std::collections::BTreeMap;

use scored::{Conversation, Score, spec, voice};
use serde_json::Value;
use single::Single;
use trainyard_assistant::interpret_conversation;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shows = std::env::args().any(|argument| argument == "--misses");
    for path in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        let text = std::fs::read_to_string(&path)?;
        let mut scores: BTreeMap<(usize, String), Score> = BTreeMap::new();
        let (mut single, mut acts, mut right) = (0, 0, 0);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let read: Value = serde_json::from_str(line)?;
            if read["turns"].is_null() {
                let said: Single = serde_json::from_value(read)?;
                let turn = said.read();
                let is_right = said.is_done_by(&turn);
                single += 1;
                acts += usize::from(turn.intent.acts());
                right += usize::from(is_right);
                let misses = if said.act.is_some() { !is_right } else { turn.intent.acts() };
                if shows && misses {
                    println!(
                        "  {} {:?}: {} {:?}, read as {} {:?} ({:.2}) {:?}",
                        said.id,
                        said.say,
                        said.act.or(said.kind).unwrap_or_default(),
                        said.job,
                        turn.intent.name(),
                        turn.slots.job,
                        turn.confidence,
                        turn.nearest
                    );
                }
                continue;
            }
            let told: Conversation = serde_json::from_value(read)?;
            for (turn, prompt) in interpret_conversation(&told.said()).iter().zip(&told.turns) {
                let rows = [(0, "all"), (1, told.lang.as_str()), (2, voice(told.voice.as_deref()))];
                let exact = rows.map(|(rank, row)| {
                    scores.entry((rank, row.to_owned())).or_default().take(&prompt.expect, turn)
                });
                if shows && !exact[0] {
                    let (meant, stated) = (&prompt.expect, spec(turn));
                    let meant_spec = serde_json::to_string(&meant.spec)?;
                    let given = serde_json::to_string(&stated)?;
                    println!(
                        "  {} {:?}: {} {meant_spec}, read {} {given}",
                        told.id,
                        prompt.say,
                        meant.intent,
                        turn.intent.name()
                    );
                }
            }
        }
        println!("{path}");
        if !scores.is_empty() {
            println!("{:<14} {:>6} {:>9} {:>9} {:>9}", "", "turns", "intent", "slot F1", "exact");
        }
        for ((_, row), score) in &scores {
            let shares =
                [score.share(score.intents), score.f1(), score.share(score.exact)].map(|it| 100.0 * it);
            let [intents, f1, exact] = shares;
            println!("{row:<14} {:>6} {intents:>8.1}% {f1:>8.1}% {exact:>8.1}%", score.turns);
        }
        if single > 0 {
            println!("{acts} of {single} single turns act, {right} do what was ordered to what was named");
        }
    }
    Ok(())
}
