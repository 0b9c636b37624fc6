//! The demo of starting from learnt weights: photos of solar cells, once from ImageNet's weights and once from nothing.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use trainyard_api::jobs::Ordered;
use trainyard_events::chat::Language;

use super::folder::{file_name, listed};
use crate::args::Train;
use crate::cli::client::Client;
use crate::cli::{table, watch};
use crate::language::pick;
use crate::out::line;

/// Below the tools: an image folder with `train`, `val` and `test` of photos of solar cells.
pub(super) const DATASET: &str = "data/solar-cells";
pub(super) const HELD_OUT: &str = "test";
/// Beside it: EfficientNet-Lite0 as it learnt ImageNet.
const WEIGHTS: &str = "efficientnet-lite0/efficientnet_lite0.pth";
/// A random start.
const SCRATCH: &str = "scratch";
const RUNNER: &str = "timm";
const MODEL: &str = "tf_efficientnet_lite0";
/// Pixels: a photo has 300, and a half of that takes a quarter of the time.
const IMAGE_SIZE: i64 = 160;
const EPOCHS: i64 = 6;
const BATCH_SIZE: i64 = 16;
const LEARNING_RATE: f64 = 1e-4;

/// How one of the two trainings ended.
struct Ended {
    best_epoch: u32,
    accuracy: f64,
    /// Of photos that neither training nor the choice of the best epoch has seen.
    held_out: f64,
    seconds: f64,
}

pub(super) async fn main_job(client: &Client, dataset: &Path) -> Result<()> {
    let language = client.language;
    let beside = dataset.parent().unwrap_or(dataset);
    let weights = beside.join(WEIGHTS).display().to_string();
    let learnt = trained(client, dataset, &weights).await?;
    let random = trained(client, dataset, SCRATCH).await?;
    show(&learnt, &random, language);
    let (photos, share) = largest_class(&dataset.join(HELD_OUT), language)?;
    let (learnt, random) = (100.0 * learnt.held_out, 100.0 * random.held_out);
    line("");
    line(pick(
        language,
        format!(
            "학습에 쓰지 않은 사진 {photos}장의 정확도: ImageNet 가중치에서 {learnt:.1} %, 무작위에서 {random:.1} % \
             (많은 쪽으로만 답하면 {share:.1} %)"
        ),
        format!(
            "accuracy on {photos} held-out photos: {learnt:.1} % from ImageNet's weights, {random:.1} % from a random start \
             ({share:.1} % for the answer that is right most often)"
        ),
    ));
    Ok(())
}

/// Orders one training, and watches it to its end.
async fn trained(client: &Client, dataset: &Path, weights: &str) -> Result<Ended> {
    let language = client.language;
    line("");
    line(match weights {
        SCRATCH => pick(
            language,
            format!("{RUNNER}/{MODEL}, 같은 설정으로 무작위에서 시작합니다"),
            format!("{RUNNER}/{MODEL}, with the same configuration from a random start"),
        ),
        weights => pick(
            language,
            format!("{RUNNER}/{MODEL}, ImageNet 가중치에서 시작합니다: {weights}"),
            format!("{RUNNER}/{MODEL}, from ImageNet's weights: {weights}"),
        ),
    });
    let began = Instant::now();
    let ordered = client.post::<Ordered>("/v1/jobs", &wanted(dataset, weights)).await?;
    let watched = watch::run(client, &ordered.job.id.to_string(), false).await?;
    let finished = watched.finished.context(pick(
        language,
        "지켜보기 전에 작업이 끝났습니다",
        "the job had finished before anybody could watch it",
    ))?;
    let measured = |name: &str| {
        finished.measurements.get(name).copied().with_context(|| {
            pick(language, format!("{name} 측정값이 없습니다"), format!("{name} was not measured"))
        })
    };
    Ok(Ended {
        best_epoch: finished.best_epoch,
        accuracy: measured("accuracy")?,
        held_out: measured("test_accuracy")?,
        seconds: began.elapsed().as_secs_f64(),
    })
}

fn wanted(dataset: &Path, initial_weights: &str) -> Train {
    Train {
        model: MODEL.to_owned(),
        dataset: dataset.display().to_string(),
        classes: Vec::new(),
        epochs: Some(EPOCHS),
        image_size: Some(IMAGE_SIZE),
        batch_size: Some(BATCH_SIZE),
        learning_rate: Some(LEARNING_RATE),
        optimizer: Some("adamw".to_owned()),
        seed: Some(42),
        patience: None,
        device: None,
        priority: None,
        resources: Default::default(),
        initial_weights: Some(initial_weights.to_owned()),
        runner: Some(RUNNER.to_owned()),
        settings: Vec::new(),
        max_cost: None,
        max_hours: None,
        watch: false,
    }
}

fn show(learnt: &Ended, random: &Ended, language: Language) {
    let percent = |part: f64| format!("{:.1} %", 100.0 * part);
    let row = |name: &str, ended: &Ended| {
        let Ended { best_epoch, accuracy, held_out, seconds } = ended;
        let seconds = pick(language, format!("{seconds:.0}초"), format!("{seconds:.0} s"));
        vec![name.to_owned(), best_epoch.to_string(), percent(*accuracy), percent(*held_out), seconds]
    };
    let header = pick(
        language,
        ["시작", "최고 에폭", "검증", "학습에 안 쓴 사진", "걸린 시간"],
        ["start", "best epoch", "validation", "held out", "took"],
    );
    let rows = [
        row(pick(language, "ImageNet", "ImageNet"), learnt),
        row(pick(language, "무작위", "random"), random),
    ];
    line("");
    table::print(&header, &rows);
}

/// How many photos there are, and in percent how many of the class that has most.
fn largest_class(folder: &Path, language: Language) -> Result<(usize, f64)> {
    let mut counts = Vec::new();
    for class in listed(folder, language)? {
        let photos = listed(&class, language).with_context(|| file_name(&class))?.len();
        counts.push(photos);
    }
    let (all, most) = (counts.iter().sum::<usize>(), counts.iter().max().copied().unwrap_or(0));
    Ok((all, 100.0 * most as f64 / all.max(1) as f64))
}
