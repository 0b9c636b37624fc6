//! Answers about one job: how it does, what it reached, what happened to it; and what is done to it.

use trainyard_assistant::{Intent, Interpretation, Pick};
use trainyard_events::chat::{Choice, Exhibit, Language};
use trainyard_views::{JobRow, JobStatus};
use trainyard_words::particle::{Particle, with_particle};

use crate::answer::{Act, Answer, told};
use crate::choices;
use crate::known::{Known, Need, Sought};
use crate::pace;
use crate::registry;
use crate::story::story;
use crate::thread::Thread;
use crate::which::{OPEN, no_such_job, ranked, resolved, sentence, which};
use crate::words::{self, pick};

/// How sure it must be that several jobs are to be stopped.
const SEVERAL: f64 = 0.9;
/// Jobs that one question may be about.
const ALL: u32 = 20;
/// Jobs that are shown beside the best or the worst, that one included.
const RANKED: usize = 5;

/// The answer about the job that is meant.
pub(crate) fn about(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    match (turn.intent, &turn.jobs[..]) {
        (Intent::Cancel, [_, _, ..]) if turn.confidence < SEVERAL => return Ok(one_at_a_time(turn)),
        (Intent::Cancel, [_, _, ..]) => return cancel_each(turn, known),
        (Intent::Cancel, _) if turn.all && turn.slots.job.is_none() => return ask_of_all(turn, known),
        (Intent::Deploy, [_, _, ..]) => return Ok(one_at_a_time(turn)),
        _ => {}
    }
    if let (Intent::Deploy, Some(other)) = (turn.intent, registry::meant_for_deploy(turn, known)?) {
        return Ok(other);
    }
    let job = match which(thread, turn, known)? {
        Ok(job) => known.waiting(job)?,
        Err(question) => return Ok(question.asked(turn.intent)),
    };
    let (acts, text) = match turn.intent {
        Intent::Cancel => cancel(job, known, language),
        Intent::Deploy => deploy(job, known, language),
        _ => (Vec::new(), said_of(job, turn, known)?),
    };
    let which = turn.which.map(|which| resolved(which, job, language)).unwrap_or_default();
    let told = told(which + &text, turn.intent).about(job.id);
    let told = told.showing(shown(job, turn, known)?).offering(next(job, turn.intent, language));
    Ok(Answer { acts, ..told })
}

/// What is drawn of it; where the best or the worst was asked for, also those that come next.
fn shown(job: &JobRow, turn: &Interpretation, known: &Known) -> Result<Vec<Exhibit>, Need> {
    let mut shown = match turn.intent {
        Intent::Results if job.best.is_some() => vec![Exhibit::Results { job: job.id }],
        Intent::Predict => Vec::new(),
        _ => vec![Exhibit::Job { job: job.id }],
    };
    if let Some(pick @ (Pick::Best | Pick::Worst)) = turn.which.filter(|_| turn.slots.job.is_none()) {
        let jobs: Vec<_> = ranked(pick, known)?.iter().take(RANKED).map(|job| job.id).collect();
        if jobs.len() > 1 {
            shown.push(Exhibit::Jobs { jobs });
        }
    }
    Ok(shown)
}

/// What may be said next. Stopping is not offered: one click would undo hours.
fn next(job: &JobRow, answered: Intent, language: Language) -> Vec<Choice> {
    let fitting: &[Intent] = match job.status {
        JobStatus::Finished if job.deployed => &[Intent::Results, Intent::RegisterModel],
        JobStatus::Finished => &[Intent::Results, Intent::Deploy, Intent::RegisterModel],
        JobStatus::Failed | JobStatus::Cancelled => &[Intent::Explain, Intent::Resume],
        JobStatus::Training if job.best.is_some() => &[Intent::Results],
        _ => &[],
    };
    let others: Vec<Intent> = fitting.iter().copied().filter(|intent| *intent != answered).collect();
    choices::of_job(&others, job, language)
}

fn said_of(job: &JobRow, turn: &Interpretation, known: &Known) -> Result<String, Need> {
    let language = turn.language;
    Ok(match turn.intent {
        Intent::Results => {
            let report = job.artifacts.iter().find(|artifact| artifact.role == "report");
            let report = report.map(|artifact| known.report(&artifact.key)).transpose()?.flatten();
            words::results(job, report, language)
        }
        Intent::Explain => {
            let told = words::explain(job, &story(known.history(job.id)?, language), language);
            match job.status {
                JobStatus::Training => told + &pace::why(job, known.epochs(job.id)?, language),
                _ => told,
            }
        }
        Intent::Predict => predict(job, turn.slots.input.as_deref(), known, language),
        _ => status(job, known, language)?,
    })
}

