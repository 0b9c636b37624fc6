//! Batches in a fixed order, made ahead of time by decoding threads.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use trainyard_events::config::Augmentation;
use trainyard_events::reason::{Cause, Doing};

use crate::data::cache::Images;
use crate::failure::Failure;
use trainyard_data::augment::augment;
use trainyard_data::augment::rand::rand_augment;
use trainyard_data::random::Random;

/// Batches that are ready or in the making while one is trained on.
const AHEAD: usize = 3;

/// Squares as bytes `[count, side, side, 3]`, and their labels.
#[derive(Debug, PartialEq)]
pub struct Batch {
    pub pixels: Vec<u8>,
    pub labels: Vec<i64>,
}

/// How training images are changed; the seed and the epoch are part of every sample's random key.
#[derive(Clone, Copy, Debug)]
pub struct Changes {
    pub kind: Augmentation,
    /// Of RandAugment, on top; 0: none.
    pub strength: u32,
    pub fill: [u8; 3],
    pub seed: u64,
    pub epoch: u64,
}

#[derive(Clone)]
pub struct Loader {
    pool: Arc<ThreadPool>,
}

impl Loader {
    pub fn new(threads: usize) -> Result<Self, Failure> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("decode-{index}"))
            .build()
            .map_err(|error| Failure::internal(Doing::StartDecoding, Cause::said(error.to_string())))?;
        Ok(Loader { pool: Arc::new(pool) })
    }

    /// `plan` names the images of each batch; they come in that order whatever the threads do. `side` is the square
    /// to make; `changes` is for training only.
    pub fn batches(
        &self,
        images: &Arc<Images>,
        side: usize,
        plan: Vec<Vec<usize>>,
        changes: Option<Changes>,
    ) -> Ahead<Batch> {
        let images = images.clone();
        self.ahead(plan, move |indices| make(&images, side, indices, changes))
    }

    /// Makes what `plan` names on the decoding threads, a few batches ahead, and hands it out in order.
    pub fn ahead<B: Send + 'static>(
        &self,
        plan: Vec<Vec<usize>>,
        make: impl Fn(&[usize]) -> Result<B, Failure> + Send + Sync + 'static,
    ) -> Ahead<B> {
        let pool = self.pool.clone();
        let mut ahead = Ahead { pool, plan: plan.into(), make: Arc::new(make), coming: VecDeque::new() };
        while ahead.coming.len() < AHEAD && ahead.start_next() {}
        ahead
    }

    /// Runs something on the decoding threads, for its `par_iter`s.
    pub fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }
}

type Make<B> = dyn Fn(&[usize]) -> Result<B, Failure> + Send + Sync;

/// Batches in the order of their plan, up to [`AHEAD`] of them in the making.
pub struct Ahead<B> {
    pool: Arc<ThreadPool>,
    plan: VecDeque<Vec<usize>>,
    make: Arc<Make<B>>,
    coming: VecDeque<Receiver<Result<B, Failure>>>,
}

impl<B: Send + 'static> Ahead<B> {
    fn start_next(&mut self) -> bool {
        let Some(indices) = self.plan.pop_front() else { return false };
        let (sender, receiver) = sync_channel(1);
        let make = self.make.clone();
        self.pool.spawn(move || {
            // Nobody waits any more when training was interrupted: the batch is dropped.
            let _ = sender.send(make(&indices));
        });
        self.coming.push_back(receiver);
        true
    }
}

impl<B: Send + 'static> Iterator for Ahead<B> {
    type Item = Result<B, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let receiver = self.coming.pop_front()?;
        self.start_next();
        Some(receiver.recv().unwrap_or_else(|_| Err(Failure::internal(Doing::Decode, Cause::EndedEarly))))
    }
}

fn make(images: &Images, side: usize, indices: &[usize], changes: Option<Changes>) -> Result<Batch, Failure> {
    let mut pixels = vec![0; indices.len() * side * side * 3];
    pixels.par_chunks_exact_mut(side * side * 3).zip(indices).try_for_each(
        |(out, &index)| -> Result<(), Failure> {
            let source = images.get(index)?;
            match changes {
                None => out.copy_from_slice(&source),
                Some(Changes { kind, strength, fill, seed, epoch }) => {
                    let mut random = Random::new(&[seed, epoch, index as u64]);
                    augment(kind, &source, out, side, fill, &mut random);
                    if strength > 0 {
                        rand_augment(out, side, fill, strength, &mut random);
                    }
                }
            }
            Ok(())
        },
    )?;
    Ok(Batch { pixels, labels: indices.iter().map(|&index| images.label(index)).collect() })
}

