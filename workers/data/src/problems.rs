//! What is wrong with each file of a dataset, or worth knowing of it: the whole list, where a profile names the first few.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use serde::Serialize;
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::DATASET_ARTIFACT_BYTES;
use trainyard_events::problems::{ImageProblem, PROBLEMS, ProblemCount, ProblemKind, ProblemsHeader};
use trainyard_events::reason::Flaw;
use trainyard_events::trainer::TrainerLine;

use crate::dataset::Dataset;
use crate::inspect::shortened;
use crate::manifest::{Image, Split};
use crate::near::NearDuplicates;
use crate::refusal::flawed;

/// Of the folder that was asked for.
const FILE: &str = "problems.jsonl";
/// The lines of one list. It is an artifact of a look, and what does not fit is counted only: about 40,000 problems with
/// names of 60 characters do.
const BYTES: usize = DATASET_ARTIFACT_BYTES as usize;

/// All of them, the worst kinds first, each kind by name.
pub fn problems(
    images: &[Image],
    bad: &[FileProblem],
    noted: &[FileProblem],
    near: &NearDuplicates,
) -> Vec<ImageProblem> {
    let by_name: HashMap<&str, &Image> = images.iter().map(|image| (image.name.as_str(), image)).collect();
    let left_out = bad.iter().map(|file| ImageProblem { kind: ProblemKind::LeftOut, file: file.clone() });
    let alike = near.judging.iter().map(|(path, other)| ImageProblem {
        kind: ProblemKind::NearDuplicate,
        file: flawed(path, vec![Flaw::LooksLike { path: other.clone() }]),
    });
    let noted = noted.iter().flat_map(|file| by_kind(file, &by_name));
    let mut all: Vec<ImageProblem> = left_out.chain(alike).chain(noted).collect();
    all.sort_by(|a, b| (a.kind, &a.file.path).cmp(&(b.kind, &b.file.path)));
    all
}

/// What is noted of a file, apart by what it is about.
fn by_kind(file: &FileProblem, images: &HashMap<&str, &Image>) -> Vec<ImageProblem> {
    let mut kinds: BTreeMap<ProblemKind, Vec<Flaw>> = BTreeMap::new();
    for flaw in &file.flaws {
        kinds.entry(kind(flaw, &file.path, images)).or_default().push(flaw.clone());
    }
    let of_kind = |(kind, flaws)| ImageProblem { kind, file: flawed(&file.path, flaws) };
    kinds.into_iter().map(of_kind).collect()
}

fn kind(flaw: &Flaw, path: &str, images: &HashMap<&str, &Image>) -> ProblemKind {
    match flaw {
        Flaw::SameImageAs { path: other } => match (images.get(path), images.get(other.as_str())) {
            (Some(one), Some(other)) => twice(one, other),
            _ => ProblemKind::Duplicate,
        },
        Flaw::Box { .. }
        | Flaw::RepeatedBoxes { .. }
        | Flaw::MoreNotes { .. }
        | Flaw::UnknownCategory { .. }
        | Flaw::UnknownClass { .. }
        | Flaw::BoxNotFourNumbers { .. }
        | Flaw::NumbersUnusable { .. }
        | Flaw::MaskDoesNotFit { .. }
        | Flaw::ShapesNotRead { .. }
        | Flaw::Line { .. }
        | Flaw::Object { .. } => ProblemKind::Label,
        Flaw::Background => ProblemKind::Unlabelled,
        _ => ProblemKind::Note,
    }
}

fn twice(one: &Image, other: &Image) -> ProblemKind {
    let is_trained = |image: &Image| image.split == Split::Train;
    match is_trained(one) != is_trained(other) {
        true => ProblemKind::Leak,
        false if one.labels != other.labels => ProblemKind::Contradiction,
        false => ProblemKind::Duplicate,
    }
}

/// Writes [`FILE`] into `folder`, which is there, and announces it. A dataset without a problem has a list of none.
pub fn write(dataset: &Dataset, folder: &Path) -> Result<TrainerLine, String> {
    let manifest = dataset.manifest.version().map_err(|error| error.to_string())?;
    let path = folder.join(FILE);
    fs::write(&path, lines(manifest, &dataset.problems, BYTES))
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    Ok(TrainerLine::Artifact { role: PROBLEMS.to_owned(), path: FILE.into() })
}

