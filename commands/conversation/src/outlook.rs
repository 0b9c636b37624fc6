//! How long the open proposal may take, and what that costs, where somebody asks.

use trainyard_assistant::{Intent, Interpretation};
use trainyard_words::{Outlook, Takes, said};

use crate::answer::{Answer, told};
use crate::known::{Known, Need, Sought};
use crate::thread::Thread;
use crate::which::OPEN;
use crate::words::pick;

/// The answer, where such a question was asked of the proposal and not of a job.
pub(crate) fn expected(
    thread: &Thread,
    turn: &Interpretation,
    known: &Known,
) -> Result<Option<Answer>, Need> {
    let Some(open) = thread.chat.open.as_ref().filter(|_| turn.outlook) else { return Ok(None) };
    let of_proposal = match turn.intent {
        Intent::Help => matches!(turn.act, None | Some(Intent::Approve)),
        Intent::Status => of_no_job(thread, turn, known)?,
        _ => false,
    };
    if !of_proposal {
        return Ok(None);
    }
    let expected = known.expected(&open.config)?;
    let time = expected.time.as_ref().map(|time| Takes {
        ms: time.ms,
        by: time.by,
        guess: time.guess,
        cost: time.price(),
    });
    let outlook = Outlook { time, waiting: expected.waiting, running: expected.running };
    let outlook = said(&outlook, turn.language);
    let text = pick(
        turn.language,
        format!("지금 제안대로 학습하면 이렇습니다.\n- {outlook}."),
        format!("Training as proposed now:\n- {outlook}."),
    );
    Ok(Some(told(text, turn.intent)))
}

/// Whether neither the turn nor what was said before speaks of a job, and none is under way.
fn of_no_job(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<bool, Need> {
    let named =
        turn.slots.job.is_some() || !turn.jobs.is_empty() || turn.about.is_some() || turn.which.is_some();
    if named || thread.job_spoken_of().is_some() {
        return Ok(false);
    }
    Ok(known.jobs(Sought { status: OPEN.to_vec(), text: None, most: 1 })?.is_empty())
}
