//! One training of the suite: what the trainer said in which order, and how it ended.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::time::timeout;
use trainyard_child::{Attached, Exit, Program, environment};
use trainyard_events::job::FailureClass;
use trainyard_events::results::Measurements;
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};

use super::LEAVES_WITHIN;
use super::data::Dataset;
use crate::runners::{Installed, last_lines};

/// The small training takes no longer, the start of a framework included.
const PATIENCE: Duration = Duration::from_secs(600);

/// What to do when a line is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Listen,
    Kill,
    /// Ask it to leave, and kill it after [`LEAVES_WITHIN`].
    Terminate,
}

/// What was heard.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) exit: Exit,
    lines: Vec<TrainerLine>,
    /// The end of what it told people.
    console: String,
    work: PathBuf,
}

/// Runs one training.
pub(super) async fn run(
    installed: &Installed,
    data: &Dataset,
    spec: &TrainerSpec,
    resume: Option<&Path>,
    then: impl Fn(&TrainerLine) -> Then,
) -> Result<Course, String> {
    let work = data.work(resume.is_some());
    fs::create_dir_all(&work).map_err(untried)?;
    fs::write(data.spec(), serde_json::to_vec(spec).map_err(|error| error.to_string())?).map_err(untried)?;
    let mut arguments: Vec<OsString> =
        vec!["train".into(), "--spec".into(), data.spec().into(), "--work".into(), work.clone().into()];
    if let Some(checkpoint) = resume {
        arguments.extend(["--resume".into(), checkpoint.into()]);
    }
    let (mut process, out, err) = Attached::piped(&program(installed, arguments, &work)).map_err(untried)?;
    let line = process.line();
    let heard = async {
        let (mut lines, mut heard) = (BufReader::new(out).lines(), Vec::new());
        while let Some(text) = lines.next_line().await? {
            // What is none of the protocol's is not fatal.
            let Ok(spoken) = serde_json::from_str(&text) else { continue };
            match then(&spoken) {
                Then::Listen => {}
                Then::Kill => line.kill(),
                Then::Terminate => line.stop(),
            }
            heard.push(spoken);
        }
        Ok(heard)
    };
    let ended = timeout(PATIENCE, async { tokio::try_join!(heard, end_of(err), process.wait()) });
    match ended.await {
        Ok(Ok((lines, console, exit))) => Ok(Course { exit, lines, console, work }),
        Ok(Err(error)) => Err(untried(error)),
        Err(_) => Err(format!("it did not end within {} s", PATIENCE.as_secs())),
    }
}

/// Runs `export`.
pub(super) async fn export(
    installed: &Installed,
    weights: &Path,
    out: &Path,
    folder: &Path,
) -> Result<Exit, String> {
    let arguments = vec!["export".into(), "--weights".into(), weights.into(), "--out".into(), out.into()];
    let (mut process, said, err) =
        Attached::piped(&program(installed, arguments, folder)).map_err(untried)?;
    let ended = timeout(PATIENCE, async { tokio::try_join!(end_of(said), end_of(err), process.wait()) });
    match ended.await {
        Ok(Ok((_, _, exit))) => Ok(exit),
        Ok(Err(error)) => Err(untried(error)),
        Err(_) => Err(format!("`export` did not end within {} s", PATIENCE.as_secs())),
    }
}

fn program(installed: &Installed, arguments: Vec<OsString>, folder: &Path) -> Program {
    let mut program = installed.program(arguments, folder);
    program.environment = environment::training();
    program.stop.grace = LEAVES_WITHIN;
    program
}

fn untried(error: std::io::Error) -> String {
    format!("it cannot be tried: {error}")
}

async fn end_of(mut from: impl AsyncRead + Unpin) -> std::io::Result<String> {
    let mut said = Vec::new();
    from.read_to_end(&mut said).await?;
    Ok(last_lines(&said))
}

impl Course {
    /// The newest checkpoint.
    pub(super) fn checkpoint(&self) -> Option<PathBuf> {
        self.lines.iter().rev().find_map(|line| match line {
            TrainerLine::Checkpoint { path, .. } => Some(self.work.join(path)),
            _ => None,
        })
    }

    /// Returns the weights of a training from its beginning to its end.
    pub(super) fn is_whole(&self, classes: &[String], epochs: u32) -> Result<PathBuf, String> {
        self.follows(1, classes, epochs)
    }

