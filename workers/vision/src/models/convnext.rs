//! ConvNeXt (Liu et al., arXiv 2201.03545), with timm's names.

use tch::nn::Path;
use tch::{TchError, Tensor};

use crate::models::Shape;
use crate::models::layers::{Conv2d, LayerNorm, Linear, Scale, mean_of_cells};

const DEPTHS: [usize; 4] = [3, 3, 9, 3];
const WIDTHS: [i64; 4] = [96, 192, 384, 768];
/// Hidden numbers of a block for each of its channels.
const EXPANSION: i64 = 4;
/// A smaller side would have no cell left after four stages.
pub const SIDE_MIN: u32 = 32;

#[derive(Debug)]
pub struct ConvNext {
    stem: (Conv2d, LayerNorm),
    stages: Vec<Stage>,
    norm: LayerNorm,
    fc: Linear,
}

#[derive(Debug)]
struct Stage {
    downsample: Option<(LayerNorm, Conv2d)>,
    blocks: Vec<Block>,
}

impl ConvNext {
    pub fn new(root: &Path, shape: &Shape) -> Option<Self> {
        if shape.name != "convnext_tiny" {
            return None;
        }
        let stem = root / "stem";
        let stages = (0..WIDTHS.len()).map(|index| Stage::new(&(root / "stages" / index), index));
        let (last, head) = (WIDTHS[WIDTHS.len() - 1], root / "head");
        Some(ConvNext {
            stem: (Conv2d::patches(&stem / 0, 3, WIDTHS[0], 4), LayerNorm::new(&stem / 1, WIDTHS[0])),
            stages: stages.collect(),
            norm: LayerNorm::new(&head / "norm", last),
            fc: Linear::truncated(&head / "fc", last, shape.classes as i64),
        })
    }

    /// `[N, 3, H, W]` to `[N, classes]`.
    pub fn forward(&self, images: &Tensor) -> Result<Tensor, TchError> {
        let mut x = self.stem.1.of_channels(&self.stem.0.forward(images)?)?;
        for stage in &self.stages {
            x = stage.forward(x)?;
        }
        self.fc.forward(&self.norm.forward(&mean_of_cells(&x)?)?)
    }
}

impl Stage {
    fn new(path: &Path, index: usize) -> Self {
        let width = WIDTHS[index];
        let downsample = (index > 0).then(|| {
            let (path, inputs) = (path / "downsample", WIDTHS[index - 1]);
            (LayerNorm::new(&path / 0, inputs), Conv2d::patches(&path / 1, inputs, width, 2))
        });
        let blocks = (0..DEPTHS[index]).map(|block| Block::new(&(path / "blocks" / block), width));
        Stage { downsample, blocks: blocks.collect() }
    }

    fn forward(&self, mut x: Tensor) -> Result<Tensor, TchError> {
        if let Some((norm, conv)) = &self.downsample {
            x = conv.forward(&norm.of_channels(&x)?)?;
        }
        for block in &self.blocks {
            x = block.forward(x)?;
        }
        Ok(x)
    }
}

/// `x + scale(narrow(gelu(widen(norm(depthwise(x))))))`, all but the depthwise convolution cell by cell.
#[derive(Debug)]
struct Block {
    depthwise: Conv2d,
    norm: LayerNorm,
    widen: Linear,
    narrow: Linear,
    scale: Scale,
}

impl Block {
    fn new(path: &Path, width: i64) -> Self {
        let mlp = path / "mlp";
        Block {
            depthwise: Conv2d::own_window(path / "conv_dw", width, 7),
            norm: LayerNorm::new(path / "norm", width),
            widen: Linear::truncated(&mlp / "fc1", width, EXPANSION * width),
            narrow: Linear::truncated(&mlp / "fc2", EXPANSION * width, width),
            scale: Scale::new(path, "gamma", width),
        }
    }

    fn forward(&self, x: Tensor) -> Result<Tensor, TchError> {
        let cells = self.depthwise.forward(&x)?.f_permute([0, 2, 3, 1])?;
        let hidden = self.widen.forward(&self.norm.forward(&cells)?)?.f_gelu("none")?;
        let cells = self.scale.forward(&self.narrow.forward(&hidden)?)?;
        cells.f_permute([0, 3, 1, 2])?.f_add(&x)
    }
}
