//! Networks of inverted residuals: EfficientNet (Tan and Le, arXiv 1905.11946) and MobileNetV3 (Howard et al., arXiv
//! 1905.02244), with timm's names.

use tch::nn::Path;
use tch::{Kind, TchError, Tensor};
use trainyard_onnx::plan;

use crate::models::batch_norm::BatchNorm;
use crate::models::layers::{Conv2d, Linear, mean_of_cells};
use crate::models::{Mode, Shape};

#[derive(Clone, Copy, Debug)]
enum Activation {
    None,
    Relu,
    HardSwish,
    Silu,
}

impl Activation {
    fn of(is_mobile: bool) -> Activation {
        if is_mobile { Activation::HardSwish } else { Activation::Silu }
    }

    fn forward(self, x: Tensor) -> Result<Tensor, TchError> {
        match self {
            Activation::None => Ok(x),
            Activation::Relu => x.f_relu(),
            Activation::HardSwish => x.f_hardswish(),
            Activation::Silu => x.f_silu(),
        }
    }
}

/// Convolution, normalisation, activation.
#[derive(Debug)]
struct Conv {
    conv: Conv2d,
    norm: BatchNorm,
    activation: Activation,
}

impl Conv {
    fn new(conv: Conv2d, norm: Path, outputs: i64, activation: Activation) -> Self {
        Conv { conv, norm: BatchNorm::new(norm, outputs, 1.0), activation }
    }

    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        self.activation.forward(self.norm.forward(&self.conv.forward(x)?, mode)?)
    }
}

/// Squeeze and excitation (arXiv 1709.01507): each channel by a factor of 0 to 1 that hangs on the means of all.
#[derive(Debug)]
struct Squeeze {
    reduce: Conv2d,
    expand: Conv2d,
    is_mobile: bool,
}

impl Squeeze {
    fn new(path: &Path, channels: i64, inner: i64, is_mobile: bool) -> Self {
        let conv = |name: &str, inputs, outputs| {
            let path = path / name;
            Conv2d::spread(path.clone(), inputs, outputs, 1, 1, 1).biased(path, 0.0)
        };
        Squeeze {
            reduce: conv("conv_reduce", channels, inner),
            expand: conv("conv_expand", inner, channels),
            is_mobile,
        }
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let means = x.f_mean_dim(&[2i64, 3][..], true, None::<Kind>)?;
        let inner = self.reduce.forward(&means)?;
        let inner = if self.is_mobile { inner.f_relu()? } else { inner.f_silu()? };
        let factors = self.expand.forward(&inner)?;
        x.f_mul(&if self.is_mobile { factors.f_hardsigmoid()? } else { factors.f_sigmoid()? })
    }
}

/// Widened, each channel on its own, squeezed, narrowed; past it where the size stays.
#[derive(Debug)]
struct Block {
    widen: Option<Conv>,
    depthwise: Conv,
    squeeze: Option<Squeeze>,
    narrow: Conv,
    is_residual: bool,
}

impl Block {
    fn new(root: &Path, shape: &plan::Block, is_mobile: bool) -> Self {
        let path = shape.path.split('.').fold(root.clone(), |path, part| &path / part);
        let [inputs, hidden, outputs, kernel, stride] =
            [shape.inputs, shape.hidden, shape.outputs, shape.kernel, shape.stride].map(|size| size as i64);
        let activation = match shape.is_relu {
            true => Activation::Relu,
            false => Activation::of(is_mobile),
        };
        let [second, third, narrow] = shape.names();
        let depthwise = Conv2d::spread(&path / "conv_dw", hidden, hidden, kernel, stride, hidden);
        let pointwise = |name: &str, inputs, outputs| Conv2d::spread(&path / name, inputs, outputs, 1, 1, 1);
        Block {
            widen: shape
                .widens
                .then(|| Conv::new(pointwise("conv_pw", inputs, hidden), &path / "bn1", hidden, activation)),
            depthwise: Conv::new(depthwise, &path / second, hidden, activation),
            squeeze: shape
                .squeeze
                .map(|inner| Squeeze::new(&(&path / "se"), hidden, inner as i64, is_mobile)),
            narrow: Conv::new(pointwise(narrow, hidden, outputs), &path / third, outputs, Activation::None),
            is_residual: shape.is_residual(),
        }
    }

    fn forward(&self, x: Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut out = match &self.widen {
            Some(widen) => widen.forward(&x, mode)?,
            None => x.shallow_clone(),
        };
        out = self.depthwise.forward(&out, mode)?;
        if let Some(squeeze) = &self.squeeze {
            out = squeeze.forward(&out)?;
        }
        out = self.narrow.forward(&out, mode)?;
        if self.is_residual { out.f_add(&x) } else { Ok(out) }
    }
}

#[derive(Debug)]
pub struct Inverted {
    stem: Conv,
    blocks: Vec<Block>,
    /// The last before the mean of the cells.
    last: Conv,
    /// After the mean, of a MobileNetV3.
    features: Option<Conv2d>,
    classifier: Linear,
}

impl Inverted {
    /// `None` when it has not the name of one.
    pub fn new(root: &Path, shape: &Shape) -> Option<Self> {
        let plan = plan::plan(&shape.name)?;
        let [stem, cells, features] = [plan.stem, plan.cells, plan.features].map(|size| size as i64);
        let activation = Activation::of(plan.is_mobile);
        let stride = if shape.has_small_stem() { 1 } else { 2 };
        let first = Conv2d::spread(root / "conv_stem", 3, stem, 3, stride, 1);
        let blocks = plan.blocks.iter().map(|block| Block::new(root, block, plan.is_mobile)).collect();
        let inputs = plan.blocks.last().map_or(stem, |block| block.outputs as i64);
        let [conv, norm] =
            plan.last.each_ref().map(|path| path.split('.').fold(root.clone(), |path, part| &path / part));
        let last = Conv2d::spread(conv, inputs, cells, 1, 1, 1);
        let head = || {
            let path = root / "conv_head";
            Conv2d::spread(path.clone(), cells, features, 1, 1, 1).biased(path, 0.0)
        };
        Some(Inverted {
            stem: Conv::new(first, root / "bn1", stem, activation),
            blocks,
            last: Conv::new(last, norm, cells, activation),
            features: plan.is_mobile.then(head),
            classifier: Linear::spread(root / "classifier", features, shape.classes as i64),
        })
    }

    /// `[N, 3, H, W]` to `[N, classes]`.
    pub fn forward(&self, images: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut x = self.stem.forward(images, mode)?;
        for block in &self.blocks {
            x = block.forward(x, mode)?;
        }
        let mut means = mean_of_cells(&self.last.forward(&x, mode)?)?;
        if let Some(features) = &self.features {
            let wide = features.forward(&means.f_unsqueeze(2)?.f_unsqueeze(3)?)?;
            means = wide.f_hardswish()?.f_flatten(1, -1)?;
        }
        self.classifier.forward(&means)
    }
}
