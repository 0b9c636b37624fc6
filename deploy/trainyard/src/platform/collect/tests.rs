//! The collector on the embedded store: what is of no use leaves, the rest stays, and again changes nothing.

use trainyard_bus::MemoryLog;
use trainyard_local::harness;
use uuid::Uuid;

use super::garbage::tests::{Log, path};
use super::*;
use crate::platform::archive::tests::store;

async fn memory(log: &Log) -> MemoryLog {
    let memory = MemoryLog::default();
    let mut last = std::collections::HashMap::new();
    for recorded in &log.events {
        let before = last.entry(recorded.envelope.aggregate.clone()).or_default();
        *before = memory.append(&recorded.envelope, *before).await.expect("nobody else writes");
        assert_eq!(*before, recorded.sequence);
    }
    memory
}

async fn put(store: &Store, key: &str) {
    store.put_bytes(key, "content".into()).await.expect("the store is up");
}

/// All but the mark that the harness leaves to see whether the bucket is there.
async fn keys(store: &Store) -> Vec<String> {
    let (mut keys, mut page) = (Vec::new(), None);
    loop {
        let listed = store.list("", page).await.expect("the store is up");
        keys.extend(listed.objects.into_iter().map(|object| object.key).filter(|key| !key.starts_with('.')));
        page = listed.next;
        if page.is_none() {
            return keys;
        }
    }
}

#[tokio::test]
async fn what_is_of_no_use_leaves_and_the_rest_stays() {
    let (store, mut log) = (store().await, Log::default());
    let (done, open) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let samples = trainyard_store::dataset_key(Uuid::from_u128(4), 9, "sample_images.jpg").unwrap();
    let mut expected = vec!["archive/head.json".to_owned(), path(Uuid::from_u128(3), 5, "weights"), samples];
    for key in &expected {
        put(&store, key).await;
    }
    let token = log.start(done, None);
    for step in 1..=5 {
        put(&store, &log.commit(done, token, step).artifact.key).await;
    }
    log.finish(done, token);
    let running = log.start(open, None);
    for step in 1..=4 {
        let key = log.commit(open, running, step).artifact.key;
        put(&store, &key).await;
        expected.extend((step > 2).then_some(key));
    }
    // Uploaded, and the event that names it is on its way.
    for key in [
        path(done, token, "weights.safetensors"),
        path(done, token, "console.log"),
        path(open, running, "checkpoint-5"),
    ] {
        put(&store, &key).await;
        expected.push(key);
    }
    expected.sort();
    let before = keys(&store).await;
    let log = memory(&log).await;
    let now = system_clock();

    let found = collect(&log, &store, now, true).await.unwrap();
    assert_eq!((found.garbage.len(), found.kept, found.foreign), (7, 5, 2), "{found:?}");
    assert_eq!(keys(&store).await, before, "looking changes nothing");
    let found = collect(&log, &store, now, false).await.unwrap();
    assert_eq!((found.garbage.len(), found.bytes(), found.is_cut), (7, 7 * 7, false), "{found:?}");
    assert_eq!(keys(&store).await, expected);
    let found = collect(&log, &store, now, false).await.unwrap();
    assert_eq!((found.garbage.len(), found.kept), (0, 5), "{found:?}");
    // With an empty log, as in a wrong folder, nothing is judged at all.
    let found = collect(&MemoryLog::default(), &store, now, false).await.unwrap();
    assert_eq!((found.garbage.len(), found.foreign), (0, 7), "{found:?}");
}

/// As the agent of a dying machine leaves it: begun, and neither completed nor given up.
async fn half_an_upload(store: &Store, key: &str) {
    let large = harness::folder().join("large");
    std::fs::File::create(&large).and_then(|file| file.set_len(1 << 30)).expect("a file of holes");
    let begun = async {
        while !store.unfinished(key).await.expect("the store is up").iter().any(|upload| upload.key == key) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = store.put_file(key, &large) => panic!("it was to be cut off: {done:?}"),
        () = begun => {}
    }
}

#[tokio::test]
async fn uploads_of_attempts_that_are_over_are_given_up() {
    let (store, mut log) = (store().await, Log::default());
    let (done, open) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let over = log.start(done, None);
    log.finish(done, over);
    let running = log.start(open, None);
    let [left, going_on, foreign] = [(done, over), (open, running), (Uuid::from_u128(3), 5)]
        .map(|(job, token)| path(job, token, "weights.safetensors"));
    for key in [&left, &going_on, &foreign] {
        half_an_upload(&store, key).await;
    }
    let log = memory(&log).await;
    for dry_run in [true, false] {
        let found = collect(&log, &store, system_clock(), dry_run).await.unwrap();
        assert_eq!(found.uploads.iter().map(|it| &it.key).collect::<Vec<_>>(), [&left]);
    }
    let mut there: Vec<_> =
        store.unfinished("jobs/").await.unwrap().into_iter().map(|upload| upload.key).collect();
    there.sort();
    assert_eq!(there, [going_on, foreign], "what may still be completed stays");
}

/// More than one page of a list, so that pages must fit together.
#[tokio::test]
async fn many_pages_are_looked_through() {
    let (store, mut log) = (store().await, Log::default());
    let job = Uuid::from_u128(1);
    let token = log.start(job, None);
    let keys_of: Vec<String> = (1..=1_200).map(|step| log.commit(job, token, step).artifact.key).collect();
    stream::iter(&keys_of).for_each_concurrent(16, |key| put(&store, key)).await;
    let found = collect(&memory(&log).await, &store, system_clock(), false).await.unwrap();
    assert_eq!((found.garbage.len(), found.kept), (1_198, 2));
    let mut left = keys_of[1_198..].to_vec();
    left.sort();
    assert_eq!(keys(&store).await, left);
}
