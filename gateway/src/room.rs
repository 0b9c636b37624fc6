//! How much room the datasets of each tenant take up in the store, and whether there is more within its quota.
//!
//! What is true is what the store lists; a count of it is believed for [`COUNTED_FOR`], and what this gateway lets in
//! meanwhile is added. Of what other gateways let in a count knows nothing, so a gateway counts anew before it lets in more
//! than [`UNCOUNTED_BYTES`] since its last count. So all together pass a limit by at most that much for each gateway but
//! one: whoever counts after the limit is reached lets in nothing more, and whoever has not counted since has that much.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use trainyard_api::Problem;
use trainyard_events::TenantId;
use trainyard_events::limits::UPLOAD_BYTES;
use trainyard_store::{Store, StoreError, blobs_of};

use crate::error::ApiError;

/// How long a count is believed.
const COUNTED_FOR: Duration = Duration::from_secs(60);
/// Between two counts that are made because there seems to be no room: somebody may just have deleted something.
const RECOUNT_AFTER: Duration = Duration::from_secs(2);
/// Let in since the last count; a whole upload, which one file may fill.
const UNCOUNTED_BYTES: u64 = UPLOAD_BYTES as u64;

#[derive(Default)]
pub(crate) struct Rooms {
    tenants: Mutex<HashMap<TenantId, Arc<Room>>>,
}

#[derive(Default)]
struct Room {
    counted: tokio::sync::Mutex<Counted>,
    /// Bytes that were let in and are on their way into the store.
    coming: AtomicU64,
}

#[derive(Default)]
struct Counted {
    at: Option<Instant>,
    /// In the store, or on the way there, as of then.
    bytes: u64,
    /// Let in since then.
    since: u64,
}

impl Counted {
    fn is_older_than(&self, age: Duration) -> bool {
        self.at.is_none_or(|at| at.elapsed() >= age)
    }

    fn used(&self) -> u64 {
        self.bytes.saturating_add(self.since)
    }
}

/// Bytes on their way into the store, until it is dropped.
pub(crate) struct LetIn {
    room: Arc<Room>,
    bytes: u64,
}

impl Drop for LetIn {
    fn drop(&mut self) {
        self.room.coming.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Rooms {
    fn of(&self, tenant: &TenantId) -> Arc<Room> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tenants.entry(tenant.clone()).or_default())
    }

    /// Bytes that the tenant's datasets take up, each file once.
    pub(crate) async fn used(&self, store: &Store, tenant: &TenantId) -> Result<u64, ApiError> {
        let room = self.of(tenant);
        let mut counted = room.counted.lock().await;
        if counted.is_older_than(COUNTED_FOR) {
            room.count(&mut counted, store, tenant).await?;
        }
        Ok(counted.used())
    }

    /// Lets in `bytes` that are sent, if there is room for them.
    pub(crate) async fn let_in(
        &self,
        store: &Store,
        tenant: &TenantId,
        limit: u64,
        bytes: u64,
    ) -> Result<LetIn, ApiError> {
        let room = self.of(tenant);
        let mut counted = room.counted.lock().await;
        room.check(&mut counted, (store, tenant), limit, Some(bytes)).await?;
        counted.since = counted.since.saturating_add(bytes);
        room.coming.fetch_add(bytes, Ordering::Relaxed);
        Ok(LetIn { room: Arc::clone(&room), bytes })
    }

    /// Whether there is room for what is asked about before it is sent; of unknown length, for anything at all.
    pub(crate) async fn check(
        &self,
        store: &Store,
        tenant: &TenantId,
        limit: u64,
        asked: Option<u64>,
    ) -> Result<(), ApiError> {
        let room = self.of(tenant);
        let mut counted = room.counted.lock().await;
        room.check(&mut counted, (store, tenant), limit, asked).await
    }
}

impl Room {
    async fn check(
        &self,
        counted: &mut Counted,
        (store, tenant): (&Store, &TenantId),
        limit: u64,
        asked: Option<u64>,
    ) -> Result<(), ApiError> {
        let bytes = asked.unwrap_or(1);
        let is_over = |counted: &Counted| counted.used().saturating_add(bytes) > limit;
        let is_unsure = counted.since.saturating_add(bytes) > UNCOUNTED_BYTES && counted.since > 0;
        if counted.is_older_than(COUNTED_FOR)
            || is_unsure
            || is_over(counted) && counted.is_older_than(RECOUNT_AFTER)
        {
            self.count(counted, store, tenant).await?;
        }
        if is_over(counted) {
            return Err(Problem::DatasetBytes { used: counted.used(), asked, limit }.into());
        }
        Ok(())
    }

    /// What is on its way when the count begins may be counted twice, and never not at all.
    async fn count(&self, counted: &mut Counted, store: &Store, tenant: &TenantId) -> Result<(), StoreError> {
        let coming = self.coming.load(Ordering::Relaxed);
        let (at, mut bytes, mut page) = (Instant::now(), coming, None);
        loop {
            let listed = store.list(&blobs_of(tenant.as_str()), page).await?;
            bytes = listed.objects.iter().fold(bytes, |sum, object| sum.saturating_add(object.bytes));
            page = listed.next;
            if page.is_none() {
                break;
            }
        }
        *counted = Counted { at: Some(at), bytes, since: 0 };
        Ok(())
    }
}
