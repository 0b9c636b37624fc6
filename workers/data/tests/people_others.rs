//! Datasets in the formats of other tools that people really have: read, or named with the export to choose.

mod support;

use serde_json::{Value, json};
use support::{Found, Tree, decomposed};
use trainyard_data::manifest::{Image, Manifest, Split};
use trainyard_data::read;
use trainyard_data::write::{Format, write};
use trainyard_events::config::Task;
use trainyard_events::reason::{Advice, Caution, Flaw, LabelFormat, NameMatch, Unfit, UnreadLabels};

fn coco(names: &[&str]) -> Value {
    let images: Vec<Value> = (1..)
        .zip(names)
        .map(|(id, name)| json!({"id": id, "width": 32, "height": 32, "file_name": name}))
        .collect();
    let annotations: Vec<Value> = (1..=names.len())
        .map(|id| {
            json!({"id": id, "image_id": id, "category_id": 1 + (id + 1) % 2, "bbox": [6.0, 10.0, 12.0, 12.0],
                   "area": 144.0, "iscrowd": 0, "segmentation": []})
        })
        .collect();
    let categories = json!([{"id": 1, "name": "box"}, {"id": 2, "name": "ball"}]);
    json!({"images": images, "annotations": annotations, "categories": categories})
}

fn six() -> (Tree, Value) {
    let tree = Tree::new();
    let names: Vec<String> = (0..6).map(|number| format!("im{number}.jpg")).collect();
    names.iter().for_each(|name| tree.image(&format!("images/{name}")));
    (tree, coco(&names.iter().map(String::as_str).collect::<Vec<_>>()))
}

#[track_caller]
fn is_detect(tree: &Tree, format: LabelFormat, classes: &[&str], splits: [usize; 3]) {
    let dataset = tree.good();
    assert_eq!(dataset.report.format, format);
    assert_eq!((dataset.classes(), dataset.splits()), (classes.to_vec(), splits));
    assert!(dataset.manifest.header.kinds.contains(&Task::Detect));
    assert!(dataset.manifest.images.iter().all(|image| image.labels.len() == 1));
}

const BOTH: &[&str] = &["box", "ball"];

#[test]
fn ids_are_keys_of_any_type() {
    let (tree, mut coco) = six();
    for (index, annotation) in coco["annotations"].as_array_mut().unwrap().iter_mut().enumerate() {
        annotation["category_id"] = match index {
            0..3 => json!((1 + index % 2).to_string()),
            _ => json!((1 + index % 2) as f64),
        };
        annotation["iscrowd"] =
            [json!(0.0), json!(false), json!(null), json!("0"), json!(0), json!(0.0)][index].clone();
        annotation["segmentation"] = Value::Null;
    }
    tree.text("result.json", &coco.to_string());
    is_detect(&tree, LabelFormat::Coco, BOTH, [6, 0, 0]);
    for image in coco["images"].as_array_mut().unwrap() {
        image["id"] = json!(format!("5f0c-{}", image["id"]));
    }
    for annotation in coco["annotations"].as_array_mut().unwrap() {
        annotation["image_id"] = json!(format!("5f0c-{}", annotation["image_id"]));
        annotation["id"] = json!("a uuid");
    }
    tree.text("result.json", &coco.to_string());
    is_detect(&tree, LabelFormat::Coco, BOTH, [6, 0, 0]);
    coco["annotations"][0]["category_id"] = json!("nobody");
    tree.text("result.json", &coco.to_string());
    let refusal = tree.refused();
    assert!(matches!(&refusal.report[0].flaws[0], Flaw::UnknownClass { class, .. } if class == "nobody"));
}

#[test]
fn a_size_that_is_not_known_is_read_from_the_image() {
    let (tree, mut coco) = six();
    for (index, image) in coco["images"].as_array_mut().unwrap().iter_mut().enumerate() {
        let size = [json!(-1), json!(0), json!(null), json!("32"), json!(32.0), json!(-1)][index].clone();
        (image["width"], image["height"]) = (size.clone(), size);
    }
    tree.text("result.json", &coco.to_string());
    is_detect(&tree, LabelFormat::Coco, BOTH, [6, 0, 0]);
    coco["images"][0]["width"] = json!(64);
    coco["images"][0]["height"] = json!(32);
    tree.text("result.json", &coco.to_string());
    assert!(matches!(tree.refused().report[0].flaws[0], Flaw::OtherSize { stated_width: 64, .. }));
}

#[test]
fn names_are_decoded_and_urls_are_their_paths() {
    for written in [
        "images/1a%20shot%20%280%29.jpg",
        "images/1a shot (0).jpg",
        "http://localhost:8080/data/upload/1/1a%20shot%20%280%29.jpg",
        "/data/local-files/?d=images/1a%20shot%20(0).jpg",
        r"..\images\1a shot (0).jpg",
        "/home/someone/images/1a shot (0).jpg",
        "1a shot (0).JPG",
    ] {
        let (tree, mut coco) = six();
        tree.image("images/1a shot (0).jpg");
        coco["images"][0]["file_name"] = json!(written);
        tree.text("result.json", &coco.to_string());
        let dataset = tree.good();
        assert_eq!(dataset.image("images/1a shot (0).jpg").labels.len(), 1, "{written}");
    }
    let (tree, mut coco) = six();
    tree.image("images/사진.jpg");
    coco["images"][0]["file_name"] = json!(decomposed("사진.jpg"));
    tree.text("result.json", &coco.to_string());
    assert_eq!(tree.good().image("images/사진.jpg").labels.len(), 1);
}

