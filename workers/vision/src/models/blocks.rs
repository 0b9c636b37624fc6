//! The blocks of the YOLO family: convolutions, cross-stage parts, pooling pyramid and attention.
//!
//! Every block maps `[N, inputs, H, W]` to `[N, outputs, H, W]`, or to half of H and W where its stride is 2.

use tch::nn::Path;
use tch::{Kind, TchError, Tensor};

use crate::models::Mode;
use crate::models::batch_norm::BatchNorm;
use crate::models::layers::Conv2d;

const EPSILON: f64 = 1e-3;
const MOMENTUM: f64 = 0.03;
/// Channels of one attention head.
const HEAD_CHANNELS: i64 = 64;
const POOL: i64 = 5;

/// Convolution, batch normalisation, SiLU.
#[derive(Debug)]
pub struct Conv {
    conv: Conv2d,
    norm: BatchNorm,
    is_active: bool,
}

impl Conv {
    pub fn new(path: &Path, inputs: i64, outputs: i64, kernel: i64, stride: i64) -> Self {
        Self::grouped(path, inputs, outputs, kernel, stride, 1)
    }

    /// 3x3, each channel on its own.
    pub fn depthwise(path: &Path, channels: i64) -> Self {
        Self::grouped(path, channels, channels, 3, 1, channels)
    }

    fn grouped(path: &Path, inputs: i64, outputs: i64, kernel: i64, stride: i64, groups: i64) -> Self {
        Conv {
            conv: Conv2d::uniform(path / "conv", inputs, outputs, kernel, stride, groups),
            norm: BatchNorm::new(path / "norm", outputs, 1.0).tuned(EPSILON, MOMENTUM),
            is_active: true,
        }
    }

    /// Without the activation.
    pub fn linear(self) -> Self {
        Conv { is_active: false, ..self }
    }

    pub fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        if !mode.learns() {
            let mut x = self.conv.forward_normalised(x, &self.norm)?;
            return if self.is_active { x.f_silu_() } else { Ok(x) };
        }
        let x = self.norm.forward(&self.conv.forward(x)?, mode)?;
        if self.is_active { x.f_silu() } else { Ok(x) }
    }
}

/// `x + 3x3(3x3(x))`.
#[derive(Debug)]
struct Bottleneck {
    first: Conv,
    second: Conv,
}

impl Bottleneck {
    fn new(path: &Path, channels: i64, hidden: i64) -> Self {
        Bottleneck {
            first: Conv::new(&(path / "first"), channels, hidden, 3, 1),
            second: Conv::new(&(path / "second"), hidden, channels, 3, 1),
        }
    }

    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        self.second.forward(&self.first.forward(x, mode)?, mode)?.f_add(x)
    }
}

/// C3k: one half through two full-width bottlenecks, the other past them.
#[derive(Debug)]
struct CrossStage {
    through: Conv,
    past: Conv,
    blocks: [Bottleneck; 2],
    join: Conv,
}

impl CrossStage {
    fn new(path: &Path, channels: i64) -> Self {
        let hidden = channels / 2;
        let block = |index: i64| Bottleneck::new(&(path / "blocks" / index), hidden, hidden);
        CrossStage {
            through: Conv::new(&(path / "through"), channels, hidden, 1, 1),
            past: Conv::new(&(path / "past"), channels, hidden, 1, 1),
            blocks: [block(0), block(1)],
            join: Conv::new(&(path / "join"), 2 * hidden, channels, 1, 1),
        }
    }

    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut through = self.through.forward(x, mode)?;
        for block in &self.blocks {
            through = block.forward(&through, mode)?;
        }
        self.join.forward(&Tensor::f_cat(&[through, self.past.forward(x, mode)?], 1)?, mode)
    }
}

#[derive(Debug)]
enum Block {
    Bottleneck(Bottleneck),
    CrossStage(Box<CrossStage>),
}

/// What decides the shape of a [`Stage`].
#[derive(Clone, Copy, Debug)]
pub struct StageShape {
    pub inputs: i64,
    pub outputs: i64,
    /// Of `outputs`: 1 / this many pass through a block.
    pub part: i64,
    pub repeats: usize,
    /// Whether its blocks are C3k instead of bottlenecks.
    pub is_deep: bool,
}

/// C3k2: 1x1, split, blocks chained on the last half, all of it joined.
#[derive(Debug)]
pub struct Stage {
    split: Conv,
    blocks: Vec<Block>,
    join: Conv,
}

impl Stage {
    pub fn new(path: &Path, shape: StageShape) -> Self {
        let StageShape { inputs, outputs, part, repeats, is_deep } = shape;
        let hidden = outputs / part;
        let split = Conv::new(&(path / "split"), inputs, 2 * hidden, 1, 1);
        let blocks = (0..repeats)
            .map(|index| {
                let path = path / "blocks" / index;
                if is_deep {
                    Block::CrossStage(Box::new(CrossStage::new(&path, hidden)))
                } else {
                    Block::Bottleneck(Bottleneck::new(&path, hidden, hidden / 2))
                }
            })
            .collect();
        let join = Conv::new(&(path / "join"), (2 + repeats as i64) * hidden, outputs, 1, 1);
        Stage { split, blocks, join }
    }

