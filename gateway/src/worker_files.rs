//! Files that lie in the workers' folders and nowhere else, fetched whole: what is given out is what its hash says.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use trainyard_api::error::Problem;
use trainyard_events::TenantId;
use trainyard_events::folders::FileRequest;

use crate::error::ApiError;
use crate::gateway::Gateway;

/// A worker whose disks hang says so before that.
const PATIENCE: Duration = Duration::from_secs(6);
/// Of one file; no image of a dataset is larger.
const BYTES: u64 = 64 * 1024 * 1024;
/// Files that one gateway holds at once.
pub(crate) const AT_ONCE: usize = 8;

/// The file `name` below the folder `path`, if it still is what it was.
pub(crate) async fn fetched(
    gateway: &Gateway,
    tenant: &TenantId,
    (path, name): (&str, &str),
    sha256: &str,
) -> Result<Bytes, ApiError> {
    let changed = || ApiError::from(Problem::ImageChanged { name: name.to_owned() });
    let _room = gateway.worker_files.acquire().await.map_err(|_| changed())?;
    let mut content = Vec::new();
    loop {
        let (offset, path, name) = (content.len() as u64, path.to_owned(), name.to_owned());
        let request = FileRequest { tenant: tenant.clone(), path, name, offset };
        let part = gateway.bus.files().ask(&request, PATIENCE).await?;
        if part.whole > BYTES {
            return Err(Problem::ImageTooLarge { bytes_max: BYTES as usize }.into());
        }
        content.extend_from_slice(&part.content);
        if part.content.is_empty() || content.len() as u64 >= part.whole {
            break;
        }
    }
    let is_same = hex::encode(Sha256::digest(&content)) == sha256;
    is_same.then(|| content.into()).ok_or_else(changed)
}