#[test]
fn a_name_of_two_files_is_neither() {
    let (tree, mut coco) = six();
    tree.images(&["a/x.jpg", "b/x.jpg"]);
    coco["images"][0]["file_name"] = json!("x.jpg");
    tree.text("result.json", &coco.to_string());
    let refusal = tree.refused();
    assert!(
        matches!(refusal.report[0].flaws[0], Flaw::ListedAmbiguously { files: 2, .. }),
        "{:?}",
        refusal.report
    );
}

#[test]
fn shapes_of_coco_are_kept() {
    let (tree, mut coco) = six();
    let all = &mut coco["annotations"];
    all[0]["segmentation"] = json!([[1.0, 1.0, 9.0, 1.0, 9.0, 9.0]]);
    all[1]["segmentation"] = json!({"size": [32, 32], "counts": [10, 4, 1010]});
    all[1]["iscrowd"] = json!(1.0);
    all[2]["segmentation"] = json!({"size": [32, 32], "counts": ":4bo0"});
    all[3]["keypoints"] = json!([7, 11, 2, 0, 0, 0]);
    coco["categories"][0]["keypoints"] = json!(["head", "tail"]);
    let path = "annotations/instances_train2017.json";
    tree.text(path, &coco.to_string());
    let dataset = tree.good();
    let label = |name: &str| dataset.image(name).labels[0].clone();
    assert_eq!(label("images/im0.jpg").polygon, Some(vec![vec![1.0, 1.0, 9.0, 1.0, 9.0, 9.0]]));
    assert_eq!(label("images/im1.jpg").mask.unwrap().counts, [10, 4, 1010]);
    assert!(label("images/im1.jpg").crowd);
    assert_eq!(label("images/im2.jpg").mask, label("images/im1.jpg").mask);
    assert_eq!(label("images/im3.jpg").keypoints, Some(vec![[7.0, 11.0, 2.0], [0.0; 3]]));
    assert_eq!(
        dataset.manifest.header.keypoints.as_deref(),
        Some(&["head".to_owned(), "tail".to_owned()][..])
    );
}

#[test]
fn coco_files_are_splits() {
    let tree = Tree::new();
    for (split, count) in [("train", 4), ("val", 2)] {
        let names: Vec<String> = (0..count).map(|number| format!("{number}.jpg")).collect();
        names.iter().for_each(|name| tree.image(&format!("{split}2017/{name}")));
        let coco = coco(&names.iter().map(String::as_str).collect::<Vec<_>>());
        tree.text(&format!("annotations/instances_{split}2017.json"), &coco.to_string());
        tree.text(&format!("annotations/captions_{split}2017.json"), r#"{"images": [], "annotations": []}"#);
    }
    is_detect(&tree, LabelFormat::Coco, BOTH, [4, 2, 0]);
    assert_eq!(tree.good().image("val2017/0.jpg").split, Split::Validation);
}

fn sheet(name: &str, class: &str) -> String {
    format!(
        "<annotation><filename>{name}</filename><size><width>32</width><height>32</height></size>\
         <object><name>{class}</name><bndbox><xmin>7</xmin><ymin>11</ymin><xmax>18</xmax><ymax>22</ymax></bndbox>\
         </object></annotation>"
    )
}

#[test]
fn pascal_voc_with_its_sets_and_masks() {
    let tree = Tree::new();
    for number in 0..6 {
        tree.image(&format!("JPEGImages/{number}.jpg"));
        let class = if number % 2 == 0 { "box" } else { "ball" };
        tree.text(&format!("Annotations/{number}.xml"), &sheet(&format!("{number}.jpg"), class));
    }
    is_detect(&tree, LabelFormat::PascalVoc, &["ball", "box"], [6, 0, 0]);
    assert_eq!(tree.good().image("JPEGImages/0.jpg").labels[0].bounds, Some([6.0, 10.0, 12.0, 12.0]));
    tree.text("ImageSets/Main/train.txt", "0\n1\n2\n");
    tree.text("ImageSets/Main/val.txt", "3\n4\n");
    let dataset = tree.good();
    assert_eq!(dataset.splits(), [3, 2, 0]);
    assert!(dataset.has(|caution| *caution == Caution::LabelsInNoSplit { labels: 1 }));
    tree.mask("SegmentationObject/0.png", |x, y| u8::from((6..18).contains(&x) && (10..22).contains(&y)));
    let mask = tree.good().image("JPEGImages/0.jpg").labels[0].mask.clone().unwrap();
    assert_eq!((mask.area(), mask.bounds()), (144, Some([6.0, 10.0, 12.0, 12.0])));
    tree.mask("SegmentationClass/0.png", |x, _| u8::from(x > 9));
    let left_out = |caution: &Caution| matches!(caution, Caution::ShapesLeftOut { shapes: 1, .. });
    assert!(tree.good().has(left_out));
}

#[test]
fn masks_of_classes_beside_boxes_are_those_of_the_objects_in_them() {
    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("JPEGImages/{number}.jpg"));
        let class = if number % 2 == 0 { "box" } else { "ball" };
        tree.text(&format!("Annotations/{number}.xml"), &sheet(&format!("{number}.jpg"), class));
        // Ball is the first class, box the second; the class reaches out of the box on the left.
        let value = 2 - number % 2;
        tree.mask(&format!("SegmentationClass/{number}.png"), move |x, y| match (x, y) {
            (17, _) => 255,
            (0..12, 12..14) => value as u8,
            _ => 0,
        });
    }
    let dataset = tree.good();
    assert_eq!(dataset.manifest.header.kinds, [Task::Detect, Task::Segment]);
    for number in 0..4 {
        let image = dataset.image(&format!("JPEGImages/{number}.jpg"));
        let mask = image.labels[0].mask.as_ref().unwrap();
        assert_eq!((mask.area(), mask.bounds()), (12, Some([6.0, 12.0, 6.0, 2.0])));
    }
    // Two of one class, of which one lies in the other.
    let object = |corners: [u32; 4]| {
        let [xmin, ymin, xmax, ymax] = corners;
        format!(
            "<object><name>box</name><bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin><xmax>{xmax}</xmax><ymax>{ymax}</ymax></bndbox></object>"
        )
    };
    let both = object([1, 1, 12, 32]) + &object([7, 1, 10, 32]);
    tree.text("Annotations/0.xml", &format!("<annotation><filename>0.jpg</filename>{both}</annotation>"));
    let dataset = tree.good();
    let areas: Vec<u64> = dataset
        .image("JPEGImages/0.jpg")
        .labels
        .iter()
        .map(|label| label.mask.as_ref().unwrap().area())
        .collect();
    assert_eq!(areas, [16, 8]);
    let first = "JPEGImages/0.jpg".to_owned();
    assert!(dataset.has(|caution| *caution == Caution::MasksShared { objects: 2, first: first.clone() }));
    // What no class of the image has is another numbering.
    tree.mask("SegmentationClass/1.png", |_, _| 2);
    let dataset = tree.good();
    assert_eq!(dataset.manifest.header.kinds, [Task::Detect]);
    assert!(dataset.has(|caution| matches!(caution, Caution::ShapesLeftOut { shapes: 4, .. })));
    // Which a list settles, and what has no object is none.
    tree.text(
        "labelmap.txt",
        "# label:color_rgb:parts:actions\nbackground:0,0,0::\nball:1,1,1::\nsky:2,2,2::\nbox:3,3,3::\n",
    );
    let dataset = tree.good();
    assert_eq!(dataset.image("JPEGImages/3.jpg").labels[0].mask.as_ref().unwrap().area(), 12);
    assert_eq!(dataset.image("JPEGImages/2.jpg").labels[0].mask, None);
}