/// The training batches of an epoch: every image once, in the epoch's own order, in batches of equal size give or
/// take one, so that no image is dropped and no last batch is tiny.
pub fn training_plan(count: usize, batch: usize, seed: u64, epoch: u64) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..count).collect();
    Random::new(&[seed, epoch]).shuffle(&mut order);
    even_batches(&order, batch)
}

/// An order in batches of equal size give or take one.
pub fn even_batches(order: &[usize], batch: usize) -> Vec<Vec<usize>> {
    let count = order.len();
    let batches = steps_per_epoch(count, batch);
    (0..batches).map(|index| order[index * count / batches..(index + 1) * count / batches].to_vec()).collect()
}

pub fn steps_per_epoch(count: usize, batch: usize) -> usize {
    count.div_ceil(batch)
}

/// Every image once, in order.
pub fn evaluation_plan(count: usize, batch: usize) -> Vec<Vec<usize>> {
    (0..count).collect::<Vec<_>>().chunks(batch).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::cache::ImageFile;
    use crate::data::cache::Labelled;
    use trainyard_events::config::Resize;

    #[test]
    fn a_plan_holds_every_image_once_in_even_batches() {
        for (count, batch) in [(1437, 64), (10, 10), (11, 10), (5, 2), (1, 4)] {
            let plan = training_plan(count, batch, 1, 2);
            let mut all: Vec<usize> = plan.concat();
            all.sort_unstable();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            let (least, most) =
                (plan.iter().map(Vec::len).min().unwrap(), plan.iter().map(Vec::len).max().unwrap());
            assert!(most <= batch && most - least <= 1, "{count} {batch}: {least} to {most}");
            assert_eq!(plan.len(), steps_per_epoch(count, batch));
        }
        assert_ne!(training_plan(50, 10, 1, 1), training_plan(50, 10, 1, 2));
        assert_eq!(training_plan(50, 10, 1, 2), training_plan(50, 10, 1, 2));
    }

    fn folder(count: usize) -> (tempfile::TempDir, Vec<Labelled>) {
        let folder = tempfile::tempdir().unwrap();
        let images = (0..count)
            .map(|index| {
                let path = format!("{index}.png");
                image::RgbImage::from_fn(20, 16, |x, y| image::Rgb([index as u8, x as u8 * 9, y as u8 * 9]))
                    .save(folder.path().join(&path))
                    .unwrap();
                Labelled { file: ImageFile::there(folder.path(), path), label: index as i64 % 3 }
            })
            .collect();
        (folder, images)
    }

    #[test]
    fn batches_are_the_same_with_any_number_of_threads_cached_or_not() {
        let (folder, images) = folder(23);
        let run = |threads: usize, budget: u64| -> Vec<Batch> {
            let images = Images::new(folder.path().to_owned(), images.clone(), 16, Resize::Stretch, budget);
            assert_eq!(images.is_cached(), budget > 0);
            let changes =
                Changes { kind: Augmentation::Standard, strength: 9, fill: [9; 3], seed: 5, epoch: 3 };
            let loader = Loader::new(threads).unwrap();
            loader
                .batches(&Arc::new(images), 16, training_plan(23, 5, 5, 3), Some(changes))
                .collect::<Result<_, _>>()
                .unwrap()
        };
        let one = run(1, 0);
        assert_eq!(one.len(), 5);
        assert_eq!(one, run(4, 0));
        assert_eq!(one, run(3, 1 << 20));
    }

    #[test]
    fn a_file_that_vanished_is_a_failure_of_the_dataset() {
        let (folder, images) = folder(4);
        std::fs::remove_file(folder.path().join("2.png")).unwrap();
        let images = Arc::new(Images::new(folder.path().to_owned(), images, 16, Resize::Stretch, 0));
        let mut batches = Loader::new(2).unwrap().batches(&images, 16, evaluation_plan(4, 2), None);
        assert!(batches.next().unwrap().is_ok());
        let failure = batches.next().unwrap().unwrap_err();
        assert_eq!(failure.class, trainyard_events::job::FailureClass::Dataset);
        assert!(failure.to_string().contains("2.png"), "{failure}");
    }
}
