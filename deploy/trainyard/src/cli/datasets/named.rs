//! A version of a dataset as people write it: `scratches@3`, `scratches@golden`, or the newest.

use anyhow::{Context, Result};
use trainyard_api::datasets::DatasetAnswer;
use trainyard_events::dataset::{DatasetVersion, parted, tagged};
use trainyard_views::DatasetRow;

use crate::cli::client::Client;
use crate::language::pick;

/// The dataset, and the version that is meant.
pub(crate) async fn version(client: &Client, written: &str) -> Result<(DatasetRow, DatasetVersion)> {
    let name = name(written);
    let row = row(client, name).await?;
    let version = chosen(&row, written).cloned().with_context(|| {
        pick(
            client.language,
            format!(
                "{written}: 그런 버전이나 태그가 없습니다. `trainyard datasets show {name}` 명령으로 확인하세요"
            ),
            format!("there is no such version or tag: `trainyard datasets show {name}` lists those of {name}"),
        )
    })?;
    Ok((row, version))
}

pub(super) async fn row(client: &Client, name: &str) -> Result<DatasetRow> {
    let id = super::id(client, name).await?;
    Ok(client.get::<DatasetAnswer>(&format!("/v1/datasets/{id}")).await?.dataset.clone())
}

/// What stands before the version.
pub(super) fn name(written: &str) -> &str {
    tagged(written).map_or_else(|| parted(written).0, |(name, _)| name)
}

fn chosen<'r>(row: &'r DatasetRow, written: &str) -> Option<&'r DatasetVersion> {
    let number = match (tagged(written), parted(written).1) {
        (Some((_, tag)), _) => *row.tags.get(tag)?,
        (None, Some(number)) => number,
        (None, None) => row.versions.last()?.number,
    };
    row.versions.iter().find(|version| version.number == number)
}
