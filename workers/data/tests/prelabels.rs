//! What a model has said goes to a labelling tool, is corrected there, and comes back as labels; uncorrected it is none.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use serde_json::{Value, json};
use support::{Found, Tree};
use trainyard_data::BASE_FILE;
use trainyard_data::manifest::{Image, Split};
use trainyard_data::prelabel::{Prelabelled, Prelabels, Tool, uncertainty};
use trainyard_events::config::Task;
use trainyard_events::prediction::Prediction;
use trainyard_events::reason::{Caution, Unfit, UnreadLabels};

const NAMES: [&str; 3] = ["train/a b.jpg", "train/#1 50%.jpg", "val/사진.jpg"];
const URL: &str = "/data/local-files/?d=images/";

fn found(class: &str, confidence: f64, bbox: [f64; 4]) -> Prediction {
    Prediction { bbox: Some(bbox), ..Prediction::of(class, confidence) }
}

/// The same answer to each image; two classes, of which the model sees one.
fn said(task: Task, predictions: &[Prediction]) -> Prelabels {
    let image = |name: &str| Prelabelled {
        name: name.to_owned(),
        width: 32,
        height: 32,
        uncertainty: uncertainty(task, predictions),
        predictions: predictions.to_vec(),
    };
    let classes = ["cat", "dog \"& co\" <x>"].map(str::to_owned).to_vec();
    let keypoints = ["nose", "tail"].map(str::to_owned).to_vec();
    let images = NAMES.map(image).into();
    Prelabels { task, model: "line3@2".to_owned(), classes, keypoints, images }.worst_first(None)
}

fn file(said: &Prelabels, tool: Tool, name: &str) -> String {
    said.files(tool, URL).into_iter().find(|(known, _)| *known == name).unwrap().1
}

fn tasks(said: &Prelabels) -> Value {
    serde_json::from_str(&file(said, Tool::LabelStudio, "tasks.json")).unwrap()
}

/// As Label Studio exports tasks once somebody has sent them off with these changes.
fn exported(tasks: &Value, change: impl Fn(&mut Value)) -> Value {
    let one = |(id, task): (usize, &Value)| {
        let mut result = task["predictions"][0]["result"].clone();
        for region in result.as_array_mut().unwrap() {
            region["origin"] = "prediction".into();
            change(region);
        }
        json!({
            "id": id, "data": task["data"], "file_upload": null, "predictions": [7], "meta": {},
            "annotations": [{ "id": id, "result": result, "was_cancelled": false, "ground_truth": false }],
        })
    };
    tasks.as_array().unwrap().iter().enumerate().map(one).collect()
}

fn near(one: [f64; 4], other: [f64; 4]) -> bool {
    one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-6)
}

#[test]
fn boxes_come_back_from_label_studio_as_they_were_corrected() {
    let other = "dog \"& co\" <x>";
    let said = said(Task::Detect, &[found("cat", 0.9, [3.0, 4.0, 13.0, 24.0]), found(other, 0.6, [1.0; 4])]);
    let tree = Tree::new();
    tree.images(&NAMES);
    let tasks = tasks(&said);
    assert_eq!((&tasks[0]["data"]["rank"], &tasks[0]["data"]["uncertainty"]), (&json!(1), &json!(0.8)));
    let prediction = &tasks[0]["predictions"][0];
    assert_eq!(prediction["model_version"], "line3@2");
    assert!((prediction["score"].as_f64().unwrap() - 0.2).abs() < 1e-9, "{prediction}");
    assert_eq!(prediction["result"][0]["score"], 0.9);
    let interface = file(&said, Tool::LabelStudio, "labels.xml");
    let interface = roxmltree::Document::parse(&interface).unwrap();
    let labels: Vec<&str> = interface.descendants().filter_map(|node| node.attribute("value")).collect();
    assert_eq!(labels, ["$image", "cat", other], "as they are, whatever stands in them");

    // What is wrong is drawn again, or deleted: here the second box of every image was a cat.
    let export = exported(&tasks, |region| {
        if region["value"]["rectanglelabels"][0] == other {
            region["value"] = json!({ "x": 50, "y": 50, "width": 25, "height": 25, "rotation": 0, "rectanglelabels": ["cat"] });
            region["origin"] = "prediction-changed".into();
        }
    });
    tree.text("export.json", &export.to_string());
    // Beside what was corrected, what was said is nothing.
    tree.text("tasks.json", &tasks.to_string());
    let dataset = tree.good();
    assert_eq!(dataset.classes(), ["cat"]);
    assert_eq!(dataset.splits(), [2, 1, 0]);
    for name in NAMES {
        let labels = &dataset.image(name).labels;
        assert!(near(labels[0].bounds.unwrap(), [3.0, 4.0, 10.0, 20.0]), "{labels:?}");
        assert!(near(labels[1].bounds.unwrap(), [16.0, 16.0, 8.0, 8.0]), "{labels:?}");
    }
}

