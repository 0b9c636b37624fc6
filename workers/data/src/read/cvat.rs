//! CVAT for images: one XML file that lists images with boxes, polygons, masks, skeletons and tags.

mod shapes;
mod skeleton;

use std::collections::{BTreeMap, HashSet};

use roxmltree::Node;
use trainyard_events::reason::{Advice, Caution, Flaw, LabelFormat, Place, Unfit, UnreadLabels};

use super::classes::Classes;
use super::draft::{Draft, DraftImage, DraftLabel};
use super::split::{split_in_folders, split_of_folder, unused};
use super::xml::{child, first_element, number, parse, text_of};
use crate::limits::{ANNOTATION_FILE_BYTES, IMAGE_LABELS, XML_NODES_OF_MANY};
use crate::manifest::{Label, Split};
use crate::names::Names;
use crate::prelabel::PREDICTED;
use crate::refusal::{Refusal, flawed};
use crate::root::{File, Listing, folder_of};
use shapes::Shape;
use skeleton::Points;

pub fn recognise(listing: &Listing) -> Option<Vec<usize>> {
    let is_one = |index: &usize| {
        let file = &listing.files[*index];
        first_element(listing, file).as_deref() == Some("annotations") && !is_predicted(listing, file)
    };
    let files: Vec<usize> = listing.ending(&["xml"]).map(|(index, _)| index).filter(is_one).collect();
    (!files.is_empty()).then_some(files)
}

/// Whether it is what we have written for people to correct: no label is in it.
pub fn is_predicted(listing: &Listing, file: &File) -> bool {
    String::from_utf8_lossy(&listing.head(file)).contains(PREDICTED)
}

pub fn read(names: &Names, files: &[usize]) -> Result<Draft, Refusal> {
    let mut reading = Reading {
        names,
        draft: Draft::new(LabelFormat::CvatImages, Vec::new()),
        classes: Classes::default(),
        points: Points::default(),
        unread: BTreeMap::new(),
    };
    for file in files {
        reading.file(*file)?;
    }
    let Reading { mut draft, classes, points, unread, .. } = reading;
    let read =
        draft.images.iter().filter_map(|image| image.labels.as_ref().ok()).any(|labels| !labels.is_empty());
    let first = || names.name(files[0]).to_owned();
    if !read && !unread.is_empty() {
        return Err(not_read(UnreadLabels::Skeletons, first()));
    }
    if !points.is_empty() {
        let names = points.into_names().ok_or_else(|| not_read(UnreadLabels::MixedSkeletons, first()))?;
        pad(&mut draft.images, names.len());
        draft.keypoints = Some(names);
    }
    draft.cautions.extend(unread.into_iter().map(|(kind, shapes)| Caution::ShapesLeftOut { shapes, kind }));
    draft.classes = classes.into_names();
    let used: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.extend(unused(names.listing, &used));
    Ok(draft)
}

fn not_read(labels: UnreadLabels, first: String) -> Refusal {
    let advice = Advice::ExportAs { format: LabelFormat::Coco };
    Refusal::new(Unfit::LabelsNotRead { labels, first }, advice)
}

/// Points that were first met in a later image are not labelled in those before it.
fn pad(images: &mut [DraftImage], points: usize) {
    let labels = images.iter_mut().filter_map(|image| image.labels.as_mut().ok()).flatten();
    labels.filter_map(|label| label.label.keypoints.as_mut()).for_each(|all| all.resize(points, [0.0; 3]));
}

struct Reading<'n, 'a> {
    names: &'n Names<'a>,
    draft: Draft,
    classes: Classes,
    points: Points,
    /// Shapes that are not read, by their element.
    unread: BTreeMap<String, u64>,
}

