//! Addresses that people write for a dataset: what a worker fetches from elsewhere, and does not read where it lies.

use serde::{Deserialize, Serialize};

use crate::dataset::DatasetSource;
use crate::limits::ADDRESS_CHARS;
use crate::results::Artifact;

/// Where a dataset lies, as a registration says it: what readers of every release know. What is fetched says `path`, and
/// beside it from where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Place {
    /// A folder that every worker sees under the dataset's path.
    #[default]
    Path,
    /// Files in the store, one by one: `list` names them, a line of JSON each.
    Files { list: Artifact },
}

impl Place {
    pub(crate) fn is_path(&self) -> bool {
        *self == Place::Path
    }
}

/// Where a worker fetches a dataset from when it looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Remote {
    /// An archive at an address.
    Archive {
        url: String,
        /// What it has to be, where that was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// Objects below `prefix/` in a bucket of somebody's, or the one object of that key, which is an archive.
    Bucket {
        bucket: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        prefix: String,
        /// Of an archive: what it has to be, where that was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
}

impl DatasetSource {
    /// As a registration says it.
    pub fn written(&self) -> (Place, Option<Remote>) {
        match self.clone() {
            DatasetSource::Path => (Place::Path, None),
            DatasetSource::Files { list } => (Place::Files { list }, None),
            DatasetSource::Archive { url, sha256 } => (Place::Path, Some(Remote::Archive { url, sha256 })),
            DatasetSource::Bucket { bucket, prefix, sha256 } => {
                (Place::Path, Some(Remote::Bucket { bucket, prefix, sha256 }))
            }
        }
    }

    /// What a registration says.
    pub fn read(place: &Place, remote: &Option<Remote>) -> DatasetSource {
        match (remote.clone(), place.clone()) {
            (Some(Remote::Archive { url, sha256 }), _) => DatasetSource::Archive { url, sha256 },
            (Some(Remote::Bucket { bucket, prefix, sha256 }), _) => {
                DatasetSource::Bucket { bucket, prefix, sha256 }
            }
            (None, Place::Files { list }) => DatasetSource::Files { list },
            (None, Place::Path) => DatasetSource::Path,
        }
    }

    /// What an address names: `https://...` an archive, `s3://bucket/prefix` objects. `None` for what is no address, such as a
    /// path. Whether it may be fetched from is for the worker to say.
    pub fn at(address: &str, sha256: Option<String>) -> Option<DatasetSource> {
        let (scheme, rest) = address.split_once("://")?;
        match scheme {
            "https" | "http" => Some(DatasetSource::Archive { url: address.to_owned(), sha256 }),
            "s3" => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                let (bucket, prefix) = (bucket.to_owned(), prefix.trim_end_matches('/').to_owned());
                Some(DatasetSource::Bucket { bucket, prefix, sha256 })
            }
            _ => None,
        }
    }

    /// Where it is fetched from, as people write it; `None` where it is not fetched.
    pub fn address(&self) -> Option<String> {
        match self {
            DatasetSource::Path | DatasetSource::Files { .. } => None,
            DatasetSource::Archive { url, .. } => Some(url.clone()),
            DatasetSource::Bucket { bucket, prefix, .. } if prefix.is_empty() => {
                Some(format!("s3://{bucket}"))
            }
            DatasetSource::Bucket { bucket, prefix, .. } => Some(format!("s3://{bucket}/{prefix}")),
        }
    }

    /// Whether it can be fetched at all. The log keeps addresses for ever: one with a password in it is none.
    pub fn is_sound(&self) -> bool {
        let fits = |address: String| {
            address.chars().count() <= ADDRESS_CHARS
                && !address.contains(|letter: char| letter.is_control() || letter.is_whitespace())
        };
        let is_hash = |hash: &String| {
            hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        match self {
            DatasetSource::Path | DatasetSource::Files { .. } => true,
            DatasetSource::Archive { url, sha256 } => {
                let rest =
                    url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
                let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
                !host.is_empty() && !host.contains('@') && sha256.iter().all(is_hash) && fits(url.clone())
            }
            DatasetSource::Bucket { bucket, prefix, sha256 } => {
                let is_bucket = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
                let is_part = |part: &str| !matches!(part, "." | "..");
                (3..=63).contains(&bucket.len())
                    && bucket.bytes().all(is_bucket)
                    && prefix.split('/').all(is_part)
                    && sha256.iter().all(is_hash)
                    && self.address().is_some_and(|address| address.chars().count() <= ADDRESS_CHARS)
                    && !prefix.contains(char::is_control)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_it_says_and_a_path_is_none() {
        let bucket = |bucket: &str, prefix: &str| {
            Some(DatasetSource::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned(), sha256: None })
        };
        let archive = |url: &str| Some(DatasetSource::Archive { url: url.to_owned(), sha256: None });
        for (address, source) in [
            ("https://example.com/a.zip", archive("https://example.com/a.zip")),
            ("s3://photos/line 3/", bucket("photos", "line 3")),
            ("s3://photos", bucket("photos", "")),
            ("/data/a.zip", None),
            ("data", None),
            ("hf://a/b/c", None),
            ("file:///etc/passwd", None),
        ] {
            assert_eq!(DatasetSource::at(address, None), source, "{address}");
        }
    }

    #[test]
    fn a_source_is_read_as_it_was_written() {
        let list =
            Artifact { role: "files".to_owned(), key: "k".to_owned(), sha256: "ab".to_owned(), bytes: 1 };
        let at = |address: &str| DatasetSource::at(address, Some("ab".repeat(32))).expect("an address");
        for source in [
            DatasetSource::Path,
            DatasetSource::Files { list },
            at("https://example.com/a.zip"),
            at("s3://photos/line-3"),
        ] {
            let (place, remote) = source.written();
            assert_eq!(DatasetSource::read(&place, &remote), source);
            // A row has the one form that both together say.
            if let Some(remote) = remote {
                let json = serde_json::to_value(&remote).expect("plain data");
                assert_eq!(serde_json::from_value::<DatasetSource>(json).expect("a source"), source);
            }
        }
    }

    #[test]
    fn what_cannot_be_fetched_or_holds_a_password_is_not_sound() {
        let sound = |address: &str| DatasetSource::at(address, None).expect("an address").is_sound();
        for good in [
            "https://example.com/a.zip?x=@",
            "https://[2001:db8::1]:8443/a",
            "s3://photos/사진/3호기",
            "s3://abc",
        ] {
            assert!(sound(good), "{good}");
        }
        let long = format!("https://example.com/{}", "x".repeat(ADDRESS_CHARS));
        for bad in [
            "https://user:password@example.com/a.zip",
            "https://",
            "https:///a.zip",
            "https://example.com/a b.zip",
            "https://example.com/a\nb",
            "s3://",
            "s3:///x",
            "s3://a b/x",
            "s3://key:secret@bucket/x",
            "s3://photos/../x",
            &long,
        ] {
            assert!(!sound(bad), "{bad}");
        }
        let hashed = |hash: &str| {
            DatasetSource::at("https://a.example/x", Some(hash.to_owned())).expect("an address").is_sound()
        };
        assert!(hashed(&"0f".repeat(32)));
        assert!(!hashed("0f") && !hashed(&"0F".repeat(32)) && !hashed(""));
    }
}
