//! nats-server: its configuration, and the few words of its protocol that tell whether JetStream answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use trainyard_child::{Account, Program};

use crate::LocalError;
use crate::folder::write_private;
use crate::service::Service;

pub(crate) const GRACE: Duration = Duration::from_secs(5);
/// Above the largest image that may be predicted, with room for headers.
const MESSAGE_BYTES_MAX: usize = 9 * 1024 * 1024;
/// Below the data folder.
pub(crate) const HOME: &str = "nats";
/// Below its home.
const CONFIG: &str = "nats.conf";

/// One server, alone or as a member of a cluster.
pub(crate) struct Node<'a> {
    pub(crate) name: &'a str,
    pub(crate) home: PathBuf,
    pub(crate) port: u16,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    /// Others than the one above, who may do everything, and their passwords.
    pub(crate) users: Vec<(NatsUser, String)>,
    pub(crate) cluster: Option<Cluster>,
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

/// The ports on which the members talk to each other, this node's own first.
pub(crate) struct Cluster {
    pub(crate) port: u16,
    pub(crate) others: Vec<u16>,
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

    fn config(&self) -> String {
        let Node { name, port, user, password, .. } = self;
        let others: String = self.users.iter().map(|(user, password)| user.entry(password)).collect();
        let cluster = self.cluster.as_ref().map_or_else(String::new, |cluster| {
            let routes: Vec<String> =
                cluster.others.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
            format!(
                "cluster {{ name: trainyard, listen: \"127.0.0.1:{}\", routes: {routes:?}, no_advertise: true }}\n",
                cluster.port
            )
        });
        format!(
            "server_name: {name}\n\
             listen: \"127.0.0.1:{port}\"\n\
             max_payload: {MESSAGE_BYTES_MAX}\n\
             authorization {{ users: [\n{{ user: {user:?}, password: {password:?} }}\n{others}] }}\n\
             # A message that was acknowledged is on the disk. How much room there is the disk knows: by itself the\n\
             # server would measure it once, and started on a full one it would store nothing for ever.\n\
             jetstream {{ store_dir: \"store\", sync_interval: always, max_file_store: 1TB }}\n\
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
