//! Which class of a dataset is of what is as it should be, and what a training sees that learns from it alone.

use crate::divide::divide;
use crate::manifest::{Image, Manifest, Split};
use crate::names::fold;

/// What people call a folder of good ones, as [`fold`] has it.
const GOOD: [&str; 16] = [
    "good",
    "ok",
    "normal",
    "pass",
    "passed",
    "defect_free",
    "defect-free",
    "defectfree",
    "no_defect",
    "no-defect",
    "non_defective",
    "functional",
    "정상",
    "정상품",
    "양품",
    "합격",
];
/// Fewer good ones to learn from than this tell nothing of how they differ among themselves.
pub(crate) const GOOD_MIN: usize = 2;
/// The other class of a training, where the dataset has several kinds of defects.
const ANOMALOUS: &str = "anomalous";

/// The one class that is called so.
pub(crate) fn good_class(classes: &[String]) -> Option<usize> {
    let mut good = (0..classes.len()).filter(|class| GOOD.contains(&fold(&classes[*class]).as_str()));
    good.next().filter(|_| good.next().is_none())
}

/// Whether every image is either a good one or has defects, and there are good ones.
pub(crate) fn tells_good(classes: &[String], images: &[Image]) -> bool {
    let Some(good) = good_class(classes) else { return false };
    let is_told = |image: &Image| {
        let is_good = |image: &Image| image.labels.iter().any(|label| label.class == good);
        !image.labels.is_empty() && (!is_good(image) || image.labels.len() == 1)
    };
    images.iter().all(is_told) && images.iter().any(|image| image.labels[0].class == good)
}

impl Manifest {
    /// Good ones, as the first class, to learn from, and whatever is known besides to judge by: what the dataset has set aside,
    /// else a part of the good ones that `seed` decides, and every image with a defect. Nothing is tuned on what judges, so that
    /// a test split does where there is no other.
    pub(crate) fn of_good_ones(&mut self, good: usize, seed: u64) {
        let classes = std::mem::take(&mut self.header.classes);
        let other = classes.iter().enumerate().find(|(class, _)| *class != good && classes.len() == 2);
        let other = other.map_or_else(|| ANOMALOUS.to_owned(), |(_, name)| name.clone());
        self.header.classes = vec![classes[good].clone(), other];
        let is_split = self.is_split();
        for image in &mut self.images {
            image.labels.iter_mut().for_each(|label| label.class = usize::from(label.class != good));
            let judges = !is_split && image.split == Split::Test || !is_good(image);
            if judges && (image.split == Split::Train || !is_split) {
                image.split = Split::Validation;
            }
        }
        let validates = |image: &Image| image.split == Split::Validation && is_good(image);
        if !self.images.iter().any(validates) {
            divide(&mut self.images, seed);
            self.header.divided = true;
        }
    }
}

/// Of a dataset of two classes, of which the first is the good one.
fn is_good(image: &Image) -> bool {
    image.labels.iter().all(|label| label.class == 0)
}

#[cfg(test)]
mod tests {
    use trainyard_events::config::Task;

    use super::*;
    use crate::manifest::{FORM, Header, Label};

    /// Images of a class and a split each.
    fn manifest(classes: &[&str], of: &[(usize, Split)]) -> Manifest {
        let image = |(index, (class, split)): (usize, &(usize, Split))| Image {
            sha256: format!("{index:064x}"),
            name: format!("{index:03}.png"),
            bytes: 1,
            width: 9,
            height: 9,
            split: *split,
            labels: vec![Label::of_class(*class)],
        };
        let images: Vec<Image> = of.iter().enumerate().map(image).collect();
        let classes: Vec<String> = classes.iter().map(|name| (*name).to_owned()).collect();
        let kinds = Manifest::kinds_of(&classes, &images);
        Manifest { header: Header { form: FORM, classes, kinds, ..Header::default() }, images }
    }

    /// Of each split, how many good ones and others.
    fn spread(manifest: &Manifest) -> [[usize; 2]; 3] {
        let mut counts = [[0; 2]; 3];
        manifest.images.iter().for_each(|image| counts[image.split as usize][image.labels[0].class] += 1);
        counts
    }

    fn planned(manifest: Manifest) -> Manifest {
        manifest.planned(Task::Anomaly, &[], 1).unwrap()
    }

    #[test]
    fn good_ones_are_known_by_their_name_and_one_name_alone() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (classes, good) in [
            (&["dent", "good"][..], Some(1)),
            (&["OK", "NG"], Some(0)),
            (&["불량", "양품"], Some(1)),
            (&["cats", "dogs"], None),
            (&["good", "ok"], None),
            (&[], None),
        ] {
            assert_eq!(good_class(&names(classes)), good, "{classes:?}");
        }
    }

    #[test]
    fn what_is_known_of_defects_judges_and_never_teaches() {
        use Split::{Test, Train, Validation};
        let goods = [(1, Train); 10];
        let alone = planned(manifest(&["good"], &[(0, Train); 10]));
        assert_eq!((spread(&alone), alone.header.divided), ([[8, 0], [2, 0], [0, 0]], true));
        assert_eq!(alone.header.classes, ["good", "anomalous"]);

        let with_defects = [&goods[..], &[(0, Train), (2, Train), (2, Train)]].concat();
        let plan = planned(manifest(&["dent", "good", "scratch"], &with_defects));
        assert_eq!((spread(&plan), plan.header.divided), ([[8, 0], [2, 3], [0, 0]], true));
        assert_eq!(plan.header.classes, ["good", "anomalous"]);

        // As MVTec AD has it.
        let tested = [&goods[..], &[(1, Test), (1, Test), (0, Test)]].concat();
        let plan = planned(manifest(&["dent", "good"], &tested));
        assert_eq!((spread(&plan), plan.header.divided), ([[10, 0], [2, 1], [0, 0]], false));

        let split = [&tested[..], &[(1, Validation), (0, Validation), (0, Train)]].concat();
        let plan = planned(manifest(&["dent", "good"], &split));
        assert_eq!((spread(&plan), plan.header.divided), ([[10, 0], [1, 2], [2, 1]], false));
    }

    #[test]
    fn a_set_that_classifies_may_tell_good_ones_too() {
        use Split::{Test, Train};
        let kinds = |classes: &[&str], of: &[(usize, Split)]| manifest(classes, of).header.kinds;
        assert_eq!(kinds(&["dent", "good"], &[(0, Train), (1, Train)]), [Task::Classify, Task::Anomaly]);
        assert_eq!(kinds(&["dent", "good"], &[(0, Test), (1, Train)]), [Task::Anomaly]);
        assert_eq!(kinds(&["good"], &[(0, Train)]), [Task::Anomaly]);
        assert_eq!(kinds(&["cat", "dog"], &[(0, Train), (1, Train)]), [Task::Classify]);
    }
}
