//! Shows people the folders that may be read for them: what is in each, and how many images lie below.

use std::collections::VecDeque;
use std::fs::{self, DirEntry, FileType};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use trainyard_bus::FolderCall;
use trainyard_child::Backoff;
use trainyard_data::{is_image_name, is_junk};
use trainyard_events::TenantId;
use trainyard_events::folders::{Folder, FolderAnswer, FolderRefusal, FolderRequest};
use trainyard_events::limits::{FOLDER_ENTRIES, FOLDERS, PATH_CHARS};

use crate::agent::Agent;
use crate::paths::{Root, allowed, may_read};

/// Disks that are looked at at once; one of a network that hangs takes a thread with it.
const AT_ONCE: usize = 4;
/// Whoever asks has stopped waiting after that.
const PATIENCE: Duration = Duration::from_secs(4);
/// Nothing more is counted after that; what is there is still listed.
const COUNTING: Duration = Duration::from_secs(1);

/// Answers for ever.
pub(crate) async fn show(agent: Arc<Agent>) {
    let mut backoff = Backoff::default();
    let calls = loop {
        match agent.bus.folders().serve().await {
            Ok(calls) => break calls,
            Err(error) => tracing::warn!(%error, "folders cannot be shown now; trying again"),
        }
        backoff.wait().await;
    };
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let answer = async |call: FolderCall| {
        let looked = look(call.request.clone(), agent.config.dataset_roots.clone(), turns.clone()).await;
        if let Err(error) = call.answer(looked).await {
            tracing::debug!(%error, "whoever asked for a folder is not told, and asks again");
        }
    };
    calls.for_each_concurrent(None, answer).await;
}

async fn look(
    request: FolderRequest,
    roots: Vec<Root>,
    turns: Arc<Semaphore>,
) -> Result<FolderAnswer, FolderRefusal> {
    // The thread keeps its turn, so that no more than these can hang.
    let turn = turns.try_acquire_owned().map_err(|_| FolderRefusal::Busy)?;
    let looking = spawn_blocking(move || {
        let _turn = turn;
        found(&request, &roots)
    });
    match timeout(PATIENCE, looking).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::error!(%error, "a look into a folder has failed");
            Err(FolderRefusal::Busy)
        }
        Err(_) => Err(FolderRefusal::Busy),
    }
}

fn found(request: &FolderRequest, roots: &[Root]) -> Result<FolderAnswer, FolderRefusal> {
    let until = Instant::now() + COUNTING;
    match &request.path {
        None => Ok(of_roots(&request.tenant, roots, until)),
        Some(path) => of_folder(path, &request.tenant, roots, until),
    }
}

fn of_roots(tenant: &TenantId, roots: &[Root], until: Instant) -> FolderAnswer {
    let own = roots.iter().filter(|root| may_read(root, tenant));
    let mut there: Vec<PathBuf> = own.filter_map(|root| fs::canonicalize(&root.path).ok()).collect();
    there.sort();
    there.dedup();
    let folders = there.iter().filter(|path| path.is_dir());
    listed(
        None,
        None,
        Counted::default(),
        folders.map(|path| (path.display().to_string(), path.clone())),
        until,
    )
}

fn of_folder(
    path: &str,
    tenant: &TenantId,
    roots: &[Root],
    until: Instant,
) -> Result<FolderAnswer, FolderRefusal> {
    let outside = || FolderRefusal::OutsideRoots { path: path.to_owned() };
    let resolved = allowed(path, tenant, roots).map_err(|_| outside())?;
    // Read without links in it: the folder that was allowed, whatever a link leads to by now.
    let real = fs::canonicalize(resolved).ok().filter(|real| real.is_dir());
    let real = real.ok_or_else(|| FolderRefusal::NoFolder { path: path.to_owned() })?;
    let is_allowed = |path: &Path| path.to_str().is_some_and(|path| allowed(path, tenant, roots).is_ok());
    if !is_allowed(&real) {
        return Err(outside());
    }
    let unreadable = |error: std::io::Error| FolderRefusal::Unreadable {
        path: path.to_owned(),
        detail: error.to_string(),
    };
    let mut own = Counted::default();
    let mut folders = Vec::new();
    for entry in fs::read_dir(&real).map_err(unreadable)?.flatten() {
        match (kind(&entry), entry.file_name().to_str()) {
            (_, Some(name)) if is_junk(name) => {}
            (Some(kind), Some(name)) if is_folder(kind, &entry, is_allowed) => {
                folders.push((name.to_owned(), entry.path()));
            }
            (Some(kind), Some(name)) if kind.is_file() => own.images += u32::from(is_image_name(name)),
            (Some(kind), None) if kind.is_dir() => folders.push((String::new(), entry.path())),
            _ => {}
        }
    }
    folders.sort();
    let parent = real.parent().filter(|parent| is_allowed(parent)).map(|parent| parent.display().to_string());
    Ok(listed(real.to_str().map(str::to_owned), parent, own, folders.into_iter(), until))
}

fn kind(entry: &DirEntry) -> Option<FileType> {
    entry.file_type().ok()
}

/// A link is one where it leads to a folder that may be read, too.
fn is_folder(kind: FileType, entry: &DirEntry, is_allowed: impl Fn(&Path) -> bool) -> bool {
    kind.is_dir() || (kind.is_symlink() && entry.path().is_dir() && is_allowed(&entry.path()))
}

/// `folders` by name and place; without a name it is one that no path names.
fn listed(
    path: Option<String>,
    parent: Option<String>,
    own: Counted,
    folders: impl Iterator<Item = (String, PathBuf)>,
    until: Instant,
) -> FolderAnswer {
    let mut answer = FolderAnswer {
        path,
        parent,
        images: own.images,
        more_images: false,
        folders: Vec::new(),
        left_out: 0,
    };
    for (name, place) in folders {
        let written = place.to_str().filter(|written| written.chars().count() <= PATH_CHARS);
        match written {
            Some(written) if !name.is_empty() && answer.folders.len() < FOLDERS => {
                let Counted { images, more } = count(&place, until);
                answer.images = answer.images.saturating_add(images);
                answer.more_images |= more;
                let path = written.to_owned();
                answer.folders.push(Folder { name, path, images, more_images: more });
            }
            _ => {
                answer.left_out += 1;
                answer.more_images = true;
            }
        }
    }
    answer
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    images: u32,
    /// Not all of them.
    more: bool,
}

/// Files below `folder` that look like images, the upper ones first; no link is followed.
fn count(folder: &Path, until: Instant) -> Counted {
    let mut counted = Counted::default();
    let mut entries = 0;
    let mut waiting = VecDeque::from([folder.to_owned()]);
    while let Some(folder) = waiting.pop_front() {
        let Ok(there) = fs::read_dir(folder) else { continue };
        for entry in there.flatten() {
            entries += 1;
            if entries > FOLDER_ENTRIES || Instant::now() > until {
                return Counted { more: true, ..counted };
            }
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !is_junk(name)) else { continue };
            match kind(&entry) {
                Some(kind) if kind.is_dir() => waiting.push_back(entry.path()),
                Some(kind) if kind.is_file() => counted.images += u32::from(is_image_name(name)),
                _ => {}
            }
        }
    }
    counted
}
