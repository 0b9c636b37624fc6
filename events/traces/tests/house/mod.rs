//! A log, the role that makes traces of it, in this process or in one that can be killed, and a collector that answers as it is told.
#![allow(dead_code, reason = "each test uses its part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use trainyard_bus::{Bus, BusConfig, EventLog, Part, Rights};
use trainyard_events::trainer::{StepMeasurement, Telemetry};
use trainyard_events::{Envelope, TenantId};
use trainyard_local::NatsUser;
use trainyard_local::harness::{self, TestNats};
use trainyard_traces::{Collector, TracesMetrics};
use uuid::Uuid;

pub(crate) const SOON: Duration = Duration::from_secs(90);
const NATS_URL: &str = "TRACES_TEST_NATS";
const ENDPOINT: &str = "TRACES_TEST_ENDPOINT";

pub(crate) struct House {
    pub(crate) nats: TestNats,
    pub(crate) admin: Bus,
}

impl House {
    pub(crate) async fn start() -> House {
        let user = |part: Part| {
            let Rights { publish, subscribe } = part.rights();
            NatsUser { name: part.name().to_owned(), publish, subscribe }
        };
        let nats = harness::nats_with(&Part::ALL.map(user)).await;
        let admin = connect(&nats.url(), nats.servers()).await;
        admin.ensure().await.expect("the streams of the platform");
        House { nats, admin }
    }

    pub(crate) fn tenant(&self) -> TenantId {
        "acme".parse().expect("a name")
    }

    fn url(&self) -> String {
        self.nats.urls_of("traces").join(",")
    }

    /// The role, with the rights of its own user, until it is told to stop.
    pub(crate) async fn role(&self, collector: &Receiver, headers: &str) -> CancellationToken {
        let (stop, bus) = (CancellationToken::new(), connect(&self.url(), self.nats.servers()).await);
        let collector = Collector::new(&collector.url(), headers).expect("a collector");
        tokio::spawn(trainyard_traces::run(bus, collector, TracesMetrics::default(), stop.clone()));
        stop
    }

    pub(crate) fn process(&self, collector: &Receiver) -> Process {
        let mut command = Command::new(std::env::current_exe().expect("the test knows itself"));
        command
            .args(["--exact", "traces_in_a_process_of_its_own", "--ignored"])
            .env(NATS_URL, self.url())
            .env(ENDPOINT, collector.url())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Process(command.spawn().expect("the test starts itself"))
    }

    /// Waits until there is somebody who is told of what happens from now on.
    pub(crate) async fn is_followed(&self) {
        let followed = async {
            loop {
                let streams = self.admin.streams().await.expect("the streams");
                if streams.iter().any(|it| it.stream == "EVENTS" && it.consumers > 0) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON, followed).await.expect("somebody follows the log");
    }

    /// Returns its sequence.
    pub(crate) async fn write(&self, envelope: &Envelope) -> u64 {
        let log = self.admin.log();
        let history = log.entries(&envelope.tenant, &envelope.aggregate, 0).await.expect("a history");
        let last = history.last().map_or(0, trainyard_events::Entry::sequence);
        log.append(envelope, last).await.expect("it is written")
    }

    pub(crate) async fn step(&self, job: Uuid, token: u64, step: u64) {
        let step = StepMeasurement {
            epoch: 1,
            step,
            steps: 100,
            losses: [("loss".to_owned(), 1.0)].into(),
            learning_rate: 0.1,
            images_per_second: 1.0,
            data_wait_ms: 0.0,
            gpu_mib: None,
            memory_mib: None,
        };
        let told = Telemetry { token, step };
        self.admin.telemetry().publish(&self.tenant(), job, &told).await.expect("it is told");
    }
}

async fn connect(url: &str, replicas: usize) -> Bus {
    Bus::connect(BusConfig { url: url.to_owned(), replicas }).await.expect("a connection")
}

pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn kill(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it is ours");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Until it is killed.
#[expect(clippy::disallowed_methods, reason = "a test that starts itself again is told so")]
pub(crate) async fn trace_as_told() {
    let (Ok(url), Ok(endpoint)) = (std::env::var(NATS_URL), std::env::var(ENDPOINT)) else { return };
    let (bus, collector) = (connect(&url, 1).await, Collector::new(&endpoint, "").expect("a collector"));
    trainyard_traces::run(bus, collector, TracesMetrics::default(), CancellationToken::new()).await;
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) is_taken: bool,
}

type Rule = Box<dyn FnMut() -> u16 + Send>;

pub(crate) struct Receiver {
    address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    rule: Arc<Mutex<Rule>>,
}

impl Receiver {
    /// Answers with the status that `rule` says.
    pub(crate) async fn start(rule: impl FnMut() -> u16 + Send + 'static) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let rule: Rule = Box::new(rule);
        let receiver = Receiver { address, got: Arc::default(), rule: Arc::new(Mutex::new(rule)) };
        let (got, rule) = (receiver.got.clone(), receiver.rule.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, got.clone(), rule.clone()));
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn now(&self, rule: impl FnMut() -> u16 + Send + 'static) {
        *self.rule.lock().expect("nobody panics") = Box::new(rule);
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().expect("nobody panics").clone()
    }