#[test]
fn every_kind_of_prediction_is_one_of_label_studios() {
    let read = |said: &Prelabels| {
        let tree = Tree::new();
        tree.images(&NAMES);
        tree.text("export.json", &exported(&tasks(said), |_| {}).to_string());
        tree.good()
    };
    let classes = read(&said(Task::Classify, &[Prediction::of("cat", 0.7), Prediction::of("dog", 0.3)]));
    assert_eq!(classes.classes_of(NAMES[0]), ["cat"], "the likeliest and no other");

    let ring = |at: f64, side: f64| vec![[at, at], [at + side, at], [at + side, at + side], [at, at + side]];
    let polygons = vec![ring(0.0, 20.0), ring(5.0, 4.0), ring(24.0, 4.0)];
    let masks = said(Task::Segment, &[Prediction { polygons, ..found("cat", 0.9, [0.0, 0.0, 28.0, 28.0]) }]);
    assert_eq!(masks.holes(), 3, "one in each image");
    let dataset = read(&masks);
    let labels = &dataset.image(NAMES[2]).labels;
    assert_eq!(labels.len(), 2, "each part by itself, the hole filled: {labels:?}");
    let outline = &labels[1].polygon.as_ref().unwrap()[0];
    let expected = [24.0, 24.0, 28.0, 24.0, 28.0, 28.0, 24.0, 28.0];
    assert!(outline.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{outline:?}");

    let pose = |at: f64| {
        let keypoints = vec![[at + 1.0, at + 2.0, 0.9], [at + 3.0, at + 4.0, 0.1]];
        Prediction { keypoints, ..found("cat", 0.9, [at, at, at + 8.0, at + 8.0]) }
    };
    let dataset = read(&said(Task::Pose, &[pose(0.0), pose(4.0)]));
    assert_eq!(dataset.manifest.header.keypoints, Some(vec!["nose".to_owned(), "tail".to_owned()]));
    let labels = &dataset.image(NAMES[1]).labels;
    let points = labels[1].keypoints.as_ref().unwrap();
    assert!((points[0][0] - 5.0).abs() < 1e-6 && (points[1][1] - 8.0).abs() < 1e-6, "{labels:?}");
}

/// As CVAT exports what it has imported: its own head, and two digits.
fn corrected(sheet: &str, from: &str, to: &str) -> String {
    let (_, images) = sheet.split_once("</meta>").unwrap();
    assert!(images.contains(from), "{from} is not in {images}");
    let head = "<annotations><version>1.1</version><meta><task><id>4</id></task><dumped>now</dumped></meta>";
    format!("{head}{}", images.replace(from, to))
}

#[test]
fn every_kind_of_prediction_comes_back_from_cvat() {
    let read = |said: &Prelabels, from: &str, to: &str| {
        let tree = Tree::new();
        tree.images(&NAMES);
        let sheet = file(said, Tool::Cvat, "annotations.xml");
        tree.text("annotations.xml", &sheet);
        tree.text("export/annotations.xml", &corrected(&sheet, from, to));
        tree.good()
    };
    let boxes = said(Task::Detect, &[found("cat", 0.9, [3.0, 4.0, 13.0, 24.0])]);
    let dataset = read(&boxes, "xbr=\"13.00\"", "xbr=\"14.00\"");
    assert_eq!(dataset.image(NAMES[1]).labels[0].bounds, Some([3.0, 4.0, 11.0, 20.0]));
    assert_eq!(dataset.splits(), [2, 1, 0]);

    let classes = said(Task::Classify, &[Prediction::of("cat", 0.7), Prediction::of("dog", 0.3)]);
    let other = "label=\"dog &quot;&amp; co&quot; &lt;x&gt;\"";
    let dataset = read(&classes, "label=\"cat\"", other);
    assert_eq!(dataset.classes_of(NAMES[2]), ["dog \"& co\" <x>"]);

    let triangle = vec![vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]]];
    let masks = said(Task::Segment, &[Prediction { polygons: triangle, ..Prediction::of("cat", 0.9) }]);
    let dataset = read(&masks, "10.00,10.00", "12.00,12.00");
    let outline = dataset.image(NAMES[0]).labels[0].polygon.clone().unwrap();
    assert_eq!(outline, [[0.0, 0.0, 10.0, 0.0, 12.0, 12.0]]);

    let keypoints = vec![[1.0, 2.0, 0.9], [9.0, 8.0, 0.1]];
    let poses = said(Task::Pose, &[Prediction { keypoints, ..found("cat", 0.9, [0.0, 0.0, 10.0, 10.0]) }]);
    let dataset = read(&poses, "points=\"1.00,2.00\"", "points=\"2.00,3.00\"");
    assert_eq!(dataset.manifest.header.keypoints, Some(vec!["nose".to_owned(), "tail".to_owned()]));
    let points = dataset.image(NAMES[0]).labels[0].keypoints.clone().unwrap();
    assert_eq!(points, [[2.0, 3.0, 2.0], [9.0, 8.0, 1.0]], "what is hardly seen is hidden");
    let labels: Value = serde_json::from_str(&file(&poses, Tool::Cvat, "labels.json")).unwrap();
    assert_eq!(
        (&labels[0]["type"], &labels[0]["sublabels"][1]["name"]),
        (&json!("skeleton"), &json!("tail"))
    );
}

