//! Which job a turn means: the one it names, the one of this chat, or a question with the choices.

use trainyard_api::Problem;
use trainyard_assistant::{Intent, Interpretation, Pick, catalog};
use trainyard_events::chat::Language;
use trainyard_projections::{JobFilter, Page};
use trainyard_views::{JobRow, JobStatus};

use super::thread::Thread;
use super::words::{self, pick};
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;

/// Jobs to choose from in one question.
const CHOICES: u32 = 5;
/// Finished jobs among which the best is looked for, the newest first.
const COMPARED: u32 = 200;

/// What can still be stopped.
const OPEN: [JobStatus; 4] =
    [JobStatus::Requested, JobStatus::Queued, JobStatus::Starting, JobStatus::Training];

/// The job that is meant, or what to answer instead.
pub(super) async fn which(
    gateway: &Gateway,
    asker: &Asker,
    thread: &Thread,
    turn: &Interpretation,
) -> Result<Result<JobRow, String>, ApiError> {
    let (tenant, language) = (&asker.identity.tenant, turn.language);
    if let Some(named) = &turn.slots.job {
        return match gateway.job(&asker.identity, named).await {
            Ok(job) => Ok(Ok(job)),
            Err(ApiError(Problem::NotFound { .. })) => Ok(Err(no_such_job(named, language))),
            Err(error) => Err(error),
        };
    }
    if let Some(pick @ (Pick::Best | Pick::Worst)) = turn.which {
        return Ok(by_measure(gateway, asker, pick).await?.ok_or_else(|| none_finished(language)));
    }
    if let Some(model) = &turn.about {
        return Ok(choose(of_model(gateway, asker, model, turn.intent).await?, turn)
            .unwrap_or_else(|| Err(no_job_of(model, turn.intent, language))));
    }
    let newest = match thread.newest_job() {
        Some(id) if turn.which.is_none() => gateway.views.job(tenant, id).await?,
        _ => None,
    };
    if turn.intent == Intent::Cancel && !newest.as_ref().is_some_and(|job| OPEN.contains(&job.status)) {
        // Stopping the wrong one cannot be undone: with more than one there is a question.
        let open = JobFilter { status: OPEN.to_vec(), ..JobFilter::default() };
        let open = gateway.views.jobs(tenant, &open, Page::new(None, CHOICES)).await?.rows;
        if open.len() > 1 {
            return Ok(Err(question(&open, turn)));
        }
        if let (None, Some(only)) = (&newest, open.into_iter().next()) {
            return Ok(Ok(only));
        }
    }
    if let Some(job) = newest {
        return Ok(Ok(job));
    }
    // To go on, one that has stopped is meant, if there is any.
    let filters = [stopped(turn.intent), JobFilter::default()];
    for filter in filters {
        let found = gateway.views.jobs(tenant, &filter, Page::new(None, 1)).await?;
        if let Some(job) = found.rows.into_iter().next() {
            return Ok(Ok(job));
        }
    }
    Ok(Err(words::no_jobs(language)))
}

/// The finished job that did best or worst: by the measurement that decides, among jobs that were decided by the same one as
/// the newest.
async fn by_measure(gateway: &Gateway, asker: &Asker, pick: Pick) -> Result<Option<JobRow>, ApiError> {
    let finished = JobFilter { status: vec![JobStatus::Finished], ..JobFilter::default() };
    let jobs = gateway.views.jobs(&asker.identity.tenant, &finished, Page::new(None, COMPARED)).await?.rows;
    let Some(measure) = jobs.first().and_then(|job| job.primary.clone()) else { return Ok(None) };
    let value = |job: &JobRow| job.best.as_ref().and_then(|best| best.get(&measure)).copied();
    let measured = jobs.into_iter().filter(|job| value(job).is_some_and(f64::is_finite));
    let order = |left: &JobRow, right: &JobRow| {
        value(left).unwrap_or_default().total_cmp(&value(right).unwrap_or_default())
    };
    Ok(match pick {
        Pick::Worst => measured.min_by(order),
        _ => measured.max_by(order),
    })
}

fn none_finished(language: Language) -> String {
    pick(
        language,
        "아직 끝난 작업이 없어 고를 수 없습니다. \"내 작업 목록\"이라고 하시면 있는 작업을 보여 드립니다.",
        "No job has finished yet, so there is none to pick. Say \"list my jobs\" to see which there are.",
    )
}

