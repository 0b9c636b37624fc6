//! What the runners of the fleet say of themselves: fetched from the store once for each, and kept while a worker has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use trainyard_assistant::catalog::Runners;
use trainyard_events::card::{Description, shelf};
use trainyard_events::fleet::WorkerRecord;

use crate::gateway::Gateway;

/// The largest description, in bytes.
const DESCRIPTION_BYTES: u64 = 8 << 20;
/// Runners that are known at once.
const DESCRIPTIONS: usize = 64;

/// Of the workers that were there when somebody last asked.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// By the SHA-256 of each.
    descriptions: BTreeMap<String, Description>,
    runners: Arc<Runners>,
}

impl Gateway {
    /// What can be trained now besides what our own trainer does. A description that cannot be had is left out, and asked for
    /// again the next time.
    pub(crate) async fn runners(&self) -> Arc<Runners> {
        let told = told(&self.hub.fleet().borrow().everyone());
        let (missing, runners) = {
            let kept = self.shelf.kept();
            let missing: Vec<_> =
                told.iter().filter(|hash| !kept.descriptions.contains_key(*hash)).cloned().collect();
            (missing, (told.len() == kept.descriptions.len()).then(|| kept.runners.clone()))
        };
        if let (true, Some(runners)) = (missing.is_empty(), runners) {
            return runners;
        }
        let mut found = Vec::new();
        for hash in missing {
            found.extend(self.description(&hash).await.map(|description| (hash, description)));
        }
        let mut kept = self.shelf.kept();
        kept.descriptions.extend(found);
        kept.descriptions.retain(|hash, _| told.contains(hash));
        kept.runners = Arc::new(Runners::new(kept.descriptions.values().cloned()));
        kept.runners.clone()
    }

    async fn description(&self, hash: &str) -> Option<Description> {
        let words = self.store.get_bytes(&shelf(hash), DESCRIPTION_BYTES).await;
        let words = words
            .inspect_err(|error| tracing::warn!(hash, %error, "what a runner says of itself is not there"));
        serde_json::from_slice(&words.ok()?)
            .inspect_err(|error| tracing::warn!(hash, %error, "what a runner says of itself cannot be read"))
            .ok()
    }
}

impl Shelf {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().expect("nothing panics while it holds the descriptions")
    }
}

fn told(fleet: &[WorkerRecord]) -> BTreeSet<String> {
    let runners = fleet.iter().flat_map(|worker| &worker.runners);
    runners.map(|runner| runner.description.clone()).take(DESCRIPTIONS).collect()
}
