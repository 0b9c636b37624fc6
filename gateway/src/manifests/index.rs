//! One manifest: what images are looked for by in memory, and their lines in a file. No image is decoded here.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::Deserialize;
use trainyard_api::images::{ImageLabel, ImageRow, ProblemsFrom, Split};
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::DATASET_IMAGES;
use trainyard_events::problems::{ImageProblem, ProblemCount, ProblemKind, ProblemsHeader};
use trainyard_events::reason::Flaw;
use trainyard_words::english;

use super::Filter;

/// The form of manifests that is known here.
const FORM: u32 = 1;
/// One line of a manifest, as its writers have it.
const LINE_BYTES: u64 = 64 << 20;
/// Labels told of one image, and numbers in their shapes.
const LABELS: usize = 1_000;
const NUMBERS: usize = 20_000;
/// Runs of the masks of one image that are told.
const RUNS: usize = 20_000;
/// Images whose problems are told where no look has listed them; about as many as a look lists. All are counted.
const PROBLEMS: usize = 40_000;
/// Lines of the manifest that one page is made of; it ends earlier where they are long, but never without an image.
const PAGE_BYTES: u64 = 8 << 20;

pub(crate) struct Index {
    classes: Vec<String>,
    /// In the order of their names, which are all different.
    entries: Vec<Entry>,
    /// Into the entries, in the order of their hashes.
    by_hash: Vec<u32>,
    problems: HashMap<u32, Vec<ImageProblem>>,
    pub(crate) counts: Vec<ProblemCount>,
    pub(crate) problems_from: ProblemsFrom,
    file: File,
    file_bytes: u64,
}

pub(super) struct Entry {
    pub(super) name: Box<str>,
    sha256: [u8; 32],
    /// Where its line begins, and how long it is without its end.
    start: u64,
    length: u32,
    pub(super) split: Split,
    /// A bit for each kind of problem.
    problems: u8,
    pub(super) classes: Box<[u16]>,
}

impl Entry {
    pub(super) fn has(&self, kind: ProblemKind) -> bool {
        self.problems & bit(kind) != 0
    }
}

fn bit(kind: ProblemKind) -> u8 {
    1 << kind as u8
}

#[derive(Deserialize)]
struct Header {
    form: u32,
    classes: Vec<String>,
}

/// What is kept of a line while it is indexed.
#[derive(Deserialize)]
struct Found {
    sha256: String,
    name: Box<str>,
    split: Split,
    labels: Vec<OfClass>,
}

#[derive(Deserialize)]
struct OfClass {
    class: u16,
}

/// A line as it is told.
#[derive(Deserialize)]
struct Line {
    sha256: String,
    name: String,
    bytes: u64,
    width: u32,
    height: u32,
    split: Split,
    labels: Vec<LineLabel>,
}

#[derive(Deserialize)]
struct LineLabel {
    class: usize,
    #[serde(rename = "box")]
    bounds: Option<[f64; 4]>,
    polygon: Option<Vec<Vec<f64>>>,
    mask: Option<Mask>,
    keypoints: Option<Vec<[f64; 3]>>,
    #[serde(default)]
    crowd: bool,
    #[serde(default)]
    difficult: bool,
}

/// Its size is that of the image.
#[derive(Deserialize)]
struct Mask {
    counts: Vec<u32>,
}

impl LineLabel {
    fn numbers(&self) -> usize {
        let outlines = self.polygon.iter().flatten().map(Vec::len).sum::<usize>();
        4 + outlines + self.keypoints.as_ref().map_or(0, |points| 3 * points.len())
    }
}

/// A page of images, as places in the index.
pub(crate) struct Page {
    pub(crate) rows: Vec<usize>,
    /// Whether more of them come after these.
    pub(crate) goes_on: bool,
    /// On all pages together.
    pub(crate) matching: u64,
}

fn broken(line: usize, said: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("line {line}: {said}"))
}

impl Index {
    /// Of the manifest at `path` with the hash `sha256`, and of the list of problems of a look, if it is about that one.
    pub(crate) fn read(path: &Path, sha256: &str, problems: Option<&[u8]>) -> io::Result<Index> {
        let file = File::open(path)?;
        let mut lines = Lines { from: BufReader::with_capacity(1 << 20, &file), start: 0, number: 0 };
        let mut text = Vec::new();
        let Some((_, header)) = lines.next::<Header>(&mut text)? else {
            return Err(broken(1, "nothing is there"));
        };
        if header.form > FORM {
            return Err(broken(1, "a newer release has written it: upgrade this gateway"));
        }
        let mut entries: Vec<Entry> = Vec::new();
        while let Some((start, found)) = lines.next::<Found>(&mut text)? {
            let entry = entry(start, text.len() as u32, found, header.classes.len());
            let entry = entry.map_err(|said| broken(lines.number, said))?;
            if entries.last().is_some_and(|last| last.name >= entry.name) {
                return Err(broken(lines.number, "its name is not after the one before it"));
            }
            if entries.len() == DATASET_IMAGES {
                return Err(broken(lines.number, format!("{DATASET_IMAGES} images are the most")));
            }
            entries.push(entry);
        }
        entries.shrink_to_fit();
        let mut by_hash: Vec<u32> = (0..entries.len() as u32).collect();
        by_hash.sort_unstable_by_key(|at| entries[*at as usize].sha256);
        let file_bytes = lines.start;
        let mut index = Index {
            classes: header.classes,
            entries,
            by_hash,
            problems: HashMap::new(),
            counts: Vec::new(),
            problems_from: ProblemsFrom::Look,
            file,
            file_bytes,
        };
        match problems.and_then(|list| listed(list, sha256)) {
            Some((_, listed)) => index.take_listed(listed),
            None => index.find_same()?,
        }
        Ok(index)
    }

