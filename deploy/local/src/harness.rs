//! Servers for tests: real ones, on free ports, in a temporary folder, gone when the test process ends in whatever way.
//!
//! Postgres and the object store are started once for each test process, at the first call, and every call gets a database or
//! a bucket of its own. NATS is quick to start, so every call gets servers of its own. All functions panic with the reason when a
//! server cannot be had: there is no test without it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::OnceCell;
use trainyard_child::{Sweeper, sweep_after_us};

use crate::folder::free_ports;
use crate::private::{make_private, secret};
use crate::service::Service;
use crate::supervise::Supervised;
use crate::{LocalConfig, LocalError, NatsUser, Platform, Readers, S3Access, Server, Tools, nats, s3};

const READY_MAX: Duration = Duration::from_secs(30);
const PASSWORD: &str = "test";

/// Each `#[tokio::test]` ends its own runtime, and with it the tasks in it; the servers' keepers live here instead.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .worker_threads(1)
        .thread_name("trainyard-harness")
        .enable_all()
        .build()
        .expect("a thread can be started")
});

/// The pinned tools of the checkout that this crate was compiled in.
pub fn tools() -> Tools {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join(".tools"))
        .find(|at| at.is_dir());
    must(Tools::find(&root.unwrap_or_else(|| PathBuf::from(".tools"))))
}

/// A new empty folder, removed with all others when this process has ended.
pub fn folder() -> PathBuf {
    let path = SCRATCH.path.join(secret());
    std::fs::create_dir(&path).expect("the temporary folder can be written");
    path
}

/// The files at or below a path in which these bytes stand.
pub fn files_with(path: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        return entries.flat_map(|entry| files_with(&entry.path(), bytes)).collect();
    }
    let holds = |held: Vec<u8>| held.windows(bytes.len()).any(|part| part == bytes);
    if std::fs::read(path).is_ok_and(holds) { vec![path.to_owned()] } else { Vec::new() }
}

fn must<T>(outcome: Result<T, LocalError>) -> T {
    outcome.unwrap_or_else(|error| panic!("{error}"))
}

struct Scratch {
    path: PathBuf,
    _sweeper: Sweeper,
}

static SCRATCH: LazyLock<Scratch> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("trainyard-test-{}", secret()));
    std::fs::create_dir(&path).expect("the temporary folder can be written");
    let sweeper = sweep_after_us(&path).unwrap_or_else(|error| panic!("{error}"));
    Scratch { path, _sweeper: sweeper }
});

/// NATS with JetStream on the disk: one server, or a cluster of several that replicate to each other. Dropping it stops
/// them all.
pub struct TestNats {
    members: Vec<Member>,
}

/// As many servers as `TRAINYARD_TEST_NATS` says, so that every test that does not ask for a number runs on one server and
/// on a cluster; one if it says nothing.
pub async fn nats() -> TestNats {
    nats_with(&[]).await
}

/// The same with users besides the one who may do everything.
#[expect(
    clippy::disallowed_methods,
    reason = "it is said to tests, whichever of them runs; there is no config to pass it by"
)]
pub async fn nats_with(users: &[NatsUser]) -> TestNats {
    let said = std::env::var("TRAINYARD_TEST_NATS").unwrap_or_else(|_| "1".to_owned());
    match said.as_str() {
        "1" => nats_of(1, users).await,
        "3" => nats_of(3, users).await,
        _ => panic!("TRAINYARD_TEST_NATS is {said}: say 1, or 3 for a cluster"),
    }
}

/// Starts so many servers and waits until a stream with a copy on each can be made.
pub async fn nats_of(servers: usize, users: &[NatsUser]) -> TestNats {
    start(servers, users, None, straight).await
}

/// The same with an account for readers.
pub async fn nats_with_readers(servers: usize, users: &[NatsUser], readers: &Readers) -> TestNats {
    start(servers, users, Some(readers), straight).await
}

/// Three servers that reach each other on ways which `lay` makes of the ports on which they listen for that.
pub async fn nats_through(users: &[NatsUser], lay: impl AsyncFnOnce([u16; 3]) -> [Way; 3]) -> TestNats {
    start(3, users, None, lay).await
}

/// How one member of a cluster reaches the others.
pub struct Way {
    /// The ports at which it does.
    pub others: Vec<u16>,
    /// Its own, as it tells those who do not know it.
    pub told: u16,
}

/// Each dials the ports of the others.
async fn straight(ports: [u16; 3]) -> [Way; 3] {
    ports.map(|told| Way { others: ports.into_iter().filter(|other| *other != told).collect(), told })
}

async fn start(
    servers: usize,
    users: &[NatsUser],
    readers: Option<&Readers>,
    lay: impl AsyncFnOnce([u16; 3]) -> [Way; 3],
) -> TestNats {
    // All ports are taken at once, so that none is given twice.
    let [a, b, c, x, y, z, routes @ ..] = must(free_ports::<9>());
    let ways = routes.into_iter().zip(lay(routes).await);
    let members = [("a", [a, x]), ("b", [b, y]), ("c", [c, z])].into_iter().zip(ways).take(servers);
    let members = members.map(|((name, ports), (port, Way { others, told }))| {
        let cluster = (servers > 1).then_some(nats::Cluster { port, others, told });
        Member::new(name, ports, users.to_vec(), cluster, readers)
    });
    let mut nats = TestNats { members: members.collect() };
    nats.restart().await;
    nats
}

impl TestNats {
    /// Of every member, as a client takes them.
    pub fn url(&self) -> String {
        self.urls().join(",")
    }

