//! One reading of an image file: its hash, and what its pixels are.

use image::RgbImage;
use sha2::{Digest, Sha256};
use trainyard_events::reason::Flaw;

use crate::decode::{decode_turned, of_bits};
use crate::light::Light;
use crate::limits::IMAGE_FILE_BYTES;
use crate::near::fingerprint;
use crate::root::{File, Listing};

/// What a file taught that decodes as an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub sha256: [u8; 32],
    pub bytes: u64,
    /// In pixels, upright.
    pub width: u32,
    pub height: u32,
    /// Whether its EXIF orientation turned or mirrored it.
    pub is_turned: bool,
    pub is_grey: bool,
    pub light: Light,
    /// To find what looks alike; of an image with hardly anything in it, none.
    pub fingerprint: Option<u64>,
}

pub fn look(listing: &Listing, file: &File) -> Result<Seen, Flaw> {
    let bytes = listing.bytes(file, IMAGE_FILE_BYTES)?;
    let (stored, is_turned) = decode_turned(&bytes)?;
    let light = Light::of(&stored);
    // What it looks like, whatever the others use.
    let image = of_bits(stored, light.is_deep.then(|| light.bits()));
    Ok(Seen {
        sha256: Sha256::digest(&bytes).into(),
        bytes: bytes.len() as u64,
        width: image.width(),
        height: image.height(),
        is_turned,
        is_grey: is_grey(&image),
        light,
        fingerprint: fingerprint(&image),
    })
}

fn is_grey(image: &RgbImage) -> bool {
    image.as_raw().as_chunks::<3>().0.iter().all(|[red, green, blue]| red == green && green == blue)
}
