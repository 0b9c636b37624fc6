//! The detection head: for each cell of three grids, how far the sides of a box are, and which class it holds.

use std::fmt::Debug;

use tch::nn::Path;
use tch::{Kind, TchError, Tensor};

use crate::models::anchors::{BINS, STRIDES};
use crate::models::blocks::Conv;
use crate::models::layers::{Conv2d, Doubling};
use crate::models::{Mode, Shape};

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
    fn forward(&self, features: &[Tensor; 3], mode: Mode) -> Result<Self::Output, TchError>;

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

    fn forward(&self, features: &[Tensor; 3], mode: Mode) -> Result<RawBoxes, TchError> {
        let (mut bins, mut classes) = (Vec::new(), Vec::new());
        for (level, feature) in self.levels.iter().zip(features) {
            bins.push(cells(&chain(&level.boxes.0, &level.boxes.1, feature, mode)?)?);
            classes.push(cells(&chain(&level.classes.0, &level.classes.1, feature, mode)?)?);
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

/// Two 3x3 convolutions and a linear one for each level: numbers of each cell beside its box.
#[derive(Debug)]
struct Beside(Vec<([Conv; 2], Conv2d)>);

impl Beside {
    /// `level3.NAME` and so on below `path`.
    fn new(path: &Path, name: &str, inputs: [i64; 3], width: i64, outputs: i64) -> Self {
        let level = |(number, inputs): (usize, i64)| {
            let path = path / format!("level{number}") / name;
            let last = Conv2d::uniform(&path / "last", width, outputs, 1, 1, 1).biased(&path / "last", 0.0);
            let first = Conv::new(&(&path / 0), inputs, width, 3, 1);
            ([first, Conv::new(&(&path / 1), width, width, 3, 1)], last)
        };
        Beside((3..).zip(inputs).map(level).collect())
    }

    /// `[N, A, outputs]`.
    fn forward(&self, features: &[Tensor; 3], mode: Mode) -> Result<Tensor, TchError> {
        let of_level = |((blocks, last), feature): (&([Conv; 2], Conv2d), &Tensor)| {
            cells(&chain(blocks, last, feature, mode)?)
        };
        Tensor::f_cat(&self.0.iter().zip(features).map(of_level).collect::<Result<Vec<_>, _>>()?, 1)
    }
}

/// Masks as weighted sums of a few prototypes of the whole image (YOLACT, arXiv 1904.02689).
#[derive(Debug)]
pub struct SegmentHead {
    boxes: DetectHead,
    coefficients: Beside,
    prototypes: Prototypes,
}

#[derive(Debug)]
pub struct RawMasks {
    pub boxes: RawBoxes,
    /// `[N, A, PROTOTYPES]`.
    pub coefficients: Tensor,
    /// `[N, PROTOTYPES, H, W]`, a cell for [`MASK_STRIDE`] pixels.
    pub prototypes: Tensor,
}

/// Prototypes of an image, and pixels between their cells.
pub const PROTOTYPES: i64 = 32;
pub const MASK_STRIDE: i64 = 4;

/// From the finest level to twice its grid.
#[derive(Debug)]
struct Prototypes {
    first: Conv,
    double: Doubling,
    second: Conv,
    last: Conv,
}

impl Prototypes {
    /// As wide as its level.
    fn new(path: &Path, width: i64) -> Self {
        Prototypes {
            first: Conv::new(&(path / "first"), width, width, 3, 1),
            double: Doubling::new(path / "double", width),
            second: Conv::new(&(path / "second"), width, width, 3, 1),
            last: Conv::new(&(path / "last"), width, PROTOTYPES, 1, 1),
        }
    }

    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let x = self.double.forward(&self.first.forward(x, mode)?)?;
        self.last.forward(&self.second.forward(&x, mode)?, mode)?.f_to_kind(Kind::Float)
    }
}

impl Head for SegmentHead {
    type Output = RawMasks;
    const SUFFIX: &'static str = "-seg";

    fn new(path: &Path, inputs: [i64; 3], shape: &Shape) -> Self {
        let width = (inputs[0] / 4).max(PROTOTYPES);
        SegmentHead {
            boxes: DetectHead::new(path, inputs, shape),
            coefficients: Beside::new(path, "coefficients", inputs, width, PROTOTYPES),
            prototypes: Prototypes::new(&(path / "prototypes"), inputs[0]),
        }
    }

    fn forward(&self, features: &[Tensor; 3], mode: Mode) -> Result<RawMasks, TchError> {
        Ok(RawMasks {
            boxes: self.boxes.forward(features, mode)?,
            coefficients: self.coefficients.forward(features, mode)?,
            prototypes: self.prototypes.forward(&features[0], mode)?,
        })
    }

    fn is_own(tensor: &str) -> bool {
        DetectHead::is_own(tensor)
    }
}

/// Key points of each box (YOLO-Pose, arXiv 2204.06806).
#[derive(Debug)]
pub struct PoseHead {
    boxes: DetectHead,
    keypoints: Beside,
}

#[derive(Debug)]
pub struct RawPoints {
    pub boxes: RawBoxes,
    /// `[N, A, 3 x points]`: of each point how far it is from its cell in half strides, and the logit of being seen.
    pub points: Tensor,
}

/// Numbers of a key point.
pub const POINT: i64 = 3;

impl Head for PoseHead {
    type Output = RawPoints;
    const SUFFIX: &'static str = "-pose";

    fn new(path: &Path, inputs: [i64; 3], shape: &Shape) -> Self {
        let numbers = POINT * shape.points as i64;
        let width = (inputs[0] / 4).max(numbers);
        PoseHead {
            boxes: DetectHead::new(path, inputs, shape),
            keypoints: Beside::new(path, "keypoints", inputs, width, numbers),
        }
    }

    fn forward(&self, features: &[Tensor; 3], mode: Mode) -> Result<RawPoints, TchError> {
        let boxes = self.boxes.forward(features, mode)?;
        Ok(RawPoints { boxes, points: self.keypoints.forward(features, mode)? })
    }

    fn is_own(tensor: &str) -> bool {
        DetectHead::is_own(tensor) || tensor.contains(".keypoints.")
    }
}

fn chain(blocks: &[Conv], last: &Conv2d, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
    let mut x = x.shallow_clone();
    for block in blocks {
        x = block.forward(&x, mode)?;
    }
    last.forward(&x)
}

/// `[N, C, H, W]` to `[N, H x W, C]`, in 32-bit floats.
fn cells(x: &Tensor) -> Result<Tensor, TchError> {
    x.f_to_kind(Kind::Float)?.f_flatten(2, 3)?.f_transpose(1, 2)
}
