//! A page that shows what this training's changes do to its images: some as they are, then as each of the first epochs sees
//! them. The batches are made as those of the epochs are, with their seed, so the page shows what will be trained on and not
//! something like it. A look at a dataset cannot draw it: what is changed depends on the configuration.

use image::RgbImage;
use trainyard_data::page::{page, thumbnail};
use trainyard_events::config::Augmentation;
use trainyard_events::reason::{Cause, Doing};

use crate::data::scenes::Scenes;
use crate::failure::Failure;
use crate::metrics::drawing::labelled;
use crate::train::Run;
use crate::train::part::{Lot, Part, Truth};
use trainyard_data::boxes::LabelledBox;

/// Role of the artifact, and its file in the work folder.
const ROLE: &str = "augmented";
const FILE: &str = "augmented.jpg";
/// Images on the page, a row each; the epochs beside each of them.
const IMAGES: usize = 4;
const EPOCHS: u32 = 4;

impl Run {
    /// Writes the page and announces it, where anything is changed at all. A training is worth more than its page: where it
    /// cannot be drawn the console says why.
    pub fn show_augmented(&self) {
        if self.spec.config.augmentation == Augmentation::None {
            return;
        }
        let shown = self.augmented().and_then(|jpeg| self.write(ROLE, FILE, &jpeg));
        if let Err(failure) = shown {
            eprintln!("the changed images are not shown: {failure}");
        }
    }

    fn augmented(&self) -> Result<Vec<u8>, Failure> {
        let chosen = chosen(&self.dataset.train);
        let epochs = EPOCHS.min(self.spec.config.epochs);
        let mut columns = vec![self.as_they_are(&chosen)?];
        for epoch in 1..=epochs {
            columns.push(self.as_seen_in(epoch, &chosen)?);
        }
        let cells: Vec<RgbImage> =
            (0..chosen.len()).flat_map(|row| columns.iter().map(move |column| column[row].clone())).collect();
        let page = page(&cells, epochs + 1)
            .map_err(|error| Failure::internal(Doing::DrawSamples, Cause::said(error.to_string())))?;
        Ok(page.jpeg)
    }

    /// As they come from the disk, as squares.
    fn as_they_are(&self, chosen: &[usize]) -> Result<Vec<RgbImage>, Failure> {
        chosen.iter().map(|index| self.as_it_is(*index)).collect()
    }

    fn as_it_is(&self, index: usize) -> Result<RgbImage, Failure> {
        Ok(match &self.dataset.train {
            Part::Labelled(images) => thumbnail(&image(images.side(), images.get(index)?.into_owned())),
            Part::Scenes(scenes) => {
                self.drawn(image(scenes.side(), scenes.get(index)?.into_owned()), &scenes.boxes(index))
            }
        })
    }

    fn as_seen_in(&self, epoch: u32, chosen: &[usize]) -> Result<Vec<RgbImage>, Failure> {
        let side = self.spec.config.image_size as usize;
        let variation = Some(self.variation(epoch));
        let mut lots = self.dataset.train.batches(&self.loader, side, vec![chosen.to_vec()], variation);
        let nothing = || Err(Failure::internal(Doing::DrawSamples, Cause::EndedEarly));
        let Lot { pixels, truth } = lots.next().unwrap_or_else(nothing)?;
        let squares = pixels.chunks_exact(side * side * 3).map(|square| image(side, square.to_vec()));
        Ok(match truth {
            Truth::Labels(_) => squares.map(|square| thumbnail(&square)).collect(),
            Truth::Boxes(boxes) => {
                squares.zip(boxes).map(|(square, boxes)| self.drawn(square, &boxes)).collect()
            }
        })
    }

    fn drawn(&self, square: RgbImage, boxes: &[LabelledBox]) -> RgbImage {
        let boxes: Vec<(usize, [f32; 4])> =
            boxes.iter().map(|object| (object.class, object.corners)).collect();
        labelled(&square, &boxes, &self.dataset.classes)
    }
}

fn image(side: usize, pixels: Vec<u8>) -> RgbImage {
    let side = side as u32;
    RgbImage::from_raw(side, side, pixels).expect("a square holds three bytes for every pixel")
}

/// Evenly spread, of those with something in them where there are any.
fn chosen(part: &Part) -> Vec<usize> {
    let some: Vec<usize> = match part {
        Part::Labelled(images) => (0..images.len()).collect(),
        Part::Scenes(scenes) => with_objects(scenes),
    };
    let shown = some.len().min(IMAGES);
    (0..shown).map(|at| some[at * some.len() / shown]).collect()
}

fn with_objects(scenes: &Scenes) -> Vec<usize> {
    let some: Vec<usize> = (0..scenes.len()).filter(|index| scenes.scene(*index).has_objects()).collect();
    if some.is_empty() { (0..scenes.len()).collect() } else { some }
}
