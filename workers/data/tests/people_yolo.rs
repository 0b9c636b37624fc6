//! Folders of YOLO labels that people really have: each is read as its maker meant it, or refused with the true reason.

mod support;

use support::{Found, Tree, decomposed};
use trainyard_events::config::Task;
use trainyard_events::reason::{Advice, Caution, LabelFormat, NameMatch, Unfit, UnreadLabels};

const BOX: &str = "0 0.375 0.5 0.375 0.375\n";
const BALL: &str = "1 0.25 0.5 0.25 0.25\n";

/// `count` images with labels that alternate between two classes.
fn pairs(tree: &Tree, images: &str, labels: &str, count: usize) {
    for number in 0..count {
        tree.image(&format!("{images}{number}.jpg"));
        tree.text(&format!("{labels}{number}.txt"), if number % 2 == 0 { BOX } else { BALL });
    }
}

#[track_caller]
fn is_boxes_and_balls(tree: &Tree, splits: [usize; 3]) {
    let dataset = tree.good();
    assert_eq!(dataset.report.format, LabelFormat::Yolo);
    assert_eq!(dataset.classes(), ["box", "ball"]);
    assert_eq!(dataset.splits(), splits);
    assert_eq!(dataset.manifest.header.kinds, [Task::Detect]);
    assert!(dataset.manifest.images.iter().all(|image| image.labels.len() == 1));
    assert_eq!(dataset.report.skipped, []);
}

#[test]
fn label_studio_names_its_classes_beside_and_its_notes_are_no_coco() {
    let tree = Tree::new();
    pairs(&tree, "images/0000-photo", "labels/0000-photo", 6);
    tree.text("classes.txt", "box\nball\n");
    tree.text(
        "notes.json",
        r#"{"categories": [{"id": 0, "name": "box"}], "info": {"contributor": "Label Studio"}}"#,
    );
    is_boxes_and_balls(&tree, [6, 0, 0]);
    let dataset = tree.good();
    assert_eq!(dataset.image("images/0000-photo0.jpg").labels[0].bounds, Some([6.0, 10.0, 12.0, 12.0]));
}

#[test]
fn cvat_names_classes_and_splits_by_its_own_paths() {
    let tree = Tree::new();
    pairs(&tree, "obj_train_data/frame_", "obj_train_data/frame_", 6);
    tree.text("obj.data", "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n");
    tree.text("obj.names", "box\nball\n");
    let list = |folder: &str, count: usize| -> String {
        (0..count).map(|number| format!("data/{folder}{number}.jpg\n")).collect()
    };
    tree.text("train.txt", &list("obj_train_data/frame_", 6));
    is_boxes_and_balls(&tree, [6, 0, 0]);
    assert!(tree.good().has(|caution| matches!(caution, Caution::NamesMatched { by: NameMatch::End, .. })));

    pairs(&tree, "obj_valid_data/v", "obj_valid_data/v", 4);
    tree.text(
        "obj.data",
        "classes = 2\ntrain = data/train.txt\nvalid = data/valid.txt\nnames = data/obj.names\n",
    );
    tree.text("valid.txt", &list("obj_valid_data/v", 4));
    is_boxes_and_balls(&tree, [6, 4, 0]);
}

#[test]
fn an_export_without_its_lists_goes_by_its_folders() {
    let tree = Tree::new();
    pairs(&tree, "obj_train_data/a", "obj_train_data/a", 4);
    pairs(&tree, "obj_valid_data/b", "obj_valid_data/b", 2);
    tree.text("obj.data", "train = data/train.txt\nvalid = data/valid.txt\nnames = data/obj.names\n");
    tree.text("obj.names", "box\nball\n");
    is_boxes_and_balls(&tree, [4, 2, 0]);
}

#[test]
fn roboflow_writes_the_same_list_into_every_split() {
    let tree = Tree::new();
    for (split, count) in [("train", 6), ("valid", 4)] {
        pairs(&tree, &format!("{split}/i"), &format!("{split}/i"), count);
        tree.text(&format!("{split}/_darknet.labels"), "box\nball\n");
    }
    is_boxes_and_balls(&tree, [6, 4, 0]);
}

