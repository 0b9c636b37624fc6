//! A job that has stopped goes on as a new one: its own configuration, from its newest checkpoint. A fork is the same of any job,
//! from any checkpoint that is kept, with other values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use trainyard_assistant::{Interpretation, reply};
use trainyard_commands::{Rejection, State};
use trainyard_events::chat::Language;
use trainyard_events::config::{Continuation, Proposal, Source};
use trainyard_events::reason::ConfigProblem;
use trainyard_events::results::CheckpointRef;
use trainyard_events::{Aggregate, Recorded, TrainingConfig, options};
use trainyard_views::{EpochRow, JobRow, JobStatus};
use trainyard_words::particle::Particle::{Object, Topic};
use trainyard_words::particle::with_particle;
use uuid::Uuid;

use crate::answer::{Answer, told};
use crate::change::{Unfit, with_fields};
use crate::known::{Known, Need};
use crate::proposing::proposed;
use crate::thread::Thread;
use crate::which::which;
use crate::words::{self, pick};

/// Fields that a checkpoint is of no use with another value of: they shape what is in it, or say which images it has seen, or
/// count its steps.
const FIXED: [&str; 12] = [
    "task",
    "model",
    "dataset",
    "classes",
    "image_size",
    "batch_size",
    "optimizer",
    "ema",
    "resize",
    "seed",
    "initial_weights",
    "runner",
];
/// The same of our own trainer's options.
const FIXED_OPTIONS: [&str; 2] = ["freeze", "precision"];
/// What is no trainer's concern.
const CAPS: [&str; 2] = ["max_cost", "max_hours"];
/// Checkpoints that are looked for when one is not there.
pub const CHECKPOINTS_SHOWN: usize = 8;

/// Why a job cannot be gone on with.
#[derive(Clone, Debug, PartialEq)]
pub enum Stuck {
    StillRuns,
    HasFinished,
    NoCheckpoint,
    CheckpointGone,
    /// Nothing is kept of that place; these are kept, by epoch and step, the newest first.
    NoSuchCheckpoint(Vec<(u32, u64)>),
    /// The values that are asked for cannot be.
    Unfit(Unfit),
}

/// Which checkpoint of a job: the first of which all of this holds, or the newest where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// After so many whole epochs.
    pub epoch: Option<u32>,
    pub step: Option<u64>,
}

impl At {
    pub const NEWEST: At = At { epoch: None, step: None };

    fn holds(self, one: &CheckpointRef) -> bool {
        self.epoch.is_none_or(|epoch| one.epoch == epoch) && self.step.is_none_or(|step| one.step == step)
    }
}

/// What a job has left to go on from, as its own history has it.
struct Left {
    config: TrainingConfig,
    status: JobStatus,
    curve: BTreeMap<u32, EpochRow>,
    /// In order, the one that the job began with itself among them.
    checkpoints: Vec<CheckpointRef>,
}

/// Those that a job has left, whether they are kept or not, in order; the one that it began with itself comes first.
pub fn checkpoints(job: Uuid, history: &[Recorded]) -> Vec<CheckpointRef> {
    let mut state = State::new(&Aggregate::Job(job));
    let mut found: Vec<CheckpointRef> = Vec::new();
    for recorded in history {
        state.evolve(recorded);
        if let State::Job(job) = &state
            && let Some(newest) = &job.checkpoint
            && found.last() != Some(newest)
        {
            found.push(newest.clone());
        }
    }
    found
}

impl Left {
    fn of(job: &JobRow, known: &Known) -> Result<Option<Left>, Need> {
        let (history, mut row, mut curve) = (known.history(job.id)?, None::<JobRow>, BTreeMap::new());
        for recorded in history {
            if JobRow::fold(&mut row, recorded, job.number) {
                EpochRow::apply(&mut curve, recorded);
            }
        }
        let checkpoints = checkpoints(job.id, history);
        Ok(row.map(|row| Left { config: row.config, status: row.status, curve, checkpoints }))
    }

    /// From a checkpoint of the job's own, or where it began itself.
    fn continuation(&self, job: &JobRow, checkpoint: &CheckpointRef) -> Box<Continuation> {
        let before = self.config.continues.as_ref();
        match before {
            // It has come no further than where it began itself.
            Some(from) if from.checkpoint == *checkpoint => from.clone(),
            before => {
                // Epochs after the checkpoint will be trained again; those before the job's own are another job's.
                let epochs = self.curve.range(..=checkpoint.epoch);
                let best = epochs.map(|(_, epoch)| epoch).rfind(|epoch| epoch.is_best);
                let (best_epoch, best) = match best {
                    Some(epoch) => (Some(epoch.epoch), Some(epoch.validation.clone())),
                    None => before.map_or((None, None), |from| (from.best_epoch, from.best.clone())),
                };
                let checkpoint = checkpoint.clone();
                let (trained_as, unread) = (None, Map::new());
                Box::new(Continuation { job: job.id, checkpoint, best_epoch, best, trained_as, unread })
            }
        }
    }

