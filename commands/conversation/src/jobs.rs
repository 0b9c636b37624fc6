//! A list of jobs as an answer.

use trainyard_assistant::{Interpretation, JobState};
use trainyard_events::chat::{Exhibit, Language};
use trainyard_views::JobStatus;

use crate::answer::{Answer, told};
use crate::choices;
use crate::known::{Known, Need, Sought};
use crate::words::{self, pick};

/// Rows of a list in an answer.
const LISTED: usize = 10;

/// The latest jobs, or those in the states that the turn names.
pub(crate) fn list(turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let status = turn.states.iter().flat_map(|state| statuses(*state)).copied().collect();
    let jobs = known.jobs(Sought { status, text: None, most: LISTED as u32 + 1 })?;
    let kind = kind(&turn.states, language);
    if jobs.is_empty() {
        let none = match turn.states.is_empty() {
            true => words::no_jobs(language),
            false => pick(
                language,
                format!("{kind} 작업은 없습니다. \"내 작업 목록\"이라고 하시면 모든 작업을 보여 드립니다."),
                format!("There is no {kind} job. Say \"list my jobs\" to see them all."),
            ),
        };
        return Ok(told(none, turn.intent));
    }
    let mut lines = vec![pick(language, format!("{kind} 작업입니다."), format!("Your {kind} jobs:"))];
    lines.extend(jobs.iter().take(LISTED).map(|job| words::job_line(job, language)));
    if jobs.len() > LISTED {
        lines.push(pick(
            language,
            "나머지는 `trainyard jobs`로 볼 수 있습니다.",
            "`trainyard jobs` shows the rest.",
        ));
    }
    let listed = Exhibit::Jobs { jobs: jobs.iter().take(LISTED).map(|job| job.id).collect() };
    let next = choices::of_jobs(jobs, language);
    Ok(told(lines.join("\n"), turn.intent).showing(vec![listed]).offering(next))
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