#[test]
fn the_image_of_a_sheet_lies_in_many_places() {
    for (image, label) in [
        ("a.jpg", "a.xml"),
        ("x/a.jpg", "x/a.xml"),
        ("images/a.png", "annotations/a.xml"),
        ("JPEGImages/train/a.jpg", "Annotations/train/a.xml"),
        ("train/images/a.jpg", "train/labels/a.xml"),
        ("photos/a.jpeg", "sheets/a.xml"),
        ("JPEGImages/한글 a.jpg", "Annotations/한글 a.xml"),
    ] {
        let tree = Tree::new();
        tree.image(image);
        for named in ["other.jpg", "a.jpg", r"C:\a\a.jpg"] {
            tree.text(label, &sheet(named, "box"));
            assert_eq!(tree.good().classes_of(image), ["box"], "{image} {named}");
        }
    }
}

#[test]
fn images_and_masks_are_a_segmentation_set_and_never_two_classes() {
    let tree = Tree::new();
    for number in 0..6 {
        tree.image(&format!("images/{number:03}.png"));
        tree.mask(&format!("masks/{number:03}.png"), |x, y| if x > 20 { 2 } else { u8::from(y < 9) });
    }
    let dataset = tree.good();
    assert_eq!(dataset.report.format, LabelFormat::Masks);
    assert_eq!(dataset.manifest.header.kinds, [Task::Segment]);
    assert_eq!(dataset.classes(), ["class 1", "class 2"]);
    assert_eq!(
        (dataset.splits(), dataset.classes_of("images/000.png")),
        ([6, 0, 0], vec!["class 1", "class 2"])
    );
    tree.text("classes.txt", "background\nsky\nroad\n");
    assert_eq!(tree.good().classes(), ["sky", "road"]);
    tree.text("classes.txt", "sky\n");
    assert!(matches!(*tree.refused().because, Unfit::LabelFile { .. }));

    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("train/images/{number}.jpg"));
        tree.mask(&format!("train/masks/{number}_mask.png"), |x, _| if x > 20 { 255 } else { 0 });
    }
    assert_eq!(tree.good().classes(), ["foreground"]);
    // What belongs to nothing is not guessed.
    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("images/{number}.jpg"));
        tree.image(&format!("masks/other{number}.png"));
    }
    assert!(matches!(*tree.refused().because, Unfit::NothingToLearn { images: 8 }));
    // Nor are shades and colours.
    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("images/{number}.jpg"));
        tree.image(&format!("masks/{number}.png"));
    }
    let refusal = tree.refused();
    assert_eq!(refusal.report[0].flaws, [Flaw::MaskInColours]);
    tree.image("masks/0.jpg");
}