    /// The one that is asked for, if it is kept.
    fn at(&self, at: At, known: &Known) -> Result<Result<&CheckpointRef, Stuck>, Need> {
        let mut all = self.checkpoints.iter();
        let found = if at == At::NEWEST { all.next_back() } else { all.find(|one| at.holds(one)) };
        let kept = |one: &CheckpointRef| known.stored(&one.artifact.key);
        match found {
            Some(found) if kept(found)? => return Ok(Ok(found)),
            Some(_) if at == At::NEWEST => return Ok(Err(Stuck::CheckpointGone)),
            None if at == At::NEWEST => return Ok(Err(Stuck::NoCheckpoint)),
            _ => {}
        }
        let mut others = Vec::new();
        for one in self.checkpoints.iter().rev().take(CHECKPOINTS_SHOWN) {
            if kept(one)? {
                others.push((one.epoch, one.step));
            }
        }
        Ok(Err(if others.is_empty() { Stuck::CheckpointGone } else { Stuck::NoSuchCheckpoint(others) }))
    }
}

/// What goes on where `job` stopped.
fn continued(job: &JobRow, known: &Known) -> Result<Result<TrainingConfig, Stuck>, Need> {
    // A history without an event is that of a job which nobody has asked for: it cannot have stopped.
    let Some(left) = Left::of(job, known)? else { return Ok(Err(Stuck::StillRuns)) };
    match left.status {
        JobStatus::Failed | JobStatus::Cancelled => {}
        JobStatus::Finished => return Ok(Err(Stuck::HasFinished)),
        _ => return Ok(Err(Stuck::StillRuns)),
    }
    Ok(left.at(At::NEWEST, known)?.map(|checkpoint| {
        let from = left.continuation(job, checkpoint);
        TrainingConfig { continues: Some(from), ..left.config.clone() }
    }))
}

/// The proposal of a new job from a checkpoint of `job`, whatever has become of it, with the values in `given` instead of its own,
/// and its words.
pub fn forked(
    job: &JobRow,
    at: At,
    given: &Map<String, Value>,
    language: Language,
    known: &Known,
) -> Result<Result<(Proposal, String), Stuck>, Need> {
    let Some(left) = Left::of(job, known)? else { return Ok(Err(Stuck::NoCheckpoint)) };
    let checkpoint = match left.at(at, known)? {
        Ok(checkpoint) => checkpoint,
        Err(stuck) => return Ok(Err(stuck)),
    };
    let mut from = left.continuation(job, checkpoint);
    let before = TrainingConfig { continues: None, ..left.config.clone() };
    let trained_as = from.trained_as.take().unwrap_or_else(|| left.config.as_trained().hash());
    let config = match with_fields(&before, given, &known.runners) {
        Ok(config) => config,
        Err(unfit) => return Ok(Err(Stuck::Unfit(unfit))),
    };
    let mut problems = fixed(&before, &config);
    if config.epochs == checkpoint.epoch {
        problems.push(ConfigProblem::NoEpochLeft { epoch: checkpoint.epoch });
    }
    from.trained_as = (trained_as != config.as_trained().hash()).then_some(trained_as);
    let config = TrainingConfig { continues: Some(from), ..config };
    problems.extend(config.problems());
    if !problems.is_empty() {
        return Ok(Err(Stuck::Unfit(Unfit::Refused(Rejection::BadConfig { problems }))));
    }
    let proposal = as_before(config);
    let reply = in_words(job, &proposal, language);
    Ok(Ok((proposal, reply)))
}

/// What differs of what a checkpoint holds fast.
fn fixed(before: &TrainingConfig, after: &TrainingConfig) -> Vec<ConfigProblem> {
    let values = |config: &TrainingConfig| match serde_json::to_value(config) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (mut was, mut given) = (values(before), values(after));
    let is_ours = before.runner.is_none() && after.runner.is_none();
    if is_ours {
        let ours = options::ours_for(before.task);
        for (config, fields) in [(before, &mut was), (after, &mut given)] {
            for name in FIXED_OPTIONS {
                let default = ours.get(name).map(|option| option.values.default());
                let value = config.options.get(name).cloned().or(default).unwrap_or_default();
                fields.insert(name.to_owned(), value);
            }
        }
    }
    // Another trainer goes on from what is wholly the same alone.
    let is_fixed = |name: &str| match is_ours {
        true => FIXED.contains(&name) || FIXED_OPTIONS.contains(&name),
        false => !CAPS.contains(&name),
    };
    let written = |fields: &Map<String, Value>, name: &str| match fields.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => Value::Null.to_string(),
    };
    let names: BTreeSet<&String> = was.keys().chain(given.keys()).filter(|name| is_fixed(name)).collect();
    names
        .into_iter()
        .map(|name| (name, written(&was, name), written(&given, name)))
        .filter(|(_, was, given)| was != given)
        .map(|(name, was, given)| ConfigProblem::FixedByCheckpoint { name: name.clone(), was, given })
        .collect()
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
            let why = why(&Stuck::StillRuns, job, language);
            return Ok(told(why + &words::status(job, language), turn.intent).about(job.id));
        }
        Err(stuck) => {
            let why = why(&stuck, job, language);
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
fn why(stuck: &Stuck, job: &JobRow, language: Language) -> String {
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
        // The newest is asked for as it is, so of these there are none.
        Stuck::CheckpointGone | Stuck::NoSuchCheckpoint(_) | Stuck::Unfit(_) => pick(
            language,
            format!("작업 {number}의 체크포인트는 이미 지워져서 이어서 학습할 수 없습니다."),
            format!("The checkpoint of job {number} is not kept any more, so it cannot go on."),
        ),
    }
}
