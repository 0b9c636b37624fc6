//! What is known of an object, as it stands at the end of the object's file.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

/// After everything else: which form this is, so that another one can be told apart.
const MARK: &[u8; 8] = b"TYOBJ\0\0\x01";
/// The length of the JSON before it, in 4 bytes, and the mark.
pub(crate) const END_BYTES: usize = 4 + MARK.len();
/// A client may say 2 KiB of words of its own and as many in headers; this is more than both.
const JSON_BYTES_MAX: u32 = 256 * 1024;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Without its quotes.
    pub(crate) etag: String,
    #[serde(default)]
    pub(crate) described: Described,
    /// The upload in parts that it comes from: asked to complete it again, we know that we have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upload: Option<String>,
}

/// What the client has said of it, and gets back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Described {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
}

/// Of a Content-Encoding, what is the object's: how a request is cut into chunks is its own business.
pub(crate) fn own_encoding(said: Option<String>) -> Option<String> {
    let said = said?;
    let own: Vec<&str> =
        said.split(',').map(str::trim).filter(|it| !matches!(*it, "" | "aws-chunked")).collect();
    (!own.is_empty()).then(|| own.join(","))
}

impl About {
    /// As it is written after the content.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("plain structs of strings always serialize");
        let length = u32::try_from(bytes.len()).expect("headers are short");
        bytes.extend(length.to_le_bytes());
        bytes.extend(MARK);
        bytes
    }

    pub(crate) fn from_json(json: &[u8]) -> io::Result<About> {
        serde_json::from_slice(json).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// The length of the JSON, read from the last [`END_BYTES`] of a file.
pub(crate) fn json_bytes(end: [u8; END_BYTES]) -> io::Result<u32> {
    let (length, mark) = end.split_at(4);
    let length = length.try_into().map_or(u32::MAX, u32::from_le_bytes);
    if mark == MARK && length <= JSON_BYTES_MAX {
        Ok(length)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "this file is no object that this release has written",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_of_a_request_is_not_the_objects() {
        for (said, own) in [("aws-chunked", None), ("gzip,aws-chunked", Some("gzip")), ("gzip", Some("gzip"))]
        {
            assert_eq!(own_encoding(Some(said.to_owned())).as_deref(), own);
        }
    }
}
