//! `trainyard train`, `jobs`, `cancel`, `resume` and `deploy`.

use anyhow::Result;
use trainyard_api::endpoints::Deployed;
use trainyard_api::jobs::{JobChanged, JobList, JobsQuery, Ordered, Resume};
use trainyard_api::page::Nothing;
use trainyard_door::system_clock;
use trainyard_events::chat::Language;
use trainyard_views::JobRow;

use crate::args::Train;
use crate::cli::client::Client;
use crate::cli::job::{best, status_name};
use crate::cli::{costs, print_json, table, watch};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn train(client: &Client, train: Train, json: bool) -> Result<()> {
    let answer = client.post::<Ordered>("/v1/jobs", &train).await?;
    let job = answer.job.id.to_string();
    if train.watch {
        return watch::run(client, &job, json).await.map(|_| ());
    }
    if json {
        return print_json(&answer.json);
    }
    line(pick(
        client.language,
        format!("작업을 요청했습니다({job}). 지켜보려면: trainyard watch {job}"),
        format!("job {job} is requested; follow it with: trainyard watch {job}"),
    ));
    Ok(())
}

pub(crate) async fn list(client: &Client, query: &JobsQuery, json: bool) -> Result<()> {
    let answer = client.find::<JobList>("/v1/jobs", query).await?;
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    if answer.jobs.is_empty() && is_narrowed(query) {
        line(pick(language, "찾는 작업이 없습니다", "there is no such job"));
        return Ok(());
    }
    if answer.jobs.is_empty() {
        line(pick(
            language,
            "아직 작업이 없습니다. 이렇게 시작하세요: trainyard chat \"resnet18로 이미지 분류 모델 만들어줘\"",
            "no jobs yet; begin with: trainyard chat \"resnet18로 이미지 분류 모델 만들어줘\"",
        ));
        return Ok(());
    }
    let header = pick(
        language,
        ["작업", "제목", "상태", "모델", "에폭", "최고", "비용", "데이터셋", "요청한 때"],
        ["job", "title", "status", "model", "epochs", "best", "cost", "dataset", "requested"],
    );
    let rows: Vec<Vec<String>> = answer.jobs.iter().map(|job| row(job, language)).collect();
    table::print(&header, &rows);
    Ok(())
}

/// Whether it asks for some of the jobs only.
fn is_narrowed(query: &JobsQuery) -> bool {
    query.status.is_some() || query.tag.is_some() || query.archived == Some(true)
}

/// Its title, and its tags as they are known from elsewhere.
fn titled(job: &JobRow) -> String {
    let tags = job.annotation.tags.iter().map(|tag| format!("#{tag}"));
    let title = Some(job.annotation.title.clone()).filter(|title| !title.is_empty());
    title.into_iter().chain(tags).collect::<Vec<_>>().join(" ")
}

fn row(job: &JobRow, language: Language) -> Vec<String> {
    let (date, (hour, minute, second)) = (job.requested_at.date(), job.requested_at.to_hms());
    vec![
        job.number.to_string(),
        titled(job),
        status_name(job.status, language).to_owned(),
        job.config.model.clone(),
        format!("{}/{}", job.epochs_done, job.config.epochs),
        best(job, language),
        costs::of_job(job, system_clock()),
        job.config.dataset.clone().unwrap_or_default(),
        format!("{date} {hour:02}:{minute:02}:{second:02}"),
    ]
}

pub(crate) async fn cancel(client: &Client, job: &str, json: bool) -> Result<()> {
    let answer = client.post::<JobChanged>(&format!("/v1/jobs/{job}/cancel"), &Nothing {}).await?;
    if json {
        return print_json(&answer.json);
    }
    line(pick(
        client.language,
        format!("작업 {job}에 멈추라고 알렸습니다. 끝나는 것을 보려면: trainyard watch {job}"),
        format!("job {job} is told to stop; see it end with: trainyard watch {job}"),
    ));
    Ok(())
}

pub(crate) async fn resume(client: &Client, job: &str, caps: Resume, watch: bool, json: bool) -> Result<()> {
    let answer = client.post::<Ordered>(&format!("/v1/jobs/{job}/resume"), &caps).await?;
    let new = answer.job.id.to_string();
    if watch {
        return watch::run(client, &new, json).await.map(|_| ());
    }
    if json {
        return print_json(&answer.json);
    }
    let epoch = answer.proposal.config.continues.as_ref().map_or(0, |from| from.checkpoint.epoch);
    line(pick(
        client.language,
        format!(
            "작업을 요청했습니다({new}). 작업 {job}의 {epoch} 에폭 이후에서 이어집니다. 지켜보려면: trainyard watch {new}"
        ),
        format!(
            "job {new} is requested; it goes on with job {job} after epoch {epoch}; follow it with: trainyard watch {new}"
        ),
    ));
    Ok(())
}

pub(crate) async fn deploy(client: &Client, job: &str, withdraw: bool, json: bool) -> Result<()> {
    let path = format!("/v1/jobs/{job}/deploy");
    if withdraw {
        let answer = client.delete::<JobChanged>(&path).await?;
        if json {
            return print_json(&answer.json);
        }
        line(pick(
            client.language,
            format!("작업 {job}의 모델은 이제 답하지 않습니다"),
            format!("the model of job {job} answers no more"),
        ));
        return Ok(());
    }
    let answer = client.post::<Deployed>(&path, &Nothing {}).await?;
    if json {
        return print_json(&answer.json);
    }
    let url = endpoint_url(client, &answer);
    line(pick(
        client.language,
        format!("작업 {job}의 모델이 답하는 주소: {url}"),
        format!("the model of job {job} answers at {url}"),
    ));
    Ok(())
}

/// Where a deployed model answers, as anybody can use it.
pub(crate) fn endpoint_url(client: &Client, deployed: &Deployed) -> String {
    let url = &deployed.endpoint.url;
    if url.starts_with('/') { format!("{}{url}", client.url) } else { url.clone() }
}
