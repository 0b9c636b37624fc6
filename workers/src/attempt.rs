//! One attempt at a job, from its claim to its last fact.

use std::ffi::OsString;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use trainyard_child::{Detached, Exit, Program, Reins, environment, out_of_memory_kills};
use trainyard_commands::State;
use trainyard_events::fleet::Lease;
use trainyard_events::job::{Failure, FailureClass, JobEvent};
use trainyard_events::reason::{self, Advice, Cause, Reason, Trouble};
use trainyard_events::results::Artifact;

use crate::agent::Agent;
use crate::claim::Claim;
use crate::console::Console;
use crate::devices;
use crate::folder::{AttemptFolder, Whose};
use crate::lease::Holder;
use crate::metrics::Outcome;
use crate::notices::Notice;
use crate::prepare::{Order, Workplace};
use crate::presence::Given;
use crate::report::{ReportError, Reporter};
use crate::telemetry::Sender;
use crate::trainer::{Ending, Results, disk, ending, failure};
use crate::training::{Broken, Listeners, Ran};
use crate::upload::Uploader;
use crate::why::system;

/// A trainer whose job is cancelled has this long to leave by itself: `cancelled` is to be seen within 2 s.
const CANCEL_GRACE: Duration = Duration::from_secs(1);
/// And keeping its console holds `cancelled` up no longer than until then.
const CANCEL_CONSOLE: Duration = Duration::from_millis(1_400);
/// When the worker stops, a trainer has this long to write a checkpoint, and we to upload it.
const CHECKPOINT_GRACE: Duration = Duration::from_secs(20);
/// When the worker stops, an attempt is over after this long, whatever it does.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(25);
/// A trainer whose agent is gone goes on for so long: an agent that is started again adopts it by then.
const ORPHAN_GRACE: Duration = Duration::from_secs(30);
/// What keeping the console may hold up a failure, and the results.
const FAILURE_CONSOLE: Duration = Duration::from_secs(5);
const RESULTS_CONSOLE: Duration = Duration::from_secs(60);

/// A trainer that an earlier life of this agent has started, and its folder.
pub(crate) struct Found {
    pub(crate) folder: AttemptFolder,
    pub(crate) process: Detached,
}

/// Runs the attempt until its last fact is written or it is not ours any more, from the beginning or with the trainer
/// that was found. In every case the trainer's whole process group is dead when this returns.
pub(crate) async fn run(agent: &Agent, notice: Notice, claim: Claim, found: Option<Found>) {
    let Claim { token, dispatch: _, order, reporter, given } = claim;
    let _running = agent.metrics.runs();
    let (tenant, job) = (order.tenant.clone(), order.job);
    let lease = Lease { tenant, worker: agent.name.clone(), token };
    let mut holder = Holder::new(agent.bus.leases(), job, lease);
    let attempt = Attempt {
        agent,
        notice: &notice,
        token,
        order,
        reporter,
        given: &given,
        console: Console::default(),
        gives_way: None,
        folder: None,
    };
    let over = tokio::select! {
        lost = holder.hold() => Err(lost.to_string()),
        () = notice.taken_away(token) => Err("the log has given the job to another attempt".to_owned()),
        () = overdue(agent) => Err("the worker cannot wait for it any longer".to_owned()),
        ended = Box::pin(attempt.run(found)) => ended.map_err(|error| error.to_string()),
    };
    match over {
        Ok(outcome) => {
            tracing::info!(?outcome, "the attempt has ended");
            agent.metrics.ended(outcome);
        }
        Err(reason) => {
            tracing::warn!(reason, "the attempt is given up; its trainer is killed");
            agent.metrics.ended(Outcome::GivenUp);
        }
    }
    holder.release().await;
}

async fn overdue(agent: &Agent) {
    agent.stop.cancelled().await;
    sleep(STOP_GRACE).await;
}

struct Attempt<'a> {
    agent: &'a Agent,
    notice: &'a Notice,
    token: u64,
    order: Order,
    reporter: Reporter,
    given: &'a Given,
    console: Console,
    /// Why it was told to go on elsewhere, if it was while its worker stays.
    gives_way: Option<Vec<Reason>>,
    /// Kept until the last fact is written: whoever comes after us can read it all again.
    folder: Option<AttemptFolder>,
}

