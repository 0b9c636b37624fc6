//! The collector on the embedded store: what is of no use leaves, the rest stays, and again changes nothing.

use serde_json::json;
use sha2::Digest;
use trainyard_bus::MemoryLog;
use trainyard_events::results::Artifact;
use trainyard_local::harness;
use trainyard_store::{StoreConfig, blob_key};
use uuid::Uuid;

use super::datasets::tests::{deleted, registered, validated};
use super::garbage::tests::{Log, path};
use super::*;

async fn store() -> Store {
    let s3 = harness::s3().await;
    let config = StoreConfig {
        endpoint: Some(s3.endpoint),
        region: s3.region,
        access_key: s3.access_key,
        secret_key: s3.secret_key,
        bucket: s3.bucket,
        path_style: true,
    };
    Store::connect(config).await.expect("the harness runs it")
}

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
        let key = log.commit(done, token, step).artifact.key;
        put(&store, &key).await;
        // What a fork may begin with.
        expected.extend((step == 5).then_some(key));
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
    assert_eq!((found.garbage.len(), found.kept, found.foreign), (6, 6, 2), "{found:?}");
    assert_eq!(keys(&store).await, before, "looking changes nothing");
    let found = collect(&log, &store, now, false).await.unwrap();
    assert_eq!((found.garbage.len(), found.bytes(), found.is_cut), (6, 6 * 7, false), "{found:?}");
    assert_eq!(keys(&store).await, expected);
    let found = collect(&log, &store, now, false).await.unwrap();
    assert_eq!((found.garbage.len(), found.kept), (0, 6), "{found:?}");
    // With an empty log, as in a wrong folder, nothing is judged at all.
    let found = collect(&MemoryLog::default(), &store, now, false).await.unwrap();
    assert_eq!((found.garbage.len(), found.foreign), (0, 8), "{found:?}");
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

/// Datasets of a tenant in a store, each file under the hash of its content.
struct Shelf {
    store: Store,
    log: Log,
}

fn hash(content: &[u8]) -> String {
    hex::encode(sha2::Sha256::digest(content))
}

impl Shelf {
    async fn put(&self, key: String, content: String) -> Artifact {
        let stored = self.store.put_bytes(&key, content.into()).await.expect("the store is up");
        Artifact { role: "files".to_owned(), key, sha256: stored.sha256, bytes: stored.bytes }
    }

    async fn file(&self, content: &str) -> Artifact {
        let key = blob_key("acme", &hash(content.as_bytes())).expect("a hash");
        self.put(key, content.to_owned()).await
    }

    /// Uploads images of these letters, with their list.
    async fn upload(&self, letters: &str) -> Artifact {
        let mut list = String::new();
        for letter in letters.chars() {
            let Artifact { sha256, bytes, .. } = self.file(&letter.to_string()).await;
            list += &json!({ "name": letter, "sha256": sha256, "bytes": bytes }).to_string();
            list.push('\n');
        }
        self.file(&list).await
    }

    /// Uploads and registers it, and finds it to be this version.
    async fn version(&mut self, id: Uuid, number: u32, letters: &str) {
        let list = self.upload(letters).await;
        let inspection = self.log.dataset(id, registered(list));
        let mut lines = vec![json!({ "form": 1, "classes": ["x"], "kinds": ["classify"] }).to_string()];
        let image = |letter: char| json!({ "sha256": hash(letter.to_string().as_bytes()), "name": letter });
        lines.extend(letters.chars().map(|letter| image(letter).to_string()));
        let lines = lines.join("\n") + "\n";
        let key = trainyard_store::manifest_key(id, &hash(lines.as_bytes())).expect("a hash");
        let manifest = self.put(key, lines).await;
        self.log.dataset(id, validated(inspection, number, manifest));
    }

    /// As so many hours from now.
    async fn collect(&self, hours: i64) -> Found {
        let now = system_clock() + time::Duration::hours(hours);
        collect(&memory(&self.log).await, &self.store, now, false).await.expect("the store is up")
    }

    /// Of these letters those that are there.
    async fn left(&self, letters: &str) -> String {
        let mut left = String::new();
        for letter in letters.chars() {
            let key = blob_key("acme", &hash(letter.to_string().as_bytes())).expect("a hash");
            left.extend(self.store.has(&key).await.expect("the store is up").then_some(letter));
        }
        left
    }
}

const PETS: Uuid = Uuid::from_u128(11);
const CARS: Uuid = Uuid::from_u128(12);

#[tokio::test]
async fn what_only_a_deleted_dataset_needed_leaves_and_what_it_shared_stays() {
    let mut shelf = Shelf { store: store().await, log: Log::default() };
    shelf.version(PETS, 1, "abc").await;
    shelf.version(PETS, 2, "bcd").await;
    shelf.version(CARS, 1, "cz").await;
    assert_eq!(shelf.collect(48).await.garbage.len(), 0);
    shelf.log.dataset(PETS, deleted(&[1], false));
    assert_eq!(shelf.collect(1).await.garbage.len(), 0, "what is young may be asked about by who uploads");
    let found = shelf.collect(48).await;
    assert_eq!((found.garbage.len(), found.is_cut), (3, false), "a, its list and its manifest: {found:?}");
    assert_eq!(shelf.left("abcdz").await, "bcdz");
    shelf.log.dataset(PETS, deleted(&[2], true));
    shelf.collect(48).await;
    assert_eq!(shelf.left("abcdz").await, "cz");
    assert_eq!(keys(&shelf.store).await.len(), 4, "cars: two files, their list and their manifest");
    // The same name again, with what was there before.
    shelf.version(PETS, 3, "ab").await;
    shelf.collect(48).await;
    assert_eq!(shelf.left("abcdz").await, "abcz");
}