/// As many as fit into `bytes`.
fn lines(manifest: String, problems: &[ImageProblem], bytes: usize) -> Vec<u8> {
    let mut header = ProblemsHeader { manifest, counts: counts(problems), listed: problems.len() as u64 };
    // Its own length is the largest with all of them listed.
    let room = bytes.saturating_sub(line(&header).len());
    let mut body = Vec::new();
    header.listed = 0;
    for problem in problems {
        let file = &problem.file;
        let short = FileProblem {
            path: file.path.clone(),
            problem: shortened(file.problem.clone()),
            flaws: trainyard_events::reason::cut(file.flaws.clone(), crate::limits::PROBLEM_CHARS),
        };
        let next = line(&ImageProblem { kind: problem.kind, file: short });
        if body.len() + next.len() > room {
            break;
        }
        body.extend(next);
        header.listed += 1;
    }
    [line(&header), body].concat()
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec(value).expect("problems are plain data");
    text.push(b'\n');
    text
}

fn counts(problems: &[ImageProblem]) -> Vec<ProblemCount> {
    let of = |kind: ProblemKind| {
        let files = problems.iter().filter(|problem| problem.kind == kind);
        let files: HashSet<&str> = files.map(|problem| problem.file.path.as_str()).collect();
        ProblemCount { kind, files: files.len() as u64 }
    };
    ProblemKind::ALL.into_iter().map(of).filter(|count| count.files > 0).collect()
}

#[cfg(test)]
mod tests {
    use trainyard_events::reason::{BoxFlaw, Place};

    use super::*;
    use crate::manifest::Label;

    fn image(name: &str, content: char, split: Split, class: usize) -> Image {
        let sha256 = content.to_string().repeat(64);
        let labels = vec![Label::of_class(class)];
        Image { sha256, name: name.to_owned(), bytes: 1, width: 9, height: 9, split, labels }
    }

    fn same(path: &str, other: &str) -> FileProblem {
        flawed(path, vec![Flaw::SameImageAs { path: other.to_owned() }])
    }

    #[test]
    fn each_file_is_there_under_what_it_is_about_and_the_worst_comes_first() {
        let images = [
            image("a", '1', Split::Train, 0),
            image("b", '1', Split::Test, 0),
            image("c", '1', Split::Train, 1),
            image("d", '1', Split::Train, 0),
            image("e", '2', Split::Train, 0),
        ];
        let cut = Flaw::Box { place: Place::Line { line: 2, file: "e.txt".into() }, flaw: BoxFlaw::Cut };
        let both = flawed("e", vec![cut.clone(), Flaw::TurnedByExif, cut]);
        let noted = [both, same("b", "a"), same("c", "a"), same("d", "a")];
        let bad = [flawed("x", vec![Flaw::EmptyFile])];
        let near = NearDuplicates { judging: vec![("b".into(), "e".into())], ..NearDuplicates::default() };
        let found = problems(&images, &bad, &noted, &near);
        let told: Vec<(ProblemKind, &str, usize)> = found
            .iter()
            .map(|ImageProblem { kind, file }| (*kind, file.path.as_str(), file.flaws.len()))
            .collect();
        assert_eq!(
            told,
            [
                (ProblemKind::LeftOut, "x", 1),
                (ProblemKind::Leak, "b", 1),
                (ProblemKind::NearDuplicate, "b", 1),
                (ProblemKind::Contradiction, "c", 1),
                (ProblemKind::Duplicate, "d", 1),
                (ProblemKind::Label, "e", 2),
                (ProblemKind::Note, "e", 1),
            ]
        );
    }

    #[test]
    fn a_list_is_never_too_long_and_counts_what_it_leaves_out() {
        let all: Vec<ImageProblem> = (0..500)
            .map(|index| ImageProblem {
                kind: ProblemKind::Duplicate,
                file: same(&format!("{index:03}"), "first"),
            })
            .collect();
        for bytes in [300, 4_000, 1 << 20] {
            let text = String::from_utf8(lines("f".repeat(64), &all, bytes)).unwrap();
            let (first, rest) = text.split_once('\n').unwrap();
            let header: ProblemsHeader = serde_json::from_str(first).unwrap();
            assert_eq!(header.counts, [ProblemCount { kind: ProblemKind::Duplicate, files: 500 }]);
            assert_eq!(rest.lines().count() as u64, header.listed);
            assert!(text.len() <= bytes && (header.listed == 500) == (bytes == 1 << 20), "{bytes}");
            let read = |line| serde_json::from_str::<ImageProblem>(line).unwrap();
            assert!(rest.lines().map(read).zip(&all).all(|(read, problem)| read == *problem));
        }
    }
}
