//! The demo of a detector: trees on aerial photos, judged on a photo that no training saw.

use std::path::Path;

use anyhow::{Context, Result};
use trainyard_events::chat::Language;
use trainyard_events::prediction::Prediction;

use super::folder::{file_name, listed};
use super::labels::truths;
use super::matching::{Corners, matched};
use super::train;
use crate::cli::client::Client;
use crate::cli::{predict, table};
use crate::language::pick;
use crate::out::line;

/// Below the tools: tiles of the photos of the deepforest package, in YOLO's layout.
pub(super) const DATASET: &str = "data/trees";
/// Every tile of one photo; the others are trained on.
pub(super) const HELD_OUT: &str = "images/val";
const LABELS: &str = "labels/val";
const PROMPT: &str = "YOLO11n으로 객체 탐지 모델 만들어줘. 클래스는 tree";
/// The published 100 epochs would take a quarter of an hour on two cores.
const WISH: &str = "에폭 30, 배치 8로 해줘";

pub(super) async fn main_job(client: &Client, dataset: &Path) -> Result<()> {
    let job = train(client, PROMPT, dataset, &[WISH], &columns(client.language)).await?;
    held_out(client, &job, dataset).await
}

fn columns(language: Language) -> [(&'static str, &'static str); 6] {
    [
        (pick(language, "클래스", "class"), "name"),
        ("AP", "ap"),
        ("AP50", "ap50"),
        (pick(language, "정밀도", "precision"), "precision"),
        (pick(language, "재현율", "recall"), "recall"),
        (pick(language, "객체", "objects"), "support"),
    ]
}

/// Asks the endpoint about every tile of the held-out photo, shows one in full, and counts.
async fn held_out(client: &Client, job: &str, dataset: &Path) -> Result<()> {
    let language = client.language;
    let tiles = listed(&dataset.join(HELD_OUT), language)?;
    let all = tiles.len();
    line(pick(
        language,
        format!("  학습에 쓰지 않은 사진의 조각 {all}장을 HTTP 요청으로 물어봅니다:"),
        format!("  asking about {all} tiles of the held-out photo with plain HTTP requests:"),
    ));
    let (mut trees, mut answers, mut right) = (0, 0, 0);
    for (index, tile) in tiles.iter().enumerate() {
        let truths = truths(tile, &dataset.join(LABELS), language)?;
        let answer = client.predict(job, tile).await?;
        let found = &answer.predictions;
        let boxes = found.iter().map(|found| corners(found, language)).collect::<Result<Vec<_>>>()?;
        let matched = matched(&truths, &boxes);
        (trees, answers) = (trees + truths.len(), answers + boxes.len());
        right += matched.iter().flatten().count();
        if index == tiles.len() / 2 {
            line("");
            let name = file_name(tile);
            line(pick(
                language,
                format!("  {name}, 박스는 픽셀 단위의 x1, y1, x2, y2"),
                format!("  {name}, boxes as x1, y1, x2, y2 in its pixels"),
            ));
            line("");
            show(&truths, found, &boxes, &matched, language);
        }
    }
    sum_up(right, trees, answers, language);
    Ok(())
}

fn sum_up(right: usize, trees: usize, answers: usize, language: Language) {
    let percent = |of: usize| 100.0 * right as f64 / of.max(1) as f64;
    let (found, correct) = (percent(trees), percent(answers));
    line("");
    line(pick(
        language,
        format!("나무 {trees}그루 중 {right}그루를 찾았습니다: {found:.1} %"),
        format!("{right} of {trees} trees found: {found:.1} %"),
    ));
    line(pick(
        language,
        format!("답 {answers}개 중 {right}개가 나무 위에 있습니다: {correct:.1} %"),
        format!("{right} of {answers} answers lie on a tree: {correct:.1} %"),
    ));
    line(pick(
        language,
        "(신뢰도 25 % 이상인 답만, 나무와 절반 넘게 겹치면 맞은 것으로 셉니다. 이 사진의 조각은 학습에 쓰지 않았지만 최고 \
         에폭은 이것으로 골랐습니다.)",
        "(answers from a confidence of 25 % on; one counts when it overlaps a tree by half. No tile of this photo was \
         trained on, but the best epoch was chosen by it.)",
    ));
}

fn show(
    truths: &[Corners],
    found: &[Prediction],
    boxes: &[Corners],
    matched: &[Option<(usize, f64)>],
    language: Language,
) {
    let words = |corners: &Corners| corners.map(|corner| format!("{corner:.0}")).join(", ");
    let mut rows = Vec::new();
    for ((found, corners), matched) in found.iter().zip(boxes).zip(matched) {
        let (truth, overlap, mark) = match matched {
            Some((truth, overlap)) => {
                (words(&truths[*truth]), format!("{overlap:.2}"), pick(language, "맞음", "right"))
            }
            None => (String::new(), String::new(), pick(language, "나무 아님", "NO TREE")),
        };
        rows.push(vec![truth, words(corners), predict::percent(found), overlap, mark.to_owned()]);
    }
    let is_missed = |index: &usize| !matched.iter().flatten().any(|(truth, _)| truth == index);
    for index in (0..truths.len()).filter(is_missed) {
        let empty = String::new;
        rows.push(vec![
            words(&truths[index]),
            empty(),
            empty(),
            empty(),
            pick(language, "놓침", "MISSED").to_owned(),
        ]);
    }
    let header =
        pick(language, ["나무", "답", "신뢰도", "IoU", ""], ["tree", "answer", "confidence", "IoU", ""]);
    table::print(&header, &rows);
}

fn corners(found: &Prediction, language: Language) -> Result<Corners> {
    found.bbox.context(pick(
        language,
        "탐지 모델의 답에 박스가 없습니다",
        "an answer of a detector without a box",
    ))
}
