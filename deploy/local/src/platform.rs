//! The servers together: started side by side on one data folder, ready when they answer, stopped together.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::folder::{Credentials, Folder, Ports, RequestedPorts};
use crate::supervise::{Supervised, end_former_life};
use crate::{LocalError, NatsUser, Readers, Tools, nats, objects, postgres, s3};

/// A slow disk after a crash has logs to replay; a healthy start takes about three seconds.
const READY_MAX: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Server {
    Nats,
    Postgres,
    S3,
}

impl Server {
    pub const ALL: [Server; 3] = [Server::Nats, Server::Postgres, Server::S3];
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Server::Nats => "nats",
            Server::Postgres => "postgres",
            Server::S3 => "s3",
        })
    }
}

/// Where the servers keep their data and which programs they are.
#[derive(Debug, Clone)]
pub struct LocalConfig {
    pub data: PathBuf,
    pub tools: Tools,
    pub ports: RequestedPorts,
    /// Besides the one of [`Urls::nats`], who may do everything.
    pub nats_users: Vec<NatsUser>,
    /// Others who may log in, where somebody vouches for them.
    pub readers: Option<Readers>,
    pub(crate) durable: bool,
}

impl LocalConfig {
    pub fn new(data: impl Into<PathBuf>, tools: Tools) -> LocalConfig {
        let (data, ports, nats_users) = (data.into(), RequestedPorts::default(), Vec::new());
        LocalConfig { data, tools, ports, nats_users, readers: None, durable: true }
    }
}

/// How to reach the servers. Those that were not asked for have an address where nobody listens.
#[derive(Debug, Clone)]
pub struct Urls {
    /// With user and password.
    pub nats: String,
    /// The same for each of [`LocalConfig::nats_users`] and of the system's user of [`LocalConfig::readers`], by name.
    pub nats_of: BTreeMap<String, String>,
    /// The same server for browsers, without a user.
    pub nats_websocket: String,
    /// The database `trainyard`, with user and password.
    pub postgres: String,
    pub s3: S3Access,
}

/// An S3 endpoint that wants path-style addresses, and a bucket that is there.
#[derive(Debug, Clone)]
pub struct S3Access {
    pub endpoint: String,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
    pub bucket: String,
}

/// Running servers. They are stopped when this is dropped or when our process ends in whatever way.
pub struct Platform {
    running: Vec<(Server, Supervised)>,
    urls: Urls,
    credentials: Credentials,
    ports: Ports,
    cluster: Option<postgres::Cluster>,
    folder: Folder,
}

impl Platform {
    /// Starts all three, and returns when each has answered.
    ///
    /// # Errors
    /// What to do next is in the text of each [`LocalError`]; none leaves a server running.
    pub async fn start(config: LocalConfig) -> Result<Platform, LocalError> {
        Platform::start_only(config, &Server::ALL).await
    }

    /// Starts some of them, for the tests of a crate that needs no more.
    ///
    /// # Errors
    /// As [`Platform::start`].
    pub async fn start_only(config: LocalConfig, which: &[Server]) -> Result<Platform, LocalError> {
        let folder = Folder::open(&config.data)?;
        for server in which {
            let (home, grace) = home_and_grace(*server);
            let home = folder.root.join(home);
            end_former_life(*server, &folder.pid_file(*server), &home, grace).await?;
        }
        let mut platform = Platform::prepare(folder, &config)?;
        match platform.launch(&config, which).await {
            Err(LocalError::GaveUp { tail, .. })
                if tail.contains("in use") && !requested_any(&config.ports) =>
            {
                tracing::warn!("somebody took a port between our picking and our using it; picking again");
                platform.running.clear();
                let folder = platform.folder;
                folder.forget_ports()?;
                platform = Platform::prepare(folder, &config)?;
                platform.launch(&config, which).await?;
            }
            outcome => outcome?,
        }
        Ok(platform)
    }

