//! A page that shows what this training's changes do to its images: some as they are, then as each of the first epochs sees
//! them. The batches are made as those of the epochs are, with their seed, so the page shows what will be trained on and not
//! something like it. A look at a dataset cannot draw it: what is changed depends on the configuration.

use image::RgbImage;
use trainyard_events::config::Augmentation;
use trainyard_events::reason::{Cause, Doing};

use crate::data::lot::{Lot, Variation};
use crate::failure::Failure;
use crate::tasks::{Part, Task, picture, sheet_of};
use crate::train::Run;

/// Role of the artifact, and its file in the work folder.
const ROLE: &str = "augmented";
const FILE: &str = "augmented.jpg";
/// Images on the page, a row each; the epochs beside each of them.
const IMAGES: usize = 4;
const EPOCHS: u32 = 4;

impl<T: Task> Run<T> {
    /// Writes the page and announces it, where anything is changed at all. A training is worth more than its page: where it
    /// cannot be drawn the console says why.
    pub fn show_augmented(&self) {
        let Variation { kind, strength, .. } = self.variation(1);
        if kind == Augmentation::None && strength == 0 {
            return;
        }
        let shown = self.augmented().and_then(|jpeg| self.write(ROLE, FILE, &jpeg));
        if let Err(failure) = shown {
            eprintln!("the changed images are not shown: {failure}");
        }
    }

    fn augmented(&self) -> Result<Vec<u8>, Failure> {
        let chosen = chosen(&self.dataset.splits.train);
        let epochs = EPOCHS.min(self.spec.config.epochs);
        let mut columns = vec![self.as_they_are(&chosen)?];
        for epoch in 1..=epochs {
            columns.push(self.as_seen_in(epoch, &chosen)?);
        }
        let cells: Vec<RgbImage> =
            (0..chosen.len()).flat_map(|row| columns.iter().map(move |column| column[row].clone())).collect();
        sheet_of(&cells, epochs + 1)
    }

    /// As they come from the disk, as squares.
    fn as_they_are(&self, chosen: &[usize]) -> Result<Vec<RgbImage>, Failure> {
        let train = &self.dataset.splits.train;
        chosen.iter().map(|index| train.original(*index)).collect()
    }

    fn as_seen_in(&self, epoch: u32, chosen: &[usize]) -> Result<Vec<RgbImage>, Failure> {
        let side = self.spec.config.image_size as usize;
        let variation = Some(self.variation(epoch));
        let mut lots =
            self.dataset.splits.train.batches(&self.loader, side, vec![chosen.to_vec()], variation);
        let nothing = || Err(Failure::internal(Doing::DrawSamples, Cause::EndedEarly));
        let Lot { pixels, truth } = lots.next().unwrap_or_else(nothing)?;
        let squares = pixels.chunks_exact(side * side * 3).map(|square| picture(side, square.to_vec()));
        Ok(squares.zip(&truth).map(|(square, truth)| T::Part::drawn(square, truth)).collect())
    }
}

/// Evenly spread, of those with something in them where there are any.
fn chosen(part: &impl Part) -> Vec<usize> {
    let some = part.shown();
    let shown = some.len().min(IMAGES);
    (0..shown).map(|at| some[at * some.len() / shown]).collect()
}
