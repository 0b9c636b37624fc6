//! ResNets as graphs; what they are is told in `workers/vision/src/models/resnet.rs`.

use trainyard_events::card::Card;

use crate::ExportError;
use crate::graph::{Graph, Map};
use crate::layers::{Conv, SMALL_IMAGE_SIDE};

const WIDTHS: [usize; 4] = [64, 128, 256, 512];
const EPSILON: f64 = 1e-5;

/// What tells them apart.
#[derive(Debug)]
pub struct Scale {
    pub name: &'static str,
    depths: [usize; 4],
    /// Outputs of a block over its width: 1 of two 3x3 convolutions, 4 of a bottleneck.
    expansion: usize,
}

pub const SCALES: [Scale; 3] = [
    Scale { name: "resnet18", depths: [2, 2, 2, 2], expansion: 1 },
    Scale { name: "resnet34", depths: [3, 4, 6, 3], expansion: 1 },
    Scale { name: "resnet50", depths: [3, 4, 6, 3], expansion: 4 },
];

/// Output: `logits [N, C]`.
pub fn build(graph: &mut Graph, scale: &Scale, card: &Card) -> Result<(), ExportError> {
    let mut x = stem(graph)?;
    for (layer, (width, depth)) in WIDTHS.into_iter().zip(scale.depths).enumerate() {
        for index in 0..depth {
            let stride = if layer > 0 && index == 0 { 2 } else { 1 };
            let path = format!("layer{}.{index}", layer + 1);
            x = block(graph, &x, &path, width, stride, scale.expansion)?;
        }
    }
    let mean = graph.mean_of_cells("mean", &x);
    graph.logits(&mean, "fc", card.classes.len())
}

fn stem(graph: &mut Graph) -> Result<Map, ExportError> {
    let images = graph.images();
    let is_small = images.side <= SMALL_IMAGE_SIDE;
    let (kernel, stride) = if is_small { (3, 1) } else { (7, 2) };
    let x = graph.conv_norm(&images, Conv::new(WIDTHS[0], kernel, stride), ("conv1", "bn1"), EPSILON)?;
    let x = graph.relu(x);
    Ok(if is_small { x } else { graph.max_pool("maxpool".to_owned(), &x, 3, 2) })
}

/// `relu(branch(x) + shortcut(x))`.
fn block(
    graph: &mut Graph,
    x: &Map,
    path: &str,
    width: usize,
    stride: usize,
    expansion: usize,
) -> Result<Map, ExportError> {
    let outputs = width * expansion;
    let branch = if expansion == 1 {
        vec![Conv::new(width, 3, stride), Conv::new(outputs, 3, 1)]
    } else {
        vec![Conv::new(width, 1, 1), Conv::new(width, 3, stride), Conv::new(outputs, 1, 1)]
    };
    let last = branch.len();
    let mut out = x.clone();
    for (conv, number) in branch.into_iter().zip(1..) {
        let names = (format!("{path}.conv{number}"), format!("{path}.bn{number}"));
        out = graph.conv_norm(&out, conv, (&names.0, &names.1), EPSILON)?;
        if number < last {
            out = graph.relu(out);
        }
    }
    let shortcut = if stride != 1 || x.channels != outputs {
        let names = (format!("{path}.downsample.0"), format!("{path}.downsample.1"));
        graph.conv_norm(x, Conv::new(outputs, 1, stride), (&names.0, &names.1), EPSILON)?
    } else {
        x.clone()
    };
    let sum = graph.add(format!("{path}.sum"), &out, &shortcut);
    Ok(graph.relu(sum))
}
