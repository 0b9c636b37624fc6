//! Label Studio's JSON: a list of tasks with boxes, polygons, key points or choices in percent of the image.

mod task;

use std::collections::{BTreeMap, HashMap, HashSet};

use trainyard_events::reason::{Advice, Caution, Flaw, LabelFormat, Place, Unfit, UnreadLabels};

use super::classes::Classes;
use super::draft::{Draft, DraftImage, DraftLabel};
use super::json::{Kind, Shape, read_or_refuse};
use super::split::{split_in_folders, unused};
use crate::limits::{IMAGE_LABELS, IMAGE_POINTS, OBJECT_KEYPOINTS};
use crate::manifest::{Label, Split};
use crate::names::Names;
use crate::refusal::{Refusal, flawed};
use crate::root::folder_of;
use task::{Region, Task};

pub fn recognise(shapes: &[(usize, Shape)]) -> Option<Vec<usize>> {
    let is_one = |shape: &Shape| {
        shape.is_list
            && shape.is("data", Kind::Object)
            && (shape.is("annotations", Kind::List) || shape.is("completions", Kind::List))
    };
    let files: Vec<usize> = shapes.iter().filter(|(_, shape)| is_one(shape)).map(|(file, _)| *file).collect();
    (!files.is_empty()).then_some(files)
}

pub fn read(names: &Names, files: &[usize]) -> Result<Draft, Refusal> {
    let listing = names.listing;
    let mut tasks: Vec<(&str, Task)> = Vec::new();
    for file in files {
        let all: Vec<Task> = read_or_refuse(listing, &listing.files[*file], LabelFormat::LabelStudio)?;
        tasks.extend(all.into_iter().map(|task| (names.name(*file), task)));
    }
    let mut reading = Reading::of(&tasks);
    refuse_brushes(&tasks)?;
    let mut draft = Draft::new(LabelFormat::LabelStudio, Vec::new());
    for (number, (path, task)) in (1..).zip(&tasks) {
        let Some(written) = task.image() else {
            draft.problems.push(flawed(path, vec![Flaw::NumbersUnusable { place: place(number, path) }]));
            continue;
        };
        let bases = [folder_of(path), "", "images"];
        let own = task.name().and_then(|name| names.beside(name));
        let own = own.filter(|file| names.listing.is_image(names.name(*file))).ok_or(());
        match own.or_else(|()| names.find_image(&bases, written, |_| false)).or_else(|missing| {
            // What was uploaded is called so on their disk, and may be without its number on ours.
            let short = written.rsplit_once('/').map_or(written, |(_, name)| name);
            let short = short.split_once('-').map(|(_, name)| name);
            short.map_or(Err(missing), |short| names.find_image(&bases, short, |_| false))
        }) {
            Ok(file) => {
                let name = names.name(file);
                let split = split_in_folders(name).unwrap_or(Split::Train);
                let is_labelled = task.is_labelled();
                let labels = reading.labels(task, path, number).map_err(|flaw| flawed(name, vec![flaw]));
                draft.images.push(DraftImage { file, split, is_labelled, stated: task.stated(), labels });
            }
            Err(missing) => draft.problems.push(flawed(written, vec![missing.flaw(path)])),
        }
    }
    reading.finish(&mut draft);
    let used: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.extend(unused(listing, &used));
    Ok(draft)
}

fn place(object: u64, file: &str) -> Place {
    Place::Object { object, file: file.to_owned() }
}

/// The object that a point belongs to: the one that it is drawn in, the only one that it lies in, or the only one that
/// there is.
fn owner(
    region: &Region,
    (x, y): (f64, f64),
    by_id: &HashMap<&str, usize>,
    labels: &[DraftLabel],
) -> Option<usize> {
    if let Some(parent) = region.parent.as_deref().and_then(|parent| by_id.get(parent)) {
        return Some(*parent);
    }
    let is_inside = |label: &DraftLabel| {
        let around = label.label.polygon.as_ref().map(|outlines| crate::settle::around(outlines));
        let bounds = label.label.bounds.or(around);
        bounds.is_some_and(|[left, top, width, height]| {
            (left..=left + width).contains(&x) && (top..=top + height).contains(&y)
        })
    };
    let only = |fits: &dyn Fn(&DraftLabel) -> bool| {
        let mut found = (0..labels.len()).filter(|at| fits(&labels[*at]));
        found.next().filter(|_| found.next().is_none())
    };
    only(&is_inside).or_else(|| only(&|label| !label.label.is_of_image()))
}

/// An object of which only points are known is where they are.
fn surround(label: &mut Label) {
    let is_placed = label.bounds.is_some() || label.polygon.is_some();
    let Some(points) = label.keypoints.as_ref().filter(|_| !is_placed) else { return };
    let set: Vec<f64> = points.iter().filter(|point| point[2] > 0.0).flat_map(|[x, y, _]| [*x, *y]).collect();
    let around = crate::settle::around(&[set]);
    label.bounds = (around[2] > 0.0 && around[3] > 0.0).then_some(around);
}

