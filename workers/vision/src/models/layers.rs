//! The layers that networks are made of, initialised as PyTorch does: `tch`'s own defaults differ silently.

use tch::nn::init::{FanInOut, NonLinearity, NormalOrUniform};
use tch::nn::{Init, Path};
use tch::{TchError, Tensor};

/// PyTorch's own.
const BATCH_NORM_EPSILON: f64 = 1e-5;
const BATCH_NORM_MOMENTUM: f64 = 0.1;

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

    fn with(path: Path, shape: [i64; 4], stride: i64, groups: i64, init: Init) -> Self {
        let weight = path.var("weight", &shape, init);
        Conv2d { weight, bias: None, stride, padding: shape[3] / 2, groups }
    }

    /// The same with a bias that starts as `value`.
    pub fn biased(self, path: Path, value: f64) -> Self {
        let bias = path.var("bias", &[self.weight.size()[0]], Init::Const(value));
        Conv2d { bias: Some(bias), ..self }
    }

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
        x.f_conv2d(weight, bias, stride, padding, [1, 1], self.groups)
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
        x.f_conv_transpose2d(&self.weight, Some(&self.bias), [2, 2], [0, 0], [0, 0], 1, [1, 1])
    }
}

/// Batch normalisation over `[N, C, H, W]`.
#[derive(Debug)]
pub struct BatchNorm {
    weight: Tensor,
    bias: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    epsilon: f64,
    momentum: f64,
}

impl BatchNorm {
    /// `weight` is 1, or 0 for the last one of a residual branch, which makes the block start as the identity.
    pub fn new(path: Path, channels: i64, weight: f64) -> Self {
        BatchNorm {
            weight: path.var("weight", &[channels], Init::Const(weight)),
            bias: path.var("bias", &[channels], Init::Const(0.0)),
            running_mean: path.zeros_no_train("running_mean", &[channels]),
            running_var: path.ones_no_train("running_var", &[channels]),
            epsilon: BATCH_NORM_EPSILON,
            momentum: BATCH_NORM_MOMENTUM,
        }
    }

    pub fn tuned(self, epsilon: f64, momentum: f64) -> Self {
        BatchNorm { epsilon, momentum, ..self }
    }

    /// With running statistics it is `x * scale + shift`.
    fn scale_and_shift(&self) -> Result<(Tensor, Tensor), TchError> {
        let scale = self.running_var.f_add_scalar(self.epsilon)?.f_rsqrt()?.f_mul(&self.weight)?;
        let shift = self.bias.f_sub(&self.running_mean.f_mul(&scale)?)?;
        Ok((scale, shift))
    }

    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor, TchError> {
        x.f_batch_norm(
            Some(&self.weight),
            Some(&self.bias),
            Some(&self.running_mean),
            Some(&self.running_var),
            train,
            self.momentum,
            self.epsilon,
            true,
        )
    }
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

    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight, Some(&self.bias))
    }
}
