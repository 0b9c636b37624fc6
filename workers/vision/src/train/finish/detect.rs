//! What a detector's reports say.

use serde_json::{Value, json};

use crate::data::scenes::Scenes;
use crate::failure::Failure;
use crate::train::evaluate::Detected;

use super::{Account, bytes};

pub(super) fn account(classes: &[String], _scenes: &Scenes, detected: &Detected) -> Result<Account, Failure> {
    let of_class: Vec<Value> = classes.iter().zip(&detected.precision.classes).map(|(name, class)| json!({ "name": name, "ap": class.ap, "ap50": class.ap50, "support": class.truths })).collect();
    let mut rows = classes.to_vec();
    rows.push("background".to_owned());
    Ok(Account {
        classes: of_class,
        counts: detected.matched.counts.clone(),
        rows,
        others: vec![("x", "x", bytes(&json!(1))?)],
    })
}
