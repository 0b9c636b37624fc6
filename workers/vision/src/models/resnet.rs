//! ResNet (He et al., arXiv 1512.03385; stride in the 3x3 convolution of a bottleneck), with timm's names.

use tch::nn::Path;
use tch::{TchError, Tensor};

use crate::models::batch_norm::BatchNorm;
use crate::models::layers::{Conv2d, Linear, mean_of_cells};
use crate::models::{Mode, Network, Shape};

const WIDTHS: [i64; 4] = [64, 128, 256, 512];

#[derive(Debug)]
pub struct ResNet {
    conv1: Conv2d,
    bn1: BatchNorm,
    /// A stem for small images keeps their size: 3x3 with stride 1, and no pooling.
    small_stem: bool,
    blocks: Vec<Block>,
    fc: Linear,
}

impl ResNet {
    /// `expansion` 1 is of blocks of two 3x3 convolutions, 4 of 1x1, 3x3, 1x1 that widen four times.
    fn build(root: &Path, depths: [usize; 4], expansion: i64, classes: usize, small_stem: bool) -> Self {
        let (kernel, stride) = if small_stem { (3, 1) } else { (7, 2) };
        let conv1 = Conv2d::new(root / "conv1", 3, WIDTHS[0], kernel, stride);
        let bn1 = BatchNorm::new(root / "bn1", WIDTHS[0], 1.0);
        let mut blocks = Vec::new();
        let mut inputs = WIDTHS[0];
        for (layer, (&width, depth)) in WIDTHS.iter().zip(depths).enumerate() {
            for index in 0..depth {
                let stride = if layer > 0 && index == 0 { 2 } else { 1 };
                let path = root / format!("layer{}", layer + 1) / index;
                blocks.push(Block::new(&path, inputs, width, stride, expansion));
                inputs = width * expansion;
            }
        }
        let fc = Linear::new(root / "fc", inputs, classes as i64);
        ResNet { conv1, bn1, small_stem, blocks, fc }
    }
}

impl Network for ResNet {
    type Output = Tensor;
    const FIXED: u64 = 0;

    fn new(root: &Path, shape: &Shape) -> Option<Self> {
        let (depths, expansion) = match shape.name.as_str() {
            "resnet18" => ([2, 2, 2, 2], 1),
            "resnet34" => ([3, 4, 6, 3], 1),
            "resnet50" => ([3, 4, 6, 3], 4),
            _ => return None,
        };
        Some(ResNet::build(root, depths, expansion, shape.classes, shape.has_small_stem()))
    }

    /// `[N, 3, H, W]` to `[N, classes]`.
    fn forward(&self, images: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut x = self.bn1.forward(&self.conv1.forward(images)?, mode)?.f_relu_()?;
        if !self.small_stem {
            x = x.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false)?;
        }
        for block in &self.blocks {
            x = block.forward(x, mode)?;
        }
        self.fc.forward(&mean_of_cells(&x)?)
    }

    fn gains_from_bf16(&self) -> bool {
        true
    }

    fn is_head(tensor: &str) -> bool {
        tensor.starts_with("fc.")
    }
}

/// `relu(branch(x) + shortcut(x))`.
#[derive(Debug)]
struct Block {
    branch: Vec<(Conv2d, BatchNorm)>,
    downsample: Option<(Conv2d, BatchNorm)>,
}

impl Block {
    fn new(path: &Path, inputs: i64, width: i64, stride: i64, expansion: i64) -> Self {
        let outputs = width * expansion;
        // (inputs, outputs, kernel, stride) of each convolution.
        let convolutions = if expansion == 1 {
            vec![(inputs, width, 3, stride), (width, outputs, 3, 1)]
        } else {
            vec![(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]
        };
        let last = convolutions.len();
        let branch = convolutions
            .into_iter()
            .zip(1..)
            .map(|((inputs, outputs, kernel, stride), number)| {
                let weight = if number == last { 0.0 } else { 1.0 };
                (
                    Conv2d::new(path / format!("conv{number}"), inputs, outputs, kernel, stride),
                    BatchNorm::new(path / format!("bn{number}"), outputs, weight),
                )
            })
            .collect();
        let downsample = (stride != 1 || inputs != outputs).then(|| {
            let path = path / "downsample";
            (Conv2d::new(&path / 0, inputs, outputs, 1, stride), BatchNorm::new(&path / 1, outputs, 1.0))
        });
        Block { branch, downsample }
    }

    fn forward(&self, x: Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let shortcut = match &self.downsample {
            Some((conv, norm)) => norm.forward(&conv.forward(&x)?, mode)?,
            None => x.shallow_clone(),
        };
        let mut out = x;
        for (index, (conv, norm)) in self.branch.iter().enumerate() {
            out = norm.forward(&conv.forward(&out)?, mode)?;
            if index + 1 < self.branch.len() {
                out = out.f_relu_()?;
            }
        }
        out.f_add_(&shortcut)?.f_relu_()
    }
}
