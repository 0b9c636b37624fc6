//! Events that were written before reasons were data: what their sentences mean.
//!
//! FROZEN. These are the sentences that v0.1.0 could write into the log, and the set is closed: nothing written since is
//! read here, and nothing is ever added. A sentence that is not among them was a foreign trainer's and stays as it was
//! said. `events/tests/before.rs` holds every one of them.

mod advice;
mod cause;
mod caution;
mod flaw;
mod job;
mod pattern;
mod trouble;
mod unfit;

use std::borrow::Cow;

use super::{Advice, Caution, Flaw, Reason, Trouble};
use crate::dataset::{DatasetProfile, FileProblem};
use crate::job::{Failure, FailureClass};
use crate::{DatasetEvent, Event, JobEvent};
use pattern::{read, sentences};

/// The event with the data that its sentences mean, where it was written without. Everything that reads a fact for its
/// reasons reads this.
pub fn upcast(event: &Event) -> Cow<'_, Event> {
    match event {
        Event::Job(event) => wrapped(job(event), Event::Job),
        Event::Dataset(event) => wrapped(dataset(event), Event::Dataset),
        Event::Chat(_)
        | Event::Endpoint(_)
        | Event::Model(_)
        | Event::Hook(_)
        | Event::Maintenance(_)
        | Event::Tenant(_)
        | Event::Log(_) => None,
    }
    .map_or(Cow::Borrowed(event), Cow::Owned)
}

fn wrapped<E: Clone>(event: Cow<'_, E>, wrap: fn(E) -> Event) -> Option<Event> {
    match event {
        Cow::Owned(event) => Some(wrap(event)),
        Cow::Borrowed(_) => None,
    }
}

/// The same of a job's event.
pub fn job(event: &JobEvent) -> Cow<'_, JobEvent> {
    match event {
        JobEvent::Dispatched { .. }
        | JobEvent::AttemptPreempted { .. }
        | JobEvent::AttemptFailed { .. }
        | JobEvent::CancelRequested { .. }
        | JobEvent::Finished { .. }
        | JobEvent::Failed { .. } => {
            let mut event = event.clone();
            of_job(&mut event);
            Cow::Owned(event)
        }
        _ => Cow::Borrowed(event),
    }
}

/// The same of a dataset's event.
pub fn dataset(event: &DatasetEvent) -> Cow<'_, DatasetEvent> {
    match event {
        DatasetEvent::Validated { .. } | DatasetEvent::Rejected { .. } => {
            let mut event = event.clone();
            of_dataset(&mut event);
            Cow::Owned(event)
        }
        DatasetEvent::Registered { .. }
        | DatasetEvent::Tagged { .. }
        | DatasetEvent::Untagged { .. }
        | DatasetEvent::Archived { .. }
        | DatasetEvent::Restored { .. }
        | DatasetEvent::Deleted { .. } => Cow::Borrowed(event),
    }
}

fn of_job(event: &mut JobEvent) {
    match event {
        JobEvent::Dispatched { reason, because, .. } => fill(because, reason, dispatch),
        JobEvent::AttemptPreempted { reason, because, .. } => {
            fill(because, reason, |text| one(text, read(job::PREEMPTED, text)));
        }
        JobEvent::CancelRequested { reason, because } => {
            fill(because, reason, |text| one(text, read(job::CANCELLED, text)));
        }
        JobEvent::Finished { stopped_early: Some(reason), because, .. } => {
            fill(because, reason, |text| one(text, read(job::STOPPED_EARLY, text)));
        }
        JobEvent::AttemptFailed { failure, .. } | JobEvent::Failed { failure } => of_failure(failure),
        _ => {}
    }
}

fn of_failure(failure: &mut Failure) {
    fill(&mut failure.advice, &failure.next_step, advised);
    let (class, advice) = (failure.class, &failure.advice);
    fill(&mut failure.because, &failure.message, |text| {
        let known = sentences(text, &failed).or_else(|| Some(vec![torch(text, class, advice)?.into()]));
        known.unwrap_or_else(|| vec![Reason::said(text)])
    });
}

/// A dataset that was refused failed the jobs that waited for it, in the same words.
fn failed(text: &str) -> Option<Reason> {
    let unfit = || read(unfit::UNFIT, text).map(Reason::Unfit);
    let trouble = || read(trouble::TROUBLES, text).map(Reason::Trouble);
    let config = || read(job::CONFIG, text).map(Reason::Config);
    let label_file = || unfit::label_file(text).map(Reason::Unfit);
    let file_changed = || trouble::file_changed(text).map(Reason::Trouble);
    unfit().or_else(trouble).or_else(config).or_else(label_file).or_else(file_changed)
}

/// libtorch's own words are any; what stood beside them tells whose they are.
fn torch(text: &str, class: FailureClass, advice: &[Advice]) -> Option<Trouble> {
    let text = text.to_owned();
    Some(match (class, advice) {
        (FailureClass::OutOfMemory, [Advice::SmallerBatch]) => Trouble::OutOfMemory { text },
        (FailureClass::Device, [Advice::OtherWorker]) => Trouble::DeviceFailed { text },
        (FailureClass::Internal, [Advice::FaultOfTrainer]) => Trouble::TorchFailed { text },
        _ => return None,
    })
}

fn of_dataset(event: &mut DatasetEvent) {
    match event {
        DatasetEvent::Rejected { problem, next_step, report, because, advice, .. } => {
            fill(because, problem, |text| {
                one(text, read(unfit::UNFIT, text).or_else(|| unfit::label_file(text)))
            });
            fill(advice, next_step, advised);
            report.iter_mut().for_each(of_file);
        }
        DatasetEvent::Validated { profile, .. } => of_profile(profile),
        DatasetEvent::Registered { .. }
        | DatasetEvent::Tagged { .. }
        | DatasetEvent::Untagged { .. }
        | DatasetEvent::Archived { .. }
        | DatasetEvent::Restored { .. }
        | DatasetEvent::Deleted { .. } => {}
    }
}

fn of_profile(profile: &mut DatasetProfile) {
    profile.skipped.iter_mut().chain(&mut profile.noted).for_each(of_file);
    if profile.cautions.is_empty() {
        let caution = |text: &String| {
            caution::caution(text).unwrap_or_else(|| Caution::CautionSaid { text: text.clone() })
        };
        profile.cautions = profile.warnings.iter().map(caution).collect();
    }
}

fn of_file(file: &mut FileProblem) {
    fill(&mut file.flaws, &file.problem, |text| {
        sentences(text, &flaw::flaw).unwrap_or_else(|| vec![Flaw::FlawSaid { text: text.to_owned() }])
    });
}

fn fill<T>(data: &mut Vec<T>, sentence: &str, mean: impl FnOnce(&str) -> Vec<T>) {
    if data.is_empty() && !sentence.is_empty() {
        *data = mean(sentence);
    }
}

fn dispatch(text: &str) -> Vec<Reason> {
    let known = sentences(text, &|part| Some(read(job::DISPATCHED, part)?.into()));
    known.unwrap_or_else(|| vec![Reason::said(text)])
}

fn advised(text: &str) -> Vec<Advice> {
    let known = read(advice::ADVICE, text);
    vec![known.unwrap_or_else(|| Advice::AdviceSaid { text: text.to_owned() })]
}

fn one<T: Into<Reason>>(text: &str, known: Option<T>) -> Vec<Reason> {
    vec![known.map_or_else(|| Reason::said(text), Into::into)]
}
