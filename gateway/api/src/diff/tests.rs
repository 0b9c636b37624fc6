//! What a diff finds, whatever was moved, renamed or numbered otherwise.

use serde_json::json;

use super::*;

/// An image: its name, the digit that its hash is made of, its split and its labels.
type Row = (&'static str, char, &'static str, Value);

fn lines(classes: &[&str], rows: &[Row]) -> Vec<Result<Vec<u8>, ()>> {
    let head = json!({ "form": 1, "classes": classes, "kinds": ["classify"] });
    let image = |(name, hash, split, labels): &Row| {
        json!({ "sha256": hash.to_string().repeat(64), "name": name, "bytes": 1, "width": 1, "height": 1,
                "split": split, "labels": labels })
    };
    let all = std::iter::once(head).chain(rows.iter().map(image));
    all.map(|line| Ok(line.to_string().into_bytes())).collect()
}

fn diff(from: Vec<Result<Vec<u8>, ()>>, to: Vec<Result<Vec<u8>, ()>>) -> Result<DatasetDiff, DiffError<()>> {
    between((1, from.into_iter()), (2, to.into_iter()))
}

fn names(images: &DiffImages) -> Vec<&str> {
    assert_eq!(images.count, images.first.len() as u64);
    images.first.iter().map(|image| image.name.as_str()).collect()
}

fn of(class: usize) -> Value {
    json!([{ "class": class }])
}

#[test]
fn each_image_is_what_became_of_it() {
    let from = lines(
        &["cat", "dog"],
        &[
            ("a", 'a', "train", of(0)),
            ("b", 'b', "train", of(1)),
            ("c", 'c', "train", of(0)),
            ("d", 'd', "train", of(0)),
            ("e", 'e', "train", of(1)),
            ("train/f", 'f', "train", of(1)),
        ],
    );
    let to = lines(
        &["cat", "dog"],
        &[
            ("a", 'a', "train", of(0)),
            ("b", 'b', "validation", of(0)),
            ("c", '1', "train", of(0)),
            ("e2", 'e', "train", of(1)),
            ("n", '2', "test", of(1)),
            ("val/f", 'f', "validation", of(1)),
        ],
    );
    let diff = diff(from, to).unwrap();
    assert_eq!((names(&diff.added), names(&diff.removed)), (vec!["n"], vec!["d"]));
    assert_eq!((names(&diff.moved), names(&diff.relabelled)), (vec!["b", "val/f"], vec!["b"]));
    assert_eq!((names(&diff.replaced), names(&diff.renamed)), (vec!["c"], vec!["e2"]));
    assert_eq!(diff.moved.first[1].before.as_deref(), Some("train/f"));
    assert_eq!(diff.moved.first[1].splits, Some([Split::Train, Split::Validation]));
    let counts = |train, validation, test| SplitCounts { train, validation, test };
    assert_eq!((diff.from.number, diff.from.images, diff.from.labels), (1, counts(6, 0, 0), 6));
    assert_eq!((diff.to.number, diff.to.images, diff.to.labels), (2, counts(3, 2, 1), 6));
    let dog = &diff.classes[1];
    assert_eq!((&*dog.name, dog.from, dog.to), ("dog", counts(3, 0, 0), counts(1, 1, 1)));
}

#[test]
fn classes_are_told_by_their_names_and_labels_in_any_order() {
    let label = |class: usize, x: f64| json!({ "class": class, "box": [x, 0.0, 1.0, 1.0] });
    let from = lines(&["cat", "dog"], &[("a", 'a', "train", json!([label(0, 1.0), label(1, 2.0)]))]);
    let to = lines(&["bird", "dog", "cat"], &[("a", 'a', "train", json!([label(1, 2.0), label(2, 1.0)]))]);
    let same = diff(from.clone(), to).unwrap();
    assert!(same.is_empty(), "{same:?}");
    let named: Vec<&str> = same.classes.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(named, ["bird", "dog", "cat"]);
    let to = lines(&["cat"], &[("a", 'a', "train", json!([label(0, 1.5)]))]);
    let other = diff(from, to).unwrap();
    assert_eq!(names(&other.relabelled), ["a"]);
    assert_eq!(other.classes[1].to, SplitCounts::default(), "a class that is gone is told all the same");
}

#[test]
fn copies_of_one_content_are_counted_one_by_one() {
    let from = lines(&["x"], &[("a", 'a', "train", of(0)), ("b", 'a', "train", of(0))]);
    let to = lines(&["x"], &[("c", 'a', "train", of(0))]);
    let diff = diff(from, to).unwrap();
    assert_eq!((names(&diff.renamed), names(&diff.removed), diff.added.count), (vec!["c"], vec!["b"], 0));
}

#[test]
fn what_is_no_manifest_is_said_by_its_line() {
    let good = || lines(&["x"], &[("a", 'a', "train", of(0)), ("b", 'b', "train", of(0))]);
    let broken = |at: usize, text: &str| {
        let mut lines = good();
        lines[at] = Ok(text.as_bytes().to_vec());
        diff(good(), lines).unwrap_err()
    };
    assert_eq!(broken(0, r#"{"form":2,"sets":[]}"#), DiffError::Newer { number: 2, form: 2 });
    assert_eq!(broken(1, "{"), DiffError::Broken { number: 2, line: 2 });
    let image = String::from_utf8(good()[1].clone().unwrap()).unwrap();
    assert_eq!(broken(2, &image), DiffError::Broken { number: 2, line: 3 }, "names ascend");
    assert_eq!(
        broken(1, &image.replace("\"class\":0", "\"class\":1")),
        DiffError::Broken { number: 2, line: 2 }
    );
    assert_eq!(broken(1, &image.replace("aaaa", "zzzz")), DiffError::Broken { number: 2, line: 2 });
    assert_eq!(diff(good(), vec![Err(())]).unwrap_err(), DiffError::Unread(()));
    assert_eq!(diff(vec![], good()).unwrap_err(), DiffError::Broken { number: 1, line: 1 });
}

/// Everything is other, so all of it is held; and the first names are the first, whatever the order of the hashes.
#[test]
fn a_hundred_thousand_images_are_counted_and_the_first_named() {
    const IMAGES: u32 = 100_000;
    let side = |content: u32| {
        let head = br#"{"form":1,"classes":["x"],"kinds":["classify"]}"#.to_vec();
        let image = move |at: u32| {
            let hash = (u64::from(at) + u64::from(content)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let hash = format!("{hash:016x}").repeat(4);
            let line = format!(
                r#"{{"sha256":"{hash}","name":"{content}/{at:06}","split":"train","labels":[{{"class":0}}]}}"#
            );
            Ok::<_, ()>(line.into_bytes())
        };
        std::iter::once(Ok(head)).chain((0..IMAGES).map(image))
    };
    let diff = between((1, side(1)), (2, side(500_000))).unwrap();
    assert_eq!((diff.added.count, diff.removed.count), (u64::from(IMAGES), u64::from(IMAGES)));
    let first: Vec<String> = diff.added.first.iter().map(|image| image.name.clone()).collect();
    assert_eq!(first, (0..NAMED).map(|at| format!("500000/{at:06}")).collect::<Vec<_>>());
    let moved = between((1, side(7)), (2, side(7))).unwrap();
    assert!(moved.is_empty());
}
