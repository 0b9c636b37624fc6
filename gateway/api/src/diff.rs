//! `/v1/datasets/{id}/diff`: what is other in one version of a dataset than in another, from the lines of both manifests.
//!
//! Manifests are in the order of their names, so both are gone through once, side by side. Held in memory is only what
//! has no counterpart of the same name: a file that was moved into another folder is found by its content.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trainyard_events::dataset::SplitCounts;

use crate::images::Split;

/// Images that a diff names of each kind; the rest is counted.
pub const NAMED: usize = 20;
/// The newest form of a manifest that is read here.
const FORM: u32 = 1;

/// Both by number or tag: the newest, and the one before it, where they are not said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DiffQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What is other in `to` than in `from`. An image that was moved and labelled anew counts as both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetDiff {
    pub from: DiffSide,
    pub to: DiffSide,
    /// Of no content and no name that was there.
    pub added: DiffImages,
    pub removed: DiffImages,
    /// Into another split.
    pub moved: DiffImages,
    /// Of other labels, by the names of their classes.
    pub relabelled: DiffImages,
    /// Another content under the same name.
    pub replaced: DiffImages,
    /// The same content under another name, in the same split.
    pub renamed: DiffImages,
    /// Classes of either, in the order of `to`; images that have a label of each.
    pub classes: Vec<DiffClass>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffSide {
    /// Of the version.
    pub number: u32,
    pub images: SplitCounts,
    pub labels: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffImages {
    pub count: u64,
    /// The first of them by name.
    pub first: Vec<DiffImage>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffImage {
    pub name: String,
    /// What it was called, if otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Of one that was moved: out of which split, and into which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub splits: Option<[Split; 2]>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffClass {
    pub name: String,
    pub from: SplitCounts,
    pub to: SplitCounts,
}

/// By what the reader can do: read it once more, add the dataset again, or take a newer release.
#[derive(Debug, PartialEq)]
pub enum DiffError<E> {
    Unread(E),
    /// Of which version.
    Broken {
        number: u32,
        line: u64,
    },
    Newer {
        number: u32,
        form: u32,
    },
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

#[derive(Deserialize)]
struct Head {
    classes: Vec<String>,
}

#[derive(Deserialize)]
struct Line {
    sha256: String,
    name: String,
    split: Split,
    labels: Vec<Map<String, Value>>,
}

/// What counts of an image. 128 bits of its hash tell contents apart, and 64 sets of labels.
struct Image {
    content: u128,
    name: String,
    split: Split,
    labels: u64,
}

/// Goes through the lines of two manifests, without their ends.
pub fn between<E>(
    from: (u32, impl Iterator<Item = Result<Vec<u8>, E>>),
    to: (u32, impl Iterator<Item = Result<Vec<u8>, E>>),
) -> Result<DatasetDiff, DiffError<E>> {
    let (mut old, mut new) = (Side::open(from)?, Side::open(to)?);
    let mut diff = DatasetDiff::default();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let (mut before, mut after) = (old.next()?, new.next()?);
    loop {
        let order = match (&before, &after) {
            (Some(before), Some(after)) => before.name.cmp(&after.name),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        if order == Ordering::Equal
            && let (Some(before), Some(after)) = (&before, &after)
        {
            diff.of_one_name(before, after);
        }
        if order != Ordering::Greater {
            gone.extend(before.take().filter(|_| order == Ordering::Less));
            before = old.next()?;
        }
        if order != Ordering::Less {
            come.extend(after.take().filter(|_| order == Ordering::Greater));
            after = new.next()?;
        }
    }
    diff.by_content(gone, come);
    diff.classes = classes(&old, &new);
    (diff.from, diff.to) = (old.told, new.told);
    for images in diff.lists() {
        images.cut();
    }
    Ok(diff)
}

impl DatasetDiff {
    fn lists(&mut self) -> [&mut DiffImages; 6] {
        let DatasetDiff { added, removed, moved, relabelled, replaced, renamed, .. } = self;
        [added, removed, moved, relabelled, replaced, renamed]
    }

    /// Whether both are the same images with the same labels.
    pub fn is_empty(&self) -> bool {
        let DatasetDiff { added, removed, moved, relabelled, replaced, renamed, .. } = self;
        [added, removed, moved, relabelled, replaced, renamed].iter().all(|images| images.count == 0)
    }

    fn of_one_name(&mut self, before: &Image, after: &Image) {
        if before.content != after.content {
            self.replaced.take(after, None, None);
        }
        self.of_one_image(before, after);
    }

    /// Whether it is somewhere else, or says something else.
    fn of_one_image(&mut self, before: &Image, after: &Image) -> bool {
        let was = (before.name != after.name).then_some(before);
        if before.split != after.split {
            self.moved.take(after, was, Some([before.split, after.split]));
        }
        if before.labels != after.labels {
            self.relabelled.take(after, was, None);
        }
        before.split != after.split
    }

    /// Of what has no counterpart by name, the same contents are the same images.
    fn by_content(&mut self, mut gone: Vec<Image>, mut come: Vec<Image>) {
        let by_content =
            |one: &Image, other: &Image| (one.content, &one.name).cmp(&(other.content, &other.name));
        gone.sort_unstable_by(by_content);
        come.sort_unstable_by(by_content);
        let (mut gone, mut come) = (gone.into_iter().peekable(), come.into_iter().peekable());
        loop {
            let order = match (gone.peek(), come.peek()) {
                (Some(before), Some(after)) => before.content.cmp(&after.content),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return,
            };
            let before = (order != Ordering::Greater).then(|| gone.next()).flatten();
            let after = (order != Ordering::Less).then(|| come.next()).flatten();
            match (before, after) {
                (Some(before), Some(after)) => {
                    if !self.of_one_image(&before, &after) {
                        self.renamed.take(&after, Some(&before), None);
                    }
                }
                (Some(before), None) => self.removed.take(&before, None, None),
                (None, Some(after)) => self.added.take(&after, None, None),
                (None, None) => {}
            }
        }
    }
}

impl DiffImages {
    fn take(&mut self, image: &Image, before: Option<&Image>, splits: Option<[Split; 2]>) {
        self.count += 1;
        let before = before.map(|before| before.name.clone());
        self.first.push(DiffImage { name: image.name.clone(), before, splits });
        if self.first.len() >= 2 * NAMED {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.first.sort_unstable();
        self.first.truncate(NAMED);
    }
}

/// One of the two manifests, as far as it was read.
struct Side<I> {
    lines: I,
    line: u64,
    last: Option<String>,
    classes: Vec<String>,
    /// Images that have a label of each class.
    counts: Vec<SplitCounts>,
    told: DiffSide,
}

impl<E, I: Iterator<Item = Result<Vec<u8>, E>>> Side<I> {
    fn open((number, mut lines): (u32, I)) -> Result<Side<I>, DiffError<E>> {
        let first = lines.next().ok_or(DiffError::Broken { number, line: 1 })?.map_err(DiffError::Unread)?;
        let Form { form } = parse(&first, number, 1)?;
        if form > FORM {
            return Err(DiffError::Newer { number, form });
        }
        let Head { classes } = parse(&first, number, 1)?;
        let counts = vec![SplitCounts::default(); classes.len()];
        let told = DiffSide { number, ..DiffSide::default() };
        Ok(Side { lines, line: 1, last: None, classes, counts, told })
    }

    fn next(&mut self) -> Result<Option<Image>, DiffError<E>> {
        let Some(text) = self.lines.next() else { return Ok(None) };
        self.line += 1;
        let number = self.told.number;
        let broken = DiffError::Broken { number, line: self.line };
        let line: Line = parse(&text.map_err(DiffError::Unread)?, number, self.line)?;
        if self.last.as_ref().is_some_and(|last| *last >= line.name) {
            return Err(broken);
        }
        let content = line.sha256.get(..32).and_then(|digits| u128::from_str_radix(digits, 16).ok());
        let (Some(content), Some(labels)) = (content, self.count(&line)) else { return Err(broken) };
        self.last = Some(line.name.clone());
        Ok(Some(Image { content, name: line.name, split: line.split, labels }))
    }

    /// Counts an image in, and tells its labels from others. `None` if they are of no class.
    fn count(&mut self, line: &Line) -> Option<u64> {
        let mut seen = BTreeSet::new();
        let mut labels = Vec::with_capacity(line.labels.len());
        for label in &line.labels {
            let class = usize::try_from(label.get("class")?.as_u64()?).ok()?;
            let name = self.classes.get(class)?;
            let rest: Vec<_> = label.iter().filter(|(field, _)| *field != "class").collect();
            labels.push(serde_json::to_string(&(name, rest)).ok()?);
            seen.insert(class);
        }
        *of_split(&mut self.told.images, line.split) += 1;
        self.told.labels += line.labels.len() as u64;
        for class in seen {
            *of_split(&mut self.counts[class], line.split) += 1;
        }
        // Their order says nothing.
        labels.sort_unstable();
        let mut hasher = DefaultHasher::new();
        labels.hash(&mut hasher);
        Some(hasher.finish())
    }
}

fn parse<T: DeserializeOwned, E>(text: &[u8], number: u32, line: u64) -> Result<T, DiffError<E>> {
    serde_json::from_slice(text).map_err(|_| DiffError::Broken { number, line })
}

fn of_split(counts: &mut SplitCounts, split: Split) -> &mut u64 {
    match split {
        Split::Train => &mut counts.train,
        Split::Validation => &mut counts.validation,
        Split::Test => &mut counts.test,
    }
}

fn classes<I, J>(old: &Side<I>, new: &Side<J>) -> Vec<DiffClass> {
    let count = |classes: &[String], counts: &[SplitCounts], name: &String| {
        classes.iter().position(|class| class == name).map_or_else(SplitCounts::default, |at| counts[at])
    };
    let gone = old.classes.iter().filter(|name| !new.classes.contains(name));
    let both = new.classes.iter().chain(gone);
    both.map(|name| DiffClass {
        name: name.clone(),
        from: count(&old.classes, &old.counts, name),
        to: count(&new.classes, &new.counts, name),
    })
    .collect()
}

#[cfg(test)]
mod tests;
