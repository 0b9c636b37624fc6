//! `trainyard datasets export`: a dataset of the store as a folder that other tools read.

use std::path::PathBuf;

use anyhow::Result;
use futures::{StreamExt, TryStreamExt, stream};
use trainyard_data::manifest::{Image, Manifest};
use trainyard_data::write::{Format, write};
use trainyard_words::said;

use super::{named, stored};
use crate::cli::client::Client;
use crate::language::pick;
use crate::out;

/// Images on their way at once.
const AT_ONCE: usize = 8;

pub(super) async fn run(client: &Client, written: &str, format: Format, to: Option<PathBuf>) -> Result<()> {
    let language = client.language;
    let (row, version) = named::version(client, written).await?;
    let to = to.unwrap_or_else(|| PathBuf::from(&row.path));
    let (manifest, _) = stored::manifest(client, &row, &version).await?;
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
    let get = |sha256| async move {
        let content = stored::image(client, sha256).await?;
        Ok::<_, anyhow::Error>(tokio::fs::write(path.join(sha256), content).await?)
    };
    stream::iter(wanted).map(get).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    Ok(folder)
}
