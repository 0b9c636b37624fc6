//! From COCO's annotations to labels.

use std::collections::HashMap;

use serde_json::Value;
use trainyard_events::reason::{Flaw, Place};

use super::content::{Annotation, Counts, Segmentation};
use crate::limits::{IMAGE_LABELS, IMAGE_POINTS};
use crate::manifest::Label;
use crate::mask::{Rle, decode_coded};
use crate::read::draft::DraftLabel;

/// Those of one image. Captions have neither a box nor a shape, and are passed over.
pub fn labels(
    annotations: Vec<Annotation>,
    file: &str,
    classes: &HashMap<String, usize>,
    points: usize,
) -> Result<Vec<DraftLabel>, Flaw> {
    if annotations.len() > IMAGE_LABELS {
        let (boxes, limit) = (annotations.len() as u64, IMAGE_LABELS as u64);
        return Err(Flaw::TooManyBoxesIn { boxes, file: file.to_owned(), limit });
    }
    let mut labels = Vec::with_capacity(annotations.len());
    let mut left = IMAGE_POINTS;
    for annotation in annotations {
        let id = annotation.id.as_ref().and_then(super::Id::number);
        let place = Place::Annotation { id, file: file.to_owned() };
        let Some(category) = &annotation.category_id else { continue };
        let Some(&class) = classes.get(&category.key()) else {
            return Err(match category.number() {
                Some(category) => Flaw::UnknownCategory { place, category },
                None => Flaw::UnknownClass { place, class: category.key() },
            });
        };
        let label = label(&annotation, class, points, &place)?;
        let used = label.polygon.iter().flatten().map(|outline| outline.len() / 2).sum::<usize>();
        left = left.checked_sub(used).ok_or(Flaw::MorePointsThan { limit: IMAGE_POINTS as u64 })?;
        if !label.is_of_image() {
            labels.push(DraftLabel::pixels(label, place));
        }
    }
    Ok(labels)
}

fn label(annotation: &Annotation, class: usize, points: usize, place: &Place) -> Result<Label, Flaw> {
    let bounds = match annotation.bbox.as_deref() {
        None | Some([]) => None,
        Some(&[Some(x), Some(y), Some(width), Some(height)]) => Some([x, y, width, height]),
        Some(_) => return Err(Flaw::BoxNotFourNumbers { place: place.clone() }),
    };
    let mut label = Label { bounds, crowd: annotation.is_crowd(), ..Label::of_class(class) };
    let unusable = || Flaw::NumbersUnusable { place: place.clone() };
    match &annotation.segmentation {
        None => {}
        Some(Segmentation::Runs { counts, size }) => {
            label.mask = Some(runs(counts, *size, place)?);
        }
        Some(Segmentation::Outlines(outlines)) => {
            let outlines = outlines
                .iter()
                .filter(|outline| !outline.is_empty())
                .map(|outline| whole(outline).filter(|o| o.len() >= 6 && o.len().is_multiple_of(2)))
                .collect::<Option<Vec<_>>>()
                .ok_or_else(unusable)?;
            label.polygon = (!outlines.is_empty()).then_some(outlines);
        }
        Some(Segmentation::Outline(outline)) if outline.is_empty() => {}
        Some(Segmentation::Outline(outline)) => {
            let outline =
                whole(outline).filter(|outline| outline.len() >= 6 && outline.len().is_multiple_of(2));
            label.polygon = Some(vec![outline.ok_or_else(unusable)?]);
        }
        Some(Segmentation::Other(value)) => match value {
            Value::Object(fields) if fields.is_empty() => {}
            Value::String(text) if text.is_empty() => {}
            _ => return Err(unusable()),
        },
    }
    if let Some(numbers) = annotation.keypoints.as_ref().filter(|numbers| !numbers.is_empty()) {
        let numbers =
            whole(numbers).filter(|numbers| numbers.len().is_multiple_of(3)).ok_or_else(unusable)?;
        let mut all: Vec<[f64; 3]> =
            numbers.chunks_exact(3).map(|point| [point[0], point[1], point[2]]).collect();
        all.resize(points, [0.0; 3]);
        label.keypoints = Some(all);
    }
    Ok(label)
}

fn whole(numbers: &[Option<f64>]) -> Option<Vec<f64>> {
    numbers.iter().copied().collect()
}

fn runs(counts: &Counts, size: [u32; 2], place: &Place) -> Result<Rle, Flaw> {
    let counts = match counts {
        Counts::Plain(counts) => Some(counts.clone()),
        Counts::Coded(text) => decode_coded(text),
    };
    let mask = counts.map(|counts| Rle { size, counts }).filter(|mask| mask.fits(size[1], size[0]));
    mask.ok_or_else(|| Flaw::MaskDoesNotFit { place: place.clone() })
}
