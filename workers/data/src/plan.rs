//! What one training sees of a dataset: the classes that were asked for, and a part set aside to validate on.

use trainyard_events::config::Task;
use trainyard_events::reason::{Advice, Trouble, Unfit};

use crate::divide::divide;
use crate::good::{GOOD_MIN, good_class};
use crate::manifest::{Image, Label, Manifest, Split};
use crate::refusal::Refusal;

/// Why a dataset has not what a configuration asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Unwanted {
    pub trouble: Trouble,
    pub advice: Advice,
}

impl Manifest {
    /// The same images as a training to `task` sees them. `classes` are those asked for, in their order; empty means all.
    /// Where the dataset sets nothing aside to validate on, `seed` decides.
    pub fn planned(mut self, task: Task, classes: &[String], seed: u64) -> Result<Manifest, Box<Unwanted>> {
        let good = if task == Task::Anomaly { Some(self.good()?) } else { None };
        if !classes.is_empty() {
            // Good ones are always among what is learnt.
            let good = good.iter().map(|good| self.header.classes[*good].clone());
            let good: Vec<String> = good.filter(|good| !classes.contains(good)).collect();
            self.choose(task, &[&good[..], classes].concat())?;
        }
        if matches!(task, Task::Classify | Task::Anomaly) {
            // An image of none of the classes teaches nothing.
            self.images.retain(|image| !image.labels.is_empty());
        }
        if task == Task::Anomaly {
            let good = self.good()?;
            self.of_good_ones(good, seed);
            return Ok(self);
        }
        if !self.is_split() {
            divide(&mut self.images, seed);
            self.header.divided = true;
        }
        Ok(self)
    }

    /// The class of good ones.
    fn good(&self) -> Result<usize, Box<Unwanted>> {
        good_class(&self.header.classes).ok_or_else(|| {
            let trouble = Trouble::NoSuchClasses { classes: vec!["good".to_owned()] };
            let advice = Advice::ClassesThereAre { classes: self.header.classes.clone() };
            Box::new(Unwanted { trouble, advice })
        })
    }

    /// Labels of other classes are gone; what has none left is background.
    fn choose(&mut self, task: Task, classes: &[String]) -> Result<(), Box<Unwanted>> {
        let has = self.header.classes.clone();
        let unknown: Vec<String> = classes.iter().filter(|name| !has.contains(name)).cloned().collect();
        if !unknown.is_empty() {
            let trouble = Trouble::NoSuchClasses { classes: unknown };
            return Err(Box::new(Unwanted { trouble, advice: Advice::ClassesThereAre { classes: has } }));
        }
        if task == Task::Classify && classes.len() < 2 {
            let (trouble, advice) = (Trouble::OneClassChosen, Advice::NameTwoClasses { classes: has });
            return Err(Box::new(Unwanted { trouble, advice }));
        }
        let numbers: Vec<Option<usize>> =
            has.iter().map(|name| classes.iter().position(|class| class == name)).collect();
        for image in &mut self.images {
            image.labels = renumbered(std::mem::take(&mut image.labels), &numbers);
        }
        self.header.classes = classes.to_vec();
        Ok(())
    }

    /// Refuses what nobody could learn from, or judge by.
    pub fn refuse_if_untrainable(&self) -> Result<(), Refusal> {
        match self.task() {
            Task::Classify => self.refuse_classes(),
            Task::Anomaly => self.refuse_few_good(),
            Task::Detect | Task::Segment | Task::Pose => self.refuse_objects(),
        }
    }

    fn refuse_few_good(&self) -> Result<(), Refusal> {
        let good = good_class(&self.header.classes);
        let teaches = |image: &&Image| {
            image.split == Split::Train && image.labels.first().map(|label| label.class) == good
        };
        match self.images.iter().filter(teaches).count() {
            good if good < GOOD_MIN => {
                let (good, least) = (good as u64, GOOD_MIN as u64);
                Err(Refusal::new(Unfit::FewGoodImages { good, least }, Advice::AddGoodImages))
            }
            _ => Ok(()),
        }
    }

    fn refuse_classes(&self) -> Result<(), Refusal> {
        let with = |class: usize, split: Option<Split>| {
            let fits = |image: &&Image| {
                image.labels[0].class == class && split.is_none_or(|split| image.split == split)
            };
            self.images.iter().filter(fits).count()
        };
        let classes = || 0..self.header.classes.len();
        if let Some(class) = classes().find(|&class| with(class, Some(Split::Train)) == 0) {
            let class = self.header.classes[class].clone();
            let advice = Advice::FillOrRemoveFolder { folder: class.clone() };
            return Err(Refusal::new(Unfit::ClassWithoutImage { class }, advice));
        }
        if !self.is_split() && classes().all(|class| with(class, Some(Split::Train)) == 1) {
            return Err(Refusal::new(Unfit::OneImageEach, Advice::AddImages));
        }
        Ok(())
    }

