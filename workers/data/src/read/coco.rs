//! COCO: JSON files that list images, labels and categories, in one file or one for each split.

mod content;
mod shapes;

use std::collections::{BTreeMap, HashMap, HashSet};

use trainyard_events::reason::{Advice, Caution, Flaw, LabelFormat, Unfit};

use super::classes::{sort, tidy};
use super::draft::{Draft, DraftImage};
use super::json::{Kind, Shape, read_or_refuse};
use super::split::{split_in_folders, split_in_name, unused};
use crate::manifest::Split;
use crate::names::Names;
use crate::refusal::{Refusal, flawed};
use crate::root::{Listing, folder_of, name_of};
use content::{Annotation, Content, Id};

/// The files with labels: those called `instances...`, as COCO ships them beside captions and key points, or all.
pub fn recognise(listing: &Listing, shapes: &[(usize, Shape)]) -> Option<Vec<usize>> {
    let is_one = |shape: &Shape| {
        let named = |name: &str| shape.is(name, Kind::List) || shape.broken.is_some() && shape.has(name);
        !shape.is_list
            && named("images")
            && (shape.broken.is_some() || named("annotations") || named("categories"))
    };
    let all: Vec<usize> = shapes.iter().filter(|(_, shape)| is_one(shape)).map(|(file, _)| *file).collect();
    let is_instances = |file: &usize| name_of(&listing.files[*file].name).starts_with("instances");
    let instances: Vec<usize> = all.iter().copied().filter(is_instances).collect();
    let files = if instances.is_empty() { all } else { instances };
    (!files.is_empty()).then_some(files)
}

/// Reads every file; each may be of a split that its name or its folder tells.
pub fn read(names: &Names, files: &[usize]) -> Result<Draft, Refusal> {
    let listing = names.listing;
    let contents = files
        .iter()
        .map(|file| read_or_refuse::<Content>(listing, &listing.files[*file], LabelFormat::Coco))
        .collect::<Result<Vec<_>, _>>()?;
    let mut draft = Draft::new(LabelFormat::Coco, Vec::new());
    let classes = categories(names, files, &contents, &mut draft)?;
    draft.keypoints = keypoints(&contents);
    let points = draft.keypoints.as_ref().map_or(0, Vec::len);
    for (file, content) in files.iter().zip(contents) {
        let path = names.name(*file);
        let split = split_in_name(name_of(path)).or_else(|| split_in_folders(path));
        let one = OneFile { names, path, split, classes: &classes, points };
        one.read(content, &mut draft);
    }
    let used: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.extend(unused(listing, &used));
    Ok(draft)
}

/// The number of each category by its id, over all files. Ids need not follow each other, nor be numbers.
fn categories(
    names: &Names,
    files: &[usize],
    contents: &[Content],
    draft: &mut Draft,
) -> Result<HashMap<String, usize>, Refusal> {
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for (file, content) in files.iter().zip(contents) {
        for category in &content.categories {
            let (id, name) = (category.id.key(), tidy(&category.name));
            let Some(known) = named.get(&id) else {
                order.push(id.clone());
                named.insert(id, name);
                continue;
            };
            if *known != name {
                let because = Unfit::CategoryTwice {
                    category: id.parse().unwrap_or_default(),
                    name: known.clone(),
                    other: name,
                    file: names.name(*file).to_owned(),
                };
                return Err(Refusal::new(because, Advice::OneCategoryName));
            }
        }
    }
    if order.is_empty() {
        let ids =
            contents.iter().flat_map(|content| &content.annotations).filter_map(|a| a.category_id.as_ref());
        let ids: std::collections::BTreeSet<String> = ids.map(Id::key).collect();
        named = ids.iter().map(|id| (id.clone(), format!("category {id}"))).collect();
        order = ids.into_iter().collect();
        draft.cautions.push(Caution::CategoriesUnnamed);
    }
    // Numbers go by their size; keys that are none stay as the file lists them.
    if order.iter().all(|id| id.parse::<u64>().is_ok()) {
        sort(&mut order);
    }
    draft.classes = order.iter().filter_map(|id| named.get(id).cloned()).collect();
    Ok(order.into_iter().enumerate().map(|(number, id)| (id, number)).collect())
}

/// The key points of the category that has most; without names they are called by their numbers.
fn keypoints(contents: &[Content]) -> Option<Vec<String>> {
    let named = contents.iter().flat_map(|content| &content.categories).filter_map(|c| c.keypoints.clone());
    let labelled = contents
        .iter()
        .flat_map(|content| &content.annotations)
        .filter_map(|annotation| Some(annotation.keypoints.as_ref()?.len() / 3))
        .max()
        .unwrap_or(0);
    let mut points = named.max_by_key(Vec::len).unwrap_or_default();
    (points.len()..labelled).for_each(|number| points.push(format!("point {number}")));
    (labelled > 0).then_some(points)
}

struct OneFile<'n, 'a> {
    names: &'n Names<'a>,
    path: &'a str,
    split: Option<Split>,
    classes: &'n HashMap<String, usize>,
    points: usize,
}

impl OneFile<'_, '_> {
    fn read(&self, content: Content, draft: &mut Draft) {
        let mut of_image: HashMap<String, Vec<Annotation>> = HashMap::new();
        for annotation in content.annotations {
            of_image.entry(annotation.image_id.key()).or_default().push(annotation);
        }
        let mut taken: HashSet<String> = HashSet::new();
        for image in &content.images {
            let id = image.id.key();
            let labels = of_image.get(&id).cloned();
            match self.locate(&image.file_name) {
                Ok(file) => draft.images.push(self.image(file, image.stated(), labels)),
                Err(flaw) => draft.problems.push(flawed(&image.file_name, vec![flaw])),
            }
            taken.insert(id);
        }
        of_image.retain(|id, _| !taken.contains(id));
        if !of_image.is_empty() {
            let annotations = of_image.values().map(|all| all.len() as u64).sum();
            draft.problems.push(flawed(self.path, vec![Flaw::AnnotationsOfOthers { annotations }]));
        }
    }

    fn image(&self, file: usize, stated: Option<(u32, u32)>, labels: Option<Vec<Annotation>>) -> DraftImage {
        let name = self.names.name(file);
        let split = self.split.or_else(|| split_in_folders(name)).unwrap_or(Split::Train);
        let is_labelled = labels.is_some();
        let labels = shapes::labels(labels.unwrap_or_default(), self.path, self.classes, self.points)
            .map_err(|flaw| flawed(name, vec![flaw]));
        DraftImage { file, split, is_labelled, stated, labels }
    }

    fn locate(&self, named: &str) -> Result<usize, Flaw> {
        let is_of_split = |name: &str| split_in_folders(name) == self.split;
        let images = format!("{}/images", folder_of(self.path));
        self.names
            .find_image(&[folder_of(self.path), "", "images", &images], named, is_of_split)
            .map_err(|missing| missing.flaw(self.path))
    }
}
