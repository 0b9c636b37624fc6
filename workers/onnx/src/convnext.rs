//! ConvNeXt as a graph; what it is is told in `workers/vision/src/models/convnext.rs`.

use trainyard_events::card::Card;

use crate::ExportError;
use crate::graph::{Graph, Map};
use crate::layers::Conv;

pub const NAME: &str = "convnext_tiny";

const DEPTHS: [usize; 4] = [3, 3, 9, 3];
const WIDTHS: [usize; 4] = [96, 192, 384, 768];
const EXPANSION: usize = 4;
/// A smaller side would have no cell left.
const SIDE_MIN: usize = 32;

/// Output: `logits [N, C]`.
pub fn build(graph: &mut Graph, card: &Card) -> Result<(), ExportError> {
    let images = graph.images();
    if images.side < SIDE_MIN {
        return Err(graph.mismatch(format!("images of {} pixels", images.side)));
    }
    let mut x = graph.conv(&images, Conv::patches(WIDTHS[0], 4), "stem.0")?;
    x = graph.norm_of_channels(&x, "stem.1")?;
    for (stage, (width, depth)) in WIDTHS.into_iter().zip(DEPTHS).enumerate() {
        if stage > 0 {
            x = graph.norm_of_channels(&x, &format!("stages.{stage}.downsample.0"))?;
            x = graph.conv(&x, Conv::patches(width, 2), &format!("stages.{stage}.downsample.1"))?;
        }
        for index in 0..depth {
            x = block(graph, &x, &format!("stages.{stage}.blocks.{index}"))?;
        }
    }
    let mean = graph.mean_of_cells("mean", &x);
    let mean = graph.norm_of_channels(&mean, "head.norm")?;
    graph.logits(&mean, "head.fc", card.classes.len())
}

/// The numbers of each cell lie together from the normalisation to the scale.
fn block(graph: &mut Graph, x: &Map, path: &str) -> Result<Map, ExportError> {
    let width = x.channels;
    let depthwise = Conv { groups: width, ..Conv::new(width, 7, 1) };
    let seen = graph.conv(x, depthwise, &format!("{path}.conv_dw"))?;
    let cells = graph.transpose(format!("{path}.cells"), &seen.name, &[0, 2, 3, 1]);
    let cells = graph.norm_of_last(&cells, &format!("{path}.norm"), width)?;
    let wide = graph.fully_connected(&cells, &format!("{path}.mlp.fc1"), [width, EXPANSION * width])?;
    let wide = graph.gelu(&wide, &format!("{path}.gelu"))?;
    let narrow = graph.fully_connected(&wide, &format!("{path}.mlp.fc2"), [EXPANSION * width, width])?;
    let gamma = graph.take(&format!("{path}.gamma"), &[width])?;
    let gamma = graph.floats(format!("{path}.gamma"), &[width], &gamma)?;
    let scaled = graph.node("Mul", format!("{path}.scaled"), &[&narrow, &gamma], &[]);
    let name = graph.transpose(format!("{path}.image"), &scaled, &[0, 3, 1, 2]);
    Ok(graph.add(format!("{path}.sum"), &Map { name, ..seen }, x))
}
