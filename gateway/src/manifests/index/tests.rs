//! What an index finds is what its manifest says, page by page.

use std::io::Write;

use serde_json::json;
use trainyard_api::images::ImageQuery;
use trainyard_events::dataset::FileProblem;

use super::*;

const MANIFEST: &str = "9f";

fn name(at: usize) -> String {
    format!("{}/이미지 {at:05}.JPG", ["train", "val"][usize::from(at.is_multiple_of(5))])
}

fn line(at: usize) -> String {
    let split = if at.is_multiple_of(5) { "validation" } else { "train" };
    let object =
        json!({ "class": at % 3, "box": [1.0, 2.0, 3.5, 4.0], "polygon": [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0]] });
    let masked = json!({ "class": at % 2, "mask": { "size": [9, 8], "counts": [70, 2] }, "crowd": true });
    json!({
        "sha256": format!("{at:064x}"), "name": name(at), "bytes": 7, "width": 8, "height": 9, "split": split,
        "labels": [object, masked],
    })
    .to_string()
}

fn manifest(mut lines: Vec<String>) -> tempfile::NamedTempFile {
    lines.sort_by_key(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["name"].to_string());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let header = json!({ "form": 1, "classes": ["cat", "dog", "개"], "kinds": ["detect"] }).to_string();
    for line in std::iter::once(header).chain(lines) {
        writeln!(file, "{line}").unwrap();
    }
    file
}

fn index(images: usize, problems: Option<&[u8]>) -> Index {
    Index::read(manifest((0..images).map(line).collect()).path(), MANIFEST, problems).unwrap()
}

fn names(index: &Index, query: &ImageQuery, limit: usize) -> Vec<Vec<String>> {
    let filter = Filter::of(query, index.classes()).unwrap();
    let (mut pages, mut after): (Vec<Vec<String>>, Option<String>) = (Vec::new(), None);
    loop {
        let page = index.page(&filter, after.as_deref(), limit);
        let rows = index.rows(&page.rows).unwrap();
        after = rows.last().map(|row| row.name.clone());
        pages.push(rows.into_iter().map(|row| row.name).collect());
        assert!(page.matching >= pages.iter().map(Vec::len).sum::<usize>() as u64);
        if !page.goes_on {
            assert_eq!(page.matching, pages.iter().map(Vec::len).sum::<usize>() as u64);
            return pages;
        }
    }
}

#[test]
fn all_pages_together_are_the_manifest() {
    let index = index(1_003, None);
    let mut all: Vec<String> = (0..1_003).map(name).collect();
    all.sort();
    for limit in [1, 7, 200, 5_000] {
        let pages = names(&index, &ImageQuery::default(), limit);
        assert!(pages.iter().all(|page| !page.is_empty() && page.len() <= limit));
        assert_eq!(pages.concat(), all, "{limit}");
    }
}

#[test]
fn filters_are_what_they_say() {
    let index = index(300, None);
    let found = |query: ImageQuery| names(&index, &query, 50).concat();
    let expected = |fits: &dyn Fn(usize) -> bool| {
        let mut names: Vec<String> = (0..300).filter(|at| fits(*at)).map(name).collect();
        names.sort();
        names
    };
    let split = Some(Split::Validation);
    assert_eq!(found(ImageQuery { split, ..Default::default() }), expected(&|at| at % 5 == 0));
    let class = Some("개".to_owned());
    assert_eq!(found(ImageQuery { class: class.clone(), ..Default::default() }), expected(&|at| at % 3 == 2));
    let cat = Some("cat".to_owned());
    assert_eq!(
        found(ImageQuery { class: cat, ..Default::default() }),
        expected(&|at| at % 3 == 0 || at % 2 == 0)
    );
    let search = Some("00012.jpg".to_owned());
    assert_eq!(found(ImageQuery { search, ..Default::default() }), [name(12)]);
    let (both, search) = (ImageQuery { split, class, ..Default::default() }, Some("VAL/이미지".to_owned()));
    assert_eq!(found(ImageQuery { search, ..both }), expected(&|at| at % 15 == 5));
    assert!(
        Filter::of(&ImageQuery { class: Some("cow".into()), ..Default::default() }, index.classes())
            .is_none()
    );
    let none = ImageQuery { problem: Some(ProblemKind::Leak), ..Default::default() };
    assert!(found(none).is_empty() && index.counts.is_empty());
}

#[test]
fn a_row_is_its_line_with_masks_as_far_as_there_is_room() {
    let index = index(9, None);
    let at = index.place(&name(4)).unwrap();
    let row = index.row(at).unwrap();
    assert_eq!((row.name, row.split, [row.width, row.height]), (name(4), Split::Train, [8, 9]));
    let [object, masked] = &row.labels[..] else { panic!("{:?}", row.labels) };
    assert_eq!(
        (object.class.as_str(), object.bounds, object.mask),
        ("dog", Some([1.0, 2.0, 3.5, 4.0]), false)
    );
    assert_eq!((masked.class.as_str(), masked.bounds, masked.mask, masked.crowd), ("cat", None, true, true));
    assert_eq!((object.runs.as_deref(), masked.runs.as_deref()), (None, Some(&[70, 2][..])));
    let text = index.line(at).unwrap();
    let read = || serde_json::from_slice::<Line>(&text).unwrap().labels.pop().unwrap();
    let mut left = 3;
    let told: Vec<_> = [(); 2]
        .map(|()| index.label(read(), &mut left))
        .into_iter()
        .map(|label| (label.mask, label.runs))
        .collect();
    assert_eq!(told, [(true, Some(vec![70, 2])), (true, None)], "what is too long is said to be there");
    assert_eq!(index.name_of(&format!("{:064x}", 4)), Some(name(4).as_str()));
    for unknown in [format!("{:064x}", 99), "zz".to_owned(), String::new()] {
        assert_eq!(index.name_of(&unknown), None);
    }
}

