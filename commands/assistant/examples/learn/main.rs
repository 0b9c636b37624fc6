//! Learns the reader from the sets, and says how well it reads writers that it has not learned from: `make reader`. The same
//! sets give the same bytes. `--misses` shows what of each writer is read wrongly, `--quick`
//! measures nothing.

mod dialect;
mod noise;
mod report;
#[path = "../../tests/scored/mod.rs"]
mod scored;
mod sets;
mod settings;
mod stories;
mod train;
mod voices;

use std::path::PathBuf;

use trainyard_assistant::Intent;
use trainyard_assistant::reader::{BUCKETS, CLASSES, Example, Linear, Model, mark};

use report::Unseen;
use sets::{Set, Talk};

/// Parts that the writers are dealt into: each is read by a model that has learned from the others.
const PARTS: usize = 4;

fn main() {
    let flag = |name: &str| std::env::args().any(|argument| argument == name);
    let sets = sets::all();
    let learned: Vec<&Set> = sets.iter().filter(|set| set.is_learned).collect();
    let turns = || learned.iter().flat_map(|set| &set.conversations).flat_map(|it| &it.turns);
    let mut intents: Vec<Intent> = turns().map(|it| it.intent).collect();
    intents.sort_unstable();
    intents.dedup();
    let authors = sets::authors(&sets);
    let parts: Vec<Vec<&str>> =
        (0..PARTS).map(|part| authors.iter().copied().skip(part).step_by(PARTS).collect()).collect();
    let parts = if flag("--quick") { Vec::new() } else { parts };
    // The last one is without nobody.
    let mut models = without(&[&parts[..], &[Vec::new()]].concat(), &learned, &intents);
    let mut model = models.pop().expect("there is the whole one");
    let unseen = |temperature: Option<f32>| -> Vec<Unseen> {
        let each = parts
            .iter()
            .zip(&models)
            .flat_map(|(part, model)| part.iter().map(move |author| (author, model)));
        each.map(|(author, model)| {
            let model = Model { temperature: temperature.unwrap_or(model.temperature), ..model.clone() };
            Unseen::of(author, sets.iter().filter(|set| set.author == *author), &model)
        })
        .collect()
    };
    if !flag("--quick") {
        model.temperature = report::temperature(&unseen(None), &intents);
    }
    let table = report::table(&unseen(Some(model.temperature)), flag("--misses"));
    print!("{table}");
    model.sets = mark(learned.iter().map(|set| set.text.as_str()));
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let bytes = model.write();
    std::fs::write(folder.join("reader.model"), &bytes).expect("the model can be written");
    let measured = format!(
        "learned from {:016x}\n{}",
        model.sets,
        report::table(&unseen(Some(model.temperature)), false)
    );
    std::fs::write(folder.join("reader.txt"), measured).expect("what was measured can be written");
    let (turns, megabytes) = (turns().count(), bytes.len() as f64 / 1e6);
    println!(
        "{turns} turns, {} intents, temperature {:.2}, {megabytes:.1} MB",
        intents.len(),
        model.temperature
    );
}

/// For each part a model that has learned from everybody else.
fn without(parts: &[Vec<&str>], learned: &[&Set], intents: &[Intent]) -> Vec<Model> {
    let learn = |part: &Vec<&str>| {
        let talks: Vec<&Talk> = learned
            .iter()
            .filter(|set| !part.contains(&set.author))
            .flat_map(|set| &set.conversations)
            .collect();
        let model = learn(&talks, intents);
        eprintln!("learned without {}", part.join(", "));
        model
    };
    std::thread::scope(|scope| {
        let learning: Vec<_> = parts.iter().map(|part| scope.spawn(move || learn(part))).collect();
        learning.into_iter().map(|model| model.join().expect("learning does not panic")).collect()
    })
}

/// What is learned of these: every turn as it is, as somebody else would have typed it, and as it is said elsewhere; and what is
/// made from frames. Numbers come first: what a turn wants is told by what is left of it once they are read.
fn learn(talks: &[&Talk], intents: &[Intent]) -> Model {
    let examples = |numbers: &Linear| -> Vec<Example> {
        let of = |talk: &&Talk| talk.examples(numbers).into_iter().chain(talk.variants(numbers));
        talks.iter().flat_map(of).chain(voices::all(numbers)).collect()
    };
    let blank = Linear::blank(BUCKETS, CLASSES);
    let numbers = train::numbers(examples(&blank).iter().chain(&settings::all(&blank)));
    train::learn(&examples(&numbers), numbers, intents)
}