#[test]
fn cvat_for_images_is_read() {
    let tree = Tree::new();
    let mut images = String::new();
    for number in 0..4 {
        tree.image(&format!("images/im{number}.jpg"));
        images += &format!(
            "<image id=\"{number}\" name=\"im{number}.jpg\" width=\"32\" height=\"32\">\
             <box label=\"box\" xtl=\"6\" ytl=\"10\" xbr=\"18\" ybr=\"22\"/></image>"
        );
    }
    let whole = |images: &str| {
        format!("<?xml version=\"1.0\"?><annotations><version>1.1</version>{images}</annotations>")
    };
    tree.text("annotations.xml", &whole(&images));
    is_detect(&tree, LabelFormat::CvatImages, &["box"], [4, 0, 0]);
    assert_eq!(tree.good().image("images/im0.jpg").labels[0].bounds, Some([6.0, 10.0, 12.0, 12.0]));

    let more = "<box label=\"box\" xtl=\"1\" ytl=\"1\" xbr=\"9\" ybr=\"9\"/>\
        <polygon label=\"hat\" points=\"1,1;9,1;9,9\"/>\
        <mask label=\"hat\" rle=\"0, 2, 1, 1\" left=\"3\" top=\"4\" width=\"2\" height=\"2\"/>\
        <points label=\"p\" points=\"1,1\"/></image>";
    tree.text("annotations.xml", &whole(&images.replacen("</image>", more, 1)));
    let dataset = tree.good();
    let labels = &dataset.image("images/im0.jpg").labels;
    assert_eq!(labels[2].polygon, Some(vec![vec![1.0, 1.0, 9.0, 1.0, 9.0, 9.0]]));
    let mask = labels[3].mask.as_ref().unwrap();
    assert_eq!((mask.area(), mask.pixels()[4 * 32 + 3..4 * 32 + 5].to_vec()), (3, vec![1, 1]));
    assert!(
        dataset
            .has(|caution| matches!(caution, Caution::ShapesLeftOut { shapes: 1, kind } if kind == "points"))
    );

    let only = images.replace("box label", "points label");
    tree.text("annotations.xml", &whole(&only));
    assert!(matches!(*tree.refused().because, Unfit::LabelsNotRead { labels: UnreadLabels::Skeletons, .. }));
    tree.text("annotations.xml", &whole(&images.replace("ybr=\"22\"", "ybr=\"22\" rotation=\"30\"")));
    assert!(matches!(
        *tree.refused().because,
        Unfit::LabelsNotRead { labels: UnreadLabels::OrientedBoxes, .. }
    ));
}

/// A task as CVAT exports it: the points of a skeleton are among its labels, each with its parent.
fn skeletons(second: &str) -> String {
    let label = |name: &str, parent: &str| format!("<label><name>{name}</name>{parent}</label>");
    let of = |parent: &str, points: &[&str]| {
        let parent = format!("<type>points</type><parent>{parent}</parent>");
        points.iter().map(|name| label(name, &parent)).collect::<String>()
    };
    let labels =
        label("person", "<type>skeleton</type>") + &of("person", &["nose", "left_hand", "right_hand"]);
    let image = |number: u32, inner: &str| {
        format!("<image id=\"{number}\" name=\"im{number}.jpg\" width=\"32\" height=\"32\">{inner}</image>")
    };
    let first = "<skeleton label=\"person\">\
        <points label=\"right_hand\" outside=\"0\" occluded=\"1\" points=\"20.5,24\"/>\
        <points label=\"nose\" outside=\"0\" occluded=\"0\" points=\"8,4\"/>\
        <points label=\"left_hand\" outside=\"1\" occluded=\"0\" points=\"1,1\"/></skeleton>";
    format!(
        "<annotations><meta><task><labels>{labels}</labels></task></meta>{}{}</annotations>",
        image(0, first),
        image(1, second)
    )
}

#[test]
fn skeletons_of_cvat_are_key_points_and_come_back_from_an_export() {
    let tree = Tree::new();
    (0..2).for_each(|number| tree.image(&format!("images/im{number}.jpg")));
    let gone = "<skeleton label=\"person\"><points label=\"nose\" outside=\"1\" points=\"0,0\"/></skeleton>\
        <skeleton label=\"person\"><points label=\"left_hand\" points=\"3,5\"/><points label=\"nose\" points=\"9,6\"/></skeleton>";
    tree.text("annotations.xml", &skeletons(gone));
    let dataset = tree.good();
    let header = &dataset.manifest.header;
    assert_eq!(header.classes, ["person"], "its points are no classes");
    let names = ["nose", "left_hand", "right_hand"].map(str::to_owned);
    assert_eq!(header.keypoints.as_deref(), Some(&names[..]));
    assert!(header.kinds.contains(&Task::Pose) && header.kinds.contains(&Task::Detect), "{:?}", header.kinds);
    let [label] = &dataset.image("images/im0.jpg").labels[..] else { panic!("one object") };
    assert_eq!(label.keypoints, Some(vec![[8.0, 4.0, 2.0], [0.0; 3], [20.5, 24.0, 1.0]]));
    assert_eq!(label.bounds, Some([8.0, 4.0, 12.5, 20.0]), "around the points that are labelled");
    let [other] = &dataset.image("images/im1.jpg").labels[..] else {
        panic!("what is all outside is not there")
    };
    assert_eq!(other.keypoints, Some(vec![[9.0, 6.0, 2.0], [3.0, 5.0, 2.0], [0.0; 3]]));

    for format in [Format::Coco, Format::Yolo] {
        let to = tempfile::tempdir().unwrap();
        let mut bytes = |index, _: &Image| dataset.bytes(index).map_err(|flaw| format!("{flaw:?}"));
        write(&dataset.manifest, format, &to.path().join("out"), &mut bytes).unwrap();
        let again = read(&to.path().join("out")).unwrap().manifest;
        assert_eq!(again.header.classes, header.classes);
        assert!(again.header.kinds.contains(&Task::Pose), "{format:?}");
        let points = |manifest: &Manifest| {
            let labels = manifest.images.iter().flat_map(|image| &image.labels);
            labels.map(|label| label.keypoints.clone().unwrap()).collect::<Vec<_>>()
        };
        for (read, written) in points(&again).iter().flatten().zip(points(&dataset.manifest).iter().flatten())
        {
            assert!(
                read.iter().zip(written).all(|(a, b)| (a - b).abs() < 1e-3),
                "{format:?}: {read:?} {written:?}"
            );
        }
    }
}

