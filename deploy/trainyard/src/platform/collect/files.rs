//! Files of datasets that nothing names any more: everything that the living versions of a tenant name is marked, and what
//! is not marked leaves, if it is old.
//!
//! Files are uploaded before a list names them, so a young one stays, and one that somebody who uploads has asked about
//! becomes young by that ([`trainyard_events::limits::UNNAMED_FILE_AGE`]). Whatever cannot be read for certain keeps the
//! files of its whole tenant where they are.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use time::OffsetDateTime;
use tracing::warn;
use trainyard_data::manifest::FORM;
use trainyard_events::TenantId;
use trainyard_events::limits::{MANIFEST_LINE_BYTES, UNNAMED_FILE_AGE};
use trainyard_events::results::Artifact;
use trainyard_store::{Store, blobs_of};

use super::datasets::Living;
use super::verdict::Garbage;
use super::{Found, OBJECTS_MAX};

/// SHA-256 of files: 32 bytes for each file that a tenant's datasets name, however many versions name it.
type Marks = HashSet<[u8; 32]>;

/// Looks through the files of a tenant, as long as there is room for more in this run.
pub(super) async fn look_through(
    store: &Store,
    tenant: &TenantId,
    living: &Living,
    now: OffsetDateTime,
    found: &mut Found,
) -> Result<()> {
    let marks = match marked(store, living).await {
        Ok(marks) => marks,
        Err(error) => {
            warn!(%tenant, "files of its datasets stay in the store until this can be read: {error:#}");
            found.unread.push(tenant.clone());
            return Ok(());
        }
    };
    let (mut page, prefix) = (None, blobs_of(tenant.as_str()));
    let age_s = i64::try_from(UNNAMED_FILE_AGE.as_secs()).context("a day is a small number of seconds")?;
    loop {
        let listed = store.list(&prefix, page).await.context("the store cannot be listed")?;
        for object in listed.objects {
            let hash = object.key.rsplit('/').next().and_then(hash);
            match hash {
                None => found.foreign += 1,
                Some(hash) if marks.contains(&hash) || now.unix_timestamp() - object.written_s < age_s => {
                    found.kept += 1;
                }
                Some(_) => found.garbage.push((Garbage::File, object)),
            }
        }
        page = listed.next;
        found.is_cut = page.is_some() && found.garbage.len() >= OBJECTS_MAX;
        if page.is_none() || found.is_cut {
            return Ok(());
        }
    }
}

/// What the living name, and they themselves: a list is a file like others.
async fn marked(store: &Store, living: &Living) -> Result<Marks> {
    let mut marks = Marks::new();
    let folder = tempfile::tempdir()?;
    let all = living.lists.values().map(|list| (list, false));
    for (artifact, is_manifest) in all.chain(living.manifests.values().map(|manifest| (manifest, true))) {
        marks.extend(hash(&artifact.sha256));
        let path = folder.path().join("lines");
        store.get_file(&artifact.key, &artifact.sha256, &path).await?;
        marks = tokio::task::spawn_blocking(move || -> Result<Marks> {
            mark(&path, is_manifest, &mut marks)?;
            Ok(marks)
        })
        .await?
        .with_context(|| read_again(artifact))?;
    }
    Ok(marks)
}

fn read_again(Artifact { key, .. }: &Artifact) -> String {
    format!("{key} cannot be read: upgrade, or delete the version")
}

#[derive(Deserialize)]
struct Head {
    form: u32,
}

#[derive(Deserialize)]
struct Line {
    sha256: String,
}

/// What the lines of a manifest name, or of a list. The lines of a list are people's: one that names nothing is left out,
/// and no look reads it either.
fn mark(path: &Path, is_manifest: bool, marks: &mut Marks) -> Result<()> {
    let mut lines = BufReader::new(File::open(path)?);
    let (mut line, mut is_first) = (Vec::new(), is_manifest);
    loop {
        line.clear();
        let read = lines.by_ref().take(MANIFEST_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        if std::mem::take(&mut is_first) {
            let Head { form } = serde_json::from_slice(&line)?;
            if form > FORM {
                bail!("it is of form {form}, and this release reads form {FORM}");
            }
            continue;
        }
        match serde_json::from_slice(&line).map(|Line { sha256 }| hash(&sha256)) {
            Ok(Some(hash)) => {
                marks.insert(hash);
            }
            _ if is_manifest => bail!("a line of it names no file"),
            _ => {}
        }
    }
}

fn hash(digits: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash).ok()?;
    Some(hash)
}
