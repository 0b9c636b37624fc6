//! A dataset from elsewhere: fetched into the folder of one look, and gone with it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;
use trainyard_events::TenantId;
use trainyard_events::dataset::DatasetSource;
use trainyard_events::limits::ARCHIVE_BYTES;
use trainyard_events::reason::{Advice, Cause, Unfit};
use trainyard_fetch::Trusted;
use trainyard_store::Store;
use url::Url;

use crate::bucket::Bucket;
use crate::fetch::address::Address;
use crate::fetch::{Fetched, NotFetched, PACE, fetch};
use crate::sources::Sources;
use crate::taken::{NotTaken, Taken};
use crate::why::{self, system};

/// What is not here by then does not come: whoever gives a byte now and then would hold a place for ever.
const TIME: Duration = Duration::from_secs(60 * 60);
/// In the folder of the look.
const ARCHIVE: &str = "archive";
const TREE: &str = "files";

/// A dataset to be had, and where it may come from.
pub(crate) struct Intake<'a> {
    pub(crate) sources: &'a Sources,
    /// The platform's own, which is nobody's source.
    pub(crate) store: &'a Store,
    pub(crate) tenant: &'a TenantId,
    /// Of the look.
    pub(crate) folder: &'a Path,
}

impl Intake<'_> {
    /// Fetches a source that has an address.
    pub(crate) async fn take(&self, source: &DatasetSource) -> Result<Taken, NotTaken> {
        let shown = shown(&source.address().unwrap_or_default());
        let taking = async {
            match source {
                DatasetSource::Path | DatasetSource::Files { .. } => {
                    unreachable!("it lies where it is looked at")
                }
                DatasetSource::Archive { url, sha256 } => self.archive(url, sha256.as_deref()).await,
                DatasetSource::Bucket { bucket, prefix, sha256 } => {
                    self.bucket((bucket, prefix), &shown, sha256.as_deref()).await
                }
            }
        };
        timeout(TIME, Box::pin(taking)).await.unwrap_or_else(|_| {
            let cause = Cause::said(format!("it took longer than {} minutes", TIME.as_secs() / 60));
            let because = Unfit::AddressUnreachable { address: shown.clone(), cause };
            Err(NotTaken::unfit(because, Advice::FetchAgain))
        })
    }

    async fn archive(&self, url: &str, sha256: Option<&str>) -> Result<Taken, NotTaken> {
        let shown = shown(url);
        let trusted = Trusted::of(&self.sources.hosts, self.tenant);
        let parsed = Url::parse(url).ok().filter(|url| trusted.allows(url));
        let Some(parsed) = parsed else {
            return Err(NotTaken::unfit(Unfit::AddressNotAllowed { address: shown }, Advice::AllowHost));
        };
        let address = Address { source: url.to_owned(), url: parsed, token: None, trusted };
        let to = self.folder.join(ARCHIVE);
        let fetched = fetch(&address, &to, ARCHIVE_BYTES).await.map_err(|error| unfetched(&shown, error))?;
        tracing::info!(address = shown, bytes = fetched.bytes, "fetched");
        self.packed(to, &shown, &fetched, sha256)
    }

    async fn bucket(
        &self,
        (bucket, prefix): (&str, &str),
        shown: &str,
        sha256: Option<&str>,
    ) -> Result<Taken, NotTaken> {
        let s3 = self.sources.s3.clone();
        let may = self.sources.may_read(self.tenant, (bucket, prefix), self.store.bucket());
        let Some(s3) = s3.filter(|_| may) else {
            let because = Unfit::BucketNotAllowed { bucket: bucket.to_owned() };
            return Err(NotTaken::unfit(because, Advice::AllowBucket));
        };
        let bucket = Bucket::open(s3, bucket, shown).await?;
        let archive = self.folder.join(ARCHIVE);
        if let Some(fetched) = bucket.object(prefix, &archive, ARCHIVE_BYTES).await? {
            return self.packed(archive, shown, &fetched, sha256);
        }
        if sha256.is_some() {
            // A hash is one object's.
            return Err(bucket.nothing());
        }
        let tree = self.tree()?;
        bucket.objects_below(prefix, &tree).await?;
        Ok(Taken { tree, archive: None })
    }

    fn packed(
        &self,
        archive: PathBuf,
        shown: &str,
        fetched: &Fetched,
        sha256: Option<&str>,
    ) -> Result<Taken, NotTaken> {
        if let Some(expected) = sha256.filter(|expected| *expected != fetched.sha256) {
            let (expected, found) = (expected.to_owned(), fetched.sha256.clone());
            let because = Unfit::OtherHash { address: shown.to_owned(), expected, found };
            return Err(NotTaken::unfit(because, Advice::CheckHash));
        }
        Ok(Taken { tree: self.tree()?, archive: Some(archive) })
    }

    fn tree(&self) -> Result<PathBuf, NotTaken> {
        let tree = self.folder.join(TREE);
        std::fs::create_dir_all(&tree).map_err(|error| NotTaken::of_disk(why::system(&error)))?;
        Ok(tree)
    }
}

/// Without what comes behind the path: addresses that are signed have their secret there.
fn shown(address: &str) -> String {
    address.split(['?', '#']).next().unwrap_or_default().to_owned()
}

fn unfetched(shown: &str, error: NotFetched) -> NotTaken {
    let address = shown.to_owned();
    match error {
        NotFetched::Refused(status) => {
            let advice = match status.as_u16() {
                401 | 403 => Advice::AddressWithAccess,
                400..=499 => Advice::CheckAddress,
                _ => Advice::FetchAgain,
            };
            let because = Unfit::AddressAnswers { address, status: status.as_u16() };
            let passes = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
            if passes { NotTaken::passing(because, advice) } else { NotTaken::unfit(because, advice) }
        }
        NotFetched::TooLarge => {
            let because = Unfit::AddressTooLarge { address, gib: ARCHIVE_BYTES >> 30 };
            NotTaken::unfit(because, Advice::TrainOnPart)
        }
        NotFetched::TooSlow => {
            let (kib, seconds) = (PACE.bytes_min >> 10, PACE.window.as_secs());
            NotTaken::unfit(Unfit::AddressTooSlow { address, kib, seconds }, Advice::FasterAddress)
        }
        NotFetched::Astray => NotTaken::unfit(Unfit::AddressNotAllowed { address }, Advice::AllowHost),
        NotFetched::Disk(error) => NotTaken::of_disk(system(&error)),
        NotFetched::Unreachable(text) => {
            let because = Unfit::AddressUnreachable { address, cause: Cause::Said { text } };
            NotTaken::passing(because, Advice::CheckAddress)
        }
    }
}
