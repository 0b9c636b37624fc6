//! The heads of a YOLO and what makes boxes, masks and key points of their answers, as nodes of a graph.

use crate::ExportError;
use crate::graph::{Graph, Map};
use crate::layers::Conv;
use crate::proto::Attribute::Int;

/// A distance is the expectation over this many whole numbers of strides: 0, 1, 2, ...
const BINS: usize = 16;

/// Prototypes of an image whose weighted sums are masks.
const PROTOTYPES: usize = 32;
/// Numbers of a key point.
const POINT: usize = 3;

/// Outputs `boxes` and `scores`. `levels` are what the network sees in each grid, the finest first.
pub fn build(graph: &mut Graph, levels: &[Map; 3], classes: usize) -> Result<(), ExportError> {
    let box_width = (levels[0].channels / 4).max(BINS).max(64);
    let class_width = levels[0].channels.max(classes.min(100));
    let bins = beside(graph, levels, "boxes", box_width, 4 * BINS)?;
    let mut logits = Vec::new();
    for (level, number) in levels.iter().zip(3..) {
        let path = format!("head.level{number}.classes");
        let scores = classes_of(graph, level, &path, class_width, classes)?;
        logits.push(flat(graph, &scores));
    }
    boxes(graph, levels, &bins)?;
    scores(graph, &logits);
    graph.output("boxes", &[cells(levels), 4]);
    graph.output("scores", &[cells(levels), classes]);
    Ok(())
}

/// Outputs `coefficients` and `prototypes` as well.
pub fn build_masks(graph: &mut Graph, levels: &[Map; 3], classes: usize) -> Result<(), ExportError> {
    build(graph, levels, classes)?;
    let width = (levels[0].channels / 4).max(PROTOTYPES);
    let coefficients = beside(graph, levels, "coefficients", width, PROTOTYPES)?;
    all_cells(graph, "coefficients", &coefficients);
    graph.output("coefficients", &[cells(levels), PROTOTYPES]);

    let (path, width) = ("head.prototypes", levels[0].channels);
    let x = graph.active(&levels[0], &format!("{path}.first"), Conv::new(width, 3, 1))?;
    let x = graph.doubled_by_weights(&x, &format!("{path}.double"))?;
    let x = graph.active(&x, &format!("{path}.second"), Conv::new(width, 3, 1))?;
    let x = graph.active(&x, &format!("{path}.last"), Conv::new(PROTOTYPES, 1, 1))?;
    graph.node("Identity", "prototypes", &[&x.name], &[]);
    graph.output("prototypes", &[PROTOTYPES, x.side, x.side]);
    Ok(())
}

/// Outputs `keypoints` as well, so many of each box.
pub fn build_points(
    graph: &mut Graph,
    levels: &[Map; 3],
    classes: usize,
    points: usize,
) -> Result<(), ExportError> {
    build(graph, levels, classes)?;
    let numbers = POINT * points;
    let width = (levels[0].channels / 4).max(numbers);
    let raw = beside(graph, levels, "keypoints", width, numbers)?;
    let raw = all_cells(graph, "keypoints.raw", &raw);
    let raw = graph.reshape("keypoints.numbers".to_owned(), &raw, &[cells(levels), points, POINT]);
    // Twice so many strides from the upper left corner of its cell.
    let side = graph.images().side;
    let (corners, lengths) = corners(side, levels.each_ref().map(|level| side / level.side));
    let corners = graph.floats("keypoints.corners", &[cells(levels), 1, 2], &corners)?;
    let lengths = graph.floats("keypoints.lengths", &[cells(levels), 1, 1], &lengths)?;
    let far = graph.slice("keypoints.far".to_owned(), &raw, 3, 0, 2);
    let far = graph.node("Mul", "keypoints.pixels", &[&far, &lengths], &[]);
    let places = graph.node("Add", "keypoints.places", &[&far, &corners], &[]);
    let seen = graph.slice("keypoints.logits".to_owned(), &raw, 3, 2, 3);
    let seen = graph.node("Sigmoid", "keypoints.seen", &[&seen], &[]);
    graph.node("Concat", "keypoints", &[&places, &seen], &[("axis", Int(3))]);
    graph.output("keypoints", &[cells(levels), points, POINT]);
    Ok(())
}

fn cells(levels: &[Map; 3]) -> usize {
    levels.iter().map(|level| level.side * level.side).sum()
}

/// Two 3x3 convolutions and a linear one for each level, its cells in one row.
fn beside(
    graph: &mut Graph,
    levels: &[Map; 3],
    name: &str,
    width: usize,
    outputs: usize,
) -> Result<Vec<String>, ExportError> {
    let of_level = |(level, number): (&Map, usize)| {
        let path = format!("head.level{number}.{name}");
        let x = graph.active(level, &format!("{path}.0"), Conv::new(width, 3, 1))?;
        let x = graph.active(&x, &format!("{path}.1"), Conv::new(width, 3, 1))?;
        let x = graph.conv(&x, Conv::new(outputs, 1, 1), &format!("{path}.last"))?;
        Ok(flat(graph, &x))
    };
    levels.iter().zip(3..).map(of_level).collect()
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
    graph.transpose(name.to_owned(), &all, &[0, 2, 1])
}

fn scores(graph: &mut Graph, logits: &[String]) {
    let logits = all_cells(graph, "scores.logits", logits);
    graph.node("Sigmoid", "scores", &[&logits], &[]);
}

/// Each side of a box is so many strides from the centre of its cell as the bins expect.
fn boxes(graph: &mut Graph, levels: &[Map; 3], bins: &[String]) -> Result<(), ExportError> {
    let cells = cells(levels);
    let bins = all_cells(graph, "boxes.logits", bins);
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

/// Of each cell the upper left corner, and twice its stride, in pixels.
fn corners(side: usize, strides: [usize; 3]) -> (Vec<f32>, Vec<f32>) {
    let (centres, directions) = anchors(side, strides);
    let lengths: Vec<f32> = directions.iter().skip(2).step_by(4).map(|length| 2.0 * length).collect();
    let corner = |(centre, length): (&[f32; 4], &f32)| [centre[0] - length / 4.0, centre[1] - length / 4.0];
    (centres.as_chunks().0.iter().zip(&lengths).flat_map(corner).collect(), lengths)
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
        let (corners, lengths) = corners(64, [8, 16, 32]);
        assert_eq!(
            (&corners[2..4], &corners[166..168], lengths[1]),
            (&[8.0, 0.0][..], &[32.0, 32.0][..], 16.0)
        );
    }
}
