//! `trainyard job`: one job, why it is where it is, and what can be done about it.

use anyhow::Result;
use serde_json::Value;
use trainyard_api::jobs::JobAnswer;
use trainyard_door::system_clock;
use trainyard_events::chat::Language;
use trainyard_events::config::Continuation;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_views::{JobRow, JobStatus};
use trainyard_words::measured;

use crate::cli::client::Client;
use crate::cli::{configuration, costs, print_json};
use crate::language::{pick, said_or};
use crate::out::line;

pub(super) async fn run(client: &Client, job: &str, json: bool) -> Result<()> {
    let answer = client.get::<JobAnswer>(&format!("/v1/jobs/{job}")).await?;
    if json {
        return print_json(&answer.json);
    }
    // As it came: also what this binary does not know.
    let config = &answer.json["job"]["config"];
    lines(&answer.job, answer.unreachable, config, client.language).iter().for_each(line);
    Ok(())
}

fn lines(job: &JobRow, unreachable: bool, config: &Value, language: Language) -> Vec<String> {
    let JobRow { number, id, .. } = job;
    let mut lines = vec![pick(language, format!("작업 {number} ({id})"), format!("job {number} ({id})"))];
    let facts = facts(job, unreachable, language);
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    lines.extend(facts.map(|(name, value)| format!("  {name}: {value}")));
    lines.push(pick(language, "  설정:", "  configuration:").to_owned());
    let config = config.as_object().map(|config| configuration::lines(config, language));
    lines.extend(config.into_iter().flatten().map(|value| format!("    {value}")));
    let console = job.failure.iter().flat_map(|failure| &failure.console);
    lines.extend(console.map(|said| format!("  | {said}")));
    lines
}

/// What is empty is not worth a line.
fn facts(job: &JobRow, unreachable: bool, language: Language) -> [(&'static str, String); 13] {
    let beside = |sentence: &Option<String>| sentence.clone().unwrap_or_default();
    let waits = said_or(&job.waiting_because, &beside(&job.waiting_reason), language);
    let stopped = said_or(&job.stopped_because, &beside(&job.stopped_early), language);
    let (done, all) = (job.epochs_done, job.config.epochs);
    let epochs = pick(language, format!("{all} 에폭 중 {done}"), format!("{done} of {all}"));
    let from = job.config.continues.as_deref();
    let (failure, next_step) =
        job.failure.as_ref().map_or_else(Default::default, |failure| self::failure(failure, language));
    [
        (pick(language, "제목", "title"), job.annotation.title.clone()),
        (pick(language, "태그", "tags"), job.annotation.tags.join(", ")),
        (pick(language, "메모", "note"), job.annotation.note.replace('\n', "\n    ")),
        (pick(language, "상태", "status"), status_now(job.status, unreachable, language)),
        (pick(language, "기다리는 이유", "waits because"), waits),
        (pick(language, "작업자", "worker"), beside(&job.worker)),
        (pick(language, "진행", "epochs"), epochs),
        (
            pick(language, "이어받은 작업", "continues"),
            from.map_or_else(String::new, |from| continues(from, language)),
        ),
        (pick(language, "최고", "best"), best(job, language)),
        (pick(language, "비용", "cost"), costs::of_job(job, system_clock())),
        (pick(language, "조기 종료", "stopped early"), stopped),
        (pick(language, "실패한 이유", "failure"), failure),
        (pick(language, "다음에 할 일", "next step"), next_step),
    ]
}

/// What happened, and what the reader can do now.
pub(super) fn failure(failure: &Failure, language: Language) -> (String, String) {
    let Failure { message, next_step, because, advice, .. } = failure;
    (said_or(because, message, language), said_or(advice, next_step, language))
}

/// The best value of the measurement that decides, such as `accuracy 98.50 %`.
pub(super) fn best(job: &JobRow, language: Language) -> String {
    let primary = job.primary.as_deref().unwrap_or("accuracy");
    let value = job.best.as_ref().and_then(|best| best.get(primary));
    value.map_or_else(String::new, |value| measured(primary, *value, language))
}

/// Where it began, if not at the beginning.
fn continues(from: &Continuation, language: Language) -> String {
    let (job, epoch) = (from.job, from.checkpoint.epoch);
    pick(language, format!("작업 {job}, {epoch} 에폭 이후"), format!("job {job} after epoch {epoch}"))
}

/// Also when its worker has gone silent.
fn status_now(status: JobStatus, unreachable: bool, language: Language) -> String {
    let name = status_name(status, language);
    let silent = pick(
        language,
        ". 지금은 작업자와 연락이 되지 않습니다. 작업자가 돌아오거나 다른 작업자가 이어받습니다",
        ", but its worker cannot be reached; it comes back or is replaced",
    );
    format!("{name}{}", if unreachable { silent } else { "" })
}

/// For people; what programs and `--status` call it is in English.
pub(super) fn status_name(status: JobStatus, language: Language) -> &'static str {
    let korean = match status {
        JobStatus::Requested => "대기",
        JobStatus::Queued => "대기열",
        JobStatus::Starting => "준비 중",
        JobStatus::Training => "학습 중",
        JobStatus::Cancelling => "중지 중",
        JobStatus::Finished => "완료",
        JobStatus::Failed => "실패",
        JobStatus::Cancelled => "취소됨",
    };
    pick(language, korean, status.name())
}

/// What kind of failure it was.
pub(super) fn class_name(class: FailureClass, language: Language) -> &'static str {
    let korean = match class {
        FailureClass::Config => "설정 문제",
        FailureClass::Dataset => "데이터셋 문제",
        FailureClass::OutOfMemory => "메모리 부족",
        FailureClass::Diverged => "학습이 발산함",
        FailureClass::Device => "장치 문제",
        FailureClass::Internal => "학습기 문제",
    };
    pick(language, korean, class.name())
}

#[cfg(test)]
pub(super) mod tests;