#[test]
fn paths_of_another_machine_are_taken_by_their_end_and_said() {
    let tree = Tree::new();
    for (split, count) in [("train", 4), ("valid", 2)] {
        pairs(&tree, &format!("{split}/images/"), &format!("{split}/labels/"), count);
    }
    for start in ["../", "/content/drive/My Drive/set/", r"C:\set\", "/home/someone/"] {
        let yaml = format!(
            "train: {start}train/images\nval: {start}valid/images\ntest: {start}test/images\nnames: [box, ball]\n"
        );
        tree.text("data.yaml", &yaml);
        is_boxes_and_balls(&tree, [4, 2, 0]);
        let taken = |caution: &Caution| matches!(caution, Caution::TakenAs { place: Some(place), .. } if place == "train/images");
        assert!(tree.good().has(taken), "{start}");
        assert!(tree.good().has(|caution| matches!(caution, Caution::TestMissing { .. })));
    }
}

#[test]
fn two_sites_are_one_set_and_no_classes() {
    let tree = Tree::new();
    for site in ["site1", "site2"] {
        pairs(&tree, &format!("{site}/{site}-"), &format!("{site}/{site}-"), 4);
        tree.text(&format!("{site}/classes.txt"), "box\nball\n");
    }
    is_boxes_and_balls(&tree, [8, 0, 0]);
}

#[test]
fn numbers_are_read_by_the_nearest_list() {
    let tree = Tree::new();
    for (folder, list) in [("a", "box\nball\n"), ("b", "ball\nbox\n")] {
        pairs(&tree, &format!("{folder}/images/"), &format!("{folder}/labels/"), 4);
        tree.text(&format!("{folder}/classes.txt"), list);
    }
    let dataset = tree.good();
    assert_eq!(dataset.classes(), ["box", "ball"]);
    assert_eq!(dataset.classes_of("a/images/0.jpg"), ["box"]);
    assert_eq!(dataset.classes_of("b/images/0.jpg"), ["ball"]);
    assert!(dataset.has(|caution| *caution == Caution::NearestClassList { lists: 2 }));
    // Two that contradict each other in one folder cannot both be right.
    tree.text("a/obj.names", "ball\nbox\n");
    let refusal = tree.refused();
    assert!(matches!(*refusal.because, Unfit::ClassListsDisagree { .. }), "{refusal}");
    assert_eq!(refusal.advice, Advice::OneClassList);
}

#[test]
fn a_list_of_no_label_names_no_class_and_one_that_contradicts_is_refused() {
    let tree = Tree::new();
    pairs(&tree, "images/", "labels/", 4);
    tree.text("labels/classes.txt", "box\nball\n");
    tree.text("tool/predefined_classes.txt", "dog\nperson\ncat\n");
    is_boxes_and_balls(&tree, [4, 0, 0]);
    tree.text("data.yaml", "train: images\nnames: [box, ball]\n");
    is_boxes_and_balls(&tree, [4, 0, 0]);
    tree.text("data.yaml", "train: images\nnames: [ball, box]\n");
    let refusal = tree.refused();
    assert!(matches!(*refusal.because, Unfit::ClassListsDisagree { .. }), "{refusal}");
    // A label above both lists could be read by either.
    let tree = Tree::new();
    pairs(&tree, "images/", "labels/", 4);
    tree.text("a/classes.txt", "box\nball\n");
    tree.text("b/classes.txt", "ball\nbox\n");
    let refusal = tree.refused();
    assert!(matches!(*refusal.because, Unfit::ClassListsDisagree { .. }), "{refusal}");
}

#[test]
fn labels_without_images_are_said_to_be() {
    let tree = Tree::new();
    (0..3).for_each(|number| tree.text(&format!("labels/{number}.txt"), BOX));
    let refusal = tree.refused();
    assert!(refusal.report[0].problem.contains("its image is not there"), "{refusal}");
    tree.text("obj.data", "train = data/train.txt\nnames = data/obj.names\n");
    tree.text("obj.names", "box\n");
    tree.text("train.txt", "data/obj_train_data/1.jpg\n");
    let refusal = tree.refused();
    assert!(refusal.report.iter().any(|problem| problem.problem.contains("named by train.txt")), "{refusal}");
}

