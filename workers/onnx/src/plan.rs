//! The published tables of the networks of inverted residuals, block by block: what is trained and what is exported is made
//! of the same rows. EfficientNet: Tan and Le, arXiv 1905.11946; MobileNetV3: Howard et al., arXiv 1905.02244.

/// A row of the table.
#[derive(Clone, Copy)]
struct Row {
    repeats: usize,
    kernel: usize,
    /// Of the first block.
    stride: usize,
    expansion: f64,
    outputs: usize,
    is_squeezed: bool,
    is_relu: bool,
    /// Whether its blocks belong to the stage of the row before.
    goes_on: bool,
}

const fn row(repeats: usize, kernel: usize, stride: usize, expansion: f64, outputs: usize) -> Row {
    Row { repeats, kernel, stride, expansion, outputs, is_squeezed: false, is_relu: false, goes_on: false }
}

impl Row {
    const fn squeezed(self) -> Row {
        Row { is_squeezed: true, ..self }
    }

    const fn relu(self) -> Row {
        Row { is_relu: true, ..self }
    }

    const fn going_on(self) -> Row {
        Row { goes_on: true, ..self }
    }
}

const EFFICIENT: [Row; 7] = [
    row(1, 3, 1, 1.0, 16).squeezed(),
    row(2, 3, 2, 6.0, 24).squeezed(),
    row(2, 5, 2, 6.0, 40).squeezed(),
    row(3, 3, 2, 6.0, 80).squeezed(),
    row(3, 5, 1, 6.0, 112).squeezed(),
    row(4, 5, 2, 6.0, 192).squeezed(),
    row(1, 3, 1, 6.0, 320).squeezed(),
];

const MOBILE_SMALL: [Row; 7] = [
    row(1, 3, 2, 1.0, 16).squeezed().relu(),
    row(1, 3, 2, 4.5, 24).relu(),
    row(1, 3, 1, 3.67, 24).relu().going_on(),
    row(1, 5, 2, 4.0, 40).squeezed(),
    row(2, 5, 1, 6.0, 40).squeezed().going_on(),
    row(2, 5, 1, 3.0, 48).squeezed(),
    row(3, 5, 2, 6.0, 96).squeezed(),
];

const MOBILE_LARGE: [Row; 9] = [
    row(1, 3, 1, 1.0, 16).relu(),
    row(1, 3, 2, 4.0, 24).relu(),
    row(1, 3, 1, 3.0, 24).relu().going_on(),
    row(3, 5, 2, 3.0, 40).squeezed().relu(),
    row(1, 3, 2, 6.0, 80),
    row(1, 3, 1, 2.5, 80).going_on(),
    row(2, 3, 1, 2.3, 80).going_on(),
    row(2, 3, 1, 6.0, 112).squeezed(),
    row(3, 5, 2, 6.0, 160).squeezed(),
];

/// What tells the networks apart.
struct Scale {
    name: &'static str,
    rows: &'static [Row],
    is_mobile: bool,
    width: f64,
    depth: f64,
    stem: usize,
    features: usize,
}

const fn efficient(name: &'static str, width: f64, depth: f64) -> Scale {
    Scale { name, rows: &EFFICIENT, is_mobile: false, width, depth, stem: 32, features: 1280 }
}

const fn mobile(name: &'static str, rows: &'static [Row], features: usize) -> Scale {
    Scale { name, rows, is_mobile: true, width: 1.0, depth: 1.0, stem: 16, features }
}

const SCALES: [Scale; 6] = [
    efficient("efficientnet_b0", 1.0, 1.0),
    efficient("efficientnet_b1", 1.0, 1.1),
    efficient("efficientnet_b2", 1.1, 1.2),
    efficient("efficientnet_b3", 1.2, 1.4),
    mobile("mobilenetv3_small_100", &MOBILE_SMALL, 1024),
    mobile("mobilenetv3_large_100", &MOBILE_LARGE, 1280),
];

/// One network.
#[derive(Debug)]
pub struct Plan {
    /// Whether it is a MobileNetV3: active by hard swish, its gates hard sigmoids, and its features made of means.
    pub is_mobile: bool,
    /// Channels of the first convolution, of stride 2 but for small images.
    pub stem: usize,
    pub blocks: Vec<Block>,
    /// Where the last convolution and its normalisation are.
    pub last: [String; 2],
    /// Its channels.
    pub cells: usize,
    /// What the classes are told from.
    pub features: usize,
}

/// Widened, each channel on its own, squeezed, narrowed; past it where the size stays.
#[derive(Debug)]
pub struct Block {
    /// Of its tensors.
    pub path: String,
    pub inputs: usize,
    /// As `inputs` where it does not widen.
    pub hidden: usize,
    pub outputs: usize,
    pub kernel: usize,
    pub stride: usize,
    /// Channels that the means of all are squeezed into.
    pub squeeze: Option<usize>,
    /// Whether it is active by ReLU whatever the others are.
    pub is_relu: bool,
    pub widens: bool,
}

impl Block {
    pub fn is_residual(&self) -> bool {
        self.stride == 1 && self.inputs == self.outputs
    }

    /// Of the normalisations after the second and the third convolution, and of the third. One that does not widen has no
    /// first.
    pub fn names(&self) -> [&'static str; 3] {
        if self.widens { ["bn2", "bn3", "conv_pwl"] } else { ["bn1", "bn2", "conv_pw"] }
    }
}

pub fn names() -> impl Iterator<Item = &'static str> {
    SCALES.iter().map(|scale| scale.name)
}

/// Of the network with this name.
pub fn plan(name: &str) -> Option<Plan> {
    let scale = SCALES.iter().find(|scale| scale.name == name)?;
    let channels = |channels: usize| eights(channels as f64 * scale.width);
    let mut blocks = Vec::new();
    let mut inputs = channels(scale.stem);
    let (mut stage, mut index) = (0, 0);
    for (number, row) in scale.rows.iter().enumerate() {
        if number > 0 && !row.goes_on {
            (stage, index) = (stage + 1, 0);
        }
        for repeat in 0..(row.repeats as f64 * scale.depth).ceil() as usize {
            let widens = row.expansion > 1.0;
            let hidden = if widens { eights(inputs as f64 * row.expansion) } else { inputs };
            let from = if scale.is_mobile { eights(hidden as f64 * 0.25) } else { inputs / 4 };
            blocks.push(Block {
                path: format!("blocks.{stage}.{index}"),
                inputs,
                hidden,
                outputs: channels(row.outputs),
                kernel: row.kernel,
                stride: if repeat == 0 { row.stride } else { 1 },
                squeeze: row.is_squeezed.then_some(from),
                is_relu: row.is_relu,
                widens,
            });
            (inputs, index) = (channels(row.outputs), index + 1);
        }
    }
    let features = channels(scale.features);
    let (last, cells) = match scale.is_mobile {
        true => (["conv", "bn1"].map(|name| format!("blocks.{}.0.{name}", stage + 1)), 6 * inputs),
        false => (["conv_head", "bn2"].map(str::to_owned), features),
    };
    Some(Plan { is_mobile: scale.is_mobile, stem: channels(scale.stem), blocks, last, cells, features })
}

/// The nearest multiple of eight, at least eight, and not below nine tenths.
fn eights(channels: f64) -> usize {
    let nearest = ((channels + 4.0) as usize / 8 * 8).max(8);
    if (nearest as f64) < 0.9 * channels { nearest + 8 } else { nearest }
}
