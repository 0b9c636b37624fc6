//! The layers that networks are made of, as nodes of a graph.

use crate::ExportError;
use crate::graph::{Graph, Map};
use crate::proto::Attribute::{Float, Int, Ints, Text};

/// At most this side, an image has the stem that keeps its size.
pub const SMALL_IMAGE_SIDE: usize = 64;
/// Of a normalisation over the numbers of a cell.
const LAYER_EPSILON: f32 = 1e-6;

/// A convolution.
#[derive(Clone, Copy, Debug)]
pub struct Conv {
    pub outputs: usize,
    pub kernel: usize,
    pub stride: usize,
    pub groups: usize,
    /// Cells beyond the edge.
    pub padding: usize,
}

impl Conv {
    /// One that keeps the size, but for its stride.
    pub fn new(outputs: usize, kernel: usize, stride: usize) -> Self {
        Conv { outputs, kernel, stride, groups: 1, padding: kernel / 2 }
    }

    /// Each square of `side` cells becomes one.
    pub fn patches(outputs: usize, side: usize) -> Self {
        Conv { outputs, kernel: side, stride: side, groups: 1, padding: 0 }
    }
}

/// A normalisation by running statistics: `x * scale + shift` of each channel.
struct Affine {
    scale: Vec<f64>,
    shift: Vec<f64>,
}

impl Graph {
    /// The convolution `conv` without bias and the normalisation `norm` after it, as one convolution with a bias.
    pub fn conv_norm(
        &mut self,
        x: &Map,
        shape: Conv,
        (conv, norm): (&str, &str),
        epsilon: f64,
    ) -> Result<Map, ExportError> {
        let Affine { scale, shift } = self.affine(norm, shape.outputs, epsilon)?;
        let mut weight = self.take(&format!("{conv}.weight"), &shape.weight(x))?;
        let filter = weight.len() / shape.outputs;
        for (filter, scale) in weight.chunks_exact_mut(filter).zip(&scale) {
            filter.iter_mut().for_each(|value| *value = (f64::from(*value) * scale) as f32);
        }
        let bias: Vec<f32> = shift.iter().map(|value| *value as f32).collect();
        self.conv_of(x, shape, conv, &weight, &bias)
    }

    /// The convolution `path` with a bias of its own.
    pub fn conv(&mut self, x: &Map, shape: Conv, path: &str) -> Result<Map, ExportError> {
        let weight = self.take(&format!("{path}.weight"), &shape.weight(x))?;
        let bias = self.take(&format!("{path}.bias"), &[shape.outputs])?;
        self.conv_of(x, shape, path, &weight, &bias)
    }

    fn conv_of(
        &mut self,
        x: &Map,
        shape: Conv,
        path: &str,
        weight: &[f32],
        bias: &[f32],
    ) -> Result<Map, ExportError> {
        let weight = self.floats(format!("{path}.weight"), &shape.weight(x), weight)?;
        let bias = self.floats(format!("{path}.bias"), &[shape.outputs], bias)?;
        let Conv { outputs, kernel, stride, groups, padding } = shape;
        let mut attributes = window(kernel, stride, padding).to_vec();
        attributes.push(("group", Int(groups as i64)));
        let name = self.node("Conv", path, &[&x.name, &weight, &bias], &attributes);
        Ok(Map { name, channels: outputs, side: (x.side + 2 * padding - kernel) / stride + 1 })
    }

    /// Every cell as four by weights of their own: the transposed 2x2 convolution `path` with stride 2, and its bias.
    pub fn doubled_by_weights(&mut self, x: &Map, path: &str) -> Result<Map, ExportError> {
        let shape = [x.channels, x.channels, 2, 2];
        let weight = self.take(&format!("{path}.weight"), &shape)?;
        let bias = self.take(&format!("{path}.bias"), &[x.channels])?;
        let weight = self.floats(format!("{path}.weight"), &shape, &weight)?;
        let bias = self.floats(format!("{path}.bias"), &[x.channels], &bias)?;
        let two = || Ints(vec![2, 2]);
        let attributes = [("kernel_shape", two()), ("strides", two())];
        let name = self.node("ConvTranspose", path, &[&x.name, &weight, &bias], &attributes);
        Ok(Map { name, channels: x.channels, side: 2 * x.side })
    }

    fn affine(&mut self, path: &str, channels: usize, epsilon: f64) -> Result<Affine, ExportError> {
        let mut take = |name: &str| self.take(&format!("{path}.{name}"), &[channels]);
        let (weight, bias) = (take("weight")?, take("bias")?);
        let (mean, variance) = (take("running_mean")?, take("running_var")?);
        let scale = weight.iter().zip(&variance);
        let scale: Vec<f64> = scale
            .map(|(weight, variance)| f64::from(*weight) / (f64::from(*variance) + epsilon).sqrt())
            .collect();
        let shift = bias.iter().zip(&mean).zip(&scale);
        let shift = shift.map(|((bias, mean), scale)| f64::from(*bias) - f64::from(*mean) * scale).collect();
        Ok(Affine { scale, shift })
    }

