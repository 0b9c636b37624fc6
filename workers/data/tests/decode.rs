//! One decode function, every encoding: the same picture must come out (`fixtures/make.py` says how it was made).

use std::path::PathBuf;

use trainyard_data::decode::decode;
use trainyard_events::reason::Flaw;
use trainyard_words::english;

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

const COLOURS: [[u8; 3]; 4] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]];
const GREYS: [[u8; 3]; 4] = [[76; 3], [149; 3], [29; 3], [255; 3]];

/// Decodes a fixture and looks at the middle of each quarter.
fn check(name: &str, expected: [[u8; 3]; 4], tolerance: u8) {
    let image = decode(&fixture(name), None).unwrap_or_else(|flaw| panic!("{name} {flaw:?}"));
    assert_eq!(image.dimensions(), (32, 24), "{name}");
    for ((x, y), expected) in [(8, 6), (24, 6), (8, 18), (24, 18)].into_iter().zip(expected) {
        let found = image.get_pixel(x, y).0;
        let close = found.iter().zip(expected).all(|(&a, b)| a.abs_diff(b) <= tolerance);
        assert!(close, "{name} at ({x}, {y}): {found:?}, expected {expected:?}");
    }
}

#[test]
fn every_encoding_gives_the_same_picture() {
    for name in ["rgb.png", "palette.png", "rgb.bmp", "lossless.webp", "alpha.png", "alpha.webp"] {
        check(name, COLOURS, 0);
    }
    for name in ["rgb.jpg", "subsampled.jpg", "progressive.jpg", "lossy.webp"] {
        check(name, COLOURS, 8);
    }
    check("cmyk.jpg", COLOURS, 16);
    check("grey.png", GREYS, 1);
    check("grey16.png", GREYS, 1);
    check("grey.jpg", GREYS, 3);
}

#[test]
fn pictures_are_turned_upright() {
    for orientation in 2..=8 {
        check(&format!("orientation{orientation}.jpg"), COLOURS, 8);
    }
    check("orientation6.png", COLOURS, 0);
    check("orientation6.webp", COLOURS, 0);
}

#[test]
fn a_cut_off_file_is_never_an_image() {
    for name in [
        "rgb.jpg",
        "progressive.jpg",
        "orientation6.jpg",
        "rgb.png",
        "grey16.png",
        "lossless.webp",
        "rgb.bmp",
    ] {
        let whole = fixture(name);
        for part in [1, 3, 6, 9] {
            let cut = &whole[..whole.len() * part / 10];
            assert!(decode(cut, None).is_err(), "{name} cut to {} of {} bytes", cut.len(), whole.len());
        }
    }
}

/// A PNG that claims a size, with nothing behind it.
fn claiming_png(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let crc = chunk.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    });
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    png.extend(&chunk);
    png.extend((!crc).to_be_bytes());
    png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    png
}

#[test]
fn a_huge_claim_is_refused_from_the_header() {
    assert_eq!(
        decode(&claiming_png(60_000, 60_000), None).unwrap_err(),
        Flaw::TooManyPixels { width: 60_000, height: 60_000, megapixels: 50 }
    );
    // The frame header of a JPEG: height, then width.
    let mut jpeg = fixture("rgb.jpg");
    let at = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[at + 5..at + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert_eq!(
        decode(&jpeg, None).unwrap_err(),
        Flaw::TooManyPixels { width: 60_000, height: 60_000, megapixels: 50 }
    );
}

#[test]
fn what_is_no_image_is_said_to_be_what_it_is() {
    for (bytes, words) in [
        (&b""[..], "empty"),
        (b"hello, this is text", "holds text"),
        (b"GIF89a\x01\0\x01\0", "a GIF"),
        (b"II*\0\x08\0\0\0", "a TIFF"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04\x14", "a ZIP archive"),
        (b"\0\0\0\x20ftypheic", "HEIC"),
        (b"\x00\x01\x02\x03", "no known image format"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "is "),
    ] {
        let text = english(&decode(bytes, None).unwrap_err());
        assert!(text.contains(words), "{bytes:?}: {text}");
    }
}
