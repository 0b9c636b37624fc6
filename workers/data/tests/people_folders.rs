//! Folders of classes that people really have, and what lies among them.

mod support;

use support::{Found, Tree, decomposed, picture};
use trainyard_data::manifest::{Image, Split};
use trainyard_events::config::Task;
use trainyard_events::reason::{Advice, Caution, Contents, Flaw, LabelFormat, Unfit};
use trainyard_events::trainer::Inspection;

#[track_caller]
fn is_classes(tree: &Tree, classes: &[&str], splits: [usize; 3]) {
    let dataset = tree.good();
    assert_eq!(dataset.report.format, LabelFormat::ImageFolder);
    assert_eq!(dataset.classes(), classes);
    assert_eq!(dataset.splits(), splits);
    assert_eq!(dataset.manifest.header.kinds, [Task::Classify]);
}

fn fill(tree: &Tree, folders: &[&str], count: usize) {
    for folder in folders {
        (0..count).for_each(|number| tree.image(&format!("{folder}/{number}.png")));
    }
}

#[test]
fn classes_from_a_mac_are_the_same_in_every_split() {
    let tree = Tree::new();
    let (cat, dog) = (decomposed("고양이"), decomposed("강아지"));
    fill(&tree, &["train/고양이", &format!("train/{dog}"), &format!("val/{cat}"), "val/강아지"], 3);
    is_classes(&tree, &["강아지", "고양이"], [6, 6, 0]);
}

#[test]
fn splits_go_by_the_words_people_use() {
    for (train, other, splits) in [
        ("training_set", "test_set", [4, 0, 4]),
        ("training_set/training_set", "test_set/test_set", [4, 0, 4]),
        ("seg_train/seg_train", "seg_test/seg_test", [4, 0, 4]),
        ("train", "dev", [4, 4, 0]),
        ("Training", "Validation", [4, 4, 0]),
        ("dataset/train", "dataset/val", [4, 4, 0]),
        ("train", "valid", [4, 4, 0]),
    ] {
        let tree = Tree::new();
        for split in [train, other] {
            fill(&tree, &[&format!("{split}/cats"), &format!("{split}/dogs")], 2);
        }
        is_classes(&tree, &["cats", "dogs"], splits);
    }
}

#[test]
fn thumbnails_and_bins_are_nobodys_images() {
    let tree = Tree::new();
    fill(
        &tree,
        &["cat", "dog", "@eaDir", "cat/@eaDir/0.png", "$RECYCLE.BIN", "lost+found", "__MACOSX/cat"],
        4,
    );
    fill(&tree, &[".thumbnails", "dog/Thumbnails"], 1);
    tree.text("cat/Thumbs.db", "x");
    tree.text("cat/.DS_Store", "x");
    tree.image("cat/._0.png");
    is_classes(&tree, &["cat", "dog"], [8, 0, 0]);
    assert!(tree.good().has(|caution| matches!(caution, Caution::SystemFiles { files: 10, .. })));
}

#[test]
fn an_image_is_what_decodes() {
    let tree = Tree::new();
    fill(&tree, &["cat", "dog"], 2);
    tree.bytes("cat/a.jfif", &picture("a.jpg", 32, 32));
    tree.bytes("cat/b", &picture("b.png", 32, 32));
    tree.bytes("dog/c.jpg", &picture("c.png", 20, 10));
    tree.bytes("dog/d.dat", &picture("d.jpg", 32, 32));
    is_classes(&tree, &["cat", "dog"], [8, 0, 0]);
    assert_eq!(tree.good().image("dog/c.jpg").width, 20);
}

#[test]
fn what_does_not_decode_is_left_out_by_name_or_refused_when_it_is_much() {
    let tree = Tree::new();
    fill(&tree, &["cat", "dog"], 20);
    tree.text("cat/notes.png", "this is a text");
    let dataset = tree.good();
    assert_eq!((dataset.splits(), dataset.report.skipped_files), ([40, 0, 0], 1));
    assert_eq!(dataset.report.skipped[0].flaws, [Flaw::NotAnImage { holds: Contents::Text }]);
    tree.text("dog/empty.png", "");
    let whole = picture("x.jpg", 64, 64);
    tree.bytes("dog/cut.jpg", &whole[..whole.len() - 20]);
    let refusal = tree.refused();
    assert_eq!(*refusal.because, Unfit::TooManyBadFiles { bad: 3, files: 43, percent: 5 });
    let flaws: Vec<&Flaw> = refusal.report.iter().map(|problem| &problem.flaws[0]).collect();
    assert!(flaws.contains(&&Flaw::EmptyFile) && flaws.contains(&&Flaw::CutOff), "{flaws:?}");
}

