//! From labels as written to labels that can be used: in pixels, inside the image, each once.

mod shapes;

pub(crate) use shapes::around;

use std::collections::HashMap;

use trainyard_events::dataset::FileProblem;
use trainyard_events::reason::{BoxFlaw, Flaw, LabelFormat, Place};

use crate::limits::{IMAGE_SIDE_MIN, NOTES_OF_FILE};
use crate::look::Seen;
use crate::manifest::{Image, Label, Split};
use crate::read::{Draft, DraftImage, DraftLabel};
use crate::refusal::flawed;
use crate::root::Listing;

/// What settling the labels of all images came to.
#[derive(Debug, Default)]
pub struct Tally {
    pub cut: u64,
    pub dropped: u64,
    pub repeated: u64,
    pub turned: u64,
    pub unlabelled: u64,
    /// Images named for training and for what judges it, and the first.
    pub in_two_splits: (u64, Option<String>),
}

#[derive(Debug, Default)]
pub struct Settled {
    /// Sorted by name.
    pub images: Vec<Image>,
    /// Of each image, its index into the listing's files.
    pub files: Vec<usize>,
    pub bad: Vec<FileProblem>,
    pub noted: Vec<FileProblem>,
    pub tally: Tally,
}

pub fn settle(listing: &Listing, draft: &Draft, seen: &HashMap<usize, Result<Seen, Flaw>>) -> Settled {
    let mut settled = Settled { bad: draft.problems.clone(), ..Settled::default() };
    let mut of_file: HashMap<usize, Vec<&DraftImage>> = HashMap::new();
    for image in &draft.images {
        of_file.entry(image.file).or_default().push(image);
    }
    let mut files: Vec<usize> = of_file.keys().copied().collect();
    // The listing is sorted by name.
    files.sort_unstable();
    for file in files {
        let name = &listing.files[file].name;
        let Some(seen) = seen.get(&file) else { continue };
        let one = One { name, format: draft.format, seen };
        let split = settled.split(&of_file[&file], name);
        match one.settle(&of_file[&file], split, &mut settled) {
            Ok(image) => {
                settled.images.push(image);
                settled.files.push(file);
            }
            Err(problem) => settled.bad.push(problem),
        }
    }
    settled
}

impl Settled {
    /// An image in two splits is trained on: what has been seen judges nothing.
    fn split(&mut self, images: &[&DraftImage], name: &str) -> Split {
        let mut splits: Vec<Split> = images.iter().map(|image| image.split).collect();
        splits.sort_unstable();
        splits.dedup();
        if splits.len() > 1 {
            self.tally.in_two_splits.0 += 1;
            self.tally.in_two_splits.1.get_or_insert_with(|| name.to_owned());
        }
        splits.first().copied().unwrap_or(Split::Train)
    }
}

struct One<'a> {
    name: &'a str,
    format: LabelFormat,
    seen: &'a Result<Seen, Flaw>,
}

impl One<'_> {
    fn settle(&self, drafts: &[&DraftImage], split: Split, all: &mut Settled) -> Result<Image, FileProblem> {
        let problem = |flaw: Flaw| flawed(self.name, vec![flaw]);
        let seen = self.seen.as_ref().map_err(|flaw| problem(flaw.clone()))?;
        let (width, height) = (seen.width, seen.height);
        let (first, others) = drafts.split_first().ok_or_else(|| problem(Flaw::LabelWithoutImage))?;
        let labels = first.labels.as_ref().map_err(FileProblem::clone)?;
        for other in others {
            let others = other.labels.as_ref().map_err(FileProblem::clone)?;
            let same = |a: &DraftLabel, b: &DraftLabel| a.label == b.label && a.is_relative == b.is_relative;
            if labels.len() != others.len() || !labels.iter().zip(others).all(|(a, b)| same(a, b)) {
                return Err(problem(Flaw::LabelledTwice));
            }
        }
        let is_of_object = labels.iter().any(|label| !label.label.is_of_image());
        if is_of_object && width.min(height) < IMAGE_SIDE_MIN {
            return Err(problem(Flaw::TooSmall { width, height, least: IMAGE_SIDE_MIN }));
        }
        if let Some((stated_width, stated_height)) = first.stated.filter(|stated| *stated != (width, height))
        {
            let turned = seen.is_turned && (stated_height, stated_width) == (width, height);
            return Err(problem(Flaw::OtherSize { width, height, stated_width, stated_height, turned }));
        }
        let mut notes = Vec::new();
        let labels = self.labels(labels, seen, &mut all.tally, &mut notes).map_err(problem)?;
        let is_labelled = drafts.iter().any(|draft| draft.is_labelled);
        if !is_labelled {
            notes.push(Flaw::Background);
        }
        if seen.is_turned && is_of_object {
            notes.push(Flaw::TurnedByExif);
            all.tally.turned += 1;
        }
        all.tally.unlabelled += u64::from(!is_labelled);
        all.note(self.name, notes);
        let sha256 = hex::encode(seen.sha256);
        Ok(Image { sha256, name: self.name.to_owned(), bytes: seen.bytes, width, height, split, labels })
    }

    fn labels(
        &self,
        drafts: &[DraftLabel],
        seen: &Seen,
        tally: &mut Tally,
        notes: &mut Vec<Flaw>,
    ) -> Result<Vec<Label>, Flaw> {
        let mut labels: Vec<Label> = Vec::with_capacity(drafts.len());
        let mut known = std::collections::HashSet::new();
        let mut repeated = 0;
        for draft in drafts {
            let mut say = |flaw: BoxFlaw| {
                notes.push(Flaw::Box { place: draft.place.clone(), flaw });
            };
            match shapes::settle(draft, self.format, seen.width, seen.height)? {
                Ok((label, was_cut)) => {
                    if was_cut {
                        tally.cut += 1;
                        say(BoxFlaw::Cut);
                    }
                    // Numbers have no order and no equality of their own; their text has.
                    if known.insert(serde_json::to_string(&label).unwrap_or_default()) {
                        labels.push(label);
                    } else {
                        repeated += 1;
                    }
                }
                Err(flaw) => {
                    tally.dropped += 1;
                    say(flaw);
                }
            }
        }
        tally.repeated += repeated;
        if repeated > 0 {
            notes.push(Flaw::RepeatedBoxes { boxes: repeated });
        }
        Ok(labels)
    }
}

impl Settled {
    fn note(&mut self, name: &str, mut notes: Vec<Flaw>) {
        if notes.is_empty() {
            return;
        }
        let more = notes.len().saturating_sub(NOTES_OF_FILE) as u64;
        notes.truncate(NOTES_OF_FILE);
        notes.extend((more > 0).then_some(Flaw::MoreNotes { notes: more }));
        self.noted.push(flawed(name, notes));
    }
}

/// Where a label stands, for what is said of a shape.
pub(crate) fn does_not_fit(place: &Place) -> Flaw {
    Flaw::MaskDoesNotFit { place: place.clone() }
}
