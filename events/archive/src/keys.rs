//! The keys of what people have said, beside the archive: an object that is written anew, and never a segment, so that it forgets what
//! is destroyed. Whoever restores opens with it what was not erased.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use trainyard_bus::{Bus, EventLog, KeptKey};
use trainyard_events::{Entry, Recorded};
use trainyard_store::{Store, StoreError};

use crate::{ArchiveError, Chain, Fault};

const KEYS: &str = "archive/keys.json";
/// Room for two million keys.
const KEYS_BYTES: u64 = 512 * 1024 * 1024;

/// By name, in hex; of those that are destroyed nothing but that.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Keys(BTreeMap<String, String>);

/// Writes the keys as they are now, if they are others than those that were written.
pub async fn keep_keys(bus: &Bus, store: &Store) -> Result<(), ArchiveError> {
    let all = bus.said().all().await?;
    let now = Keys(all.into_iter().map(|kept| (kept.name, hex::encode(kept.key))).collect());
    if load(store).await?.is_some_and(|before| before == now) {
        return Ok(());
    }
    let bytes = serde_json::to_vec(&now).expect("keys are plain data, which always serialises");
    store.put_bytes(KEYS, bytes.into()).await?;
    Ok(())
}

/// Puts the keys of the archive into a new bucket, before what they open is there. What the archive says is erased stays so, however
/// old the copy of its keys is; how many of the others are not there, which read as erased from then on.
pub async fn put_keys_back(bus: &Bus, store: &Store) -> Result<u64, ArchiveError> {
    let present = bus.log().last_sequence().await?;
    if present > 0 {
        return Err(ArchiveError::NotEmpty(present));
    }
    let Keys(kept) = load(store).await?.unwrap_or_default();
    let (needed, erasures) = needed(store).await?;
    let names: BTreeSet<&String> = kept.keys().chain(&needed).collect();
    let mut lost = 0;
    for name in names {
        let broken = |error| Fault::of(KEYS, format!("the key {name} cannot be read: {error}"));
        let key = kept.get(name).map(hex::decode).transpose().map_err(broken)?;
        let mut one = KeptKey { name: name.clone(), key: key.clone().unwrap_or_default() };
        if erasures.iter().any(|erasure| one.is_erased_by(erasure)) {
            one.key.clear();
        } else if key.is_none() {
            lost += 1;
        }
        bus.said().put_back(one).await?;
    }
    Ok(lost)
}

/// The keys that something in the archive is sealed with, and what erases some of it.
async fn needed(store: &Store) -> Result<(BTreeSet<String>, Vec<Recorded>), ArchiveError> {
    let chain = Chain::load(store).await?;
    let (mut needed, mut erasures) = (BTreeSet::new(), Vec::new());
    for place in 0..chain.links().len() {
        for raw in chain.checked(store, place).await?.messages {
            let Entry::Event(recorded) = raw.entry() else { continue };
            needed.extend(KeptKey::name_in(&recorded));
            if KeptKey::erases(&recorded) {
                erasures.push(*recorded);
            }
        }
    }
    Ok((needed, erasures))
}

async fn load(store: &Store) -> Result<Option<Keys>, ArchiveError> {
    let bytes = match store.get_bytes(KEYS, KEYS_BYTES).await {
        Err(StoreError::Missing { .. }) => return Ok(None),
        outcome => outcome?,
    };
    let broken = |error: serde_json::Error| Fault::of(KEYS, format!("cannot be read: {error}"));
    Ok(Some(serde_json::from_slice(&bytes).map_err(broken)?))
}