#[tokio::test]
async fn a_running_job_keeps_its_dataset_until_it_has_ended() {
    let mut shelf = Shelf { store: store().await, log: Log::default() };
    shelf.version(PETS, 1, "ab").await;
    let job = Uuid::from_u128(1);
    shelf.log.request(job, PETS, "pets@1");
    let token = shelf.log.start(job, None);
    shelf.log.dataset(PETS, deleted(&[1], true));
    shelf.collect(1_000).await;
    assert_eq!((&*shelf.left("ab").await, keys(&shelf.store).await.len()), ("ab", 4));
    shelf.log.finish(job, token);
    shelf.collect(1_000).await;
    assert_eq!((&*shelf.left("ab").await, keys(&shelf.store).await.len()), ("", 0));
}

#[tokio::test]
async fn an_upload_in_midway_stays_and_one_that_was_given_up_leaves_in_time() {
    let mut shelf = Shelf { store: store().await, log: Log::default() };
    shelf.version(PETS, 1, "x").await;
    for letter in ["a", "b"] {
        shelf.file(letter).await;
    }
    shelf.collect(23).await;
    assert_eq!(shelf.left("ab").await, "ab", "its list may come yet");
    let list = shelf.upload("abc").await;
    shelf.log.dataset(PETS, registered(list));
    shelf.collect(1_000).await;
    assert_eq!(shelf.left("abc").await, "abc", "it is registered, and nobody has looked");
    shelf.file("d").await;
    shelf.collect(25).await;
    assert_eq!(shelf.left("abcdx").await, "abcx");
}

/// Between the listing and its end somebody asks about what is to leave.
#[tokio::test]
async fn what_was_uploaded_again_since_it_was_listed_stays() {
    let shelf = Shelf { store: store().await, log: Log::default() };
    let Artifact { key, bytes, .. } = shelf.file("a").await;
    let seen = shelf.store.seen(&key).await.expect("the store is up").expect("it is there");
    let listed = Listed { key: key.clone(), bytes, written_s: seen.written_s - 90_000 };
    remove(&shelf.store, Garbage::File, &listed).await.expect("the store is up");
    assert!(shelf.store.has(&key).await.expect("the store is up"));
    remove(&shelf.store, Garbage::File, &Listed { written_s: seen.written_s, ..listed }).await.expect("up");
    assert!(!shelf.store.has(&key).await.expect("the store is up"));
    // As a gateway does it for who asks.
    let again = shelf.file("a").await.key;
    shelf.store.renew(&again).await.expect("the store is up");
    assert_eq!(shelf.store.get_bytes(&again, 9).await.expect("it is whole"), "a");
}

#[tokio::test]
async fn what_cannot_be_read_keeps_the_files_of_its_tenant() {
    let mut shelf = Shelf { store: store().await, log: Log::default() };
    shelf.version(PETS, 1, "ab").await;
    shelf.version(CARS, 1, "z").await;
    shelf.log.dataset(PETS, deleted(&[1], true));
    let manifests =
        shelf.store.list(&format!("datasets/{CARS}"), None).await.expect("the store is up").objects;
    let lines = shelf.store.get_bytes(&manifests[0].key, 1_000).await.expect("it is there");
    shelf.store.delete(&manifests[0].key).await.expect("the store is up");
    let found = shelf.collect(48).await;
    assert_eq!((found.unread.len(), &*shelf.left("abz").await), (1, "abz"), "{found:?}");
    shelf.store.put_bytes(&manifests[0].key, lines).await.expect("the store is up");
    assert_eq!((shelf.collect(48).await.unread.len(), &*shelf.left("abz").await), (0, "z"));
}

/// In a bucket of another log's, whose tenant has the same name.
#[tokio::test]
async fn files_beside_datasets_that_the_log_does_not_know_are_left_alone() {
    let mut shelf = Shelf { store: store().await, log: Log::default() };
    shelf.version(PETS, 1, "ab").await;
    let theirs = std::mem::take(&mut shelf.log);
    shelf.version(CARS, 1, "z").await;
    shelf.log.dataset(CARS, deleted(&[1], true));
    let found = shelf.collect(1_000).await;
    assert_eq!((&*shelf.left("abz").await, found.foreign), ("abz", 1), "{found:?}");
    shelf.log = theirs;
    shelf.log.dataset(CARS, registered(shelf.upload("").await));
    shelf.collect(1_000).await;
    assert_eq!(shelf.left("abz").await, "ab");
}

/// Cut off at any moment, again and again, as by a kill; a run remembers nothing, so what a kill leaves is its store.
#[tokio::test]
async fn a_run_that_is_cut_off_is_finished_by_the_next() {
    let mut shelf = Shelf { store: store().await, log: Log::default() };
    let letters: String = ('a'..='z').collect();
    shelf.version(PETS, 1, &letters).await;
    shelf.version(CARS, 1, "xyz").await;
    shelf.log.dataset(PETS, deleted(&[1], true));
    let (log, now) = (memory(&shelf.log).await, system_clock() + time::Duration::hours(48));
    let mut cut = 0;
    for after_ms in 1.. {
        let run = collect(&log, &shelf.store, now, false);
        match tokio::time::timeout(Duration::from_millis(after_ms), run).await {
            Err(_) => cut += 1,
            Ok(found) => {
                found.expect("the store is up");
                break;
            }
        }
        assert!(shelf.left("xyz").await == "xyz", "what is needed stays at every moment");
    }
    assert!(cut > 1, "it was cut off");
    assert_eq!((&*shelf.left(&letters).await, keys(&shelf.store).await.len()), ("xyz", 5));
    assert_eq!(shelf.collect(48).await.garbage.len(), 0);
}
