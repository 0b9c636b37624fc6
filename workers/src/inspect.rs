//! Looks at datasets: `trainyard-vision inspect` in a process of its own, its verdict a fact, with pictures where they
//! could be made.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::time::{sleep, timeout};
use trainyard_bus::{Delivery, EventLog};
use trainyard_child::{Attached, Backoff, Exit, Program, environment};
use trainyard_commands::dataset::{DatasetCommand, Verdict};
use trainyard_commands::{Command, Rejection, Request, State, derived_id};
use trainyard_door::HandleError;
use trainyard_events::config::Task;
use trainyard_events::dataset::FileProblem;
use trainyard_events::fleet::WorkMessage;
use trainyard_events::reason::{self, Advice, Caution, Flaw, Reason, Unfit};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::{Inspection, TrainerLine};
use trainyard_events::{Actor, Aggregate, TenantId, limits};
use uuid::Uuid;

use crate::agent::Agent;
use crate::console::Console;
use crate::lines::Lines;
use crate::paths;
use crate::queue::settle;
use crate::samples::{self, Drawn, SamplesFolder};
use crate::why::system;

/// A look at one dataset.
const TIME: Duration = Duration::from_secs(30 * 60);
/// Crashes of the inspector after which the dataset counts as bad.
const TRIES: u64 = 3;
const BEFORE_NEXT_TRY: Duration = Duration::from_secs(5);
/// The longest verdict that is read whole, in bytes.
const VERDICT_BYTES: usize = 2 * 1024 * 1024;
/// Console lines in the reason for a look that failed.
const CONSOLE_LINES: usize = 5;

/// One dataset to look at.
struct Wanted {
    tenant: TenantId,
    dataset: Uuid,
    /// Sequence of the registration.
    inspection: u64,
    path: String,
    task: Task,
}

/// What to tell the queue.
enum Told {
    Done,
    Again(Duration),
}

/// Looks at the dataset that the message names, if that is still wanted.
pub(crate) async fn take(agent: Arc<Agent>, delivery: Delivery) {
    let WorkMessage::Inspect { tenant, dataset, inspection, path, task, .. } = delivery.message.clone()
    else {
        tracing::error!(message = ?delivery.message, "this does not belong on the queue of inspections");
        return settle(delivery.ack().await);
    };
    let wanted = Wanted { tenant, dataset, inspection, path, task };
    let Some(_looking) = Looking::begin(&agent, &wanted) else {
        // Asked again because it takes long: whoever looks already answers.
        return settle(delivery.ack().await);
    };
    let told = tokio::select! {
        told = answer(&agent, &wanted, delivery.deliveries) => told.unwrap_or_else(|error| {
            tracing::warn!(%dataset, %error, "the dataset's history cannot be used now");
            Told::Again(BEFORE_NEXT_TRY)
        }),
        never = stay_ours(&delivery) => never,
        () = agent.stop.cancelled() => Told::Again(Duration::ZERO),
    };
    settle(match told {
        Told::Done => delivery.ack().await,
        Told::Again(after) => delivery.again(after).await,
    });
}

/// A look of this agent that is under way.
struct Looking<'a> {
    agent: &'a Agent,
    key: (Uuid, u64),
}

impl<'a> Looking<'a> {
    /// `None` if there is one already.
    fn begin(agent: &'a Agent, wanted: &Wanted) -> Option<Looking<'a>> {
        let key = (wanted.dataset, wanted.inspection);
        agent.looks().insert(key).then_some(Looking { agent, key })
    }
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.agent.looks().remove(&self.key);
    }
}

async fn stay_ours(delivery: &Delivery) -> Told {
    loop {
        sleep(limits::COMMAND_ACK_WAIT / 3).await;
        settle(delivery.in_progress().await);
    }
}

