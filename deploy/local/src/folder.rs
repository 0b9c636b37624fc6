//! The data folder: its lock, its format version, and the credentials and ports that stay the same from start to start.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use trainyard_child::Account;

use crate::private::{make_private, read_json, secret, to_json, write_private};
use crate::{LocalError, Server, account};

/// That of a data folder, which stands in its file `version`. 2: the object store is our own.
pub const FORMAT: u32 = 2;
/// Below the range that Linux hands to outgoing connections, so that no client sits on a server's port while it restarts.
const PORT_FIRST: u16 = 20_000;
const PORT_LAST: u16 = 29_999;
const PORT_TRIES_MAX: u32 = 1_000;
/// Below the data folder: where releases up to 0.1 kept objects, in a store of somebody else's.
const FORMER_HOME: &str = "s3";
/// The files that these had their objects in, longer than this as soon as there was one.
const FORMER_KIND: &str = "dat";
const FORMER_EMPTY_BYTES: u64 = 8;

/// Ports the user insists on; the others are picked.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestedPorts {
    pub nats: Option<u16>,
    pub postgres: Option<u16>,
    pub s3: Option<u16>,
}

/// Made once for each folder, at random.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) nats_user: String,
    pub(crate) nats_password: String,
    /// Passwords of users who may do less.
    #[serde(default)]
    pub(crate) nats_users: BTreeMap<String, String>,
    pub(crate) postgres_password: String,
    pub(crate) s3_access_key: String,
    pub(crate) s3_secret_key: String,
}

/// One port for each thing that listens, all of them on 127.0.0.1.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub(crate) nats: u16,
    /// Zero where it was never picked.
    #[serde(default)]
    pub(crate) nats_websocket: u16,
    pub(crate) postgres: u16,
    pub(crate) s3: u16,
}

/// A data folder that is ours alone while this lives.
pub(crate) struct Folder {
    pub(crate) root: PathBuf,
    /// Whose the servers' own folders are.
    pub(crate) account: Option<Account>,
    _lock: Lock,
}

struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing it alone would leave it to a child that is just being started, until that has come to its program.
        let _ = self.0.unlock();
    }
}

impl Folder {
    pub(crate) fn open(data: &Path) -> Result<Folder, LocalError> {
        fs::DirBuilder::new().recursive(true).mode(0o755).create(data).map_err(LocalError::io(data))?;
        let root = data.canonicalize().map_err(LocalError::io(data))?;
        let lock = take_lock(&root)?;
        check_format(&root)?;
        make_private(&root)?;
        for name in ["logs", "run"] {
            make_private(&root.join(name))?;
        }
        let account = account::of(&root)?;
        Ok(Folder { root, account, _lock: Lock(lock) })
    }

    /// Makes a server's own folder, or makes it its own.
    pub(crate) fn home(&self, name: &str) -> Result<PathBuf, LocalError> {
        let home = self.root.join(name);
        make_private(&home)?;
        account::give(&home, self.account)?;
        Ok(home)
    }

    pub(crate) fn log(&self, server: Server) -> PathBuf {
        self.root.join(format!("logs/{server}.log"))
    }

    pub(crate) fn pid_file(&self, server: Server) -> PathBuf {
        self.root.join(format!("run/{server}.pid"))
    }

    /// Those of last time, with a password for each of `nats_users`.
    pub(crate) fn credentials<'a>(
        &self,
        nats_users: impl Iterator<Item = &'a str>,
    ) -> Result<Credentials, LocalError> {
        let path = self.root.join("credentials.json");
        let mut credentials = match read_json(&path)? {
            Some(kept) => kept,
            None => Folder::new_credentials(),
        };
        for user in nats_users {
            credentials.nats_users.entry(user.to_owned()).or_insert_with(secret);
        }
        write_private(&path, &to_json(&credentials), None)?;
        Ok(credentials)
    }

    fn new_credentials() -> Credentials {
        Credentials {
            nats_user: "trainyard".to_owned(),
            nats_password: secret(),
            nats_users: BTreeMap::new(),
            postgres_password: secret(),
            s3_access_key: secret(),
            s3_secret_key: secret(),
        }
    }

    /// The ports of last time where they are still free, and new ones where not.
    pub(crate) fn ports(&self, requested: &RequestedPorts) -> Result<Ports, LocalError> {
        let path = self.root.join("ports.json");
        let kept: Option<Ports> = read_json(&path)?;
        let mut held = Vec::new();
        let mut pick =
            |server, asked: Option<u16>, kept: Option<u16>| pick_port(server, asked, kept, &mut held);
        let ports = Ports {
            nats: pick(Server::Nats, requested.nats, kept.map(|kept| kept.nats))?,
            nats_websocket: pick(
                Server::Nats,
                None,
                kept.map(|kept| kept.nats_websocket).filter(|port| *port > 0),
            )?,
            postgres: pick(Server::Postgres, requested.postgres, kept.map(|kept| kept.postgres))?,
            s3: pick(Server::S3, requested.s3, kept.map(|kept| kept.s3))?,
        };
        write_private(&path, &to_json(&ports), None)?;
        Ok(ports)
    }

    /// Lets the next [`Folder::ports`] pick new ones.
    pub(crate) fn forget_ports(&self) -> Result<(), LocalError> {
        let path = self.root.join("ports.json");
        fs::remove_file(&path).map_err(LocalError::io(&path))
    }
}

