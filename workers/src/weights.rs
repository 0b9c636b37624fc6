//! The weights that a training starts from: named by its user, fetched once, and in the store ever after.

mod address;

use std::path::{Path, PathBuf};

use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use trainyard_bus::EventLog;
use trainyard_commands::State;
use trainyard_door::Door;
use trainyard_events::card::{Description, PRETRAINED, Pretrained};
use trainyard_events::config::TrainingConfig;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::model::{Pick, picked};
use trainyard_events::reason::{Advice, Cause, Trouble, Unfit};
use trainyard_events::{Aggregate, TenantId};
use trainyard_store::{Store, StoreError};

use crate::bucket::Bucket;
use crate::fetch::address::Address;
use crate::fetch::{Fetched, NotFetched, PACE, fetch};
use crate::taken::NotTaken;
use crate::trainer::{disk, failure};
use crate::{WorkerConfig, paths, why};

pub use address::Hub;

use address::ending;

/// The largest file of weights.
const WEIGHTS_GIB: u64 = 8;
/// What the store keeps about an address.
const NOTE_BYTES: u64 = 64 << 10;

/// What came from an address when it was first asked for: every later training starts from the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    source: String,
    sha256: String,
    bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    licence: Option<String>,
}

/// Weights to be had for one attempt.
pub(crate) struct Wanted<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) config: &'a TrainingConfig,
    /// Of whoever trains.
    pub(crate) description: Option<&'a Description>,
    pub(crate) store: &'a Store,
    pub(crate) worker: &'a WorkerConfig,
    /// The attempt's own.
    pub(crate) folder: &'a Path,
}

