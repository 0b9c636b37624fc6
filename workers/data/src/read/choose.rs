//! Which formats lie in a folder. Each that fits is read; whether they agree is seen when the images are.

use trainyard_events::reason::{Advice, LabelFormat, Unfit};

use super::draft::Draft;
use super::masks::Pair;
use super::yolo::Layout;
use super::{base, coco, createml, csv, cvat, folder, json, label_studio, labelme, masks, unread, voc, yolo};
use crate::limits::FEW_LABELS_SHARE;
use crate::names::Names;
use crate::refusal::Refusal;
use crate::root::name_of;

/// A format that fits, with the files that say so.
enum Found {
    Yolo(Layout),
    Coco(Vec<usize>),
    PascalVoc(Vec<usize>),
    Cvat(Vec<usize>),
    LabelStudio(Vec<usize>),
    Labelme(Vec<usize>),
    CreateMl(Vec<usize>),
    Csv(Vec<usize>),
    Masks(Vec<Pair>),
}

impl Found {
    fn read(&self, names: &Names) -> Result<Draft, Refusal> {
        match self {
            Found::Yolo(layout) => yolo::read(names, *layout),
            Found::Coco(files) => coco::read(names, files),
            Found::PascalVoc(files) => voc::read(names, files),
            Found::Cvat(files) => cvat::read(names, files),
            Found::LabelStudio(files) => label_studio::read(names, files),
            Found::Labelme(files) => labelme::read(names, files),
            Found::CreateMl(files) => createml::read(names, files),
            Found::Csv(files) => csv::read(names, files),
            Found::Masks(pairs) => masks::read(names, pairs),
        }
    }
}

/// What every format that fits says: one or more drafts, the likeliest first.
pub fn read(names: &Names) -> Result<Vec<Draft>, Refusal> {
    let listing = names.listing;
    if listing.images().next().is_none()
        && let Some(problem) = listing.problems.first()
    {
        // An empty folder is not empty when everything in it was refused.
        let flaw = problem.flaws.first().cloned();
        return Err(match flaw {
            Some(flaw) => Refusal::of_file(&problem.path, flaw, Advice::RepairFiles),
            None => folder_refusal(names),
        }
        .with_files(&listing.problems));
    }
    let shapes = json::shapes(listing);
    let voc = voc::recognise(listing);
    // Pascal VOC's masks are read with its boxes.
    let masks = if voc.is_none() { masks::recognise(listing) } else { None };
    let found: Vec<Found> = [
        yolo::recognise(listing).map(Found::Yolo),
        coco::recognise(listing, &shapes).map(Found::Coco),
        voc.map(Found::PascalVoc),
        cvat::recognise(listing).map(Found::Cvat),
        label_studio::recognise(&shapes).map(Found::LabelStudio),
        labelme::recognise(&shapes).map(Found::Labelme),
        createml::recognise(&shapes).map(Found::CreateMl),
        csv::recognise(listing).map(Found::Csv),
        masks.map(Found::Masks),
    ]
    .into_iter()
    .flatten()
    .collect();
    let is_beside = found.len() > 1 && !yolo::has_labels(listing);
    let found: Vec<Found> =
        found.into_iter().filter(|found| !(is_beside && matches!(found, Found::Yolo(_)))).collect();
    if found.is_empty() {
        return unlabelled(names, &shapes);
    }
    let mut drafts = found.iter().map(|found| found.read(names)).collect::<Result<Vec<_>, _>>()?;
    if !base::is_there(listing) && is_rivalled(names, &drafts) {
        drafts.push(folder::read(names)?);
    }
    Ok(drafts)
}

/// Where no label format fits, folders may be classes.
fn unlabelled(names: &Names, shapes: &[(usize, json::Shape)]) -> Result<Vec<Draft>, Refusal> {
    let listing = names.listing;
    if !folder::recognise(listing)
        && let Some(refusal) = unread::predictions(listing, shapes)
    {
        return Err(refusal);
    }
    if let Some(refusal) = unread::recognise(listing, shapes) {
        return Err(refusal);
    }
    if folder::recognise(listing) {
        return Ok(vec![folder::read(names)?]);
    }
    let broken = shapes.iter().find_map(|(file, shape)| Some((file, shape.broken.clone()?)));
    if let Some((file, flaw)) = broken {
        return Err(Refusal::of_file(&listing.files[*file].name, flaw, Advice::RewriteFile));
    }
    Err(folder_refusal(names))
}

fn folder_refusal(names: &Names) -> Refusal {
    let images = names.listing.images().count() as u64;
    let is_of_images = |folder: &String| name_of(folder).eq_ignore_ascii_case("images");
    match folder::read(names) {
        Err(refusal)
            if *refusal.because == Unfit::NoClassFolders
                && names.listing.folders.iter().any(is_of_images) =>
        {
            Refusal::new(Unfit::NoLabels { images }, Advice::NameImagesAndLabels)
        }
        Err(refusal) => refusal,
        Ok(_) => Refusal::new(Unfit::NothingToLearn { images }, Advice::NameImagesAndLabels),
    }
}

/// Whether folders say as much as the labels: labels of whole images, or labels of hardly any.
fn is_rivalled(names: &Names, drafts: &[Draft]) -> bool {
    let images = names.listing.images().count();
    // A format that lists images says of one without a label that nothing is in it.
    let lists_images = |draft: &Draft| {
        use LabelFormat::{Coco, CreateMl, Csv, CvatImages, LabelStudio};
        matches!(draft.format, Coco | CvatImages | LabelStudio | CreateMl | Csv)
    };
    let labelled =
        |draft: &Draft| draft.images.iter().filter(|image| image.is_labelled || lists_images(draft)).count();
    let is_of_images = |draft: &Draft| {
        let labels = draft.images.iter().filter_map(|image| image.labels.as_ref().ok()).flatten();
        draft.format != LabelFormat::Masks
            && labels.clone().next().is_some()
            && labels.clone().all(|label| label.label.is_of_image())
    };
    let is_open =
        |draft: &Draft| (labelled(draft) as f64) < FEW_LABELS_SHARE * images as f64 || is_of_images(draft);
    drafts.iter().all(is_open) && folder::recognise(names.listing)
}
