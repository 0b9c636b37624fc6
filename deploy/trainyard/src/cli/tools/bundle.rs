//! `trainyard tools bundle`: one tar with the tools of this machine, for others that reach no package index.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::list::{LIST, List, Listed};
use super::{State, Tool, wanted};
use crate::cli::print_json;
use crate::language::{language, pick};
use crate::out;

pub(super) fn run(folder: &Path, file: &Path, json: bool) -> Result<()> {
    let tools: Vec<Tool> = wanted().into_iter().filter(|tool| !tool.is_optional).collect();
    if let Some(tool) = tools.iter().find(|tool| tool.state(folder) != State::Whole) {
        let name = &tool.name;
        bail!(pick(
            language(),
            format!(
                "{name} 도구가 {}에 온전히 있지 않습니다. 먼저 `trainyard tools fetch`로 받으세요",
                folder.display()
            ),
            format!(
                "{name} is not whole in {}: fetch it first with `trainyard tools fetch`",
                folder.display()
            ),
        ));
    }
    let mut files = Vec::new();
    for tool in &tools {
        for path in files_below(folder, &tool.place)? {
            files.push(listed(folder, path)?);
        }
    }
    let list = List::new(&tools, files);
    let new = file.with_added_extension("new");
    let (bytes, sha256) = write(folder, &list, &new).with_context(|| cannot_be_written(file))?;
    fs::rename(&new, file).with_context(|| cannot_be_written(file))?;
    if json {
        return print_json(
            &json!({"file": file, "bytes": bytes, "sha256": sha256, "files": list.files.len()}),
        );
    }
    out::line(format_args!("{sha256}  {}", file.display()));
    let (count, mib) = (list.files.len(), bytes >> 20);
    out::line(pick(
        language(),
        format!(
            "파일 {count}개, {mib} MiB. 다른 컴퓨터로 옮겨 해시를 비교한 뒤: trainyard tools install FILE"
        ),
        format!(
            "{count} files, {mib} MiB. Carry it over, compare the hash, and there: trainyard tools install FILE"
        ),
    ));
    Ok(())
}

fn cannot_be_written(file: &Path) -> String {
    let file = file.display();
    pick(language(), format!("{file} 파일에 쓸 수 없습니다"), format!("{file} cannot be written"))
}

/// The files at or below `place`, in order; a link is what it leads to.
fn files_below(folder: &Path, place: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.join(place).is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let mut names: Vec<_> =
        fs::read_dir(folder.join(place))?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    names.sort();
    let below: Vec<Vec<PathBuf>> =
        names.iter().map(|name| files_below(folder, &place.join(name))).collect::<io::Result<_>>()?;
    Ok(below.concat())
}

fn listed(folder: &Path, path: PathBuf) -> io::Result<Listed> {
    let mut file = File::open(folder.join(&path))?;
    let is_executable = file.metadata()?.permissions().mode() & 0o100 != 0;
    let mut hashing = Hashing::new(io::sink());
    let bytes = io::copy(&mut file, &mut hashing)?;
    Ok(Listed { path, bytes, sha256: hashing.hash(), is_executable })
}

/// The same bytes for the same files.
fn write(folder: &Path, list: &List, to: &Path) -> Result<(u64, String)> {
    let mut tar = tar::Builder::new(Hashing::new(BufWriter::new(File::create(to)?)));
    let text = serde_json::to_vec_pretty(list)?;
    append(&mut tar, Path::new(LIST), text.len() as u64, 0o644, &text[..])?;
    for Listed { path, bytes, is_executable, .. } in &list.files {
        let mode = if *is_executable { 0o755 } else { 0o644 };
        append(&mut tar, path, *bytes, mode, File::open(folder.join(path))?.take(*bytes))?;
    }
    let mut written = tar.into_inner()?;
    written.flush()?;
    let (bytes, hash) = (written.bytes, written.hash());
    File::open(to)?.sync_all()?;
    Ok((bytes, hash))
}

fn append<W: Write>(
    tar: &mut tar::Builder<W>,
    path: &Path,
    bytes: u64,
    mode: u32,
    from: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(mode);
    header.set_mtime(0);
    tar.append_data(&mut header, path, from)
}

/// Hashes and counts what passes through.
pub(super) struct Hashing<W> {
    to: W,
    hash: Sha256,
    pub bytes: u64,
}

impl<W> Hashing<W> {
    pub(super) fn new(to: W) -> Hashing<W> {
        Hashing { to, hash: Sha256::new(), bytes: 0 }
    }

    pub(super) fn hash(self) -> String {
        hex::encode(self.hash.finalize())
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
