//! nats-server: its configuration, and the few words of its protocol that tell whether JetStream answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use trainyard_child::{Account, Program};

use crate::LocalError;
use crate::private::write_private;
use crate::service::Service;

pub(crate) const GRACE: Duration = Duration::from_secs(5);
/// Above the largest image that may be predicted, with room for headers.
const MESSAGE_BYTES_MAX: usize = 9 * 1024 * 1024;
/// What a server waits for the word of who vouches; the views may be a moment behind a token.
const LOGIN_SECONDS: u32 = 5;
/// A user whose key is a hash, so that nobody has its other half. Where servers know a user by a key, they send everybody something
/// to sign: then whoever vouches for readers can know them by their keys.
const NOBODY: &str = "UCJV2QCNSLQYYEK6M632RU7PZICEWMDE3MJDF7R6FBQ4LGTKYUWQGGBF";
/// Below the data folder.
pub(crate) const HOME: &str = "nats";
/// Below its home.
const CONFIG: &str = "nats.conf";
const STORE: &str = "store";

/// One server, alone or as a member of a cluster.
pub(crate) struct Node<'a> {
    pub(crate) name: &'a str,
    pub(crate) home: PathBuf,
    pub(crate) port: u16,
    /// Where browsers are let in, who can speak nothing else. On this machine alone: there is no TLS.
    pub(crate) websocket: Option<u16>,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    /// Others than the one above, who may do everything, and their passwords.
    pub(crate) users: Vec<(NatsUser, String)>,
    pub(crate) cluster: Option<Cluster>,
    /// Besides the platform, and the password of their account's user of the system.
    pub(crate) readers: Option<(Readers, String)>,
}

/// An account beside the platform's own, into which people log in whom somebody else vouches for.
#[derive(Debug, Clone)]
pub struct Readers {
    /// The account's name, and that of the platform's.
    pub account: String,
    pub platform: String,
    /// What is let through to the platform.
    pub services: Vec<NatsService>,
    /// Of the servers' own account.
    pub system: NatsUser,
    /// Public key of who vouches for all others; asked in the platform's account.
    pub issuer: String,
}

/// A request that goes from one account to another.
#[derive(Debug, Clone)]
pub struct NatsService {
    /// Its subject in the one, and in the other.
    pub asked: String,
    pub heard: String,
    /// Several answers may come to one request.
    pub streams: bool,
}

impl Readers {
    /// What a server's configuration says of accounts and logins, where `platform` are the entries of the platform's users,
    /// who are called `names`, and `password` is that of the system's user.
    pub fn configuration(&self, platform: &str, names: &[&str], password: &str) -> String {
        let Readers { account, platform: own, system, issuer, .. } = self;
        let known: Vec<&str> = names.iter().copied().chain([&*system.name]).collect();
        let lines = |line: fn(&Readers, &NatsService) -> String| -> String {
            self.services.iter().map(|service| line(self, service)).collect()
        };
        let exports = lines(|readers, NatsService { heard, streams, .. }| {
            let answers = if *streams { "stream" } else { "singleton" };
            format!("{{ service: {heard:?}, response_type: {answers}, accounts: [{}] }}\n", readers.account)
        });
        let imports = lines(|readers, NatsService { asked, heard, .. }| {
            format!("{{ service: {{ account: {}, subject: {heard:?} }}, to: {asked:?} }}\n", readers.platform)
        });
        let system = system.entry(password);
        format!(
            "accounts {{\n\
             {own} {{ jetstream: enabled, users: [\n{platform}]\nexports: [\n{exports}] }}\n\
             {account} {{ users: [ {{ nkey: {NOBODY} }} ], imports: [\n{imports}] }}\n\
             $SYS {{ users: [\n{system}] }}\n\
             }}\n\
             authorization {{ timeout: {LOGIN_SECONDS}, auth_callout {{\n\
             issuer: {issuer}, account: {own}, auth_users: {known:?} }} }}\n"
        )
    }
}

/// Somebody who may do some things.
#[derive(Debug, Clone)]
pub struct NatsUser {
    /// Letters and digits.
    pub name: String,
    /// Subjects, possibly with wildcards; a reply to a message that was received is allowed besides.
    pub publish: Vec<String>,
    pub subscribe: Vec<String>,
}

impl NatsUser {
    /// Its entry among the users of a server's configuration.
    pub fn entry(&self, password: &str) -> String {
        let NatsUser { name, publish, subscribe } = self;
        format!(
            "{{ user: {name:?}, password: {password:?}, permissions: {{\n\
             \x20   publish: {{ allow: {publish:?} }}\n\
             \x20   subscribe: {{ allow: {subscribe:?} }}\n\
             \x20   allow_responses: {{ max: 1, expires: \"2m\" }} }} }}\n"
        )
    }
}

