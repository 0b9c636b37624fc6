//! Where artifacts lie.

use uuid::Uuid;

use crate::StoreError;

const NAME_CHARS: usize = 200;

/// `jobs/<job>/<token>/<name>`: what an attempt that has lost its token writes is apart from what counts.
pub fn job_key(job: Uuid, token: u64, name: &str) -> Result<String, StoreError> {
    below(format!("jobs/{job}/{token}"), name)
}

/// `datasets/<dataset>/<inspection>/<name>`: what a look into a dataset has left.
pub fn dataset_key(dataset: Uuid, inspection: u64, name: &str) -> Result<String, StoreError> {
    below(format!("datasets/{dataset}/{inspection}"), name)
}

/// `datasets/<dataset>/manifests/<sha256>`: one version of a dataset, which never changes.
pub fn manifest_key(dataset: Uuid, sha256: &str) -> Result<String, StoreError> {
    below(format!("datasets/{dataset}/manifests"), sha256)
}

/// `blobs/<tenant>/<two digits>/<sha256>`: a file of a tenant's datasets, once, whatever it is called.
pub fn blob_key(tenant: &str, sha256: &str) -> Result<String, StoreError> {
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = sha256.get(..2).filter(|_| is_hash).ok_or_else(|| StoreError::BadName(sha256.to_owned()))?;
    below(format!("blobs/{tenant}/{digits}"), sha256)
}

/// `samples/<model>/<name>`: of an image that a model was asked about and that is kept for review.
pub fn sample_key(model: Uuid, name: &str) -> Result<String, StoreError> {
    below(format!("samples/{model}"), name)
}

/// What the keys of all that is kept of a model's questions begin with.
pub fn samples_of(model: Uuid) -> String {
    format!("samples/{model}/")
}

/// What the keys of all files of a tenant's datasets begin with.
pub fn blobs_of(tenant: &str) -> String {
    format!("blobs/{tenant}/")
}

fn below(folder: String, name: &str) -> Result<String, StoreError> {
    let sound = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            && !part.bytes().all(|byte| byte == b'.')
    };
    if name.len() > NAME_CHARS || !name.split('/').all(sound) {
        return Err(StoreError::BadName(name.to_owned()));
    }
    Ok(format!("{folder}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_below_its_attempt_or_its_inspection() {
        let id = Uuid::from_u128(7);
        for name in ["weights.safetensors", "checkpoint-12/model.bin", "a_b-c.1"] {
            assert_eq!(job_key(id, 42, name).unwrap(), format!("jobs/{id}/42/{name}"));
            assert_eq!(dataset_key(id, 42, name).unwrap(), format!("datasets/{id}/42/{name}"));
        }
        let long = "x".repeat(NAME_CHARS + 1);
        for name in ["", "..", "../x", "a/../../x", "/x", "x/", "a//b", "a b", "ä", "a\0", ".", "...", &long]
        {
            assert!(matches!(job_key(id, 42, name), Err(StoreError::BadName(_))), "{name:?}");
            assert!(matches!(dataset_key(id, 42, name), Err(StoreError::BadName(_))), "{name:?}");
        }
    }
}
