//! Objects of a bucket that is not the platform's: one that is an archive, or all below a prefix.

use std::collections::BTreeMap;
use std::path::Path;

use futures::{StreamExt, TryStreamExt, stream};
use trainyard_data::unpack;
use trainyard_events::limits::{ARCHIVE_BYTES, ARCHIVE_FILES};
use trainyard_events::reason::{Advice, Flaw, Unfit};
use trainyard_store::{Listed, Store, StoreConfig, StoreError};

use crate::fetch::Fetched;
use crate::taken::NotTaken;
use crate::why;

/// Objects on their way at once.
const AT_ONCE: usize = 16;

pub(crate) struct Bucket<'a> {
    store: Store,
    name: &'a str,
    /// What is fetched, as its user wrote it.
    address: &'a str,
}

impl<'a> Bucket<'a> {
    pub(crate) async fn open(
        s3: StoreConfig,
        name: &'a str,
        address: &'a str,
    ) -> Result<Bucket<'a>, NotTaken> {
        let config = StoreConfig { bucket: name.to_owned(), ..s3 };
        match Store::connect(config).await {
            Ok(store) => Ok(Bucket { store, name, address }),
            Err(error) => {
                let because = Unfit::BucketUnusable { bucket: name.to_owned(), cause: why::store(&error) };
                Err(NotTaken::unfit(because, Advice::CheckBucketKeys))
            }
        }
    }

    /// The object of this very key; `None` where there is none.
    pub(crate) async fn object(
        &self,
        key: &str,
        to: &Path,
        bytes_max: u64,
    ) -> Result<Option<Fetched>, NotTaken> {
        if key.is_empty() || self.store.bytes_of(key).await.map_err(|error| self.refused(&error))?.is_none() {
            return Ok(None);
        }
        match self.store.fetch_file(key, to, bytes_max).await {
            Ok(stored) => Ok(Some(Fetched { bytes: stored.bytes, sha256: stored.sha256 })),
            Err(error) => Err(self.refused(&error)),
        }
    }

    /// Every object below `prefix`, under what is left of its key.
    pub(crate) async fn objects_below(&self, prefix: &str, tree: &Path) -> Result<(), NotTaken> {
        let wanted = self.list(prefix).await?;
        if wanted.is_empty() {
            return Err(self.nothing());
        }
        let fetch = |(name, object): (String, Listed)| async move {
            let to = tree.join(&name);
            let folder = to.parent().unwrap_or(tree);
            tokio::fs::create_dir_all(folder)
                .await
                .map_err(|error| NotTaken::of_disk(why::system(&error)))?;
            let fetched = self.store.fetch_file(&object.key, &to, object.bytes).await;
            fetched.map(drop).map_err(|error| self.refused(&error))
        };
        stream::iter(wanted).map(fetch).buffer_unordered(AT_ONCE).try_collect::<()>().await
    }

    /// By the name below the prefix.
    async fn list(&self, prefix: &str) -> Result<BTreeMap<String, Listed>, NotTaken> {
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let (mut wanted, mut bytes, mut page) = (BTreeMap::new(), 0, None);
        loop {
            let listed = self.store.list(&prefix, page).await.map_err(|error| self.refused(&error))?;
            for object in listed.objects {
                let below = object.key.strip_prefix(&prefix).unwrap_or_default();
                // What ends so is a folder as consoles show them.
                if below.is_empty() || below.ends_with('/') {
                    continue;
                }
                let name = unpack::name_of(below)
                    .map_err(|refusal| NotTaken::Unfit(refusal.because, refusal.advice))?;
                let Some(name) = name else { continue };
                bytes += object.bytes;
                let before = wanted.insert(name.clone(), object);
                self.check(&wanted, &name, before.is_some(), bytes)?;
            }
            page = listed.next;
            if page.is_none() {
                return Ok(wanted);
            }
        }
    }

    fn check(
        &self,
        wanted: &BTreeMap<String, Listed>,
        name: &str,
        is_twice: bool,
        bytes: u64,
    ) -> Result<(), NotTaken> {
        let mut folders = name.match_indices('/').map(|(at, _)| &name[..at]);
        let below = format!("{name}/");
        let is_folder =
            wanted.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below));
        if is_twice || is_folder || folders.any(|folder| wanted.contains_key(folder)) {
            let because = Unfit::ArchiveEntry { name: name.to_owned(), flaw: Flaw::ThereTwice };
            return Err(NotTaken::unfit(because, Advice::PackAgain));
        }
        if wanted.len() as u64 > ARCHIVE_FILES {
            let because = Unfit::TooManyFiles { limit: ARCHIVE_FILES };
            return Err(NotTaken::unfit(because, Advice::TrainOnPart));
        }
        if bytes > ARCHIVE_BYTES {
            let (address, gib) = (self.address.to_owned(), ARCHIVE_BYTES >> 30);
            return Err(NotTaken::unfit(Unfit::AddressTooLarge { address, gib }, Advice::TrainOnPart));
        }
        Ok(())
    }

    pub(crate) fn nothing(&self) -> NotTaken {
        NotTaken::unfit(Unfit::NothingAt { address: self.address.to_owned() }, Advice::CheckAddress)
    }

    fn refused(&self, error: &StoreError) -> NotTaken {
        let (bucket, cause) = (self.name.to_owned(), why::store(error));
        match error {
            StoreError::File { .. } => NotTaken::of_disk(cause),
            StoreError::Missing { .. } => self.nothing(),
            StoreError::Unavailable(_) | StoreError::Unwanted { .. } => {
                NotTaken::passing(Unfit::BucketUnusable { bucket, cause }, Advice::FetchAgain)
            }
            StoreError::TooLarge { limit, .. } => {
                let (address, gib) = (self.address.to_owned(), limit >> 30);
                NotTaken::unfit(Unfit::AddressTooLarge { address, gib }, Advice::TrainOnPart)
            }
            StoreError::HashMismatch { .. } | StoreError::Config(_) | StoreError::BadName(_) => {
                NotTaken::unfit(Unfit::BucketUnusable { bucket, cause }, Advice::CheckBucketKeys)
            }
        }
    }
}
