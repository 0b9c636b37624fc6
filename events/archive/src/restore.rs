//! An empty log made into the archived one.

use std::collections::HashMap;

use trainyard_bus::EventLog;
use trainyard_store::Store;

use crate::{ArchiveError, Chain};

/// Returns how many events were restored. Everything is read and compared before the first one is written.
pub async fn restore(log: &impl EventLog, store: &Store) -> Result<u64, ArchiveError> {
    let present = log.last_sequence().await?;
    if present > 0 {
        return Err(ArchiveError::NotEmpty(present));
    }
    let chain = Chain::load(store).await?;
    if chain.links().is_empty() {
        return Err(ArchiveError::Nothing);
    }
    chain.check(store).await?;
    let mut newest: HashMap<String, u64> = HashMap::new();
    for place in 0..chain.links().len() {
        for raw in chain.checked(store, place).await?.messages {
            let before = newest.entry(raw.subject.clone()).or_default();
            *before = log.put_back(&raw.entry(), *before).await?;
            if *before != raw.sequence {
                return Err(ArchiveError::Moved(raw.sequence));
            }
        }
    }
    Ok(chain.last())
}