async fn answer(agent: &Agent, wanted: &Wanted, deliveries: u64) -> Result<Told, HandleError> {
    let aggregate = Aggregate::Dataset(wanted.dataset);
    let opened = agent.door.open(&wanted.tenant, &aggregate).await?;
    let pending = matches!(opened.state(), State::Dataset(dataset)
        if dataset.verdict == Verdict::Pending && dataset.inspection == wanted.inspection);
    if !pending {
        return Ok(Told::Done);
    }
    let (result, artifacts) = match look(agent, wanted).await {
        Ok(seen) => seen,
        Err(unfit) if deliveries < TRIES => {
            tracing::warn!(path = wanted.path, ?unfit, "the inspection failed; it is tried again");
            return Ok(Told::Again(BEFORE_NEXT_TRY));
        }
        Err(unfit) => (bad(unfit, Advice::RepairAndRegister), Vec::new()),
    };
    record(agent, wanted, result, artifacts).await
}

/// What the inspector finds, and what it drew of it, in the store. An error is the inspector's, not the dataset's.
async fn look(agent: &Agent, wanted: &Wanted) -> Result<(Inspection, Vec<Artifact>), Unfit> {
    let folder = SamplesFolder::create(&agent.config.work_dir)
        .inspect_err(|error| tracing::warn!(%error, path = wanted.path, "there is no place for samples"))
        .ok();
    let seen = inspect(agent, wanted, folder.as_ref()).await?;
    let artifacts = match (&seen, &folder) {
        (Seen { verdict: Inspection::Good { .. }, drawn }, Some(folder)) => {
            samples::keep(&agent.store, (wanted.dataset, wanted.inspection), folder.path(), drawn).await
        }
        _ => Vec::new(),
    };
    Ok((seen.verdict, artifacts))
}

/// What an inspector has said.
struct Seen {
    verdict: Inspection,
    drawn: Vec<Drawn>,
}

async fn inspect(agent: &Agent, wanted: &Wanted, folder: Option<&SamplesFolder>) -> Result<Seen, Unfit> {
    let only = |verdict| Seen { verdict, drawn: Vec::new() };
    let path = match paths::resolve(&wanted.path) {
        Ok(path) => path,
        Err(unfit) => return Ok(only(bad(unfit, Advice::RegisterElsewhere))),
    };
    let mut arguments: Vec<OsString> =
        vec!["inspect".into(), "--path".into(), path.into(), "--task".into(), wanted.task.to_string().into()];
    if let Some(folder) = folder {
        arguments.extend(["--samples".into(), folder.path().into()]);
    }
    let mut inspector = Program::new(&agent.config.trainer, arguments, &agent.config.work_dir);
    inspector.environment = environment::training();
    let (mut process, out, err) =
        Attached::piped(&inspector).map_err(|error| Unfit::InspectorNotStarted { cause: system(&error) })?;
    let console = Console::default();
    let run = async { tokio::try_join!(process.wait(), read(out), listen(err, &console)) };
    let Ok(run) = timeout(TIME, run).await else {
        let minutes = TIME.as_secs() / 60;
        return Ok(only(bad(Unfit::TooSlow { minutes }, Advice::FasterDisk)));
    };
    let (exit, seen, ()) = run.map_err(|error| Unfit::InspectorUnheard { cause: system(&error) })?;
    if let Some(Seen { verdict: Inspection::Good { .. }, drawn }) = &seen
        && drawn.is_empty()
    {
        let said = console.tail();
        tracing::warn!(path = wanted.path, said = said.last(), "the inspector has drawn no samples");
    }
    seen.map(believed).ok_or_else(|| {
        let exit = match exit {
            Exit::Code(number) => reason::Exit::Code { number },
            Exit::Signal(number) => reason::Exit::Signal { number },
        };
        let said = console.tail();
        let last = said[said.len().saturating_sub(CONSOLE_LINES)..].join(" | ");
        Unfit::InspectorEnded { exit, last }
    })
}

