//! Images that look alike on both sides of a split: 64 comparisons of neighbouring grey values, alike but for a few.

use std::collections::HashMap;

use image::RgbImage;
use trainyard_events::dataset::FileProblem;
use trainyard_events::reason::{Caution, Flaw};

use crate::limits::{FINGERPRINT_BITS, NEAR_COMPARED, NEAR_PAIRS};
use crate::manifest::{Image, Split};
use crate::refusal::flawed;
use crate::resize::scaled_to;

/// Parts of a fingerprint: of those that differ in fewer bits than there are parts, one part is the same.
const PARTS: u32 = FINGERPRINT_BITS + 1;
/// Fingerprints with fewer ones or zeros are of images with hardly anything in them, which are all alike.
const ONES_MIN: u32 = 8;

/// Pairs of an image to train on and one that judges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NearDuplicates {
    pub pairs: u64,
    /// The first of them, by name.
    pub first: Vec<(String, String)>,
}

/// Each bit says whether a point is lighter than the one to its right, in eight rows of nine points.
pub fn fingerprint(image: &RgbImage) -> Option<u64> {
    let small = scaled_to(image, 9, 8);
    let light = |x: u32, y: u32| {
        let [red, green, blue] = small.get_pixel(x, y).0.map(u32::from);
        299 * red + 587 * green + 114 * blue
    };
    let lighter = |x: u32, y: u32| light(x, y) > light(x + 1, y);
    let bits = (0..8).flat_map(|y| (0..8).map(move |x| (x, y)));
    let print = bits.fold(0u64, |print, (x, y)| print << 1 | u64::from(lighter(x, y)));
    (ONES_MIN..=64 - ONES_MIN).contains(&print.count_ones()).then_some(print)
}

impl NearDuplicates {
    /// The same content is no pair here: that is told already.
    pub fn of(images: &[(&Image, Option<u64>)]) -> NearDuplicates {
        let mut trained: HashMap<(u32, u64), Vec<(&Image, u64)>> = HashMap::new();
        let prints = || images.iter().filter_map(|(image, print)| Some((*image, (*print)?)));
        for (image, print) in prints().filter(|(image, _)| image.split == Split::Train) {
            for part in parts(print) {
                let alike = trained.entry(part).or_default();
                if alike.len() < NEAR_COMPARED {
                    alike.push((image, print));
                }
            }
        }
        let mut found = NearDuplicates::default();
        for (image, print) in prints().filter(|(image, _)| image.split != Split::Train) {
            let mut near: Vec<&str> = parts(print)
                .filter_map(|part| trained.get(&part))
                .flatten()
                .filter(|(other, other_print)| {
                    (print ^ other_print).count_ones() <= FINGERPRINT_BITS && other.sha256 != image.sha256
                })
                .map(|(other, _)| other.name.as_str())
                .collect();
            near.sort_unstable();
            near.dedup();
            found.add(&near, &image.name);
        }
        found
    }

    fn add(&mut self, near: &[&str], judging: &str) {
        self.pairs += near.len() as u64;
        let room = NEAR_PAIRS.saturating_sub(self.first.len());
        self.first.extend(near.iter().take(room).map(|other| ((*other).to_owned(), judging.to_owned())));
    }

    pub fn caution(&self) -> Option<Caution> {
        let (path, other) = self.first.first()?.clone();
        Some(Caution::NearDuplicates { pairs: self.pairs, path, other })
    }
}

impl NearDuplicates {
    /// Each pair, at the image that judges.
    pub fn noted(&self) -> impl Iterator<Item = FileProblem> {
        self.first
            .iter()
            .map(|(trained, judging)| flawed(judging, vec![Flaw::LooksLike { path: trained.clone() }]))
    }
}

fn parts(print: u64) -> impl Iterator<Item = (u32, u64)> {
    let bits = 64 / PARTS;
    (0..PARTS).map(move |part| (part, print >> (part * bits) & ((1 << bits) - 1)))
}
