//! YOLO11 as a graph; what it is is told in `workers/vision/src/models/yolo11.rs`.

use trainyard_events::card::{Card, Output};
use trainyard_events::config::Task;

use crate::ExportError;
use crate::blocks::StageShape;
use crate::graph::{Graph, Map};
use crate::head;
use crate::layers::Conv;

/// Pixels of a cell of the coarsest grid: a side is a multiple of it.
const SIDE_MULTIPLE: usize = 32;

/// What tells the five apart.
#[derive(Debug)]
struct Scale {
    name: &'static str,
    depth: f64,
    width: f64,
    channels_most: usize,
    /// Whether every stage is of C3k blocks; in the small ones only the coarse stages are.
    is_deep: bool,
}

const SCALES: [Scale; 5] = [
    Scale { name: "yolo11n", depth: 0.5, width: 0.25, channels_most: 1024, is_deep: false },
    Scale { name: "yolo11s", depth: 0.5, width: 0.5, channels_most: 1024, is_deep: false },
    Scale { name: "yolo11m", depth: 0.5, width: 1.0, channels_most: 512, is_deep: true },
    Scale { name: "yolo11l", depth: 1.0, width: 1.0, channels_most: 512, is_deep: true },
    Scale { name: "yolo11x", depth: 1.0, width: 1.5, channels_most: 512, is_deep: true },
];

impl Scale {
    fn width(&self, channels: usize) -> usize {
        let scaled = channels.min(self.channels_most) as f64 * self.width;
        (scaled / 8.0).ceil() as usize * 8
    }

    fn repeats(&self) -> usize {
        ((2.0 * self.depth).round() as usize).max(1)
    }

    fn stage(&self, outputs: usize, part: usize, is_deep: bool) -> StageShape {
        StageShape { outputs, part, repeats: self.repeats(), is_deep: is_deep || self.is_deep }
    }
}

/// What a model's name ends with, and what it is for.
const SUFFIXES: [(&str, Task, Output); 3] = [
    ("", Task::Detect, Output::Boxes),
    ("-seg", Task::Segment, Output::Masks),
    ("-pose", Task::Pose, Output::Keypoints),
];

/// Every scale of every task.
pub fn names() -> impl Iterator<Item = String> {
    SUFFIXES.iter().flat_map(|(suffix, ..)| SCALES.iter().map(move |scale| format!("{}{suffix}", scale.name)))
}

/// The network of the card, of the cells of the finest grid first; `None` for a model that is none of these.
pub fn build(graph: &mut Graph, card: &Card) -> Option<Result<Output, ExportError>> {
    let of_suffix = |(suffix, task, output): &(&str, Task, Output)| {
        let name = card.model.strip_suffix(suffix)?;
        Some((SCALES.iter().find(|scale| scale.name == name)?, *task, *output))
    };
    let (scale, task, output) = SUFFIXES.iter().find_map(of_suffix)?;
    Some(build_scale(graph, scale, card, task, output).map(|()| output))
}

fn build_scale(
    graph: &mut Graph,
    scale: &Scale,
    card: &Card,
    task: Task,
    output: Output,
) -> Result<(), ExportError> {
    if card.task != task || card.classes.is_empty() {
        return Err(graph.mismatch(format!("it is for {task}, and needs its classes")));
    }
    if output == Output::Keypoints && card.keypoints.is_empty() {
        return Err(graph.mismatch("it needs its key points".to_owned()));
    }
    let side = graph.images().side;
    if !side.is_multiple_of(SIDE_MULTIPLE) {
        return Err(
            graph.mismatch(format!("images of {side} pixels, which is no multiple of {SIDE_MULTIPLE}"))
        );
    }
    let levels = backbone(graph, scale)?;
    let levels = neck(graph, scale, levels)?;
    let classes = card.classes.len();
    match output {
        Output::Masks => head::build_masks(graph, &levels, classes),
        Output::Keypoints => head::build_points(graph, &levels, classes, card.keypoints.len()),
        _ => head::build(graph, &levels, classes),
    }
}

/// Halves the image five times; what is seen at levels 3, 4 and 5: level 3 has a cell for 8 pixels.
fn backbone(graph: &mut Graph, scale: &Scale) -> Result<[Map; 3], ExportError> {
    let [c1, c2, c3, c4, c5] = [64, 128, 256, 512, 1024].map(|channels| scale.width(channels));
    let x = halve(graph, &graph.images(), "down1", c1)?;
    let x = halve(graph, &x, "down2", c2)?;
    let x = graph.stage(&x, "stage2", scale.stage(c3, 4, false))?;
    let x = halve(graph, &x, "down3", c3)?;
    let level3 = graph.stage(&x, "stage3", scale.stage(c4, 4, false))?;
    let x = halve(graph, &level3, "down4", c4)?;
    let level4 = graph.stage(&x, "stage4", scale.stage(c4, 2, true))?;
    let x = halve(graph, &level4, "down5", c5)?;
    let x = graph.stage(&x, "stage5", scale.stage(c5, 2, true))?;
    let x = graph.pool_pyramid(&x, "pool")?;
    let level5 = graph.attention_stage(&x, "attention", scale.repeats())?;
    Ok([level3, level4, level5])
}

/// Carries what the coarse grids know to the fine ones and back.
fn neck(graph: &mut Graph, scale: &Scale, levels: [Map; 3]) -> Result<[Map; 3], ExportError> {
    let [level3, level4, level5] = levels;
    let [c3, c4, c5] = [256, 512, 1024].map(|channels| scale.width(channels));
    let x = graph.doubled("neck4.doubled".to_owned(), &level5)?;
    let x = graph.concat("neck4.both".to_owned(), &[&x, &level4]);
    let neck4 = graph.stage(&x, "neck4", scale.stage(c4, 2, false))?;
    let x = graph.doubled("out3.doubled".to_owned(), &neck4)?;
    let x = graph.concat("out3.both".to_owned(), &[&x, &level3]);
    let out3 = graph.stage(&x, "out3", scale.stage(c3, 2, false))?;
    let x = halve(graph, &out3, "coarsen4", c3)?;
    let x = graph.concat("out4.both".to_owned(), &[&x, &neck4]);
    let out4 = graph.stage(&x, "out4", scale.stage(c4, 2, false))?;
    let x = halve(graph, &out4, "coarsen5", c4)?;
    let x = graph.concat("out5.both".to_owned(), &[&x, &level5]);
    let out5 = graph.stage(&x, "out5", scale.stage(c5, 2, true))?;
    Ok([out3, out4, out5])
}

fn halve(graph: &mut Graph, x: &Map, path: &str, outputs: usize) -> Result<Map, ExportError> {
    graph.active(x, path, Conv::new(outputs, 3, 2))
}
