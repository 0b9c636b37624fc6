//! `trainyard registry compare`: what two versions answer to the same images, and what they measured.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};
use trainyard_events::chat::Language;
use trainyard_events::model::ModelCard;
use trainyard_events::prediction::Prediction;
use trainyard_words::{measure_name, measure_value};

use crate::cli::client::Client;
use crate::cli::predict::{images, percent};
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

/// What both say about one image.
struct Pair {
    image: PathBuf,
    answers: [Vec<Prediction>; 2],
}

pub(super) async fn run(client: &Client, written: [&str; 2], named: &[PathBuf], json: bool) -> Result<()> {
    let images = images(client, named)?;
    let mut cards = Vec::new();
    let mut names = Vec::new();
    for written in written {
        // As of now, so that an alias that moves meanwhile does not change sides.
        let (name, number) = super::version(client, written).await?;
        let model = super::of_name(client, &name).await?;
        cards.extend(model.model.version(number).map(|version| version.card.clone()));
        names.push(format!("{name}@{number}"));
    }
    let mut pairs = Vec::new();
    for image in images {
        let answers = [client.predict(&names[0], &image).await?, client.predict(&names[1], &image).await?];
        pairs.push(Pair { answers: answers.map(|answer| answer.predictions.clone()), image });
    }
    if json {
        return print_json(&as_json(&pairs, &names, &cards));
    }
    let language = client.language;
    let header = [pick(language, "이미지", "image"), &names[0], &names[1], ""];
    let rows: Vec<Vec<String>> = pairs.iter().map(|pair| row(pair, &cards, language)).collect();
    table::print(&header, &rows);
    let (same, all) = (pairs.iter().filter(|pair| pair.agrees(&cards)).count(), pairs.len());
    let part = same as f64 / all.max(1) as f64 * 100.0;
    line(pick(
        language,
        format!("이미지 {all}개 가운데 {same}개에서 답이 같습니다({part:.1} %)"),
        format!("they agree on {same} of {all} images ({part:.1} %)"),
    ));
    measurements(&names, &cards, language);
    Ok(())
}

impl Pair {
    /// The same class; of objects, as many of each class.
    fn agrees(&self, cards: &[ModelCard]) -> bool {
        let [first, second] = &self.answers;
        said(first, cards.first()) == said(second, cards.get(1))
    }
}

/// What an answer comes down to, in an order of its own.
fn said(predictions: &[Prediction], card: Option<&ModelCard>) -> Vec<String> {
    let is_one = card.is_some_and(|card| card.task.is_of_image());
    let most = if is_one { 1 } else { predictions.len() };
    let mut classes: Vec<String> = predictions.iter().take(most).map(|found| found.class.clone()).collect();
    classes.sort();
    classes
}

fn row(pair: &Pair, cards: &[ModelCard], language: Language) -> Vec<String> {
    let shown = |predictions: &[Prediction], card: Option<&ModelCard>| match predictions {
        [] => pick(language, "없음", "nothing").to_owned(),
        [first, ..] if card.is_some_and(|card| card.task.is_of_image()) => {
            format!("{} {}", first.class, percent(first))
        }
        all => said(all, card).join(", "),
    };
    let differs = if pair.agrees(cards) { "" } else { pick(language, "다름", "differs") };
    vec![
        pair.image.display().to_string(),
        shown(&pair.answers[0], cards.first()),
        shown(&pair.answers[1], cards.get(1)),
        differs.to_owned(),
    ]
}

/// Numbers of two versions stand side by side only where both were measured on the same images.
fn measurements(names: &[String], cards: &[ModelCard], language: Language) {
    let [first, second] = cards else { return };
    if !are_comparable(first, second) {
        let [one, two] = [first, second].map(|card| card.dataset.as_deref().unwrap_or("-"));
        line(pick(
            language,
            format!("측정한 데이터가 달라({one}, {two}) 측정값은 견주지 않습니다"),
            format!("their measurements are of other data ({one}, {two}), and not compared"),
        ));
        return;
    }
    let measured: BTreeSet<&String> = first.measurements.keys().chain(second.measurements.keys()).collect();
    let value = |card: &ModelCard, name: &str| {
        card.measurements.get(name).map_or_else(|| "-".to_owned(), |value| measure_value(name, *value))
    };
    let rows: Vec<Vec<String>> = measured
        .iter()
        .map(|name| vec![measure_name(name, language), value(first, name), value(second, name)])
        .collect();
    line("");
    table::print(&[pick(language, "측정값", "measurement"), &names[0], &names[1]], &rows);
}

fn are_comparable(first: &ModelCard, second: &ModelCard) -> bool {
    first.dataset_hash.is_some() && first.dataset_hash == second.dataset_hash
}

fn as_json(pairs: &[Pair], names: &[String], cards: &[ModelCard]) -> Value {
    let name = |image: &Path| image.display().to_string();
    let images: Vec<Value> = pairs
        .iter()
        .map(|pair| {
            let same = pair.agrees(cards);
            json!({ "image": name(&pair.image), "answers": pair.answers, "same": same })
        })
        .collect();
    let same = pairs.iter().filter(|pair| pair.agrees(cards)).count();
    let comparable = matches!(cards, [first, second] if are_comparable(first, second));
    let measured = comparable.then(|| cards.iter().map(|card| &card.measurements).collect::<Vec<_>>());
    json!({ "versions": names, "images": images, "same": same, "measurements": measured })
}

#[cfg(test)]
mod tests {
    use trainyard_events::config::Task;

    use super::*;

    fn card(task: Task, dataset: &str) -> ModelCard {
        let artifact = json!({ "role": "onnx", "key": "k", "sha256": "s", "bytes": 1 });
        serde_json::from_value(json!({
            "job": uuid::Uuid::nil(), "export": artifact, "task": task, "model": "resnet18", "classes": ["a"],
            "dataset_hash": dataset, "config_hash": "c", "measurements": { "accuracy": 0.9 },
        }))
        .expect("a card")
    }

    fn pair(first: &[&str], second: &[&str]) -> Pair {
        let of = |classes: &[&str]| classes.iter().map(|class| Prediction::of(class, 0.5)).collect();
        Pair { image: "a.png".into(), answers: [of(first), of(second)] }
    }

    #[test]
    fn classifiers_agree_by_the_class_and_detectors_by_how_many_of_each() {
        let of = |task| [card(task, "d"), card(task, "d")];
        let (classify, detect) = (of(Task::Classify), of(Task::Detect));
        assert!(pair(&["a", "b"], &["a", "c"]).agrees(&classify));
        assert!(!pair(&["a", "b"], &["b", "a"]).agrees(&classify));
        assert!(pair(&["a", "b"], &["b", "a"]).agrees(&detect));
        assert!(!pair(&["a", "a"], &["a"]).agrees(&detect));
        assert!(pair(&[], &[]).agrees(&detect));
    }

    #[test]
    fn numbers_are_compared_on_the_same_data_only() {
        assert!(are_comparable(&card(Task::Classify, "d"), &card(Task::Classify, "d")));
        assert!(!are_comparable(&card(Task::Classify, "d"), &card(Task::Classify, "e")));
        let cards = [card(Task::Classify, "d"), card(Task::Classify, "e")];
        let names = ["m@1".to_owned(), "m@2".to_owned()];
        let told = as_json(&[pair(&["a"], &["b"]), pair(&["a"], &["a"])], &names, &cards);
        assert_eq!((&told["same"], &told["measurements"]), (&json!(1), &Value::Null), "{told}");
        assert_eq!(told["images"][0]["same"], json!(false));
    }
}
