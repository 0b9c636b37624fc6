//! The images of one split with what is labelled in them, as letterboxed squares.

use std::borrow::Cow;
use std::path::PathBuf;

use trainyard_events::config::Resize;

use crate::data::cache::{ImageFile, Squares};
use crate::failure::Failure;
use trainyard_data::boxes::Frame;
use trainyard_data::object::{Object, Placement};

/// One image and every object in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene<O> {
    pub file: ImageFile,
    /// In pixels, after EXIF rotation.
    pub width: u32,
    pub height: u32,
    /// In pixels of the image.
    pub objects: Vec<O>,
}

impl<O: Object> Scene<O> {
    /// Whether there is anything to learn or judge; crowds alone are not.
    pub fn has_objects(&self) -> bool {
        self.objects.iter().any(|object| !object.bounds().crowd)
    }
}

pub struct Scenes<O> {
    squares: Squares,
    scenes: Vec<Scene<O>>,
}

impl<O: Object> Scenes<O> {
    /// Squares of `side` pixels. They are kept when all of them fit into `budget` bytes.
    pub fn new(root: PathBuf, scenes: Vec<Scene<O>>, side: usize, budget: u64) -> Self {
        let files = scenes.iter().map(|scene| scene.file.clone()).collect();
        Scenes { squares: Squares::new(root, files, side, Resize::Letterbox, budget), scenes }
    }

    pub fn len(&self) -> usize {
        self.scenes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.scenes.is_empty()
    }

    pub fn side(&self) -> usize {
        self.squares.side()
    }

    /// The same with nothing kept.
    pub fn not_kept(&self) -> Self {
        Scenes { squares: self.squares.not_kept(), scenes: self.scenes.clone() }
    }

    pub fn is_cached(&self) -> bool {
        self.squares.is_cached()
    }

    pub fn bytes(&self) -> u64 {
        self.squares.bytes()
    }

    pub fn scene(&self, index: usize) -> &Scene<O> {
        &self.scenes[index]
    }

    /// The letterboxed square of one image as rows of RGB.
    pub fn get(&self, index: usize) -> Result<Cow<'_, [u8]>, Failure> {
        self.squares.get(index)
    }

    pub fn frame(&self, index: usize) -> Frame {
        let Scene { width, height, .. } = self.scenes[index];
        Frame::of(width, height, self.side() as u32)
    }

    /// The part of the square that is image and not border: x1, y1, x2, y2.
    pub fn window(&self, index: usize) -> [f32; 4] {
        let Frame { letterbox, size: [width, height] } = self.frame(index);
        letterbox.window(width, height)
    }

    /// What is in one image, in pixels of its square, crowds left out.
    pub fn objects(&self, index: usize) -> Vec<O> {
        let letterbox = self.frame(index).letterbox;
        let objects = self.scenes[index].objects.iter().filter(|object| !object.bounds().crowd);
        let to_square = |object: &O| {
            let corners = letterbox.to_square(object.bounds().corners);
            object.moved(corners, Placement::of(letterbox), self.window(index))
        };
        objects.map(to_square).collect()
    }
}
