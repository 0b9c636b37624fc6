//! Answers that change no proposal: about jobs, results, datasets and models, read from the views as they are now.

use trainyard_assistant::{Intent, Interpretation, JobState, reply};
use trainyard_bus::EventLog;
use trainyard_commands::Command;
use trainyard_commands::job::JobCommand;
use trainyard_door::HandleError;
use trainyard_events::Aggregate;
use trainyard_events::chat::Language;
use trainyard_events::config::Task;
use trainyard_events::reason::Ending;
use trainyard_projections::{JobFilter, Page};
use trainyard_views::{JobRow, JobStatus};
use trainyard_words::particle::{Particle, with_particle};

use super::dataset::look;
use super::models;
use super::story::story;
use super::thread::Thread;
use super::which::{resolved, which};
use super::words::{self, Report, pick};
use crate::deployment::{deploy, predict_url};
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::waiting;

/// Rows of a list in an answer.
const LISTED: u32 = 10;
/// The largest report that an answer reads.
const REPORT_BYTES: u64 = 4 * 1024 * 1024;

/// The answer to an intent that asks for no proposal.
pub(super) async fn answer(
    gateway: &Gateway,
    asker: &Asker,
    thread: &Thread,
    turn: &Interpretation,
) -> Result<String, ApiError> {
    let language = turn.language;
    match turn.intent {
        Intent::ListJobs => list_jobs(gateway, asker, turn).await,
        Intent::ListDatasets => list_datasets(gateway, asker, language).await,
        Intent::AnalyzeDataset => analyze(gateway, asker, thread, turn).await,
        Intent::ListModels => Ok(models::list(turn.slots.task, language)),
        Intent::RecommendModel => models::recommend(gateway, asker, thread, turn).await,
        Intent::ShowModel | Intent::CompareModels => Ok(models::show(turn)),
        Intent::Help => Ok(reply::help(language)),
        Intent::Status
        | Intent::Results
        | Intent::Explain
        | Intent::Cancel
        | Intent::Predict
        | Intent::Deploy => match which(gateway, asker, thread, turn).await? {
            Ok(job) => {
                let job = Box::new(Box::pin(waiting::told(gateway, job)).await?);
                let which = turn.which.map(|which| resolved(which, &job, language)).unwrap_or_default();
                Ok(which + &Box::pin(about(gateway, asker, turn, &job)).await?)
            }
            Err(none) => Ok(none),
        },
        _ => Ok(reply::unknown(language)),
    }
}

async fn about(
    gateway: &Gateway,
    asker: &Asker,
    turn: &Interpretation,
    job: &JobRow,
) -> Result<String, ApiError> {
    let language = turn.language;
    Ok(match turn.intent {
        Intent::Results => words::results(job, report(gateway, job).await.as_ref(), language),
        Intent::Explain => {
            let history =
                gateway.bus.log().history(&asker.identity.tenant, &Aggregate::Job(job.id), 0).await?;
            words::explain(job, &story(&history, language), language)
        }
        Intent::Cancel => cancel(gateway, asker, job, language).await?,
        Intent::Deploy => deployed(gateway, asker, job, language).await?,
        Intent::Predict => predict(gateway, job, turn.slots.input.as_deref(), language),
        _ => words::status(job, language),
    })
}

/// A report that is not there or cannot be read leaves the answer without its classes.
async fn report(gateway: &Gateway, job: &JobRow) -> Option<Report> {
    let artifact = job.artifacts.iter().find(|artifact| artifact.role == "report")?;
    let bytes = gateway.store.get_bytes(&artifact.key, REPORT_BYTES).await;
    let read = bytes
        .map_err(|error| error.to_string())
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
    read.inspect_err(|error| tracing::warn!(key = artifact.key, error, "a report cannot be read")).ok()
}

async fn cancel(
    gateway: &Gateway,
    asker: &Asker,
    job: &JobRow,
    language: Language,
) -> Result<String, ApiError> {
    let because = vec![Ending::AskedInChatBy { who: asker.identity.name.clone() }.into()];
    let command = JobCommand::RequestCancel { because };
    let request = asker.request("cancel", Aggregate::Job(job.id), Command::Job(command));
    let number = job.number;
    match gateway.door.handle(request).await {
        Ok(_) => Ok(pick(
            language,
            format!(
                "작업 {} 멈추도록 요청했습니다. {} 에폭까지 마쳤고, 멈춘 것이 확인되면 취소로 표시됩니다.",
                with_particle(&number.to_string(), Particle::Object),
                job.epochs_done
            ),
            format!(
                "Job {number} is told to stop, after {} epochs. It shows as cancelled once it has been seen to end.",
                job.epochs_done
            ),
        )),
        Err(HandleError::Rejected(_)) => {
            let ended = pick(language, "멈출 것이 없습니다. ", "There is nothing to stop. ");
            Ok(ended + &words::status(job, language))
        }
        Err(error) => Err(error.into()),
    }
}

async fn deployed(
    gateway: &Gateway,
    asker: &Asker,
    job: &JobRow,
    language: Language,
) -> Result<String, ApiError> {
    if job.status != JobStatus::Finished {
        let not_yet =
            pick(language, "끝난 작업만 배포할 수 있습니다. ", "Only a finished job can be deployed. ");
        return Ok(not_yet + &words::status(job, language));
    }
    deploy(gateway, asker, job).await?;
    let (number, url) = (job.number, predict_url(gateway, job));
    Ok(pick(
        language,
        format!(
            "작업 {number}의 모델을 배포했습니다: {url}\n이미지를 물어보려면 `trainyard predict {number} 이미지.jpg`를 쓰세요."
        ),
        format!(
            "The model of job {number} is deployed at {url}\nTo ask it about an image: `trainyard predict {number} image.jpg`."
        ),
    ))
}

