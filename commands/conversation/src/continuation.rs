//! A job that has stopped goes on as a new one: its own configuration, from its newest checkpoint.

use std::collections::BTreeMap;

use serde_json::Map;
use trainyard_assistant::{Interpretation, reply};
use trainyard_commands::State;
use trainyard_events::chat::Language;
use trainyard_events::config::{Continuation, Proposal, Source};
use trainyard_events::{Aggregate, TrainingConfig};
use trainyard_views::{EpochRow, JobRow, JobStatus};
use trainyard_words::particle::Particle::{Object, Topic};
use trainyard_words::particle::with_particle;

use crate::answer::{Answer, told};
use crate::known::{Known, Need};
use crate::proposing::proposed;
use crate::thread::Thread;
use crate::which::which;
use crate::words::{self, pick};

/// Why a job cannot be gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    StillRuns,
    HasFinished,
    NoCheckpoint,
    CheckpointGone,
}

/// What goes on where `job` stopped, as its own history has it.
fn continued(job: &JobRow, known: &Known) -> Result<Result<TrainingConfig, Stuck>, Need> {
    let (mut state, mut row, mut curve) =
        (State::new(&Aggregate::Job(job.id)), None::<JobRow>, BTreeMap::new());
    for recorded in known.history(job.id)? {
        state.evolve(recorded);
        if JobRow::fold(&mut row, recorded, job.number) {
            EpochRow::apply(&mut curve, recorded);
        }
    }
    // A history without an event is that of a job which nobody has asked for: it cannot have stopped.
    let (State::Job(state), Some(row)) = (state, row) else { return Ok(Err(Stuck::StillRuns)) };
    match row.status {
        JobStatus::Failed | JobStatus::Cancelled => {}
        JobStatus::Finished => return Ok(Err(Stuck::HasFinished)),
        _ => return Ok(Err(Stuck::StillRuns)),
    }
    let Some(checkpoint) = state.checkpoint else { return Ok(Err(Stuck::NoCheckpoint)) };
    if !known.stored(&checkpoint.artifact.key)? {
        return Ok(Err(Stuck::CheckpointGone));
    }
    let from = match row.config.continues {
        // It has come no further than where it began itself.
        Some(from) if from.checkpoint == checkpoint => from,
        before => {
            // Epochs after the checkpoint will be trained again; those before the job's own are another job's.
            let best = curve.range(..=checkpoint.epoch).map(|(_, epoch)| epoch).rfind(|epoch| epoch.is_best);
            let (best_epoch, best) = match best {
                Some(epoch) => (Some(epoch.epoch), Some(epoch.validation.clone())),
                None => before.map_or((None, None), |from| (from.best_epoch, from.best)),
            };
            Box::new(Continuation { job: job.id, checkpoint, best_epoch, best, unread: Map::new() })
        }
    };
    Ok(Ok(TrainingConfig { continues: Some(from), ..row.config }))
}

/// A stopped job as a proposal that goes on from its checkpoint; where it cannot, as one that trains anew.
pub(crate) fn resume(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let job = match which(thread, turn, known)? {
        Ok(job) => job,
        Err(question) => return Ok(question.asked(turn.intent)),
    };
    let (proposal, reply) = match gone_on_with(job, language, known)? {
        Ok(gone_on) => gone_on,
        Err(Stuck::StillRuns) => {
            let why = why(Stuck::StillRuns, job, language);
            return Ok(told(why + &words::status(job, language), turn.intent).about(job.id));
        }
        Err(stuck) => {
            let why = why(stuck, job, language);
            let proposal = as_before(TrainingConfig { continues: None, ..job.config.clone() });
            let note = pick(
                language,
                "같은 설정으로 처음부터 다시 학습하도록 제안합니다. 바꿀 값이 있으면 말씀해 주세요.",
                "I propose to train again from the start as it was; tell me what to change.",
            );
            let reply = format!("{why} {note}\n{}", reply::proposal(&proposal, language));
            (proposal, reply)
        }
    };
    Ok(proposed(thread, proposal, reply).into())
}

/// The proposal to go on with `job`, and its words.
pub fn gone_on_with(
    job: &JobRow,
    language: Language,
    known: &Known,
) -> Result<Result<(Proposal, String), Stuck>, Need> {
    Ok(continued(job, known)?.map(|config| {
        let proposal = as_before(config);
        let reply = in_words(job, &proposal, language);
        (proposal, reply)
    }))
}

/// The configuration of an earlier job as a proposal. Every value counts as said: it was approved once.
fn as_before(config: TrainingConfig) -> Proposal {
    let fields = serde_json::to_value(&config).unwrap_or_default();
    let names = fields.as_object().into_iter().flat_map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    let sources: BTreeMap<String, Source> =
        names.filter(|name| name != "continues").map(|name| (name, Source::Said)).collect();
    Proposal { hash: config.hash(), config, sources, missing: Vec::new(), warnings: Vec::new() }
}

/// The proposal to go on with `job`, in words.
fn in_words(job: &JobRow, proposal: &Proposal, language: Language) -> String {
    let Some(from) = proposal.config.continues.as_deref() else { return reply::proposal(proposal, language) };
    let (number, epoch, step) = (job.number, from.checkpoint.epoch, from.checkpoint.step);
    let left = proposal.config.epochs.saturating_sub(epoch);
    let note = pick(
        language,
        format!(
            "작업 {} 체크포인트({epoch} 에폭, {step} 스텝)에서 이어서 학습하도록 제안합니다. 남은 {left} 에폭은 새 작업으로 이어집니다.\n",
            with_particle(&number.to_string(), Object)
        ),
        format!(
            "I propose to go on with job {number} from its checkpoint (epoch {epoch}, step {step}): the {left} epochs that are left, as a new job.\n"
        ),
    );
    note + &reply::proposal(proposal, language)
}

/// Why it cannot go on, in a conversation.
fn why(stuck: Stuck, job: &JobRow, language: Language) -> String {
    let number = job.number;
    let topic = with_particle(&number.to_string(), Topic);
    match stuck {
        Stuck::StillRuns => pick(
            language,
            "아직 멈추지 않은 작업입니다. 중단된 시도는 마지막 체크포인트에서 저절로 이어집니다. ",
            "It has not stopped: an interrupted attempt goes on by itself from its last checkpoint. ",
        ),
        Stuck::HasFinished => pick(
            language,
            format!("작업 {topic} 이미 끝나서 이어서 학습할 것이 없습니다."),
            format!("Job {number} has finished, so there is nothing to go on with."),
        ),
        Stuck::NoCheckpoint => pick(
            language,
            format!("작업 {topic} 체크포인트를 남기기 전에 멈춰서 이어서 학습할 수 없습니다."),
            format!("Job {number} stopped before it left a checkpoint, so it cannot go on."),
        ),
        Stuck::CheckpointGone => pick(
            language,
            format!("작업 {number}의 체크포인트는 이미 지워져서 이어서 학습할 수 없습니다."),
            format!("The checkpoint of job {number} is not kept any more, so it cannot go on."),
        ),
    }
}
