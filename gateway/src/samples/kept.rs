//! Samples as they lie in the store: an image, and beside it what was answered, by the hash of the image.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use tracing::warn;
use trainyard_api::registry::Sample;
use trainyard_events::limits::{IMAGE_BYTES, SAMPLES, SAMPLES_BYTES};
use trainyard_store::{Listed, Store, StoreError, sample_key, samples_of};
use trainyard_views::ModelRow;
use uuid::Uuid;

/// Answers that are read at a time for a list.
const READ_AT_ONCE: usize = 16;
/// What a model says of one image is less.
const ANSWER_BYTES: u64 = 16 << 20;
/// What the name of an answer ends with; before it stands that of its image.
pub(super) const ANSWER: &str = ".json";

/// What lies in the store of one image.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) sha256: String,
    bytes: u64,
    written_s: i64,
    /// Without it, it is the rest of something that was cut off.
    has_answer: bool,
}

/// Of all gateways, the newest first.
pub(super) async fn listed(store: &Store, model: Uuid) -> Result<Vec<Kept>, StoreError> {
    let (prefix, mut page, mut objects) = (samples_of(model), None, Vec::new());
    loop {
        let listed = store.list(&prefix, page).await?;
        objects.extend(listed.objects);
        page = listed.next;
        if page.is_none() {
            return Ok(by_image(&prefix, objects));
        }
    }
}

fn by_image(prefix: &str, objects: Vec<Listed>) -> Vec<Kept> {
    let mut images: BTreeMap<String, Kept> = BTreeMap::new();
    for Listed { key, bytes, written_s } in objects {
        let Some(name) = key.strip_prefix(prefix) else { continue };
        let sha256 = name.strip_suffix(ANSWER).unwrap_or(name);
        let new = || Kept { sha256: sha256.to_owned(), bytes: 0, written_s, has_answer: false };
        let image = images.entry(sha256.to_owned()).or_insert_with(new);
        image.bytes += bytes;
        image.written_s = image.written_s.max(written_s);
        image.has_answer |= name != sha256;
    }
    let mut images: Vec<Kept> = images.into_values().collect();
    images.sort_by(|a, b| b.written_s.cmp(&a.written_s).then_with(|| a.sha256.cmp(&b.sha256)));
    images
}

/// Those beyond the limits, and those that were deleted without having left.
pub(super) fn surplus(newest_first: &[Kept], deleted_s: i64) -> impl Iterator<Item = &Kept> {
    let (mut images, mut bytes) = (0, 0);
    newest_first.iter().filter(move |image| {
        (images, bytes) = (images + 1, bytes + image.bytes);
        images > SAMPLES || bytes > SAMPLES_BYTES || image.written_s < deleted_s
    })
}

/// The answer first: without it, nobody sees the image.
pub(super) async fn delete(store: &Store, model: Uuid, sha256: &str) -> Result<(), StoreError> {
    store.delete(&sample_key(model, &format!("{sha256}{ANSWER}"))?).await?;
    store.delete(&sample_key(model, sha256)?).await
}

/// Takes all of a model out of the store.
pub(crate) async fn delete_all(store: &Store, model: Uuid) -> Result<(), StoreError> {
    let all = stream::iter(listed(store, model).await?).map(Ok);
    all.try_for_each_concurrent(
        READ_AT_ONCE,
        |image| async move { delete(store, model, &image.sha256).await },
    )
    .await
}

/// The newest first, `limit` at most, and how many there are. One that leaves meanwhile is left out.
pub(crate) async fn list(
    store: &Store,
    row: &ModelRow,
    limit: usize,
) -> Result<(Vec<Sample>, usize), StoreError> {
    let all = listed(store, row.id).await?;
    let told: Vec<String> =
        all.into_iter().filter(|image| image.has_answer).map(|image| image.sha256).collect();
    let count = told.len();
    let of_list = told.into_iter().take(limit);
    let reading = stream::iter(of_list.map(|sha256| async move { sample(store, row, &sha256).await }));
    let read: Vec<Option<Sample>> = reading.buffered(READ_AT_ONCE).try_collect().await?;
    let gone = read.iter().filter(|sample| sample.is_none()).count();
    Ok((read.into_iter().flatten().collect(), count - gone))
}

/// What is known of one; `None` where there is none, or none any more.
async fn sample(store: &Store, row: &ModelRow, sha256: &str) -> Result<Option<Sample>, StoreError> {
    // What is no name of anything is the name of no sample.
    let Ok(key) = sample_key(row.id, &format!("{sha256}{ANSWER}")) else { return Ok(None) };
    let told = match store.get_bytes(&key, ANSWER_BYTES).await {
        Ok(told) => told,
        Err(StoreError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let sample: Sample = match serde_json::from_slice(&told) {
        Ok(sample) => sample,
        Err(error) => {
            warn!(%error, key, "what a model answered is not as it was written");
            return Ok(None);
        }
    };
    Ok(Some(sample).filter(|sample| row.samples_deleted_at.is_none_or(|deleted| sample.at > deleted)))
}

/// Its image, as it was sent.
pub(crate) async fn image(store: &Store, row: &ModelRow, sha256: &str) -> Result<Option<Bytes>, StoreError> {
    if sample(store, row, sha256).await?.is_none() {
        return Ok(None);
    }
    match store.get_bytes(&sample_key(row.id, sha256)?, IMAGE_BYTES as u64).await {
        Ok(image) => Ok(Some(image)),
        Err(StoreError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_and_its_answer_are_one_and_the_newest_come_first() {
        let object =
            |name: &str, bytes, written_s| Listed { key: format!("samples/m/{name}"), bytes, written_s };
        let objects = vec![
            object("a", 100, 5),
            object("a.json", 10, 6),
            object("b", 100, 7),
            object("b.json", 10, 9),
            object("c", 100, 8),
            Listed { key: "samples/other/d".to_owned(), bytes: 1, written_s: 99 },
        ];
        let kept: Vec<_> = by_image("samples/m/", objects)
            .into_iter()
            .map(|image| (image.sha256, image.bytes, image.written_s, image.has_answer))
            .collect();
        let expected = [("b", 110, 9, true), ("c", 100, 8, false), ("a", 110, 6, true)];
        assert_eq!(kept, expected.map(|(of, bytes, at, told)| (of.to_owned(), bytes, at, told)));
    }

    #[test]
    fn the_oldest_leave_when_there_are_too_many_or_too_large_ones_and_what_was_deleted_leaves() {
        let kept = |count: usize, bytes| -> Vec<Kept> {
            (0..count)
                .map(|age| Kept {
                    sha256: age.to_string(),
                    bytes,
                    written_s: 10_000 - age as i64,
                    has_answer: true,
                })
                .collect()
        };
        let leaving = |kept: &[Kept], deleted_s| -> Vec<String> {
            surplus(kept, deleted_s).map(|image| image.sha256.clone()).collect()
        };
        assert!(leaving(&kept(SAMPLES, 1), 0).is_empty());
        assert_eq!(leaving(&kept(SAMPLES + 2, 1), 0), [SAMPLES.to_string(), (SAMPLES + 1).to_string()]);
        assert_eq!(leaving(&kept(4, SAMPLES_BYTES / 3), 0), ["3"]);
        assert_eq!(leaving(&kept(4, 1), 9_999), ["2", "3"]);
    }
}