    pub fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        // Both halves are joined in the end, so only the second is cut out: cutting costs a copy, there and back.
        let both = self.split.forward(x, mode)?;
        let hidden = both.size()[1] / 2;
        let mut last = both.f_narrow(1, hidden, hidden)?;
        let mut parts = vec![both];
        for block in &self.blocks {
            last = match block {
                Block::Bottleneck(block) => block.forward(&last, mode)?,
                Block::CrossStage(block) => block.forward(&last, mode)?,
            };
            parts.push(last.shallow_clone());
        }
        self.join.forward(&Tensor::f_cat(&parts, 1)?, mode)
    }
}

/// SPPF: three max-pools of 5 in a chain, and everything seen on the way.
#[derive(Debug)]
pub struct PoolPyramid {
    narrow: Conv,
    join: Conv,
}

impl PoolPyramid {
    pub fn new(path: &Path, channels: i64) -> Self {
        let hidden = channels / 2;
        PoolPyramid {
            narrow: Conv::new(&(path / "narrow"), channels, hidden, 1, 1),
            join: Conv::new(&(path / "join"), 4 * hidden, channels, 1, 1),
        }
    }

    pub fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut seen = vec![self.narrow.forward(x, mode)?];
        for index in 0..3 {
            let pooled = seen[index].f_max_pool2d([POOL; 2], [1, 1], [POOL / 2; 2], [1, 1], false)?;
            seen.push(pooled);
        }
        self.join.forward(&Tensor::f_cat(&seen, 1)?, mode)
    }
}

/// C2PSA: half of the channels through attention, the other half past it.
#[derive(Debug)]
pub struct AttentionStage {
    split: Conv,
    blocks: Vec<AttentionBlock>,
    join: Conv,
}

impl AttentionStage {
    pub fn new(path: &Path, channels: i64, repeats: usize) -> Self {
        let hidden = channels / 2;
        AttentionStage {
            split: Conv::new(&(path / "split"), channels, 2 * hidden, 1, 1),
            blocks: (0..repeats)
                .map(|index| AttentionBlock::new(&(path / "blocks" / index), hidden))
                .collect(),
            join: Conv::new(&(path / "join"), 2 * hidden, channels, 1, 1),
        }
    }

    pub fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut parts = self.split.forward(x, mode)?.f_chunk(2, 1)?;
        for block in &self.blocks {
            parts[1] = block.forward(&parts[1], mode)?;
        }
        self.join.forward(&Tensor::f_cat(&parts, 1)?, mode)
    }
}

/// `x + attention(x)`, then `x + feed_forward(x)`.
#[derive(Debug)]
struct AttentionBlock {
    attention: Attention,
    widen: Conv,
    narrow: Conv,
}

impl AttentionBlock {
    fn new(path: &Path, channels: i64) -> Self {
        AttentionBlock {
            attention: Attention::new(&(path / "attention"), channels),
            widen: Conv::new(&(path / "widen"), channels, 2 * channels, 1, 1),
            narrow: Conv::new(&(path / "narrow"), 2 * channels, channels, 1, 1).linear(),
        }
    }

    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let x = self.attention.forward(x, mode)?.f_add(x)?;
        self.narrow.forward(&self.widen.forward(&x, mode)?, mode)?.f_add(&x)
    }
}

/// Of every cell to every cell; where a value comes from is told by a depthwise convolution over the values.
#[derive(Debug)]
struct Attention {
    heads: i64,
    /// For each head: queries, keys (half as wide as values), values.
    mix: Conv,
    position: Conv,
    project: Conv,
}

impl Attention {
    fn new(path: &Path, channels: i64) -> Self {
        Attention {
            heads: (channels / HEAD_CHANNELS).max(1),
            mix: Conv::new(&(path / "mix"), channels, 2 * channels, 1, 1).linear(),
            position: Conv::depthwise(&(path / "position"), channels).linear(),
            project: Conv::new(&(path / "project"), channels, channels, 1, 1).linear(),
        }
    }

    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let (n, channels, height, width) = x.size4()?;
        let (value, cells) = (channels / self.heads, height * width);
        let key = value / 2;
        let mixed = self.mix.forward(x, mode)?.f_reshape([n, self.heads, 2 * key + value, cells])?;
        let parts = mixed.f_split_with_sizes([key, key, value], 2)?;
        let weights = parts[0].f_transpose(2, 3)?.f_matmul(&parts[1])?;
        let weights = weights.f_mul_scalar((key as f64).powf(-0.5))?.f_softmax(-1, Kind::Float)?;
        let weights = weights.f_to_kind(x.f_kind()?)?;
        let seen = parts[2].f_matmul(&weights.f_transpose(2, 3)?)?;
        let image = |values: &Tensor| values.f_reshape([n, channels, height, width]);
        let position = self.position.forward(&image(&parts[2])?, mode)?;
        self.project.forward(&image(&seen)?.f_add(&position)?, mode)
    }
}