    /// Those of its images.
    fn take_listed(&mut self, problems: Vec<ImageProblem>) {
        for problem in problems {
            let Some(at) = self.place(&problem.file.path) else { continue };
            self.entries[at].problems |= bit(problem.kind);
            self.problems.entry(at as u32).or_default().push(problem);
        }
        self.count();
    }

    /// What the manifest alone tells: images whose content an image before them has, as a look finds them.
    fn find_same(&mut self) -> io::Result<()> {
        self.problems_from = ProblemsFrom::Manifest;
        for (first, at) in self.pairs() {
            let kind = self.twice(first, at)?;
            self.entries[at].problems |= bit(kind);
            if self.problems.len() < PROBLEMS {
                let flaws = vec![Flaw::SameImageAs { path: self.entries[first].name.to_string() }];
                let (path, problem) = (self.entries[at].name.to_string(), english(&flaws));
                let problem = ImageProblem { kind, file: FileProblem { path, problem, flaws } };
                self.problems.entry(at as u32).or_default().push(problem);
            }
        }
        self.count();
        Ok(())
    }

    fn count(&mut self) {
        let of = |kind| {
            let files = self.entries.iter().filter(|entry| entry.has(kind)).count() as u64;
            ProblemCount { kind, files }
        };
        self.counts = ProblemKind::ALL.into_iter().map(of).filter(|count| count.files > 0).collect();
    }