fn problem(kind: ProblemKind, path: String) -> String {
    let file = FileProblem { path, problem: "is so".to_owned(), flaws: Vec::new() };
    serde_json::to_string(&ImageProblem { kind, file }).unwrap()
}

#[test]
fn problems_are_told_of_the_manifest_that_they_are_of() {
    let lines = [
        json!({ "manifest": MANIFEST, "counts": [], "listed": 3 }).to_string(),
        problem(ProblemKind::LeftOut, "broken.jpg".into()),
        problem(ProblemKind::Leak, name(3)),
        problem(ProblemKind::Label, name(3)),
        r#"{"kind":"of_tomorrow","path":"x","problem":"y"}"#.to_owned(),
        problem(ProblemKind::Label, name(7)),
    ];
    let list = lines.join("\n");
    let index = index(20, Some(list.as_bytes()));
    let query = ImageQuery { problem: Some(ProblemKind::Label), ..Default::default() };
    assert_eq!(names(&index, &query, 1), [[name(3)], [name(7)]]);
    assert_eq!(index.row(index.place(&name(3)).unwrap()).unwrap().problems.len(), 2);
    let count = |kind, files| ProblemCount { kind, files };
    let counts = vec![count(ProblemKind::Leak, 1), count(ProblemKind::Label, 2)];
    assert_eq!(index.problems_from, ProblemsFrom::Look);
    assert_eq!(index.counts, counts, "what is left out is no image of the version");
    let other = list.replace(MANIFEST, "other");
    let index = self::index(20, Some(other.as_bytes()));
    assert!(index.counts.is_empty() && index.problems.is_empty());
    assert_eq!(index.problems_from, ProblemsFrom::Manifest);
}

#[test]
fn without_a_list_the_manifest_tells_which_content_is_there_twice() {
    let same = |at: usize, as_of: usize| {
        let (own, other) = (format!("{at:064x}"), format!("{as_of:064x}"));
        line(at).replace(&own, &other)
    };
    // 5 validates and 1 is trained on; 7 has the labels of 1, and 2 others.
    let mut lines: Vec<String> = (0..10).filter(|at| ![2, 5, 7].contains(at)).map(line).collect();
    lines.extend([same(5, 1), same(2, 1), same(7, 1)]);
    let index = Index::read(manifest(lines).path(), MANIFEST, None).unwrap();
    let count = |kind| ProblemCount { kind, files: 1 };
    let kinds = [ProblemKind::Leak, ProblemKind::Contradiction, ProblemKind::Duplicate];
    assert_eq!((index.problems_from, &index.counts[..]), (ProblemsFrom::Manifest, &kinds.map(count)[..]));
    let told: Vec<_> =
        index.problems().into_iter().map(|one| (one.kind, one.file.path, one.file.flaws)).collect();
    let flaws = || vec![Flaw::SameImageAs { path: name(1) }];
    let of = |(kind, at)| (kind, name(at), flaws());
    assert_eq!(told, kinds.into_iter().zip([5, 2, 7]).map(of).collect::<Vec<_>>());
}

#[test]
fn what_is_no_manifest_is_said_so() {
    let read = |lines: Vec<String>| Index::read(manifest(lines).path(), MANIFEST, None).err();
    let class = line(1).replace("\"class\":1", "\"class\":3");
    for (lines, word) in [
        (vec![line(1), line(1)], "not after"),
        (vec![class], "does not name"),
        (vec![line(1).replacen("\"sha256\":\"00", "\"sha256\":\"", 1)], "hexadecimal"),
        (vec![r#"{"name":"a"}"#.to_owned()], "line 2"),
    ] {
        let error = read(lines).expect(word).to_string();
        assert!(error.contains(word), "{error}");
    }
    let mut cut = tempfile::NamedTempFile::new().unwrap();
    write!(cut, r#"{{"form":1,"classes":[]}}"#).unwrap();
    assert!(Index::read(cut.path(), MANIFEST, None).is_err());
    let mut newer = tempfile::NamedTempFile::new().unwrap();
    writeln!(newer, r#"{{"form":2,"classes":[]}}"#).unwrap();
    let error = Index::read(newer.path(), MANIFEST, None).err().unwrap().to_string();
    assert!(error.contains("upgrade"), "{error}");
}

#[test]
fn a_page_and_an_image_have_an_end_however_much_is_labelled() {
    let labels: Vec<_> = (0..5_000).map(|_| json!({ "class": 0, "box": [0, 0, 1, 1] })).collect();
    let heavy = |at: usize| {
        let mut one: serde_json::Value = serde_json::from_str(&line(at)).unwrap();
        one["labels"] = json!(labels);
        one.to_string()
    };
    let bytes = heavy(0).len() as u64;
    let images = (2 * PAGE_BYTES / bytes) as usize;
    let index = Index::read(manifest((0..images).map(heavy).collect()).path(), MANIFEST, None).unwrap();
    let pages = names(&index, &ImageQuery::default(), 200);
    assert!(pages.len() > 1 && pages.concat().len() == images, "{} pages of {images}", pages.len());
    let row = index.row(0).unwrap();
    assert_eq!((row.labels.len(), row.more_labels), (LABELS, 4_000));
}
