//! Events and the rows that they make, in a file: what the browser's fold is held to as well.

use std::path::Path;

use serde_json::{Value, json};
use trainyard_projections::{Page, Topic};
use trainyard_views::public_event;

use crate::fixtures::*;

#[tokio::test]
async fn the_story_makes_these_rows() {
    let (views, story, acme) = (views().await, story(), tenant("acme"));
    project(&story.log().await, &views).await;
    let events: Vec<Value> =
        story.events.iter().filter(|event| event.envelope.tenant == acme).map(public_event).collect();
    let mut snapshots = serde_json::Map::new();
    for topic in [Topic::Jobs, Topic::Job(GOOD), Topic::Job(BAD), Topic::Chat(CHAT), Topic::Activity] {
        let rows = views.snapshot(&acme, topic, &[]).await.unwrap().rows;
        snapshots.insert(topic.to_string(), json!(rows));
    }
    assert_eq!(json!(events), snapshots["activity"], "a live event is the stored one");
    snapshots.remove("activity");
    let datasets = json!(views.datasets(&acme, false, None, Page::first()).await.unwrap().rows);
    let models = json!(views.models(&acme, None, Page::first()).await.unwrap().rows);
    let made = json!({ "events": events, "snapshots": snapshots, "datasets": datasets, "models": models });
    check("story.json", &format!("{made:#}\n"));
}

/// Compares with the committed file, and on a difference leaves the new one where it can be looked at and copied.
fn check(name: &str, made: &str) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::fs::read_to_string(&golden).is_ok_and(|kept| kept == made) {
        return;
    }
    let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&new, made).unwrap();
    panic!("{} is not what the views make now, which is in {}", golden.display(), new.display());
}