impl Reading<'_, '_> {
    fn file(&mut self, index: usize) -> Result<(), Refusal> {
        let file = &self.names.listing.files[index];
        let wrong = |flaw| Refusal::of_file(&file.name, flaw, Advice::RewriteFile);
        let text = self.names.listing.text(file, ANNOTATION_FILE_BYTES).map_err(wrong)?;
        let document = parse(&text, XML_NODES_OF_MANY).map_err(wrong)?;
        let root = document.root_element();
        // The order of the task's labels, where the export says it.
        let labels = root.descendants().filter(|node| {
            node.has_tag_name("label") && node.parent().is_some_and(|parent| parent.has_tag_name("labels"))
        });
        for label in labels {
            if let Some(name) = text_of(label, "name").filter(|_| !self.points.declared(label)) {
                self.classes.number(name);
            }
        }
        if child(root, "image").is_none() && child(root, "track").is_some() {
            let (labels, first) = (UnreadLabels::OtherXml, file.name.clone());
            let advice = Advice::ExportAs { format: LabelFormat::CvatImages };
            return Err(Refusal::new(Unfit::LabelsNotRead { labels, first }, advice));
        }
        root.children()
            .filter(|node| node.has_tag_name("image"))
            .try_for_each(|image| self.image(image, &file.name))
    }

    fn image(&mut self, image: Node, file: &str) -> Result<(), Refusal> {
        let Some(name) = image.attribute("name") else { return Ok(()) };
        let bases = [folder_of(file), "", "images"];
        let subset = image.attribute("subset").and_then(split_of_folder);
        let should = |name: &str| split_in_folders(name) == subset;
        let index = match self.names.find_image(&bases, name, should) {
            Ok(index) => index,
            Err(missing) => {
                self.draft.problems.push(flawed(name, vec![missing.flaw(file)]));
                return Ok(());
            }
        };
        let path = self.names.name(index);
        let side =
            |name: &str| number(image.attribute(name)?).filter(|side| *side >= 1.0).map(|side| side as u32);
        let stated = side("width").zip(side("height"));
        let labels = self.labels(image, stated, file)?.map_err(|flaw| flawed(path, vec![flaw]));
        let split = subset.or_else(|| split_in_folders(path)).unwrap_or(Split::Train);
        self.draft.images.push(DraftImage { file: index, split, is_labelled: true, stated, labels });
        Ok(())
    }

    fn labels(
        &mut self,
        image: Node,
        stated: Option<(u32, u32)>,
        file: &str,
    ) -> Result<Result<Vec<DraftLabel>, Flaw>, Refusal> {
        let mut labels = Vec::new();
        for (object, node) in (1..).zip(image.children().filter(Node::is_element)) {
            let place = Place::Object { object, file: file.to_owned() };
            let shape = match shapes::shape(node, stated) {
                Ok(shape) => shape,
                Err(()) => return Ok(Err(Flaw::NumbersUnusable { place })),
            };
            let Some(name) = node.attribute("label") else { continue };
            let class = self.classes.number(name);
            let label = Label::of_class(class);
            let label = match shape {
                Shape::Box(bounds) => Label { bounds: Some(bounds), ..label },
                Shape::Polygon(outline) => Label { polygon: Some(vec![outline]), ..label },
                Shape::Mask(mask) => Label { mask: Some(mask), ..label },
                Shape::Image => label,
                Shape::Skeleton => match self.points.read(name, node) {
                    Ok(Some(points)) => {
                        Label { bounds: skeleton::around(&points), keypoints: Some(points), ..label }
                    }
                    Ok(None) => continue,
                    Err(()) => return Ok(Err(Flaw::NumbersUnusable { place })),
                },
                Shape::Turned => {
                    return Err(not_read(UnreadLabels::OrientedBoxes, file.to_owned()));
                }
                Shape::Unread(kind) => {
                    *self.unread.entry(kind).or_default() += 1;
                    continue;
                }
            };
            labels.push(DraftLabel::pixels(label, place));
            if labels.len() > IMAGE_LABELS {
                return Ok(Err(Flaw::MoreBoxesThan { limit: IMAGE_LABELS as u64 }));
            }
        }
        // Tags are about the image only where nothing else is.
        if labels.iter().any(|label| !label.label.is_of_image()) {
            labels.retain(|label| !label.label.is_of_image());
        }
        Ok(Ok(labels))
    }
}
