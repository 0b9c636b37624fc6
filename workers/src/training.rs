//! A trainer at work: its lines become facts, uploads and telemetry while it runs, none of them in the other's way.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use trainyard_child::{Detached, Exit};
use trainyard_events::job::JobEvent;
use trainyard_events::results::Artifact;
use trainyard_events::trainer::StepMeasurement;

use crate::artifacts::WEIGHTS;
use crate::console::Console;
use crate::lines::Lines;
use crate::presence::Presence;
use crate::programs::{self, Programs};
use crate::report::{FACTS_WAITING, ReportError, Reporter};
use crate::trainer::{LastWord, Upload, Word, read};
use crate::upload::{UPLOADS_WAITING, UploadError, Uploader};

/// The longest line of the protocol that is read whole, in bytes: room for the names of all classes there may be.
const LINE_BYTES: usize = 2 * 1024 * 1024;
/// A trainer that has said its last word and does not end is ended.
const EXIT_GRACE: Duration = Duration::from_secs(60);
/// How much of a line that is none of the protocol's is shown, in characters.
const UNKNOWN_CHARS: usize = 200;

/// What is left when a trainer has ended and everything it said is in the log and in the store.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) last: Option<LastWord>,
    pub(crate) artifacts: Vec<Artifact>,
}

/// Why a trainer cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Upload(#[from] UploadError),
    #[error("the trainer cannot be listened to: {0}")]
    Pipe(#[from] io::Error),
    #[error("the trainer has said nothing for {} minutes", .0.as_secs() / 60)]
    Silent(Duration),
}

/// Everything that listens to one trainer.
pub(crate) struct Listeners<'a> {
    pub(crate) token: u64,
    pub(crate) reporter: &'a mut Reporter,
    pub(crate) uploader: &'a Uploader,
    pub(crate) console: &'a Console,
    pub(crate) presence: &'a Presence,
    /// The name of the GPUs that it was given.
    pub(crate) gpu: Option<String>,
    /// The trainer's own file, and the hashes of those that are known.
    pub(crate) program: (&'a Programs, Option<PathBuf>),
    /// The newest step measurement; dropped with the last line.
    pub(crate) steps: watch::Sender<Option<StepMeasurement>>,
    /// A trainer that prints nothing for this long hangs.
    pub(crate) silence: Duration,
}

impl Listeners<'_> {
    /// Listens until the trainer has ended and all is written. An error ends it early.
    pub(crate) async fn listen(self, process: &Detached, console_file: &Path) -> Result<Ran, Broken> {
        let (facts, facts_waiting) = mpsc::channel(FACTS_WAITING);
        let (uploads, uploads_waiting) = mpsc::channel(UPLOADS_WAITING);
        let relay = Relay {
            token: self.token,
            uploader: self.uploader,
            console: self.console,
            presence: self.presence,
            gpu: self.gpu,
            program: self.program,
            steps: self.steps,
            facts: facts.clone(),
            uploads,
            said_all: CancellationToken::new(),
            silence: self.silence,
        };
        let said_all = relay.said_all.clone();
        let (exit, last, (), artifacts, ()) = tokio::try_join!(
            async { end(process, said_all).await.map_err(Broken::from) },
            relay.run(process.said()),
            async { self.console.keep(process.console(), console_file).await.map_err(Broken::from) },
            async { self.uploader.run(uploads_waiting, facts).await.map_err(Broken::from) },
            async { self.reporter.run(facts_waiting).await.map_err(Broken::from) },
        )?;
        Ok(Ran { exit, last, artifacts })
    }
}

async fn end(process: &Detached, said_all: CancellationToken) -> io::Result<Exit> {
    tokio::select! {
        exit = process.wait() => return exit,
        () = said_all.cancelled() => {}
    }
    if let Ok(exit) = timeout(EXIT_GRACE, process.wait()).await {
        return exit;
    }
    tracing::warn!("the trainer has said its last word and does not end; it is killed");
    process.reins().kill();
    process.wait().await
}

/// What the trainer says next. One that prints nothing at all meanwhile, to people neither, is given up.
async fn unless_silent<T>(
    next: impl Future<Output = io::Result<T>>,
    console: &Console,
    silence: Duration,
) -> Result<T, Broken> {
    let mut next = pin!(next);
    let mut printed = console.newest();
    loop {
        match timeout(silence, &mut next).await {
            Ok(said) => return said.map_err(Broken::from),
            Err(_) if console.newest() > printed => printed = console.newest(),
            Err(_) => return Err(Broken::Silent(silence)),
        }
    }
}

