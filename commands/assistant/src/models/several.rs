//! Several trainings in one order: "resnet18 하나, resnet34 하나", "yolo11n and yolo11s, 50 epochs each".

use super::Mention;
use crate::cues::Cues;
use crate::lexicon::models::{EACH, JOINED};
use crate::text::Text;

/// The mentions that begin a training of their own, in order; none where only one is ordered.
pub(crate) fn several<'a>(text: &Text, cues: &Cues, mentions: &'a [Mention]) -> Vec<&'a Mention> {
    let mut meant: Vec<&Mention> = Vec::new();
    for mention in mentions.iter().filter(|mention| !mention.denied) {
        if meant.iter().all(|other| other.id != mention.id) {
            meant.push(mention);
        }
    }
    let joined = meant.windows(2).all(|pair| is_joined(text, pair[0], pair[1]));
    if meant.len() < 2 || !(joined || cues.any(EACH)) {
        meant.clear();
    }
    meant
}

fn is_joined(text: &Text, first: &Mention, second: &Mention) -> bool {
    let from = text.skip_spaces(first.range.end);
    text.any_at(from, JOINED).is_some_and(|end| text.skip_spaces(end) == second.range.start)
}
