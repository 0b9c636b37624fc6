//! What the documents show to do works, and goes on where it was when it is stopped.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use async_nats::jetstream::Context;
use futures::StreamExt;
use serde_json::{Value, json};
use servers::{KEY, SOON, Servers, tenant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use trainyard_bus::{READERS_DOMAIN, consumers_of, reader_inbox};
use trainyard_events::subject;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What `GET /v1/feed` answers.
fn told() -> Value {
    let tenant = tenant("acme");
    json!({
        "open": true, "domain": READERS_DOMAIN, "inbox_prefix": reader_inbox(&tenant),
        "consumers": consumers_of(&tenant, &KEY),
        "streams": [{ "stream": subject::FEED, "filters": [subject::feed_of(&tenant)] }],
    })
}

/// An example that runs, with a viewer's token.
struct Example {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Example {
    async fn start(mut command: Command) -> Example {
        command.env("TRAINYARD_TOKEN", "acme/viewer").env("TOKEN", "acme/viewer").kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(told().to_string().as_bytes()).await.unwrap();
        drop(stdin);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Example { child, lines }
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(SOON, self.lines.next_line()).await;
        line.expect("it says something").unwrap().expect("it runs")
    }

    async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

fn python(example: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(root().join("deploy/tools/nats-python"));
    command.arg(root().join("docs/examples").join(example)).args(arguments);
    command
}

/// Writes an event of a job of the tenant's, like the golden one.
async fn happens(platform: &Context, tenant: &str, kind: &str, job: &str, change: impl FnOnce(&mut Value)) {
    let golden = root().join(format!("events/tests/golden/{kind}.v1.json"));
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    event["tenant"] = tenant.into();
    event["aggregate"] = format!("job/{job}").into();
    change(&mut event["body"]);
    let on = format!("trainyard.event.{tenant}.job.{job}");
    platform.publish(on, event.to_string().into()).await.unwrap().await.unwrap();
}

async fn says_when_a_job_ends(command: impl Fn(&Servers) -> Command) {
    let servers = Servers::start().await;
    tokio::spawn(servers::vouch(servers.bus_of("gateway").await, servers.issuer.clone()));
    servers.feed().await;
    let platform = servers.jetstream().await;
    happens(&platform, "other", "job.finished", "not-ours", |_| {}).await;
    happens(&platform, "acme", "job.requested", "one", |_| {}).await;
    happens(&platform, "acme", "job.finished", "one", |_| {}).await;
    let mut example = Example::start(command(&servers)).await;
    let said = example.line().await;
    assert!(said.contains("job/one") && said.contains("job.finished"), "{said}");
    happens(&platform, "acme", "job.failed", "two", |_| {}).await;
    assert!(example.line().await.contains("job/two"));
    // The acknowledgement is on its way.
    tokio::time::sleep(Duration::from_millis(300)).await;
    example.kill().await;
    happens(&platform, "acme", "job.cancelled", "three", |_| {}).await;
    let mut example = Example::start(command(&servers)).await;
    assert!(example.line().await.contains("job/three"), "it goes on where it was");
}

fn at(servers: &Servers) -> String {
    format!("nats://{}", servers.nats.url().rsplit_once('@').unwrap().1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_says_when_a_job_ends() {
    Box::pin(says_when_a_job_ends(|servers| python("job_ends.py", &[&at(servers)]))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rust_says_when_a_job_ends() {
    // Cargo builds examples before tests, and puts them beside.
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("examples/job_ends");
    Box::pin(says_when_a_job_ends(|servers| {
        let mut command = Command::new(&program);
        command.arg(at(servers));
        command
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_copies_each_measurement_once() {
    let servers = Servers::start().await;
    tokio::spawn(servers::vouch(servers.bus_of("gateway").await, servers.issuer.clone()));
    servers.feed().await;
    let platform = servers.jetstream().await;
    let database = trainyard_local::harness::folder().join("measurements.db");
    let database = database.to_str().unwrap();
    for epoch in 1..=30 {
        happens(&platform, "acme", "job.epoch_logged", "one", |body| body["epoch"] = epoch.into()).await;
        happens(&platform, "other", "job.epoch_logged", "not-ours", |body| body["epoch"] = epoch.into())
            .await;
        if epoch % 10 == 0 {
            // Killed somewhere in the middle of its work.
            let example = Example::start(python("measurements.py", &[&at(&servers), database])).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
            example.kill().await;
        }
    }
    let _last = Example::start(python("measurements.py", &[&at(&servers), database])).await;
    let count = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1], timeout=5).execute(\
        \"SELECT count(*), count(DISTINCT epoch), min(job), max(job) FROM measurements\").fetchone())";
    let all = async {
        loop {
            let out = Command::new("python3").args(["-c", count, database]).output().await.unwrap();
            let out = String::from_utf8_lossy(&out.stdout).trim().to_owned();
            if out == "60 30 job/one job/one" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(SOON, all).await.expect("two measurements of each of 30 epochs");
}

/// The lines of docs/feed.md for the command line, asked as that would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_reads_the_feed_as_the_manual_says() {
    let servers = Servers::start().await;
    tokio::spawn(servers::vouch(servers.bus_of("gateway").await, servers.issuer.clone()));
    servers.feed().await;
    let platform = servers.jetstream().await;
    happens(&platform, "acme", "job.finished", "one", |_| {}).await;
    servers.all_copied().await;
    let manual = std::fs::read_to_string(root().join("docs/feed.md")).unwrap().replace("\\\n", "");
    let name = &consumers_of(&tenant("acme"), &KEY)[0];
    let asked = manual.lines().filter_map(|line| line.strip_prefix("feed req "));
    let asked: Vec<Vec<String>> = asked
        .map(|line| {
            line.split('\'')
                .skip(1)
                .step_by(2)
                .map(|word| word.replace("acme_3f9a1c20b7d4_1", name))
                .collect()
        })
        .collect();
    assert_eq!(asked.len(), 2);
    let reader =
        async_nats::ConnectOptions::with_user_and_password("reader".to_owned(), "acme/viewer".to_owned())
            .custom_inbox_prefix("_INBOX.acme")
            .connect(at(&servers))
            .await
            .unwrap();
    let ask = async |words: &[String]| {
        let inbox = reader.new_inbox();
        let mut answers = reader.subscribe(inbox.clone()).await.unwrap();
        reader.publish_with_reply(words[0].clone(), inbox, words[1].clone().into()).await.unwrap();
        let answer = tokio::time::timeout(SOON, answers.next()).await.unwrap().unwrap();
        serde_json::from_slice::<Value>(&answer.payload).unwrap()
    };
    let made = ask(&asked[0]).await;
    assert!(made["error"].is_null(), "{made}");
    assert_eq!(ask(&asked[1]).await["type"], "job.finished");
}
