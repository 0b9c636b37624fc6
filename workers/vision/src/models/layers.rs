//! The layers that networks are made of, initialised as PyTorch does: `tch`'s own defaults differ silently.

use tch::nn::init::{FanInOut, NonLinearity, NormalOrUniform};
use tch::nn::{Init, Path};
use tch::{Kind, TchError, Tensor};

use crate::models::batch_norm::BatchNorm;

/// Of the weights of a ConvNeXt.
const SMALL_DEVIATION: f64 = 0.02;
const LAYER_NORM_EPSILON: f64 = 1e-6;
/// A branch that is scaled begins as almost nothing.
const FIRST_SCALE: f64 = 1e-6;

/// Convolution that keeps the size, but for its stride.
#[derive(Debug)]
pub struct Conv2d {
    weight: Tensor,
    bias: Option<Tensor>,
    stride: i64,
    padding: i64,
    groups: i64,
}

impl Conv2d {
    /// Without bias; Kaiming normal by fan-out, for ReLU.
    pub fn new(path: Path, inputs: i64, outputs: i64, kernel: i64, stride: i64) -> Self {
        let init = Init::Kaiming {
            dist: NormalOrUniform::Normal,
            fan: FanInOut::FanOut,
            non_linearity: NonLinearity::ReLU,
        };
        Self::with(path, [outputs, inputs, kernel, kernel], stride, 1, init)
    }

    /// Without bias, each group of inputs on its own; uniform within `1 / sqrt(fan-in)`, as `torch.nn.Conv2d`.
    pub fn uniform(path: Path, inputs: i64, outputs: i64, kernel: i64, stride: i64, groups: i64) -> Self {
        let bound = 1.0 / ((inputs / groups * kernel * kernel) as f64).sqrt();
        let init = Init::Uniform { lo: -bound, up: bound };
        Self::with(path, [outputs, inputs / groups, kernel, kernel], stride, groups, init)
    }

    /// Without bias, normal by fan-out of a group, as EfficientNets begin.
    pub fn spread(path: Path, inputs: i64, outputs: i64, kernel: i64, stride: i64, groups: i64) -> Self {
        let stdev = (2.0 / (kernel * kernel * outputs / groups) as f64).sqrt();
        let init = Init::Randn { mean: 0.0, stdev };
        Self::with(path, [outputs, inputs / groups, kernel, kernel], stride, groups, init)
    }

    /// With a bias: each square of `side` cells becomes one.
    pub fn patches(path: Path, inputs: i64, outputs: i64, side: i64) -> Self {
        let init = Init::Randn { mean: 0.0, stdev: SMALL_DEVIATION };
        let conv = Self::with(path.clone(), [outputs, inputs, side, side], side, 1, init);
        Conv2d { padding: 0, ..conv.biased(path, 0.0) }
    }

    /// With a bias, each channel on its own.
    pub fn own_window(path: Path, channels: i64, kernel: i64) -> Self {
        let init = Init::Randn { mean: 0.0, stdev: SMALL_DEVIATION };
        Self::with(path.clone(), [channels, 1, kernel, kernel], 1, channels, init).biased(path, 0.0)
    }

    fn with(path: Path, shape: [i64; 4], stride: i64, groups: i64, init: Init) -> Self {
        let weight = path.var("weight", &shape, init);
        Conv2d { weight, bias: None, stride, padding: shape[3] / 2, groups }
    }

    /// The same with a bias that starts as `value`.
    pub fn biased(self, path: Path, value: f64) -> Self {
        let bias = path.var("bias", &[self.weight.size()[0]], Init::Const(value));
        Conv2d { bias: Some(bias), ..self }
    }

    /// In the numbers of `x`, whatever those of the weights are; so do all layers but normalisation, which takes both.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        self.apply(x, &self.weight, self.bias.as_ref())
    }

    /// This convolution without bias and the normalisation of its outputs by running statistics, in one pass.
    pub fn forward_normalised(&self, x: &Tensor, norm: &BatchNorm) -> Result<Tensor, TchError> {
        let (scale, shift) = norm.scale_and_shift()?;
        self.apply(x, &self.weight.f_mul(&scale.f_view([-1, 1, 1, 1])?)?, Some(&shift))
    }

    fn apply(&self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor, TchError> {
        let (stride, padding) = ([self.stride; 2], [self.padding; 2]);
        let kind = x.f_kind()?;
        let bias = bias.map(|bias| bias.f_to_kind(kind)).transpose()?;
        x.f_conv2d(&weight.f_to_kind(kind)?, bias, stride, padding, [1, 1], self.groups)
    }
}

