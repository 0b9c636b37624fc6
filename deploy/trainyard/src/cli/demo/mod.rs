//! `trainyard demo`: the main job, said, approved, trained, deployed and asked, where everyone can see it.

mod digits;
mod folder;
mod labels;
mod matching;
mod transfer;
mod trees;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use trainyard_api::chats::Spoken;
use trainyard_api::endpoints::Deployed;
use trainyard_api::page::Nothing;
use trainyard_api::tokens::Whoami;
use trainyard_events::chat::Language;
use trainyard_events::results::Measurements;
use trainyard_words::{measure_value, measured};

use crate::cli::client::{Answer, Client};
use crate::cli::{chat, jobs, table, watch};
use crate::language::{language, pick};
use crate::out::{self, line};
use crate::platform::ready::{READY_FILE, Ready};
use crate::platform::settings::Resolved;
use crate::platform::up::Running;

const APPROVAL: &str = "시작해줘";

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demo {
    Digits,
    Trees,
    Transfer,
}

impl Demo {
    pub(crate) fn of(detect: bool, transfer: bool) -> Demo {
        match (detect, transfer) {
            (_, true) => Demo::Transfer,
            (true, false) => Demo::Trees,
            (false, false) => Demo::Digits,
        }
    }

    /// Its dataset below the tools, what must be in that, and what fetches it.
    fn needs(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Demo::Digits => (digits::DATASET, digits::HELD_OUT, "trainyard tools fetch"),
            Demo::Trees => (trees::DATASET, trees::HELD_OUT, "trainyard tools fetch"),
            Demo::Transfer => (transfer::DATASET, transfer::HELD_OUT, "make demo-transfer"),
        }
    }
}

/// On the platform that runs in this folder, or on one that lives as long as the demo.
pub(crate) async fn run(mut settings: Resolved, demo: Demo) -> Result<()> {
    let (dataset, held_out, fetched_by) = demo.needs();
    let (language, dataset) = (language(), settings.tools.join(dataset));
    let path = dataset.display();
    ensure!(
        dataset.join(held_out).is_dir(),
        pick(
            language,
            format!("{path} 폴더가 없습니다. `{fetched_by}`로 받으세요"),
            format!("{path} is not there: fetch it with `{fetched_by}`"),
        )
    );
    if let Ok(ready) = Ready::read(&settings.data.join(READY_FILE)) {
        let client = Client::new(&ready.http, &ready.token, ready.tls()?, language)?;
        if client.get::<Whoami>("/v1/whoami").await.is_ok() {
            let url = &ready.http;
            line(pick(
                language,
                format!("{url}에서 실행 중인 플랫폼을 씁니다"),
                format!("on the platform that runs at {url}"),
            ));
            return main_job(&client, &dataset, demo).await;
        }
    }
    settings.listen.set_port(0);
    let begun = Instant::now();
    let mut running = Box::pin(Running::start(&settings)).await?;
    let (seconds, url) = (begun.elapsed().as_secs_f64(), &running.ready.http);
    line(pick(
        language,
        format!("플랫폼이 {seconds:.1}초 만에 시작되었습니다: {url}"),
        format!("platform up after {seconds:.1} s at {url}"),
    ));
    let client = Client::new(&running.ready.http, &running.ready.token, running.ready.tls()?, language)?;
    let outcome = tokio::select! {
        outcome = main_job(&client, &dataset, demo) => outcome,
        ended = running.until_stopped() => ended.and_then(|()| {
            bail!(pick(language, "데모가 끝나기 전에 멈췄습니다", "stopped before the demo was done"))
        }),
    };
    running.stop().await?;
    outcome
}

async fn main_job(client: &Client, dataset: &Path, demo: Demo) -> Result<()> {
    match demo {
        Demo::Digits => digits::main_job(client, dataset).await,
        Demo::Trees => trees::main_job(client, dataset).await,
        Demo::Transfer => transfer::main_job(client, dataset).await,
    }
}

/// Talks until a job is approved, watches it, deploys it, and returns its id. `wishes` come after the dataset is named;
/// `columns` are of the table by class: title in our language and key of the report.
async fn train(
    client: &Client,
    prompt: &str,
    dataset: &Path,
    wishes: &[&str],
    columns: &[(&str, &str)],
) -> Result<String> {
    let chat = chat::begin(client).await?;
    say(client, &chat, prompt).await?;
    let mut proposal = say(client, &chat, &dataset.display().to_string()).await?;
    for wish in wishes {
        proposal = say(client, &chat, wish).await?;
    }
    let language = client.language;
    ensure!(
        proposal.missing.is_empty(),
        pick(
            language,
            "제안에 빠진 값이 있습니다. 위의 답을 보세요",
            "the proposal is not complete: see the answer above",
        )
    );
    let approved = Instant::now();
    let answer = say(client, &chat, APPROVAL).await?;
    let no_job = pick(
        language,
        "승인했지만 작업이 생기지 않았습니다. 위의 답을 보세요",
        "the approval led to no job: see the answer above",
    );
    let job = answer.job.as_ref().context(no_job)?.id;

    let watched = watch::run(client, &job.to_string(), false).await?;
    let finished = watched.finished.context(pick(
        language,
        "지켜보기 전에 작업이 끝났습니다",
        "the job had finished before anybody could watch it",
    ))?;
    times(approved.elapsed(), watched.first_step, language);
    per_class(&client.artifact(job, "report", finished.sequence).await?, columns);
    line("");
    let (best, figures) = (finished.best_epoch, measurements(&finished.measurements, language));
    line(pick(language, format!("  최고 {best} 에폭: {figures}"), format!("  best epoch {best}: {figures}")));

    let deployed = client.post::<Deployed>(&format!("/v1/jobs/{job}/deploy"), &Nothing {}).await?;
    line("");
    let url = jobs::endpoint_url(client, &deployed);
    line(pick(language, format!("  배포됨: {url}"), format!("  deployed: {url}")));
    Ok(job.to_string())
}

/// From the approval to the end of the training, and to its first step, where it was seen.
fn times(whole: Duration, first_step: Option<Duration>, language: Language) {
    let whole = whole.as_secs_f64();
    line(pick(
        language,
        format!("  승인부터 {whole:.1}초 만에 학습했습니다"),
        format!("  trained in {whole:.1} s from the approval"),
    ));
    if let Some(first) = first_step.map(|first| first.as_secs_f64()) {
        line(pick(
            language,
            format!("  승인하고 {first:.2}초 뒤에 첫 학습 스텝이 보였습니다"),
            format!("  first training step seen {first:.2} s after the approval"),
        ));
    }
}

/// Says one thing and prints both sides.
async fn say(client: &Client, chat: &str, said: &str) -> Result<Answer<Spoken>> {
    out::said(said);
    let answer = chat::say(client, chat, said).await?;
    out::lines(&answer.reply);
    Ok(answer)
}

fn measurements(values: &Measurements, language: Language) -> String {
    let shown = values.iter().map(|(name, value)| measured(name, *value, language));
    shown.collect::<Vec<_>>().join(", ")
}

fn per_class(report: &Value, columns: &[(&str, &str)]) {
    line("");
    let cell = |key: &str, value: &Value| match value {
        Value::String(name) => name.clone(),
        Value::Number(number) if number.is_f64() => measure_value(key, number.as_f64().unwrap_or(f64::NAN)),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let classes = report["classes"].as_array().into_iter().flatten();
    let rows: Vec<Vec<String>> =
        classes.map(|class| columns.iter().map(|(_, key)| cell(key, &class[key])).collect()).collect();
    let header: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
    table::print(&header, &rows);
}
