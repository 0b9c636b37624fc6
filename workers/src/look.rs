//! The look at a folder: the inspector in a process of its own, its verdict, its drawings and the manifest that it leaves.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::time::timeout;
use trainyard_child::{Attached, Exit, Program, environment};
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits;
use trainyard_events::reason::{self, Advice, Caution, Flaw, Reason, Unfit};
use trainyard_events::trainer::{Inspection, Looked, TrainerLine};

use crate::WorkerConfig;
use crate::console::Console;
use crate::lines::Lines;
use crate::samples::Drawn;
use crate::why::system;

/// A look at one dataset.
const TIME: Duration = Duration::from_secs(30 * 60);
/// The longest verdict that is read whole, in bytes.
const VERDICT_BYTES: usize = 2 * 1024 * 1024;
/// Console lines in the reason for a look that failed.
const CONSOLE_LINES: usize = 5;
/// In the folder of the look.
const MANIFEST: &str = "manifest.jsonl";

/// What an inspector has said.
pub(crate) struct Seen {
    pub(crate) verdict: Inspection,
    pub(crate) drawn: Vec<Drawn>,
    /// Of a good dataset.
    pub(crate) manifest: Option<PathBuf>,
}

impl Seen {
    fn only(verdict: Inspection) -> Seen {
        Seen { verdict, drawn: Vec::new(), manifest: None }
    }
}

/// What the inspector finds at `path`, its files in `folder`. An error is the inspector's, not the dataset's.
pub(crate) async fn look(config: &WorkerConfig, path: &Path, folder: &Path) -> Result<Seen, Unfit> {
    look_into(config, path, None, folder, |_, _| ()).await
}

/// The same of an archive, which the inspector unpacks into `path`: strangers' bytes are for a process without secrets.
/// `read_so_far` hears now and then how many images are read, and of how many.
pub(crate) async fn look_into(
    config: &WorkerConfig,
    path: &Path,
    archive: Option<&Path>,
    folder: &Path,
    read_so_far: impl Fn(u64, u64) + Send + Sync,
) -> Result<Seen, Unfit> {
    let manifest = folder.join(MANIFEST);
    let mut arguments: Vec<OsString> = vec![
        "inspect".into(),
        "--path".into(),
        path.into(),
        "--samples".into(),
        folder.into(),
        "--manifest".into(),
        manifest.clone().into(),
    ];
    if let Some(archive) = archive {
        arguments.extend(["--archive".into(), archive.into()]);
    }
    let mut inspector = Program::new(&config.inspector, arguments, &config.work_dir);
    inspector.environment = environment::training();
    let (mut process, out, err) =
        Attached::piped(&inspector).map_err(|error| Unfit::InspectorNotStarted { cause: system(&error) })?;
    let console = Console::default();
    let run = async { tokio::try_join!(process.wait(), read(out, &read_so_far), listen(err, &console)) };
    let Ok(run) = timeout(TIME, run).await else {
        let minutes = TIME.as_secs() / 60;
        return Ok(Seen::only(bad(Unfit::TooSlow { minutes }, Advice::FasterDisk)));
    };
    let (exit, seen, ()) = run.map_err(|error| Unfit::InspectorUnheard { cause: system(&error) })?;
    if let Some(Seen { verdict: Inspection::Good { .. }, drawn, .. }) = &seen
        && drawn.is_empty()
    {
        let said = console.tail();
        tracing::warn!(path = %path.display(), said = said.last(), "the inspector has drawn no samples");
    }
    let manifest = manifest.is_file().then_some(manifest);
    seen.map(|seen| believed(Seen { manifest, ..seen })).ok_or_else(|| {
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
async fn read(
    out: impl AsyncRead + Unpin,
    read_so_far: &(impl Fn(u64, u64) + Sync),
) -> std::io::Result<Option<Seen>> {
    let mut lines = Lines::new(out, VERDICT_BYTES, false);
    let (mut verdict, mut drawn) = (None, Vec::new());
    while let Some(line) = lines.next().await? {
        if let Ok(Looked { images, of, .. }) = serde_json::from_str(&line) {
            read_so_far(images, of);
        } else if let Ok(TrainerLine::Artifact { role, path }) = serde_json::from_str(&line) {
            drawn.push(Drawn { role, path });
        } else {
            verdict = serde_json::from_str(&line).ok().or(verdict);
        }
        // One more than may be kept says as much as a million.
        drawn.truncate(limits::DATASET_ARTIFACTS + 1);
    }
    Ok(verdict.map(|verdict| Seen { verdict, drawn, manifest: None }))
}

async fn listen(err: impl AsyncRead + Unpin, console: &Console) -> std::io::Result<()> {
    let mut lines = Lines::new(err, VERDICT_BYTES, true);
    while let Some(line) = lines.next().await? {
        console.push(&line);
    }
    Ok(())
}

/// Said in English by the door.
pub(crate) fn bad(unfit: Unfit, advice: Advice) -> Inspection {
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