/// Why a trainer runs no longer.
enum Ended {
    /// It ended, or what it said cannot be; everything is written.
    Itself(Result<Ran, Broken>),
    /// Somebody asked for it, then.
    Cancelled(Instant),
    /// It was told to go on elsewhere, and the trainer did not manage to leave in time.
    Stopped,
}

impl Attempt<'_> {
    async fn run(mut self, found: Option<Found>) -> Result<Outcome, ReportError> {
        let fact = match found {
            Some(Found { folder, process }) => {
                self.agent.metrics.trainer_adopted();
                let workplace = Workplace::new(folder.path(), self.order.resume.is_some());
                self.folder = Some(folder);
                self.follow(process, &workplace, true).await?
            }
            None => self.outcome().await?,
        };
        let outcome = Outcome::of(&fact);
        match self.reporter.write(fact).await {
            Err(refused @ ReportError::Refused { .. }) => {
                let fact = self.failed(of_protocol(&Broken::Report(refused)), None);
                self.reporter.write(fact).await.map(|()| Outcome::Failed)
            }
            written => written.map(|()| outcome),
        }
    }

    /// The attempt's last fact.
    async fn outcome(&mut self) -> Result<JobEvent, ReportError> {
        let agent = self.agent;
        let whose = Whose { tenant: self.order.tenant.clone(), job: self.order.job, token: self.token };
        let created = AttemptFolder::create(&agent.config.work_dir, &whose);
        let created = created.and_then(|folder| folder.keep_devices(&self.given.indices).map(|()| folder));
        let folder = match created {
            Ok(folder) => self.folder.insert(folder).path().to_owned(),
            Err(error) => return Ok(self.failed(disk(&agent.config.work_dir, &error), None)),
        };
        let description = agent.description(&self.order.config).await;
        let devices = self.given.indices.len();
        let prepare = self.order.prepare(
            &agent.door,
            &agent.store,
            &folder,
            &agent.config,
            description.as_ref(),
            devices,
        );
        let prepared = tokio::select! {
            biased;
            () = self.notice.cancelled(self.token) => return Ok(self.cancelled(None)),
            () = agent.stop.cancelled() => return Ok(self.preempted(reason::Ending::WorkerStopsBeforeTraining)),
            because = self.notice.preempted(self.token) => return Ok(self.gave_way(because)),
            prepared = prepare => prepared,
        };
        let workplace = match prepared {
            Ok(workplace) => workplace,
            Err(failure) => return Ok(self.failed(failure, None)),
        };
        let Some(mut program) = self.program(&workplace) else {
            let runner = self.order.config.runner.clone().unwrap_or_default();
            let because = Trouble::RunnerGone { runner: runner.clone() };
            let gone = failure(FailureClass::Device, because, Advice::InstallRunner { runner });
            return Ok(self.failed(gone, None));
        };
        program.environment = environment::training();
        program.environment.extend(devices::environment(&self.given.indices));
        let trainer = program.path.clone();
        match Detached::spawn(program, &folder, ORPHAN_GRACE) {
            Ok(process) => {
                agent.metrics.trainer_started();
                self.follow(process, &workplace, false).await
            }
            Err(error) => Ok(self.failed(not_started(&trainer, &error), None)),
        }
    }

    /// Listens to the trainer until it has ended; `again` to one that an earlier life of this agent has listened to.
    async fn follow(
        &mut self,
        process: Detached,
        workplace: &Workplace,
        again: bool,
    ) -> Result<JobEvent, ReportError> {
        let killed_before = out_of_memory_kills();
        let program = self.program(workplace).map(|program| program.path);
        let reins = process.reins();
        let uploader = self.uploader(&workplace.work);
        let sender = self.sender();
        self.agent.tasks.spawn(sender.clone().console(self.agent.instance, again, self.console.listen()));
        let (steps, newest) = watch::channel(None);
        self.agent.tasks.spawn(sender.steps(newest));
        let listeners = Listeners {
            token: self.token,
            reporter: &mut self.reporter,
            uploader: &uploader,
            console: &self.console,
            presence: &self.agent.presence,
            gpu: self.given.kind(),
            program: (&self.agent.programs, program),
            steps,
            silence: self.agent.config.trainer_silence,
        };
        let training = Box::pin(listeners.listen(&process, &workplace.console));
        let ended =
            supervise(training, &reins, self.agent, self.notice, self.token, &mut self.gives_way).await;
        // Whatever happened: from here on the trainer has been seen to end.
        reins.kill();
        if let Err(error) = process.wait().await {
            tracing::warn!(%error, "the trainer's end cannot be seen");
        }
        match ended {
            Ended::Cancelled(asked) => {
                let left = match self.notice.is_at_cap() {
                    true => FAILURE_CONSOLE,
                    false => CANCEL_CONSOLE.saturating_sub(asked.elapsed()),
                };
                Ok(self.cancelled(uploader.console(None, left).await))
            }
            Ended::Stopped => Ok(self.preempted(reason::Ending::WorkerStopsWithoutCheckpoint)),
            Ended::Itself(Err(Broken::Report(
                error @ (ReportError::Fenced(_) | ReportError::Taken { .. }),
            ))) => Err(error),
            Ended::Itself(Err(broken)) => {
                let console = uploader.console(None, FAILURE_CONSOLE).await;
                Ok(self.failed(of_protocol(&broken), console))
            }
            Ended::Itself(Ok(ran)) => {
                let out_of_memory = out_of_memory_kills() > killed_before;
                Ok(self.conclude(ran, out_of_memory, &uploader, &workplace.console).await)
            }
        }
    }

    async fn conclude(
        &self,
        ran: Ran,
        out_of_memory: bool,
        uploader: &Uploader,
        console_file: &Path,
    ) -> JobEvent {
        // A trainer that has only just begun may not listen for signals yet, and dies of one.
        let is_told = self.agent.stop.is_cancelled() || self.gives_way.is_some();
        let is_deaf = ran.last.is_none() && ran.exit == Exit::Signal(Signal::SIGTERM as i32);
        match ending(ran.last, ran.exit, out_of_memory) {
            Ending::Failed(_) if is_told && is_deaf => {
                self.preempted(reason::Ending::WorkerStopsWithoutCheckpoint)
            }
            Ending::Finished(results) => {
                let console = uploader.console(Some(console_file), RESULTS_CONSOLE).await;
                self.finished(results, ran.artifacts.into_iter().chain(console).collect())
            }
            Ending::Preempted if is_told => self.preempted(reason::Ending::WorkerStops),
            Ending::Preempted => self.preempted(reason::Ending::TrainerToldToStop),
            Ending::Failed(failure) => {
                let console = uploader.console(Some(console_file), FAILURE_CONSOLE).await;
                self.failed(failure, console)
            }
        }
    }

    /// Our own trainer, or the runner that the configuration names; `None` if that is not here any more.
    fn program(&self, workplace: &Workplace) -> Option<Program> {
        let arguments = arguments(workplace);
        let Some(runner) = &self.order.config.runner else {
            return Some(Program::new(&self.agent.config.trainer, arguments, &workplace.work));
        };
        let runners = self.agent.runners.borrow();
        runners.get(runner).map(|installed| installed.program(arguments, &workplace.work))
    }

    fn sender(&self) -> Sender {
        Sender {
            stream: self.agent.bus.telemetry(),
            tenant: self.order.tenant.clone(),
            job: self.order.job,
            token: self.token,
        }
    }

    fn uploader(&self, work: &Path) -> Uploader {
        let committed = match self.reporter.opened.state() {
            State::Job(job) => job.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.step),
            _ => 0,
        };
        Uploader::new(
            self.agent.store.clone(),
            (self.order.job, self.token),
            work.to_owned(),
            self.console.clone(),
            committed,
            self.agent.metrics.clone(),
        )
    }

    fn finished(&self, results: Results, artifacts: Vec<Artifact>) -> JobEvent {
        let Results { best_epoch, measurements, classes, stopped_early, because, weights: _ } = results;
        let token = self.token;
        JobEvent::Finished { token, best_epoch, measurements, classes, artifacts, stopped_early, because }
    }

    fn failed(&self, failure: Failure, console: Option<Artifact>) -> JobEvent {
        let failure = Failure { console: self.console.tail(), ..failure };
        JobEvent::AttemptFailed { token: self.token, failure, console }
    }

    /// For the sake of others, where that is why; else since the worker leaves.
    fn preempted(&self, ending: reason::Ending) -> JobEvent {
        self.gave_way(self.gives_way.clone().unwrap_or_else(|| vec![ending.into()]))
    }

    fn gave_way(&self, because: Vec<Reason>) -> JobEvent {
        JobEvent::AttemptPreempted { token: self.token, reason: String::new(), because }
    }

    fn cancelled(&self, console: Option<Artifact>) -> JobEvent {
        JobEvent::Cancelled { token: Some(self.token), console }
    }
}

