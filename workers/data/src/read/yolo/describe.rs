//! A yaml file that names the splits and the classes of a dataset.

use std::collections::BTreeMap;

use serde::Deserialize;
use trainyard_events::reason::{Advice, Cause, Caution, Flaw, Unfit};

use super::{Described, darknet, missing_test};
use crate::limits::{DESCRIPTION_ALIASES, DESCRIPTION_BYTES, DESCRIPTION_DEPTH, OBJECT_KEYPOINTS};
use crate::manifest::{Split, are_pairs};
use crate::names::Names;
use crate::read::classes::tidy;
use crate::refusal::Refusal;
use crate::root::{File, Listing, folder_of, name_of, stem_of};

/// The file that describes the dataset, in its root or one folder down: by its name, or by what it holds.
pub fn find(listing: &Listing) -> Option<usize> {
    let mut near: Vec<(usize, &File)> =
        listing.ending(&["yaml", "yml"]).filter(|(_, file)| file.name.matches('/').count() <= 1).collect();
    near.sort_by_key(|(_, file)| (file.name.matches('/').count(), file.name.as_str()));
    let describes = |(_, file): &&(usize, &File)| {
        let head = listing.head(file);
        let text = String::from_utf8_lossy(&head);
        text.lines().any(|line| ["names:", "train:", "nc:"].iter().any(|key| line.starts_with(key)))
    };
    let is_named = |(_, file): &&(usize, &File)| matches!(stem_of(name_of(&file.name)), "data" | "dataset");
    let found = near.iter().filter(is_named).find(describes).or_else(|| near.iter().find(describes));
    found.or_else(|| near.iter().find(is_named)).map(|(index, _)| *index)
}

#[derive(Deserialize)]
struct Yaml {
    path: Option<String>,
    train: Option<OneOrMany>,
    #[serde(alias = "valid", alias = "validation")]
    val: Option<OneOrMany>,
    test: Option<OneOrMany>,
    names: Option<Listed>,
    nc: Option<u64>,
    kpt_shape: Option<Vec<usize>>,
    kpt_names: Option<PointNames>,
    flip_idx: Option<Vec<usize>>,
}

