//! YOLO: images and labels by split, and a yaml file that describes them.

use std::collections::BTreeSet;
use std::fmt::Write;

use trainyard_events::reason::LabelPart;

use super::place::{Folder, flat, flat_stem, folder_of};
use super::{Bytes, WriteError};
use crate::manifest::{Image, Label, Manifest, Split};

pub fn write(manifest: &Manifest, folder: &mut Folder, bytes: Bytes) -> Result<(), WriteError> {
    let is_pose = manifest.header.keypoints.is_some();
    for (index, image) in manifest.images.iter().enumerate() {
        let split = folder_of(image.split);
        folder.image(&format!("images/{split}/{}", flat(image)), index, image, bytes)?;
        let mut text = String::new();
        for label in &image.labels {
            text.push_str(&line(label, image, is_pose, folder).unwrap_or_default());
        }
        folder.label(&format!("labels/{split}/{}.txt", flat_stem(image)), image, &text)?;
    }
    folder.write("data.yaml", description(manifest).as_bytes())
}

fn line(label: &Label, image: &Image, is_pose: bool, folder: &mut Folder) -> Option<String> {
    let losses = &mut folder.losses;
    if label.crowd {
        losses.add(LabelPart::Crowd, true);
        return None;
    }
    losses.add(LabelPart::Difficult, label.difficult);
    losses.add(LabelPart::Mask, label.mask.is_some());
    if label.is_of_image() {
        losses.add(LabelPart::WholeImage, true);
        return None;
    }
    let (width, height) = (f64::from(image.width), f64::from(image.height));
    let mut text = label.class.to_string();
    let mut add = |x: f64, y: f64| {
        let _ = write!(text, " {} {}", x / width, y / height);
    };
    // One outline is written instead of its box; several are not one object here.
    match (label.polygon.as_deref(), label.bounds) {
        (Some([outline]), bounds) if !is_pose => {
            losses.add(LabelPart::Box, bounds.is_some_and(|bounds| !is_around(bounds, outline)));
            outline.chunks_exact(2).for_each(|point| add(point[0], point[1]));
        }
        (outlines, Some([left, top, box_width, box_height])) => {
            losses.add(LabelPart::Polygon, outlines.is_some());
            add(left + box_width / 2.0, top + box_height / 2.0);
            add(box_width, box_height);
        }
        _ => {
            losses.add(LabelPart::Polygon, label.polygon.is_some());
            return None;
        }
    }
    if is_pose {
        for [x, y, visible] in label.keypoints.iter().flatten() {
            let _ = write!(text, " {} {} {visible}", x / width, y / height);
        }
    }
    text.push('\n');
    Some(text)
}

/// Whether a box is the one that is read back from an outline.
fn is_around(bounds: [f64; 4], outline: &[f64]) -> bool {
    let around = crate::settle::around(&[outline.to_vec()]);
    bounds.iter().zip(around).all(|(a, b)| (a - b).abs() < 1e-6)
}

fn description(manifest: &Manifest) -> String {
    let splits: BTreeSet<Split> = manifest.images.iter().map(|image| image.split).collect();
    let mut text = String::new();
    for split in splits {
        let folder = folder_of(split);
        let _ = writeln!(text, "{folder}: images/{folder}");
    }
    if let Some(points) = &manifest.header.keypoints {
        let _ = writeln!(text, "kpt_shape: [{}, 3]\nkpt_names:", points.len());
        // A JSON list is one of yaml's.
        let points = serde_json::Value::from(points.as_slice());
        for class in 0..manifest.header.classes.len() {
            let _ = writeln!(text, "  {class}: {points}");
        }
    }
    if let Some(pairs) = &manifest.header.mirrored {
        let _ = writeln!(text, "flip_idx: {}", serde_json::Value::from(pairs.as_slice()));
    }
    text.push_str("names:\n");
    for (number, name) in manifest.header.classes.iter().enumerate() {
        // A JSON string is one of yaml's.
        let _ = writeln!(text, "  {number}: {}", serde_json::Value::from(name.as_str()));
    }
    text
}
