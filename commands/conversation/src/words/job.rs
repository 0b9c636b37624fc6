//! Jobs in sentences: how one is doing, what happened to it, and its line in a list.

use std::fmt::Write;

use trainyard_events::chat::Language;
use trainyard_events::results::Measurements;
use trainyard_views::{JobRow, JobStatus};
use trainyard_words::measured;
use trainyard_words::particle::Particle::{Subject, Topic};
use trainyard_words::particle::with_particle;

use super::{because, pick};

/// Such as `accuracy 98.33 %, loss 0.0512`, the one that decides first.
pub(super) fn figures(measurements: &Measurements, primary: Option<&str>, language: Language) -> String {
    let mut names: Vec<&String> = measurements.keys().collect();
    names.sort_by_key(|name| (Some(name.as_str()) != primary, *name));
    let figures: Vec<String> =
        names.into_iter().map(|name| measured(name, measurements[name], language)).collect();
    figures.join(", ")
}

fn primary(job: &JobRow, language: Language) -> Option<String> {
    let name = job.primary.as_deref()?;
    job.best.as_ref()?.get(name).map(|value| measured(name, *value, language))
}

/// `job 7 (resnet18, data/digits)`, to begin a sentence with.
pub(super) fn name(job: &JobRow, language: Language) -> String {
    let (number, model) = (job.number, &job.config.model);
    let dataset = job.config.dataset.as_deref().unwrap_or("-");
    pick(language, format!("작업 {number}({model}, {dataset})"), format!("Job {number} ({model}, {dataset})"))
}

/// How a job is doing.
pub(crate) fn status(job: &JobRow, language: Language) -> String {
    let (name, number) = (name(job, language), job.number);
    let (topic, subject) = (with_particle(&name, Topic), with_particle(&name, Subject));
    let (done, epochs) = (job.epochs_done, job.config.epochs);
    let percent = (job.progress * 100.0).round();
    let worker = job.worker.as_deref().unwrap_or("-");
    let best = primary(job, language).map(|best| (format!(" 최고 {best}."), format!(" Best: {best}.")));
    let (best_korean, best_english) = best.unwrap_or_default();
    match job.status {
        JobStatus::Requested | JobStatus::Queued => {
            let (korean, english) = match &job.waiting_because[..] {
                [] => (String::new(), String::new()),
                reasons => (
                    format!(" 이유: {}.", because(reasons, Language::Korean)),
                    format!(": {}", because(reasons, Language::English)),
                ),
            };
            pick(
                language,
                format!(
                    "{topic} 차례를 기다리고 있습니다.{korean} 그만두려면 \"{number}번 작업 취소해줘\"라고 하세요."
                ),
                format!("{name} is waiting{english}. To drop it, say \"stop job {number}\"."),
            )
        }
        JobStatus::Starting => pick(
            language,
            format!("{subject} {worker}에서 시작되고 있습니다. 잠시 뒤에 다시 물어봐 주세요."),
            format!("{name} is starting on {worker}. Ask again in a moment."),
        ),
        JobStatus::Training => pick(
            language,
            format!(
                "{topic} {worker}에서 학습 중입니다: {epochs} 에폭 중 {done} 완료({percent}%).{best_korean} 그만두려면 \"{number}번 작업 취소해줘\"라고 하세요."
            ),
            format!(
                "{name} is training on {worker}: {done} of {epochs} epochs done ({percent} %).{best_english} To stop it, say \"stop job {number}\"."
            ),
        ),
        JobStatus::Cancelling => pick(
            language,
            format!("{topic} 멈추는 중입니다. {done} 에폭까지 마쳤습니다."),
            format!("{name} is being stopped, after {done} epochs."),
        ),
        JobStatus::Finished => pick(
            language,
            format!(
                "{topic} 끝났습니다: {done} 에폭.{best_korean} 자세히 보려면 \"작업 {number} 결과 보여줘\"라고 하세요."
            ),
            format!(
                "{name} has finished: {done} epochs.{best_english} For more, say \"show the results of job {number}\"."
            ),
        ),
        JobStatus::Failed => pick(
            language,
            format!("{topic} 실패했습니다. {}", failure(job, language)),
            format!("{name} has failed. {}", failure(job, language)),
        ),
        JobStatus::Cancelled => pick(
            language,
            format!(
                "{topic} {done} 에폭 뒤에 취소되었습니다. 이어서 하려면 \"작업 {number} 이어서 학습해줘\"라고 하세요."
            ),
            format!(
                "{name} was cancelled after {done} epochs. To go on with it, say \"resume job {number}\"."
            ),
        ),
    }
}

