//! COCO: images by split, and one JSON file for each.

use serde_json::{Value, json};
use trainyard_events::reason::LabelPart;

use super::place::{Folder, folder_of};
use super::{Bytes, WriteError};
use crate::manifest::{Image, Label, Manifest, Split};
use crate::mask::encode_coded;

pub fn write(manifest: &Manifest, folder: &mut Folder, bytes: Bytes) -> Result<(), WriteError> {
    folder.losses.add(LabelPart::KeypointPairs, manifest.header.mirrored.is_some());
    for (index, image) in manifest.images.iter().enumerate() {
        folder.image(&format!("{}/{}", folder_of(image.split), image.name), index, image, bytes)?;
    }
    for split in [Split::Train, Split::Validation, Split::Test] {
        let images: Vec<(usize, &Image)> =
            (1..).zip(&manifest.images).filter(|(_, image)| image.split == split).collect();
        if images.is_empty() {
            continue;
        }
        let content = content(manifest, &images, folder);
        let path = format!("annotations/instances_{}.json", folder_of(split));
        folder.write(&path, content.to_string().as_bytes())?;
    }
    Ok(())
}

fn content(manifest: &Manifest, images: &[(usize, &Image)], folder: &mut Folder) -> Value {
    let listed: Vec<Value> = images
        .iter()
        .map(|(id, image)| {
            let file_name = format!("{}/{}", folder_of(image.split), image.name);
            json!({"id": id, "file_name": file_name, "width": image.width, "height": image.height})
        })
        .collect();
    let mut annotations = Vec::new();
    for (image_id, image) in images {
        for label in &image.labels {
            folder.losses.add(LabelPart::Difficult, label.difficult);
            if label.is_of_image() {
                folder.losses.add(LabelPart::WholeImage, true);
                continue;
            }
            folder.losses.add(LabelPart::Polygon, label.polygon.is_some() && label.mask.is_some());
            annotations.push(annotation(annotations.len() + 1, *image_id, label));
        }
    }
    let categories: Vec<Value> = manifest
        .header
        .classes
        .iter()
        .enumerate()
        .map(|(number, name)| match &manifest.header.keypoints {
            Some(points) => json!({"id": number + 1, "name": name, "keypoints": points}),
            None => json!({"id": number + 1, "name": name}),
        })
        .collect();
    json!({"images": listed, "annotations": annotations, "categories": categories})
}

fn annotation(id: usize, image_id: usize, label: &Label) -> Value {
    let mut fields = json!({
        "id": id, "image_id": image_id, "category_id": label.class + 1, "iscrowd": u8::from(label.crowd),
    });
    if let Some(bounds) = label.bounds {
        fields["bbox"] = json!(bounds);
        fields["area"] = json!(bounds[2] * bounds[3]);
    }
    // One of both is room for: the mask is exact.
    if let Some(mask) = &label.mask {
        fields["segmentation"] = json!({"size": mask.size, "counts": encode_coded(&mask.counts)});
        fields["area"] = json!(mask.area());
    } else if let Some(outlines) = &label.polygon {
        fields["segmentation"] = json!(outlines);
    }
    if let Some(points) = &label.keypoints {
        fields["keypoints"] = json!(points.concat());
        fields["num_keypoints"] = json!(points.iter().filter(|point| point[2] > 0.0).count());
    }
    fields
}
