//! Trainers of other frameworks that this machine has: a folder each, with how it is started and what it says of itself.

pub mod check;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;
use trainyard_child::{Attached, Exit, Program, environment};
use trainyard_events::card::{Description, PROTOCOL, is_runner};
use trainyard_events::fleet::InstalledRunner;

/// The file of each folder that says the rest.
const RECORD: &str = "runner.json";
/// A framework that has 1,400 models takes seconds to name them, from a disk that is cold.
const DESCRIBE_DEADLINE: Duration = Duration::from_secs(120);
/// The longest description, in bytes.
const DESCRIPTION_BYTES: u64 = 8 << 20;
/// Of what it says to people, when it fails, in bytes.
const SAID_BYTES: u64 = 64 << 10;
/// The last lines of that which are shown.
const SAID_LINES: usize = 5;

/// One runner, as it lies on the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Installed {
    /// The program, absolute, and what comes before the protocol's own arguments.
    pub command: Vec<String>,
    pub description: Description,
}

#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    #[error("the runner's command is empty: name a program")]
    NoCommand,
    #[error("{program} cannot be started: {error}")]
    NotStarted { program: String, error: io::Error },
    #[error("`{program} describe` took more than {} s: it should only say what it can do", DESCRIBE_DEADLINE.as_secs())]
    TooSlow { program: String },
    #[error("`{program} describe` ended with {exit}{said}")]
    Failed { program: String, exit: Exit, said: String },
    #[error("`{program} describe` did not print a description: {error}; docs/trainers.md has its form")]
    NotADescription { program: String, error: serde_json::Error },
    #[error(
        "{runner} speaks protocol {theirs}, and this release {PROTOCOL}: install the runner of this release"
    )]
    OtherProtocol { runner: String, theirs: u32 },
    #[error("{runner:?} is no name for a runner: a-z, 0-9 and -, 32 at most")]
    BadName { runner: String },
    #[error("{}: {error}", path.display())]
    Disk { path: PathBuf, error: io::Error },
}

impl Installed {
    /// Asks a program what it is.
    pub async fn ask(command: Vec<String>, folder: &Path) -> Result<Installed, RunnerError> {
        let description = describe(&command, folder).await?;
        if !is_runner(&description.runner) {
            return Err(RunnerError::BadName { runner: description.runner });
        }
        if description.protocol != PROTOCOL {
            let (runner, theirs) = (description.runner, description.protocol);
            return Err(RunnerError::OtherProtocol { runner, theirs });
        }
        Ok(Installed { command, description })
    }

    /// Writes it into its folder below `runners`: there or not there, never half.
    pub fn keep(&self, runners: &Path) -> Result<(), RunnerError> {
        let folder = runners.join(&self.description.runner);
        let (new, path) = (folder.join(format!("{RECORD}.new")), folder.join(RECORD));
        let json = serde_json::to_vec_pretty(self).expect("plain data always serialises");
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&new, json))
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| RunnerError::Disk { path, error })
    }

    /// With the protocol's own arguments after its command's.
    pub(crate) fn program(&self, arguments: Vec<OsString>, work: &Path) -> Program {
        let mut words = self.command.iter().map(OsString::from);
        let path = words.next().expect("a command without a program is never kept");
        Program::new(path, words.chain(arguments).collect(), work)
    }

    /// As a worker tells the fleet, and the words behind the hash in it.
    pub(crate) fn told(&self) -> (InstalledRunner, Vec<u8>) {
        let Description { runner, version, .. } = self.description.clone();
        let words = serde_json::to_vec(&self.description).expect("plain data always serialises");
        let description = hex::encode(Sha256::digest(&words));
        (InstalledRunner { runner, version, description }, words)
    }
}

/// Every runner below the folder, by name. One that is half there or cannot be read is none.
pub fn installed(runners: &Path) -> BTreeMap<String, Installed> {
    let entries = fs::read_dir(runners).into_iter().flatten().flatten();
    let kept = entries.filter_map(|entry| {
        let installed: Installed = serde_json::from_slice(&fs::read(entry.path().join(RECORD)).ok()?)
            .inspect_err(|error| tracing::warn!(folder = %entry.path().display(), %error, "no runner that this release knows"))
            .ok()?;
        let name = installed.description.runner.clone();
        let is_whole = entry.file_name() == *name
            && is_runner(&name)
            && installed.description.protocol == PROTOCOL
            && installed.command.first().is_some_and(|program| Path::new(program).is_file());
        is_whole.then_some((name, installed))
    });
    kept.collect()
}

/// Takes the runner away. Whether it was there.
pub fn remove(runners: &Path, name: &str) -> Result<bool, RunnerError> {
    let folder = runners.join(name);
    if !is_runner(name) || !folder.is_dir() {
        return Ok(false);
    }
    // First what makes it one, so that nothing half is ever taken for whole.
    let record = folder.join(RECORD);
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |error| RunnerError::Disk { path, error }
    };
    if record.exists() {
        fs::remove_file(&record).map_err(disk(&record))?;
    }
    fs::remove_dir_all(&folder).map_err(disk(&folder))?;
    Ok(true)
}

async fn describe(command: &[String], folder: &Path) -> Result<Description, RunnerError> {
    let (path, before) = command.split_first().ok_or(RunnerError::NoCommand)?;
    let program = path.clone();
    let arguments = before.iter().map(OsString::from).chain(["describe".into()]).collect();
    let mut asked = Program::new(path, arguments, folder);
    asked.environment = environment::training();
    let not_started = |error| RunnerError::NotStarted { program: program.clone(), error };
    let (mut process, out, err) = Attached::piped(&asked).map_err(not_started)?;
    let answer = timeout(DESCRIBE_DEADLINE, async {
        tokio::try_join!(process.wait(), read(out, DESCRIPTION_BYTES), read(err, SAID_BYTES))
    });
    let (exit, out, err) = match answer.await {
        Ok(answer) => answer.map_err(not_started)?,
        Err(_) => return Err(RunnerError::TooSlow { program }),
    };
    if exit != Exit::Code(0) {
        return Err(RunnerError::Failed { program, exit, said: last_lines(&err) });
    }
    serde_json::from_slice(&out).map_err(|error| RunnerError::NotADescription { program, error })
}

/// What comes first; the rest is read and dropped, so that nobody waits for us to read on.
async fn read(mut from: impl AsyncRead + Unpin, most: u64) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    (&mut from).take(most).read_to_end(&mut kept).await?;
    tokio::io::copy(&mut from, &mut tokio::io::sink()).await?;
    Ok(kept)
}

pub(crate) fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(SAID_LINES)..].iter().map(|line| format!("\n  {line}")).collect()
}