    pub fn urls(&self) -> Vec<String> {
        self.urls_of(PASSWORD)
    }

    /// As one of its users.
    pub fn urls_of(&self, user: &str) -> Vec<String> {
        self.members.iter().map(|member| member.url_of(user)).collect()
    }

    /// Of the first member, for browsers; there where readers are.
    pub fn websocket(&self) -> Option<String> {
        let port = self.members.first()?.node.websocket?;
        Some(format!("ws://127.0.0.1:{port}"))
    }

    /// How many servers there are, and so how many copies of a stream there can be.
    pub fn servers(&self) -> usize {
        self.members.len()
    }

    /// The folder of every member, with all that it has written.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.members.iter().map(|member| member.node.home.clone()).collect()
    }

    /// The process of one member, or `None` while it is down.
    pub fn pid(&self, member: usize) -> Option<u32> {
        self.members[member].running.as_ref().and_then(Supervised::pid)
    }

    /// Kills every member as a crash would, and leaves it down.
    pub async fn kill(&mut self) {
        for member in &mut self.members {
            member.kill().await;
        }
    }

    /// Kills those that run, starts all again on the same ports and data, and waits until streams can be made.
    pub async fn restart(&mut self) {
        self.kill().await;
        self.members.iter_mut().for_each(Member::launch);
        for member in &self.members {
            member.ready().await;
        }
        let (first, copies) = (&self.members[0], self.members.len());
        let running = first.running.as_ref().expect("it was just started");
        must(running.until(READY_MAX, || make_and_remove_stream(&first.node, copies)).await);
    }

    /// Kills one member as a crash would, and leaves it down.
    pub async fn kill_member(&mut self, member: usize) {
        self.members[member].kill().await;
    }

    /// Starts a member again and waits until JetStream answers there.
    pub async fn restart_member(&mut self, member: usize) {
        let member = &mut self.members[member];
        member.kill().await;
        member.launch();
        member.ready().await;
    }
}

async fn make_and_remove_stream(node: &nats::Node<'_>, copies: usize) -> Result<(), String> {
    let config = format!(
        r#"{{"name":"HARNESS","subjects":["harness"],"num_replicas":{copies},"storage":"file","retention":"limits"}}"#
    );
    for (subject, body) in
        [("$JS.API.STREAM.CREATE.HARNESS", config.as_str()), ("$JS.API.STREAM.DELETE.HARNESS", "")]
    {
        let answer = node.request(subject, body).await?;
        if answer.contains("\"error\"") {
            return Err(answer);
        }
    }
    Ok(())
}

struct Member {
    node: nats::Node<'static>,
    service: Service,
    running: Option<Supervised>,
}

impl Member {
    fn new(
        name: &'static str,
        [port, websocket]: [u16; 2],
        users: Vec<NatsUser>,
        cluster: Option<nats::Cluster>,
        readers: Option<&Readers>,
    ) -> Member {
        let home = folder();
        must(make_private(&home));
        let log = home.join("log");
        let users = users.into_iter().map(|user| (user, PASSWORD.to_owned())).collect();
        let readers = readers.map(|readers| (readers.clone(), PASSWORD.to_owned()));
        let websocket = readers.is_some().then_some(websocket);
        let (user, password) = (PASSWORD, PASSWORD);
        let node = nats::Node { name, home, port, websocket, user, password, users, cluster, readers };
        let mut service = must(node.service(&tools().nats_server, log, None));
        // Stopping it is a crash.
        service.program.stop.grace = Duration::ZERO;
        Member { node, service, running: None }
    }

    fn url_of(&self, user: &str) -> String {
        format!("nats://{user}:{PASSWORD}@127.0.0.1:{}", self.node.port)
    }

    async fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            must(running.stop().await);
        }
    }

    fn launch(&mut self) {
        let _inside = RUNTIME.enter();
        self.running = Some(Supervised::start(Server::Nats, self.service.clone()));
    }

    async fn ready(&self) {
        let running = self.running.as_ref().expect("it was just started");
        must(running.until(READY_MAX, || self.node.probe()).await);
    }
}

/// A database of its own in the Postgres of this test process.
pub struct TestDatabase {
    pub name: String,
    pub url: String,
}

/// A new, empty database.
pub async fn postgres_database() -> TestDatabase {
    postgres_database_from("template1").await
}

/// A copy of another database, which nobody may be connected to meanwhile.
pub async fn postgres_database_from(template: &str) -> TestDatabase {
    static POSTGRES: OnceCell<Platform> = OnceCell::const_new();
    let platform = POSTGRES.get_or_init(|| shared(Server::Postgres)).await;
    let name = format!("test_{}", secret());
    let url = must(platform.create_database(&name, template).await);
    TestDatabase { name, url }
}

/// A new bucket in the object store of this test process.
pub async fn s3() -> S3Access {
    static S3: OnceCell<Platform> = OnceCell::const_new();
    let platform = S3.get_or_init(|| shared(Server::S3)).await;
    let access = S3Access { bucket: format!("test-{}", secret()), ..platform.urls().s3.clone() };
    s3::probe(&access).await.unwrap_or_else(|reason| panic!("the bucket cannot be made: {reason}"));
    access
}

async fn shared(server: Server) -> Platform {
    let mut config = LocalConfig::new(folder(), tools());
    config.durable = false;
    let started = RUNTIME.spawn(async move { Platform::start_only(config, &[server]).await }).await;
    must(started.expect("starting a server does not panic"))
}