#[test]
fn links_inside_are_followed_and_links_outside_are_refused() {
    let store = Tree::new();
    fill(&store, &["cat", "dog"], 3);
    let tree = Tree::new();
    tree.link("cat", store.path().join("cat"));
    tree.link("dog", store.path().join("dog"));
    let refusal = tree.refused();
    assert_eq!(*refusal.because, Unfit::LabelFile { path: "cat".into(), flaw: Flaw::LinkOutside });
    assert_eq!((refusal.advice, refusal.bad_files), (Advice::RepairFiles, 2));

    // One class of three must not be lost in silence.
    fill(&tree, &["bird", "fish"], 40);
    assert!(matches!(*tree.refused().because, Unfit::LabelFile { flaw: Flaw::LinkOutside, .. }));

    let tree = Tree::new();
    fill(&tree, &["store/cat", "store/dog"], 3);
    tree.link("train/cat", "../store/cat");
    tree.link("train/dog", tree.path().join("store/dog"));
    is_classes(&tree, &["cat", "dog"], [6, 0, 0]);
    assert!(tree.good().has(|caution| matches!(caution, Caution::InNoSplit { images: 6, .. })));
    assert!(!tree.good().bytes(0).unwrap().is_empty());
    // A link to a folder above has no end.
    tree.link("train/cat/loop", "../..");
    let dataset = tree.good();
    assert_eq!(dataset.report.skipped, []);
    assert!(dataset.report.noted.iter().any(|problem| problem.flaws == [Flaw::LinkLoops]));
}

#[test]
fn folders_of_folders_with_the_same_names_are_no_classes() {
    let tree = Tree::new();
    fill(&tree, &["site1/cat", "site1/dog", "site2/cat", "site2/dog"], 2);
    let refusal = tree.refused();
    assert_eq!(*refusal.because, Unfit::FoldersAlike { folders: vec!["site1".into(), "site2".into()] });
    assert_eq!(refusal.advice, Advice::NameInnerFolder { folder: "site1".into() });
}

#[test]
fn folders_inside_a_class_are_said_to_be_of_it() {
    let tree = Tree::new();
    fill(&tree, &["animals/cat", "animals/dog", "vehicles/car", "vehicles/bus"], 2);
    is_classes(&tree, &["animals", "vehicles"], [8, 0, 0]);
    let folders = vec!["cat".to_owned(), "dog".to_owned()];
    let said = Caution::FoldersWithin { class: "animals".into(), folders };
    assert!(tree.good().has(|caution| *caution == said));
    let tree = Tree::new();
    fill(&tree, &["animals/cat", "animals/dog"], 2);
    tree.text("readme/notes.md", "no images");
    assert_eq!(*tree.refused().because, Unfit::OnlyFolder { folder: "animals".into() });
    // An archive's own folder is no class.
    std::fs::remove_dir_all(tree.path().join("readme")).unwrap();
    is_classes(&tree, &["cat", "dog"], [4, 0, 0]);
}

#[test]
fn numbers_sort_as_numbers() {
    let tree = Tree::new();
    fill(&tree, &["10", "2", "1"], 2);
    is_classes(&tree, &["1", "2", "10"], [6, 0, 0]);
}

#[test]
fn what_is_no_folder_of_classes_is_refused_with_a_way_out() {
    let tree = Tree::new();
    assert_eq!(*tree.refused().because, Unfit::EmptyFolder);
    tree.image("a.jpg");
    assert_eq!(*tree.refused().because, Unfit::NoClassFolders);
    let tree = Tree::new();
    fill(&tree, &["cats"], 3);
    assert_eq!(*tree.refused().because, Unfit::OnlyClass { class: "cats".into() });
    tree.folder("dogs");
    let refusal = tree.refused();
    assert!(
        matches!(&*refusal.because, Unfit::OnlyClass { .. } | Unfit::ClassWithoutImage { .. }),
        "{refusal}"
    );
    fill(&tree, &["birds"], 3);
    assert_eq!(*tree.refused().because, Unfit::ClassWithoutImage { class: "dogs".into() });
    let tree = Tree::new();
    fill(&tree, &["test/a", "test/b"], 2);
    assert!(matches!(*tree.refused().because, Unfit::NoTrainFolder { .. } | Unfit::OnlyFolder { .. }));
    let tree = Tree::new();
    fill(&tree, &["images", "pictures_and_so_on"], 2);
    tree.good();
    let refusal = trainyard_data::read(&tree.path().join("nowhere")).unwrap_err();
    assert!(matches!(*refusal.because, Unfit::NothingThere { .. }));
    let refusal = trainyard_data::read(&tree.path().join("images/0.png")).unwrap_err();
    assert!(matches!(*refusal.because, Unfit::NotAFolder { .. }));
}

