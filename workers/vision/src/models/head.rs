//! The detection head: for each cell of three grids, how far the sides of a box are, and which class it holds.

use std::fmt::Debug;

use tch::nn::Path;
use tch::{TchError, Tensor};

use crate::models::Shape;
use crate::models::anchors::{BINS, STRIDES};
use crate::models::blocks::Conv;
use crate::models::layers::Conv2d;

/// Side in pixels at which the first bias of a class expects [`OBJECTS`] of it.
const BIAS_SIDE: f64 = 640.0;
const OBJECTS: f64 = 5.0;

/// What the head says of `[N]` images, before any of it is a box: A cells, of the finest grid first.
#[derive(Debug)]
pub struct RawBoxes {
    /// `[N, A, 4 x BINS]` logits of the distance to each side: left, top, right, bottom.
    pub bins: Tensor,
    /// `[N, A, classes]` logits.
    pub classes: Tensor,
}

/// What stands on the three grids of a YOLO.
pub trait Head: Sized + Debug {
    type Output;
    /// What the names of its networks end with.
    const SUFFIX: &'static str;

    /// `inputs` are the channels of each level.
    fn new(path: &Path, inputs: [i64; 3], shape: &Shape) -> Self;

    /// `features` of each level, `[N, C, H, W]`.
    fn forward(&self, features: &[Tensor; 3], train: bool) -> Result<Self::Output, TchError>;

    /// Whether the size of this tensor depends on what is learned.
    fn is_own(tensor: &str) -> bool;
}

#[derive(Debug)]
pub struct DetectHead {
    levels: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    boxes: ([Conv; 2], Conv2d),
    classes: ([Conv; 4], Conv2d),
}

impl Head for DetectHead {
    type Output = RawBoxes;
    const SUFFIX: &'static str = "";

    fn new(path: &Path, inputs: [i64; 3], shape: &Shape) -> Self {
        let classes = shape.classes as i64;
        let box_width = (inputs[0] / 4).max(BINS).max(64);
        let class_width = inputs[0].max(classes.min(100));
        let levels = inputs
            .into_iter()
            .zip(STRIDES)
            .enumerate()
            .map(|(index, (inputs, stride))| {
                let path = path / format!("level{}", index + 3);
                let bias = (OBJECTS / classes as f64 / (BIAS_SIDE / stride as f64).powi(2)).ln();
                Level::new(&path, inputs, box_width, class_width, classes, bias)
            })
            .collect();
        DetectHead { levels }
    }

    fn forward(&self, features: &[Tensor; 3], train: bool) -> Result<RawBoxes, TchError> {
        let (mut bins, mut classes) = (Vec::new(), Vec::new());
        for (level, feature) in self.levels.iter().zip(features) {
            bins.push(cells(&chain(&level.boxes.0, &level.boxes.1, feature, train)?)?);
            classes.push(cells(&chain(&level.classes.0, &level.classes.1, feature, train)?)?);
        }
        Ok(RawBoxes { bins: Tensor::f_cat(&bins, 1)?, classes: Tensor::f_cat(&classes, 1)? })
    }

    fn is_own(tensor: &str) -> bool {
        tensor.contains(".classes.")
    }
}

impl Level {
    fn new(path: &Path, inputs: i64, box_width: i64, class_width: i64, classes: i64, bias: f64) -> Self {
        let (boxes, kinds) = (path / "boxes", path / "classes");
        let last = |path: Path, inputs, outputs, bias| {
            Conv2d::uniform(path.clone(), inputs, outputs, 1, 1, 1).biased(path, bias)
        };
        Level {
            boxes: (
                [
                    Conv::new(&(&boxes / 0), inputs, box_width, 3, 1),
                    Conv::new(&(&boxes / 1), box_width, box_width, 3, 1),
                ],
                last(&boxes / "last", box_width, 4 * BINS, 0.0),
            ),
            classes: (
                [
                    Conv::depthwise(&(&kinds / 0), inputs),
                    Conv::new(&(&kinds / 1), inputs, class_width, 1, 1),
                    Conv::depthwise(&(&kinds / 2), class_width),
                    Conv::new(&(&kinds / 3), class_width, class_width, 1, 1),
                ],
                last(&kinds / "last", class_width, classes, bias),
            ),
        }
    }
}

fn chain(blocks: &[Conv], last: &Conv2d, x: &Tensor, train: bool) -> Result<Tensor, TchError> {
    let mut x = x.shallow_clone();
    for block in blocks {
        x = block.forward(&x, train)?;
    }
    last.forward(&x)
}

/// `[N, C, H, W]` to `[N, H x W, C]`.
fn cells(x: &Tensor) -> Result<Tensor, TchError> {
    x.f_flatten(2, 3)?.f_transpose(1, 2)
}