#[test]
fn skeletons_with_other_points_or_numbers_are_refused_by_name() {
    let tree = Tree::new();
    (0..2).for_each(|number| tree.image(&format!("images/im{number}.jpg")));
    let other = "<skeleton label=\"car\"><points label=\"wheel\" points=\"3,5\"/></skeleton>";
    tree.text("annotations.xml", &skeletons(other));
    let refusal = tree.refused();
    let mixed = UnreadLabels::MixedSkeletons;
    assert!(
        matches!(&*refusal.because, Unfit::LabelsNotRead { labels, .. } if *labels == mixed),
        "{refusal:?}"
    );
    assert_eq!(refusal.advice, Advice::ExportAs { format: LabelFormat::Coco });
    for broken in
        ["points=\"3\"", "points=\"3,x\"", "", "points=\"3,5\"/><points label=\"nose\" points=\"1,1\""]
    {
        let one = format!("<skeleton label=\"person\"><points label=\"nose\" {broken}/></skeleton>");
        tree.text("annotations.xml", &skeletons(&one));
        let refusal = tree.refused();
        let is_named = refusal.report.iter().any(|file| {
            file.path == "images/im1.jpg" && matches!(file.flaws[..], [Flaw::NumbersUnusable { .. }])
        });
        assert!(is_named, "{broken}: {refusal:?}");
    }
}

#[test]
fn of_two_images_of_one_name_the_one_below_the_label_file_is_meant() {
    let tree = Tree::new();
    let image = |name: &str| {
        format!(
            "<annotations><image name=\"{name}\" width=\"32\" height=\"32\">\
             <box label=\"box\" xtl=\"6\" ytl=\"10\" xbr=\"18\" ybr=\"22\"/></image></annotations>"
        )
    };
    for task in ["a", "b"] {
        tree.image(&format!("{task}/pictures/0.jpg"));
        tree.text(&format!("{task}/annotations.xml"), &image("0.jpg"));
    }
    is_detect(&tree, LabelFormat::CvatImages, &["box"], [2, 0, 0]);
}

#[test]
fn labelme_is_read() {
    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("im{number}.jpg"));
        let sheet = json!({
            "version": "5.0.1", "imagePath": format!("im{number}.jpg"), "imageHeight": 32, "imageWidth": 32,
            "imageData": null, "flags": {},
            "shapes": [{"label": "box", "points": [[18, 22], [6, 10]], "shape_type": "rectangle"}],
        });
        tree.text(&format!("im{number}.json"), &sheet.to_string());
    }
    is_detect(&tree, LabelFormat::Labelme, &["box"], [4, 0, 0]);
    assert_eq!(tree.good().image("im0.jpg").labels[0].bounds, Some([6.0, 10.0, 12.0, 12.0]));
    let sheet = json!({
        "version": "5.0.1", "imagePath": r"..\somewhere\im0.jpg",
        "shapes": [{"label": "hat", "points": [[1, 1], [9, 1], [9, 9]], "shape_type": "polygon"},
                   {"label": "hat", "points": [[1, 1], [9, 1]], "shape_type": "circle"}],
    });
    tree.text("im0.json", &sheet.to_string());
    let dataset = tree.good();
    assert_eq!(dataset.image("im0.jpg").labels[0].bounds, Some([1.0, 1.0, 8.0, 8.0]));
    // A circle stands there as its outline, cut to the image.
    let round = dataset.image("im0.jpg").labels[1].bounds.unwrap();
    assert_eq!(round.map(f64::round), [0.0, 0.0, 9.0, 9.0]);
    let sheet = json!({
        "version": "5.6.0", "imagePath": "im0.jpg",
        "shapes": [
            {"label": "hat", "points": [[2, 3], [12, 3], [12, 9], [2, 9]], "shape_type": "rectangle", "group_id": 1},
            {"label": "left", "points": [[4, 5]], "shape_type": "point", "group_id": 1},
            {"label": "right", "points": [[6, 5]], "shape_type": "point", "group_id": 1},
            {"label": "loose", "points": [[7, 7]], "shape_type": "point", "group_id": null},
            {"label": "hat", "points": [[2, 3], [12, 3]], "shape_type": "linestrip"},
        ],
    });
    tree.text("im0.json", &sheet.to_string());
    let dataset = tree.good();
    let label = &dataset.image("im0.jpg").labels[0];
    assert_eq!(label.bounds, Some([2.0, 3.0, 10.0, 6.0]));
    assert_eq!(dataset.manifest.header.keypoints, Some(vec!["left".to_owned(), "right".to_owned()]));
    assert_eq!(label.keypoints, Some(vec![[4.0, 5.0, 2.0], [6.0, 5.0, 2.0]]));
    for kind in ["point", "linestrip"] {
        let said = Caution::ShapesLeftOut { shapes: 1, kind: kind.to_owned() };
        assert!(dataset.has(|caution| *caution == said), "{kind}");
    }
}

