//! The demo of a classifier: handwritten digits.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{file_name, listed, train};
use crate::cli::client::Client;
use crate::cli::{predict, table};
use crate::out::line;

/// Below the tools: the digits of scikit-learn as an image folder with `train` and `test`.
pub(super) const DATASET: &str = "data/digits";
pub(super) const HELD_OUT: &str = "test";
const PROMPT: &str = "resnet18로 숫자 이미지 분류 모델 만들어줘";
const COLUMNS: &[(&str, &str)] =
    &[("class", "name"), ("precision", "precision"), ("recall", "recall"), ("images", "support")];
/// Held-out images shown with their answers; all are asked about.
const SHOWN: usize = 10;

pub(super) async fn main_job(client: &Client, dataset: &Path) -> Result<()> {
    let job = train(client, PROMPT, dataset, &[], COLUMNS).await?;
    held_out(client, &job, &dataset.join(HELD_OUT)).await
}

/// Asks the endpoint about every image that no training has seen, and counts what it gets right.
async fn held_out(client: &Client, job: &str, folder: &Path) -> Result<()> {
    let images = images_by_truth(folder)?;
    line(format_args!("  asking about {} held-out images with plain HTTP requests:", images.len()));
    line("");
    let stride = (images.len() / SHOWN).max(1);
    let (mut right, mut shown) = (0, Vec::new());
    for (index, (truth, image)) in images.iter().enumerate() {
        let answer = client.predict(job, image).await?;
        let best = answer.predictions.first().context("a classifier that names no class")?;
        let found = &best.class;
        right += usize::from(found == truth);
        if index % stride == 0 && shown.len() < SHOWN {
            let mark = if found == truth { "right" } else { "WRONG" };
            shown.push(vec![
                file_name(image),
                truth.clone(),
                found.clone(),
                predict::percent(best),
                mark.to_owned(),
            ]);
        }
    }
    table::print(&["image", "truth", "answer", "confidence", ""], &shown);
    line("");
    line(format_args!(
        "{right} of {} held-out images right: {:.2} %",
        images.len(),
        100.0 * right as f64 / images.len() as f64
    ));
    Ok(())
}

fn images_by_truth(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut images = Vec::new();
    for class in listed(folder)? {
        images.extend(listed(&class)?.into_iter().map(|image| (file_name(&class), image)));
    }
    Ok(images)
}
