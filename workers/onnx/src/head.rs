//! The detection head and what makes boxes of its answers, as nodes of a graph.

use crate::ExportError;
use crate::graph::{Graph, Map};
use crate::layers::Conv;
use crate::proto::Attribute::Int;

/// A distance is the expectation over this many whole numbers of strides: 0, 1, 2, ...
const BINS: usize = 16;

/// `levels` are what the network sees in each grid, the finest first.
pub fn build(graph: &mut Graph, levels: &[Map; 3], classes: usize) -> Result<(), ExportError> {
    let box_width = (levels[0].channels / 4).max(BINS).max(64);
    let class_width = levels[0].channels.max(classes.min(100));
    let (mut bins, mut logits) = (Vec::new(), Vec::new());
    for (level, number) in levels.iter().zip(3..) {
        let path = format!("head.level{number}");
        let boxes = boxes_of(graph, level, &format!("{path}.boxes"), box_width)?;
        bins.push(flat(graph, &boxes));
        let scores = classes_of(graph, level, &format!("{path}.classes"), class_width, classes)?;
        logits.push(flat(graph, &scores));
    }
    let cells: usize = levels.iter().map(|level| level.side * level.side).sum();
    boxes(graph, levels, &bins, cells)?;
    scores(graph, &logits);
    graph.output("boxes", &[cells, 4]);
    graph.output("scores", &[cells, classes]);
    Ok(())
}

fn boxes_of(graph: &mut Graph, level: &Map, path: &str, width: usize) -> Result<Map, ExportError> {
    let x = graph.active(level, &format!("{path}.0"), Conv::new(width, 3, 1))?;
    let x = graph.active(&x, &format!("{path}.1"), Conv::new(width, 3, 1))?;
    graph.conv(&x, Conv::new(4 * BINS, 1, 1), &format!("{path}.last"))
}

fn classes_of(
    graph: &mut Graph,
    level: &Map,
    path: &str,
    width: usize,
    classes: usize,
) -> Result<Map, ExportError> {
    let mut x = level.clone();
    for (index, is_depthwise) in [true, false, true, false].into_iter().enumerate() {
        let shape = match is_depthwise {
            true => Conv { groups: x.channels, ..Conv::new(x.channels, 3, 1) },
            false => Conv::new(width, 1, 1),
        };
        x = graph.active(&x, &format!("{path}.{index}"), shape)?;
    }
    graph.conv(&x, Conv::new(classes, 1, 1), &format!("{path}.last"))
}

/// `[N, C, H, W]` to `[N, C, H x W]`.
fn flat(graph: &mut Graph, x: &Map) -> String {
    graph.reshape(format!("{}.flat", x.name), &x.name, &[x.channels, x.side * x.side])
}

/// `[N, C, cells]` of each level to `[N, all cells, C]`.
fn all_cells(graph: &mut Graph, name: &str, levels: &[String]) -> String {
    let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
    let all = graph.node("Concat", format!("{name}.levels"), &levels, &[("axis", Int(2))]);
    graph.transpose(format!("{name}.cells"), &all, &[0, 2, 1])
}

fn scores(graph: &mut Graph, logits: &[String]) {
    let logits = all_cells(graph, "scores", logits);
    graph.node("Sigmoid", "scores", &[&logits], &[]);
}

/// Each side of a box is so many strides from the centre of its cell as the bins expect.
fn boxes(graph: &mut Graph, levels: &[Map; 3], bins: &[String], cells: usize) -> Result<(), ExportError> {
    let bins = all_cells(graph, "boxes", bins);
    let bins = graph.reshape("boxes.bins".to_owned(), &bins, &[cells, 4, BINS]);
    let shares = graph.node("Softmax", "boxes.shares", &[&bins], &[("axis", Int(3))]);
    let numbers: Vec<f32> = (0..BINS).map(|number| number as f32).collect();
    let numbers = graph.floats("boxes.numbers", &[BINS, 1], &numbers)?;
    let strides = graph.node("MatMul", "boxes.expected", &[&shares, &numbers], &[]);
    let strides = graph.reshape("boxes.distances".to_owned(), &strides, &[cells, 4]);

    let side = graph.images().side;
    let (centres, directions) = anchors(side, levels.each_ref().map(|level| side / level.side));
    let centres = graph.floats("boxes.centres", &[cells, 4], &centres)?;
    let directions = graph.floats("boxes.directions", &[cells, 4], &directions)?;
    let pixels = graph.node("Mul", "boxes.pixels", &[&strides, &directions], &[]);
    graph.node("Add", "boxes", &[&centres, &pixels], &[]);
    Ok(())
}

/// For x1, y1, x2, y2 of each cell: its centre in pixels, and a stride towards that side.
fn anchors(side: usize, strides: [usize; 3]) -> (Vec<f32>, Vec<f32>) {
    let (mut centres, mut directions) = (Vec::new(), Vec::new());
    for stride in strides {
        let (cells, length) = (side / stride, stride as f32);
        let at = |cell: usize| (cell as f32 + 0.5) * length;
        for row in 0..cells {
            for column in 0..cells {
                let (x, y) = (at(column), at(row));
                centres.extend([x, y, x, y]);
                directions.extend([-length, -length, length, length]);
            }
        }
    }
    (centres, directions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_go_by_rows_from_the_finest_grid_on() {
        let (centres, directions) = anchors(64, [8, 16, 32]);
        assert_eq!((centres.len(), directions.len()), (84 * 4, 84 * 4));
        let cell = |numbers: &[f32], index: usize| numbers[4 * index..4 * index + 4].to_vec();
        assert_eq!(cell(&centres, 1), [12.0, 4.0, 12.0, 4.0]);
        assert_eq!(cell(&centres, 8), [4.0, 12.0, 4.0, 12.0]);
        assert_eq!(cell(&centres, 64), [8.0, 8.0, 8.0, 8.0]);
        assert_eq!(cell(&directions, 83), [-32.0, -32.0, 32.0, 32.0]);
    }
}
