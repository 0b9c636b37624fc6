//! Labels that are known by name and not read, with the export that would be.

use trainyard_events::reason::{Advice, LabelFormat, Unfit, UnreadLabels};

use super::cvat;
use super::json::{Kind, Shape};
use crate::limits::SAMPLED_FILES;
use crate::refusal::Refusal;
use crate::root::Listing;

/// Names at the top of the JSON files of Korea's public data.
const AI_HUB: [&str; 9] = [
    "annotations",
    "annotation",
    "description",
    "Raw_Data_Info.",
    "Source_Data_Info.",
    "Learning_Data_Info.",
    "raw_data_info",
    "source_data_info",
    "learning_data_info",
];

/// The refusal for what a model has said and nobody has corrected.
pub fn predictions(listing: &Listing, shapes: &[(usize, Shape)]) -> Option<Refusal> {
    let refuse = |file: usize, format: LabelFormat| {
        let (labels, first) = (UnreadLabels::Predictions, listing.files[file].name.clone());
        Refusal::new(Unfit::LabelsNotRead { labels, first }, Advice::ExportAs { format })
    };
    let is_tasks = |shape: &Shape| {
        shape.is_list && shape.is("data", Kind::Object) && shape.is("predictions", Kind::List)
    };
    let tasks = shapes.iter().find(|(_, shape)| is_tasks(shape));
    let sheet = listing.ending(&["xml"]).find(|(_, file)| cvat::is_predicted(listing, file));
    let tasks = tasks.map(|(file, _)| refuse(*file, LabelFormat::LabelStudio));
    tasks.or_else(|| sheet.map(|(file, _)| refuse(file, LabelFormat::CvatImages)))
}

type Fits = fn(&Shape) -> bool;

/// The refusal for labels that lie there for most images, if any do.
pub fn recognise(listing: &Listing, shapes: &[(usize, Shape)]) -> Option<Refusal> {
    let images = listing.images().count();
    let is_most = |files: usize| files > 0 && files * 2 >= images;
    let refuse = |labels: UnreadLabels, first: usize, format: LabelFormat| {
        let first = listing.files[first].name.clone();
        Some(Refusal::new(Unfit::LabelsNotRead { labels, first }, Advice::ExportAs { format }))
    };
    let records: Vec<usize> = listing.ending(&["tfrecord", "record"]).map(|(index, _)| index).collect();
    if let Some(first) = records.first().filter(|_| images == 0) {
        return refuse(UnreadLabels::TfRecord, *first, LabelFormat::Coco);
    }
    if let Some((first, _)) = shapes.iter().find(|(_, shape)| shape.has("_via_img_metadata")) {
        return refuse(UnreadLabels::Via, *first, LabelFormat::Coco);
    }
    let is_supervisely: Fits = |shape| shape.is("objects", Kind::List) && shape.is("size", Kind::Object);
    let is_ai_hub: Fits = |shape| !shape.is_list && AI_HUB.iter().any(|name| shape.has(name));
    let kinds: [(UnreadLabels, Fits); 3] = [
        (UnreadLabels::Supervisely, is_supervisely),
        (UnreadLabels::AiHub, is_ai_hub),
        (UnreadLabels::OtherJson, |shape| shape.broken.is_none()),
    ];
    for (labels, fits) in kinds {
        let files: Vec<usize> =
            shapes.iter().filter(|(_, shape)| fits(shape)).map(|(file, _)| *file).collect();
        if is_most(files.len()) {
            return refuse(labels, files[0], LabelFormat::Coco);
        }
    }
    let xml: Vec<usize> = listing.ending(&["xml"]).map(|(index, _)| index).collect();
    if is_most(xml.len()) {
        return refuse(UnreadLabels::OtherXml, xml[0], LabelFormat::PascalVoc);
    }
    let texts: Vec<usize> = listing.ending(&["txt"]).map(|(index, _)| index).collect();
    let is_kitti = |file: &&usize| {
        let head = listing.head(&listing.files[**file]);
        let text = String::from_utf8_lossy(&head);
        let words: Vec<&str> = text.lines().next().unwrap_or_default().split_whitespace().collect();
        matches!(words.len(), 15 | 16)
            && words[0].parse::<f64>().is_err()
            && words[1..].iter().all(|word| word.parse::<f64>().is_ok())
    };
    let first = texts.iter().take(SAMPLED_FILES).find(is_kitti).filter(|_| is_most(texts.len()))?;
    refuse(UnreadLabels::Kitti, *first, LabelFormat::Yolo)
}
