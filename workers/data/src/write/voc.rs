//! Pascal VOC: all images in one folder, an XML file for each, and a list for each split.

use std::fmt::Write;
use std::io::Cursor;

use image::{GrayImage, ImageFormat};
use trainyard_events::reason::LabelPart;

use super::place::{Folder, flat, flat_stem, folder_of};
use super::{Bytes, WriteError};
use crate::manifest::{Image, Label, Manifest, Split};

pub fn write(manifest: &Manifest, folder: &mut Folder, bytes: Bytes) -> Result<(), WriteError> {
    for (index, image) in manifest.images.iter().enumerate() {
        folder.image(&format!("JPEGImages/{}", flat(image)), index, image, bytes)?;
        let text = sheet(image, &manifest.header.classes, folder);
        folder.label(&format!("Annotations/{}.xml", flat_stem(image)), image, &text)?;
        let objects: Vec<&Label> = image.labels.iter().filter(|label| is_object(label)).collect();
        let masks = objects.iter().filter(|label| label.mask.is_some()).count();
        match mask_of_objects(image, &objects) {
            _ if masks == 0 => {}
            Some(mask) => folder.write(&format!("SegmentationObject/{}.png", flat_stem(image)), &mask)?,
            None => (0..masks).for_each(|_| folder.losses.add(LabelPart::Mask, true)),
        }
    }
    for split in [Split::Train, Split::Validation, Split::Test] {
        let images = manifest.images.iter().filter(|image| image.split == split);
        let list: String = images.map(|image| format!("{}\n", flat_stem(image))).collect();
        if !list.is_empty() {
            folder.write(&format!("ImageSets/Main/{}.txt", folder_of(split)), list.as_bytes())?;
        }
    }
    // Pascal VOC has no list of classes of its own; other tools look for this one.
    let classes: String = manifest.header.classes.iter().map(|name| format!("{name}\n")).collect();
    folder.write("classes.txt", classes.as_bytes())
}

/// Whether it becomes an object of the sheet.
fn is_object(label: &Label) -> bool {
    !label.crowd && label.bounds.is_some()
}

/// Objects that one mask can tell apart: 0 is none of them and 255 is undecided.
const OBJECTS_MAX: usize = 254;

/// A PNG in which each pixel is the number of its object, from 1 in the order of the sheet; `None` where some pixel is of
/// two objects.
fn mask_of_objects(image: &Image, objects: &[&Label]) -> Option<Vec<u8>> {
    let mut values = vec![0u8; image.width as usize * image.height as usize];
    for (number, label) in (1..).zip(objects) {
        let Some(mask) = &label.mask else { continue };
        for (value, _) in values.iter_mut().zip(mask.pixels()).filter(|(_, inside)| *inside == 1) {
            *value = u8::try_from(number).ok().filter(|_| *value == 0 && number <= OBJECTS_MAX)?;
        }
    }
    let mut png = Cursor::new(Vec::new());
    GrayImage::from_raw(image.width, image.height, values)?.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

fn sheet(image: &Image, classes: &[String], folder: &mut Folder) -> String {
    let mut text = String::from("<annotation>\n");
    let _ = writeln!(text, "  <filename>{}</filename>", escaped(&flat(image)));
    let (width, height) = (image.width, image.height);
    let _ = writeln!(text, "  <size><width>{width}</width><height>{height}</height><depth>3</depth></size>");
    for label in &image.labels {
        text.push_str(&object(label, classes, folder).unwrap_or_default());
    }
    text.push_str("</annotation>\n");
    text
}

fn object(label: &Label, classes: &[String], folder: &mut Folder) -> Option<String> {
    let losses = &mut folder.losses;
    if label.crowd {
        losses.add(LabelPart::Crowd, true);
        return None;
    }
    losses.add(LabelPart::Polygon, label.polygon.is_some());
    losses.add(LabelPart::Keypoints, label.keypoints.is_some());
    if label.is_of_image() {
        losses.add(LabelPart::WholeImage, true);
        return None;
    }
    let [left, top, width, height] = label.bounds?;
    // Pixels count from 1, and the last one is inside.
    let [xmin, ymin, xmax, ymax] = [left + 1.0, top + 1.0, left + width, top + height];
    Some(format!(
        "  <object><name>{}</name><difficult>{}</difficult><bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin>\
         <xmax>{xmax}</xmax><ymax>{ymax}</ymax></bndbox></object>\n",
        escaped(classes.get(label.class)?),
        u8::from(label.difficult)
    ))
}

pub fn escaped(text: &str) -> String {
    let is_control = |char: &char| !char.is_control();
    let text: String = text.chars().filter(is_control).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
