//! What augmentation would do to a dataset's images, before anybody trains on them: pages drawn by the code that trains.
//!
//! A training draws its own page, with its seed and its size. These are of the seed that a proposal has unless told
//! otherwise, and of one small and one usual size, between which what is done to a classifier's images differs.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use image::RgbImage;
use rayon::prelude::*;
use serde_json::{Value, json};
use trainyard_events::config::{Augmentation, Resize, Task};
use trainyard_events::reason::Flaw;
use trainyard_events::trainer::TrainerLine;
use trainyard_words::english;

use crate::augment::scene::{self, Source, parts};
use crate::augment::{augment, source_side};
use crate::boxes::{LabelledBox, Letterbox};
use crate::dataset::Dataset;
use crate::decode::decode;
use crate::manifest::{Image, Split};
use crate::page::{Page, page, thumbnail};
use crate::random::Random;
use crate::resize::square;

/// Images on a page, a row each; the epochs beside each of them.
const IMAGES: usize = 4;
const EPOCHS: u64 = 4;
/// What proposals have.
const SEED: u64 = 42;
/// Sides of the squares that a classifier sees, in pixels, and how an image becomes one by default.
const SMALL: (u32, Resize) = (64, Resize::Stretch);
const USUAL: (u32, Resize) = (224, Resize::Crop);
/// A detector's images are changed alike in every size; this is as large as a page shows them.
const SCENE: (u32, Resize) = (320, Resize::Letterbox);
const LABELS: &str = "augmented.json";
/// Role of [`LABELS`].
const LABELS_ROLE: &str = "augmented_labels";

/// One page: its role is `augmented_<augmentation>_<side>`.
#[derive(Clone, Copy)]
struct Sheet {
    kind: Augmentation,
    side: u32,
    resize: Resize,
}

/// What one cell of a page shows.
struct Cell {
    image: RgbImage,
    boxes: Vec<LabelledBox>,
}

/// Writes the pages and what is on them into `folder`, which is there, and announces them. What no trainer of ours learns
/// has none.
pub fn write(dataset: &Dataset, folder: &Path) -> Result<Vec<TrainerLine>, String> {
    let sheets = sheets(&dataset.manifest.header.kinds);
    let subjects = subjects(&dataset.manifest.images);
    if sheets.is_empty() || subjects.is_empty() {
        return Ok(Vec::new());
    }
    let (mut told, mut lines) = (Vec::new(), Vec::new());
    let subjects = Subjects { dataset, all: &subjects, squares: Mutex::default() };
    for sheet in sheets {
        let name = |kind: Augmentation| json!(kind).as_str().unwrap_or_default().to_owned();
        let role = format!("augmented_{}_{}", name(sheet.kind), sheet.side);
        let file = format!("{role}.jpg");
        let rows = subjects.rows(sheet).map_err(|flaw| english(&flaw))?;
        let (jpeg, images) = drawn(dataset, rows).map_err(|error| error.to_string())?;
        put(folder, &file, &jpeg)?;
        told.push(json!({
            "role": role, "augmentation": sheet.kind, "side": sheet.side, "seed": SEED, "sheet": images,
        }));
        lines.push(TrainerLine::Artifact { role, path: file.into() });
    }
    put(folder, LABELS, json!({ "pages": told }).to_string().as_bytes())?;
    lines.push(TrainerLine::Artifact { role: LABELS_ROLE.to_owned(), path: LABELS.into() });
    Ok(lines)
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

fn sheets(kinds: &[Task]) -> Vec<Sheet> {
    let sizes: &[(u32, Resize)] = match kinds {
        _ if kinds.contains(&Task::Classify) => &[SMALL, USUAL],
        _ if kinds.contains(&Task::Detect) => &[SCENE],
        _ => &[],
    };
    let both = |&(side, resize)| {
        [Augmentation::Light, Augmentation::Standard].map(|kind| Sheet { kind, side, resize })
    };
    sizes.iter().flat_map(both).collect()
}

/// The images that are trained on, by their places in the manifest; where none is set aside for that, all of them.
fn subjects(images: &[Image]) -> Vec<usize> {
    let trained: Vec<usize> = (0..images.len()).filter(|at| images[*at].split == Split::Train).collect();
    if trained.is_empty() { (0..images.len()).collect() } else { trained }
}

/// What is trained on.
struct Subjects<'a> {
    dataset: &'a Dataset,
    all: &'a [usize],
    squares: Mutex<Squares>,
}

/// Those that were made, by place and side: a photo takes long to decode, and mosaics take some again and again. There are no more
/// than the cells of all pages are made of.
type Squares = HashMap<(usize, usize), Arc<[u8]>>;

type Row = (usize, Vec<Cell>);