/// Lets the trainer run until it ends, tells it to leave when it must, and waits for no longer than it may.
async fn supervise(
    training: impl Future<Output = Result<Ran, Broken>>,
    reins: &Reins,
    agent: &Agent,
    notice: &Notice,
    token: u64,
    gives_way: &mut Option<Vec<Reason>>,
) -> Ended {
    let mut training = pin!(training);
    let (mut cancelled, mut stopped) = (None, false);
    let mut deadline = Instant::now();
    loop {
        tokio::select! {
            biased;
            () = notice.cancelled(token), if cancelled.is_none() => {
                let now = Instant::now();
                let grace = if notice.is_at_cap() { CHECKPOINT_GRACE } else { CANCEL_GRACE };
                (cancelled, deadline) = (Some(now), now + grace);
                reins.leave();
            }
            because = notice.preempted(token), if !stopped && cancelled.is_none() => {
                (stopped, *gives_way) = (true, Some(because));
                deadline = Instant::now() + CHECKPOINT_GRACE;
                reins.leave();
            }
            () = agent.stop.cancelled(), if !stopped && cancelled.is_none() => {
                stopped = true;
                deadline = Instant::now() + CHECKPOINT_GRACE;
                reins.leave();
            }
            ran = &mut training => return cancelled.map_or(Ended::Itself(ran), Ended::Cancelled),
            () = sleep_until(deadline), if cancelled.is_some() || stopped => {
                return cancelled.map_or(Ended::Stopped, Ended::Cancelled);
            }
        }
    }
}

