//! `trainyard datasets export`: a dataset of the store as a folder that other tools read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use futures::{StreamExt, TryStreamExt, stream};
use trainyard_data::manifest::{Image, Manifest, hash_of};
use trainyard_data::write::{Format, write};
use trainyard_words::said;

use super::named;
use crate::cli::client::Client;
use crate::language::pick;
use crate::out;

/// Images on their way at once.
const AT_ONCE: usize = 8;

pub(super) async fn run(client: &Client, written: &str, format: Format, to: Option<PathBuf>) -> Result<()> {
    let language = client.language;
    let (row, version) = named::version(client, written).await?;
    let (id, name) = (row.id, row.path.as_str());
    if !version.stored {
        bail!(pick(
            language,
            format!("{name}: 저장소에 없는 데이터셋입니다. 폴더 {name}에 그대로 있습니다"),
            format!("{name} is not in the store: it lies in its folder, {name}"),
        ));
    }
    let to = to.unwrap_or_else(|| PathBuf::from(name));
    let lines = client.bytes(&format!("/v1/datasets/{id}/versions/{}", version.number)).await?;
    let manifest = Manifest::read(&lines[..]).with_context(|| version.manifest.key.clone())?;
    let images = fetch(client, &manifest).await?;
    let count = manifest.images.len();
    let (folder, into) = (images.path().to_owned(), to.clone());
    let losses = tokio::task::spawn_blocking(move || {
        let mut bytes = |_: usize, image: &Image| {
            std::fs::read(folder.join(&image.sha256)).map_err(|error| error.to_string())
        };
        write(&manifest, format, &into, &mut bytes)
    });
    let losses = losses.await??;
    losses.iter().for_each(|loss| out::note(said(loss, language)));
    let to = to.display();
    out::line(pick(
        language,
        format!("이미지 {count}장을 {to} 폴더에 저장했습니다"),
        format!("{count} images written into {to}"),
    ));
    Ok(())
}

/// Every image under its hash, in a folder that goes when it is dropped.
async fn fetch(client: &Client, manifest: &Manifest) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let mut wanted: Vec<&str> = manifest.images.iter().map(|image| image.sha256.as_str()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let path = folder.path();
    let get = |sha256| async move { keep(client, sha256, &path.join(sha256)).await };
    stream::iter(wanted).map(get).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    Ok(folder)
}

async fn keep(client: &Client, sha256: &str, to: &Path) -> Result<()> {
    let content = client.bytes(&format!("/v1/blobs/{sha256}")).await?;
    tokio::fs::write(to, content).await?;
    let (_, found) = hash_of(to)?;
    if found != sha256 {
        bail!(pick(
            client.language,
            format!("{sha256}: 받은 파일의 내용이 다릅니다({found}). 다시 실행하세요"),
            format!("the file {sha256} came with other content ({found}): try again"),
        ));
    }
    Ok(())
}
