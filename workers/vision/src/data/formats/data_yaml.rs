//! YOLO's description: a yaml file that names the splits and the classes of a dataset.

use std::collections::BTreeMap;

use serde::Deserialize;
use trainyard_events::dataset::FileProblem;
use trainyard_events::reason::{Advice, Cause, Caution, Flaw, Unfit};

use crate::data::folder::{Split, is_image};
use crate::data::formats::annotations::Annotations;
use crate::data::formats::places::{Place, Places, folder, name, stem};
use crate::data::formats::text::{read_label_file, read_text};
use crate::data::formats::yolo::{empty, finish, read_folders};
use crate::data::refusal::{Refusal, flawed};
use crate::limits::{DATA_YAML_ALIASES, DATA_YAML_BYTES, DATA_YAML_DEPTH};

/// The file that describes the dataset, in its root or one folder down: by its name, or by what it holds.
pub fn data_yaml<'a>(places: &Places<'a>) -> Option<&'a str> {
    let paths = places.tree.files.iter().map(String::as_str);
    let mut near: Vec<&str> = paths
        .filter(|path| {
            path.matches('/').count() <= 1 && matches!(path.rsplit_once('.'), Some((_, "yaml" | "yml")))
        })
        .collect();
    near.sort_by_key(|path| (path.matches('/').count(), *path));
    let describes = |path: &&str| {
        let text = read_text(&places.on_disk(path), DATA_YAML_BYTES).unwrap_or_default();
        text.lines().any(|line| line.starts_with("names:") || line.starts_with("train:"))
    };
    let is_named = |path: &&str| matches!(stem(name(path)), "data" | "dataset");
    near.iter().copied().find(is_named).or_else(|| near.iter().copied().find(describes))
}

#[derive(Deserialize)]
struct DataYaml {
    path: Option<String>,
    train: Option<OneOrMany>,
    #[serde(alias = "valid", alias = "validation")]
    val: Option<OneOrMany>,
    test: Option<OneOrMany>,
    names: Option<Names>,
    nc: Option<u64>,
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
enum Names {
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
            Name::Text(text) => text.trim().to_owned(),
            Name::Whole(number) => number.to_string(),
            Name::Number(number) => number.to_string(),
            Name::Truth(truth) => truth.to_string(),
        }
    }
}

/// What its parser would take for ever over: no description of a dataset has so much of it.
fn refuse_growth(text: &str) -> Result<(), Flaw> {
    let (mut open, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    let aliases = text.matches('*').count();
    if deepest > DATA_YAML_DEPTH || aliases > DATA_YAML_ALIASES {
        let said = format!("it has {deepest} brackets open at once, and {aliases} aliases");
        return Err(Flaw::NotYolo { cause: Cause::said(said) });
    }
    Ok(())
}

/// A dataset that a yaml file describes.
pub fn read<'a>(places: &Places<'a>, yaml: &'a str) -> Result<Annotations, Refusal> {
    let wrong = |flaw: Flaw| {
        Refusal::new(Unfit::DataYaml { path: yaml.to_owned(), flaw }, Advice::CorrectAndNameAgain)
    };
    let text = read_text(&places.on_disk(yaml), DATA_YAML_BYTES).map_err(wrong)?;
    refuse_growth(&text).map_err(wrong)?;
    let data: DataYaml = serde_yaml_ng::from_str(&text)
        .map_err(|error| wrong(Flaw::NotYolo { cause: Cause::said(error.to_string()) }))?;
    let classes = class_names(&data).map_err(wrong)?;
    let Some(train) = &data.train else {
        if data.val.is_some() || data.test.is_some() {
            return Err(wrong(Flaw::NothingNamedToTrainOn));
        }
        return read_folders(places, classes);
    };

    let mut cautions = Vec::new();
    let base = base(places, yaml, &data, &mut cautions);
    let mut listing = Listing { places, yaml, base, images: Vec::new(), problems: Vec::new(), cautions };
    let splits = [
        (Some(train), Split::Train),
        (data.val.as_ref(), Split::Validation),
        (data.test.as_ref(), Split::Test),
    ];
    for (paths, split) in splits {
        for path in paths.map(OneOrMany::all).unwrap_or_default() {
            listing.add(path, split).map_err(wrong)?;
        }
    }
    let Listing { images, problems, cautions, .. } = listing;
    finish(places, images, classes, Annotations { cautions, problems, ..empty(data.val.is_some()) })
}