    fn prepare(folder: Folder, config: &LocalConfig) -> Result<Platform, LocalError> {
        let users = config.nats_users.iter().map(|user| &*user.name);
        let readers = config.readers.iter().map(|readers| &*readers.system.name);
        let names: Vec<&str> = users.chain(readers).collect();
        let credentials = folder.credentials(names.iter().copied())?;
        let ports = folder.ports(&config.ports)?;
        let nats = |user: &str, password: &str| format!("nats://{user}:{password}@127.0.0.1:{}", ports.nats);
        let urls = Urls {
            nats: nats(&credentials.nats_user, &credentials.nats_password),
            nats_of: names
                .iter()
                .map(|&user| (user.to_owned(), nats(user, &credentials.nats_users[user])))
                .collect(),
            nats_websocket: format!("ws://127.0.0.1:{}", ports.nats_websocket),
            postgres: postgres::url(ports.postgres, &credentials.postgres_password, "trainyard"),
            s3: objects::access(&credentials, &ports),
        };
        Ok(Platform { running: Vec::new(), urls, credentials, ports, cluster: None, folder })
    }

    async fn launch(&mut self, config: &LocalConfig, which: &[Server]) -> Result<(), LocalError> {
        let Platform { folder, credentials, ports, .. } = self;
        // Making a Postgres cluster takes longest, and would hold up the others.
        for server in
            [Server::S3, Server::Nats, Server::Postgres].iter().filter(|server| which.contains(server))
        {
            let log = folder.log(*server);
            let mut service = match server {
                Server::Nats => {
                    let users = config.nats_users.iter().cloned().map(|user| {
                        let password = credentials.nats_users[&user.name].clone();
                        (user, password)
                    });
                    let readers = config.readers.clone().map(|readers| {
                        let password = credentials.nats_users[&readers.system.name].clone();
                        (readers, password)
                    });
                    let node =
                        nats::Node { readers, ..nats_node(folder, credentials, ports, users.collect()) };
                    node.move_to_account(&folder.home(nats::HOME)?)?;
                    node.service(&config.tools.nats_server, log, folder.account)?
                }
                Server::S3 => objects::service(folder, &config.tools.store, credentials, ports)?,
                Server::Postgres => {
                    let password = &credentials.postgres_password;
                    let cluster =
                        postgres::Cluster::open(folder, &config.tools.postgres, password, config.durable)
                            .await?;
                    let service = cluster.service(ports.postgres, log);
                    self.cluster = Some(cluster);
                    service
                }
            };
            service.program.noted = Some(folder.pid_file(*server));
            self.running.push((*server, Supervised::start(*server, service)));
        }
        let (nats, postgres, s3) = tokio::join!(
            self.ready_if_asked(Server::Nats),
            self.ready_if_asked(Server::Postgres),
            self.ready_if_asked(Server::S3),
        );
        nats.and(postgres).and(s3)
    }

    async fn ready_if_asked(&self, server: Server) -> Result<(), LocalError> {
        if self.find(server).is_some() { self.ready(server).await } else { Ok(()) }
    }

    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// Returns when the server answers, for example after it was killed and came back.
    ///
    /// # Errors
    /// `NotReady` after a minute, `GaveUp` when it keeps dying, and never anything else.
    ///
    /// # Panics
    /// When the server is not one that this platform started.
    pub async fn ready(&self, server: Server) -> Result<(), LocalError> {
        let supervised = self.find(server).expect("this platform started the server");
        match server {
            Server::Nats => {
                let node = nats_node(&self.folder, &self.credentials, &self.ports, Vec::new());
                supervised.until(READY_MAX, || node.probe()).await
            }
            Server::Postgres => supervised.until(READY_MAX, || postgres::probe(self.ports.postgres)).await,
            Server::S3 => supervised.until(READY_MAX, || s3::probe(&self.urls.s3)).await,
        }
    }