#[test]
fn label_studio_is_read() {
    let tree = Tree::new();
    let region = |kind: &str, value: Value| json!({"id": "r", "type": kind, "value": value, "original_width": 32, "original_height": 32});
    let rectangle = || {
        region(
            "rectanglelabels",
            json!({"x": 25, "y": 50, "width": 25, "height": 25, "rotation": 0, "rectanglelabels": ["box"]}),
        )
    };
    let task = |number: usize, regions: Vec<Value>| {
        json!({"id": number, "data": {"image": format!("/data/upload/1/0a1b-im%20{number}.jpg")},
               "annotations": [{"result": regions, "was_cancelled": false}, {"result": [], "was_cancelled": true}]})
    };
    let write = |tasks: Vec<Value>| tree.text("project-1.json", &json!(tasks).to_string());
    for number in 0..4 {
        tree.image(&format!("images/0a1b-im {number}.jpg"));
    }
    write((0..4).map(|number| task(number, vec![rectangle()])).collect());
    is_detect(&tree, LabelFormat::LabelStudio, &["box"], [4, 0, 0]);
    assert_eq!(tree.good().image("images/0a1b-im 0.jpg").labels[0].bounds, Some([8.0, 16.0, 8.0, 8.0]));

    let polygon =
        region("polygonlabels", json!({"points": [[0, 0], [50, 0], [50, 50]], "polygonlabels": ["hat"]}));
    let mut point =
        region("keypointlabels", json!({"x": 50, "y": 25, "width": 1, "keypointlabels": ["eye"]}));
    point["parentID"] = json!("r");
    let mut tasks: Vec<Value> = (0..4).map(|number| task(number, vec![rectangle()])).collect();
    tasks[0] = task(0, vec![rectangle(), point]);
    tasks[1] = task(1, vec![polygon]);
    write(tasks.clone());
    let dataset = tree.good();
    assert_eq!(dataset.image("images/0a1b-im 0.jpg").labels[0].keypoints, Some(vec![[16.0, 8.0, 2.0]]));
    assert_eq!(dataset.image("images/0a1b-im 1.jpg").labels[0].bounds, Some([0.0, 0.0, 16.0, 16.0]));

    // Drawn without a box to belong to, a point is of the one box that it lies in, or of the only one.
    let loose =
        |x: u32, name: &str| region("keypointlabels", json!({"x": x, "y": 60, "keypointlabels": [name]}));
    let other = region(
        "rectanglelabels",
        json!({"x": 75, "y": 50, "width": 25, "height": 25, "rectanglelabels": ["box"]}),
    );
    let mut far = tasks.clone();
    far[2] = task(2, vec![rectangle(), other, loose(90, "eye"), loose(60, "nose")]);
    far[3] = task(3, vec![rectangle(), loose(2, "nose")]);
    write(far.clone());
    let dataset = tree.good();
    let points = |image: &str| -> Vec<Option<Vec<[f64; 3]>>> {
        dataset.image(image).labels.iter().map(|label| label.keypoints.clone()).collect()
    };
    assert_eq!(dataset.manifest.header.keypoints, Some(vec!["eye".to_owned(), "nose".to_owned()]));
    assert_eq!(points("images/0a1b-im 2.jpg"), [None, Some(vec![[28.8, 19.2, 2.0], [0.0; 3]])]);
    assert_eq!(points("images/0a1b-im 3.jpg"), [Some(vec![[0.0; 3], [0.64, 19.2, 2.0]])]);
    let said = Caution::ShapesLeftOut { shapes: 1, kind: "keypointlabels".to_owned() };
    assert!(dataset.has(|caution| *caution == said), "one that lies between two boxes is of neither");
    // Where there is no box at all, points are one object.
    write(
        (0..4)
            .map(|number| {
                task(
                    number,
                    vec![
                        loose(10, "eye"),
                        region("keypointlabels", json!({"x": 60, "y": 85, "keypointlabels": ["nose"]})),
                    ],
                )
            })
            .collect(),
    );
    let dataset = tree.good();
    assert_eq!(
        (dataset.manifest.header.kinds.clone(), dataset.classes()),
        (vec![Task::Detect, Task::Pose], vec!["object"])
    );
    let label = &dataset.image("images/0a1b-im 0.jpg").labels[0];
    assert_eq!(label.keypoints, Some(vec![[3.2, 19.2, 2.0], [19.2, 27.2, 2.0]]));
    assert_eq!(label.bounds.unwrap().map(|side| (side * 10.0).round()), [32.0, 192.0, 160.0, 80.0]);
    assert!(dataset.has(|caution| *caution == Caution::ClassesUnnamed));
    // Two people who drew other outlines do not agree.
    let outline = |x: u32| {
        region("polygonlabels", json!({"points": [[0, 0], [x, 0], [50, 50]], "polygonlabels": ["hat"]}))
    };
    let mut two = tasks.clone();
    two[1]["annotations"][1] = json!({"result": [outline(70)], "was_cancelled": false});
    write(two);
    assert!(tree.refused().report.iter().any(|problem| problem.flaws == [Flaw::LabelledTwice]));

    tasks[2] =
        task(2, vec![region("brushlabels", json!({"format": "rle", "rle": [0, 1], "brushlabels": ["hat"]}))]);
    write(tasks);
    let refusal = tree.refused();
    assert!(
        matches!(*refusal.because, Unfit::LabelsNotRead { labels: UnreadLabels::Brush, .. }),
        "{refusal}"
    );
    assert_eq!(refusal.advice, Advice::ExportAs { format: LabelFormat::Coco });

    let choice = |name: &str| region("choices", json!({"choices": [name]}));
    write(
        (0..4)
            .map(|number| task(number, vec![choice(if number % 2 == 0 { "good" } else { "bad" })]))
            .collect(),
    );
    assert_eq!(tree.good().manifest.header.kinds, [Task::Classify, Task::Anomaly], "a class is called good");
}

