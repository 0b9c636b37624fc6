//! What reading the files of a dataset teaches: each image's size and content, and the content of all.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use trainyard_events::reason::Flaw;

use crate::data::decode::decode_turned;
use crate::failure::cause;
use crate::limits::IMAGE_FILE_BYTES;

/// What reading one image file taught.
pub struct Seen {
    /// SHA-256 of the file.
    pub content: [u8; 32],
    pub bytes: u64,
    /// Or what is wrong.
    pub image: Result<Picture, Flaw>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// In pixels, upright.
    pub width: u32,
    pub height: u32,
    pub is_grey: bool,
    /// Whether its EXIF orientation turned or mirrored it.
    pub is_turned: bool,
}

/// Reads and decodes one image file.
pub fn look(path: &Path) -> Seen {
    let failed = |flaw: Flaw| Seen { content: [0; 32], bytes: 0, image: Err(flaw) };
    match fs::metadata(path) {
        Ok(found) if found.len() > IMAGE_FILE_BYTES => {
            return failed(Flaw::LargerThanMib { mib: IMAGE_FILE_BYTES >> 20 });
        }
        Ok(_) => {}
        Err(error) => return failed(Flaw::Unreadable { cause: cause(&error) }),
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return failed(Flaw::Unreadable { cause: cause(&error) }),
    };
    let image = decode_turned(&bytes).map(|(image, is_turned)| {
        let is_grey = image.pixels().all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]);
        Picture { width: image.width(), height: image.height(), is_grey, is_turned }
    });
    Seen { content: Sha256::digest(&bytes).into(), bytes: bytes.len() as u64, image }
}

/// Over every file, images or not: its path, a zero byte, and the SHA-256 of its content (zeros if unreadable).
/// `known` are the files that were read already.
pub fn content_hash(root: &Path, files: &[String], known: &HashMap<&str, [u8; 32]>) -> String {
    let contents: Vec<[u8; 32]> = files
        .par_iter()
        .map(|path| known.get(path.as_str()).copied().unwrap_or_else(|| hash_file(&root.join(path))))
        .collect();
    let mut whole = Sha256::new();
    for (path, content) in files.iter().zip(contents) {
        whole.update(path.as_bytes());
        whole.update([0]);
        whole.update(content);
    }
    hex::encode(whole.finalize())
}

fn hash_file(path: &Path) -> [u8; 32] {
    let mut hash = Sha256::new();
    let read = fs::File::open(path).and_then(|mut file| {
        let mut part = vec![0; 1 << 16];
        loop {
            match file.read(&mut part)? {
                0 => return Ok(()),
                length => hash.update(&part[..length]),
            }
        }
    });
    if read.is_ok() { hash.finalize().into() } else { [0; 32] }
}

/// Smallest, median, largest.
pub fn spread(values: impl Iterator<Item = u32>) -> [u32; 3] {
    let mut values: Vec<u32> = values.collect();
    values.sort_unstable();
    match values[..] {
        [] => [0; 3],
        [first, ..] => [first, values[values.len() / 2], values[values.len() - 1]],
    }
}
