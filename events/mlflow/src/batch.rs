//! Pure: parts what is to be said of a run into requests that MLflow takes.

use serde_json::{Value, json};

use crate::run::Point;

/// MLflow's own limits, the last one with room for what stands around.
const METRICS: usize = 1_000;
const PARAMS: usize = 100;
const TAGS: usize = 100;
const ENTRIES: usize = 1_000;
const BYTES: usize = 800_000;
/// Of an entry besides its texts.
const ENTRY_BYTES: usize = 100;

type Text<'t> = (&'t String, &'t String);

/// The bodies of `runs/log-batch`, one after the other.
pub(crate) fn batches<'t>(
    run: &str,
    params: impl IntoIterator<Item = Text<'t>>,
    tags: impl IntoIterator<Item = Text<'t>>,
    points: &[Point],
) -> Vec<Value> {
    let mut batches = Batches::default();
    for (key, value) in params {
        let entry = json!({ "key": key, "value": value });
        batches.add(entry, key.len() + value.len(), |batch| (&mut batch.params, PARAMS));
    }
    for (key, value) in tags {
        let entry = json!({ "key": key, "value": value });
        batches.add(entry, key.len() + value.len(), |batch| (&mut batch.tags, TAGS));
    }
    for Point { key, value, timestamp, step } in points {
        let entry = json!({ "key": key, "value": value, "timestamp": timestamp, "step": step });
        batches.add(entry, key.len(), |batch| (&mut batch.metrics, METRICS));
    }
    let body = |Batch { params, tags, metrics, .. }| json!({ "run_id": run, "params": params, "tags": tags, "metrics": metrics });
    batches.full.into_iter().chain(batches.last).map(body).collect()
}

#[derive(Default)]
struct Batch {
    params: Vec<Value>,
    tags: Vec<Value>,
    metrics: Vec<Value>,
    entries: usize,
    bytes: usize,
}

#[derive(Default)]
struct Batches {
    full: Vec<Batch>,
    last: Option<Batch>,
}

impl Batches {
    fn add(&mut self, entry: Value, texts: usize, among: fn(&mut Batch) -> (&mut Vec<Value>, usize)) {
        // What JSON escapes takes two bytes, and what cannot be printed six; neither is common.
        let bytes = ENTRY_BYTES + entry.to_string().len().max(texts);
        let mut batch = self.last.take().unwrap_or_default();
        let (of_kind, limit) = among(&mut batch);
        let is_full = of_kind.len() >= limit;
        if is_full || batch.entries >= ENTRIES || batch.bytes + bytes > BYTES {
            self.full.push(std::mem::take(&mut batch));
        }
        among(&mut batch).0.push(entry);
        batch.entries += 1;
        batch.bytes += bytes;
        self.last = Some(batch);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn count(batches: &[Value], what: &str) -> Vec<usize> {
        batches.iter().map(|batch| batch[what].as_array().expect("a list").len()).collect()
    }

    #[test]
    fn no_request_is_more_than_mlflow_takes() {
        let texts = |number: usize, length: usize| -> BTreeMap<String, String> {
            (0..number).map(|it| (format!("key {it:04}"), "긁".repeat(length))).collect()
        };
        let point = |step| Point { key: "train/loss".to_owned(), value: 0.5, timestamp: 1, step };
        let points: Vec<Point> = (0..2_500).map(point).collect();
        let (params, tags) = (texts(250, 10), texts(40, 10));
        let made = batches("r", &params, &tags, &points);
        assert_eq!(count(&made, "params").iter().sum::<usize>(), 250);
        assert_eq!(count(&made, "tags").iter().sum::<usize>(), 40);
        assert_eq!(count(&made, "metrics").iter().sum::<usize>(), 2_500);
        assert_eq!(made.len(), 5, "{:?}", count(&made, "metrics"));
        let long = texts(150, 6_000);
        let made = batches("r", &long, &tags, &points);
        for batch in &made {
            let kinds =
                ["params", "tags", "metrics"].map(|what| batch[what].as_array().expect("a list").len());
            assert!(kinds[0] <= PARAMS && kinds[1] <= TAGS && kinds[2] <= METRICS, "{kinds:?}");
            assert!(kinds.iter().sum::<usize>() <= ENTRIES, "{kinds:?}");
            assert!(batch.to_string().len() <= 1_000_000, "{}", batch.to_string().len());
        }
        assert!(batches("r", &BTreeMap::new(), &BTreeMap::new(), &[]).is_empty());
    }
}