#[test]
fn hangul_from_a_mac_is_the_same_as_typed() {
    let tree = Tree::new();
    for number in 0..6 {
        tree.image(&format!("images/{}", decomposed(&format!("사진 {number}.jpg"))));
        tree.text(&format!("labels/사진 {number}.txt"), if number % 2 == 0 { BOX } else { BALL });
    }
    tree.text("data.yaml", &format!("train: images\nval: images\nnames: [box, {}]\n", decomposed("ball")));
    is_boxes_and_balls(&tree, [6, 0, 0]);
    let dataset = tree.good();
    assert_eq!(dataset.image("images/사진 0.jpg").labels.len(), 1);
    assert!(dataset.has(|caution| matches!(caution, Caution::InTwoSplits { images: 6, .. })));

    tree.text("data.yaml", "train: list.txt\nnames: [box, ball]\n");
    let list: String =
        (0..6).map(|number| format!("{}\n", decomposed(&format!("images/사진 {number}.jpg")))).collect();
    tree.text("list.txt", &list);
    is_boxes_and_balls(&tree, [6, 0, 0]);
    assert!(
        tree.good().has(|caution| matches!(caution, Caution::NamesMatched { by: NameMatch::Normal, .. }))
    );
}

#[test]
fn a_pose_is_no_polygon() {
    let tree = Tree::new();
    for number in 0..6 {
        tree.image(&format!("images/{number}.jpg"));
        let label = "0 0.375 0.5 0.375 0.375 0.05 0.05 2 0.95 0.05 2 0.5 0.95 1 0.1 0.1 0\n";
        tree.text(&format!("labels/{number}.txt"), label);
    }
    for yaml in ["train: images\nkpt_shape: [4, 3]\nnames: [cat]\n", "train: images\nnames: [cat]\n"] {
        tree.text("data.yaml", yaml);
        let dataset = tree.good();
        assert_eq!(dataset.manifest.header.kinds, [Task::Detect, Task::Pose]);
        assert_eq!(dataset.manifest.header.keypoints.as_ref().unwrap().len(), 4);
        let label = &dataset.image("images/0.jpg").labels[0];
        assert_eq!((label.bounds, &label.polygon), (Some([6.0, 10.0, 12.0, 12.0]), &None));
        assert_eq!(label.keypoints.as_ref().unwrap()[2], [16.0, 30.4, 1.0]);
    }
    let shape = "train: images\nkpt_shape: [4, 3]\nnames: [cat]\n";
    for names in ["kpt_names: [nose, left, right, 꼬리]", "kpt_names:\n  0: [nose, left, right, 꼬리]"] {
        tree.text("data.yaml", &format!("{shape}flip_idx: [0, 2, 1, 3]\n{names}\n"));
        let header = tree.good().manifest.header;
        assert_eq!(header.keypoints.unwrap(), ["nose", "left", "right", "꼬리"]);
        assert_eq!(header.mirrored.unwrap(), [0, 2, 1, 3]);
    }
    for (wrong, said) in [
        ("kpt_names: [nose]", "1 names for 4 key points"),
        ("flip_idx: [0, 2, 3, 1]", "pairs no 4 key points"),
        ("flip_idx: [0, 9, 1, 3]", "pairs no 4 key points"),
    ] {
        tree.text("data.yaml", &format!("{shape}{wrong}\n"));
        let refusal = tree.refused();
        assert!(refusal.to_string().contains(said), "{refusal}");
    }
    tree.text("data.yaml", "train: images\nkpt_shape: [5, 3]\nnames: [cat]\n");
    let refusal = tree.refused();
    assert!(refusal.report[0].problem.contains("has 20"), "{:?}", refusal.report);
}

#[test]
fn capitals_are_no_other_folders_and_endings() {
    let tree = Tree::new();
    pairs(&tree, "Train/Images/", "Train/Labels/", 6);
    pairs(&tree, "Valid/Images/", "Valid/Labels/", 4);
    tree.text("data.yaml", "train: Train/Images\nval: Valid/Images\nnames: [box, ball]\n");
    is_boxes_and_balls(&tree, [6, 4, 0]);
    tree.text("data.yaml", "train: train/images\nval: valid/images\nnames: [box, ball]\n");
    is_boxes_and_balls(&tree, [6, 4, 0]);

    let tree = Tree::new();
    for number in 0..6 {
        tree.image(&format!("images/{number}.jpg"));
        tree.text(&format!("labels/{number}.TXT"), if number % 2 == 0 { BOX } else { BALL });
    }
    tree.text("data.yaml", "train: images\nnames: [box, ball]\n");
    is_boxes_and_balls(&tree, [6, 0, 0]);
    assert!(
        tree.good()
            .has(|caution| matches!(caution, Caution::NamesMatched { names: 6, by: NameMatch::Case, .. }))
    );
    // Two that differ in capitals alone are two: neither is taken.
    tree.text("labels/0.tXt", BALL);
    let dataset = tree.good();
    assert_eq!(dataset.image("images/0.jpg").labels, []);
}