fn refuse_brushes(tasks: &[(&str, Task)]) -> Result<(), Refusal> {
    let brushed = tasks.iter().find(|(_, task)| task.regions().any(|region| region.kind == "brushlabels"));
    let Some((path, _)) = brushed else { return Ok(()) };
    let (labels, first) = (UnreadLabels::Brush, (*path).to_owned());
    Err(Refusal::new(Unfit::LabelsNotRead { labels, first }, Advice::ExportAs { format: LabelFormat::Coco }))
}

struct Reading {
    classes: Classes,
    points: Classes,
    /// The class of an object of which only its points are labelled.
    of_points: Option<usize>,
    /// Whether nothing says what that is.
    is_unnamed: bool,
    unread: BTreeMap<String, u64>,
}

impl Reading {
    fn of(tasks: &[(&str, Task)]) -> Reading {
        let regions = || tasks.iter().flat_map(|(_, task)| task.regions());
        let named = |fits: fn(&Region) -> bool| -> Vec<String> {
            regions().filter(|region| fits(region)).filter_map(Region::class).map(str::to_owned).collect()
        };
        let classes =
            named(|region| matches!(&*region.kind, "rectanglelabels" | "polygonlabels" | "choices"));
        let points = named(|region| region.kind == "keypointlabels");
        let mut classes = Classes::sorted(classes.iter().map(String::as_str));
        // Points of an image without a box are of one object. Which class that is, only one class can say.
        let is_alone = tasks.iter().any(|(_, task)| task.has_only_points());
        let (of_points, is_unnamed) = match (is_alone, classes.len()) {
            (false, _) => (None, false),
            (true, 1) => (Some(0), false),
            (true, _) => (Some(classes.number("object")), true),
        };
        let points = Classes::sorted(points.iter().map(String::as_str));
        Reading { classes, points, of_points, is_unnamed, unread: BTreeMap::new() }
    }

    fn labels(&mut self, task: &Task, path: &str, number: u64) -> Result<Vec<DraftLabel>, Flaw> {
        let regions = task.agreed().ok_or(Flaw::LabelledTwice)?;
        let mut labels: Vec<DraftLabel> = Vec::new();
        let mut by_id: HashMap<&str, usize> = HashMap::new();
        let unusable = || Flaw::NumbersUnusable { place: place(number, path) };
        let mut points = 0;
        for region in regions {
            points += region.value.points.len();
            if labels.len() >= IMAGE_LABELS || points > IMAGE_POINTS {
                return Err(Flaw::MoreBoxesThan { limit: IMAGE_LABELS as u64 });
            }
            let class = region.class().and_then(|name| self.classes.find(name));
            let label = match (&*region.kind, class) {
                ("rectanglelabels", Some(class)) if region.is_upright() => {
                    Label { bounds: Some(region.bounds().ok_or_else(unusable)?), ..Label::of_class(class) }
                }
                ("polygonlabels", Some(class)) => Label {
                    polygon: Some(vec![region.outline().ok_or_else(unusable)?]),
                    ..Label::of_class(class)
                },
                ("choices", Some(class)) => Label::of_class(class),
                ("keypointlabels", _) => continue,
                (kind, _) => {
                    let kind = if region.is_upright() { kind.to_owned() } else { format!("{kind}, rotated") };
                    *self.unread.entry(kind.chars().take(100).collect()).or_default() += 1;
                    continue;
                }
            };
            if let Some(id) = &region.id {
                by_id.insert(id, labels.len());
            }
            labels.push(DraftLabel { label, is_relative: true, place: place(number, path) });
        }
        let alone = self.of_points.filter(|_| task.has_only_points()).map(|class| {
            let label = Label::of_class(class);
            labels.push(DraftLabel { label, is_relative: true, place: place(number, path) });
            labels.len() - 1
        });
        self.add_points(regions, &by_id, alone, &mut labels).ok_or_else(unusable)?;
        Ok(labels)
    }

    fn add_points(
        &mut self,
        regions: &[Region],
        by_id: &HashMap<&str, usize>,
        alone: Option<usize>,
        labels: &mut [DraftLabel],
    ) -> Option<()> {
        let count = self.points.len().min(OBJECT_KEYPOINTS);
        for region in regions.iter().filter(|region| region.kind == "keypointlabels") {
            let (x, y) = (region.value.x? / 100.0, region.value.y? / 100.0);
            let point = self.points.find(region.class()?)?;
            let slot = alone.or_else(|| owner(region, (x, y), by_id, labels)).and_then(|at| {
                let all = labels[at].label.keypoints.get_or_insert_with(|| vec![[0.0; 3]; count]);
                all.get_mut(point).filter(|slot| slot[2] == 0.0)
            });
            match slot {
                Some(slot) => *slot = [x, y, 2.0],
                None => *self.unread.entry("keypointlabels".to_owned()).or_default() += 1,
            }
        }
        labels.iter_mut().for_each(|label| surround(&mut label.label));
        Some(())
    }

    fn finish(self, draft: &mut Draft) {
        draft.cautions.extend(self.is_unnamed.then_some(Caution::ClassesUnnamed));
        let shapes = self.unread.into_iter().map(|(kind, shapes)| Caution::ShapesLeftOut { shapes, kind });
        draft.cautions.extend(shapes);
        draft.classes = self.classes.into_names();
        let points = self.points.into_names();
        draft.keypoints = (!points.is_empty()).then_some(points);
    }
}