    /// The same of one that went on from a checkpoint, wherever that was.
    pub(super) fn went_on(&self, classes: &[String], epochs: u32) -> Result<PathBuf, String> {
        let first = self.lines.iter().find_map(|line| match line {
            TrainerLine::Epoch { epoch, .. } => Some(*epoch),
            _ => None,
        });
        self.follows(first.unwrap_or(epochs + 1), classes, epochs)
    }

    fn follows(&self, first: u32, classes: &[String], epochs: u32) -> Result<PathBuf, String> {
        let Some(TrainerLine::Started { classes: theirs, .. }) = self.lines.first() else {
            return Err(format!("its first line is not `started`{}", self.console));
        };
        if !are(theirs, classes) {
            return Err(format!("it trains on the classes {theirs:?}, and the manifest has {classes:?}"));
        }
        let logged: Vec<u32> = self.lines.iter().filter_map(epoch).collect();
        if logged != (first..=epochs).collect::<Vec<_>>() {
            return Err(format!(
                "it logged the epochs {logged:?}, and not {first} to {epochs}{}",
                self.console
            ));
        }
        self.lines.iter().try_for_each(finite)?;
        self.steps_grow()?;
        let Some((TrainerLine::Finished { weights, classes: theirs, .. }, before)) = self.lines.split_last()
        else {
            return Err(format!("its last line is not `finished`{}", self.console));
        };
        if !are(theirs, classes) {
            return Err(format!("it finished with the classes {theirs:?}"));
        }
        self.left(before)?;
        if self.exit != Exit::Code(exit::DONE) {
            return Err(format!("it finished and ended with {}", self.exit));
        }
        self.below_work(weights)
    }

    /// An ONNX file, before it finished.
    fn left(&self, before: &[TrainerLine]) -> Result<(), String> {
        let onnx = before.iter().find_map(|line| match line {
            TrainerLine::Artifact { role, path } if role == "onnx" => Some(path),
            _ => None,
        });
        let onnx = onnx.ok_or("it finished without an `artifact` line of the role \"onnx\"")?;
        self.below_work(onnx).map(drop)
    }

    fn below_work(&self, path: &Path) -> Result<PathBuf, String> {
        let file = self.work.join(path);
        let is_below = file.canonicalize().is_ok_and(|file| {
            self.work.canonicalize().is_ok_and(|work| file.starts_with(work)) && file.is_file()
        });
        is_below.then_some(file).ok_or_else(|| format!("{} is no file below --work", path.display()))
    }

    fn steps_grow(&self) -> Result<(), String> {
        let steps = self.lines.iter().filter_map(|line| match line {
            TrainerLine::Step(step) => Some(step.step),
            _ => None,
        });
        if steps.is_sorted_by(|before, after| before < after) {
            return Ok(());
        }
        Err("its steps do not grow".to_owned())
    }

    /// Whether it said of itself, or by its exit code, that this is what is wrong.
    pub(super) fn refused(&self, class: FailureClass, code: i32) -> Result<(), String> {
        let said = self.lines.iter().find_map(|line| match line {
            TrainerLine::Failed { class, .. } => Some(*class),
            _ => None,
        });
        let fits = said.map_or(self.exit == Exit::Code(code), |said| said == class);
        let told = said.map_or_else(|| "said nothing".to_owned(), |said| format!("said {:?}", said.name()));
        let end = || {
            let (wanted, exit) = (class.name(), self.exit);
            format!("it {told} and ended with {exit}, and not as {wanted:?} ({code}){}", self.console)
        };
        fits.then_some(()).ok_or_else(end)
    }
}

/// A segmenter may name what has no label as a class of its own, after the others.
fn are(theirs: &[String], classes: &[String]) -> bool {
    theirs.strip_prefix(classes).is_some_and(|more| more.is_empty() || more == ["background"])
}

fn epoch(line: &TrainerLine) -> Option<u32> {
    match line {
        TrainerLine::Epoch { epoch, .. } => Some(*epoch),
        _ => None,
    }
}

fn finite(line: &TrainerLine) -> Result<(), String> {
    let all = |measured: &Measurements| measured.values().all(|value| value.is_finite());
    let fits = match line {
        TrainerLine::Epoch { train, validation, primary, seconds, .. } => {
            all(train) && all(validation) && seconds.is_finite() && validation.contains_key(primary)
        }
        TrainerLine::Step(step) => all(&step.losses) && step.images_per_second.is_finite(),
        TrainerLine::Finished { measurements, .. } => all(measurements),
        _ => true,
    };
    let text = || format!("a number is not finite, or its primary measurement is missing: {line:?}");
    fits.then_some(()).ok_or_else(text)
}
