//! `/v1/datasets/{id}/diff`: what is other in one version of a dataset than in another.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use axum::Json;
use axum::extract::State;
use tempfile::NamedTempFile;
use trainyard_api::diff::{DatasetDiff, DiffError, DiffQuery, between};
use trainyard_api::place::ById;
use trainyard_api::{Code, Problem};
use trainyard_events::dataset::DatasetVersion;
use trainyard_events::limits::MANIFEST_LINE_BYTES;
use trainyard_views::DatasetRow;

use crate::error::ApiError;
use crate::extract::{Params, Place};
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read("/v1/datasets/{id}/diff", "What is other in a version than in another", diff)
            .at::<ById>()
            .query::<DiffQuery>()
            .answers::<DatasetDiff>()
            .refuses(&[Code::NotFound, Code::ArtifactGone, Code::Refused]),
    ]
}

async fn diff(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(ById { id }): Place<ById>,
    Params(DiffQuery { from, to }): Params<DiffQuery>,
) -> Result<Json<DatasetDiff>, ApiError> {
    let row = gateway.dataset(&identity, &id).await?;
    let to = match to {
        Some(to) => version(&row, &to)?,
        None => row.versions.last().ok_or_else(|| missing("newest"))?,
    };
    let from = match from {
        Some(from) => version(&row, &from)?,
        None => {
            let before = row.versions.iter().rfind(|version| version.number < to.number);
            before.ok_or_else(|| missing("before"))?
        }
    };
    let _turn = gateway.diffs.acquire().await.map_err(|error| ApiError::internal(error.to_string()))?;
    let (old, new) = tokio::try_join!(fetch(&gateway, from), fetch(&gateway, to))?;
    let numbers = (from.number, to.number);
    let compared = tokio::task::spawn_blocking(move || {
        let (old, new) = (Lines::of(&old)?, Lines::of(&new)?);
        between((numbers.0, old), (numbers.1, new)).map_err(unread)
    });
    Ok(Json(compared.await.map_err(|error| ApiError::internal(error.to_string()))??))
}

/// By its number, or by a tag.
fn version<'r>(row: &'r DatasetRow, reference: &str) -> Result<&'r DatasetVersion, ApiError> {
    let number = row.tags.get(reference).copied().or_else(|| reference.parse().ok());
    let found = row.versions.iter().find(|version| Some(version.number) == number);
    found.ok_or_else(|| missing(reference))
}

fn missing(reference: &str) -> ApiError {
    Problem::NoSuchReference { reference: reference.to_owned() }.into()
}

/// A manifest may be larger than there is memory: it waits on the disk.
async fn fetch(gateway: &Gateway, version: &DatasetVersion) -> Result<NamedTempFile, ApiError> {
    let file = NamedTempFile::new().map_err(spool)?;
    gateway.store.get_file(&version.manifest.key, &version.manifest.sha256, file.path()).await?;
    Ok(file)
}

fn spool(error: io::Error) -> ApiError {
    ApiError::internal(format!("a manifest cannot be kept: {error}"))
}

fn unread(error: DiffError<io::Error>) -> ApiError {
    match error {
        DiffError::Unread(error) => spool(error),
        DiffError::Broken { number, .. } => Problem::ManifestUnread { number, newer: false }.into(),
        DiffError::Newer { number, .. } => Problem::ManifestUnread { number, newer: true }.into(),
    }
}

/// The lines of a file, each held alone.
struct Lines(BufReader<File>);

impl Lines {
    fn of(file: &NamedTempFile) -> Result<Lines, ApiError> {
        // By its path: what was fetched has taken the place of what was opened.
        File::open(file.path()).map(|file| Lines(BufReader::new(file))).map_err(spool)
    }
}

impl Iterator for Lines {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        let mut line = Vec::new();
        let read = self.0.by_ref().take(MANIFEST_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line);
        match (read, line.pop()) {
            (Err(error), _) => Some(Err(error)),
            (Ok(_), None) => None,
            (Ok(_), Some(b'\n')) => Some(Ok(line)),
            (Ok(_), Some(_)) => Some(Err(io::Error::other("a line of it has no end"))),
        }
    }
}