    /// Resolves when one of the servers keeps dying and was given up on; until then it waits.
    pub async fn failed(&self) -> LocalError {
        let given_up = |server| async move {
            match self.find(server) {
                Some(supervised) => supervised.given_up().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            error = given_up(Server::Nats) => error,
            error = given_up(Server::Postgres) => error,
            error = given_up(Server::S3) => error,
        }
    }

    /// The process id of the server itself, or `None` while it is down.
    pub fn pid(&self, server: Server) -> Option<u32> {
        self.find(server).and_then(Supervised::pid)
    }

    /// Sends SIGKILL to the server, as a crash would; it comes back by itself.
    pub async fn kill(&self, server: Server) {
        if let Some(supervised) = self.find(server) {
            supervised.kill();
        }
    }

    /// Stops every server in good order, and by force when its time is up.
    ///
    /// # Errors
    /// `Io` when what kept a server alive had died itself, so that nobody knows whether the server is gone.
    pub async fn stop(self) -> Result<(), LocalError> {
        let stops: Vec<_> = self.running.into_iter().map(|(_, server)| tokio::spawn(server.stop())).collect();
        let mut outcome = Ok(());
        for stop in stops {
            outcome = outcome.and(stop.await.expect("stopping a server does not panic"));
        }
        outcome
    }

    /// Makes a database of that name, empty or as a copy of another.
    pub(crate) async fn create_database(&self, name: &str, template: &str) -> Result<String, LocalError> {
        let cluster = self.cluster.as_ref().expect("this platform started Postgres");
        let password = &self.credentials.postgres_password;
        let sql = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" STRATEGY file_copy");
        cluster.execute(self.ports.postgres, password, &sql).await?;
        Ok(postgres::url(self.ports.postgres, password, name))
    }

    fn find(&self, server: Server) -> Option<&Supervised> {
        self.running.iter().find(|(which, _)| *which == server).map(|(_, supervised)| supervised)
    }
}

fn nats_node<'a>(
    folder: &Folder,
    credentials: &'a Credentials,
    ports: &Ports,
    users: Vec<(NatsUser, String)>,
) -> nats::Node<'a> {
    nats::Node {
        name: "trainyard",
        home: folder.root.join(nats::HOME),
        port: ports.nats,
        websocket: Some(ports.nats_websocket),
        user: &credentials.nats_user,
        password: &credentials.nats_password,
        users,
        cluster: None,
        readers: None,
    }
}

/// A server's folder below the data folder, and what it takes to stop at most.
fn home_and_grace(server: Server) -> (&'static str, Duration) {
    match server {
        Server::Nats => (nats::HOME, nats::GRACE),
        Server::S3 => (objects::HOME, Duration::ZERO),
        Server::Postgres => (postgres::HOME, postgres::GRACE),
    }
}