#[test]
fn createml_is_read() {
    let tree = Tree::new();
    let images: Vec<Value> = (0..4)
        .map(|number| {
            tree.image(&format!("{number}.jpg"));
            json!({"image": format!("{number}.jpg"), "annotations": [
                {"label": "box", "coordinates": {"x": 12, "y": 16, "width": 12, "height": 12}}]})
        })
        .collect();
    tree.text("_annotations.createml.json", &json!(images).to_string());
    is_detect(&tree, LabelFormat::CreateMl, &["box"], [4, 0, 0]);
    assert_eq!(tree.good().image("0.jpg").labels[0].bounds, Some([6.0, 10.0, 12.0, 12.0]));
}

#[test]
fn tables_are_read_by_the_words_of_their_header() {
    let tree = Tree::new();
    (0..4).for_each(|number| tree.image(&format!("images/{number}.jpg")));
    tree.text("train.csv", "id,label\n0,cat\n1,dog\n2,cat\n3,dog\n");
    let dataset = tree.good();
    assert_eq!((dataset.report.format, dataset.classes()), (LabelFormat::Csv, vec!["cat", "dog"]));
    assert_eq!(dataset.manifest.header.kinds, [Task::Classify]);
    assert_eq!(dataset.classes_of("images/1.jpg"), ["dog"]);
    for table in [
        "filename,width,height,class,xmin,ymin,xmax,ymax\n0.jpg,32,32,box,6,10,18,22\n1.jpg,32,32,box,6,10,18,22\n2.jpg,32,32,box,6,10,18,22\n3.jpg,32,32,box,6,10,18,22\n",
        "\u{feff}Image Path;x;y;width;height;Label\nimages/0.jpg;6;10;12;12;box\nimages/1.jpg;6;10;12;12;box\nimages/2.jpg;6;10;12;12;box\nimages/3.jpg;6;10;12;12;box\n",
    ] {
        tree.text("train.csv", table);
        is_detect(&tree, LabelFormat::Csv, &["box"], [4, 0, 0]);
        assert_eq!(tree.good().image("images/0.jpg").labels[0].bounds, Some([6.0, 10.0, 12.0, 12.0]));
    }
    let parts = "ImageID,XMin,XMax,YMin,YMax,LabelName\n0,0.25,0.5,0.5,0.75,box\n1,0,1,0,1,box\n2,0,1,0,1,box\n3,,,,,nothing\n";
    tree.text("train.csv", parts);
    let dataset = tree.good();
    assert_eq!(dataset.image("images/0.jpg").labels[0].bounds, Some([8.0, 16.0, 8.0, 8.0]));
    assert_eq!((dataset.image("images/3.jpg").labels.len(), dataset.classes()), (0, vec!["box"]));
    tree.text("sample_submission.csv", "id,label\n0,0.5\n");
    assert_eq!(tree.good().classes(), ["box"]);
    // A column for each class, in the order of the columns.
    let rows = "0.jpg,0,1,0,31\n1.jpg,1,0,0,7\n2.jpg,0,1,0,9\n3.jpg,0,0,1,50\n";
    tree.text("train.csv", &format!("filename, rust,healthy,scab,age\n{rows}"));
    let dataset = tree.good();
    assert_eq!(
        (dataset.report.format, dataset.classes()),
        (LabelFormat::Csv, vec!["rust", "healthy", "scab"])
    );
    assert_eq!(
        (dataset.classes_of("images/1.jpg"), dataset.classes_of("images/3.jpg")),
        (vec!["rust"], vec!["scab"])
    );
    assert_eq!(dataset.manifest.header.kinds, [Task::Classify]);
    // Several at once are another task, and said to be.
    tree.text("train.csv", "image,rust,healthy,scab\n0,1.0,0.0,1.0\n1,0.0,1.0,0.0\n2,0,1,0\n3,1,0,1\n");
    let refusal = tree.refused();
    let (path, first) = ("train.csv".to_owned(), "images/0.jpg".to_owned());
    assert_eq!(*refusal.because, Unfit::SeveralClassesEach { path, images: 2, first });
    assert_eq!((refusal.advice, refusal.bad_files), (Advice::OneClassEach, 2));
    tree.text("train.csv", "image,epoch,loss\n0,1,0.7\n1,2,0.5\n2,3,0.4\n3,4,0.4\n");
    tree.refused();
    tree.text("train.csv", "image,label\n0.jpg,cat\n0.jpg,dog\n1.jpg,dog\n2.jpg,cat\n3.jpg,dog\n");
    assert_eq!(tree.refused().report[0].flaws, [Flaw::LabelledTwice]);
    let (korean, ..) = encoding_rs::EUC_KR
        .encode("파일명,라벨\n0.jpg,고양이\n1.jpg,\"개, 큰\"\n2.jpg,고양이\n3.jpg,\"개, 큰\"\n");
    tree.bytes("train.csv", &korean);
    assert_eq!(tree.good().classes(), ["개, 큰", "고양이"]);
}