/// The key points of every object, or of those of each class.
#[derive(Deserialize)]
#[serde(untagged)]
enum PointNames {
    OfAll(Vec<Name>),
    OfClasses(BTreeMap<u64, Vec<Name>>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn all(&self) -> &[String] {
        match self {
            OneOrMany::One(path) => std::slice::from_ref(path),
            OneOrMany::Many(paths) => paths,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    List(Vec<Name>),
    Map(BTreeMap<u64, Name>),
}

/// Names of classes may look like numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Whole(i64),
    Number(f64),
    Truth(bool),
}

impl Name {
    fn text(&self) -> String {
        match self {
            Name::Text(text) => tidy(text),
            Name::Whole(number) => number.to_string(),
            Name::Number(number) => number.to_string(),
            Name::Truth(truth) => truth.to_string(),
        }
    }
}

pub fn read(names: &Names, yaml: usize) -> Result<Described, Refusal> {
    let file = &names.listing.files[yaml];
    let wrong = |flaw: Flaw| {
        Refusal::new(Unfit::DataYaml { path: file.name.clone(), flaw }, Advice::CorrectAndNameAgain)
    };
    let text = names.listing.text(file, DESCRIPTION_BYTES).map_err(wrong)?;
    refuse_growth(&text).map_err(wrong)?;
    let data: Yaml = serde_yaml_ng::from_str(&text)
        .map_err(|error| wrong(Flaw::NotYolo { cause: Cause::said(error.to_string()) }))?;
    let mut described = Described::new(classes(&data).map_err(wrong)?);
    described.pose = pose(&data).map_err(wrong)?;
    let points = described.pose.map_or(0, |(points, _)| points);
    described.draft.keypoints = point_names(&data, points).map_err(wrong)?;
    described.draft.mirrored = mirrored(&data, points).map_err(wrong)?;
    if data.train.is_none() {
        return if data.val.is_some() || data.test.is_some() {
            Err(wrong(Flaw::NothingNamedToTrainOn))
        } else {
            Ok(described)
        };
    }
    let base = base(names, &file.name, &data, &mut described);
    let splits = [(&data.train, Split::Train), (&data.val, Split::Validation), (&data.test, Split::Test)];
    for (paths, split) in splits {
        for path in paths.as_ref().map(OneOrMany::all).unwrap_or_default() {
            let found = add(names, &file.name, base, path, split, &mut described)?;
            match found {
                true => {}
                // Descriptions name test splits that were never shipped; what is trained and judged on has to be there.
                false if split == Split::Test => {
                    described.draft.cautions.push(missing_test(&file.name, path))
                }
                false => return Err(wrong(Flaw::NamesMissing { path: path.clone() })),
            }
        }
    }
    Ok(described)
}

/// A folder with everything below it, a text file that lists images, or one image.
fn add(
    names: &Names,
    yaml: &str,
    base: &str,
    written: &str,
    split: Split,
    described: &mut Described,
) -> Result<bool, Refusal> {
    let bases = &[base, folder_of(yaml), ""];
    if let Some(found) = names.find_folder(bases, written) {
        let folder = found.path;
        if found.is_end && names.listing.below(written) != Some(folder) {
            let (file, path) = (yaml.to_owned(), written.to_owned());
            let place = (!folder.is_empty()).then(|| folder.to_owned());
            described.draft.cautions.push(Caution::TakenAs { file, path, place });
        }
        let below = |file: &File| {
            folder.is_empty() || file.name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        let images = names.listing.images().filter(|(_, file)| below(file));
        described.images.extend(images.map(|(index, _)| (index, split)));
        return Ok(true);
    }
    let Ok(file) = names.find(bases, written) else { return Ok(false) };
    if names.listing.files[file].is_image {
        described.images.push((file, split));
    } else {
        darknet::add_list(names, file, split, described)?;
    }
    Ok(true)
}

/// The folder that `path:` names; that of the description when there is none, or when the dataset was moved since.
fn base<'a>(names: &Names<'a>, yaml: &'a str, data: &Yaml, described: &mut Described) -> &'a str {
    let Some(path) = &data.path else { return folder_of(yaml) };
    if names.listing.below(path) == Some("") {
        return "";
    }
    if let Some(found) = names.find_folder(&[folder_of(yaml), ""], path) {
        return found.path;
    }
    let (path, file) = (path.clone(), yaml.to_owned());
    described.draft.cautions.push(Caution::PathElsewhere { path, file });
    folder_of(yaml)
}

/// What its parser would take for ever over.
fn refuse_growth(text: &str) -> Result<(), Flaw> {
    let said = if aliases(text) > DESCRIPTION_ALIASES {
        format!("more than {DESCRIPTION_ALIASES} aliases")
    } else if depth(text) > DESCRIPTION_DEPTH {
        format!("more than {DESCRIPTION_DEPTH} open brackets")
    } else {
        return Ok(());
    };
    Err(Flaw::NotYolo { cause: Cause::said(said) })
}

/// Brackets open at once, at most.
fn depth(text: &str) -> usize {
    let (mut open, mut most) = (0usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// How often something that stands elsewhere in the text is meant: `*name` where a value may begin.
fn aliases(text: &str) -> usize {
    let before = |at: usize| text[..at].chars().next_back();
    let may_begin = |char: char| char.is_whitespace() || matches!(char, '[' | ',' | '{' | ':' | '-' | '?');
    text.match_indices('*').filter(|(at, _)| before(*at).is_none_or(may_begin)).count()
}

fn classes(data: &Yaml) -> Result<Option<Vec<String>>, Flaw> {
    let classes: Vec<String> = match &data.names {
        None => return Ok(None),
        Some(Listed::List(names)) => names.iter().map(Name::text).collect(),
        Some(Listed::Map(names)) => {
            if let Some(number) = (0..names.len() as u64).find(|class| !names.contains_key(class)) {
                return Err(Flaw::ClassNumberMissing { classes: names.len() as u64, number });
            }
            names.values().map(Name::text).collect()
        }
    };
    match data.nc {
        Some(said) if said != classes.len() as u64 => {
            Err(Flaw::ClassCountDiffers { said, named: classes.len() as u64 })
        }
        _ if classes.is_empty() => Err(Flaw::NoClassNamed),
        _ => Ok(Some(classes)),
    }
}

/// Of the class that names most; the others have the first of them.
fn point_names(data: &Yaml, points: usize) -> Result<Option<Vec<String>>, Flaw> {
    let named = match &data.kpt_names {
        None => return Ok(None),
        Some(PointNames::OfAll(names)) => Some(names),
        Some(PointNames::OfClasses(of_class)) => {
            // Among equals the first class's.
            of_class.values().rev().max_by_key(|names| names.len())
        }
    };
    let names: Vec<String> = named.into_iter().flatten().map(Name::text).collect();
    if names.len() != points {
        let cause = Cause::said(format!("kpt_names: {} names for {points} key points", names.len()));
        return Err(Flaw::NotYolo { cause });
    }
    Ok((points > 0).then_some(names))
}

/// Left and right: each point with the one that it becomes in a mirror.
fn mirrored(data: &Yaml, points: usize) -> Result<Option<Vec<usize>>, Flaw> {
    match &data.flip_idx {
        None => Ok(None),
        Some(pairs) if pairs.is_empty() && points == 0 => Ok(None),
        Some(pairs) if are_pairs(pairs, points) => Ok(Some(pairs.clone())),
        Some(pairs) => {
            let cause = Cause::said(format!("flip_idx: {pairs:?} pairs no {points} key points"));
            Err(Flaw::NotYolo { cause })
        }
    }
}

fn pose(data: &Yaml) -> Result<Option<(usize, usize)>, Flaw> {
    match data.kpt_shape.as_deref() {
        None => Ok(None),
        Some(&[points, numbers @ (2 | 3)]) if (1..=OBJECT_KEYPOINTS).contains(&points) => {
            Ok(Some((points, numbers)))
        }
        Some(other) => {
            let cause = Cause::said(format!("kpt_shape: {other:?}"));
            Err(Flaw::NotYolo { cause })
        }
    }
}