#[test]
fn what_nobody_has_corrected_is_no_label() {
    let boxes = said(Task::Detect, &[found("cat", 0.9, [3.0, 4.0, 13.0, 24.0])]);
    for tool in [Tool::LabelStudio, Tool::Cvat] {
        let tree = Tree::new();
        tree.images(&["a.jpg", "b.jpg"]);
        boxes.files(tool, URL).iter().for_each(|(name, text)| tree.text(name, text));
        tree.text("queue.csv", &boxes.clone().worst_first(Some(1)).queue());
        let refusal = tree.refused();
        let labels = match *refusal.because {
            Unfit::LabelsNotRead { labels, .. } => labels,
            ref other => panic!("{tool:?}: {other:?}"),
        };
        assert_eq!(labels, UnreadLabels::Predictions, "{tool:?}");
    }
}

/// A version with everything that labels can be, and what a tool can hold no part of.
fn version() -> (Tree, trainyard_data::Dataset) {
    let tree = Tree::new();
    tree.images(&["train/0.jpg", "train/1.jpg", "val/2.jpg", "val/3.jpg"]);
    let image = |id: u32, split: &str| json!({ "id": id, "file_name": format!("{split}/{id}.jpg"), "width": 32, "height": 32 });
    let object = |id: u32, image: u32| {
        json!({
            "id": id, "image_id": image, "category_id": 1 + id % 2, "bbox": [1.1, 2.3, 7.7, 9.1], "iscrowd": 0,
            "segmentation": [[1.1, 2.3, 8.8, 2.3, 8.8, 11.4], [2.0, 3.0, 5.0, 3.0, 5.0, 9.0]],
        })
    };
    for (split, ids) in [("train", [0, 1]), ("val", [2, 3])] {
        let content = json!({
            "images": ids.map(|id| image(id, split)), "annotations": ids.map(|id| object(id + 1, id)),
            "categories": [{ "id": 1, "name": "dog" }, { "id": 2, "name": "cat" }],
        });
        tree.text(&format!("annotations/instances_{split}.json"), &content.to_string());
    }
    let dataset = tree.good();
    (tree, dataset)
}