/// Standard output on its way to whom each line concerns.
struct Relay<'a> {
    token: u64,
    uploader: &'a Uploader,
    console: &'a Console,
    presence: &'a Presence,
    gpu: Option<String>,
    program: (&'a Programs, Option<PathBuf>),
    steps: watch::Sender<Option<StepMeasurement>>,
    facts: mpsc::Sender<JobEvent>,
    uploads: mpsc::Sender<Upload>,
    said_all: CancellationToken,
    silence: Duration,
}

impl Relay<'_> {
    /// Returns the trainer's last word when it can say no more.
    async fn run(self, out: impl AsyncRead + Unpin) -> Result<Option<LastWord>, Broken> {
        let mut lines = Lines::new(out, LINE_BYTES, false);
        let mut last = None;
        while let Some(line) = unless_silent(lines.next(), self.console, self.silence).await? {
            match read(self.token, &line) {
                Ok(Word::Fact(fact)) => self.fact(*fact).await,
                Ok(Word::Step(step)) => {
                    self.steps.send_replace(Some(step));
                }
                Ok(Word::Upload(upload)) => self.upload(upload).await,
                Ok(Word::Finished(results)) => {
                    self.uploader.told_of_results();
                    let path = results.weights.clone();
                    self.upload(Upload::Artifact { role: WEIGHTS.to_owned(), path }).await;
                    last = Some(LastWord::Finished(results));
                }
                Ok(Word::Failed(failure)) => last = Some(LastWord::Failed(failure)),
                Err(error) => self.unknown(&line, &error),
            }
            if last.is_some() {
                self.said_all.cancel();
            }
        }
        Ok(last)
    }

    async fn fact(&self, mut fact: JobEvent) {
        if let JobEvent::TrainingStarted { device, resolved, .. } = &mut fact {
            *device = named(device, self.gpu.as_deref());
            self.presence.device(device);
            if let (programs, Some(program)) = &self.program
                && let Some(sha256) = programs.sha256(program).await
            {
                resolved.insert(programs::NOTE.to_owned(), sha256);
            }
        }
        // A receiver that is gone has said why, and all of this ends with it.
        let _ = self.facts.send(fact).await;
    }

    async fn upload(&self, upload: Upload) {
        self.uploader.announce(&upload);
        let _ = self.uploads.send(upload).await;
    }

    /// Not fatal: anybody may print something. But its writer should see it.
    fn unknown(&self, line: &str, error: &serde_json::Error) {
        let start: String = line.chars().take(UNKNOWN_CHARS).collect();
        tracing::debug!(line = start, %error, "a line that is none of the protocol's");
        self.console.push(&format!("trainyard: not a line of the trainer protocol ({error}): {start}"));
    }
}

/// A trainer that says `cuda:0` knows less of it than its worker; prices go by the name.
fn named(device: &str, gpu: Option<&str>) -> String {
    match gpu {
        Some(gpu) if device.contains("cuda") && !device.contains(gpu) => format!("{device} ({gpu})"),
        _ => device.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    const SILENCE: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_gpu_has_the_name_that_it_has_a_price_by() {
        let h200 = Some("NVIDIA H200");
        assert_eq!(named("2 x cuda", h200), "2 x cuda (NVIDIA H200)");
        assert_eq!(named("cuda:0 (NVIDIA H200)", h200), "cuda:0 (NVIDIA H200)");
        assert_eq!(named("cpu, 2 threads", h200), "cpu, 2 threads");
        assert_eq!(named("cuda:0", None), "cuda:0");
    }

    #[tokio::test(start_paused = true)]
    async fn a_trainer_is_silent_when_it_prints_nothing_anywhere() {
        let console = Console::default();
        let begun = Instant::now();
        let never = std::future::pending::<io::Result<()>>();
        let Err(Broken::Silent(SILENCE)) = unless_silent(never, &console, SILENCE).await else { panic!() };
        assert_eq!(begun.elapsed(), SILENCE);

        let late = async {
            sleep(SILENCE - Duration::from_millis(1)).await;
            Ok(7)
        };
        assert_eq!(unless_silent(late, &console, SILENCE).await.ok(), Some(7));

        // A long validation that tells people how far it is.
        let talks = async {
            for _ in 0..10 {
                sleep(SILENCE / 2).await;
                console.push("still validating");
            }
            Ok(8)
        };
        assert_eq!(unless_silent(talks, &console, SILENCE).await.ok(), Some(8));
    }
}
