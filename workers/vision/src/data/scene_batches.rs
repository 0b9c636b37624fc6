//! Batches of images with objects in them, in a fixed order, made ahead of time by decoding threads.

use std::sync::Arc;

use rayon::prelude::*;
use trainyard_events::config::Augmentation;

use crate::data::loader::{Ahead, Loader};
use crate::data::lot::{Lot, Variation};
use crate::data::scenes::Scenes;
use crate::failure::Failure;
use trainyard_data::augment::scene::{Source, augment, parts};
use trainyard_data::object::Object;
use trainyard_data::random::Random;

impl Loader {
    /// `plan` names the images of each batch; they come in that order whatever the threads do. `side` is the side
    /// of the scenes' squares; `changes` is for training only. Of each image what is in it, in pixels of the square; no
    /// crowds.
    pub fn scene_batches<O: Object>(
        &self,
        scenes: &Arc<Scenes<O>>,
        side: usize,
        plan: Vec<Vec<usize>>,
        changes: Option<Variation>,
    ) -> Ahead<Lot<Vec<O>>> {
        assert_eq!(side, scenes.side(), "squares are kept in the size that the network sees");
        let scenes = scenes.clone();
        self.ahead(plan, move |indices| make(&scenes, indices, changes))
    }
}

fn make<O: Object>(
    scenes: &Scenes<O>,
    indices: &[usize],
    changes: Option<Variation>,
) -> Result<Lot<Vec<O>>, Failure> {
    let bytes = scenes.side() * scenes.side() * 3;
    let mut pixels = vec![0; indices.len() * bytes];
    let truth = pixels
        .par_chunks_exact_mut(bytes)
        .zip(indices)
        .map(|(out, &index)| fill(scenes, index, changes, out))
        .collect::<Result<_, _>>()?;
    Ok(Lot { pixels, truth })
}

/// One image of a batch. Its random numbers depend on the seed, the epoch and its own index alone.
fn fill<O: Object>(
    scenes: &Scenes<O>,
    index: usize,
    changes: Option<Variation>,
    out: &mut [u8],
) -> Result<Vec<O>, Failure> {
    let Some(Variation { kind, mosaic, seed, epoch, .. }) = changes else {
        out.copy_from_slice(&scenes.get(index)?);
        return Ok(scenes.objects(index));
    };
    let (side, random) = (scenes.side(), &mut Random::new(&[seed, epoch, index as u64]));
    let indices = parts(mosaic && kind == Augmentation::Standard, index, scenes.len(), random);
    let squares = indices.iter().map(|&index| scenes.get(index)).collect::<Result<Vec<_>, _>>()?;
    let objects: Vec<Vec<O>> = indices.iter().map(|&index| scenes.objects(index)).collect();
    let sources: Vec<Source<O>> = (0..indices.len())
        .map(|at| Source { pixels: &squares[at], window: scenes.window(indices[at]), objects: &objects[at] })
        .collect();
    Ok(augment(kind, &sources, out, side, random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::cache::ImageFile;
    use crate::data::loader::{evaluation_plan, training_plan};
    use crate::data::scenes::Scene;
    use image::{Rgb, RgbImage};
    use trainyard_data::boxes::LabelledBox;

    fn folder(count: usize) -> (tempfile::TempDir, Vec<Scene<LabelledBox>>) {
        let folder = tempfile::tempdir().unwrap();
        let scenes = (0..count)
            .map(|index| {
                let (path, width, height) = (format!("{index}.png"), 40 + index as u32, 30);
                RgbImage::from_fn(width, height, |x, y| Rgb([index as u8 * 9, x as u8 * 4, y as u8 * 7]))
                    .save(folder.path().join(&path))
                    .unwrap();
                let boxes = (0..index % 4)
                    .map(|at| LabelledBox {
                        class: at,
                        corners: [at as f32 * 8.0, 2.0, at as f32 * 8.0 + 12.0, 20.0],
                        crowd: at == 2,
                    })
                    .collect();
                Scene { file: ImageFile::there(folder.path(), path), width, height, objects: boxes }
            })
            .collect();
        (folder, scenes)
    }

    #[test]
    fn batches_are_the_same_with_any_number_of_threads_cached_or_not() {
        let (folder, scenes) = folder(23);
        let run = |threads: usize, budget: u64, kind, mosaic, epoch| -> Vec<Lot<Vec<LabelledBox>>> {
            let scenes = Arc::new(Scenes::new(folder.path().to_owned(), scenes.clone(), 48, budget));
            assert_eq!(scenes.is_cached(), budget > 0);
            let changes = Variation { kind, strength: 0, fill: [0; 3], mosaic, seed: 5, epoch };
            let plan = training_plan(23, 5, 5, 3);
            let loader = Loader::new(threads).unwrap();
            loader.scene_batches(&scenes, 48, plan, Some(changes)).collect::<Result<_, _>>().unwrap()
        };
        for (kind, mosaic) in
            [(Augmentation::Standard, true), (Augmentation::Standard, false), (Augmentation::Light, true)]
        {
            let one = run(1, 0, kind, mosaic, 3);
            assert_eq!(one.len(), 5);
            assert_eq!(one, run(4, 0, kind, mosaic, 3));
            assert_eq!(one, run(3, 1 << 20, kind, mosaic, 3));
            assert_ne!(one, run(1, 1 << 20, kind, mosaic, 4));
            let boxes = || one.iter().flat_map(|batch| &batch.truth).flatten();
            assert!(boxes().count() > 10);
            assert!(boxes().all(|object| {
                let [x1, y1, x2, y2] = object.corners;
                !object.crowd && x1 >= 0.0 && y1 >= 0.0 && x2 <= 48.0 && y2 <= 48.0 && x2 > x1 && y2 > y1
            }));
        }
        assert_ne!(run(1, 0, Augmentation::Standard, true, 3), run(1, 0, Augmentation::Standard, false, 3));
    }

    #[test]
    fn what_is_not_changed_is_letterboxed() {
        let (folder, scenes) = folder(4);
        let scenes = Arc::new(Scenes::new(folder.path().to_owned(), scenes, 86, 0));
        let loader = Loader::new(2).unwrap();
        let none = Variation {
            kind: Augmentation::None,
            strength: 0,
            fill: [0; 3],
            mosaic: true,
            seed: 1,
            epoch: 1,
        };
        let run = |changes| -> Vec<Lot<Vec<LabelledBox>>> {
            loader
                .scene_batches(&scenes, 86, evaluation_plan(4, 3), changes)
                .collect::<Result<_, _>>()
                .unwrap()
        };
        let batches = run(None);
        assert_eq!(batches, run(Some(none)));
        assert_eq!(batches[0].pixels.len(), 3 * 86 * 86 * 3);
        assert_eq!(batches[0].pixels[..3], [114; 3]);
        // 43 x 30 in a square of 86: twice as large, 13 pixels down.
        assert_eq!(batches[1].truth[0][1].corners, [16.0, 17.0, 40.0, 53.0]);
        assert_eq!(batches[1].truth[0].len(), 2, "a crowd is not trained on");
    }
}
