//! `/v1/blobs`: files of datasets into the store, each under the hash of its content.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::StatusCode;
use bytes::BytesMut;
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;
use trainyard_api::blobs::{ASKED, BlobForm, BlobQuestion, BlobsMissing, BlobsStored};
use trainyard_api::{Code, Problem};
use trainyard_events::limits::{FILE_RENEWED_AFTER, UPLOAD_BYTES};
use trainyard_store::{Store, StoreError, blob_key};

use crate::error::ApiError;
use crate::extract::Body;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::Route;

/// A longer file waits on the disk until it is whole.
const IN_MEMORY: usize = 4 * 1024 * 1024;
/// Requests to the store at once, of one request here.
const AT_ONCE: usize = 16;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/blobs/missing", "Which files of these hashes are not in the store", missing)
            .takes::<BlobQuestion>()
            .answers::<BlobsMissing>()
            .refuses(&[Code::Refused, Code::DatasetBytesUsedUp]),
        Route::post("/v1/blobs", "Put files of a dataset into the store", store)
            .takes_form::<BlobForm>()
            .up_to(UPLOAD_BYTES)
            .answers::<BlobsStored>()
            .refuses(&[Code::Refused, Code::DatasetBytesUsedUp]),
    ]
}

/// The key of a file, for who sees it.
pub(super) fn key(identity: &Identity, sha256: &str) -> Result<String, ApiError> {
    let lower = !sha256.bytes().any(|byte| byte.is_ascii_uppercase());
    let key = blob_key(identity.tenant.as_str(), sha256).ok().filter(|_| lower);
    let detail = || format!("{sha256:?} is no SHA-256 in 64 hexadecimal digits");
    key.ok_or_else(|| Problem::BadUpload { detail: detail() }.into())
}

async fn missing(
    State(gateway): State<Gateway>,
    Asker { identity, .. }: Asker,
    Body(BlobQuestion { sha256, bytes }): Body<BlobQuestion>,
) -> Result<Json<BlobsMissing>, ApiError> {
    if sha256.len() > ASKED {
        let detail = format!("{} hashes; {ASKED} are the most at once", sha256.len());
        return Err(Problem::BadUpload { detail }.into());
    }
    if !bytes.is_empty() && bytes.len() != sha256.len() {
        let detail = format!("{} hashes and {} lengths", sha256.len(), bytes.len());
        return Err(Problem::BadUpload { detail }.into());
    }
    let mut lengths: HashMap<String, u64> = sha256.iter().cloned().zip(bytes).collect();
    let keys = sha256.into_iter().map(|sha256| Ok((key(&identity, &sha256)?, sha256)));
    let keys: Vec<(String, String)> = keys.collect::<Result<_, ApiError>>()?;
    let stale = ((gateway.clock)() - FILE_RENEWED_AFTER).unix_timestamp();
    let store = &gateway.store;
    let look = |(key, sha256): (String, String)| async move {
        Ok::<_, StoreError>(store.kept(&key, stale).await?.is_none().then_some(sha256))
    };
    let found: Vec<Option<String>> = stream::iter(keys).map(look).buffered(AT_ONCE).try_collect().await?;
    let missing: Vec<String> = found.into_iter().flatten().collect();
    if let Some(limit) = limit(&gateway, &identity).await?.filter(|_| !missing.is_empty()) {
        // A file that is named twice is sent once.
        let asked: Option<u64> = (!lengths.is_empty())
            .then(|| missing.iter().filter_map(|sha256| lengths.remove(sha256)).fold(0, u64::saturating_add));
        gateway.rooms.check(&gateway.store, &identity.tenant, limit, asked).await?;
    }
    Ok(Json(BlobsMissing { missing }))
}

/// The bytes that the tenant's datasets may take up.
async fn limit(gateway: &Gateway, identity: &Identity) -> Result<Option<u64>, ApiError> {
    Ok(gateway.views.tenant(&identity.tenant).await?.and_then(|tenant| tenant.dataset_bytes))
}

async fn store(
    State(gateway): State<Gateway>,
    Asker { identity, .. }: Asker,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<BlobsStored>, ApiError> {
    let mut form = form.map_err(|error| Problem::BadUpload { detail: error.body_text() })?;
    let limit = limit(&gateway, &identity).await?;
    let mut putting = JoinSet::new();
    let mut stored = 0;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let key = key(&identity, &name)?;
        let file = read(field).await?;
        if file.sha256 != name {
            return Err(Problem::OtherContent { name, found: file.sha256 }.into());
        }
        if putting.len() == AT_ONCE {
            done(putting.join_next().await)?;
        }
        let let_in = match limit {
            // What is there takes up no more room.
            Some(limit) if !gateway.store.has(&key).await? => {
                let rooms = &gateway.rooms;
                Some(rooms.let_in(&gateway.store, &identity.tenant, limit, file.bytes).await?)
            }
            _ => None,
        };
        let gateway = Arc::clone(&gateway.0);
        putting.spawn(async move {
            let put = put(&gateway.store, &key, file).await;
            drop(let_in);
            put
        });
        stored += 1;
    }
    while let Some(put) = putting.join_next().await {
        done(Some(put))?;
    }
    Ok(Json(BlobsStored { stored }))
}

/// What has arrived of one file, and its hash.
struct Arrived {
    content: Content,
    sha256: String,
    bytes: u64,
}

enum Content {
    Memory(BytesMut),
    Disk(TempPath),
}

async fn read(mut field: Field<'_>) -> Result<Arrived, ApiError> {
    let spool = |error: std::io::Error| ApiError::internal(format!("an upload cannot be kept: {error}"));
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut memory = BytesMut::new();
    let mut disk: Option<(tokio::fs::File, TempPath)> = None;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        hash.update(&chunk);
        bytes += chunk.len() as u64;
        if let Some((file, _)) = &mut disk {
            file.write_all(&chunk).await.map_err(spool)?;
            continue;
        }
        memory.extend_from_slice(&chunk);
        if memory.len() > IN_MEMORY {
            let (file, path) = tempfile::NamedTempFile::new().map_err(spool)?.into_parts();
            let mut file = tokio::fs::File::from_std(file);
            file.write_all(&memory).await.map_err(spool)?;
            disk = Some((file, path));
        }
    }
    let content = match disk {
        None => Content::Memory(memory),
        Some((mut file, path)) => {
            file.flush().await.map_err(spool)?;
            Content::Disk(path)
        }
    };
    Ok(Arrived { content, sha256: hex::encode(hash.finalize()), bytes })
}

async fn put(store: &Store, key: &str, Arrived { content, sha256, .. }: Arrived) -> Result<(), StoreError> {
    match content {
        Content::Memory(bytes) => store.put_hashed(key, bytes.freeze(), sha256).await?,
        Content::Disk(path) => store.put_file(key, &path).await?,
    };
    Ok(())
}

fn done(put: Option<Result<Result<(), StoreError>, tokio::task::JoinError>>) -> Result<(), ApiError> {
    match put {
        Some(Ok(put)) => Ok(put?),
        Some(Err(error)) => Err(ApiError::internal(format!("an upload ended: {error}"))),
        None => Ok(()),
    }
}

fn broken(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::BodyTooLarge { bytes_max: UPLOAD_BYTES };
    }
    Problem::BadUpload { detail: error.body_text() }
}
