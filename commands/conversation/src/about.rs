//! Answers about one job: how it does, what it reached, what happened to it; and what is done to it.

use trainyard_assistant::{Intent, Interpretation};
use trainyard_events::chat::Language;
use trainyard_views::{JobRow, JobStatus};
use trainyard_words::particle::{Particle, with_particle};

use crate::answer::{Act, Answer, told};
use crate::known::{Known, Need};
use crate::story::story;
use crate::thread::Thread;
use crate::which::{resolved, which};
use crate::words::{self, pick};

/// The answer about the job that is meant.
pub(crate) fn about(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
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
    Ok(Answer { acts, ..told(which + &text, turn.intent).about(job.id) })
}

fn said_of(job: &JobRow, turn: &Interpretation, known: &Known) -> Result<String, Need> {
    let language = turn.language;
    Ok(match turn.intent {
        Intent::Results => {
            let report = job.artifacts.iter().find(|artifact| artifact.role == "report");
            let report = report.map(|artifact| known.report(&artifact.key)).transpose()?.flatten();
            words::results(job, report, language)
        }
        Intent::Explain => words::explain(job, &story(known.history(job.id)?, language), language),
        Intent::Predict => predict(job, turn.slots.input.as_deref(), known, language),
        _ => words::status(job, language),
    })
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