/// The ports on which the members talk to each other: where this node listens, where it looks for the others, and what it
/// tells those who do not know it.
pub(crate) struct Cluster {
    pub(crate) port: u16,
    pub(crate) others: Vec<u16>,
    pub(crate) told: u16,
}

impl Node<'_> {
    /// Writes the configuration into its home, which is the account's, and says how to run it.
    pub(crate) fn service(
        &self,
        nats_server: &Path,
        log: PathBuf,
        account: Option<Account>,
    ) -> Result<Service, LocalError> {
        write_private(&self.home.join(CONFIG), &self.config(), account)?;
        let mut program = Program::new(nats_server, vec!["-c".into(), CONFIG.into()], &self.home);
        program.account = account;
        program.stop.grace = GRACE;
        // After a full disk, for one: 2.15.1 refuses to store anything then, also once there is room again.
        Ok(Service { program, log, stuck: Some("critical write error") })
    }

    /// Before there were readers the platform's streams lay in the account that has no name.
    pub(crate) fn move_to_account(&self, home: &Path) -> Result<(), LocalError> {
        let Some((readers, _)) = &self.readers else { return Ok(()) };
        let streams = home.join(STORE).join("jetstream");
        let (nameless, own) = (streams.join("$G"), streams.join(&readers.platform));
        if nameless.exists() && !own.exists() {
            std::fs::rename(&nameless, &own).map_err(LocalError::io(&nameless))?;
        }
        Ok(())
    }

    fn config(&self) -> String {
        let Node { name, port, user, password, .. } = self;
        let others: String = self.users.iter().map(|(user, password)| user.entry(password)).collect();
        let users = format!("{{ user: {user:?}, password: {password:?} }}\n{others}");
        let who = match &self.readers {
            None => format!("authorization {{ users: [\n{users}] }}\n"),
            Some((readers, password)) => {
                let others = self.users.iter().map(|(user, _)| &*user.name);
                let names: Vec<&str> = std::iter::once(*user).chain(others).collect();
                readers.configuration(&users, &names, password)
            }
        };
        let cluster = self.cluster.as_ref().map_or_else(String::new, |Cluster { port, others, told }| {
            let routes: Vec<String> = others.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
            format!(
                "cluster {{ name: trainyard, listen: \"127.0.0.1:{port}\", advertise: \"127.0.0.1:{told}\",\n\
                 routes: {routes:?}, no_advertise: true }}\n"
            )
        });
        let websocket = self.websocket.map_or_else(String::new, |port| {
            format!("websocket {{ listen: \"127.0.0.1:{port}\", no_tls: true }}\n")
        });
        format!(
            "server_name: {name}\n\
             listen: \"127.0.0.1:{port}\"\n\
             max_payload: {MESSAGE_BYTES_MAX}\n\
             {who}\
             {websocket}\
             # A message that was acknowledged is on the disk. How much room there is the disk knows: by itself the\n\
             # server would measure it once, and started on a full one it would store nothing for ever.\n\
             jetstream {{ store_dir: {STORE:?}, sync_interval: always, max_file_store: 1TB }}\n\
             {cluster}"
        )
    }

    /// Succeeds when JetStream answers; in a cluster that takes an elected leader.
    pub(crate) async fn probe(&self) -> Result<(), String> {
        let answer = self.request("$JS.API.INFO", "").await?;
        if answer.contains("\"error\"") { Err(answer) } else { Ok(()) }
    }

    /// One request and its answer, over a connection of its own.
    pub(crate) async fn request(&self, subject: &str, body: &str) -> Result<String, String> {
        self.exchange(subject, body).await.map_err(|error| error.to_string())
    }

    async fn exchange(&self, subject: &str, body: &str) -> std::io::Result<String> {
        let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", self.port)).await?);
        let connect = serde_json::json!({ "user": self.user, "pass": self.password, "verbose": false, "pedantic": false });
        let length = body.len();
        let ask = format!("CONNECT {connect}\r\nSUB answer 1\r\nPUB {subject} answer {length}\r\n{body}\r\n");
        stream.write_all(ask.as_bytes()).await?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["MSG", .., bytes] => {
                    let bytes = bytes.parse().map_err(std::io::Error::other)?;
                    let mut answer = vec![0; std::cmp::min(bytes, MESSAGE_BYTES_MAX)];
                    stream.read_exact(&mut answer).await?;
                    return Ok(String::from_utf8_lossy(&answer).into_owned());
                }
                ["PING"] => stream.write_all(b"PONG\r\n").await?,
                ["-ERR", ..] => return Err(std::io::Error::other(line)),
                _ => {}
            }
        }
    }
}