    /// The first image with a content, and each other one that has it.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let sha256 = |at: &u32| self.entries[*at as usize].sha256;
        let pairs = |same: &[u32]| {
            let first = same.iter().min().copied().unwrap_or_default();
            let others = same.iter().filter(move |at| **at != first);
            others.map(move |at| (first as usize, *at as usize)).collect::<Vec<_>>()
        };
        self.by_hash.chunk_by(|a, b| sha256(a) == sha256(b)).flat_map(pairs).collect()
    }

    fn twice(&self, first: usize, other: usize) -> io::Result<ProblemKind> {
        let is_trained = |at: usize| self.entries[at].split == Split::Train;
        Ok(match is_trained(first) != is_trained(other) {
            true => ProblemKind::Leak,
            false if self.labels(first)? != self.labels(other)? => ProblemKind::Contradiction,
            false => ProblemKind::Duplicate,
        })
    }

    fn labels(&self, at: usize) -> io::Result<serde_json::Value> {
        let mut line: serde_json::Value = serde_json::from_slice(&self.line(at)?)?;
        Ok(line["labels"].take())
    }

    /// All of them, the worst kinds first.
    pub(crate) fn problems(&self) -> Vec<ImageProblem> {
        let mut all: Vec<ImageProblem> = self.problems.values().flatten().cloned().collect();
        all.sort_by(|a, b| (a.kind, &a.file.path).cmp(&(b.kind, &b.file.path)));
        all
    }

    fn line(&self, at: usize) -> io::Result<Vec<u8>> {
        let Entry { start, length, .. } = self.entries[at];
        let mut text = vec![0; length as usize];
        self.file.read_exact_at(&mut text, start)?;
        Ok(text)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| (*entry.name).cmp(name)).ok()
    }

    /// In memory and on the disk, about.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        /// What the allocator adds to a small piece of memory.
        const PIECE: usize = 16;
        let of_entry = |entry: &Entry| {
            size_of::<Entry>() + size_of::<u32>() + entry.name.len() + 2 * entry.classes.len() + 2 * PIECE
        };
        let of_problem = |problem: &ImageProblem| {
            size_of::<ImageProblem>()
                + 2 * problem.file.path.len()
                + 2 * problem.file.problem.len()
                + 4 * PIECE
        };
        let entries: usize = self.entries.iter().map(of_entry).sum();
        let problems: usize = self.problems.values().flatten().map(of_problem).sum();
        ((entries + problems) as u64, self.file_bytes)
    }

    pub(crate) fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The name of an image with this content.
    pub(crate) fn name_of(&self, sha256: &str) -> Option<&str> {
        let wanted: [u8; 32] = hex::decode(sha256).ok()?.try_into().ok()?;
        let at = self.by_hash.binary_search_by_key(&wanted, |at| self.entries[*at as usize].sha256).ok()?;
        Some(&self.entries[self.by_hash[at] as usize].name)
    }

    /// At most `limit` of those that match, after the name `after`.
    pub(crate) fn page(&self, filter: &Filter, after: Option<&str>, limit: usize) -> Page {
        let begin = after.map_or(0, |after| self.entries.partition_point(|entry| *entry.name <= *after));
        let (mut rows, mut goes_on, mut matching, mut bytes) = (Vec::new(), false, 0, 0);
        for (at, entry) in self.entries.iter().enumerate().filter(|(_, entry)| filter.matches(entry)) {
            matching += 1;
            if at < begin || goes_on {
                continue;
            }
            bytes += u64::from(entry.length);
            goes_on = rows.len() == limit || (bytes > PAGE_BYTES && !rows.is_empty());
            rows.extend((!goes_on).then_some(at));
        }
        Page { rows, goes_on, matching }
    }

    /// What their lines say.
    pub(crate) fn rows(&self, places: &[usize]) -> io::Result<Vec<ImageRow>> {
        places.iter().map(|at| self.row(*at)).collect()
    }

    fn row(&self, at: usize) -> io::Result<ImageRow> {
        let line: Line = serde_json::from_slice(&self.line(at)?)?;
        let all = line.labels.len();
        let mut numbers = 0;
        let told = line.labels.into_iter().take(LABELS).take_while(|label| {
            numbers += label.numbers();
            numbers <= NUMBERS
        });
        let mut runs = RUNS;
        let labels: Vec<ImageLabel> = told.map(|label| self.label(label, &mut runs)).collect();
        Ok(ImageRow {
            name: line.name,
            sha256: line.sha256,
            bytes: line.bytes,
            width: line.width,
            height: line.height,
            split: line.split,
            more_labels: (all - labels.len()) as u64,
            labels,
            problems: self.problems.get(&(at as u32)).cloned().unwrap_or_default(),
        })
    }

    /// With the runs of its mask, where they are no more than are left for the image.
    fn label(&self, label: LineLabel, left: &mut usize) -> ImageLabel {
        let runs =
            label.mask.as_ref().filter(|mask| mask.counts.len() <= *left).map(|mask| mask.counts.clone());
        *left -= runs.as_ref().map_or(0, Vec::len);
        ImageLabel {
            runs,
            class: self.classes[label.class].clone(),
            bounds: label.bounds,
            polygon: label.polygon,
            mask: label.mask.is_some(),
            keypoints: label.keypoints,
            crowd: label.crowd,
            difficult: label.difficult,
        }
    }
}

/// A look's list of what is wrong, if it is about this manifest. A line that cannot be read is left out: a newer look wrote it.
pub(crate) fn listed(list: &[u8], sha256: &str) -> Option<(ProblemsHeader, Vec<ImageProblem>)> {
    let mut lines = list.split(|byte| *byte == b'\n');
    let header: ProblemsHeader = serde_json::from_slice(lines.next()?).ok()?;
    let problems = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    (header.manifest == sha256).then_some((header, problems))
}

fn entry(start: u64, length: u32, found: Found, classes: usize) -> Result<Entry, String> {
    let sha256 = hex::decode(&found.sha256).ok().and_then(|bytes| bytes.try_into().ok());
    let sha256 = sha256.ok_or("sha256 is not 64 hexadecimal digits")?;
    let mut of: Vec<u16> = found.labels.into_iter().map(|label| label.class).collect();
    of.sort_unstable();
    of.dedup();
    if of.last().is_some_and(|class| usize::from(*class) >= classes) {
        return Err("a label is of a class that the header does not name".to_owned());
    }
    Ok(Entry {
        name: found.name,
        sha256,
        start,
        length,
        split: found.split,
        problems: 0,
        classes: of.into_boxed_slice(),
    })
}

/// Lines of JSON with the place of each.
struct Lines<R> {
    from: R,
    start: u64,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    /// The next line, whose text is then in `text`, and where it begins.
    fn next<T: for<'a> Deserialize<'a>>(&mut self, text: &mut Vec<u8>) -> io::Result<Option<(u64, T)>> {
        text.clear();
        self.number += 1;
        self.from.by_ref().take(LINE_BYTES + 1).read_until(b'\n', text)?;
        let (start, read) = (self.start, text.len() as u64);
        self.start += read;
        match text.pop() {
            None => return Ok(None),
            Some(b'\n') => {}
            Some(_) => return Err(broken(self.number, "it is too long, or cut off")),
        }
        let value = serde_json::from_slice(text).map_err(|error| broken(self.number, error))?;
        Ok(Some((start, value)))
    }
}

#[cfg(test)]
mod tests;
