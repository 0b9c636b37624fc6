//! A look at a folder as a program of its own: within limits, with its verdict as a line of JSON.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::reason::{Advice, Caution, Flaw, Reason, cut};
use trainyard_events::trainer::{Inspection, LookStage, Looked, TrainerLine};
use trainyard_words::{Words, english};

use crate::augmented;
use crate::dataset::{Dataset, read_telling};
use crate::limits::{LOOK_MEMORY_BYTES, PROBLEM_CHARS, WARNINGS};
use crate::problems;
use crate::refusal::Refusal;
use crate::samples;
use crate::unpack::{Limits, unpack};

/// Between two words of how far a look is.
const TOLD_EVERY: Duration = Duration::from_millis(500);

/// What is looked at, and what is wanted of it.
#[derive(Clone, Debug, clap::Args)]
pub struct Inspect {
    /// The folder.
    #[arg(long)]
    pub path: PathBuf,
    /// Unpack this archive into the folder first, which is there and empty.
    #[arg(long)]
    pub archive: Option<PathBuf>,
    /// Write a page of its images, their labels, and what is wrong with single files into this folder, and announce them
    /// after the verdict.
    #[arg(long)]
    pub samples: Option<PathBuf>,
    /// Write its manifest into this file.
    #[arg(long)]
    pub manifest: Option<PathBuf>,
}

impl Inspect {
    /// Looks and says what it saw, whether it is good or bad.
    pub fn run(&self) -> io::Result<()> {
        limit_memory()?;
        let unpacked = match &self.archive {
            Some(archive) => unpack(archive, &self.path, Limits::default()),
            None => Ok(()),
        };
        let told = Told::default();
        let read = || inspect_telling(&self.path, &|images, of| told.tell(images, of));
        let Inspected { verdict, dataset } = unpacked.map_or_else(refused, |()| read());
        if let (Some(path), Some(dataset)) = (&self.manifest, &dataset) {
            write_manifest(dataset, path)?;
        }
        say(&verdict)?;
        let draw = |folder: &PathBuf| dataset.as_ref().map(|dataset| draw(dataset, folder));
        let drawn = self.samples.as_ref().and_then(draw).unwrap_or_default();
        drawn.iter().try_for_each(say)
    }
}

/// A hostile file may make its decoder ask for everything there is.
fn limit_memory() -> io::Result<()> {
    let most = getrlimit(Resource::As).maximum;
    let wanted = most.map_or(LOOK_MEMORY_BYTES, |most| most.min(LOOK_MEMORY_BYTES));
    setrlimit(Resource::As, Rlimit { current: Some(wanted), maximum: most }).map_err(io::Error::from)
}

fn write_manifest(dataset: &Dataset, path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    dataset.manifest.write(&mut file).map_err(io::Error::other)?;
    file.flush()
}

/// What has been said of how far the look is: a line now and then.
#[derive(Default)]
struct Told {
    last: Mutex<Option<(Instant, u64)>>,
}

impl Told {
    fn tell(&self, images: u64, of: u64) {
        let mut last = self.last.lock().expect("nothing panics while it holds the moment");
        // Threads come here in any order.
        let is_old =
            |(at, told): (Instant, u64)| images <= told || (at.elapsed() < TOLD_EVERY && images < of);
        if last.is_some_and(is_old) {
            return;
        }
        *last = Some((Instant::now(), images));
        // Whoever does not hear this does not hear the verdict either, which says so.
        say(&Looked { stage: LookStage::Read, images, of }).ok();
    }
}

fn say(line: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// What a look came to.
#[derive(Debug)]
pub struct Inspected {
    pub verdict: Inspection,
    /// A good one.
    pub dataset: Option<Dataset>,
}

/// Good and bad are both answers. The verdict stays small whatever lies on disk: at most [`REPORTED_FILES`] files are named
/// in each list, and texts that quote a file are cut.
pub fn inspect(root: &Path) -> Inspected {
    inspect_telling(root, &|_, _| ())
}

/// The same; `told` as of [`read_telling`].
pub fn inspect_telling(root: &Path, told: &(dyn Fn(u64, u64) + Sync)) -> Inspected {
    let trainable = |dataset: Dataset| match dataset.manifest.refuse_if_untrainable() {
        Ok(()) => Ok(dataset),
        Err(refusal) => Err(refusal.with_files(&dataset.report.skipped)),
    };
    match read_telling(root, told).and_then(trainable) {
        Ok(dataset) => {
            let mut profile = dataset.profile();
            profile.skipped = reported(profile.skipped);
            profile.noted = reported(profile.noted);
            profile.cautions.truncate(WARNINGS);
            profile.cautions = cut::<Vec<Caution>>(profile.cautions, PROBLEM_CHARS);
            profile.warnings = profile.cautions.iter().map(short).collect();
            Inspected { verdict: Inspection::Good { profile: Box::new(profile) }, dataset: Some(dataset) }
        }
        Err(refusal) => refused(refusal),
    }
}

fn refused(Refusal { because, advice, report, bad_files }: Refusal) -> Inspected {
    let because: Vec<Reason> = cut(vec![(*because).into()], PROBLEM_CHARS);
    let advice: Vec<Advice> = cut(vec![advice], PROBLEM_CHARS);
    let verdict = Inspection::Bad {
        problem: short(&because),
        next_step: short(&advice),
        report: reported(report),
        bad_files,
        because,
        advice,
    };
    Inspected { verdict, dataset: None }
}

/// The page of images with its labels, the list of problems, and pages of what augmentation would do. Where one of them
/// cannot be made the log says why, and there is none.
pub fn draw(dataset: &Dataset, folder: &Path) -> Vec<TrainerLine> {
    let mut drawn = samples::write(dataset, folder).unwrap_or_else(|problem| {
        eprintln!("no samples are shown: {problem}");
        Vec::new()
    });
    match problems::write(dataset, folder) {
        Ok(list) => drawn.push(list),
        Err(problem) => eprintln!("the problems are not listed: {problem}"),
    }
    match augmented::write(dataset, folder) {
        Ok(pages) => drawn.extend(pages),
        Err(problem) => eprintln!("what augmentation would do is not shown: {problem}"),
    }
    drawn
}

fn reported(mut files: Vec<FileProblem>) -> Vec<FileProblem> {
    files.truncate(REPORTED_FILES);
    let shorten = |FileProblem { path, flaws, .. }: FileProblem| {
        let flaws: Vec<Flaw> = cut(flaws, PROBLEM_CHARS);
        FileProblem { path: shortened(path), problem: short(&flaws), flaws }
    };
    files.into_iter().map(shorten).collect()
}

fn short(what: &impl Words) -> String {
    shortened(english(what))
}

pub(crate) fn shortened(text: String) -> String {
    match text.char_indices().nth(PROBLEM_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