    fn refuse_objects(&self) -> Result<(), Refusal> {
        let holds = |image: &&Image| image.labels.iter().any(|label| !label.crowd);
        let with = |split| self.images.iter().filter(|image| image.split == split).filter(holds).count();
        let images = self.images.len() as u64;
        match (with(Split::Train), with(Split::Validation), self.is_split()) {
            (0, 0, _) => Err(Refusal::new(Unfit::NoBoxes { images }, Advice::CheckLabelPlaces)),
            (0, ..) => Err(Refusal::new(Unfit::NoBoxToTrainOn, Advice::CheckLabelPlaces)),
            (_, 0, true) => Err(Refusal::new(Unfit::NoBoxToValidateOn, Advice::CheckLabelPlaces)),
            (1, _, false) => Err(Refusal::new(Unfit::OneImageWithBoxes, Advice::LabelMore)),
            _ => Ok(()),
        }
    }
}

fn renumbered(labels: Vec<Label>, numbers: &[Option<usize>]) -> Vec<Label> {
    labels.into_iter().filter_map(|label| Some(Label { class: numbers[label.class]?, ..label })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{FORM, Header};

    fn manifest(of: &[&[usize]], is_object: bool) -> Manifest {
        let label = |class: &usize| Label {
            bounds: is_object.then_some([0.0, 0.0, 9.0, 9.0]),
            ..Label::of_class(*class)
        };
        let image = |(index, classes): (usize, &&[usize])| Image {
            sha256: format!("{index:064x}"),
            name: format!("{index}.png"),
            bytes: 1,
            width: 9,
            height: 9,
            split: Split::Train,
            labels: classes.iter().map(label).collect(),
        };
        let images: Vec<Image> = of.iter().enumerate().map(image).collect();
        let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
        let header = Header { form: FORM, classes, ..Header::default() };
        let header = Header { kinds: Manifest::kinds_of(&header.classes, &images), ..header };
        Manifest { header, images }
    }

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn classes_are_all_or_those_asked_for_in_order() {
        let all = manifest(&[&[0], &[0], &[1], &[1], &[2], &[2]], false);
        assert_eq!(all.clone().planned(Task::Classify, &[], 1).unwrap().header.classes, ["a", "b", "c"]);
        let two = all.clone().planned(Task::Classify, &named(&["c", "a"]), 1).unwrap();
        let classes: Vec<usize> = two.images.iter().map(|image| image.labels[0].class).collect();
        assert_eq!((two.header.classes, classes), (named(&["c", "a"]), vec![1, 1, 0, 0]));
        let unwanted = all.clone().planned(Task::Classify, &named(&["a", "x"]), 1).unwrap_err();
        let Unwanted { trouble, advice } = *unwanted;
        assert_eq!(trouble, Trouble::NoSuchClasses { classes: named(&["x"]) });
        assert_eq!(advice, Advice::ClassesThereAre { classes: named(&["a", "b", "c"]) });
        assert_eq!(
            all.planned(Task::Classify, &named(&["a"]), 1).unwrap_err().trouble,
            Trouble::OneClassChosen
        );
    }

    #[test]
    fn boxes_of_other_classes_are_background() {
        let found =
            manifest(&[&[0, 1, 2, 2], &[0], &[2]], true).planned(Task::Detect, &named(&["c", "b"]), 1);
        let found = found.unwrap();
        let classes = |index: usize| -> Vec<usize> {
            found.images[index].labels.iter().map(|label| label.class).collect()
        };
        assert_eq!([classes(0), classes(1), classes(2)], [vec![1, 0, 0], vec![], vec![0]]);
    }

    #[test]
    fn what_cannot_be_learned_or_judged_is_refused() {
        let because =
            |manifest: Manifest| manifest.refuse_if_untrainable().map_err(|refusal| *refusal.because);
        assert_eq!(because(manifest(&[&[0], &[1], &[2]], false)), Err(Unfit::OneImageEach));
        let class = "c".to_owned();
        assert_eq!(because(manifest(&[&[0], &[0], &[1]], false)), Err(Unfit::ClassWithoutImage { class }));
        assert_eq!(because(manifest(&[&[0], &[]], true)), Err(Unfit::OneImageWithBoxes));
        assert_eq!(because(manifest(&[&[0], &[0]], true)), Ok(()));
        let mut split = manifest(&[&[0], &[]], true);
        split.images[1].split = Split::Validation;
        assert_eq!(because(split.clone()), Err(Unfit::NoBoxToValidateOn));
        split.images[0].split = Split::Test;
        assert_eq!(because(split), Err(Unfit::NoBoxes { images: 2 }));
    }
}