#[test]
fn two_formats_that_disagree_are_both_named() {
    let (tree, coco) = six();
    tree.text("result.json", &coco.to_string());
    for number in 0..6 {
        let class = number % 2;
        tree.text(&format!("labels/im{number}.txt"), &format!("{class} 0.375 0.5 0.375 0.375\n"));
    }
    tree.text("classes.txt", "box\nball\n");
    let dataset = tree.good();
    let said = Caution::SaidTwice { first: LabelFormat::Yolo, second: LabelFormat::Coco };
    assert!(dataset.has(|caution| *caution == said));
    tree.text("classes.txt", "ball\nbox\n");
    let refusal = tree.refused();
    let (first, second) = (LabelFormat::Yolo, LabelFormat::Coco);
    let because = Unfit::FormatsDisagree { first, second, path: "images/im0.jpg".into() };
    assert_eq!((*refusal.because, refusal.advice), (because, Advice::KeepOneFormat { first, second }));
}

#[test]
fn folders_and_a_few_labels_are_not_chosen_between_in_silence() {
    let tree = Tree::new();
    for number in 0..8 {
        tree.images(&[&format!("cat/{number}.jpg"), &format!("dog/{number}.jpg")]);
    }
    tree.text("cat/1.json", r#"{"version": "5", "imagePath": "1.jpg", "shapes": [{"label": "x", "points": [[1,1],[9,9]], "shape_type": "rectangle"}]}"#);
    assert!(matches!(
        *tree.refused().because,
        Unfit::FormatsDisagree { second: LabelFormat::ImageFolder, .. }
    ));
    let tree = Tree::new();
    tree.images(&["cat/1.jpg", "cat/2.jpg", "dog/3.jpg", "dog/4.jpg"]);
    tree.text("labels.csv", "file,label\n1.jpg,cat\n2.jpg,cat\n3.jpg,dog\n4.jpg,dog\n");
    assert_eq!(tree.good().report.format, LabelFormat::Csv);
    tree.text("labels.csv", "file,label\n1.jpg,dog\n2.jpg,cat\n3.jpg,dog\n4.jpg,dog\n");
    assert!(matches!(*tree.refused().because, Unfit::FormatsDisagree { .. }));
}

#[test]
fn what_is_not_read_is_named_with_the_export_to_choose() {
    let each = |end: &str, text: &str| {
        let tree = Tree::new();
        for number in 0..4 {
            tree.image(&format!("원천데이터/{number}.jpg"));
            tree.text(&format!("라벨링데이터/{number}.{end}"), text);
        }
        tree
    };
    let kitti = "Car 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n";
    for (tree, labels) in [
        (each("json", r#"{"description": {}, "annotations": {"bbox": []}}"#), UnreadLabels::AiHub),
        (each("json", r#"{"size": {"height": 1}, "objects": []}"#), UnreadLabels::Supervisely),
        (each("json", r#"{"_via_img_metadata": {}}"#), UnreadLabels::Via),
        (each("json", r#"{"shape": "round"}"#), UnreadLabels::OtherJson),
        (each("xml", "<page/>"), UnreadLabels::OtherXml),
        (each("txt", kitti), UnreadLabels::Kitti),
        (Tree::of(&[("train.tfrecord", "x")]), UnreadLabels::TfRecord),
    ] {
        let refusal = tree.refused();
        let Unfit::LabelsNotRead { labels: found, .. } = &*refusal.because else { panic!("{refusal}") };
        assert_eq!(*found, labels);
        assert!(matches!(refusal.advice, Advice::ExportAs { .. }));
    }
}

#[test]
fn the_way_a_name_was_found_is_noted_at_the_file() {
    let (tree, coco) = six();
    tree.text("result.json", &coco.to_string().replace("im0.jpg", "IM0.JPG"));
    let dataset = tree.good();
    let flaw = Flaw::NameMatched { by: NameMatch::Case, written: "IM0.JPG".into() };
    assert!(
        dataset.report.noted.iter().any(|problem| problem.flaws == [flaw.clone()]),
        "{:?}",
        dataset.report.noted
    );
}
