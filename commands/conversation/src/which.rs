//! Which job a turn means: the one it names, the one of this chat, or a question with the choices.

use trainyard_assistant::{Intent, Interpretation, Pick, catalog, reply};
use trainyard_events::chat::{Choice, Language};
use trainyard_views::{JobRow, JobStatus};
use trainyard_words::measured;

use crate::answer::Question;
use crate::known::{Known, Need, Sought};
use crate::thread::Thread;
use crate::words::{self, pick};

/// Jobs to choose from in one question.
const CHOICES: u32 = 5;
/// Finished jobs among which the best is looked for, the newest first.
const COMPARED: u32 = 200;

/// What can still be stopped.
pub(crate) const OPEN: [JobStatus; 4] =
    [JobStatus::Requested, JobStatus::Queued, JobStatus::Starting, JobStatus::Training];

/// The job that is meant, or what to answer instead.
pub(crate) fn which<'k>(
    thread: &Thread,
    turn: &Interpretation,
    known: &'k Known,
) -> Result<Result<&'k JobRow, Question>, Need> {
    let language = turn.language;
    if let Some(named) = &turn.slots.job {
        return Ok(known.job(named)?.ok_or_else(|| no_such_job(named, language).into()));
    }
    if let Some(pick @ (Pick::Best | Pick::Worst)) = turn.which {
        return Ok(ranked(pick, known)?.first().copied().ok_or_else(|| none_finished(language).into()));
    }
    if let Some(model) = &turn.about {
        let jobs = of_model(model, turn.intent, known)?;
        return Ok(choose(&jobs, turn).unwrap_or_else(|| Err(no_job_of(model, turn.intent, language).into())));
    }
    let newest = match thread.job_spoken_of() {
        Some(id) if turn.which.is_none() => known.job(&id.to_string())?,
        _ => None,
    };
    if turn.intent == Intent::Cancel && !newest.is_some_and(|job| OPEN.contains(&job.status)) {
        // Stopping the wrong one cannot be undone: with more than one there is a question.
        let open = known.jobs(Sought { status: OPEN.to_vec(), text: None, most: CHOICES })?;
        match (newest, open) {
            (_, [_, _, ..]) => return Ok(Err(question(&open.iter().collect::<Vec<_>>(), turn))),
            (None, [only]) => return Ok(Ok(only)),
            _ => {}
        }
    }
    if let Some(job) = newest {
        return Ok(Ok(job));
    }
    // To go on, one that has stopped is meant, if there is any; to be registered, one that has finished.
    for status in [fitting(turn.intent), Vec::new()] {
        if let [job, ..] = known.jobs(Sought { status, text: None, most: 1 })? {
            return Ok(Ok(job));
        }
    }
    Ok(Err(none_yet(thread, language).into()))
}

/// With what the open proposal waits for, if there is one.
fn none_yet(thread: &Thread, language: Language) -> String {
    let Some(open) = &thread.chat.open else { return words::no_jobs(language) };
    let none = pick(language, "아직 시작한 작업이 없습니다. ", "No job has been started yet. ");
    none + &reply::next(&open.missing, language)
}

/// The finished jobs, the best or the worst first: by the measurement that decides, those that were decided by the same one
/// as the newest.
pub(crate) fn ranked(pick: Pick, known: &Known) -> Result<Vec<&JobRow>, Need> {
    let jobs = known.jobs(Sought { status: vec![JobStatus::Finished], text: None, most: COMPARED })?;
    let Some(measure) = jobs.first().and_then(|job| job.primary.clone()) else { return Ok(Vec::new()) };
    let value = |job: &JobRow| job.best.as_ref().and_then(|best| best.get(&measure)).copied();
    let mut measured: Vec<&JobRow> =
        jobs.iter().filter(|job| value(job).is_some_and(f64::is_finite)).collect();
    measured.sort_by(|left, right| {
        let order = value(left).unwrap_or_default().total_cmp(&value(right).unwrap_or_default());
        if pick == Pick::Worst { order } else { order.reverse() }
    });
    Ok(measured)
}