fn arguments(workplace: &Workplace) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec![
        "train".into(),
        "--spec".into(),
        (&workplace.spec).into(),
        "--work".into(),
        (&workplace.work).into(),
    ];
    if let Some(resume) = &workplace.resume {
        arguments.extend(["--resume".into(), resume.into()]);
    }
    arguments
}

fn not_started(trainer: &Path, error: &std::io::Error) -> Failure {
    let trainer = trainer.display().to_string();
    let because = Trouble::TrainerNotStarted { trainer, cause: system(error) };
    failure(FailureClass::Internal, because, Advice::CheckTrainer)
}

/// The failure of a trainer that said what cannot be, or left what cannot be kept.
fn of_protocol(broken: &Broken) -> Failure {
    let (class, because, advice) = match broken {
        Broken::Report(error) => {
            let advice = match error.class() {
                FailureClass::Diverged => Advice::TrainSlower,
                _ => Advice::BreaksProtocol,
            };
            (error.class(), of_report(error), advice)
        }
        Broken::Upload(error) => (FailureClass::Internal, error.trouble(), Advice::CheckStore),
        Broken::Silent(silence) => {
            let because = Trouble::TrainerSilent { minutes: silence.as_secs() / 60 };
            (FailureClass::Internal, because, Advice::MayHang)
        }
        Broken::Pipe(error) => {
            let because = Trouble::TrainerUnheard { cause: system(error) };
            (FailureClass::Internal, because, Advice::LookAtWorkerLog)
        }
    };
    failure(class, because, advice)
}

fn of_report(error: &ReportError) -> Trouble {
    match error {
        ReportError::Refused { fact, rejection } => {
            Trouble::FactRefused { fact: fact.clone(), rejection: rejection.clone() }
        }
        ReportError::Taken { fact, sequence } => {
            Trouble::FactTaken { fact: fact.clone(), sequence: *sequence }
        }
        // Not ours to tell: nothing more is written of such an attempt.
        ReportError::Fenced(rejection) => {
            Trouble::TrainerUnheard { cause: Cause::said(rejection.to_string()) }
        }
    }
}
