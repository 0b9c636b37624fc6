//! The demo of a detector: trees on aerial photos, judged on a photo that no training saw.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use trainyard_events::prediction::Prediction;

use super::{file_name, listed, train};
use crate::cli::client::Client;
use crate::cli::{predict, table};
use crate::out::line;

/// Below the tools: tiles of the photos of the deepforest package, in YOLO's layout.
pub(super) const DATASET: &str = "data/trees";
/// Every tile of one photo; the others are trained on.
pub(super) const HELD_OUT: &str = "images/val";
const LABELS: &str = "labels/val";
const PROMPT: &str = "YOLO11n으로 객체 탐지 모델 만들어줘. 클래스는 tree";
/// The published 100 epochs would take a quarter of an hour on two cores.
const WISH: &str = "에폭 30, 배치 8로 해줘";
const COLUMNS: &[(&str, &str)] = &[
    ("class", "name"),
    ("AP", "ap"),
    ("AP50", "ap50"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("objects", "support"),
];
/// An answer is right when it overlaps a tree by at least this (intersection over union).
const OVERLAP: f64 = 0.5;

/// x1, y1, x2, y2 in pixels.
type Corners = [f64; 4];

pub(super) async fn main_job(client: &Client, dataset: &Path) -> Result<()> {
    let job = train(client, PROMPT, dataset, &[WISH], COLUMNS).await?;
    held_out(client, &job, dataset).await
}

/// Asks the endpoint about every tile of the held-out photo, shows one in full, and counts.
async fn held_out(client: &Client, job: &str, dataset: &Path) -> Result<()> {
    let tiles = listed(&dataset.join(HELD_OUT))?;
    line(format_args!(
        "  asking about {} tiles of the held-out photo with plain HTTP requests:",
        tiles.len()
    ));
    let (mut trees, mut answers, mut right) = (0, 0, 0);
    for (index, tile) in tiles.iter().enumerate() {
        let truths = truths(tile, &dataset.join(LABELS))?;
        let answer = client.predict(job, tile).await?;
        let found = &answer.predictions;
        let boxes = found.iter().map(corners).collect::<Result<Vec<_>>>()?;
        let matched = matched(&truths, &boxes);
        (trees, answers) = (trees + truths.len(), answers + boxes.len());
        right += matched.iter().flatten().count();
        if index == tiles.len() / 2 {
            line("");
            line(format_args!("  {}, boxes as x1, y1, x2, y2 in its pixels", file_name(tile)));
            line("");
            show(&truths, found, &boxes, &matched);
        }
    }
    let percent = |of: usize| 100.0 * right as f64 / of.max(1) as f64;
    line("");
    line(format_args!("{right} of {trees} trees found: {:.1} %", percent(trees)));
    line(format_args!("{right} of {answers} answers lie on a tree: {:.1} %", percent(answers)));
    line(
        "(answers from a confidence of 25 % on; one counts when it overlaps a tree by half. No tile of this photo was \
         trained on, but the best epoch was chosen by it.)",
    );
    Ok(())
}

fn show(truths: &[Corners], found: &[Prediction], boxes: &[Corners], matched: &[Option<(usize, f64)>]) {
    let words = |corners: &Corners| corners.map(|corner| format!("{corner:.0}")).join(", ");
    let mut rows = Vec::new();
    for ((found, corners), matched) in found.iter().zip(boxes).zip(matched) {
        let (truth, overlap, mark) = match matched {
            Some((truth, overlap)) => (words(&truths[*truth]), format!("{overlap:.2}"), "right"),
            None => (String::new(), String::new(), "NO TREE"),
        };
        rows.push(vec![truth, words(corners), predict::percent(found), overlap, mark.to_owned()]);
    }
    let is_missed = |index: &usize| !matched.iter().flatten().any(|(truth, _)| truth == index);
    for index in (0..truths.len()).filter(is_missed) {
        let empty = String::new;
        rows.push(vec![words(&truths[index]), empty(), empty(), empty(), "MISSED".to_owned()]);
    }
    table::print(&["tree", "answer", "confidence", "IoU", ""], &rows);
}

/// For each answer, of which the surest come first: the tree it lies on and their overlap. A tree is found once.
fn matched(truths: &[Corners], boxes: &[Corners]) -> Vec<Option<(usize, f64)>> {
    let mut taken = vec![false; truths.len()];
    let best = |found: &Corners| {
        let free = (0..truths.len()).filter(|&index| !taken[index]);
        let (truth, overlap) = free
            .map(|index| (index, overlap(found, &truths[index])))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, overlap)| *overlap >= OVERLAP)?;
        taken[truth] = true;
        Some((truth, overlap))
    };
    boxes.iter().map(best).collect()
}

/// Intersection over union.
fn overlap(a: &Corners, b: &Corners) -> f64 {
    let area = |[x1, y1, x2, y2]: Corners| (x2 - x1).max(0.0) * (y2 - y1).max(0.0);
    let both = area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    let either = area(*a) + area(*b) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

fn corners(found: &Prediction) -> Result<Corners> {
    found.bbox.context("an answer of a detector without a box")
}

/// The labelled boxes of a tile, in its pixels.
fn truths(tile: &Path, labels: &Path) -> Result<Vec<Corners>> {
    let png = fs::read(tile).with_context(|| format!("{} cannot be read", tile.display()))?;
    let size = size(&png).with_context(|| format!("{} is no PNG", tile.display()))?;
    let path = labels.join(tile.with_extension("txt").file_name().unwrap_or_default());
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    text.lines()
        .map(|line| {
            let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            ensure!(numbers.len() == 5, "{} has a line that is no box: {line}", path.display());
            let [x, y, width, height] = [1, 2, 3, 4].map(|at| numbers[at] * size[(at - 1) % 2]);
            Ok([x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0])
        })
        .collect()
}

/// Width and height in the header of a PNG.
fn size(png: &[u8]) -> Option<[f64; 2]> {
    let length = |at: usize| Some(f64::from(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?)));
    png.starts_with(b"\x89PNG").then_some([length(16)?, length(20)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_found_once_and_only_by_what_overlaps_it() {
        let truths = [[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]];
        let boxes = [
            [1.0, 0.0, 11.0, 10.0],
            [0.0, 0.0, 10.0, 10.0],  // the same tree again
            [26.0, 0.0, 36.0, 10.0], // too far off
            [20.0, 1.0, 30.0, 11.0],
        ];
        let found = matched(&truths, &boxes);
        assert_eq!(
            found.iter().map(|found| found.map(|(truth, _)| truth)).collect::<Vec<_>>(),
            [Some(0), None, None, Some(1)]
        );
        assert!((found[0].unwrap().1 - 90.0 / 110.0).abs() < 1e-9);
        assert_eq!(matched(&[], &boxes), [None; 4]);
    }

    #[test]
    fn labels_are_parts_of_the_sides_of_their_tile() {
        let folder = std::env::temp_dir().join(format!("trainyard-trees-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let tile = folder.join("a.png");
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 0, 200, 0, 0, 0, 100]);
        fs::write(&tile, png).unwrap();
        fs::write(folder.join("a.txt"), "0 0.5 0.5 0.5 0.2\n").unwrap();
        assert_eq!(truths(&tile, &folder).unwrap(), [[50.0, 40.0, 150.0, 60.0]]);
        fs::write(folder.join("a.txt"), "0 0.5 0.5 0.5\n").unwrap();
        assert!(truths(&tile, &folder).unwrap_err().to_string().contains("no box"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