#[test]
fn labels_lie_below_labels_at_any_images_of_the_path() {
    let tree = Tree::new();
    pairs(&tree, "images/train/site/images/", "labels/train/site/images/", 6);
    pairs(&tree, "images/val/site/images/", "labels/val/site/images/", 4);
    tree.text("data.yaml", "train: images/train\nval: images/val\nnames: [box, ball]\n");
    is_boxes_and_balls(&tree, [6, 4, 0]);
}

#[test]
fn oriented_boxes_are_refused_by_name_and_outlines_are_not() {
    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("images/{number}.jpg"));
        tree.text(&format!("labels/{number}.txt"), "0 0.1 0.2 0.2 0.1 0.3 0.2 0.2 0.3\n");
    }
    tree.text("data.yaml", "train: images\nnames: [box]\n");
    let refusal = tree.refused();
    assert!(matches!(*refusal.because, Unfit::LabelsNotRead { labels: UnreadLabels::OrientedBoxes, .. }));
    assert_eq!(refusal.advice, Advice::ExportAs { format: LabelFormat::Yolo });
    tree.text("labels/3.txt", "0 0.1 0.2 0.9 0.1 0.3 0.9 0.2 0.3\n0 0.5 0.5 1 0.5 1 1\n");
    let dataset = tree.good();
    assert_eq!(dataset.manifest.header.kinds, [Task::Detect, Task::Segment]);
    assert_eq!(dataset.image("images/3.jpg").labels[1].bounds, Some([16.0, 16.0, 16.0, 16.0]));
}

#[test]
fn lists_of_images_alone_are_splits() {
    let tree = Tree::new();
    pairs(&tree, "data/i", "data/i", 6);
    tree.text("train.txt", "data/i0.jpg\ndata/i1.jpg\ndata/i2.jpg\ndata/i3.jpg\n");
    tree.text("val.txt", r"C:\old\data\i4.jpg");
    tree.text("test.txt", "./data/i5.jpg\n");
    tree.text("classes.names", "box\nball\n");
    is_boxes_and_balls(&tree, [4, 1, 1]);
}

#[test]
fn a_list_in_cp949_is_hangul() {
    let tree = Tree::new();
    pairs(&tree, "images/", "labels/", 4);
    let (list, ..) = encoding_rs::EUC_KR.encode("상자\n공, 둥근\n");
    tree.bytes("classes.txt", &list);
    let dataset = tree.good();
    assert_eq!(dataset.classes(), ["상자", "공, 둥근"]);
    assert!(dataset.has(|caution| matches!(caution, Caution::ReadAsKorean { files: 1, .. })));
}

#[test]
fn captions_beside_images_are_no_labels() {
    let tree = Tree::new();
    for path in ["cat/1", "cat/2", "dog/1", "dog/2"] {
        tree.image(&format!("{path}.jpg"));
        tree.text(&format!("{path}.txt"), "a photo of a pet\n");
    }
    assert_eq!(tree.good().report.format, LabelFormat::ImageFolder);
}

#[test]
fn what_a_description_gets_wrong_is_said() {
    let tree = Tree::new();
    pairs(&tree, "images/", "labels/", 4);
    for (yaml, said) in [
        ("train: nowhere\nnames: [box, ball]\n", "names nowhere"),
        ("train: images\nnames: [box]\nnc: 2\n", "nc: 2, but names 1"),
        ("train: images\nnames: {0: box, 2: ball}\n", "none with the number 1"),
        ("val: images\nnames: [box, ball]\n", "none to train on"),
        ("train: images\nnames: [box, box]\n", "both called \"box\""),
        ("train: images\nkpt_shape: [4, 9]\nnames: [box, ball]\n", "kpt_shape"),
        ("train: [", "not a description"),
        ("train: images\nnames: [box]\n", "no class 1: 1 are named"),
    ] {
        tree.text("data.yaml", yaml);
        let refusal = tree.refused();
        let said_by = format!("{refusal} {:?}", refusal.report);
        assert!(said_by.replace("\\\"", "\"").contains(said), "{yaml}: {said_by}");
    }
    tree.text("data.yaml", "path: ../elsewhere\ntrain: images\ntest: test\nnames: [box, ball]\n");
    let dataset = tree.good();
    assert!(dataset.has(|caution| matches!(caution, Caution::PathElsewhere { .. })));
    assert!(dataset.has(|caution| matches!(caution, Caution::TestMissing { .. })));
}