#[test]
fn the_same_image_twice_is_said() {
    let tree = Tree::new();
    fill(&tree, &["train/cat", "train/dog", "val/cat", "val/dog"], 4);
    let bytes = picture("one.png", 32, 32);
    tree.bytes("train/cat/x.png", &bytes);
    tree.bytes("val/cat/y.png", &bytes);
    assert!(tree.good().has(|caution| matches!(caution, Caution::Leaked { images: 1, .. })));
    tree.bytes("val/dog/z.png", &bytes);
    assert!(tree.good().has(|caution| matches!(caution, Caution::UnderTwoClasses { images: 1, .. })));
}

#[test]
fn uneven_classes_are_said() {
    let tree = Tree::new();
    fill(&tree, &["cat"], 22);
    fill(&tree, &["dog"], 2);
    assert!(tree.good().has(|caution| matches!(caution, Caution::UnevenImages { most: 22, least: 2, .. })));
}

#[test]
fn good_ones_alone_are_a_set_to_find_defects_by() {
    for folder in ["good", "정상", "parts/OK", "train/good"] {
        let tree = Tree::new();
        fill(&tree, &[folder], 5);
        let dataset = tree.good();
        assert_eq!(
            (dataset.manifest.header.kinds.as_slice(), dataset.splits()),
            (&[Task::Anomaly][..], [5, 0, 0])
        );
        let plan = dataset.manifest.planned(Task::Anomaly, &[], 42).unwrap();
        assert_eq!(
            plan.images.iter().filter(|image| image.split == Split::Validation).count(),
            1,
            "{folder}"
        );
    }
    let tree = Tree::new();
    fill(&tree, &["OK", "NG"], 4);
    let dataset = tree.good();
    assert_eq!(dataset.manifest.header.kinds, [Task::Classify, Task::Anomaly], "either is possible");
    let alone = Tree::new();
    alone.image("good/1.png");
    let verdict = trainyard_data::inspect::inspect(alone.path()).verdict;
    let Inspection::Bad { because, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(because, [Unfit::FewGoodImages { good: 1, least: 2 }.into()]);
}

#[test]
fn mvtec_ads_folders_are_read_with_their_masks() {
    let tree = Tree::new();
    fill(&tree, &["bottle/train/good"], 6);
    fill(&tree, &["bottle/test/good", "bottle/test/broken_large", "bottle/test/contamination"], 3);
    for number in 0..3 {
        let inside = |x: u32, y: u32| if x < 4 && y < 8 { 255 } else { 0 };
        tree.mask(&format!("bottle/ground_truth/broken_large/{number}_mask.png"), inside);
    }
    let dataset = tree.good();
    let header = &dataset.manifest.header;
    assert_eq!(
        (dataset.classes(), header.kinds.as_slice()),
        (vec!["broken_large", "contamination", "good"], &[Task::Anomaly][..])
    );
    assert_eq!((dataset.splits(), dataset.report.cautions.as_slice()), ([6, 0, 9], &[][..]));
    let masked = |name: &str| dataset.image(name).labels[0].mask.as_ref().map(|mask| mask.area());
    assert_eq!(masked("bottle/test/broken_large/1.png"), Some(32));
    assert_eq!([masked("bottle/test/contamination/1.png"), masked("bottle/test/good/1.png")], [None, None]);
    assert_eq!(dataset.profile().boxes, None, "there is no box in it");
    // What was set aside for testing is what judges; nothing is tuned on it.
    let plan = dataset.manifest.planned(Task::Anomaly, &[], 42).unwrap();
    let validating = |class| {
        let judges = |image: &&Image| image.split == Split::Validation && image.labels[0].class == class;
        plan.images.iter().filter(judges).count()
    };
    assert_eq!(
        (plan.header.classes.as_slice(), plan.header.divided),
        (&["good".to_owned(), "anomalous".to_owned()][..], false)
    );
    assert_eq!([validating(0), validating(1)], [3, 6]);
}
