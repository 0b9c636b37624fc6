//! Postgres: a cluster made once, run as somebody who is not root, reached over loopback with a password alone.
//!
//! Postgres refuses to run as root. Started by root it runs as `nobody`; where `nobody` cannot pass through to the data
//! folder or the programs (a 0700 home, say), they are put under /var/lib/trainyard, and `<data>/postgres` is a link.

use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fs, io};

use nix::unistd::{User, geteuid};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::LocalError;
use crate::folder::{Folder, secret};
use crate::watchdog::{Account, Program};

pub(crate) const GRACE_S: u32 = 10;
const DATABASE: &str = "trainyard";
/// World-readable ground that only root can write.
const OUTSIDE: &str = "/var/lib/trainyard";
const NOBODY: Account = Account { uid: 65_534, gid: 65_534 };
const OUTPUT_CHARS_MAX: usize = 2_000;
const CONNECTIONS_MAX: u32 = 200;
/// The protocol version of a start-up packet: 3.0.
const PROTOCOL: u32 = 3 << 16;

/// Everything that does not change between the starts of one cluster.
pub(crate) struct Cluster {
    tools: PathBuf,
    pub(crate) data: PathBuf,
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
        let account = geteuid().is_root().then(nobody);
        let tools = programs_for(account, tools).await?;
        let link = folder.root.join("postgres");
        let mut cluster = Cluster { tools, data: link.clone(), account, durable };
        if fs::symlink_metadata(&link).is_ok() {
            cluster.data = link.canonicalize().map_err(LocalError::io(&link))?;
            return Ok(cluster);
        }
        if !can(account, "cd \"$1\"", &folder.root).await? {
            make_public(Path::new(OUTSIDE))?;
            cluster.data = Path::new(OUTSIDE).join(format!("data-{}", secret()));
            tracing::info!(place = %cluster.data.display(), "Postgres runs as nobody, who cannot enter the data folder: its files lie here");
        }
        cluster.make(password).await?;
        if cluster.data != link {
            symlink(&cluster.data, &link).map_err(LocalError::io(&link))?;
        }
        Ok(cluster)
    }

    /// Makes the files beside their place and moves them there when they are whole.
    async fn make(&self, password: &str) -> Result<(), LocalError> {
        let fresh = self.data.with_extension("new");
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(LocalError::io(&fresh))?;
        }
        fs::DirBuilder::new().mode(0o700).create(&fresh).map_err(LocalError::io(&fresh))?;
        self.give_away(&fresh)?;
        let at = fresh.display().to_string();
        let mut initdb =
            vec!["-D", &at, "-U", DATABASE, "--auth=trust", "--encoding=UTF8", "--no-instructions"];
        initdb.extend(["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]);
        if !self.durable {
            initdb.push("--no-sync");
        }
        self.run("initdb", &initdb, "").await?;
        let hba = fresh.join("pg_hba.conf");
        fs::write(&hba, "host all all 127.0.0.1/32 scram-sha-256\n").map_err(LocalError::io(&hba))?;
        let sql = format!("ALTER ROLE {DATABASE} PASSWORD '{password}'\nCREATE DATABASE {DATABASE}\n");
        self.run("postgres", &["--single", "-D", &at, "postgres"], &sql).await?;
        fs::rename(&fresh, &self.data).map_err(LocalError::io(&self.data))
    }

    fn give_away(&self, path: &Path) -> Result<(), LocalError> {
        let Some(Account { uid, gid }) = self.account else { return Ok(()) };
        chown(path, Some(uid), Some(gid)).map_err(LocalError::io(path))
    }

    async fn run(&self, program: &str, args: &[&str], input: &str) -> Result<(), LocalError> {
        let mut command = command_as(self.account, &self.tools.join("bin").join(program));
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

    pub(crate) fn program(&self, port: u16, log: PathBuf) -> Program {
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
        let mut args = vec!["-D".to_owned(), self.data.display().to_string()];
        args.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        Program {
            path: self.tools.join("bin/postgres"),
            args,
            env: Vec::new(),
            account: self.account,
            home: self.data.clone(),
            log,
            stuck: None,
            // Fast shutdown: roll back what is open, write a checkpoint, leave.
            stop_signal: "INT",
            grace_s: GRACE_S,
            litter: Vec::new(),
        }
    }

    /// Runs one statement with the bundled psql, in the database `postgres`.
    pub(crate) async fn execute(&self, port: u16, password: &str, sql: &str) -> Result<(), LocalError> {
        let url = url(port, password, "postgres");
        self.run("psql", &["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, &url], "").await
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

fn nobody() -> Account {
    match User::from_name("nobody") {
        Ok(Some(user)) => Account { uid: user.uid.as_raw(), gid: user.gid.as_raw() },
        _ => NOBODY,
    }
}

fn command_as(account: Option<Account>, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").kill_on_drop(true);
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command
}

/// Whether the account can do this with the path: trying knows more than reading permission bits.
async fn can(account: Option<Account>, script: &str, path: &Path) -> Result<bool, LocalError> {
    let mut command = command_as(account, Path::new("/bin/sh"));
    command
        .args(["-c", script, "sh"])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match command.status().await {
        Ok(status) => Ok(status.success()),
        Err(error) => Err(LocalError::NoUnprivilegedUser { reason: error.to_string() }),
    }
}

/// The programs where they are, or a copy of them where the account can run them.
async fn programs_for(account: Option<Account>, tools: &Path) -> Result<PathBuf, LocalError> {
    if can(account, "\"$1/bin/postgres\" --version && test -r \"$1/share/postgres.bki\"", tools).await? {
        return Ok(tools.to_path_buf());
    }
    let program = tools.join("bin/postgres");
    let about = fs::metadata(&program).map_err(LocalError::io(&program))?;
    let id = Sha256::digest(format!("{} {} {}", program.display(), about.len(), about.mtime()));
    let copy = Path::new(OUTSIDE).join(format!("postgres-{}", hex::encode(&id[..8])));
    if copy.exists() {
        return Ok(copy);
    }
    make_public(Path::new(OUTSIDE))?;
    let fresh = copy.with_extension(secret());
    let script = "cp -R -- \"$1\" \"$2\" && chmod -R a+rX \"$2\" && mv -T -- \"$2\" \"$3\"";
    let output =
        Command::new("/bin/sh").args(["-c", script, "sh"]).args([tools, &fresh, &copy]).output().await;
    let output = output.map_err(LocalError::io(&copy))?;
    if output.status.success() || copy.exists() {
        return Ok(copy);
    }
    let output = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(LocalError::Program { program: format!("copying Postgres to {}", copy.display()), output })
}

fn make_public(path: &Path) -> Result<(), LocalError> {
    match fs::DirBuilder::new().mode(0o755).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(LocalError::io(path)(error)),
        _ => fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .map_err(LocalError::io(path)),
    }
}