/// Every cell becomes four by weights of their own: a transposed 2x2 convolution with stride 2, and a bias.
#[derive(Debug)]
pub struct Doubling {
    weight: Tensor,
    bias: Tensor,
}

impl Doubling {
    /// Uniform within `1 / sqrt(4 x channels)`, as `torch.nn.ConvTranspose2d`.
    pub fn new(path: Path, channels: i64) -> Self {
        let bound = 1.0 / (4.0 * channels as f64).sqrt();
        let init = Init::Uniform { lo: -bound, up: bound };
        Doubling {
            weight: path.var("weight", &[channels, channels, 2, 2], init),
            bias: path.var("bias", &[channels], init),
        }
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let kind = x.f_kind()?;
        let (weight, bias) = (self.weight.f_to_kind(kind)?, self.bias.f_to_kind(kind)?);
        x.f_conv_transpose2d(&weight, Some(&bias), [2, 2], [0, 0], [0, 0], 1, [1, 1])
    }
}

/// The mean of each channel, `[N, C, H, W]` to `[N, C]`, in 32-bit floats: as exact as what comes after it.
pub fn mean_of_cells(x: &Tensor) -> Result<Tensor, TchError> {
    x.f_to_kind(Kind::Float)?.f_adaptive_avg_pool2d([1, 1])?.f_flatten(1, -1)
}

/// `[N, inputs]` to `[N, outputs]`.
#[derive(Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// Weight and bias uniform within `1 / sqrt(inputs)`.
    pub fn new(path: Path, inputs: i64, outputs: i64) -> Self {
        let bound = 1.0 / (inputs as f64).sqrt();
        let init = Init::Uniform { lo: -bound, up: bound };
        Linear {
            weight: path.var("weight", &[outputs, inputs], init),
            bias: path.var("bias", &[outputs], init),
        }
    }

    /// Without bias at first; weights uniform within `1 / sqrt(outputs)`, as EfficientNets begin.
    pub fn spread(path: Path, inputs: i64, outputs: i64) -> Self {
        let bound = 1.0 / (outputs as f64).sqrt();
        Self::with(path, inputs, outputs, Init::Uniform { lo: -bound, up: bound })
    }

    /// Without bias at first, as ConvNeXts begin. (What would be cut off is 100 deviations away.)
    pub fn truncated(path: Path, inputs: i64, outputs: i64) -> Self {
        Self::with(path, inputs, outputs, Init::Randn { mean: 0.0, stdev: SMALL_DEVIATION })
    }

    fn with(path: Path, inputs: i64, outputs: i64, init: Init) -> Self {
        let weight = path.var("weight", &[outputs, inputs], init);
        Linear { weight, bias: path.var("bias", &[outputs], Init::Const(0.0)) }
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let kind = x.f_kind()?;
        x.f_linear(&self.weight.f_to_kind(kind)?, Some(&self.bias.f_to_kind(kind)?))
    }
}

/// Normalises the numbers of each cell (Ba et al., arXiv 1607.06450).
#[derive(Debug)]
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
}

impl LayerNorm {
    pub fn new(path: Path, channels: i64) -> Self {
        LayerNorm {
            weight: path.var("weight", &[channels], Init::Const(1.0)),
            bias: path.var("bias", &[channels], Init::Const(0.0)),
        }
    }

    /// Of `[.., channels]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (kind, shape) = (x.f_kind()?, self.weight.size());
        let (weight, bias) = (self.weight.f_to_kind(kind)?, self.bias.f_to_kind(kind)?);
        x.f_layer_norm(shape, Some(&weight), Some(&bias), LAYER_NORM_EPSILON, true)
    }

    /// Of `[N, channels, H, W]`.
    pub fn of_channels(&self, x: &Tensor) -> Result<Tensor, TchError> {
        self.forward(&x.f_permute([0, 2, 3, 1])?)?.f_permute([0, 3, 1, 2])
    }
}

/// Multiplies the last dimension by numbers of its own (Touvron et al., arXiv 2103.17239).
#[derive(Debug)]
pub struct Scale(Tensor);

impl Scale {
    pub fn new(path: &Path, name: &str, channels: i64) -> Self {
        Scale(path.var(name, &[channels], Init::Const(FIRST_SCALE)))
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_mul(&self.0.f_to_kind(x.f_kind()?)?)
    }
}
