//! The same content twice: in training and in what judges it, with other labels, or for nothing.

use std::collections::HashMap;

use trainyard_events::dataset::FileProblem;
use trainyard_events::reason::{Caution, Flaw};

use crate::manifest::{Header, Image, Split};
use crate::refusal::flawed;

pub fn duplicates(header: &Header, images: &[Image], noted: &mut Vec<FileProblem>) -> Vec<Caution> {
    let mut first: HashMap<&str, &Image> = HashMap::new();
    let mut pairs = Pairs::default();
    for image in images {
        let Some(&other) = first.get(image.sha256.as_str()) else {
            first.insert(&image.sha256, image);
            continue;
        };
        noted.push(flawed(&image.name, vec![Flaw::SameImageAs { path: other.name.clone() }]));
        let (differ, leaks) =
            (other.labels != image.labels, (other.split == Split::Train) != (image.split == Split::Train));
        if leaks {
            pairs.leaked.push((other, image));
        }
        if differ {
            pairs.contradicting.push((other, image));
        }
        if !leaks && !differ {
            pairs.repeated.push((other, image));
        }
    }
    pairs.cautions(header)
}

#[derive(Default)]
struct Pairs<'a> {
    leaked: Vec<(&'a Image, &'a Image)>,
    contradicting: Vec<(&'a Image, &'a Image)>,
    repeated: Vec<(&'a Image, &'a Image)>,
}

impl Pairs<'_> {
    fn cautions(&self, header: &Header) -> Vec<Caution> {
        let counted = |pairs: &[(&Image, &Image)]| {
            let (other, image) = pairs.first()?;
            Some((pairs.len() as u64, image.name.clone(), other.name.clone()))
        };
        let is_of_images = |image: &Image| image.labels.iter().all(|label| label.is_of_image());
        let leaked = counted(&self.leaked).map(|(images, path, other)| {
            match self
                .leaked
                .first()
                .is_some_and(|(image, _)| is_of_images(image) && !image.labels.is_empty())
            {
                true => Caution::Leaked { images, path, other },
                false => Caution::LeakedScenes { images, path, other },
            }
        });
        let contradicting = counted(&self.contradicting).map(|(images, path, other)| {
            let class = |image: &Image| header.classes.get(image.labels.first()?.class).cloned();
            let classes = self.contradicting.first().and_then(|(other, image)| {
                (is_of_images(other) && is_of_images(image)).then_some(())?;
                Some((class(image)?, class(other)?))
            });
            match classes {
                Some((class, other_class)) => {
                    Caution::UnderTwoClasses { images, path, class, other, other_class }
                }
                None => Caution::TwiceWithOtherBoxes { images, path, other },
            }
        });
        let repeated =
            counted(&self.repeated).map(|(images, path, other)| Caution::Twice { images, path, other });
        [leaked, contradicting, repeated].into_iter().flatten().collect()
    }
}
