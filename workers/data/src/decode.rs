//! Bytes to pixels: the one decode function of training, validation and prediction.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};
use trainyard_events::limits::IMAGE_PIXELS;
use trainyard_events::reason::{Cause, Contents, Flaw, Picture};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::limits::IMAGE_SIDE;

/// RGB, 8 bits a channel, upright by its EXIF orientation. Alpha is laid over white; 16 bits are scaled to 8, by the
/// `sample_bits` of them that the set uses where it does not use all ([`crate::manifest::Header::sample_bits`]).
/// A size beyond the limit is refused from the header, before memory is taken.
pub fn decode(bytes: &[u8], sample_bits: Option<u32>) -> Result<RgbImage, Flaw> {
    decode_turned(bytes).map(|(image, _)| of_bits(image, sample_bits))
}

/// What is stored, upright, and whether the EXIF orientation turned or mirrored it.
pub(crate) fn decode_turned(bytes: &[u8]) -> Result<(DynamicImage, bool), Flaw> {
    let (mut image, orientation) = match kind(bytes)? {
        Kind::Jpeg => decode_jpeg(bytes)?,
        Kind::Other(format) => decode_other(bytes, format)?,
    };
    let is_turned = orientation != Orientation::NoTransforms;
    if is_turned {
        image.apply_orientation(orientation);
    }
    Ok((image, is_turned))
}

/// Eight bits a channel of an image whose 16-bit samples use so many bits: 10 and 12, as many cameras write them, are
/// nearly black otherwise.
pub(crate) fn of_bits(mut image: DynamicImage, sample_bits: Option<u32>) -> RgbImage {
    if let Some(bits) = sample_bits.filter(|bits| (1..u16::BITS).contains(bits)) {
        match &mut image {
            DynamicImage::ImageLuma16(image) => spread(image, (1, 1), bits),
            DynamicImage::ImageLumaA16(image) => spread(image, (2, 1), bits),
            DynamicImage::ImageRgb16(image) => spread(image, (3, 3), bits),
            DynamicImage::ImageRgba16(image) => spread(image, (4, 3), bits),
            _ => {}
        }
    }
    flatten(image)
}

/// Of `channels` samples a pixel, brings the first `colours` from `bits` bits to 16.
fn spread(samples: &mut [u16], (channels, colours): (usize, usize), bits: u32) {
    let (most, whole) = ((1u32 << bits) - 1, u32::from(u16::MAX));
    for pixel in samples.chunks_exact_mut(channels) {
        for sample in &mut pixel[..colours] {
            *sample = ((u32::from(*sample).min(most) * whole + most / 2) / most) as u16;
        }
    }
}

pub(crate) enum Kind {
    Jpeg,
    Other(ImageFormat),
}

/// By the first bytes; names on disk lie.
pub(crate) fn kind(bytes: &[u8]) -> Result<Kind, Flaw> {
    let is = |magic: &[u8]| bytes.starts_with(magic);
    match bytes {
        [] => Err(Flaw::EmptyFile),
        _ if is(b"\xff\xd8\xff") => Ok(Kind::Jpeg),
        _ if is(b"\x89PNG\r\n\x1a\n") => Ok(Kind::Other(ImageFormat::Png)),
        _ if is(b"BM") && bytes.len() > 26 => Ok(Kind::Other(ImageFormat::Bmp)),
        _ if is(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Ok(Kind::Other(ImageFormat::WebP)),
        _ if is(b"GIF8") => Err(Flaw::NotReadHere { picture: Picture::Gif }),
        _ if is(b"II*\0") || is(b"MM\0*") => Err(Flaw::NotReadHere { picture: Picture::Tiff }),
        _ if bytes.get(4..8) == Some(b"ftyp") => Err(Flaw::NotReadHere { picture: Picture::Heic }),
        _ if is(b"%PDF") => Err(Flaw::NotAnImage { holds: Contents::Pdf }),
        _ if is(b"PK\x03\x04") => Err(Flaw::NotAnImage { holds: Contents::Zip }),
        _ if bytes
            .iter()
            .take(512)
            .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..)) =>
        {
            Err(Flaw::NotAnImage { holds: Contents::Text })
        }
        _ => Err(Flaw::NotAnImage { holds: Contents::Unknown }),
    }
}

/// What the name of an image ends with, by its first bytes; `None` where it is none that is read.
pub fn ending(head: &[u8]) -> Option<&'static str> {
    match kind(head).ok()? {
        Kind::Jpeg => Some("jpg"),
        Kind::Other(format) => format.extensions_str().first().copied(),
    }
}

/// Whether the first bytes are those of an image that is read, or of one that is reported.
pub(crate) fn is_known_image(head: &[u8]) -> bool {
    matches!(kind(head), Ok(_) | Err(Flaw::NotReadHere { .. }))
}

fn check_size(width: u32, height: u32) -> Result<(), Flaw> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > IMAGE_PIXELS || width > IMAGE_SIDE || height > IMAGE_SIDE {
        return Err(Flaw::TooManyPixels { width, height, megapixels: IMAGE_PIXELS / 1_000_000 });
    }
    if pixels == 0 {
        return Err(Flaw::Damaged { cause: Cause::NoPixels });
    }
    Ok(())
}

fn decode_jpeg(bytes: &[u8]) -> Result<(DynamicImage, Orientation), Flaw> {
    let damaged =
        |error: zune_jpeg::errors::DecodeErrors| Flaw::Damaged { cause: Cause::said(format!("{error:?}")) };
    let options = DecoderOptions::new_fast()
        .set_max_width(IMAGE_SIDE as usize)
        .set_max_height(IMAGE_SIDE as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let info = decoder.info().ok_or(Flaw::Damaged { cause: Cause::NoHeader })?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    check_size(width, height)?;
    // The decoder fills what is missing with grey and calls that success.
    if !has_end_marker(bytes) {
        return Err(Flaw::CutOff);
    }
    let pixels = decoder.decode().map_err(damaged)?;
    let orientation = decoder
        .exif()
        .and_then(|exif| Orientation::from_exif_chunk(exif))
        .unwrap_or(Orientation::NoTransforms);
    let image = RgbImage::from_raw(width, height, pixels)
        .ok_or(Flaw::Damaged { cause: Cause::SizeAndPixelsDiffer })?;
    Ok((DynamicImage::ImageRgb8(image), orientation))
}

/// Whether the end-of-image marker follows the first scan. Inside a scan an `ff` of data is always followed by
/// `00`, so the marker cannot be data; before it, a thumbnail may hold one, so header segments are stepped over.
fn has_end_marker(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([high, low]));
        match marker {
            // From the end, where it nearly always is.
            0xda => return bytes[at..].windows(2).rev().any(|pair| pair == [0xff, 0xd9]),
            0xff => at += 1,
            _ => at += 2 + length,
        }
    }
    // Segments that do not follow each other: let the decoder judge.
    at < bytes.len()
}

fn decode_other(bytes: &[u8], format: ImageFormat) -> Result<(DynamicImage, Orientation), Flaw> {
    let mut decoder =
        ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(from_image)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder).map_err(from_image)?, orientation))
}

fn from_image(error: image::ImageError) -> Flaw {
    match &error {
        image::ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => Flaw::CutOff,
        _ => Flaw::Damaged { cause: Cause::said(error.to_string()) },
    }
}

pub(crate) fn flatten(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    for (from, to) in rgba.pixels().zip(rgb.pixels_mut()) {
        let alpha = u32::from(from[3]);
        for channel in 0..3 {
            to[channel] = ((u32::from(from[channel]) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    rgb
}
