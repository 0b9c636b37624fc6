//! What somebody has said leaves a real platform: no file of NATS or of the store has it, no row, no answer and no log; and the archive
//! holds.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trainyard_bus::{Bus, BusConfig};
use trainyard_e2e::{Platform, root};
use trainyard_local::harness::files_with;

const SECRET: &str = "sunflowers grow behind the third hangar";
const STAYS: &str = "what others have said stays";
const SOON: Duration = Duration::from_secs(60);

async fn say(platform: &Platform, text: &str) -> Result<String> {
    let begun = platform.post("/v1/chats", json!({})).await?;
    let chat = begun["id"].as_str().context("an id")?.to_owned();
    platform.post(&format!("/v1/chats/{chat}/messages"), json!({ "text": text })).await?;
    Ok(chat)
}

/// Waits until all there is stands in the feed.
async fn fed(platform: &Platform) -> Result<()> {
    let url = platform.ready()["nats"].as_str().context("a NATS")?.to_owned();
    let bus = Bus::connect(BusConfig { url, replicas: 1 }).await?;
    let begun = Instant::now();
    loop {
        let streams = bus.streams().await?;
        let last = |name: &str| streams.iter().find(|it| it.stream == name).map(|it| it.last_sequence);
        if last("FEED").is_some() && last("FEED") == last("EVENTS") {
            bus.drain().await;
            return Ok(());
        }
        ensure!(begun.elapsed() < SOON, "the feed does not come to the end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn typed(platform: &Platform, arguments: &[&str]) -> Result<Value> {
    let (is_well, printed, errors) = platform.trainyard(arguments).await?;
    ensure!(is_well, "{arguments:?}: {errors}");
    Ok(serde_json::from_str(&printed)?)
}

#[tokio::test]
async fn what_was_said_is_nowhere_once_it_is_erased() -> Result<()> {
    let tools = root().join(".tools").display().to_string();
    let said = [("TRAINYARD_TOOLS", &*tools), ("TRAINYARD_ARCHIVE_EVERY", "never")];
    let mut platform = Platform::start_with(&said).await?;
    let (chat, other) = (say(&platform, SECRET).await?, say(&platform, STAYS).await?);
    fed(&platform).await?;
    let (asked, _, refusal) = platform.trainyard(&["erase", "--chat", &chat]).await?;
    ensure!(!asked && refusal.contains("--yes"), "it asks back: {refusal}");
    let erased = typed(&platform, &["--json", "erase", "--chat", &chat, "--yes"]).await?;
    ensure!(erased["chats"] == json!([chat]) && erased["sequence"].is_u64(), "{erased}");
    let path = format!("/v1/chats/{chat}?wait_for={}", erased["sequence"]);
    let left = platform.get(&path).await?;
    ensure!(!left.to_string().contains("hangar") && left["messages"][0]["erased"] == true, "{left}");
    let told = platform.get("/v1/activity").await?.to_string();
    ensure!(!told.contains("hangar") && told.contains("chat.prompts_erased"), "{told}");
    let stays = platform.get(&format!("/v1/chats/{other}")).await?;
    ensure!(stays["messages"][0]["text"] == STAYS, "{stays}");
    fed(&platform).await?;
    platform.stop().await?;

    for _ in 0..2 {
        typed(&platform, &["--json", "archive"]).await?;
    }
    typed(&platform, &["--json", "archive", "--verify"]).await?;
    let data = platform.folder().join(".trainyard");
    for entry in std::fs::read_dir(&data)?.flatten() {
        // Postgres has old rows until it has vacuumed: its rows are compared below.
        let is_postgres = entry.file_name().to_string_lossy().contains("postgres");
        let found = if is_postgres { Vec::new() } else { files_with(&entry.path(), SECRET.as_bytes()) };
        ensure!(found.is_empty(), "{found:?}");
    }
    let rebuilt = typed(&platform, &["--json", "rebuild", "--verify"]).await?;
    ensure!(rebuilt["equal"] == true, "{rebuilt}");
    platform.start_again().await?;
    let again = platform.get(&format!("/v1/chats/{chat}")).await?;
    ensure!(again["messages"][0]["erased"] == true && again["messages"][0]["text"] == "", "{again}");
    let stays = platform.get(&format!("/v1/chats/{other}")).await?;
    ensure!(stays["messages"][0]["text"] == STAYS, "{stays}");
    let nothing = typed(&platform, &["--json", "erase", "--member", "nobody", "--yes"]).await?;
    ensure!(nothing["chats"] == json!([]), "{nothing}");
    platform.stop().await
}
