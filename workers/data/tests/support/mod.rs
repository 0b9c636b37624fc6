//! Folders as people have them, built for one test and gone with it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, clippy::allow_attributes, reason = "each file of tests uses its own part")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use tempfile::TempDir;
use trainyard_data::manifest::{Image, Label, Split};
use trainyard_data::{Dataset, Refusal, read};
use trainyard_events::reason::{Caution, Flaw};

pub struct Tree(TempDir);

impl Tree {
    pub fn new() -> Tree {
        Tree(tempfile::tempdir().unwrap())
    }

    /// From paths with what they hold.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let tree = Tree::new();
        files.iter().for_each(|(path, text)| tree.text(path, text));
        tree
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn at(&self, path: &str) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub fn bytes(&self, path: &str, bytes: &[u8]) {
        std::fs::write(self.at(path), bytes).unwrap();
    }

    pub fn text(&self, path: &str, text: &str) {
        self.bytes(path, text.as_bytes());
    }

    pub fn folder(&self, path: &str) {
        std::fs::create_dir_all(self.path().join(path)).unwrap();
    }

    pub fn link(&self, path: &str, to: impl AsRef<Path>) {
        std::os::unix::fs::symlink(to, self.at(path)).unwrap();
    }

    /// An image of 32 x 32 pixels; its content follows from its path.
    pub fn image(&self, path: &str) {
        self.image_of(path, 32, 32);
    }

    pub fn image_of(&self, path: &str, width: u32, height: u32) {
        self.bytes(path, &picture(path, width, height));
    }

    pub fn images(&self, paths: &[&str]) {
        paths.iter().for_each(|path| self.image(path));
    }

    /// A grey PNG of values.
    pub fn mask(&self, path: &str, value: impl Fn(u32, u32) -> u8) {
        let mask = GrayImage::from_fn(32, 32, |x, y| Luma([value(x, y)]));
        self.bytes(path, &encoded(DynamicImage::ImageLuma8(mask), ImageFormat::Png));
    }

    pub fn read(&self) -> Result<Dataset, Refusal> {
        read(self.path())
    }

    pub fn good(&self) -> Dataset {
        self.read().unwrap_or_else(|refusal| panic!("{refusal}: {:?}", refusal.report))
    }

    pub fn refused(&self) -> Refusal {
        match self.read() {
            Ok(dataset) => panic!("it was read: {:?}", dataset.manifest),
            Err(refusal) => refusal,
        }
    }
}

/// A small picture, in the format that its name says, JPEG otherwise.
pub fn picture(path: &str, width: u32, height: u32) -> Vec<u8> {
    let seed = path.bytes().fold(7u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let pixel = |x: u32, y: u32| {
        let value = seed.wrapping_mul(x / 8 + 3).wrapping_add((y / 8).wrapping_mul(seed >> 8));
        Rgb([(value >> 16) as u8, (value >> 8) as u8, value as u8])
    };
    let image = DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, pixel));
    let format = if path.ends_with(".png") { ImageFormat::Png } else { ImageFormat::Jpeg };
    encoded(image, format)
}

pub fn encoded(image: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfd().collect()
}

pub trait Found {
    fn image(&self, name: &str) -> &Image;
    fn classes(&self) -> Vec<&str>;
    /// Names of the classes of an image's labels.
    fn classes_of(&self, name: &str) -> Vec<&str>;
    fn splits(&self) -> [usize; 3];
    fn has(&self, fits: impl Fn(&Caution) -> bool) -> bool;
}

impl Found for Dataset {
    fn image(&self, name: &str) -> &Image {
        let found = self.manifest.images.iter().find(|image| image.name == name);
        found.unwrap_or_else(|| panic!("{name} is not in {:?}", self.manifest.images))
    }

    fn classes(&self) -> Vec<&str> {
        self.manifest.header.classes.iter().map(String::as_str).collect()
    }

    fn classes_of(&self, name: &str) -> Vec<&str> {
        let name_of = |label: &Label| self.manifest.header.classes[label.class].as_str();
        self.image(name).labels.iter().map(name_of).collect()
    }

    fn splits(&self) -> [usize; 3] {
        let count = |split| self.manifest.images.iter().filter(|image| image.split == split).count();
        [count(Split::Train), count(Split::Validation), count(Split::Test)]
    }

    fn has(&self, fits: impl Fn(&Caution) -> bool) -> bool {
        self.report.cautions.iter().any(fits)
    }
}

/// Whether some file of the report has such a flaw.
pub fn reports(refusal: &Refusal, fits: impl Fn(&Flaw) -> bool) -> bool {
    refusal.report.iter().flat_map(|problem| &problem.flaws).any(fits)
}
