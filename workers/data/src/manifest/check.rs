//! What a manifest says beyond its types: sorted names below the root, classes that there are, shapes with an area.

use unicode_normalization::is_nfc;

use super::{Header, Image, Label, Manifest, ManifestError};

pub fn check(manifest: &Manifest) -> Result<(), ManifestError> {
    check_header(&manifest.header).map_err(|said| ManifestError::broken(1, said.to_owned()))?;
    let mut before: Option<&str> = None;
    for (line, image) in (2..).zip(&manifest.images) {
        let wrong = |said: String| ManifestError::broken(line, said);
        if before.is_some_and(|before| before >= image.name.as_str()) {
            return Err(wrong(format!("{:?} is not after the name before it", image.name)));
        }
        before = Some(&image.name);
        check_image(image).map_err(|said| wrong(said.to_owned()))?;
        for label in &image.labels {
            check_label(label, image, manifest).map_err(|said| wrong(said.to_owned()))?;
        }
    }
    Ok(())
}

fn check_header(header: &Header) -> Result<(), &'static str> {
    if header
        .mirrored
        .as_ref()
        .is_some_and(|pairs| !are_pairs(pairs, header.keypoints.iter().flatten().count()))
    {
        return Err("key points are mirrored to others than each other");
    }
    if header.sample_bits.is_some_and(|bits| !(8..16).contains(&bits)) {
        return Err("the bits of a sample are not 8 to 15");
    }
    Ok(())
}

/// Whether each of so many points has itself or one other as its pair, which has it in turn.
pub(crate) fn are_pairs(pairs: &[usize], points: usize) -> bool {
    let is_mutual = |(point, pair): (usize, &usize)| pairs.get(*pair) == Some(&point);
    pairs.len() == points && pairs.iter().enumerate().all(is_mutual)
}

fn check_image(image: &Image) -> Result<(), &'static str> {
    let hash = image.sha256.as_bytes();
    if hash.len() != 64 || !hash.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return Err("sha256 is not 64 hexadecimal digits");
    }
    if image.name.split('/').any(|part| matches!(part, "" | "." | "..")) || image.name.contains('\0') {
        return Err("the name is not a path below the root");
    }
    if !is_nfc(&image.name) {
        return Err("the name is not composed (NFC)");
    }
    if image.width == 0 || image.height == 0 {
        return Err("the image has no pixels");
    }
    Ok(())
}

fn check_label(label: &Label, image: &Image, manifest: &Manifest) -> Result<(), &'static str> {
    if label.class >= manifest.header.classes.len() {
        return Err("a label is of a class that the header does not name");
    }
    // JSON has no NaN, but 1e999 is read as infinite.
    let finite = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite());
    if let Some(bounds) = &label.bounds
        && (!finite(bounds) || bounds[2] <= 0.0 || bounds[3] <= 0.0)
    {
        return Err("a box has no area");
    }
    let outlines = label.polygon.iter().flatten();
    if label.polygon.as_ref().is_some_and(Vec::is_empty)
        || outlines
            .into_iter()
            .any(|outline| outline.len() < 6 || !outline.len().is_multiple_of(2) || !finite(outline))
    {
        return Err("an outline has fewer than three points");
    }
    if label.mask.as_ref().is_some_and(|mask| !mask.fits(image.width, image.height)) {
        return Err("a mask does not fit the image");
    }
    let named = manifest.header.keypoints.as_ref().map_or(0, Vec::len);
    if let Some(points) = &label.keypoints
        && (points.len() != named || !points.iter().all(|point| finite(point)))
    {
        return Err("an object has other key points than the header names");
    }
    Ok(())
}
