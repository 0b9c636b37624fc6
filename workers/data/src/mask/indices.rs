//! A mask file as numbers: the index into its palette or its grey value, or a colour, of each pixel.

use std::collections::BTreeMap;
use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};
use trainyard_events::limits::IMAGE_PIXELS;
use trainyard_events::reason::{Cause, Flaw};

use super::Rle;

/// One number for each pixel, row by row. Of a mask in colours it is red, green and blue, eight bits each.
#[derive(Clone, Debug, PartialEq)]
pub struct Indices {
    pub width: u32,
    pub height: u32,
    pub values: Vec<u32>,
    pub in_colours: bool,
}

impl Indices {
    fn at(&self, x: u32, y: u32) -> u32 {
        self.values[y as usize * self.width as usize + x as usize]
    }

    /// Each value and where it is, in one walk down the columns; `None` when there are more than `limit`.
    pub fn parts(&self, limit: usize) -> Option<BTreeMap<u32, Rle>> {
        let mut stretches: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
        let mut at = 0u64;
        for x in 0..self.width {
            for y in 0..self.height {
                let of_value = stretches.entry(self.at(x, y)).or_default();
                match of_value.last_mut() {
                    Some(last) if last.1 == at => last.1 += 1,
                    _ => of_value.push((at, at + 1)),
                }
                at += 1;
            }
            if stretches.len() > limit {
                return None;
            }
        }
        let rle = |stretches| Rle::of_stretches(self.width, self.height, stretches);
        Some(stretches.into_iter().filter_map(|(value, stretches)| Some((value, rle(stretches)?))).collect())
    }
}

/// Only PNG keeps values; what was saved with loss is refused.
pub fn read_indices(bytes: &[u8]) -> Result<Indices, Flaw> {
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(Flaw::MaskLossy);
    }
    let damaged = |error: png::DecodingError| Flaw::Damaged { cause: Cause::said(error.to_string()) };
    let limits = Limits { bytes: IMAGE_PIXELS as usize * 8 };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    let (width, height) = (info.width, info.height);
    if u64::from(width) * u64::from(height) > IMAGE_PIXELS {
        return Err(Flaw::TooManyPixels { width, height, megapixels: IMAGE_PIXELS / 1_000_000 });
    }
    let (colour, depth) = (info.color_type, info.bit_depth as usize);
    let size = reader.output_buffer_size().ok_or(Flaw::Damaged { cause: Cause::NoPixels })?;
    let mut buffer = vec![0; size];
    let frame = reader.next_frame(&mut buffer).map_err(damaged)?;
    let mut values = Vec::with_capacity(width as usize * height as usize);
    for row in buffer.chunks_exact(frame.line_size).take(height as usize) {
        values.extend((0..width as usize).map(|x| value(row, x, colour, depth)));
    }
    if values.len() != width as usize * height as usize {
        return Err(Flaw::Damaged { cause: Cause::SizeAndPixelsDiffer });
    }
    let mut in_colours = matches!(colour, ColorType::Rgb | ColorType::Rgba);
    // Grey that was saved as colours is grey.
    if in_colours
        && values.iter().all(|value| value >> 16 == value & 0xff && value >> 8 & 0xff == value & 0xff)
    {
        values.iter_mut().for_each(|value| *value &= 0xff);
        in_colours = false;
    }
    Ok(Indices { width, height, values, in_colours })
}

fn value(row: &[u8], x: usize, colour: ColorType, depth: usize) -> u32 {
    let samples = colour.samples();
    let sample = |index: usize| -> u32 {
        let at = x * samples + index;
        match depth {
            16 => u32::from(row[at * 2]) << 8 | u32::from(row[at * 2 + 1]),
            8 => u32::from(row[at]),
            _ => {
                let bit = at * depth;
                u32::from(row[bit / 8]) >> (8 - depth - bit % 8) & ((1 << depth) - 1)
            }
        }
    };
    match colour {
        ColorType::Rgb | ColorType::Rgba => {
            let byte = |index| if depth == 16 { sample(index) >> 8 } else { sample(index) };
            byte(0) << 16 | byte(1) << 8 | byte(2)
        }
        _ => sample(0),
    }
}
