//! `trainyard prelabel`: what a model says of images, for people to correct in a labelling tool, the images first that it is least
//! sure of.

mod ask;
mod model;
mod source;

use std::fs;

use anyhow::{Context, Result};
use serde_json::json;
use trainyard_data::prelabel::{Prelabels, Tool};
use trainyard_events::chat::Language;
use trainyard_events::config::Task;

use crate::args::Prelabel;
use crate::cli::client::Client;
use crate::cli::{new_folder, print_json};
use crate::language::pick;
use crate::out::{self, line};
use model::Model;
use source::Source;

/// In the folder that is written: the images, and the table of their ranks.
const IMAGES: &str = "images";
const QUEUE: &str = "queue.csv";
/// As Label Studio serves files below the folder that it is told.
const LOCAL_FILES: &str = "/data/local-files/?d=images/";

pub(crate) async fn run(client: &Client, asked: Prelabel, json: bool) -> Result<()> {
    let (language, to) = (client.language, asked.to.as_path());
    new_folder::refuse_if_used(to, language)?;
    let model = Model::of(client, &asked.with).await?;
    let source = match (&asked.dataset, &asked.images) {
        (Some(dataset), _) => Source::dataset(client, dataset, asked.unlabelled).await?,
        (None, Some(folder)) => Source::folder(client, folder)?,
        (None, None) => unreachable!("one of both has to be typed"),
    };
    let mut images = ask::all(client, &model, &source).await?;
    let all = images.len();
    if let Some(least) = asked.confidence.filter(|_| !model.task.is_of_image()) {
        images.iter_mut().for_each(|image| image.predictions.retain(|found| found.confidence >= least));
    }
    let keypoints = source.keypoints.clone();
    let Model { name, task, classes, .. } = model;
    let queue = Prelabels { task, model: name, classes, keypoints, images }.worst_first(asked.worst);
    write(client, &queue, &source, &asked).await?;
    tell_holes(&queue, language);
    if json {
        let images = (1_u64..).zip(&queue.images).map(|(rank, image)| {
            let predictions = image.predictions.len();
            json!({ "rank": rank, "image": image.name, "uncertainty": image.uncertainty, "predictions": predictions })
        });
        let images: Vec<_> = images.collect();
        return print_json(&json!({ "model": queue.model, "asked": all, "images": images }));
    }
    tell(&queue, all, &asked, language);
    Ok(())
}

/// The images of the queue by their names, what the tool imports, and the table.
async fn write(client: &Client, queue: &Prelabels, source: &Source, asked: &Prelabel) -> Result<()> {
    let to = &asked.to;
    for image in &queue.images {
        let path = to.join(IMAGES).join(&image.name);
        let content = source.bytes(client, &image.name).await?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        fs::write(&path, content).with_context(|| path.display().to_string())?;
    }
    let image_url = asked.image_url.as_deref().unwrap_or(LOCAL_FILES);
    let table = (QUEUE, queue.queue());
    for (name, text) in queue.files(asked.format, image_url).into_iter().chain([table]) {
        let path = to.join(name);
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn tell_holes(queue: &Prelabels, language: Language) {
    let holes = queue.holes();
    if queue.task == Task::Segment && holes > 0 {
        out::note(pick(
            language,
            format!("다각형에는 구멍이 없어 구멍 {holes}개를 메웠습니다"),
            format!("polygons have no holes: {holes} of them are filled"),
        ));
    }
}

fn tell(queue: &Prelabels, all: usize, asked: &Prelabel, language: Language) {
    let (count, to) = (queue.images.len(), asked.to.display());
    line(pick(
        language,
        format!("이미지 {all}장 가운데 {count}장을 모델이 덜 확신하는 순서로 {to} 폴더에 저장했습니다"),
        format!("{count} of {all} images written into {to}, the least sure first"),
    ));
    let (import, labels) = match asked.format {
        Tool::LabelStudio => ("tasks.json", "labels.xml"),
        Tool::Cvat => ("annotations.xml", "labels.json"),
    };
    line(pick(
        language,
        format!("가져올 파일은 {import}, 먼저 만들 라벨은 {labels}, 순위와 불확실도는 {QUEUE}에 있습니다"),
        format!("import {import} once its labels are made ({labels}); {QUEUE} has each image's rank"),
    ));
    if let Some(dataset) = &asked.dataset {
        line(pick(
            language,
            format!("고친 뒤에는: trainyard datasets add 이름 내보낸_파일 --onto {dataset}"),
            format!("when it is corrected: trainyard datasets add NAME EXPORT --onto {dataset}"),
        ));
    }
}