impl Wanted<'_> {
    /// The file to start from; `None` for a random start. The log says what a version of a model is.
    pub(crate) async fn get<L: EventLog>(&self, door: &Door<L>) -> Result<Option<PathBuf>, Failure> {
        let Some(named) = &self.config.initial_weights else { return Ok(None) };
        if let Some((name, pick)) = picked(named) {
            return self.of_model(door, name, &pick).await.map(Some);
        }
        let published = self.published().filter(|_| named == PRETRAINED);
        if named == PRETRAINED && published.is_none() {
            let because = Trouble::NoPretrained { model: self.config.model.clone() };
            return Err(failure(FailureClass::Config, because, Advice::OtherWeights));
        }
        let source = published.as_ref().map_or(named, |published| &published.source);
        if let Some(within) = source.strip_prefix("s3://") {
            return self.in_bucket(source, within, published.as_ref()).await.map(Some);
        }
        match Address::of(source, &self.worker.hub) {
            None => paths::allowed(source, self.tenant, &self.worker.dataset_roots)
                .map(Some)
                .map_err(|unfit| failure(FailureClass::Config, unfit, Advice::OtherPath)),
            Some(Err(trouble)) => Err(failure(FailureClass::Config, trouble, Advice::OtherWeights)),
            Some(Ok(address)) => self.at(&address, published.as_ref()).await.map(Some),
        }
    }

    /// The weights of a version, which the store has. An alias is a version by the time that a training is asked for.
    async fn of_model<L: EventLog>(
        &self,
        door: &Door<L>,
        name: &str,
        pick: &Pick<'_>,
    ) -> Result<PathBuf, Failure> {
        let opened = door.open(self.tenant, &Aggregate::model_called(self.tenant, name)).await;
        let opened = opened.map_err(|error| {
            let because = Trouble::CheckpointUnavailable { cause: Cause::said(error.to_string()) };
            failure(FailureClass::Internal, because, Advice::UpgradeWorkers)
        })?;
        let weights = match (opened.state(), pick) {
            (State::Model(model), Pick::Version(number)) => {
                model.versions.get(number).and_then(|version| version.card.weights.clone())
            }
            _ => None,
        };
        let weights = weights.ok_or_else(|| {
            let source = self.config.initial_weights.clone().unwrap_or_default();
            failure(FailureClass::Config, Trouble::NoVersionToStartFrom { source }, Advice::OtherWeights)
        })?;
        let ending = weights.key.rsplit_once('.').map_or("safetensors", |(_, ending)| ending);
        let to = self.folder.join(format!("initial.{ending}"));
        self.store.get_file(&weights.key, &weights.sha256, &to).await.map_err(|error| unkept(&error))?;
        Ok(to)
    }

    /// The first that whoever trains knows for the model.
    fn published(&self) -> Option<Pretrained> {
        let models = self.description.iter().flat_map(|description| &description.models);
        let own = models.filter(|model| model.id == self.config.model && model.task == self.config.task);
        own.flat_map(|model| &model.pretrained).next().cloned()
    }

    async fn at(&self, address: &Address, published: Option<&Pretrained>) -> Result<PathBuf, Failure> {
        let fetched = async |to: &Path| {
            let fetched = fetch(address, to, WEIGHTS_GIB << 30).await;
            fetched.map_err(|error| unfetched(&address.source, to, error))
        };
        self.once(&address.source, address.ending(), published, fetched).await
    }

    /// An object of a bucket that the operator lets the tenant read.
    async fn in_bucket(
        &self,
        source: &str,
        within: &str,
        published: Option<&Pretrained>,
    ) -> Result<PathBuf, Failure> {
        let named = within.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
        let Some((bucket, key)) = named else {
            let out = Trouble::WeightsOutOfBounds { source: source.to_owned() };
            return Err(failure(FailureClass::Config, out, Advice::OtherWeights));
        };
        let sources = &self.worker.sources;
        let may = sources.may_read(self.tenant, (bucket, key), self.store.bucket());
        let Some(s3) = sources.s3.clone().filter(|_| may) else {
            let because = Unfit::BucketNotAllowed { bucket: bucket.to_owned() };
            return Err(failure(FailureClass::Config, because, Advice::AllowBucket));
        };
        let fetched = async |to: &Path| {
            let bucket = Bucket::open(s3, bucket, source).await.map_err(|not| untaken(source, not))?;
            let object = bucket.object(key, to, WEIGHTS_GIB << 30).await;
            let found = object.and_then(|found| found.ok_or_else(|| bucket.nothing()));
            found.map_err(|not| untaken(source, not))
        };
        self.once(source, ending(key), published, fetched).await
    }

    /// From the store what has come before; the first time by `fetched`, and into the store.
    async fn once(
        &self,
        source: &str,
        ending: &str,
        published: Option<&Pretrained>,
        fetched: impl AsyncFnOnce(&Path) -> Result<Fetched, Failure>,
    ) -> Result<PathBuf, Failure> {
        let to = self.folder.join(format!("initial.{ending}"));
        let key = format!("weights/{}/{}.json", self.tenant, hash(source.as_bytes()));
        if let Some(note) = self.note(&key).await.map_err(|error| unkept(&error))? {
            let content = self.content(&note.sha256);
            self.store.get_file(&content, &note.sha256, &to).await.map_err(|error| unkept(&error))?;
            return Ok(to);
        }
        let Fetched { bytes, sha256 } = fetched(&to).await?;
        if let Some(expected) = published.and_then(|published| published.sha256.clone())
            && expected != sha256
        {
            let because = Trouble::WeightsChanged { source: source.to_owned(), expected, found: sha256 };
            return Err(failure(FailureClass::Config, because, Advice::OtherWeights));
        }
        let licence = published.map(|published| published.licence.clone());
        let note = Note { source: source.to_owned(), sha256, bytes, licence };
        self.keep(&key, &note, &to).await.map_err(|error| unkept(&error))?;
        Ok(to)
    }

    async fn note(&self, key: &str) -> Result<Option<Note>, StoreError> {
        match self.store.get_bytes(key, NOTE_BYTES).await {
            Ok(note) => Ok(serde_json::from_slice(&note)
                .inspect_err(|error| tracing::warn!(key, %error, "a note of weights is not ours; they are fetched anew"))
                .ok()),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The content first: a note without it would promise what there is not.
    async fn keep(&self, key: &str, note: &Note, file: &Path) -> Result<(), StoreError> {
        self.store.put_file(&self.content(&note.sha256), file).await?;
        let json = serde_json::to_vec(note).expect("a note is plain data, which always serialises");
        self.store.put_bytes(key, json.into()).await.map(drop)
    }

    fn content(&self, sha256: &str) -> String {
        format!("weights/{}/{sha256}", self.tenant)
    }
}

fn unfetched(source: &str, to: &Path, error: NotFetched) -> Failure {
    let source = source.to_owned();
    match error {
        // Another try would be refused as well, where the sender is told that it asks wrongly.
        NotFetched::Refused(status) => {
            let because = Trouble::WeightsRefused { source, status: status.as_u16() };
            if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
                failure(FailureClass::Config, because, Advice::TokenForWeights)
            } else {
                failure(FailureClass::Internal, because, Advice::WeightsByPathOrScratch)
            }
        }
        NotFetched::TooLarge => {
            let because = Trouble::WeightsTooLarge { source, gib: WEIGHTS_GIB };
            failure(FailureClass::Config, because, Advice::OtherWeights)
        }
        NotFetched::Astray => {
            failure(FailureClass::Config, Trouble::WeightsOutOfBounds { source }, Advice::OtherWeights)
        }
        NotFetched::Disk(error) => disk(to, &error),
        NotFetched::TooSlow => {
            let text = format!("less than {} KiB came in {} s", PACE.bytes_min >> 10, PACE.window.as_secs());
            let because = Trouble::WeightsUnreachable { source, cause: Cause::Said { text } };
            failure(FailureClass::Internal, because, Advice::WeightsByPathOrScratch)
        }
        NotFetched::Unreachable(text) => {
            let because = Trouble::WeightsUnreachable { source, cause: Cause::Said { text } };
            failure(FailureClass::Internal, because, Advice::WeightsByPathOrScratch)
        }
    }
}

/// What a bucket does not give.
fn untaken(source: &str, not: NotTaken) -> Failure {
    match not {
        NotTaken::Unfit(because, advice) => match *because {
            Unfit::AddressTooLarge { gib, .. } => {
                let because = Trouble::WeightsTooLarge { source: source.to_owned(), gib };
                failure(FailureClass::Config, because, Advice::OtherWeights)
            }
            because => failure(FailureClass::Config, because, advice),
        },
        NotTaken::Passing(because, advice) => failure(FailureClass::Internal, *because, advice),
    }
}

fn unkept(error: &StoreError) -> Failure {
    let because = Trouble::CheckpointUnavailable { cause: why::store(error) };
    failure(FailureClass::Internal, because, Advice::CheckStore)
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
