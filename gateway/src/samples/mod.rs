//! Images that models are asked about by their names, kept with what they answered for people to review: a share of them, so many at
//! most, and none unless somebody has asked for it. An image that is sent again is the same sample.

mod kept;

use bytes::Bytes;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tracing::warn;
use trainyard_api::predict::PredictAnswer;
use trainyard_api::registry::Sample;
use trainyard_events::model::Share;
use trainyard_store::{Store, StoreError, sample_key};
use trainyard_views::ModelRow;
use uuid::Uuid;

use crate::gateway::Gateway;
use crate::metrics::Metrics;
use kept::{ANSWER, delete, listed, surplus};
pub(crate) use kept::{delete_all, image, list};

/// Images that are being kept at a time; of those that come meanwhile, none is.
const AT_ONCE: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Keeps samples beside the answers, none of which waits for it.
pub(crate) struct Samples {
    turns: Semaphore,
    kept: Family<Outcome, Counter>,
}

/// Which model is asked, and how much of it is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sampling {
    pub(crate) model: Uuid,
    pub(crate) version: u32,
    pub(crate) share: Share,
    pub(crate) deleted_at: Option<OffsetDateTime>,
}

impl Sampling {
    /// `None` where nothing is kept.
    pub(crate) fn of(row: &ModelRow, version: u32) -> Option<Sampling> {
        let (model, share, deleted_at) = (row.id, row.sampling, row.samples_deleted_at);
        (f64::from(share) > 0.0).then_some(Sampling { model, version, share, deleted_at })
    }
}

impl Samples {
    pub(crate) fn register(metrics: &Metrics) -> Samples {
        let kept = Family::<Outcome, Counter>::default();
        let same = kept.clone();
        metrics.register(|registry| {
            registry.register(
                "model_samples",
                "Images drawn to be kept for review, by what became of them",
                same,
            );
        });
        Samples { turns: Semaphore::new(AT_ONCE), kept }
    }

    fn count(&self, outcome: &'static str) {
        self.kept.get_or_create(&Outcome { outcome }).inc();
    }
}

/// Keeps the image if it is drawn, beside the answer, which does not wait for it.
pub(crate) fn offer(gateway: &Gateway, sampling: Sampling, image: Bytes, answer: PredictAnswer) {
    let (gateway, at) = (gateway.clone(), (gateway.clock)());
    gateway.tasks.clone().spawn(async move {
        let Some(outcome) = draw(&gateway, sampling, image, answer, at).await else { return };
        let told = outcome.unwrap_or_else(|error| {
            warn!(%error, model = %sampling.model, "an image cannot be kept for review");
            "failed"
        });
        gateway.samples.count(told);
    });
}

/// What became of it; `None` if it is not drawn. The lot is the content's, so that it is the same for whoever asks again about it.
async fn draw(
    gateway: &Gateway,
    sampling: Sampling,
    image: Bytes,
    answer: PredictAnswer,
    at: OffsetDateTime,
) -> Option<Result<&'static str, String>> {
    let hashed = image.clone();
    let sha256 = match spawn_blocking(move || Sha256::digest(&hashed)).await {
        Ok(sha256) => sha256,
        Err(error) => return Some(Err(error.to_string())),
    };
    if !is_drawn(sha256.first_chunk().expect("a SHA-256 has 32 bytes"), sampling.share) {
        return None;
    }
    let Ok(_turn) = gateway.samples.turns.try_acquire() else { return Some(Ok("busy")) };
    let (sha256, bytes) = (hex::encode(sha256), image.len() as u64);
    let sample = Sample { sha256, bytes, version: sampling.version, at, answer };
    let kept = keep(&gateway.store, sampling, &sample, image).await;
    Some(kept.map(|()| "kept").map_err(|error| error.to_string()))
}

/// Whether the hash is of the share: by its first 53 bits, which a float has without rounding.
fn is_drawn(first: &[u8; 8], share: Share) -> bool {
    ((u64::from_be_bytes(*first) >> 11) as f64) < f64::from(share) * 2_f64.powi(53)
}

/// The image, then the answer, which makes it a sample; then those that there is no more room for leave.
async fn keep(store: &Store, sampling: Sampling, sample: &Sample, image: Bytes) -> Result<(), StoreError> {
    let model = sampling.model;
    let told = serde_json::to_vec(sample).expect("an answer is plain data");
    store.put_hashed(&sample_key(model, &sample.sha256)?, image, sample.sha256.clone()).await?;
    store.put_bytes(&sample_key(model, &format!("{}{ANSWER}", sample.sha256))?, told.into()).await?;
    let all = listed(store, model).await?;
    let deleted_s = sampling.deleted_at.map_or(i64::MIN, OffsetDateTime::unix_timestamp);
    for old in surplus(&all, deleted_s) {
        delete(store, model, &old.sha256).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(share: f64) -> Share {
        Share::try_from(share).expect("a share")
    }

    #[test]
    fn so_many_are_drawn_as_were_asked_for_and_the_same_ones_each_time() {
        let drawn = |of: f64| -> Vec<bool> {
            let lots = (0..10_000_u32).map(|image| Sha256::digest(image.to_le_bytes()));
            lots.map(|lot| is_drawn(lot.first_chunk().expect("32 bytes"), share(of))).collect()
        };
        let count = |of: f64| drawn(of).into_iter().filter(|drawn| *drawn).count();
        assert_eq!((count(0.0), count(1.0)), (0, 10_000));
        assert!((900..1_100).contains(&count(0.1)), "{}", count(0.1));
        assert!((40..160).contains(&count(0.01)), "{}", count(0.01));
        assert!(
            drawn(0.1).iter().zip(drawn(0.2)).all(|(few, more)| !few || more),
            "more is more of the same"
        );
        assert!(is_drawn(&[0xff; 8], share(1.0)), "all of it is all of it");
    }
}
