//! The images of one split with their boxes, as letterboxed squares.

use std::borrow::Cow;
use std::path::PathBuf;

use trainyard_events::config::Resize;

use crate::data::cache::{ImageFile, Squares};
use crate::failure::Failure;
use trainyard_data::boxes::{LabelledBox, Letterbox};

/// One image and every object in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub file: ImageFile,
    /// In pixels, after EXIF rotation.
    pub width: u32,
    pub height: u32,
    /// In pixels of the image.
    pub boxes: Vec<LabelledBox>,
}

impl Scene {
    /// Whether there is anything to learn or judge; crowds alone are not.
    pub fn has_objects(&self) -> bool {
        self.boxes.iter().any(|object| !object.crowd)
    }
}

pub struct Scenes {
    squares: Squares,
    scenes: Vec<Scene>,
}

impl Scenes {
    /// Squares of `side` pixels. They are kept when all of them fit into `budget` bytes.
    pub fn new(root: PathBuf, scenes: Vec<Scene>, side: usize, budget: u64) -> Self {
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

    pub fn is_cached(&self) -> bool {
        self.squares.is_cached()
    }

    pub fn bytes(&self) -> u64 {
        self.squares.bytes()
    }

    pub fn scene(&self, index: usize) -> &Scene {
        &self.scenes[index]
    }

    /// The letterboxed square of one image as rows of RGB.
    pub fn get(&self, index: usize) -> Result<Cow<'_, [u8]>, Failure> {
        self.squares.get(index)
    }

    pub fn letterbox(&self, index: usize) -> Letterbox {
        let Scene { width, height, .. } = self.scenes[index];
        Letterbox::of(width, height, self.side() as u32)
    }

    /// The part of the square that is image and not border: x1, y1, x2, y2.
    pub fn window(&self, index: usize) -> [f32; 4] {
        let Scene { width, height, .. } = self.scenes[index];
        self.letterbox(index).window(width, height)
    }

    /// The boxes of one image in pixels of its square, crowds left out.
    pub fn boxes(&self, index: usize) -> Vec<LabelledBox> {
        let letterbox = self.letterbox(index);
        let boxes = self.scenes[index].boxes.iter().filter(|object| !object.crowd);
        boxes.map(|object| LabelledBox { corners: letterbox.to_square(object.corners), ..*object }).collect()
    }
}