    pub(crate) async fn until(&self, is_enough: impl Fn(&[Got]) -> bool) {
        let waiting = async {
            while !is_enough(&self.got()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let outcome = tokio::time::timeout(SOON, waiting).await;
        assert!(outcome.is_ok(), "{:#?} came", self.lines());
    }

    /// Every span that was taken, by its id, each in all the forms in which it came.
    pub(crate) fn spans(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut spans: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (service, span) in
            self.got().iter().filter(|got| got.is_taken).flat_map(|got| spans_of(&got.body))
        {
            let id = span["spanId"].as_str().expect("an id").to_owned();
            spans.entry(id).or_default().insert(format!("{service} {span}"));
        }
        spans
    }

    /// As the story has them, sorted; of first steps no times.
    pub(crate) fn lines(&self) -> Vec<String> {
        let got = self.got();
        let all: Vec<_> = got.iter().filter(|got| got.is_taken).flat_map(|got| spans_of(&got.body)).collect();
        let name_of = |id: &Value| {
            all.iter().find(|(_, span)| span["spanId"] == *id).map_or("?", |(_, span)| text(&span["name"]))
        };
        let lines: BTreeSet<String> = all
            .iter()
            .map(|(service, span)| {
                let parent = span.get("parentSpanId").map_or("-", name_of);
                let attributes = span["attributes"].as_array().expect("attributes");
                let outcome = attributes.iter().find(|it| it["key"] == "trainyard.outcome");
                let outcome =
                    outcome.map_or(String::new(), |it| format!(": {}", text(&it["value"]["stringValue"])));
                let (start, end) = (second(&span["startTimeUnixNano"]), second(&span["endTimeUnixNano"]));
                assert!(start <= end, "{span}");
                let times = if span["name"] == "job.first_step" {
                    format!("{start}..")
                } else {
                    format!("{start}..{end}")
                };
                format!("{} {times} in {parent} by {service}{outcome}", text(&span["name"]))
            })
            .collect();
        lines.into_iter().collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn second(nanoseconds: &Value) -> i64 {
    let nanoseconds: i64 = text(nanoseconds).parse().expect("a long number is text");
    nanoseconds / 1_000_000_000 - crate::story::begins().unix_timestamp()
}

/// Of one request: each span with the name of its service.
pub(crate) fn spans_of(body: &str) -> Vec<(String, Value)> {
    let request: Value = serde_json::from_str(body).expect("JSON");
    let resources = request["resourceSpans"].as_array().expect("resources");
    let of_resource = |resource: &Value| {
        let attributes = resource["resource"]["attributes"].as_array().expect("attributes").clone();
        let service = attributes.iter().find(|it| it["key"] == "service.name").expect("a service");
        let service = text(&service["value"]["stringValue"]).to_owned();
        let spans = resource["scopeSpans"][0]["spans"].as_array().expect("spans").clone();
        spans.into_iter().map(move |span| (service.clone(), span)).collect::<Vec<_>>()
    };
    resources.iter().flat_map(of_resource).collect()
}

async fn serve(mut stream: TcpStream, got: Arc<Mutex<Vec<Got>>>, rule: Arc<Mutex<Rule>>) {
    let mut bytes = Vec::new();
    while let Some((head, body)) = request(&mut stream, &mut bytes).await {
        let status = rule.lock().expect("nobody panics")();
        let is_taken = (200..300).contains(&status);
        got.lock().expect("nobody panics").push(Got { head, body, is_taken });
        let answer = format!("HTTP/1.1 {status} As Told\r\ncontent-length: 2\r\n\r\n{{}}");
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<(String, String)> {
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break String::from_utf8(bytes.drain(..end + 4).collect()).expect("a head is text");
        }
        read(stream, bytes).await?;
    };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let length: usize = length.expect("a length");
    while bytes.len() < length {
        read(stream, bytes).await?;
    }
    let body = bytes.drain(..length).collect();
    Some((head.to_lowercase(), String::from_utf8(body).expect("JSON is text")))
}

async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut some = [0; 8192];
    let count = stream.read(&mut some).await.ok().filter(|count| *count > 0)?;
    bytes.extend(&some[..count]);
    Some(())
}