/// Images are on the user's side, so this says how to send one.
fn predict(gateway: &Gateway, job: &JobRow, input: Option<&str>, language: Language) -> String {
    let (number, url) = (job.number, predict_url(gateway, job));
    let image = input.unwrap_or("image.jpg");
    if job.status != JobStatus::Finished {
        let no_model = pick(language, "아직 모델이 없습니다. ", "There is no model yet. ");
        return no_model + &words::status(job, language);
    }
    let first = match job.deployed {
        true => String::new(),
        false => pick(
            language,
            format!("먼저 \"작업 {number} 배포해줘\"라고 하세요. 그다음에는 "),
            format!("First say \"deploy job {number}\". Then "),
        ),
    };
    let how = pick(
        language,
        format!(
            "이미지를 이렇게 보내세요: `trainyard predict {number} {image}`, 또는 POST {url} (필드 image)."
        ),
        format!(
            "send the image with `trainyard predict {number} {image}`, or POST it to {url} in the field `image`."
        ),
    );
    first + &how
}

/// The latest jobs, or those in the states that the turn names.
async fn list_jobs(gateway: &Gateway, asker: &Asker, turn: &Interpretation) -> Result<String, ApiError> {
    let language = turn.language;
    let status = turn.states.iter().flat_map(|state| statuses(*state)).copied().collect();
    let filter = JobFilter { status, ..JobFilter::default() };
    let jobs = gateway.views.jobs(&asker.identity.tenant, &filter, Page::new(None, LISTED)).await?;
    let kind = kind(&turn.states, language);
    if jobs.rows.is_empty() {
        return Ok(match turn.states.is_empty() {
            true => words::no_jobs(language),
            false => pick(
                language,
                format!("{kind} 작업은 없습니다. \"내 작업 목록\"이라고 하시면 모든 작업을 보여 드립니다."),
                format!("There is no {kind} job. Say \"list my jobs\" to see them all."),
            ),
        });
    }
    let mut lines = vec![pick(language, format!("{kind} 작업입니다."), format!("Your {kind} jobs:"))];
    lines.extend(jobs.rows.iter().map(|job| words::job_line(job, language)));
    if jobs.next.is_some() {
        lines.push(pick(
            language,
            "나머지는 `trainyard jobs`로 볼 수 있습니다.",
            "`trainyard jobs` shows the rest.",
        ));
    }
    Ok(lines.join("\n"))
}

fn statuses(state: JobState) -> &'static [JobStatus] {
    match state {
        JobState::Waiting => &[JobStatus::Requested, JobStatus::Queued],
        JobState::Running => &[JobStatus::Starting, JobStatus::Training, JobStatus::Cancelling],
        JobState::Finished => &[JobStatus::Finished],
        JobState::Failed => &[JobStatus::Failed],
        JobState::Cancelled => &[JobStatus::Cancelled],
    }
}

/// Which jobs a list shows: `실패한`, "finished or failed"; the latest where no state is named.
fn kind(states: &[JobState], language: Language) -> String {
    let word = |state: &JobState| match state {
        JobState::Waiting => pick(language, "대기 중인", "waiting"),
        JobState::Running => pick(language, "진행 중인", "running"),
        JobState::Finished => pick(language, "완료된", "finished"),
        JobState::Failed => pick(language, "실패한", "failed"),
        JobState::Cancelled => pick(language, "취소된", "cancelled"),
    };
    if states.is_empty() {
        return pick(language, "최근", "latest");
    }
    let words: Vec<String> = states.iter().map(word).collect();
    words.join(&pick(language, " 작업과 ", " or "))
}

async fn list_datasets(gateway: &Gateway, asker: &Asker, language: Language) -> Result<String, ApiError> {
    let datasets = gateway.views.datasets(&asker.identity.tenant, Page::new(None, LISTED)).await?;
    if datasets.rows.is_empty() {
        return Ok(pick(
            language,
            "아직 데이터셋이 없습니다. 경로를 말씀해 주세요. 예: \"data/digits 살펴봐줘\"",
            "There are no datasets yet. Name a path, such as \"look at data/digits\".",
        ));
    }
    let mut lines = vec![pick(language, "알고 있는 데이터셋입니다.", "The datasets I know:")];
    lines.extend(datasets.rows.iter().map(|row| words::dataset_line(row, language)));
    Ok(lines.join("\n"))
}

async fn analyze(
    gateway: &Gateway,
    asker: &Asker,
    thread: &Thread,
    turn: &Interpretation,
) -> Result<String, ApiError> {
    let language = turn.language;
    let open = thread.chat.open.as_ref().map(|open| &open.config);
    let named = turn.slots.dataset.clone().or_else(|| open?.dataset.clone());
    let Some(path) = named else { return Ok(reply::next(&["dataset".to_owned()], language)) };
    let task = open.map_or(Task::Classify, |open| open.task);
    let (note, profile) = look(gateway, asker, &path, task, true).await?.told(&path, language);
    let Some(profile) = profile else { return Ok(note) };
    let next = pick(
        language,
        format!("학습하려면 \"resnet18로 {path} 학습해줘\"처럼 말씀해 주세요."),
        format!("To train on it, say what to train, such as \"train resnet18 on {path}\"."),
    );
    Ok(note + &words::dataset_details(&profile, language) + &next)
}
