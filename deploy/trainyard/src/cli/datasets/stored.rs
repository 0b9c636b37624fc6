//! What the store has of a version: its manifest, and its images.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use trainyard_data::manifest::Manifest;
use trainyard_events::dataset::DatasetVersion;
use trainyard_views::DatasetRow;

use crate::cli::client::Client;
use crate::language::pick;

/// The manifest of a version whose images are in the store, and its bytes.
pub(crate) async fn manifest(
    client: &Client,
    row: &DatasetRow,
    version: &DatasetVersion,
) -> Result<(Manifest, Bytes)> {
    let (id, name) = (row.id, row.path.as_str());
    if !version.stored {
        bail!(pick(
            client.language,
            format!("{name}: 저장소에 없는 데이터셋입니다. 폴더 {name}에 그대로 있습니다"),
            format!("{name} is not in the store: it lies in its folder, {name}"),
        ));
    }
    let lines = client.bytes(&format!("/v1/datasets/{id}/versions/{}", version.number)).await?;
    let manifest = Manifest::read(&lines[..]).with_context(|| version.manifest.key.clone())?;
    Ok((manifest, lines))
}

/// An image of the store, which has the content that it is named by.
pub(crate) async fn image(client: &Client, sha256: &str) -> Result<Bytes> {
    let content = client.bytes(&format!("/v1/blobs/{sha256}")).await?;
    let found = hex::encode(Sha256::digest(&content));
    if found != sha256 {
        bail!(pick(
            client.language,
            format!("{sha256}: 받은 파일의 내용이 다릅니다({found}). 다시 실행하세요"),
            format!("the file {sha256} came with other content ({found}): try again"),
        ));
    }
    Ok(content)
}
