//! `trainyard tools install`: takes the tools out of a bundle. Nothing is where it belongs before every file has its hash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::json;

use super::Tool;
use super::bundle::Hashing;
use super::list::{LIST, List, Listed};
use super::wanted::STAMPS;
use crate::cli::print_json;
use crate::language::{language, pick};
use crate::out;

/// The longest list that is read, in bytes.
const LIST_BYTES: u64 = 64 << 20;

pub(super) fn run(folder: &Path, bundle: &Path, json: bool) -> Result<()> {
    let opened = File::open(bundle).with_context(|| {
        let bundle = bundle.display();
        pick(language(), format!("{bundle} 파일을 읽을 수 없습니다"), format!("{bundle} cannot be read"))
    })?;
    let tools = install(folder, BufReader::with_capacity(1 << 20, opened))?;
    let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
    if json {
        return print_json(&json!({"folder": folder, "tools": names}));
    }
    let (names, folder) = (names.join(", "), folder.display());
    out::line(pick(
        language(),
        format!("{folder}에 설치했습니다: {names}"),
        format!("installed in {folder}: {names}"),
    ));
    Ok(())
}

fn install(folder: &Path, bundle: impl Read) -> Result<Vec<Tool>> {
    fs::create_dir_all(folder.join(STAMPS)).with_context(|| {
        let folder = folder.display();
        pick(language(), format!("{folder} 폴더를 만들 수 없습니다"), format!("{folder} cannot be made"))
    })?;
    // Who fetches or installs at the same time takes turns.
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    lock.lock()?;
    let new = tempfile::Builder::new().prefix("new-").tempdir_in(folder)?;
    let tools = unpack(bundle, new.path())?;
    // What has a stamp is on the disk, whatever happens next.
    rustix::fs::syncfs(&lock)?;
    for tool in &tools {
        put(tool, folder, new.path())?;
    }
    Ok(tools)
}

/// Writes what the bundle holds below `new`, and compares every file with the list.
fn unpack(bundle: impl Read, new: &Path) -> Result<Vec<Tool>> {
    let mut tar = tar::Archive::new(bundle);
    let mut entries = tar.entries()?;
    let first = entries
        .next()
        .ok_or_else(|| no_bundle(anyhow!("it is empty")))?
        .map_err(|error| no_bundle(error.into()))?;
    ensure!(first.path()?.as_os_str() == LIST, no_bundle(anyhow!("it does not begin with {LIST}")));
    let list: List =
        serde_json::from_reader(first.take(LIST_BYTES)).map_err(|error| no_bundle(error.into()))?;
    let tools = list.checked()?;
    for listed in &list.files {
        let entry = entries.next().ok_or_else(|| not_as_listed(listed))?;
        take(entry.map_err(|_| not_as_listed(listed))?, listed, new)?;
    }
    ensure!(
        entries.next().is_none(),
        pick(
            language(),
            "묶음에 목록에 없는 파일이 더 있습니다. 이 묶음을 쓰지 마세요",
            "the bundle goes on behind the last file of its list: do not use it",
        )
    );
    Ok(tools)
}

fn take(mut entry: tar::Entry<'_, impl Read>, listed: &Listed, new: &Path) -> Result<()> {
    let is_file = entry.header().entry_type().is_file();
    ensure!(is_file && entry.path()? == listed.path && entry.size() == listed.bytes, not_as_listed(listed));
    let path = new.join(&listed.path);
    fs::create_dir_all(path.parent().unwrap_or(new))?;
    let mode = if listed.is_executable { 0o755 } else { 0o644 };
    let mut file = Hashing::new(OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?);
    io::copy(&mut entry, &mut file).with_context(|| not_as_listed(listed))?;
    ensure!(file.bytes == listed.bytes && file.hash() == listed.sha256, not_as_listed(listed));
    Ok(())
}

/// In place of the one that is there, which counts no more before it is touched.
fn put(tool: &Tool, folder: &Path, new: &Path) -> io::Result<()> {
    let (stamp, place) = (folder.join(STAMPS).join(&tool.name), folder.join(&tool.place));
    match fs::remove_file(&stamp) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(place.parent().unwrap_or(folder))?,
    }
    if place.exists() {
        fs::rename(&place, new.join(format!("old-{}", tool.name)))?;
    }
    fs::rename(new.join(&tool.place), &place)?;
    fs::write(&stamp, &tool.stamp)
}

fn no_bundle(why: anyhow::Error) -> anyhow::Error {
    why.context(pick(
        language(),
        "도구 묶음이 아니거나 잘렸습니다. `trainyard tools bundle FILE`로 만든 파일을 주세요",
        "it is no bundle of tools, or only its beginning: name a file that `trainyard tools bundle FILE` has made",
    ))
}