fn none_finished(language: Language) -> String {
    pick(
        language,
        "아직 끝난 작업이 없어 고를 수 없습니다. \"내 작업 목록\"이라고 하시면 있는 작업을 보여 드립니다.",
        "No job has finished yet, so there is none to pick. Say \"list my jobs\" to see which there are.",
    )
}

/// Which job "the best one" or "the last one" was taken for, before anything is said or done about it.
pub(crate) fn resolved(which: Pick, job: &JobRow, language: Language) -> String {
    let number = job.number;
    let best = job.primary.as_ref().and_then(|name| Some((name, job.best.as_ref()?.get(name)?)));
    let figure =
        best.map_or_else(String::new, |(name, value)| format!(" ({})", measured(name, *value, language)));
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

/// The states of the jobs to which what is asked can be done, where only some can be meant.
fn fitting(intent: Intent) -> Vec<JobStatus> {
    match intent {
        Intent::Resume => vec![JobStatus::Failed, JobStatus::Cancelled],
        Intent::RegisterModel => vec![JobStatus::Finished],
        _ => Vec::new(),
    }
}

/// Jobs that train the model, else its family; when stopping, those that still run.
fn of_model<'k>(model: &str, intent: Intent, known: &'k Known) -> Result<Vec<&'k JobRow>, Need> {
    let status = if intent == Intent::Cancel { OPEN.to_vec() } else { Vec::new() };
    let family = catalog::find(model).map_or(model, |model| &*model.family);
    let found = known.jobs(Sought { status, text: Some(family.to_owned()), most: CHOICES })?;
    let exact = |job: &&JobRow| job.config.model == model;
    let of_family = |job: &&JobRow| {
        catalog::find(&job.config.model).is_some_and(|of| of.family.eq_ignore_ascii_case(family))
    };
    let mut jobs: Vec<&JobRow> = found.iter().filter(of_family).collect();
    if jobs.iter().any(exact) {
        jobs.retain(exact);
    }
    Ok(jobs)
}

fn choose<'k>(jobs: &[&'k JobRow], turn: &Interpretation) -> Option<Result<&'k JobRow, Question>> {
    match jobs {
        [] => None,
        [only] => Some(Ok(only)),
        _ => Some(Err(question(jobs, turn))),
    }
}

/// One question, each choice as a sentence that can be said.
fn question(jobs: &[&JobRow], turn: &Interpretation) -> Question {
    let language = turn.language;
    let mut lines = vec![pick(language, "어느 작업인가요?", "Which job do you mean?")];
    lines.extend(jobs.iter().map(|job| words::job_line(job, language)));
    let offered = |job: &&JobRow| Choice {
        say: sentence(turn.intent, job.number, language),
        what: words::job_line(job, language).trim_start_matches("- ").to_owned(),
    };
    let choices: Vec<Choice> = jobs.iter().map(offered).collect();
    if let Some(Choice { say, .. }) = choices.first() {
        lines.push(pick(
            language,
            format!("번호로 말씀해 주세요. 예: \"{say}\""),
            format!("Say its number, such as \"{say}\"."),
        ));
    }
    Question { text: lines.join("\n"), choices }
}

/// What to say for this intent about job `number`.
pub(crate) fn sentence(intent: Intent, number: u64, language: Language) -> String {
    let (korean, english) = match intent {
        Intent::Results => ("결과 보여줘", "show the results of"),
        Intent::Explain => ("왜 멈췄어?", "explain"),
        Intent::Cancel => ("취소해줘", "stop"),
        Intent::Resume => ("이어서 학습해줘", "resume"),
        Intent::Deploy => ("배포해줘", "deploy"),
        Intent::RegisterModel => ("등록해줘", "register"),
        _ => ("진행률은?", "how is"),
    };
    pick(language, format!("작업 {number} {korean}"), format!("{english} job {number}"))
}

pub(crate) fn no_such_job(named: &str, language: Language) -> String {
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
