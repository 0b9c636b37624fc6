//! The blocks of the YOLO family as nodes of a graph, named as in `workers/vision/src/models/blocks.rs`.

use crate::ExportError;
use crate::graph::{Graph, Map};
use crate::layers::Conv;
use crate::proto::Attribute::Int;

const EPSILON: f64 = 1e-3;
/// Channels of one attention head.
const HEAD_CHANNELS: usize = 64;
const POOL: usize = 5;

/// What decides the shape of a stage.
#[derive(Clone, Copy, Debug)]
pub struct StageShape {
    pub outputs: usize,
    /// Of `outputs`: 1 / this many pass through a block.
    pub part: usize,
    pub repeats: usize,
    /// Whether its blocks are C3k instead of bottlenecks.
    pub is_deep: bool,
}

impl Graph {
    /// Convolution and normalisation.
    fn linear(&mut self, x: &Map, path: &str, shape: Conv) -> Result<Map, ExportError> {
        let names = (format!("{path}.conv"), format!("{path}.norm"));
        self.conv_norm(x, shape, (&names.0, &names.1), EPSILON)
    }

    /// Convolution, normalisation, SiLU.
    pub fn active(&mut self, x: &Map, path: &str, shape: Conv) -> Result<Map, ExportError> {
        let x = self.linear(x, path, shape)?;
        Ok(self.silu(x))
    }

    /// `x + 3x3(3x3(x))`.
    fn bottleneck(&mut self, x: &Map, path: &str, hidden: usize) -> Result<Map, ExportError> {
        let narrow = self.active(x, &format!("{path}.first"), Conv::new(hidden, 3, 1))?;
        let wide = self.active(&narrow, &format!("{path}.second"), Conv::new(x.channels, 3, 1))?;
        Ok(self.add(format!("{path}.sum"), x, &wide))
    }

    /// C3k: one half through two full-width bottlenecks, the other past them.
    fn cross_stage(&mut self, x: &Map, path: &str) -> Result<Map, ExportError> {
        let hidden = x.channels / 2;
        let mut through = self.active(x, &format!("{path}.through"), Conv::new(hidden, 1, 1))?;
        for index in 0..2 {
            through = self.bottleneck(&through, &format!("{path}.blocks.{index}"), hidden)?;
        }
        let past = self.active(x, &format!("{path}.past"), Conv::new(hidden, 1, 1))?;
        let both = self.concat(format!("{path}.both"), &[&through, &past]);
        self.active(&both, &format!("{path}.join"), Conv::new(x.channels, 1, 1))
    }

    /// C3k2: 1x1, split, blocks chained on the last half, all of it joined.
    pub fn stage(&mut self, x: &Map, path: &str, shape: StageShape) -> Result<Map, ExportError> {
        let hidden = shape.outputs / shape.part;
        let halves = self.active(x, &format!("{path}.split"), Conv::new(2 * hidden, 1, 1))?;
        let mut last = self.second_half(&halves);
        let mut parts = vec![halves];
        for index in 0..shape.repeats {
            let path = format!("{path}.blocks.{index}");
            last = if shape.is_deep {
                self.cross_stage(&last, &path)?
            } else {
                self.bottleneck(&last, &path, hidden / 2)?
            };
            parts.push(last.clone());
        }
        let all = self.concat(format!("{path}.all"), &parts.iter().collect::<Vec<_>>());
        self.active(&all, &format!("{path}.join"), Conv::new(shape.outputs, 1, 1))
    }

    /// SPPF: three max-pools of 5 in a chain, and everything seen on the way.
    pub fn pool_pyramid(&mut self, x: &Map, path: &str) -> Result<Map, ExportError> {
        let mut seen = vec![self.active(x, &format!("{path}.narrow"), Conv::new(x.channels / 2, 1, 1))?];
        for index in 0..3 {
            let pooled = self.max_pool(format!("{path}.pool{index}"), &seen[index], POOL, 1);
            seen.push(pooled);
        }
        let all = self.concat(format!("{path}.all"), &seen.iter().collect::<Vec<_>>());
        self.active(&all, &format!("{path}.join"), Conv::new(x.channels, 1, 1))
    }

    /// C2PSA: half of the channels through attention, the other half past it.
    pub fn attention_stage(&mut self, x: &Map, path: &str, repeats: usize) -> Result<Map, ExportError> {
        let halves = self.active(x, &format!("{path}.split"), Conv::new(x.channels, 1, 1))?;
        let past = self.first_half(&halves);
        let mut through = self.second_half(&halves);
        for index in 0..repeats {
            through = self.attention_block(&through, &format!("{path}.blocks.{index}"))?;
        }
        let both = self.concat(format!("{path}.both"), &[&past, &through]);
        self.active(&both, &format!("{path}.join"), Conv::new(x.channels, 1, 1))
    }

    /// `x + attention(x)`, then `x + feed_forward(x)`.
    fn attention_block(&mut self, x: &Map, path: &str) -> Result<Map, ExportError> {
        let seen = self.attention(x, &format!("{path}.attention"))?;
        let x = self.add(format!("{path}.attention.sum"), &seen, x);
        let wide = self.active(&x, &format!("{path}.widen"), Conv::new(2 * x.channels, 1, 1))?;
        let narrow = self.linear(&wide, &format!("{path}.narrow"), Conv::new(x.channels, 1, 1))?;
        Ok(self.add(format!("{path}.sum"), &narrow, &x))
    }

    /// Of every cell to every cell; where a value comes from is told by a depthwise convolution over the values.
    fn attention(&mut self, x: &Map, path: &str) -> Result<Map, ExportError> {
        let channels = x.channels;
        let heads = (channels / HEAD_CHANNELS).max(1);
        let (value, cells) = (channels / heads, x.side * x.side);
        let key = value / 2;
        let at = |name: &str| format!("{path}.{name}");
        let mixed = self.linear(x, &at("mix"), Conv::new(2 * channels, 1, 1))?;
        let mixed = self.reshape(at("heads"), &mixed.name, &[heads, 2 * key + value, cells]);
        let [queries, keys, values] =
            [("queries", 0, key), ("keys", key, 2 * key), ("values", 2 * key, 2 * key + value)]
                .map(|(name, first, end)| self.slice(at(name), &mixed, 2, first, end));

        let queries = self.transpose(at("queries.turned"), &queries, &[0, 1, 3, 2]);
        let fits = self.node("MatMul", at("fits"), &[&queries, &keys], &[]);
        let scale = self.floats(at("scale"), &[], &[(key as f64).powf(-0.5) as f32])?;
        let fits = self.node("Mul", at("fits.scaled"), &[&fits, &scale], &[]);
        let shares = self.node("Softmax", at("shares"), &[&fits], &[("axis", Int(3))]);
        let shares = self.transpose(at("shares.turned"), &shares, &[0, 1, 3, 2]);
        let seen = self.node("MatMul", at("seen"), &[&values, &shares], &[]);

        let seen = self.reshape(at("seen.map"), &seen, &[channels, x.side, x.side]);
        let seen = Map { name: seen, ..*x };
        let values = self.reshape(at("values.map"), &values, &[channels, x.side, x.side]);
        let depthwise = Conv { groups: channels, ..Conv::new(channels, 3, 1) };
        let position = self.linear(&Map { name: values, ..*x }, &at("position"), depthwise)?;
        let placed = self.add(at("placed"), &seen, &position);
        self.linear(&placed, &at("project"), Conv::new(channels, 1, 1))
    }
}
