//! Postgres: a cluster made once, run as somebody who is not root, reached over loopback with a password alone.
//!
//! It is put into its folder, which it calls [`HERE`], and so needs no way to it.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use trainyard_child::{Account, Program, Signal, Stop};

use crate::folder::Folder;
use crate::private::{make_private, write_private};
use crate::programs::{command_as, usable_by};
use crate::service::{HERE, Service};
use crate::{LocalError, account};

pub(crate) const GRACE: Duration = Duration::from_secs(10);
/// Below the data folder.
pub(crate) const HOME: &str = "postgres";
const DATABASE: &str = "trainyard";
const OUTPUT_CHARS_MAX: usize = 2_000;
const CONNECTIONS_MAX: u32 = 200;
/// The protocol version of a start-up packet: 3.0.
const PROTOCOL: u32 = 3 << 16;

/// Everything that does not change between the starts of one cluster.
pub(crate) struct Cluster {
    tools: PathBuf,
    data: PathBuf,
    account: Option<Account>,
    /// Off only for databases that are thrown away after the test.
    durable: bool,
}

impl Cluster {
    /// Finds the cluster of this folder, or makes it.
    pub(crate) async fn open(
        folder: &Folder,
        tools: &Path,
        password: &str,
        durable: bool,
    ) -> Result<Cluster, LocalError> {
        let account = folder.account;
        let tools = usable_by(account, tools).await?;
        let place = folder.root.join(HOME);
        let mut cluster = Cluster { tools, data: place.clone(), account, durable };
        if fs::symlink_metadata(&place).is_err() {
            cluster.make(password).await?;
        }
        // Earlier versions made it a link to a folder outside, for `nobody`, whose all of it was.
        cluster.data = place.canonicalize().map_err(LocalError::io(&place))?;
        account::give(&cluster.data, account)?;
        Ok(cluster)
    }

    /// Makes the files beside their place and moves them there when they are whole.
    async fn make(&self, password: &str) -> Result<(), LocalError> {
        let fresh = self.data.with_extension("new");
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(LocalError::io(&fresh))?;
        }
        make_private(&fresh)?;
        let maker = account::with_a_name()?;
        account::give(&fresh, maker)?;
        let mut initdb =
            vec!["-D", HERE, "-U", DATABASE, "--auth=trust", "--encoding=UTF8", "--no-instructions"];
        initdb.extend(["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]);
        if !self.durable {
            initdb.push("--no-sync");
        }
        self.run_in(&fresh, maker, "initdb", &initdb, "").await?;
        let hba = "host all all 127.0.0.1/32 scram-sha-256\n";
        write_private(&fresh.join("pg_hba.conf"), hba, maker)?;
        let sql = format!("ALTER ROLE {DATABASE} PASSWORD '{password}'\nCREATE DATABASE {DATABASE}\n");
        self.run_in(&fresh, maker, "postgres", &["--single", "-D", HERE, "postgres"], &sql).await?;
        account::give(&fresh, self.account)?;
        fs::rename(&fresh, &self.data).map_err(LocalError::io(&self.data))
    }

    /// Runs one of the programs to its end.
    async fn run_in(
        &self,
        folder: &Path,
        account: Option<Account>,
        program: &str,
        args: &[&str],
        input: &str,
    ) -> Result<(), LocalError> {
        let open = File::open(folder).map_err(LocalError::io(folder))?;
        let mut command = command_as(account, &self.tools.join("bin").join(program));
        // It goes there as the account, by the open folder: it may have no other way.
        command.current_dir(format!("/proc/self/fd/{}", open.as_raw_fd()));
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ran = async {
            let mut child = command.spawn()?;
            child.stdin.take().expect("standard input is piped").write_all(input.as_bytes()).await?;
            child.wait_with_output().await
        };
        let output = ran.await.map_err(LocalError::io(&self.data))?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        // A statement that fails in single-user mode is said, and leaves the exit status 0.
        if output.status.success() && !said.contains("ERROR:") {
            return Ok(());
        }
        if ["No space left on device", "Check free disk space"].iter().any(|sign| said.contains(sign)) {
            return Err(LocalError::DiskFull { path: self.data.clone() });
        }
        let end: Vec<char> = said.chars().rev().take(OUTPUT_CHARS_MAX).collect();
        Err(LocalError::Program { program: program.to_owned(), output: end.into_iter().rev().collect() })
    }

    pub(crate) fn service(&self, port: u16, log: PathBuf) -> Service {
        let switch = if self.durable { "on" } else { "off" };
        let settings = [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            format!("max_connections={CONNECTIONS_MAX}"),
            "shared_buffers=64MB".to_owned(),
            "timezone=UTC".to_owned(),
            "log_timezone=UTC".to_owned(),
            format!("fsync={switch}"),
            format!("full_page_writes={switch}"),
            format!("synchronous_commit={switch}"),
        ];
        let mut args = vec!["-D".into(), HERE.into()];
        args.extend(settings.into_iter().flat_map(|setting| ["-c".into(), setting.into()]));
        let mut program = Program::new(self.tools.join("bin/postgres"), args, &self.data);
        program.account = self.account;
        // Fast shutdown: roll back what is open, write a checkpoint, leave.
        program.stop = Stop { signal: Signal::Interrupt, grace: GRACE };
        Service { program, log, stuck: None }
    }

    /// Runs one statement with the bundled psql, in the database `postgres`.
    pub(crate) async fn execute(&self, port: u16, password: &str, sql: &str) -> Result<(), LocalError> {
        let url = url(port, password, "postgres");
        let args = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, &url];
        self.run_in(Path::new("/"), None, "psql", &args, "").await
    }
}

pub(crate) fn url(port: u16, password: &str, database: &str) -> String {
    format!("postgres://{DATABASE}:{password}@127.0.0.1:{port}/{database}")
}

/// Succeeds when the server asks a newcomer for the password, as it does once it takes connections.
pub(crate) async fn probe(port: u16) -> Result<(), String> {
    let body = format!("user\0{DATABASE}\0database\0{DATABASE}\0\0");
    let length = u32::try_from(8 + body.len()).expect("two short names fit");
    let packet = [&length.to_be_bytes()[..], &PROTOCOL.to_be_bytes(), body.as_bytes()].concat();
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(&packet).await?;
        stream.read_u8().await
    };
    match ask.await {
        Ok(b'R') => Ok(()),
        Ok(_) => Err("it is still starting up".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
