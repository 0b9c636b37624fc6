//! One reading of an image file: its hash, its size from the header, and whether its end is there.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, ImageReader};
use sha2::{Digest, Sha256};
use trainyard_events::limits::IMAGE_PIXELS;
use trainyard_events::reason::{Cause, Contents, Flaw, Picture};

use crate::limits::{IMAGE_FILE_BYTES, IMAGE_SIDE};
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
}

pub fn look(listing: &Listing, file: &File) -> Result<Seen, Flaw> {
    let bytes = listing.bytes(file, IMAGE_FILE_BYTES)?;
    let Size { width, height, is_turned } = size(&bytes)?;
    let sha256 = Sha256::digest(&bytes).into();
    Ok(Seen { sha256, bytes: bytes.len() as u64, width, height, is_turned })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
    pub is_turned: bool,
}

/// From the header alone, turned as its EXIF orientation says.
pub fn size(bytes: &[u8]) -> Result<Size, Flaw> {
    let format = kind(bytes)?;
    let damaged = |error: image::ImageError| Flaw::Damaged { cause: Cause::said(error.to_string()) };
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > IMAGE_PIXELS || width.max(height) > IMAGE_SIDE {
        return Err(Flaw::TooManyPixels { width, height, megapixels: IMAGE_PIXELS / 1_000_000 });
    }
    if width == 0 || height == 0 {
        return Err(Flaw::Damaged { cause: Cause::NoPixels });
    }
    if !has_end(bytes, format) {
        return Err(Flaw::CutOff);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let swaps = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = if swaps { (height, width) } else { (width, height) };
    Ok(Size { width, height, is_turned: orientation != Orientation::NoTransforms })
}

/// By the first bytes; names on disk lie.
fn kind(bytes: &[u8]) -> Result<ImageFormat, Flaw> {
    let is = |magic: &[u8]| bytes.starts_with(magic);
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
    match bytes {
        [] => Err(Flaw::EmptyFile),
        _ if is(b"\xff\xd8\xff") => Ok(ImageFormat::Jpeg),
        _ if is(b"\x89PNG\r\n\x1a\n") => Ok(ImageFormat::Png),
        _ if is(b"BM") && bytes.len() > 26 => Ok(ImageFormat::Bmp),
        _ if is(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Ok(ImageFormat::WebP),
        _ if is(b"GIF8") => Err(Flaw::NotReadHere { picture: Picture::Gif }),
        _ if is(b"II*\0") || is(b"MM\0*") => Err(Flaw::NotReadHere { picture: Picture::Tiff }),
        _ if bytes.get(4..8) == Some(b"ftyp") => Err(Flaw::NotReadHere { picture: Picture::Heic }),
        _ if is(b"%PDF") => Err(Flaw::NotAnImage { holds: Contents::Pdf }),
        _ if is(b"PK\x03\x04") => Err(Flaw::NotAnImage { holds: Contents::Zip }),
        _ if bytes.iter().take(512).all(is_text) => Err(Flaw::NotAnImage { holds: Contents::Text }),
        _ => Err(Flaw::NotAnImage { holds: Contents::Unknown }),
    }
}

/// Whether the first bytes are those of an image that is read, or of one that is reported.
pub fn is_known_image(head: &[u8]) -> bool {
    matches!(kind(head), Ok(_) | Err(Flaw::NotReadHere { .. }))
}

/// Whether the file goes on to the mark that ends an image of its format.
fn has_end(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => jpeg_has_end(bytes),
        ImageFormat::Png => bytes.windows(4).rev().any(|part| part == b"IEND"),
        ImageFormat::WebP => {
            let said = bytes.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
            said.is_some_and(|length| bytes.len() as u64 >= u64::from(length))
        }
        _ => true,
    }
}

/// Inside a scan an `ff` of data is always followed by `00`, so the mark cannot be data; before it, a thumbnail may
/// hold one, so the segments of the header are stepped over.
fn jpeg_has_end(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        match marker {
            0xda => return bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9]),
            0xff => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    // Segments that do not follow each other: the decoder judged them already.
    at < bytes.len()
}