fn failure(job: &JobRow, language: Language) -> String {
    match &job.failure {
        Some(failure) => {
            let (cause, next) = (because(&failure.because, language), because(&failure.advice, language));
            pick(
                language,
                format!("원인: {cause}. 다음 단계: {next}."),
                format!("Cause: {cause}. Next step: {next}."),
            )
        }
        None => pick(language, "원인이 기록되지 않았습니다.", "No cause was recorded."),
    }
}

/// Why a job failed, stopped or waits: how it stands, its `story`, and the trainer's last lines.
pub(crate) fn explain(job: &JobRow, story: &str, language: Language) -> String {
    let mut text = status(job, language);
    match (&job.failure, job.status) {
        (Some(_), JobStatus::Failed) => {}
        (Some(_), _) => {
            let _ = write!(text, "\n{}", pick(language, "지난 시도의 실패. ", "Its last failed attempt. "));
            text.push_str(&self::failure(job, language));
        }
        (None, JobStatus::Cancelled | JobStatus::Cancelling) => {
            let reason = match &job.cancel_because[..] {
                [] => "-".to_owned(),
                reasons => because(reasons, language),
            };
            let _ = write!(text, " {} {reason}.", pick(language, "이유:", "Reason:"));
        }
        (None, JobStatus::Finished) if job.stopped_early.is_some() => {
            let reason = because(&job.stopped_because, language);
            let _ = write!(text, " {} {reason}.", pick(language, "일찍 끝난 이유:", "It stopped early:"));
        }
        _ => {}
    }
    if !story.is_empty() {
        let _ = write!(text, "\n{}{story}", pick(language, "지금까지 있었던 일:", "What happened so far:"));
    }
    if let Some(failure) = job.failure.as_ref().filter(|failure| !failure.console.is_empty()) {
        let _ = write!(text, "\n{}\n", pick(language, "마지막 출력:", "Last lines of its console:"));
        text.push_str(&failure.console.join("\n"));
    }
    text
}

/// In a word.
pub(crate) fn state(job: &JobRow, language: Language) -> String {
    match (job.status, language) {
        (JobStatus::Requested, Language::Korean) => "요청됨",
        (JobStatus::Queued, Language::Korean) => "대기 중",
        (JobStatus::Starting, Language::Korean) => "시작 중",
        (JobStatus::Training, Language::Korean) => "학습 중",
        (JobStatus::Cancelling, Language::Korean) => "멈추는 중",
        (JobStatus::Finished, Language::Korean) => "완료",
        (JobStatus::Failed, Language::Korean) => "실패",
        (JobStatus::Cancelled, Language::Korean) => "취소됨",
        (JobStatus::Requested, Language::English) => "requested",
        (JobStatus::Queued, Language::English) => "queued",
        (JobStatus::Starting, Language::English) => "starting",
        (JobStatus::Training, Language::English) => "training",
        (JobStatus::Cancelling, Language::English) => "being stopped",
        (JobStatus::Finished, Language::English) => "finished",
        (JobStatus::Failed, Language::English) => "failed",
        (JobStatus::Cancelled, Language::English) => "cancelled",
    }
    .to_owned()
}

/// One job of a list.
pub(crate) fn job_line(job: &JobRow, language: Language) -> String {
    let state = state(job, language);
    let best = primary(job, language).map(|best| format!(", {best}")).unwrap_or_default();
    format!("- {}: {state}, {}/{}{best}", name(job, language), job.epochs_done, job.config.epochs)
}
