//! Reads the archive back, a segment at a time and all of them in turn, at a pace that leaves the store to others.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, stream};
use tracing::debug;
use trainyard_archive::{Archive, ArchiveError, Fault};
use trainyard_audit::{Finding, Rule};

/// From one segment to the next: of 32 MiB that is 3 MB a second, and a million events take a quarter of an hour.
const BETWEEN: Duration = Duration::from_secs(10);

/// What is damaged, each thing once.
pub(crate) fn faults(archive: Arc<Archive>) -> impl Stream<Item = Finding> {
    let rounds = (archive, 0, HashSet::new());
    stream::unfold(rounds, async |(archive, mut place, mut told)| {
        loop {
            tokio::time::sleep(BETWEEN).await;
            let looked = look(&archive, place).await;
            match looked {
                Ok(is_last) => place = if is_last { 0 } else { place + 1 },
                Err(ArchiveError::Damaged(fault)) => {
                    place += 1;
                    if told.insert(fault.key.clone()) {
                        return Some((finding(fault), (archive, place, told)));
                    }
                }
                Err(error) => debug!(%error, "the archive cannot be looked at now"),
            }
        }
    })
}

/// Looks at one segment; whether it was the last, or there is none.
async fn look(archive: &Archive, place: usize) -> Result<bool, ArchiveError> {
    let chain = archive.chain().await?;
    if place >= chain.links().len() {
        return Ok(true);
    }
    chain.checked(archive.store(), place).await?;
    Ok(place + 1 == chain.links().len())
}

fn finding(fault: Fault) -> Finding {
    Finding { rule: Rule::FileSame, sequence: fault.sequence.unwrap_or(0), of: None, said: fault.to_string() }
}