impl Subjects<'_> {
    /// A row for each image that is shown: as it is, then as each epoch would see it.
    fn rows(&self, sheet: Sheet) -> Result<Vec<Row>, Flaw> {
        let shown = self.shown();
        if sheet.resize == Resize::Letterbox {
            return shown.par_iter().map(|at| Ok((self.all[*at], self.scene(sheet, *at)?))).collect();
        }
        let side = source_side(sheet.kind, sheet.side as usize);
        let squares: Vec<(usize, Arc<[u8]>)> = shown
            .par_iter()
            .map(|at| Ok((*at, self.square(*at, side, sheet.resize)?)))
            .collect::<Result<_, Flaw>>()?;
        let fill = mean(squares.iter().map(|(_, square)| square));
        let row = |(at, square): &(usize, Arc<[u8]>)| (self.all[*at], labelled(sheet, (*at, square), fill));
        Ok(squares.iter().map(row).collect())
    }

    /// Evenly spread, of those with something in them where there are any; places in what is trained on.
    fn shown(&self) -> Vec<usize> {
        let images = &self.dataset.manifest.images;
        let has_labels = |at: &usize| images[self.all[*at]].labels.iter().any(|label| !label.crowd);
        let mut some: Vec<usize> = (0..self.all.len()).filter(has_labels).collect();
        if some.is_empty() {
            some = (0..self.all.len()).collect();
        }
        let shown = some.len().min(IMAGES);
        (0..shown).map(|at| some[at * some.len() / shown]).collect()
    }

    fn square(&self, at: usize, side: usize, resize: Resize) -> Result<Arc<[u8]>, Flaw> {
        if let Some(known) = self.squares().get(&(at, side)) {
            return Ok(known.clone());
        }
        let bytes = self.dataset.bytes(self.all[at])?;
        let image = decode(&bytes, self.dataset.manifest.header.sample_bits)?;
        let made: Arc<[u8]> = square(&image, side as u32, resize).into();
        self.squares().insert((at, side), made.clone());
        Ok(made)
    }

    fn squares(&self) -> MutexGuard<'_, Squares> {
        self.squares.lock().expect("nothing panics while it holds the squares")
    }

    fn scene(&self, sheet: Sheet, at: usize) -> Result<Vec<Cell>, Flaw> {
        let side = sheet.side as usize;
        let mut cells = vec![Cell {
            image: image(side, self.square(at, side, sheet.resize)?.to_vec()),
            boxes: self.boxes(at, sheet.side).0,
        }];
        for epoch in 1..=EPOCHS {
            let random = &mut Random::new(&[SEED, epoch, at as u64]);
            let parts = parts(sheet.kind == Augmentation::Standard, at, self.all.len(), random);
            let squares = parts.iter().map(|at| self.square(*at, side, sheet.resize));
            let squares = squares.collect::<Result<Vec<_>, Flaw>>()?;
            let boxes: Vec<_> = parts.iter().map(|at| self.boxes(*at, sheet.side)).collect();
            let sources: Vec<Source<LabelledBox>> = squares
                .iter()
                .zip(&boxes)
                .map(|(pixels, (boxes, window))| Source { pixels, window: *window, objects: boxes })
                .collect();
            let mut out = vec![0; side * side * 3];
            let boxes = scene::augment(sheet.kind, &sources, &mut out, side, random);
            cells.push(Cell { image: image(side, out), boxes });
        }
        Ok(cells)
    }

    /// In pixels of the square, and the part of it that is image.
    fn boxes(&self, at: usize, side: u32) -> (Vec<LabelledBox>, [f32; 4]) {
        let Image { width, height, labels, .. } = &self.dataset.manifest.images[self.all[at]];
        let letterbox = Letterbox::of(*width, *height, side);
        let boxes = labels.iter().filter(|label| !label.crowd).filter_map(|label| {
            let [x, y, width, height] = label.bounds?;
            let corners = [x, y, x + width, y + height].map(|side| side as f32);
            Some(LabelledBox { class: label.class, corners: letterbox.to_square(corners), crowd: false })
        });
        (boxes.collect(), letterbox.window(*width, *height))
    }
}

fn labelled(sheet: Sheet, (at, square): (usize, &[u8]), fill: [u8; 3]) -> Vec<Cell> {
    let side = sheet.side as usize;
    let cell = |image| Cell { image, boxes: Vec::new() };
    let mut cells = vec![cell(image(source_side(sheet.kind, side), square.to_vec()))];
    for epoch in 1..=EPOCHS {
        let mut out = vec![0; side * side * 3];
        augment(sheet.kind, square, &mut out, side, fill, &mut Random::new(&[SEED, epoch, at as u64]));
        cells.push(cell(image(side, out)));
    }
    cells
}

/// Of all pixels: erased areas have it. A training takes that of its whole set.
fn mean<'a>(squares: impl Iterator<Item = &'a Arc<[u8]>>) -> [u8; 3] {
    let (mut sums, mut count) = ([0u64; 3], 0u64);
    for pixel in squares.flat_map(|square| square.as_chunks::<3>().0) {
        count += 1;
        sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u64::from(*value));
    }
    sums.map(|sum| (sum / count.max(1)) as u8)
}

fn image(side: usize, pixels: Vec<u8>) -> RgbImage {
    RgbImage::from_raw(side as u32, side as u32, pixels).expect("a square holds three bytes for every pixel")
}

/// The page, and what is on it in the form of the page of samples.
fn drawn(dataset: &Dataset, rows: Vec<Row>) -> Result<(Vec<u8>, Value), image::ImageError> {
    let header = &dataset.manifest.header;
    let (mut cells, mut told) = (Vec::new(), Vec::new());
    for (index, row) in rows {
        let Image { name, labels, split, .. } = &dataset.manifest.images[index];
        for (epoch, Cell { image, boxes }) in row.into_iter().enumerate() {
            let boxes: Vec<Value> = boxes
                .iter()
                .map(|object| json!({ "class": header.classes[object.class], "bbox": object.corners }))
                .collect();
            let class = labels.first().filter(|label| label.is_of_image());
            told.push(json!({
                "path": name, "split": split, "epoch": epoch, "width": image.width(), "height": image.height(),
                "class": class.map(|label| &header.classes[label.class]), "objects": boxes.len(), "boxes": boxes,
            }));
            cells.push(thumbnail(&image));
        }
    }
    let Page { jpeg, size, places } = page(&cells, EPOCHS as u32 + 1)?;
    for (told, place) in told.iter_mut().zip(places) {
        told["place"] = json!(place);
    }
    let sheet = json!({
        "task": dataset.manifest.task(), "width": size[0], "height": size[1], "classes": header.classes,
        "images": told,
    });
    Ok((jpeg, sheet))
}
