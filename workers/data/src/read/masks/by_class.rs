//! Pascal VOC's masks of classes beside its boxes: each object has what is of its class in its box.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use trainyard_events::dataset::FileProblem;

use super::pairs::{Pair, paired};
use super::palette::{Palette, VOID};
use super::parts;
use crate::mask::Rle;
use crate::names::Names;
use crate::read::classes::Classes;
use crate::read::draft::DraftLabel;
use crate::refusal::Refusal;

/// What the masks of a set say: of each image, where each of its classes is.
#[derive(Default)]
pub struct ByClass {
    of_image: HashMap<usize, Result<BTreeMap<usize, Rle>, FileProblem>>,
    /// Objects that share a mask with another, and the first image with some.
    pub shared: (u64, Option<String>),
}

impl ByClass {
    /// `used` are the classes of the objects of each image. `None` where nothing tells which class a value is: neither a
    /// list, nor that the numbers of all values in a mask are those of classes in its image.
    pub fn read(
        names: &Names,
        classes: &Classes,
        used: &HashMap<usize, Vec<usize>>,
    ) -> Result<Option<ByClass>, Refusal> {
        let palette = Palette::of(names)?;
        let class_of = |value: u32, in_colours: bool| match palette.is_empty() {
            true => (value as usize).checked_sub(1).filter(|class| *class < classes.len()),
            false => classes.find(palette.name_of(value, in_colours)?),
        };
        let (pairs, ..) = paired(names.listing);
        let pairs: Vec<Pair> = pairs.into_iter().filter(|pair| used.contains_key(&pair.image)).collect();
        let read: Vec<_> =
            pairs.into_par_iter().map(|pair| (pair.image, parts(names.listing, &pair, &palette))).collect();
        let mut by_class = ByClass::default();
        for (image, parts) in read {
            let mut masks = BTreeMap::new();
            let in_colours = parts.as_ref().is_ok_and(|parts| parts.in_colours);
            let found = parts.as_ref().ok().map(|parts| &parts.parts[..]).unwrap_or_default();
            for (value, mask) in found.iter().filter(|(value, _)| in_colours || *value != VOID) {
                match class_of(*value, in_colours) {
                    Some(class) if !palette.is_empty() || used[&image].contains(&class) => {
                        masks.insert(class, mask.clone());
                    }
                    _ if palette.is_empty() => return Ok(None),
                    // Of a class without an object: stuff, such as the sky.
                    _ => {}
                }
            }
            by_class.of_image.insert(image, parts.map(|_| masks));
        }
        Ok((!by_class.of_image.is_empty()).then_some(by_class))
    }

    /// The labels of an image with their masks. A pixel in two boxes of one class is the smaller's.
    pub fn share(
        &mut self,
        names: &Names,
        image: usize,
        mut labels: Vec<DraftLabel>,
    ) -> Result<Vec<DraftLabel>, FileProblem> {
        let Some(masks) = self.of_image.get(&image) else { return Ok(labels) };
        let masks = masks.as_ref().map_err(FileProblem::clone)?;
        let boxes: Vec<(usize, [f64; 4])> =
            labels.iter().filter_map(|label| Some((label.label.class, label.label.bounds?))).collect();
        let mut shared = 0;
        for label in &mut labels {
            let (class, Some(own)) = (label.label.class, label.label.bounds) else { continue };
            let Some(mask) = masks.get(&class) else { continue };
            let others: Vec<[f64; 4]> = boxes
                .iter()
                .filter(|(other, bounds)| *other == class && *bounds != own && overlap(own, *bounds))
                .map(|(_, bounds)| *bounds)
                .collect();
            shared += u64::from(!others.is_empty());
            let smaller: Vec<[f64; 4]> =
                others.into_iter().filter(|other| area(*other) < area(own)).collect();
            label.label.mask = within(mask, own, &smaller);
        }
        if shared > 0 {
            self.shared.0 += shared;
            self.shared.1.get_or_insert_with(|| names.name(image).to_owned());
        }
        Ok(labels)
    }
}

fn area([.., width, height]: [f64; 4]) -> f64 {
    width * height
}

fn overlap(one: [f64; 4], other: [f64; 4]) -> bool {
    let meet = |at: usize| one[at] < other[at] + other[at + 2] && other[at] < one[at] + one[at + 2];
    meet(0) && meet(1)
}

/// The part of a mask whose pixels lie in one box and in none of the others.
fn within(mask: &Rle, bounds: [f64; 4], without: &[[f64; 4]]) -> Option<Rle> {
    let [height, width] = mask.size;
    let holds = |[left, top, box_width, box_height]: [f64; 4], x: u32, y: u32| {
        let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        (left..left + box_width).contains(&x) && (top..top + box_height).contains(&y)
    };
    let pixels = mask.pixels();
    let inside = |x: u32, y: u32| {
        pixels[y as usize * width as usize + x as usize] == 1
            && holds(bounds, x, y)
            && !without.iter().any(|other| holds(*other, x, y))
    };
    Rle::of((width, height), 0..width, 0..height, inside)
}