fn not_as_listed(listed: &Listed) -> anyhow::Error {
    let path = listed.path.display();
    anyhow!(pick(
        language(),
        format!(
            "묶음의 {path} 파일이 목록과 다르거나 잘렸습니다. 아무것도 설치하지 않았습니다. 다시 옮기고 해시를 비교하세요"
        ),
        format!(
            "{path} in the bundle is not as its list says, or cut off. Nothing was installed: carry it over again and compare the \
             hash"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::wanted;
    use super::*;
    use sha2::{Digest, Sha256};

    const SERVER: &str = "bin/nats-server";

    struct Member {
        path: String,
        kind: tar::EntryType,
        bytes: Vec<u8>,
    }

    fn file(path: &str, bytes: &[u8]) -> Member {
        Member { path: path.to_owned(), kind: tar::EntryType::Regular, bytes: bytes.to_vec() }
    }

    fn listed(path: &str, bytes: &[u8]) -> Listed {
        let sha256 = hex::encode(Sha256::digest(bytes));
        Listed { path: PathBuf::from(path), bytes: bytes.len() as u64, sha256, is_executable: true }
    }

    /// A bundle of nats-server with these files in its list, and these in it.
    fn bundle(files: Vec<Listed>, members: &[Member]) -> Vec<u8> {
        let tools: Vec<Tool> = wanted().into_iter().filter(|tool| tool.name == "nats-server").collect();
        let list = serde_json::to_vec(&List::new(&tools, files)).expect("plain data");
        let mut tar = tar::Builder::new(Vec::new());
        for Member { path, kind, bytes } in [&file(LIST, &list)].into_iter().chain(members) {
            let mut header = tar::Header::new_gnu();
            // As an attacker would: the library itself writes no path that leads up.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            header.set_mode(0o755);
            if *kind == tar::EntryType::Symlink {
                header.set_link_name("/etc/passwd").expect("a name");
            }
            header.set_cksum();
            tar.append(&header, &bytes[..]).expect("memory takes all");
        }
        tar.into_inner().expect("memory takes all")
    }

    #[test]
    fn what_is_as_listed_is_put_in_place_of_what_was_there() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("bin")).expect("a folder");
        fs::write(folder.path().join(SERVER), "of yesterday").expect("a file");
        let whole = bundle(vec![listed(SERVER, b"of today")], &[file(SERVER, b"of today")]);
        let tools = install(folder.path(), &whole[..]).expect("it is whole");
        assert_eq!(tools[0].state(folder.path()), super::super::State::Whole);
        assert_eq!(fs::read(folder.path().join(SERVER)).expect("a file"), b"of today");
        let left: Vec<_> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("one").file_name())
            .collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("new-")), "{left:?}");
    }

    #[test]
    fn what_is_not_as_listed_is_refused_by_name_and_leaves_what_was_there() {
        let up = "../up";
        let link = Member { path: SERVER.to_owned(), kind: tar::EntryType::Symlink, bytes: Vec::new() };
        let good = || listed(SERVER, b"of today");
        let whole = bundle(vec![good()], &[file(SERVER, b"of today")]);
        for (bundle, named) in [
            (bundle(vec![good()], &[file(SERVER, b"of todaz")]), SERVER),
            (bundle(vec![good()], &[file(SERVER, b"of toda")]), SERVER),
            (bundle(vec![good()], &[file("bin/other", b"of today")]), SERVER),
            (bundle(vec![good()], &[link]), SERVER),
            (bundle(vec![good()], &[]), SERVER),
            (whole[..whole.len() - 1024 - 508].to_vec(), SERVER),
            (bundle(vec![listed(up, b"x")], &[file(up, b"x")]), up),
            (bundle(vec![listed("bin/nats-server/../../../up", b"x")], &[]), "up"),
            (bundle(vec![listed("/etc/up", b"x")], &[]), "/etc/up"),
            (bundle(vec![good(), good()], &[]), SERVER),
            (bundle(vec![good()], &[file(SERVER, b"of today"), file("bin/more", b"")]), "goes on"),
            (b"no tar at all".to_vec(), "no bundle"),
            (Vec::new(), "no bundle"),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            fs::create_dir_all(folder.path().join("bin")).expect("a folder");
            fs::write(folder.path().join(SERVER), "of yesterday").expect("a file");
            let Err(error) = install(folder.path(), &bundle[..]) else { panic!("{named} was taken") };
            assert!(format!("{error:#}").contains(named), "{named}: {error:#}");
            assert_eq!(fs::read(folder.path().join(SERVER)).expect("a file"), b"of yesterday");
            let left: Vec<_> = fs::read_dir(folder.path())
                .expect("a folder")
                .map(|entry| entry.expect("one").file_name())
                .collect();
            assert_eq!(left.len(), 3, "bin, stamps and lock: {left:?}");
            assert!(!folder.path().parent().expect("a folder").join("up").exists());
        }
    }

    #[test]
    fn tools_of_another_release_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let whole = bundle(vec![listed(SERVER, b"x")], &[file(SERVER, b"x")]);
        let stamp = wanted().into_iter().find(|tool| tool.name == "nats-server").expect("it is pinned").stamp;
        let other: String = stamp.chars().rev().collect();
        let text = String::from_utf8_lossy(&whole).replace(&stamp, &other);
        let error = install(folder.path(), text.as_bytes()).err().expect("it is of another release");
        assert!(error.to_string().contains("this release"), "{error:#}");
    }
}