#[test]
fn corrections_of_a_version_leave_the_rest_of_it_alone() {
    let (before, dataset) = version();
    let after = Tree::new();
    for image in &dataset.manifest.images {
        after.bytes(&image.name, &std::fs::read(before.path().join(&image.name)).unwrap());
    }
    let mut lines = Vec::new();
    dataset.manifest.write(&mut lines).unwrap();
    after.bytes(BASE_FILE, &lines);
    let task = |name: &str, annotations: Value| {
        let data = json!({ "image": format!("{URL}{name}"), "trainyard_image": name });
        json!({ "id": 1, "data": data, "annotations": annotations })
    };
    let bird = json!({
        "id": "x", "type": "rectanglelabels", "original_width": 32, "original_height": 32,
        "value": { "x": 25, "y": 25, "width": 50, "height": 50, "rectanglelabels": ["bird"] },
    });
    // One is corrected, one was left as it came, and of two the tool has never heard.
    let export = json!([
        task("val/2.jpg", json!([{ "result": [bird], "was_cancelled": false }])),
        task("train/1.jpg", json!([])),
    ]);
    after.text("export.json", &export.to_string());
    let corrected = after.good();
    assert_eq!(corrected.classes(), ["dog", "cat", "bird"], "what is new comes last");
    assert_eq!(corrected.image("val/2.jpg").labels.len(), 1);
    assert_eq!(corrected.classes_of("val/2.jpg"), ["bird"]);
    let rest = |dataset: &trainyard_data::Dataset| -> Vec<Image> {
        dataset.manifest.images.iter().filter(|image| image.name != "val/2.jpg").cloned().collect()
    };
    assert_eq!(rest(&corrected), rest(&dataset), "to the last digit");
    assert_eq!(corrected.image("val/2.jpg").split, Split::Validation);
    assert!(!corrected.has(|caution| matches!(caution, Caution::InNoSplit { .. })), "each is somewhere");
}

#[test]
fn folders_of_classes_say_nothing_against_a_correction() {
    let tree = Tree::new();
    tree.images(&["cat/1.jpg", "cat/2.jpg", "dog/3.jpg", "dog/4.jpg"]);
    let before = tree.good();
    let mut lines = Vec::new();
    before.manifest.write(&mut lines).unwrap();
    let choice = json!({ "id": "x", "type": "choices", "value": { "choices": ["dog"] } });
    let data = json!({ "image": "/data/local-files/?d=images/cat/1.jpg", "trainyard_image": "cat/1.jpg" });
    let export = json!([{ "id": 1, "data": data, "annotations": [{ "result": [choice] }] }]);
    tree.text("export.json", &export.to_string());
    tree.refused();
    tree.bytes(BASE_FILE, &lines);
    let after = tree.good();
    assert_eq!(after.classes_of("cat/1.jpg"), ["dog"]);
    assert_eq!(after.classes_of("cat/2.jpg"), ["cat"]);
    assert_eq!(after.manifest.header.kinds, before.manifest.header.kinds);
}

#[test]
fn points_of_a_version_keep_their_order_whichever_were_corrected() {
    let tree = Tree::new();
    tree.images(&["1.jpg", "2.jpg"]);
    let dataset = {
        let points = |points: &str| format!("<annotations>{points}</annotations>");
        let one = |name: &str| {
            format!(
                "<image name=\"{name}\" width=\"32\" height=\"32\"><skeleton label=\"cat\">\
                 <points label=\"nose\" points=\"1,2\"/><points label=\"tail\" points=\"9,8\"/></skeleton></image>"
            )
        };
        tree.text("a.xml", &points(&(one("1.jpg") + &one("2.jpg"))));
        tree.good()
    };
    let mut lines = Vec::new();
    dataset.manifest.write(&mut lines).unwrap();
    tree.bytes(BASE_FILE, &lines);
    tree.text(
        "a.xml",
        "<annotations><image name=\"2.jpg\" width=\"32\" height=\"32\"><skeleton label=\"cat\">\
         <points label=\"tail\" points=\"19,18\"/><points label=\"ear\" points=\"3,4\"/></skeleton></image></annotations>",
    );
    let after = tree.good();
    let names = ["nose", "tail", "ear"].map(str::to_owned).to_vec();
    assert_eq!(after.manifest.header.keypoints, Some(names));
    let points = |name: &str| after.image(name).labels[0].keypoints.clone().unwrap();
    assert_eq!(points("2.jpg"), [[0.0; 3], [19.0, 18.0, 2.0], [3.0, 4.0, 2.0]]);
    assert_eq!(points("1.jpg"), [[1.0, 2.0, 2.0], [9.0, 8.0, 2.0], [0.0; 3]]);
}

#[test]
fn a_version_that_cannot_be_read_is_named() {
    let tree = Tree::new();
    tree.images(&["cat/1.jpg", "dog/2.jpg"]);
    tree.text(BASE_FILE, "{");
    assert!(matches!(*tree.refused().because, Unfit::LabelFile { ref path, .. } if path == BASE_FILE));
}