    pub fn relu(&mut self, x: Map) -> Map {
        let name = self.node("Relu", format!("{}.relu", x.name), &[&x.name], &[]);
        Map { name, ..x }
    }

    /// `x * sigmoid(x)`.
    pub fn silu(&mut self, x: Map) -> Map {
        let sigmoid = self.node("Sigmoid", format!("{}.sigmoid", x.name), &[&x.name], &[]);
        let name = self.node("Mul", format!("{}.silu", x.name), &[&x.name, &sigmoid], &[]);
        Map { name, ..x }
    }

    pub fn sigmoid(&mut self, x: Map) -> Map {
        let name = self.node("Sigmoid", format!("{}.sigmoid", x.name), &[&x.name], &[]);
        Map { name, ..x }
    }

    /// `min(max(x / 6 + 1 / 2, 0), 1)`.
    pub fn hard_sigmoid(&mut self, x: Map) -> Map {
        let sixth = [("alpha", Float(1.0 / 6.0)), ("beta", Float(0.5))];
        let name = self.node("HardSigmoid", format!("{}.gate", x.name), &[&x.name], &sixth);
        Map { name, ..x }
    }

    /// `x * hard_sigmoid(x)`.
    pub fn hard_swish(&mut self, x: Map) -> Map {
        let name = self.node("HardSwish", format!("{}.swish", x.name), &[&x.name], &[]);
        Map { name, ..x }
    }

    /// `x * (1 + erf(x / sqrt(2))) / 2`, of any shape.
    pub fn gelu(&mut self, x: &str, path: &str) -> Result<String, ExportError> {
        let mut number = |name: &str, value| self.floats(format!("{path}.{name}"), &[], &[value]);
        let (root, one, half) =
            (number("root", std::f32::consts::SQRT_2)?, number("one", 1.0)?, number("half", 0.5)?);
        let part = self.node("Div", format!("{path}.part"), &[x, &root], &[]);
        let part = self.node("Erf", format!("{path}.erf"), &[&part], &[]);
        let part = self.node("Add", format!("{path}.share"), &[&part, &one], &[]);
        let twice = self.node("Mul", format!("{path}.twice"), &[x, &part], &[]);
        Ok(self.node("Mul", path, &[&twice, &half], &[]))
    }

    /// The mean of each channel, as an image of one cell.
    pub fn mean_of_cells(&mut self, name: &str, x: &Map) -> Map {
        let name = self.node("GlobalAveragePool", name, &[&x.name], &[]);
        Map { name, channels: x.channels, side: 1 }
    }

    /// The classes by the fully connected layer `path` from an image of one cell: the graph's output.
    pub fn logits(&mut self, x: &Map, path: &str, classes: usize) -> Result<(), ExportError> {
        let flat = self.node("Flatten", "mean.flat", &[&x.name], &[("axis", Int(1))]);
        let (weight, bias) = (format!("{path}.weight"), format!("{path}.bias"));
        let shape = [classes, x.channels];
        let (shifts, factors) = (self.take(&bias, &[classes])?, self.take(&weight, &shape)?);
        let factors = self.floats(weight, &shape, &factors)?;
        let shifts = self.floats(bias, &[classes], &shifts)?;
        let logits = self.node("Gemm", "logits", &[&flat, &factors, &shifts], &[("transB", Int(1))]);
        self.output(&logits, &[classes]);
        Ok(())
    }

    /// The fully connected layer `path` over the last dimension, of any shape before it.
    pub fn fully_connected(
        &mut self,
        x: &str,
        path: &str,
        [inputs, outputs]: [usize; 2],
    ) -> Result<String, ExportError> {
        let weight = self.take(&format!("{path}.weight"), &[outputs, inputs])?;
        let bias = self.take(&format!("{path}.bias"), &[outputs])?;
        let turned: Vec<f32> =
            (0..inputs).flat_map(|from| weight.iter().skip(from).step_by(inputs)).copied().collect();
        let weight = self.floats(format!("{path}.weight"), &[inputs, outputs], &turned)?;
        let bias = self.floats(format!("{path}.bias"), &[outputs], &bias)?;
        let product = self.node("MatMul", format!("{path}.product"), &[x, &weight], &[]);
        Ok(self.node("Add", path, &[&product, &bias], &[]))
    }