/// The last verdict, and every file that was announced.
async fn read(out: impl AsyncRead + Unpin) -> std::io::Result<Option<Seen>> {
    let mut lines = Lines::new(out, VERDICT_BYTES, false);
    let (mut verdict, mut drawn) = (None, Vec::new());
    while let Some(line) = lines.next().await? {
        match serde_json::from_str(&line) {
            Ok(TrainerLine::Artifact { role, path }) => drawn.push(Drawn { role, path }),
            _ => verdict = serde_json::from_str(&line).ok().or(verdict),
        }
        // One more than may be kept says as much as a million.
        drawn.truncate(limits::DATASET_ARTIFACTS + 1);
    }
    Ok(verdict.map(|verdict| Seen { verdict, drawn }))
}

async fn listen(err: impl AsyncRead + Unpin, console: &Console) -> std::io::Result<()> {
    let mut lines = Lines::new(err, VERDICT_BYTES, true);
    while let Some(line) = lines.next().await? {
        console.push(&line);
    }
    Ok(())
}

/// Writes the verdict, however long the bus is away.
async fn record(
    agent: &Agent,
    wanted: &Wanted,
    mut result: Inspection,
    artifacts: Vec<Artifact>,
) -> Result<Told, HandleError> {
    let aggregate = Aggregate::Dataset(wanted.dataset);
    let since = agent.log.history(&wanted.tenant, &aggregate, wanted.inspection.saturating_sub(1)).await?;
    let Some(registered) = since.into_iter().next() else { return Ok(Told::Done) };
    let cause = registered.envelope;
    let mut backoff = Backoff::default();
    loop {
        let request = Request {
            id: derived_id(cause.event_id, "inspection"),
            tenant: wanted.tenant.clone(),
            aggregate: aggregate.clone(),
            actor: Actor::Worker(agent.name.clone()),
            correlation_id: cause.correlation_id,
            causation_id: Some(cause.event_id),
            command: Command::Dataset(DatasetCommand::RecordInspection {
                inspection: wanted.inspection,
                result: result.clone(),
                artifacts: artifacts.clone(),
            }),
        };
        match agent.door.handle(request).await {
            Ok(_) => return Ok(Told::Done),
            Err(HandleError::Unavailable(_)) => backoff.wait().await,
            Err(HandleError::Rejected(Rejection::TooLarge { bytes, limit }))
                if matches!(result, Inspection::Good { .. }) =>
            {
                result = bad(Unfit::ProfileTooLarge { bytes, limit }, Advice::FewerClasses);
            }
            Err(HandleError::Rejected(rejection)) => {
                tracing::info!(dataset = %wanted.dataset, %rejection, "the verdict is not wanted");
                return Ok(Told::Done);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Said in English by the door.
fn bad(unfit: Unfit, advice: Advice) -> Inspection {
    Inspection::Bad {
        problem: String::new(),
        next_step: String::new(),
        report: Vec::new(),
        bad_files: 0,
        because: vec![unfit.into()],
        advice: vec![advice],
    }
}

/// What an inspector of another house says in sentences only is kept as that.
fn believed(mut seen: Seen) -> Seen {
    match &mut seen.verdict {
        Inspection::Good { profile } => {
            if profile.cautions.is_empty() {
                let said = |text: &String| Caution::CautionSaid { text: text.clone() };
                profile.cautions = profile.warnings.iter().map(said).collect();
            }
            profile.skipped.iter_mut().chain(&mut profile.noted).for_each(believed_file);
        }
        Inspection::Bad { problem, next_step, report, because, advice, .. } => {
            if because.is_empty() {
                because.push(Reason::said(problem.as_str()));
            }
            if advice.is_empty() {
                advice.push(Advice::AdviceSaid { text: next_step.clone() });
            }
            report.iter_mut().for_each(believed_file);
        }
    }
    seen
}

fn believed_file(file: &mut FileProblem) {
    if file.flaws.is_empty() {
        file.flaws.push(Flaw::FlawSaid { text: file.problem.clone() });
    }
}