/// The kernel lets go of the lock when its holder dies, so a lock is never stale.
fn take_lock(root: &Path) -> Result<File, LocalError> {
    let path = root.join("lock");
    let mut options = OpenOptions::new();
    options.create(true).read(true).write(true).truncate(false).mode(0o600);
    let mut lock = options.open(&path).map_err(LocalError::io(&path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            lock.read_to_string(&mut pid).map_err(LocalError::io(&path))?;
            return Err(LocalError::InUse { data: root.to_path_buf(), pid: pid.trim().to_owned() });
        }
        Err(TryLockError::Error(source)) => return Err(LocalError::io(&path)(source)),
    }
    lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id())).map_err(LocalError::io(&path))?;
    Ok(lock)
}

fn check_format(root: &Path) -> Result<(), LocalError> {
    let path = root.join("version");
    let found = match fs::read_to_string(&path) {
        Ok(found) => found.trim().to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return write_private(&path, &format!("{FORMAT}\n"), None);
        }
        Err(error) => return Err(LocalError::io(&path)(error)),
    };
    match found.parse::<u32>() {
        Ok(FORMAT) => Ok(()),
        Ok(format) if format < FORMAT => {
            refuse_former(root)?;
            // From here on, an older release refuses this folder.
            write_private(&path, &format!("{FORMAT}\n"), None)
        }
        Ok(_) => Err(LocalError::NewerFormat { data: root.to_path_buf(), found, known: FORMAT }),
        Err(error) => Err(LocalError::Corrupt { path, reason: error.to_string() }),
    }
}

/// Nothing that lies there is lost from sight: somebody must copy it first, or say that it is of no use.
///
/// # Errors
/// `FormerStore` as long as there are objects.
fn refuse_former(root: &Path) -> Result<(), LocalError> {
    let home = root.join(FORMER_HOME);
    let files = fs::read_dir(&home).into_iter().flatten().flatten();
    let holds_objects = files.filter(|file| file.path().extension().is_some_and(|it| it == FORMER_KIND));
    let mut lengths = holds_objects.filter_map(|file| file.metadata().ok()).map(|about| about.len());
    if lengths.any(|bytes| bytes > FORMER_EMPTY_BYTES) {
        return Err(LocalError::FormerStore { home });
    }
    Ok(())
}

fn pick_port(
    server: Server,
    asked: Option<u16>,
    kept: Option<u16>,
    held: &mut Vec<TcpListener>,
) -> Result<u16, LocalError> {
    let mut hold =
        |port: u16| TcpListener::bind(("127.0.0.1", port)).map(|listener| held.push(listener)).is_ok();
    if let Some(port) = asked {
        return if hold(port) { Ok(port) } else { Err(LocalError::PortTaken { server, port }) };
    }
    let random = (0..PORT_TRIES_MAX).map(|_| rand::random_range(PORT_FIRST..=PORT_LAST));
    let no_port = LocalError::NoFreePort { first: PORT_FIRST, last: PORT_LAST };
    kept.into_iter().chain(random).find(|port| hold(*port)).ok_or(no_port)
}

/// `N` ports that are free now, for servers that have no data folder of their own to remember them.
pub(crate) fn free_ports<const N: usize>() -> Result<[u16; N], LocalError> {
    let mut held = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        *port = pick_port(Server::Nats, None, None, &mut held)?;
    }
    Ok(ports)
}
