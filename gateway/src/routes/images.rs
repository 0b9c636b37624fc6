//! `/v1/datasets/{id}/versions/{number}/images`: every image of a version with its labels and problems, and its bytes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use trainyard_api::Code;
use trainyard_api::error::{Problem, What};
use trainyard_api::images::{ImageList, ImageQuery, ProblemList, ProblemsFrom};
use trainyard_api::place::{OfVersion, OfVersionImage};
use trainyard_events::dataset::{DatasetSource, DatasetVersion};
use trainyard_events::limits::PAGE_ROWS;
use trainyard_events::problems::PROBLEMS;
use trainyard_events::results::Artifact;

use super::artifacts::{KEEP, POLICY};
use crate::error::ApiError;
use crate::extract::{Params, Place};
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::manifests::{self, Filter, Index};
use crate::route::Route;
use crate::told::Told;
use crate::worker_files;

/// Images of a page where nobody says how many.
const IMAGES: u32 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read(
            "/v1/datasets/{id}/versions/{number}/images",
            "The images of a version by name, with their labels and what is wrong with them",
            list,
        )
        .at::<OfVersion>()
        .query::<ImageQuery>()
        .answers::<ImageList>()
        .refuses(&[Code::ArtifactGone, Code::TooLarge]),
        Route::read(
            "/v1/datasets/{id}/versions/{number}/problems",
            "What is wrong with the files of a version, the worst first",
            problems,
        )
        .at::<OfVersion>()
        .answers::<ProblemList>()
        .refuses(&[Code::ArtifactGone, Code::TooLarge]),
        Route::read(
            "/v1/datasets/{id}/versions/{number}/images/{sha256}",
            "An image of a version, from the store or the workers' folder, if browsers draw it",
            image,
        )
        .at::<OfVersionImage>()
        .serves("image/*")
        .refuses(&[Code::ArtifactGone, Code::TooLarge, Code::Refused])
        .refuses(&[Code::BadPath, Code::NotFound, Code::NoWorker]),
    ]
}

/// A version, where it comes from, and what its newest look has found wrong.
struct Version {
    path: String,
    source: DatasetSource,
    version: DatasetVersion,
    problems: Option<Artifact>,
}

async fn version(
    gateway: &Gateway,
    identity: &Identity,
    id: &str,
    number: &str,
) -> Result<Version, ApiError> {
    let look = || async {
        let Some(row) = gateway.look_for_dataset(identity, id).await? else { return Ok(None) };
        let version = row.versions.iter().find(|version| version.number.to_string() == number).cloned();
        let is_newest =
            row.versions.last().map(|newest| newest.number) == version.as_ref().map(|one| one.number);
        // The newest look may have been at the newest version once more, and another list was kept with it.
        let newest = row.artifacts.into_iter().filter(|list| is_newest && list.role == PROBLEMS);
        let kept = version.as_ref().and_then(|version| version.problems.clone());
        // Only what lies where the dataset's own do.
        let own = format!("datasets/{}/", row.id);
        let problems = newest.chain(kept).find(|list| list.key.starts_with(&own));
        Ok(version.map(|version| Version { path: row.path, source: row.source, version, problems }))
    };
    gateway.found(What::Artifact, look).await
}

async fn index(gateway: &Gateway, found: &Version) -> Result<Arc<Index>, ApiError> {
    gateway.manifests.index(&gateway.store, &found.version.manifest, found.problems.as_ref()).await
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfVersion { id, number }): Place<OfVersion>,
    Params(query): Params<ImageQuery>,
) -> Result<Told<ImageList>, ApiError> {
    let found = version(&gateway, &identity, &id, &number).await?;
    let index = index(&gateway, &found).await?;
    let (problems, problems_from) = (index.counts.clone(), index.problems_from);
    let Some(filter) = Filter::of(&query, index.classes()) else {
        return Ok(Told(ImageList { images: Vec::new(), next: None, matching: 0, problems, problems_from }));
    };
    let limit = query.limit.unwrap_or(IMAGES).clamp(1, PAGE_ROWS) as usize;
    let look = move |index: &Index| {
        let page = index.page(&filter, query.after.as_deref(), limit);
        let images = index.rows(&page.rows)?;
        let next = images.last().map(|last| last.name.clone()).filter(|_| page.goes_on);
        Ok(ImageList { images, next, matching: page.matching, problems, problems_from })
    };
    gateway.manifests.look(index, look).await.map(Told)
}

