//! The demo of a classifier: handwritten digits.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use trainyard_events::chat::Language;

use super::folder::{file_name, listed};
use super::train;
use crate::cli::client::Client;
use crate::cli::{predict, table};
use crate::language::pick;
use crate::out::line;

/// Below the tools: the digits of scikit-learn as an image folder with `train` and `test`.
pub(super) const DATASET: &str = "data/digits";
pub(super) const HELD_OUT: &str = "test";
const PROMPT: &str = "resnet18로 숫자 이미지 분류 모델 만들어줘";
/// Held-out images shown with their answers; all are asked about.
const SHOWN: usize = 10;

pub(super) async fn main_job(client: &Client, dataset: &Path) -> Result<()> {
    let job = train(client, PROMPT, dataset, &[], &columns(client.language)).await?;
    held_out(client, &job, &dataset.join(HELD_OUT)).await
}

fn columns(language: Language) -> [(&'static str, &'static str); 4] {
    [
        (pick(language, "클래스", "class"), "name"),
        (pick(language, "정밀도", "precision"), "precision"),
        (pick(language, "재현율", "recall"), "recall"),
        (pick(language, "이미지", "images"), "support"),
    ]
}

/// Asks the endpoint about every image that no training has seen, and counts what it gets right.
async fn held_out(client: &Client, job: &str, folder: &Path) -> Result<()> {
    let language = client.language;
    let images = images_by_truth(folder, language)?;
    let all = images.len();
    line(pick(
        language,
        format!("  학습에 쓰지 않은 이미지 {all}장을 HTTP 요청으로 물어봅니다:"),
        format!("  asking about {all} held-out images with plain HTTP requests:"),
    ));
    line("");
    let stride = (images.len() / SHOWN).max(1);
    let (mut right, mut shown) = (0, Vec::new());
    for (index, (truth, image)) in images.iter().enumerate() {
        let answer = client.predict(job, image).await?;
        let best = answer.predictions.first().context(pick(
            language,
            "분류 모델이 클래스를 하나도 답하지 않았습니다",
            "a classifier that names no class",
        ))?;
        let found = &best.class;
        right += usize::from(found == truth);
        if index % stride == 0 && shown.len() < SHOWN {
            let mark = if found == truth {
                pick(language, "맞음", "right")
            } else {
                pick(language, "틀림", "WRONG")
            };
            shown.push(vec![
                file_name(image),
                truth.clone(),
                found.clone(),
                predict::percent(best),
                mark.to_owned(),
            ]);
        }
    }
    let header = pick(
        language,
        ["이미지", "정답", "답", "신뢰도", ""],
        ["image", "truth", "answer", "confidence", ""],
    );
    table::print(&header, &shown);
    line("");
    let percent = 100.0 * right as f64 / all as f64;
    line(pick(
        language,
        format!("학습에 쓰지 않은 이미지 {all}장 중 {right}장을 맞혔습니다: {percent:.2} %"),
        format!("{right} of {all} held-out images right: {percent:.2} %"),
    ));
    Ok(())
}

fn images_by_truth(folder: &Path, language: Language) -> Result<Vec<(String, PathBuf)>> {
    let mut images = Vec::new();
    for class in listed(folder, language)? {
        images.extend(listed(&class, language)?.into_iter().map(|image| (file_name(&class), image)));
    }
    Ok(images)
}