/// The images that a description names, as they are found.
struct Listing<'p, 'a> {
    places: &'p Places<'a>,
    yaml: &'a str,
    /// The folder that its paths are read from.
    base: &'a str,
    images: Vec<(&'a str, Split)>,
    problems: Vec<FileProblem>,
    cautions: Vec<Caution>,
}

impl Listing<'_, '_> {
    /// A folder with everything below it, a text file that lists images, or one image.
    fn add(&mut self, written: &str, split: Split) -> Result<(), Flaw> {
        let found = self.places.find(&[self.base, folder(self.yaml), ""], written);
        let found = found.or_else(|| {
            let end = self.places.find_end(written)?;
            let (file, path) = (self.yaml.to_owned(), written.to_owned());
            self.cautions.push(Caution::TakenAs { file, path, place: shown(end).map(str::to_owned) });
            Some(end)
        });
        match found {
            Some(Place::Folder(folder)) => {
                let images = self.places.below(folder).iter().filter(|path| is_image(path));
                self.images.extend(images.map(|path| (path.as_str(), split)));
            }
            Some(Place::File(file)) if is_image(file) => self.images.push((file, split)),
            Some(Place::File(file)) => self.add_list(file, split)?,
            // Descriptions name test splits that were never shipped; what is trained and judged on has to be there.
            None if split == Split::Test => {
                let (file, path) = (self.yaml.to_owned(), written.to_owned());
                self.cautions.push(Caution::TestMissing { file, path });
            }
            None => return Err(Flaw::NamesMissing { path: written.to_owned() }),
        }
        Ok(())
    }

    /// A text file with the path of an image on each line.
    fn add_list(&mut self, list: &str, split: Split) -> Result<(), Flaw> {
        let text = read_label_file(&self.places.on_disk(list))
            .map_err(|flaw| Flaw::NamesUnusable { path: list.to_owned(), flaw: Box::new(flaw) })?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let found = self.places.find(&[folder(list), self.base, ""], line);
            match found.or_else(|| self.places.find_end(line)) {
                Some(Place::File(path)) if is_image(path) => self.images.push((path, split)),
                _ => {
                    let flaw = Flaw::NamedButMissing { list: list.to_owned() };
                    self.problems.push(flawed(line, vec![flaw]));
                }
            }
        }
        Ok(())
    }
}

/// The path of a place below the root; `None` for the root itself.
fn shown(place: Place<'_>) -> Option<&str> {
    match place {
        Place::Folder("") => None,
        Place::Folder(path) | Place::File(path) => Some(path),
    }
}

/// The folder that `path:` names; that of the description when there is none, or when the dataset was moved since.
fn base<'a>(places: &Places<'a>, yaml: &'a str, data: &DataYaml, cautions: &mut Vec<Caution>) -> &'a str {
    match data.path.as_deref().map(|path| (path, places.find(&[folder(yaml), ""], path))) {
        None => folder(yaml),
        Some((_, Some(Place::Folder(folder)))) => folder,
        Some((path, _)) => {
            cautions.push(Caution::PathElsewhere { path: path.to_owned(), file: yaml.to_owned() });
            folder(yaml)
        }
    }
}

fn class_names(data: &DataYaml) -> Result<Vec<String>, Flaw> {
    let classes: Vec<String> = match &data.names {
        None => (0..data.nc.unwrap_or(0).min(1_000_000)).map(|class| format!("class {class}")).collect(),
        Some(Names::List(names)) => names.iter().map(Name::text).collect(),
        Some(Names::Map(names)) => {
            if let Some(missing) = (0..names.len() as u64).find(|class| !names.contains_key(class)) {
                return Err(Flaw::ClassNumberMissing { classes: names.len() as u64, number: missing });
            }
            names.values().map(Name::text).collect()
        }
    };
    match data.nc {
        Some(said) if said != classes.len() as u64 => {
            Err(Flaw::ClassCountDiffers { said, named: classes.len() as u64 })
        }
        _ if data.names.is_some() && classes.is_empty() => Err(Flaw::NoClassNamed),
        _ => Ok(classes),
    }
}