/// With how long it will take still, of one that trains.
fn status(job: &JobRow, known: &Known, language: Language) -> Result<String, Need> {
    let text = words::status(job, language);
    if job.status != JobStatus::Training {
        return Ok(text);
    }
    let left = pace::left(job, known.epochs(job.id)?, known.place.now, language);
    Ok(text + &left)
}

/// Stops all that are named, and says each.
fn cancel_each(turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let (mut acts, mut lines) = (Vec::new(), Vec::new());
    for named in &turn.jobs {
        match known.job(named)? {
            Some(job) => {
                let (act, text) = cancel(job, known, language);
                acts.extend(act);
                lines.push(text);
            }
            None => lines.push(no_such_job(named, language)),
        }
    }
    Ok(Answer { acts, ..told(lines.join("\n"), turn.intent) })
}

/// Whatever is for every job is asked about, with all of them named.
fn ask_of_all(turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let open = known.jobs(Sought { status: OPEN.to_vec(), text: None, most: ALL })?;
    if open.is_empty() {
        let none = pick(language, "멈출 작업이 없습니다.", "There is no job to stop.");
        return Ok(told(none, turn.intent));
    }
    let mut numbers: Vec<String> = open.iter().map(|job| job.number.to_string()).collect();
    numbers.reverse();
    let numbers = numbers.join(", ");
    let lines: Vec<String> = open.iter().rev().map(|job| words::job_line(job, language)).collect();
    let question = pick(
        language,
        format!("작업 {}개를 모두 멈출까요?\n{}", open.len(), lines.join("\n")),
        format!("Shall I stop all {} of these?\n{}", open.len(), lines.join("\n")),
    );
    let say = pick(language, format!("작업 {numbers} 취소해줘"), format!("cancel jobs {numbers}"));
    let what = pick(language, "모두 멈춥니다", "all of them are stopped");
    Ok(told(question, turn.intent).offering(vec![Choice { say, what }]))
}

/// Nothing but a cancel is done to several at once: each is a choice.
pub(crate) fn one_at_a_time(turn: &Interpretation) -> Answer {
    let language = turn.language;
    let offered = turn.jobs.iter().filter_map(|job| Some((job, job.parse().ok()?)));
    let choices: Vec<Choice> = offered
        .map(|(job, number)| Choice {
            say: sentence(turn.intent, number, language),
            what: pick(language, format!("작업 {job}만"), format!("job {job} alone")),
        })
        .collect();
    let question = pick(
        language,
        "한 번에 하나씩 할 수 있습니다. 어느 작업부터 할까요?",
        "I do that one job at a time. Which first?",
    );
    told(choices::listed(question, &choices), turn.intent).offering(choices)
}

fn cancel(job: &JobRow, known: &Known, language: Language) -> (Vec<Act>, String) {
    if job.status.is_terminal() || known.refused.contains(&job.id) {
        let ended = pick(language, "멈출 것이 없습니다. ", "There is nothing to stop. ");
        return (Vec::new(), ended + &words::status(job, language));
    }
    let (number, done) = (job.number, job.epochs_done);
    let told = pick(
        language,
        format!(
            "작업 {} 멈추도록 요청했습니다. {done} 에폭까지 마쳤고, 멈춘 것이 확인되면 취소로 표시됩니다.",
            with_particle(&number.to_string(), Particle::Object),
        ),
        format!(
            "Job {number} is told to stop, after {done} epochs. It shows as cancelled once it has been seen to end."
        ),
    );
    (vec![Act::Cancel(Box::new(job.clone()))], told)
}

fn deploy(job: &JobRow, known: &Known, language: Language) -> (Vec<Act>, String) {
    if job.status != JobStatus::Finished {
        let not_yet =
            pick(language, "끝난 작업만 배포할 수 있습니다. ", "Only a finished job can be deployed. ");
        return (Vec::new(), not_yet + &words::status(job, language));
    }
    let (number, url) = (job.number, predict_url(job, known));
    let told = pick(
        language,
        format!(
            "작업 {number}의 모델을 배포했습니다: {url}\n이미지를 물어보려면 `trainyard predict {number} 이미지.jpg`를 쓰세요."
        ),
        format!(
            "The model of job {number} is deployed at {url}\nTo ask it about an image: `trainyard predict {number} image.jpg`."
        ),
    );
    (vec![Act::Deploy(Box::new(job.clone()))], told)
}

fn predict_url(job: &JobRow, known: &Known) -> String {
    format!("{}/inference/{}/predict", known.place.url, job.id)
}

/// Images are on the user's side, so this says how to send one.
fn predict(job: &JobRow, input: Option<&str>, known: &Known, language: Language) -> String {
    let (number, url) = (job.number, predict_url(job, known));
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
