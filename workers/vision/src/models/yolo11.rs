//! YOLO11 n, s, m, l and x, written from the published layer table; the names of its parameters are our own.

use tch::nn::Path;
use tch::{TchError, Tensor};

use crate::models::anchors::BINS;
use crate::models::blocks::{AttentionStage, Conv, PoolPyramid, Stage, StageShape};
use crate::models::head::Head;
use crate::models::{Mode, Network, Shape};

/// What tells the five apart.
struct Scale {
    name: &'static str,
    depth: f64,
    width: f64,
    channels_most: i64,
    /// Whether every stage is of C3k blocks; in the small ones only the coarse stages are.
    is_deep: bool,
}

const SCALES: [Scale; 5] = [
    Scale { name: "yolo11n", depth: 0.5, width: 0.25, channels_most: 1024, is_deep: false },
    Scale { name: "yolo11s", depth: 0.5, width: 0.5, channels_most: 1024, is_deep: false },
    Scale { name: "yolo11m", depth: 0.5, width: 1.0, channels_most: 512, is_deep: true },
    Scale { name: "yolo11l", depth: 1.0, width: 1.0, channels_most: 512, is_deep: true },
    Scale { name: "yolo11x", depth: 1.0, width: 1.5, channels_most: 512, is_deep: true },
];

/// The backbone halves the image five times; the neck carries what the coarse grids know to the fine ones and back.
/// Fields are in the order of the layer table, a number in a name is the level: level 3 has a cell for 8 pixels.
#[derive(Debug)]
pub struct Yolo11<H> {
    down1: Conv,
    down2: Conv,
    stage2: Stage,
    down3: Conv,
    stage3: Stage,
    down4: Conv,
    stage4: Stage,
    down5: Conv,
    stage5: Stage,
    pool: PoolPyramid,
    attention: AttentionStage,
    neck4: Stage,
    out3: Stage,
    coarsen4: Conv,
    out4: Stage,
    coarsen5: Conv,
    out5: Stage,
    head: H,
}

impl<H: Head> Network for Yolo11<H> {
    type Output = H::Output;
    /// The whole numbers of its distance bins.
    const FIXED: u64 = BINS as u64;

    fn new(root: &Path, shape: &Shape) -> Option<Self> {
        let name = shape.name.strip_suffix(H::SUFFIX)?;
        let scale = SCALES.iter().find(|scale| scale.name == name)?;
        let width = |channels: i64| {
            let scaled = channels.min(scale.channels_most) as f64 * scale.width;
            (scaled / 8.0).ceil() as i64 * 8
        };
        let repeats = ((2.0 * scale.depth).round() as usize).max(1);
        let [c1, c2, c3, c4, c5] = [64, 128, 256, 512, 1024].map(width);
        let halve = |path, inputs, outputs| Conv::new(&(root / path), inputs, outputs, 3, 2);
        let stage = |path, inputs, outputs, part, is_deep| {
            let is_deep = is_deep || scale.is_deep;
            Stage::new(&(root / path), StageShape { inputs, outputs, part, repeats, is_deep })
        };
        Some(Yolo11 {
            down1: halve("down1", 3, c1),
            down2: halve("down2", c1, c2),
            stage2: stage("stage2", c2, c3, 4, false),
            down3: halve("down3", c3, c3),
            stage3: stage("stage3", c3, c4, 4, false),
            down4: halve("down4", c4, c4),
            stage4: stage("stage4", c4, c4, 2, true),
            down5: halve("down5", c4, c5),
            stage5: stage("stage5", c5, c5, 2, true),
            pool: PoolPyramid::new(&(root / "pool"), c5),
            attention: AttentionStage::new(&(root / "attention"), c5, repeats),
            neck4: stage("neck4", c5 + c4, c4, 2, false),
            out3: stage("out3", c4 + c4, c3, 2, false),
            coarsen4: halve("coarsen4", c3, c3),
            out4: stage("out4", c3 + c4, c4, 2, false),
            coarsen5: halve("coarsen5", c4, c4),
            out5: stage("out5", c4 + c5, c5, 2, true),
            head: H::new(&(root / "head"), [c3, c4, c5], shape),
        })
    }

    /// `[N, 3, H, W]`, H and W multiples of 32.
    fn forward(&self, images: &Tensor, mode: Mode) -> Result<H::Output, TchError> {
        let x = self.down2.forward(&self.down1.forward(images, mode)?, mode)?;
        let x = self.stage2.forward(&x, mode)?;
        let level3 = self.stage3.forward(&self.down3.forward(&x, mode)?, mode)?;
        let level4 = self.stage4.forward(&self.down4.forward(&level3, mode)?, mode)?;
        let x = self.stage5.forward(&self.down5.forward(&level4, mode)?, mode)?;
        let level5 = self.attention.forward(&self.pool.forward(&x, mode)?, mode)?;

        let neck4 = self.neck4.forward(&Tensor::f_cat(&[doubled(&level5)?, level4], 1)?, mode)?;
        let out3 = self.out3.forward(&Tensor::f_cat(&[doubled(&neck4)?, level3], 1)?, mode)?;
        let x = self.coarsen4.forward(&out3, mode)?;
        let out4 = self.out4.forward(&Tensor::f_cat(&[x, neck4], 1)?, mode)?;
        let x = self.coarsen5.forward(&out4, mode)?;
        let out5 = self.out5.forward(&Tensor::f_cat(&[x, level5], 1)?, mode)?;
        self.head.forward(&[out3, out4, out5], mode)
    }

    fn gains_from_bf16(&self) -> bool {
        true
    }

    fn is_head(tensor: &str) -> bool {
        tensor.starts_with("head.") && H::is_own(tensor)
    }
}

/// Every cell as four.
fn doubled(x: &Tensor) -> Result<Tensor, TchError> {
    let (_, _, height, width) = x.size4()?;
    x.f_upsample_nearest2d([2 * height, 2 * width], None, None)
}
