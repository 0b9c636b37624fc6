//! Which programs train here: the SHA-256 of each one's file, taken once as long as the file stays.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

/// What a job's facts call it, among what its trainer resolved.
pub(crate) const NOTE: &str = "trainer_sha256";

/// Read at once.
const PART_BYTES: usize = 1 << 20;

/// A file as it was when it was hashed: path, when it was changed, bytes.
type Seen = (PathBuf, SystemTime, u64);

#[derive(Debug, Default)]
pub(crate) struct Programs(Mutex<HashMap<Seen, String>>);

impl Programs {
    /// `None` of a file that cannot be read; nobody trains worse for it.
    pub(crate) async fn sha256(&self, program: &Path) -> Option<String> {
        let found = self.found(program).await;
        found.inspect_err(|error| tracing::warn!(%error, "the trainer's own file is not hashed")).ok()
    }

    async fn found(&self, program: &Path) -> io::Result<String> {
        let about = tokio::fs::metadata(program).await?;
        let seen = (program.to_owned(), about.modified()?, about.len());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&seen).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let path = program.to_owned();
        let hashing = tokio::task::spawn_blocking(move || {
            let (mut file, mut hash, mut part) =
                (std::fs::File::open(path)?, Sha256::new(), vec![0; PART_BYTES]);
            loop {
                match file.read(&mut part)? {
                    0 => return Ok::<_, io::Error>(hex::encode(hash.finalize())),
                    read => hash.update(&part[..read]),
                }
            }
        });
        let sha256 = hashing.await.map_err(io::Error::other)??;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(seen, sha256.clone());
        Ok(sha256)
    }
}
