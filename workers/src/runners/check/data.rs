//! A dataset that is learnt in a moment: bright squares on grey, of two colours.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use trainyard_data::manifest::{FORM, Header, Image, Label, Manifest, Split, hash_of};
use trainyard_events::config::Task;

const TRAIN: u32 = 24;
const VALIDATION: u32 = 8;
/// Pixels of an image, and of the square in it.
const SIDE: u32 = 48;
const SQUARE: u32 = 20;
const COLOURS: [(&str, Rgb<u8>); 2] = [("blue", Rgb([30, 40, 230])), ("red", Rgb([230, 40, 30]))];

pub(super) struct Dataset {
    pub(super) classes: Vec<String>,
    pub(super) manifest: Manifest,
    folder: PathBuf,
}

impl Dataset {
    pub(super) fn make(task: Task, folder: &Path) -> Result<Dataset, String> {
        let classes: Vec<String> = COLOURS.iter().map(|(name, _)| (*name).to_owned()).collect();
        let header = Header { form: FORM, classes: classes.clone(), kinds: vec![task], ..Header::default() };
        let mut data =
            Dataset { classes, manifest: Manifest { header, images: Vec::new() }, folder: folder.to_owned() };
        fs::create_dir_all(data.images()).map_err(said(folder))?;
        for number in 0..TRAIN + VALIDATION {
            let image = data.image(task, number).map_err(said(folder))?;
            data.manifest.images.push(image);
        }
        Ok(data)
    }

    fn image(&self, task: Task, number: u32) -> io::Result<Image> {
        // What tells good ones learns from those alone.
        let is_good = task == Task::Anomaly && number < TRAIN;
        let class = if is_good { 0 } else { number as usize % COLOURS.len() };
        let (left, top) = (number * 7 % (SIDE - SQUARE), number * 5 % (SIDE - SQUARE));
        let inside = |x: u32, y: u32| (left..left + SQUARE).contains(&x) && (top..top + SQUARE).contains(&y);
        let grey = 90 + (number % 40) as u8;
        let pixels = RgbImage::from_fn(SIDE, SIDE, |x, y| match inside(x, y) {
            true => COLOURS[class].1,
            false => Rgb([grey; 3]),
        });
        let name = format!("{number:03}.png");
        let path = self.images().join(&name);
        pixels.save(&path).map_err(io::Error::other)?;
        let (bytes, sha256) = hash_of(&path)?;
        let split = if number < TRAIN { Split::Train } else { Split::Validation };
        let labels = vec![label(task, class, [left, top, SQUARE, SQUARE].map(f64::from))];
        Ok(Image { sha256, name, bytes, width: SIDE, height: SIDE, split, labels })
    }

    pub(super) fn write(&self) -> Result<(), String> {
        let mut lines = Vec::new();
        self.manifest.write(&mut lines).map_err(|error| error.to_string())?;
        fs::write(self.path(), lines).map_err(said(&self.folder))
    }

    /// Leaves half of one image's file.
    pub(super) fn break_one(&self) -> Result<(), String> {
        let path = self.images().join("003.png");
        let content = fs::read(&path).map_err(said(&path))?;
        fs::write(&path, &content[..content.len() / 2]).map_err(said(&path))
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join("manifest.jsonl")
    }

    pub(super) fn images(&self) -> PathBuf {
        self.folder.join("images")
    }

    /// `--work` of a training from the beginning, and of one that goes on.
    pub(super) fn work(&self, goes_on: bool) -> PathBuf {
        self.folder.join(if goes_on { "work-again" } else { "work" })
    }

    pub(super) fn spec(&self) -> PathBuf {
        self.folder.join("spec.json")
    }
}

fn label(task: Task, class: usize, bounds: [f64; 4]) -> Label {
    let [left, top, width, height] = bounds;
    let (right, bottom) = (left + width, top + height);
    match task {
        Task::Classify | Task::Anomaly => Label::of_class(class),
        Task::Segment => Label {
            bounds: Some(bounds),
            polygon: Some(vec![vec![left, top, right, top, right, bottom, left, bottom]]),
            ..Label::of_class(class)
        },
        Task::Detect | Task::Pose => Label { bounds: Some(bounds), ..Label::of_class(class) },
    }
}

fn said(path: &Path) -> impl Fn(io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}
