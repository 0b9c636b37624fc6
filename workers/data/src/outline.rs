//! A mask as the outlines of its regions: rings along the edges of its cells, with what stairs have too many left out.

use std::collections::BTreeMap;

use crate::limits::OUTLINE_POINTS;

/// How far from the edges of the cells a ring may lie, in cells: a little more than the corners of stairs do.
const TOLERANCE: f32 = 0.75;
/// A ring of fewer edges keeps every corner.
const SMALL: usize = 16;

/// A corner of a cell: column and row.
type Corner = [u32; 2];

/// Rings around the cells that are set, in cells; a ring within another is a hole. The longest first, until there are
/// [`OUTLINE_POINTS`].
pub fn outlines(mask: &[bool], columns: usize) -> Vec<Vec<[f32; 2]>> {
    if mask.is_empty() {
        return Vec::new();
    }
    let mut rings: Vec<Vec<[f32; 2]>> =
        rings(edges(mask, columns)).iter().map(|ring| simplified(ring)).collect();
    rings.retain(|ring| ring.len() >= 3);
    rings.sort_by_key(|ring| std::cmp::Reverse(ring.len()));
    let mut left = OUTLINE_POINTS;
    rings.retain(|ring| {
        let fits = ring.len() <= left;
        left -= if fits { ring.len() } else { 0 };
        fits
    });
    rings
}

/// The edges between a cell that is set and one that is not, from corner to corner with the set one on the right.
fn edges(mask: &[bool], columns: usize) -> BTreeMap<Corner, Vec<Corner>> {
    let rows = mask.len() / columns;
    let is_set = |x: usize, y: usize| x < columns && y < rows && mask[y * columns + x];
    let mut edges: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
    for at in (0..mask.len()).filter(|at| mask[*at]) {
        let (x, y) = (at % columns, at / columns);
        let [left, top, right, bottom] = [x, y, x + 1, y + 1].map(|side| side as u32);
        let beside = [
            (!is_set(x, y.wrapping_sub(1)), [left, top], [right, top]),
            (!is_set(x + 1, y), [right, top], [right, bottom]),
            (!is_set(x, y + 1), [right, bottom], [left, bottom]),
            (!is_set(x.wrapping_sub(1), y), [left, bottom], [left, top]),
        ];
        for (_, from, to) in beside.into_iter().filter(|(is_edge, ..)| *is_edge) {
            edges.entry(from).or_default().push(to);
        }
    }
    edges
}

/// Edges put together. Where two cells touch at a corner only, they stay two regions.
fn rings(mut edges: BTreeMap<Corner, Vec<Corner>>) -> Vec<Vec<Corner>> {
    let mut rings = Vec::new();
    while let Some((&start, _)) = edges.first_key_value() {
        let mut ring = vec![start];
        let mut came = [0, 0];
        let mut at = start;
        while let Some(ways) = edges.get_mut(&at) {
            let turn = |to: &Corner| turn(came, step(at, *to));
            let best = (0..ways.len()).max_by_key(|way| turn(&ways[*way])).unwrap_or_default();
            let to = ways.swap_remove(best);
            if ways.is_empty() {
                edges.remove(&at);
            }
            (came, at) = (step(at, to), to);
            if at == start {
                break;
            }
            ring.push(at);
        }
        rings.push(ring);
    }
    rings
}

fn step(from: Corner, to: Corner) -> [i64; 2] {
    [i64::from(to[0]) - i64::from(from[0]), i64::from(to[1]) - i64::from(from[1])]
}

/// 1 to the right, which stays at the same cell, -1 to the left.
fn turn(before: [i64; 2], now: [i64; 2]) -> i64 {
    before[0] * now[1] - before[1] * now[0]
}

/// A ring with as few points as [`TOLERANCE`] allows, by Douglas and Peucker (1973).
fn simplified(ring: &[Corner]) -> Vec<[f32; 2]> {
    let points: Vec<[f32; 2]> = ring.iter().map(|corner| corner.map(|at| at as f32)).collect();
    // A corner that is farthest from the first is one of the shape, too.
    let distance = |at: &usize| (points[*at][0] - points[0][0]).hypot(points[*at][1] - points[0][1]);
    let far = (0..points.len()).max_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or_default();
    let mut keep = vec![false; points.len() + 1];
    (keep[0], keep[far]) = (true, true);
    let tolerance = if points.len() < SMALL { 0.0 } else { TOLERANCE };
    let closed: Vec<[f32; 2]> = points.iter().chain(points.first()).copied().collect();
    let mut parts = vec![(0, far), (far, points.len())];
    while let Some((from, to)) = parts.pop() {
        let farthest = (from + 1..to)
            .map(|at| (at, off(closed[at], closed[from], closed[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, off)| *off > tolerance);
        if let Some((at, _)) = farthest {
            keep[at] = true;
            parts.extend([(from, at), (at, to)]);
        }
    }
    points.into_iter().zip(keep).filter_map(|(point, keep)| keep.then_some(point)).collect()
}

/// How far a point is from the line between two others.
fn off(point: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let (along, away) = ([to[0] - from[0], to[1] - from[1]], [point[0] - from[0], point[1] - from[1]]);
    let length = along[0].hypot(along[1]);
    if length == 0.0 {
        away[0].hypot(away[1])
    } else {
        (along[0] * away[1] - along[1] * away[0]).abs() / length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&str]) -> Vec<Vec<[f32; 2]>> {
        let mask: Vec<bool> = rows.concat().bytes().map(|cell| cell == b'#').collect();
        outlines(&mask, rows[0].len())
    }

    fn area(ring: &[[f32; 2]]) -> f32 {
        let next = ring.iter().cycle().skip(1);
        ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f32>() / 2.0
    }

    #[test]
    fn a_rectangle_has_four_corners() {
        assert_eq!(of(&["....", ".##.", ".##."]), [[[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]]]);
        assert!(of(&["....", "...."]).is_empty());
    }

    #[test]
    fn a_hole_is_a_ring_the_other_way_round() {
        let rings = of(&["#####", "#...#", "#...#", "#...#", "#####"]);
        let mut areas: Vec<f32> = rings.iter().map(|ring| area(ring)).collect();
        areas.sort_by(f32::total_cmp);
        assert_eq!(areas, [-9.0, 25.0]);
    }

    #[test]
    fn what_touches_at_a_corner_is_two_regions() {
        assert_eq!(of(&["##..", "##..", "..##", "..##"]).len(), 2);
    }

    #[test]
    fn stairs_become_a_line_and_keep_their_area() {
        let rows: Vec<String> =
            (1..=40).map(|length| "#".repeat(length) + &".".repeat(40 - length)).collect();
        let rings = of(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(rings.len() == 1 && rings[0].len() <= 6, "{rings:?}");
        assert!((area(&rings[0]) - 820.0).abs() < 40.0, "{}", area(&rings[0]));
    }

    #[test]
    fn dust_has_a_limit() {
        let dust: Vec<bool> = (0..200 * 200).map(|at| (at / 200) % 2 == 0 && at % 2 == 0).collect();
        assert_eq!(outlines(&dust, 200).iter().map(Vec::len).sum::<usize>(), OUTLINE_POINTS);
    }
}