fn requested_any(ports: &RequestedPorts) -> bool {
    [ports.nats, ports.postgres, ports.s3].iter().any(Option::is_some)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::net::TcpListener;

    use super::*;
    use crate::harness;

    /// Leaves a mark in each server, or finds the marks that were left.
    struct Marks<'a>(&'a Platform);

    impl Marks<'_> {
        async fn leave(&self) {
            let Platform { cluster, ports, credentials, urls, .. } = self.0;
            let stream = r#"{"name":"MARK","subjects":["mark"],"storage":"file","retention":"limits"}"#;
            let made = self.nats("$JS.API.STREAM.CREATE.MARK", stream).await;
            assert!(!made.contains("error"), "{made}");
            let stored = self.nats("mark", "left").await;
            assert!(stored.contains("\"seq\":1"), "{stored}");
            let cluster = cluster.as_ref().expect("Postgres runs");
            let sql = "CREATE TABLE mark AS SELECT 'left' AS text";
            cluster
                .execute(ports.postgres, &credentials.postgres_password, sql)
                .await
                .expect("the table is made");
            let object = format!("/{}/mark", urls.s3.bucket);
            let (status, _) = s3::request(&urls.s3, "PUT", &object, &[7; 100_000]).await.expect("S3 answers");
            assert_eq!(status, 200);
        }

        async fn find(&self) {
            let Platform { cluster, ports, credentials, urls, .. } = self.0;
            let info = self.nats("$JS.API.STREAM.INFO.MARK", "").await;
            assert!(info.contains("\"messages\":1"), "{info}");
            let cluster = cluster.as_ref().expect("Postgres runs");
            let sql = "INSERT INTO mark SELECT text FROM mark LIMIT 1";
            cluster
                .execute(ports.postgres, &credentials.postgres_password, sql)
                .await
                .expect("the table is there");
            let object = format!("/{}/mark", urls.s3.bucket);
            let (status, body) = s3::request(&urls.s3, "GET", &object, b"").await.expect("S3 answers");
            assert_eq!((status, body), (200, vec![7; 100_000]));
        }

        async fn nats(&self, subject: &str, body: &str) -> String {
            let node = nats_node(&self.0.folder, &self.0.credentials, &self.0.ports, Vec::new());
            node.request(subject, body).await.expect("NATS answers")
        }
    }

    /// Every address a process listens on, as /proc spells it, which is hexadecimal.
    fn listening(pid: u32) -> Vec<String> {
        let links = fs::read_dir(format!("/proc/{pid}/fd")).expect("the process is there");
        let sockets: HashSet<String> = links
            .filter_map(|link| fs::read_link(link.ok()?.path()).ok())
            .filter_map(|target| {
                Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
            })
            .collect();
        let tables =
            ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
        let rows = tables.iter().flat_map(|table| table.lines().skip(1));
        rows.map(|row| row.split_whitespace().collect::<Vec<_>>())
            .filter(|row| row[3] == "0A" && sockets.contains(row[9]))
            .map(|row| row[1].to_owned())
            .collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn streams_of_before_there_were_readers_are_the_platforms() {
        let only = [Server::Nats];
        let mut config = LocalConfig::new(harness::folder(), harness::tools());
        let before = Platform::start_only(config.clone(), &only).await.expect("starts");
        let stream = r#"{"name":"MARK","subjects":["mark"],"storage":"file","retention":"limits"}"#;
        let made = Marks(&before).nats("$JS.API.STREAM.CREATE.MARK", stream).await;
        assert!(!made.contains("error"), "{made}");
        Marks(&before).nats("mark", "left").await;
        before.stop().await.expect("stops");

        let user = |name: &str| NatsUser { name: name.to_owned(), publish: vec![], subscribe: vec![] };
        config.nats_users = vec![user("one")];
        config.readers = Some(Readers {
            account: "READERS".to_owned(),
            platform: "PLATFORM".to_owned(),
            services: vec![],
            system: user("cutter"),
            issuer: "AB5ZNDFCAUJIJYKZUGJKDWGSF3HQZFLAONJYUJI2OVWEUOERSPKD2MM3".to_owned(),
        });
        for _ in 0..2 {
            let after = Platform::start_only(config.clone(), &only).await.expect("starts");
            let info = Marks(&after).nats("$JS.API.STREAM.INFO.MARK", "").await;
            assert!(info.contains("\"messages\":1"), "{info}");
            assert!(after.urls().nats_of.contains_key("cutter"));
            after.stop().await.expect("stops");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_written_outlives_crashes_restarts_and_other_ports() {
        let data = harness::folder();
        let config = LocalConfig::new(&data, harness::tools());
        let platform = Platform::start(config.clone()).await.expect("starts");
        Marks(&platform).leave().await;
        for server in Server::ALL {
            let before = platform.pid(server).expect("it runs");
            let addresses = listening(before);
            assert!(
                !addresses.is_empty() && addresses.iter().all(|at| at.starts_with("0100007F:")),
                "{server}: {addresses:?}"
            );
            platform.kill(server).await;
            let supervised = platform.find(server).expect("it was started");
            let another = || async {
                if platform.pid(server).is_some_and(|pid| pid != before) {
                    Ok(())
                } else {
                    Err("down".into())
                }
            };
            supervised.until(READY_MAX, another).await.expect("it comes back");
            platform.ready(server).await.expect("it answers");
        }
        Marks(&platform).find().await;
        let (ports, pids) =
            (platform.ports, Server::ALL.map(|server| platform.pid(server).expect("it runs")));
        platform.stop().await.expect("stops");
        assert!(pids.iter().all(|pid| !fs::exists(format!("/proc/{pid}")).expect("/proc is there")));

        // The same ports when they are free, others when not.
        let taken = [ports.s3, ports.nats]
            .map(|port| TcpListener::bind(("127.0.0.1", port)).expect("it was stopped"));
        let platform = Platform::start(config).await.expect("starts");
        assert_eq!(platform.ports.postgres, ports.postgres);
        assert!(platform.ports.nats != ports.nats && platform.ports.s3 != ports.s3);
        Marks(&platform).find().await;
        platform.stop().await.expect("stops");
        drop(taken);
    }
}
