//! Images with any number of objects in each.

use std::sync::Arc;

use image::RgbImage;
use trainyard_data::manifest::{Header, Image, Split};
use trainyard_events::reason::{Advice, Trouble};
use trainyard_events::trainer::TrainerSpec;

use super::{Find, Finder, ScenesOf};
use crate::data::cache;
use crate::data::loader::Loader;
use crate::data::lot::{Lots, Variation};
use crate::data::scenes::{Scene, Scenes};
use crate::failure::Failure;
use crate::metrics::drawing::{colour_of, labelled};
use crate::tasks::{Part, Splits, picture};
use crate::train::dataset::{file, of_split};
use crate::train::setup::{Notes, check_sizes};
use trainyard_data::object::{Object, Placement, Shape};

/// Pixels are seen as they are, from 0 to 1.
const AS_THEY_ARE: ([f64; 3], [f64; 3]) = ([0.0; 3], [1.0; 3]);

impl<O: Object> Part for Arc<Scenes<O>> {
    type Label = Vec<O>;

    fn len(&self) -> usize {
        Scenes::len(self)
    }

    fn kept(&self) -> Option<u64> {
        self.is_cached().then(|| self.bytes())
    }

    fn not_kept(&self) -> Self {
        Arc::new(Scenes::not_kept(self))
    }

    fn batches(
        &self,
        loader: &Loader,
        side: usize,
        plan: Vec<Vec<usize>>,
        variation: Option<Variation>,
    ) -> Lots<Vec<O>> {
        Box::new(loader.scene_batches(self, side, plan, variation))
    }

    fn shown(&self) -> Vec<usize> {
        let some: Vec<usize> = (0..self.len()).filter(|index| self.scene(*index).has_objects()).collect();
        if some.is_empty() { (0..self.len()).collect() } else { some }
    }

    fn original(&self, index: usize) -> Result<RgbImage, Failure> {
        let square = picture(self.side(), self.get(index)?.into_owned());
        Ok(Self::drawn(square, &self.objects(index)))
    }

    fn drawn(square: RgbImage, objects: &Vec<O>) -> RgbImage {
        let boxes: Vec<(usize, [f32; 4])> =
            objects.iter().map(|object| (object.bounds().class, object.bounds().corners)).collect();
        let size = [square.width(), square.height()];
        labelled(&square, &boxes, |page, scale| {
            for object in objects {
                let colour = colour_of(object.bounds().class);
                object.shape(size).paint(page, Placement::scaled(scale), colour);
            }
        })
    }
}

pub(super) fn open<F: Find>(
    spec: &TrainerSpec,
    images: &[Image],
    header: &Header,
    notes: &mut Notes,
) -> Result<Splits<ScenesOf<F>>, Failure> {
    let part = |split| of_split(images, split, |image| Some(scene::<F>(image, header)));
    let (train, validation, test) = (part(Split::Train), part(Split::Validation), part(Split::Test));
    check_sizes::<Finder<F>>(spec, train.len(), validation.len())?;
    check_objects(&train, &header.classes, notes)?;
    if spec.config.batch_size as usize > train.len() {
        let all = format!("{}: there are no more training images", train.len());
        notes.insert("images_of_a_batch".to_owned(), all);
    }
    let (side, budget) = (spec.config.image_size as usize, cache::budget(spec.devices as usize) / 3);
    let scenes = |scenes| Arc::new(Scenes::new(spec.images.clone(), scenes, side, budget));
    Ok(Splits {
        train: scenes(train),
        validation: scenes(validation),
        test: (!test.is_empty()).then(|| scenes(test)),
        statistics: AS_THEY_ARE,
    })
}

fn scene<F: Find>(image: &Image, header: &Header) -> Scene<F::Object> {
    let objects = image.labels.iter().filter_map(|label| F::object(label, header)).collect();
    Scene { file: file(image, header), width: image.width, height: image.height, objects }
}

/// Refuses to learn from nothing; says which classes have nothing.
fn check_objects(train: &[Scene<impl Object>], classes: &[String], notes: &mut Notes) -> Result<(), Failure> {
    let mut counts = vec![0u64; classes.len()];
    let objects = train.iter().flat_map(|scene| &scene.objects);
    for bounds in objects.map(Object::bounds).filter(|bounds| !bounds.crowd) {
        counts[bounds.class] += 1;
    }
    notes.insert("training_boxes".to_owned(), counts.iter().sum::<u64>().to_string());
    let without: Vec<&str> = classes
        .iter()
        .zip(&counts)
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| name.as_str())
        .collect();
    if without.len() == classes.len() {
        return Err(Failure::dataset(Trouble::NoBoxOfClasses, Advice::LabelOrChooseOthers));
    }
    if !without.is_empty() {
        let without = without.join(", ");
        eprintln!("warning: no training image has a box of {without}: it will not be found");
        notes.insert("classes_without_boxes".to_owned(), without);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::cache::ImageFile;
    use trainyard_data::boxes::LabelledBox;

    fn scene(index: u8, classes: &[usize]) -> Scene<LabelledBox> {
        let object = |&class: &usize| LabelledBox { class, corners: [0.0, 0.0, 9.0, 9.0], crowd: false };
        Scene {
            file: ImageFile { path: format!("{index}.png"), sha256: String::new(), sample_bits: None },
            width: 20,
            height: 10,
            objects: classes.iter().map(object).collect(),
        }
    }

    #[test]
    fn a_class_without_boxes_is_told_and_a_set_without_any_is_refused() {
        let classes = ["a", "b"].map(str::to_owned);
        let mut notes = Notes::new();
        check_objects(&[scene(0, &[1, 1]), scene(1, &[])], &classes, &mut notes).unwrap();
        assert_eq!((notes["training_boxes"].as_str(), notes["classes_without_boxes"].as_str()), ("2", "a"));
        assert!(check_objects(&[scene(0, &[])], &classes, &mut notes).is_err());
    }
}
