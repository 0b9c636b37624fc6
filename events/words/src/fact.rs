//! The English sentences that a fact has beside its data, for who reads sentences only.

use trainyard_events::dataset::{DatasetProfile, FileProblem};
use trainyard_events::job::Failure;
use trainyard_events::{ChatEvent, DatasetEvent, Event, JobEvent};

use crate::{Words, english};

/// Fills in every sentence that is left open and of which the data is there.
pub fn spell(event: &mut Event) {
    match event {
        Event::Job(event) => of_job(event),
        Event::Dataset(event) => of_dataset(event),
        Event::Chat(ChatEvent::ReplyGiven { reply, because, .. }) => fill(reply, because),
        Event::Chat(_)
        | Event::Endpoint(_)
        | Event::Model(_)
        | Event::Hook(_)
        | Event::Maintenance(_)
        | Event::Tenant(_)
        | Event::Log(_) => {}
    }
}

fn of_job(event: &mut JobEvent) {
    match event {
        JobEvent::Dispatched { reason, because, .. }
        | JobEvent::AttemptPreempted { reason, because, .. }
        | JobEvent::CancelRequested { reason, because } => fill(reason, because),
        JobEvent::AttemptFailed { failure, .. } | JobEvent::Failed { failure } => of_failure(failure),
        JobEvent::Finished { stopped_early, because, .. } => {
            if stopped_early.is_none() && !because.is_empty() {
                *stopped_early = Some(english(because));
            }
        }
        JobEvent::Requested { .. }
        | JobEvent::AttemptStarted { .. }
        | JobEvent::TrainingStarted { .. }
        | JobEvent::EpochLogged { .. }
        | JobEvent::CheckpointCommitted { .. }
        | JobEvent::PreemptRequested { .. }
        | JobEvent::AttemptLost { .. }
        | JobEvent::Cancelled { .. }
        | JobEvent::Annotated { .. } => {}
    }
}

fn of_failure(failure: &mut Failure) {
    fill(&mut failure.message, &failure.because);
    fill(&mut failure.next_step, &failure.advice);
}

fn of_dataset(event: &mut DatasetEvent) {
    match event {
        DatasetEvent::Rejected { problem, next_step, report, because, advice, .. } => {
            fill(problem, because);
            fill(next_step, advice);
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
    if profile.warnings.is_empty() {
        profile.warnings = profile.cautions.iter().map(english).collect();
    }
    profile.skipped.iter_mut().chain(&mut profile.noted).for_each(of_file);
}

fn of_file(file: &mut FileProblem) {
    fill(&mut file.problem, &file.flaws);
}

fn fill<T: Words>(sentence: &mut String, data: &[T]) {
    if sentence.is_empty() {
        *sentence = data.words().english;
    }
}
