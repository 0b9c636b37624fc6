//! Batches of images with boxes, in a fixed order, made ahead of time by decoding threads.

use std::sync::Arc;

use rayon::prelude::*;
use trainyard_events::config::Augmentation;

use crate::data::boxes::LabelledBox;
use crate::data::loader::{Ahead, Loader};
use crate::data::scenes::Scenes;
use crate::failure::Failure;

/// Squares as bytes `[count, side, side, 3]`, and the boxes in each, in pixels of the square; no crowds.
#[derive(Debug, PartialEq)]
pub struct SceneBatch {
    pub pixels: Vec<u8>,
    pub boxes: Vec<Vec<LabelledBox>>,
}

/// How training images are changed; the seed and the epoch are part of every image's random key.
#[derive(Clone, Copy, Debug)]
pub struct SceneChanges {
    pub kind: Augmentation,
    /// Whether images are put together from four; only with [`Augmentation::Standard`].
    pub mosaic: bool,
    pub seed: u64,
    pub epoch: u64,
}

pub type SceneBatches = Ahead<SceneBatch>;

impl Loader {
    /// `plan` names the images of each batch; they come in that order whatever the threads do. `side` is the side
    /// of the scenes' squares; `changes` is for training only.
    pub fn scene_batches(
        &self,
        scenes: &Arc<Scenes>,
        side: usize,
        plan: Vec<Vec<usize>>,
        changes: Option<SceneChanges>,
    ) -> SceneBatches {
        assert_eq!(side, scenes.side(), "squares are kept in the size that the network sees");
        let scenes = scenes.clone();
        self.ahead(plan, move |indices| make(&scenes, indices, changes))
    }
}

fn make(scenes: &Scenes, indices: &[usize], changes: Option<SceneChanges>) -> Result<SceneBatch, Failure> {
    let bytes = scenes.side() * scenes.side() * 3;
    let mut pixels = vec![0; indices.len() * bytes];
    let boxes = pixels
        .par_chunks_exact_mut(bytes)
        .zip(indices)
        .map(|(out, &index)| fill(scenes, index, changes, out))
        .collect::<Result<_, _>>()?;
    Ok(SceneBatch { pixels, boxes })
}

fn fill(
    scenes: &Scenes,
    index: usize,
    _changes: Option<SceneChanges>,
    out: &mut [u8],
) -> Result<Vec<LabelledBox>, Failure> {
    out.copy_from_slice(&scenes.get(index)?);
    Ok(scenes.boxes(index))
}