async fn problems(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfVersion { id, number }): Place<OfVersion>,
) -> Result<Told<ProblemList>, ApiError> {
    let found = version(&gateway, &identity, &id, &number).await?;
    let list = manifests::list(&gateway.store, found.problems.as_ref()).await?;
    let listed = list.and_then(|list| manifests::listed(&list, &found.version.manifest.sha256));
    if let Some((header, problems)) = listed {
        return Ok(Told(ProblemList { from: ProblemsFrom::Look, counts: header.counts, problems }));
    }
    let index = gateway.manifests.index(&gateway.store, &found.version.manifest, None).await?;
    let look = |index: &Index| {
        let (from, counts) = (index.problems_from, index.counts.clone());
        Ok(ProblemList { from, counts, problems: index.problems() })
    };
    gateway.manifests.look(index, look).await.map(Told)
}

/// The bytes as they are stored or lie with the workers: nothing of strangers is decoded here. What has another hash never
/// arrives whole.
async fn image(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfVersionImage { id, number, sha256 }): Place<OfVersionImage>,
) -> Result<Response, ApiError> {
    let key = super::blobs::key(&identity, &sha256).map_err(|_| ApiError::not_found(What::Artifact))?;
    let found = version(&gateway, &identity, &id, &number).await?;
    let index = index(&gateway, &found).await?;
    let name = index.name_of(&sha256).ok_or_else(|| ApiError::not_found(What::Artifact))?;
    if !found.version.stored {
        if found.source != DatasetSource::Path {
            return Err(Problem::ImageChanged { name: name.to_owned() }.into());
        }
        let at = (found.path.as_str(), name);
        let content = worker_files::fetched(&gateway, &identity.tenant, at, &sha256).await?;
        return served(name, &content, content.len() as u64, Body::from(content.clone()));
    }
    let (length, content) = gateway.store.stream(&key, &sha256).await?;
    let mut content = Box::pin(content);
    let first = content.next().await.transpose()?.unwrap_or_default();
    let begin = first.clone();
    let body = Body::from_stream(stream::once(async move { Ok(first) }).chain(content));
    served(name, &begin, length, body)
}

/// An image that browsers draw, as `first`, what it begins with, says.
fn served(name: &str, first: &[u8], length: u64, body: Body) -> Result<Response, ApiError> {
    let kind = drawn(first).ok_or_else(|| Problem::NotDrawn { name: name.to_owned() })?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, KEEP),
        (header::VARY, HeaderValue::from_static("authorization")),
    ];
    Ok((headers, body).into_response())
}

/// The type of what browsers draw, by its first bytes. What may hold a script, such as SVG, is none of them.
pub(super) fn drawn(first: &[u8]) -> Option<&'static str> {
    let is = |magic: &[u8]| first.starts_with(magic);
    match first {
        _ if is(b"\xff\xd8\xff") => Some("image/jpeg"),
        _ if is(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        _ if is(b"GIF87a") || is(b"GIF89a") => Some("image/gif"),
        _ if is(b"RIFF") && first.get(8..12) == Some(b"WEBP") => Some("image/webp"),
        _ if is(b"BM") && first.len() > 26 => Some("image/bmp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::drawn;

    #[test]
    fn only_what_browsers_draw_has_a_type() {
        for (first, kind) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], Some("image/jpeg")),
            (b"\x89PNG\r\n\x1a\n\0\0", Some("image/png")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\0\0\0\0WAVEfmt ", None),
            (b"GIF89a", Some("image/gif")),
            (b"<svg xmlns=", None),
            (b"<html><script>", None),
            (b"II*\0", None),
            (b"BM", None),
            (b"", None),
        ] {
            assert_eq!(drawn(first), kind, "{}", String::from_utf8_lossy(first));
        }
    }
}
