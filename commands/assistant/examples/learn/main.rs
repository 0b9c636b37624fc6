//! Learns the reader from the sets, and says how well all blind sets are read by one that has learned from none of them:
//! `make reader`. The same sets give the same bytes. `--misses` shows what is read wrongly, `--measure` writes nothing.

mod dialect;
mod names;
mod noise;
mod report;
#[path = "../../tests/scored/mod.rs"]
mod scored;
mod sets;
mod settings;
mod spelled;
mod stories;
mod train;
mod voices;

use std::path::PathBuf;

use trainyard_assistant::Intent;
use trainyard_assistant::reader::{Example, Model, Values, mark};

use report::Unseen;
use sets::{Set, Talk};

fn main() {
    let flag = |name: &str| std::env::args().any(|argument| argument == name);
    let sets = sets::all();
    let learned: Vec<&Set> = sets.iter().filter(|set| set.is_learned).collect();
    let turns = || learned.iter().flat_map(|set| &set.conversations).flat_map(|it| &it.turns);
    let mut intents: Vec<Intent> = turns().map(|it| it.intent).collect();
    intents.sort_unstable();
    intents.dedup();
    let talks = |of: fn(&Set) -> bool| -> Vec<&Talk> {
        learned.iter().filter(|set| of(set)).flat_map(|set| &set.conversations).collect()
    };
    let (known, all) = (talks(|set| !set.is_blind()), talks(|_| true));
    let (mut unaware, model) = std::thread::scope(|scope| {
        let whole = scope.spawn(|| (!flag("--measure")).then(|| learn(&all, &intents)));
        (learn(&known, &intents), whole.join().expect("learning does not panic"))
    });
    unaware.temperature = report::temperature(&unseen(&sets, &unaware), &intents);
    let measured = unseen(&sets, &unaware);
    print!("{}", report::table(&measured, flag("--misses")));
    let Some(mut model) = model else { return };
    model.temperature = unaware.temperature;
    model.sets = mark(learned.iter().map(|set| set.text.as_str()));
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let bytes = model.write();
    std::fs::write(folder.join("reader.model"), &bytes).expect("the model can be written");
    let table = format!("learned from {:016x}\n{}", model.sets, report::table(&measured, false));
    std::fs::write(folder.join("reader.txt"), table).expect("what was measured can be written");
    let (turns, megabytes) = (turns().count(), bytes.len() as f64 / 1e6);
    println!(
        "{turns} turns, {} intents, temperature {:.2}, {megabytes:.1} MB",
        intents.len(),
        model.temperature
    );
}

/// What each writer of a blind set wrote, read by a model that has learned from none of them.
fn unseen(sets: &[Set], model: &Model) -> Vec<Unseen> {
    let authors = sets::authors(sets).into_iter();
    let blind = authors.filter(|author| sets.iter().any(|set| set.author == *author && set.is_blind()));
    blind.map(|author| Unseen::of(author, sets.iter().filter(|set| set.author == author), model)).collect()
}

/// What is learned of these: every turn as it is, as somebody else would have typed it, and as it is said elsewhere; and what is
/// made from frames. Values come first: what a turn wants is told by what is left of it once they are read.
fn learn(talks: &[&Talk], intents: &[Intent]) -> Model {
    let examples = |values: &Values| -> Vec<Example> {
        let of = |talk: &&Talk| talk.examples(values).into_iter().chain(talk.variants(values));
        talks.iter().flat_map(of).chain(voices::all(values)).collect()
    };
    let blank = Values::blank();
    let values = train::values(examples(&blank).iter().chain(&settings::all(&blank)));
    train::learn(&examples(&values), values, intents)
}
