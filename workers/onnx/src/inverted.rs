//! Networks of inverted residuals as graphs; what they are is told in `workers/vision/src/models/inverted.rs`.

use trainyard_events::card::Card;

use crate::ExportError;
use crate::graph::{Graph, Map};
use crate::layers::{Conv, SMALL_IMAGE_SIDE};
use crate::plan::{Block, Plan};

const EPSILON: f64 = 1e-5;

/// Output: `logits [N, C]`.
pub fn build(graph: &mut Graph, plan: &Plan, card: &Card) -> Result<(), ExportError> {
    let images = graph.images();
    let stride = if images.side <= SMALL_IMAGE_SIDE { 1 } else { 2 };
    let mut x = graph.conv_norm(&images, Conv::new(plan.stem, 3, stride), ("conv_stem", "bn1"), EPSILON)?;
    x = active(graph, plan, x);
    for shape in &plan.blocks {
        x = block(graph, plan, shape, &x)?;
    }
    let [conv, norm] = &plan.last;
    x = graph.conv_norm(&x, Conv::new(plan.cells, 1, 1), (conv, norm), EPSILON)?;
    x = active(graph, plan, x);
    let mut mean = graph.mean_of_cells("mean", &x);
    if plan.is_mobile {
        let features = graph.conv(&mean, Conv::new(plan.features, 1, 1), "conv_head")?;
        mean = graph.hard_swish(features);
    }
    graph.logits(&mean, "classifier", card.classes.len())
}

fn active(graph: &mut Graph, plan: &Plan, x: Map) -> Map {
    if plan.is_mobile { graph.hard_swish(x) } else { graph.silu(x) }
}

fn block(graph: &mut Graph, plan: &Plan, shape: &Block, x: &Map) -> Result<Map, ExportError> {
    let Block { path, hidden, outputs, kernel, stride, .. } = shape;
    let active = |graph: &mut Graph, x: Map| match shape.is_relu {
        true => graph.relu(x),
        false => active(graph, plan, x),
    };
    let under = |name: &str| format!("{path}.{name}");
    let mut out = x.clone();
    if shape.widens {
        let wide = Conv::new(*hidden, 1, 1);
        out = graph.conv_norm(&out, wide, (&under("conv_pw"), &under("bn1")), EPSILON)?;
        out = active(graph, out);
    }
    let [second, third, narrow] = shape.names();
    let depthwise = Conv { groups: *hidden, ..Conv::new(*hidden, *kernel, *stride) };
    out = graph.conv_norm(&out, depthwise, (&under("conv_dw"), &under(second)), EPSILON)?;
    out = active(graph, out);
    if let Some(inner) = shape.squeeze {
        out = squeeze(graph, plan, &under("se"), &out, inner)?;
    }
    out = graph.conv_norm(&out, Conv::new(*outputs, 1, 1), (&under(narrow), &under(third)), EPSILON)?;
    Ok(if shape.is_residual() { graph.add(under("sum"), &out, x) } else { out })
}

fn squeeze(graph: &mut Graph, plan: &Plan, path: &str, x: &Map, inner: usize) -> Result<Map, ExportError> {
    let mean = graph.mean_of_cells(&format!("{path}.mean"), x);
    let few = graph.conv(&mean, Conv::new(inner, 1, 1), &format!("{path}.conv_reduce"))?;
    let few = if plan.is_mobile { graph.relu(few) } else { graph.silu(few) };
    let gate = graph.conv(&few, Conv::new(x.channels, 1, 1), &format!("{path}.conv_expand"))?;
    let gate = if plan.is_mobile { graph.hard_sigmoid(gate) } else { graph.sigmoid(gate) };
    Ok(graph.multiply(format!("{path}.gated"), x, &gate))
}
