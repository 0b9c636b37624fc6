//! Reads people files of the folders that may be read for them, part by part: the bytes as they lie there, which nobody here decodes.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use trainyard_bus::{FileCall, FilePart};
use trainyard_child::Backoff;
use trainyard_data::files::is_below;
use trainyard_events::TenantId;
use trainyard_events::folders::{FileRequest, FolderRefusal};

use crate::agent::Agent;
use crate::paths::{Root, allowed};

/// Files that are read at once; a disk of a network that hangs takes a thread with it.
const AT_ONCE: usize = 8;
/// Whoever asks has stopped waiting after that.
const PATIENCE: Duration = Duration::from_secs(4);
/// Of a file at a time: servers take messages of a mebibyte.
const PART_BYTES: u64 = 512 * 1024;

/// Answers for ever.
pub(crate) async fn show(agent: Arc<Agent>) {
    let mut backoff = Backoff::default();
    let calls = loop {
        match agent.bus.files().serve().await {
            Ok(calls) => break calls,
            Err(error) => tracing::warn!(%error, "files cannot be shown now; trying again"),
        }
        backoff.wait().await;
    };
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let answer = async |call: FileCall| {
        let part = part(call.request.clone(), agent.config.dataset_roots.clone(), turns.clone()).await;
        if let Err(error) = call.answer(part).await {
            tracing::debug!(%error, "whoever asked for a file is not told, and asks again");
        }
    };
    calls.for_each_concurrent(None, answer).await;
}

async fn part(
    request: FileRequest,
    roots: Vec<Root>,
    turns: Arc<Semaphore>,
) -> Result<FilePart, FolderRefusal> {
    let reading = async {
        let turn = turns.acquire_owned().await.map_err(|_| FolderRefusal::Busy)?;
        // The thread keeps its turn, so that no more than these can hang.
        let read = spawn_blocking(move || {
            let _turn = turn;
            read(&request, &roots)
        });
        read.await.unwrap_or_else(|error| {
            tracing::error!(%error, "reading a part of a file has failed");
            Err(FolderRefusal::Busy)
        })
    };
    timeout(PATIENCE, reading).await.unwrap_or(Err(FolderRefusal::Busy))
}

fn read(request: &FileRequest, roots: &[Root]) -> Result<FilePart, FolderRefusal> {
    let place = place(&request.path, &request.name, &request.tenant, roots)?;
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => no_file(&request.name),
        _ => FolderRefusal::Unreadable { path: request.name.clone(), detail: error.to_string() },
    };
    let mut file = File::open(&place).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(no_file(&request.name));
    }
    file.seek(SeekFrom::Start(request.offset)).map_err(unreadable)?;
    let mut content = Vec::new();
    file.take(PART_BYTES).read_to_end(&mut content).map_err(unreadable)?;
    Ok(FilePart { whole: about.len(), content: content.into() })
}

/// Where the file is, without links: it lies below what may be read for the tenant, whatever a link in the folder says.
fn place(path: &str, name: &str, tenant: &TenantId, roots: &[Root]) -> Result<PathBuf, FolderRefusal> {
    let outside = || FolderRefusal::OutsideRoots { path: path.to_owned() };
    let folder = allowed(path, tenant, roots).map_err(|_| outside())?;
    if !is_below(name) {
        return Err(no_file(name));
    }
    // A pipe or a device would be waited for when it is opened.
    let real = fs::canonicalize(folder.join(name)).ok().filter(|real| real.is_file());
    let real = real.ok_or_else(|| no_file(name))?;
    let is_allowed = real.to_str().is_some_and(|real| allowed(real, tenant, roots).is_ok());
    is_allowed.then_some(real).ok_or_else(outside)
}

fn no_file(name: &str) -> FolderRefusal {
    FolderRefusal::NoFile { name: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_read_in_parts_and_nothing_outside_of_the_roots() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["roots/pets/cat", "other"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        let bytes: Vec<u8> = (0..PART_BYTES + 5).map(|byte| byte as u8).collect();
        fs::write(at("roots/pets/cat/1.jpg"), &bytes).unwrap();
        fs::write(at("other/secret"), "no").unwrap();
        symlink(at("other/secret"), at("roots/pets/cat/link.jpg")).unwrap();
        symlink(at("roots/pets/cat/1.jpg"), at("roots/pets/same.jpg")).unwrap();
        let tenant: TenantId = "acme".parse().unwrap();
        let roots = [Root { tenant: Some(tenant.clone()), path: at("roots") }];
        let ask = |name: &str, offset: u64, of: &str| {
            let path = at("roots/pets").display().to_string();
            let request = FileRequest { tenant: of.parse().unwrap(), path, name: name.to_owned(), offset };
            read(&request, &roots)
        };
        let whole = bytes.len() as u64;
        let of = |bytes: &[u8]| Ok(FilePart { whole, content: bytes.to_vec().into() });
        assert_eq!(ask("cat/1.jpg", 0, "acme"), of(&bytes[..PART_BYTES as usize]));
        assert_eq!(ask("cat/1.jpg", PART_BYTES, "acme"), of(&bytes[PART_BYTES as usize..]));
        assert_eq!(ask("cat/1.jpg", whole + 9, "acme"), of(&[]));
        assert_eq!(
            ask("same.jpg", whole - 1, "acme"),
            of(&bytes[bytes.len() - 1..]),
            "a link to what is allowed"
        );
        for name in ["cat/2.jpg", "cat", "../pets/cat/1.jpg", "/etc/passwd", ""] {
            assert_eq!(ask(name, 0, "acme"), Err(no_file(name)), "{name}");
        }
        let outside = Err(FolderRefusal::OutsideRoots { path: at("roots/pets").display().to_string() });
        assert_eq!(ask("cat/link.jpg", 0, "acme"), outside);
        assert_eq!(ask("cat/1.jpg", 0, "globex"), outside);
    }
}
