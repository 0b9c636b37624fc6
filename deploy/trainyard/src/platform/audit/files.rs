//! Reads the files that events name back from the store, those that are new first, and then all of them in turn, at a pace that
//! leaves the store to others.

use std::collections::VecDeque;
use std::time::Duration;

use futures::TryStreamExt;
use tokio::time::{Instant, sleep_until};
use trainyard_audit::{Needed, Rule};
use trainyard_store::{Store, StoreError};

/// What is read a second, in bytes, beyond which it rests.
const PACE: u64 = 20_000_000;
/// From one file that was looked at before to the next, so that a small store is not read all day.
const BETWEEN: Duration = Duration::from_secs(10);

/// What to look at next.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    fresh: VecDeque<String>,
    /// The last one of the round.
    last: String,
}

impl Rounds {
    pub(crate) fn add(&mut self, fresh: Vec<String>) {
        self.fresh.extend(fresh);
    }

    pub(crate) fn waiting(&self) -> usize {
        self.fresh.len()
    }

    /// The next one and when to look at it; `after` finds the file that follows a key, of all there are.
    pub(crate) fn next(&mut self, after: impl Fn(&str) -> Option<String>) -> Option<(String, Duration)> {
        if let Some(fresh) = self.fresh.pop_front() {
            return Some((fresh, Duration::ZERO));
        }
        let next = after(&self.last)?;
        self.last.clone_from(&next);
        Some((next, BETWEEN))
    }
}

/// What came of looking at one file.
#[derive(Debug, PartialEq)]
pub(crate) enum Looked {
    Good,
    /// It does not hold of the file.
    Broken(Rule, String),
    /// The store cannot be asked now.
    Away(String),
}

/// Reads one file and compares it. Takes as long as its bytes do at [`PACE`].
pub(crate) async fn look(store: &Store, key: &str, needed: &Needed) -> Looked {
    let rested = Instant::now() + Duration::from_secs_f64(needed.bytes as f64 / PACE as f64);
    let looked = match read(store, key, &needed.sha256).await {
        Ok(bytes) if bytes == needed.bytes => Looked::Good,
        Ok(bytes) => Looked::Broken(Rule::FileSame, format!("{key} has {bytes} bytes, not {}", needed.bytes)),
        Err(StoreError::Missing { .. }) => {
            Looked::Broken(Rule::FileThere, format!("{key} is not in the store"))
        }
        Err(error @ StoreError::HashMismatch { .. }) => Looked::Broken(Rule::FileSame, error.to_string()),
        Err(error) => Looked::Away(error.to_string()),
    };
    sleep_until(rested).await;
    looked
}

async fn read(store: &Store, key: &str, sha256: &str) -> Result<u64, StoreError> {
    let (_, chunks) = store.stream(key, sha256).await?;
    chunks.try_fold(0, |bytes, chunk| async move { Ok(bytes + chunk.len() as u64) }).await
}

#[cfg(test)]
mod tests {
    use trainyard_events::Aggregate;
    use uuid::Uuid;

    use super::*;

    /// A store that is really there.
    async fn store() -> Store {
        let s3 = trainyard_local::harness::s3().await;
        let config = trainyard_store::StoreConfig {
            endpoint: Some(s3.endpoint),
            region: s3.region,
            access_key: s3.access_key,
            secret_key: s3.secret_key,
            bucket: s3.bucket,
            path_style: true,
        };
        Store::connect(config).await.expect("the harness runs it")
    }

    #[test]
    fn what_is_new_comes_first_and_then_all_in_turn() {
        let all =
            |last: &str| ["a", "b"].into_iter().find(|key| *key > last).or(Some("a")).map(str::to_owned);
        let mut rounds = Rounds::default();
        rounds.add(vec!["z".to_owned()]);
        let seen: Vec<_> = (0..4).filter_map(|_| rounds.next(all)).collect();
        let expected = [("z", Duration::ZERO), ("a", BETWEEN), ("b", BETWEEN), ("a", BETWEEN)];
        assert_eq!(seen, expected.map(|(key, pause)| (key.to_owned(), pause)));
        assert_eq!(rounds.next(|_| None), None);
    }

    #[tokio::test]
    async fn a_file_that_is_gone_cut_or_another_is_told_of() {
        let store = store().await;
        let stored = store.put_bytes("jobs/a/1/weights", "content".into()).await.expect("the store is up");
        let of = ("acme".parse().expect("a name"), Aggregate::Job(Uuid::nil()));
        let needed = Needed { sha256: stored.sha256, bytes: stored.bytes, sequence: 7, of };
        assert_eq!(look(&store, &stored.key, &needed).await, Looked::Good);

        let longer = Needed { bytes: 8, ..needed.clone() };
        let told = look(&store, &stored.key, &longer).await;
        assert!(matches!(told, Looked::Broken(Rule::FileSame, _)), "{told:?}");
        store.put_bytes(&stored.key, "another".into()).await.expect("the store is up");
        let told = look(&store, &stored.key, &needed).await;
        assert!(matches!(told, Looked::Broken(Rule::FileSame, _)), "{told:?}");
        store.delete(&stored.key).await.expect("the store is up");
        let told = look(&store, &stored.key, &needed).await;
        assert!(matches!(told, Looked::Broken(Rule::FileThere, _)), "{told:?}");
    }
}
