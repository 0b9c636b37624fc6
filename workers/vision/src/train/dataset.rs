//! The images of a job by split, as its manifest has them, checked before the first step.

use std::fs::File;
use std::io::BufReader;

use trainyard_data::manifest::{Header, Image, Manifest, Split};
use trainyard_events::reason::{Advice, Cause, Trouble, Unfit};
use trainyard_events::trainer::TrainerSpec;

use crate::data::cache::ImageFile;
use crate::data::loader::Loader;
use crate::failure::Failure;
use crate::tasks::{Part, Splits, Task};
use crate::train::Hardware;
use crate::train::setup::Notes;

pub struct Dataset<P> {
    /// As the network counts them.
    pub classes: Vec<String>,
    /// Names of the key points of each object.
    pub keypoints: Vec<String>,
    pub splits: Splits<P>,
    pub hash: String,
    /// Of its 16-bit images, where they use fewer.
    pub sample_bits: Option<u32>,
}

impl<P: Part> Dataset<P> {
    /// Of the manifest that the specification names.
    pub fn open<T: Task<Part = P>>(
        spec: &TrainerSpec,
        hardware: &Hardware,
        notes: &mut Notes,
    ) -> Result<Self, Failure> {
        let unreadable = |because: String| {
            let path = spec.manifest.display().to_string();
            let cause = Cause::said(because);
            Failure::config(Trouble::SpecUnreadable { path, cause }, Advice::SpecOfAgent)
        };
        let file = File::open(&spec.manifest).map_err(|error| unreadable(error.to_string()))?;
        let manifest = Manifest::read(BufReader::new(file)).map_err(|error| unreadable(error.to_string()))?;
        Dataset::of::<T>(manifest, spec, hardware, notes)
    }

    pub fn of<T: Task<Part = P>>(
        manifest: Manifest,
        spec: &TrainerSpec,
        hardware: &Hardware,
        notes: &mut Notes,
    ) -> Result<Self, Failure> {
        let Manifest { header, images } = manifest;
        let task = T::TASK;
        if !header.kinds.contains(&task) {
            let because = Unfit::OtherLabels { task, kinds: header.kinds };
            return Err(Failure::dataset(because, Advice::TaskOfLabels));
        }
        if !images.iter().any(|image| image.split == Split::Train) {
            return Err(Failure::dataset(Unfit::NoTrainingImages, Advice::AddImages));
        }
        let split = if header.divided { "80/20, by content and seed" } else { "the dataset's own" };
        notes.insert("split".to_owned(), split.to_owned());
        let loader = Loader::new(hardware.threads)?;
        let splits = T::open(spec, &images, &header, &loader, notes)?;
        let kept =
            splits.train.kept().map_or("none".into(), |bytes| format!("{} MiB in memory", bytes >> 20));
        notes.insert("decoded_images_kept".to_owned(), kept);
        let Header { classes, keypoints, sample_bits, .. } = header;
        let keypoints = keypoints.unwrap_or_default();
        Ok(Dataset { classes, keypoints, splits, hash: spec.dataset_hash.clone(), sample_bits })
    }

    /// The colour that erased areas are filled with: the mean, which is 0 after normalising.
    pub fn fill(&self) -> [u8; 3] {
        self.splits.statistics.0.map(|mean| (mean * 255.0).round() as u8)
    }
}

pub fn of_split<T>(images: &[Image], split: Split, to: impl Fn(&Image) -> Option<T>) -> Vec<T> {
    images.iter().filter(|image| image.split == split).filter_map(to).collect()
}

pub fn file(image: &Image, header: &Header) -> ImageFile {
    let Image { name, sha256, .. } = image;
    ImageFile { path: name.clone(), sha256: sha256.clone(), sample_bits: header.sample_bits }
}