/// Which job "the best one" or "the last one" was taken for, before anything is said or done about it.
pub(super) fn resolved(which: Pick, job: &JobRow, language: Language) -> String {
    let number = job.number;
    let measured = job.primary.as_ref().and_then(|name| Some((name, job.best.as_ref()?.get(name)?)));
    let figure = measured.map_or_else(String::new, |(name, value)| format!(" ({name} {value:.4})"));
    let (korean, english) = match which {
        Pick::Best => ("가장 좋은", "best"),
        Pick::Worst => ("가장 낮은", "worst"),
        Pick::Latest => ("가장 최근", "latest"),
    };
    let model = &job.config.model;
    pick(
        language,
        format!("{korean} 작업은 {number}번입니다: {model}{figure}.\n"),
        format!("The {english} job is {number}: {model}{figure}.\n"),
    )
}

/// The jobs that can be gone on with, or all.
fn stopped(intent: Intent) -> JobFilter {
    let status = match intent {
        Intent::Resume => vec![JobStatus::Failed, JobStatus::Cancelled],
        _ => Vec::new(),
    };
    JobFilter { status, ..JobFilter::default() }
}

/// Jobs that train the model, else its family; when stopping, those that still run.
async fn of_model(
    gateway: &Gateway,
    asker: &Asker,
    model: &str,
    intent: Intent,
) -> Result<Vec<JobRow>, ApiError> {
    let status = if intent == Intent::Cancel { OPEN.to_vec() } else { Vec::new() };
    let family = catalog::find(model).map_or(model, |model| model.family);
    let filter = JobFilter { q: Some(family.to_owned()), status, chat: None };
    let mut jobs = gateway.views.jobs(&asker.identity.tenant, &filter, Page::new(None, CHOICES)).await?.rows;
    let exact = |job: &JobRow| job.config.model == model;
    let of_family = |job: &JobRow| {
        catalog::find(&job.config.model).is_some_and(|of| of.family.eq_ignore_ascii_case(family))
    };
    jobs.retain(of_family);
    if jobs.iter().any(exact) {
        jobs.retain(exact);
    }
    Ok(jobs)
}

fn choose(jobs: Vec<JobRow>, turn: &Interpretation) -> Option<Result<JobRow, String>> {
    match jobs.len() {
        0 => None,
        1 => jobs.into_iter().next().map(Ok),
        _ => Some(Err(question(&jobs, turn))),
    }
}

/// One question, each choice as a sentence that can be said.
fn question(jobs: &[JobRow], turn: &Interpretation) -> String {
    let language = turn.language;
    let mut lines = vec![pick(language, "어느 작업인가요?", "Which job do you mean?")];
    lines.extend(jobs.iter().map(|job| words::job_line(job, language)));
    if let Some(first) = jobs.first() {
        let say = sentence(turn.intent, first.number, language);
        lines.push(pick(
            language,
            format!("번호로 말씀해 주세요. 예: \"{say}\""),
            format!("Say its number, such as \"{say}\"."),
        ));
    }
    lines.join("\n")
}

/// What to say for this intent about job `number`.
fn sentence(intent: Intent, number: u64, language: Language) -> String {
    let (korean, english) = match intent {
        Intent::Results => ("결과 보여줘", "show the results of"),
        Intent::Explain => ("왜 멈췄어?", "explain"),
        Intent::Cancel => ("취소해줘", "stop"),
        Intent::Resume => ("이어서 학습해줘", "resume"),
        Intent::Deploy => ("배포해줘", "deploy"),
        _ => ("진행률은?", "how is"),
    };
    pick(language, format!("작업 {number} {korean}"), format!("{english} job {number}"))
}

fn no_such_job(named: &str, language: Language) -> String {
    pick(
        language,
        format!("{named}번 작업은 없습니다. \"내 작업 목록\"이라고 하시면 있는 작업을 보여 드립니다."),
        format!("There is no job {named}. Say \"list my jobs\" to see which there are."),
    )
}

fn no_job_of(model: &str, intent: Intent, language: Language) -> String {
    let (korean, english) = if intent == Intent::Cancel { ("진행 중인 ", "running ") } else { ("", "") };
    pick(
        language,
        format!(
            "{model}의 {korean}작업은 없습니다. \"내 작업 목록\"이라고 하시면 있는 작업을 보여 드립니다."
        ),
        format!("There is no {english}job of {model}. Say \"list my jobs\" to see which there are."),
    )
}