    /// The normalisation `path` of the last dimension.
    pub fn norm_of_last(&mut self, x: &str, path: &str, size: usize) -> Result<String, ExportError> {
        let weight = self.take(&format!("{path}.weight"), &[size])?;
        let bias = self.take(&format!("{path}.bias"), &[size])?;
        let weight = self.floats(format!("{path}.weight"), &[size], &weight)?;
        let bias = self.floats(format!("{path}.bias"), &[size], &bias)?;
        let attributes = [("axis", Int(-1)), ("epsilon", Float(LAYER_EPSILON))];
        Ok(self.node("LayerNormalization", path, &[x, &weight, &bias], &attributes))
    }

    /// The normalisation `path` of the channels of each cell.
    pub fn norm_of_channels(&mut self, x: &Map, path: &str) -> Result<Map, ExportError> {
        let cells = self.transpose(format!("{path}.cells"), &x.name, &[0, 2, 3, 1]);
        let cells = self.norm_of_last(&cells, path, x.channels)?;
        let name = self.transpose(format!("{path}.image"), &cells, &[0, 3, 1, 2]);
        Ok(Map { name, ..*x })
    }

    /// Each channel of `x` by its one number.
    pub fn multiply(&mut self, name: String, x: &Map, factors: &Map) -> Map {
        let name = self.node("Mul", name, &[&x.name, &factors.name], &[]);
        Map { name, ..*x }
    }

    /// Of two of the same shape.
    pub fn add(&mut self, name: String, one: &Map, other: &Map) -> Map {
        let name = self.node("Add", name, &[&one.name, &other.name], &[]);
        Map { name, ..*one }
    }

    /// The channels of all one after the other.
    pub fn concat(&mut self, name: String, parts: &[&Map]) -> Map {
        let inputs: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        let name = self.node("Concat", name, &inputs, &[("axis", Int(1))]);
        Map { name, channels: parts.iter().map(|part| part.channels).sum(), side: parts[0].side }
    }

    pub fn first_half(&mut self, x: &Map) -> Map {
        self.half(x, "first", 0)
    }

    pub fn second_half(&mut self, x: &Map) -> Map {
        self.half(x, "second", x.channels / 2)
    }

    fn half(&mut self, x: &Map, name: &str, first: usize) -> Map {
        let half = x.channels / 2;
        let name = self.slice(format!("{}.{name}", x.name), &x.name, 1, first, first + half);
        Map { name, channels: half, side: x.side }
    }

    /// What lies from `first` up to `end` along an axis.
    pub fn slice(&mut self, name: String, x: &str, axis: i64, first: usize, end: usize) -> String {
        let starts = self.ints(format!("{name}.starts"), &[first as i64]);
        let ends = self.ints(format!("{name}.ends"), &[end as i64]);
        let axes = self.ints(format!("{name}.axes"), &[axis]);
        self.node("Slice", name, &[x, &starts, &ends, &axes], &[])
    }

    pub fn max_pool(&mut self, name: String, x: &Map, kernel: usize, stride: usize) -> Map {
        let name = self.node("MaxPool", name, &[&x.name], &window(kernel, stride, kernel / 2));
        Map { name, channels: x.channels, side: strided(x.side, stride) }
    }

    /// Every cell as four.
    pub fn doubled(&mut self, name: String, x: &Map) -> Result<Map, ExportError> {
        let scales = self.floats(format!("{name}.scales"), &[4], &[1.0, 1.0, 2.0, 2.0])?;
        let nearest = [
            ("mode", Text("nearest")),
            ("coordinate_transformation_mode", Text("asymmetric")),
            ("nearest_mode", Text("floor")),
        ];
        // The empty one would be the part of the image to look at.
        let name = self.node("Resize", name, &[&x.name, "", &scales], &nearest);
        Ok(Map { name, channels: x.channels, side: 2 * x.side })
    }

    /// The same numbers as `[N, ..shape]`.
    pub fn reshape(&mut self, name: String, x: &str, shape: &[usize]) -> String {
        // 0 keeps the dimension that is there.
        let whole: Vec<i64> = std::iter::once(0).chain(shape.iter().map(|side| *side as i64)).collect();
        let shape = self.ints(format!("{name}.shape"), &whole);
        self.node("Reshape", name, &[x, &shape], &[])
    }

    pub fn transpose(&mut self, name: String, x: &str, order: &[i64]) -> String {
        self.node("Transpose", name, &[x], &[("perm", Ints(order.to_vec()))])
    }
}

impl Conv {
    fn weight(&self, x: &Map) -> [usize; 4] {
        [self.outputs, x.channels / self.groups, self.kernel, self.kernel]
    }
}

fn window(kernel: usize, stride: usize, padding: usize) -> [(&'static str, crate::proto::Attribute); 3] {
    let sides = |value: usize, count: usize| Ints(vec![value as i64; count]);
    [("kernel_shape", sides(kernel, 2)), ("strides", sides(stride, 2)), ("pads", sides(padding, 4))]
}

/// Of a window of odd size that sees half of itself beyond the edge.
fn strided(side: usize, stride: usize) -> usize {
    side.div_ceil(stride)
}
