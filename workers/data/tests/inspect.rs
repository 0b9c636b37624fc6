//! What people really have on disk, good and bad, and what `inspect` says about it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use image::{Rgb, RgbImage};
use tempfile::TempDir;
use trainyard_data::inspect::{draw, inspect};
use trainyard_events::dataset::{DatasetProfile, FileProblem, SplitCounts};
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::problems::{ImageProblem, ProblemCount, ProblemKind, ProblemsHeader};
use trainyard_events::reason::LabelFormat;
use trainyard_events::trainer::{Inspection, LookStage, Looked, TrainerLine};
use trainyard_words::english;

/// A PNG whose content depends on its path, so that no two are the same.
fn png(root: &Path, path: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let seed = path.to_string_lossy().bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    let image = RgbImage::from_fn(10, 8, |x, y| Rgb([(seed >> (x % 24)) as u8, y as u8, (seed >> 9) as u8]));
    image.save(path).unwrap();
}

/// Two classes of `count` images each.
fn pets(count: usize) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for class in ["cat", "dog"] {
        for index in 0..count {
            png(root.path(), &format!("{class}/{index}.png"));
        }
    }
    root
}

fn good(root: &Path) -> DatasetProfile {
    match inspect(root).verdict {
        Inspection::Good { profile } => {
            let said: Vec<String> = profile.cautions.iter().map(english).collect();
            assert_eq!(said, profile.warnings);
            for file in &profile.skipped {
                assert_eq!(english(&file.flaws), file.problem);
            }
            *profile
        }
        bad => panic!("{bad:?}"),
    }
}

fn bad(root: &Path) -> (String, String, Vec<FileProblem>, u64) {
    match inspect(root).verdict {
        Inspection::Bad { problem, next_step, report, bad_files, because, advice } => {
            assert_eq!((english(&because), english(&advice)), (problem.clone(), next_step.clone()));
            (problem, next_step, report, bad_files)
        }
        good => panic!("{good:?}"),
    }
}

#[test]
fn a_good_folder_has_a_profile() {
    let root = pets(12);
    let profile = good(root.path());
    assert_eq!(profile.format, LabelFormat::ImageFolder);
    assert_eq!(profile.images, SplitCounts { train: 24, validation: 0, test: 0 });
    assert_eq!(profile.classes.iter().map(|class| class.name.as_str()).collect::<Vec<_>>(), ["cat", "dog"]);
    assert_eq!((profile.width, profile.height), ([10; 3], [8; 3]));
    assert!(!profile.split && !profile.grey && profile.warnings.is_empty() && profile.skipped.is_empty());
    assert_eq!(profile.content_hash.len(), 64);
    assert!(profile.bytes > 24 * 60);
}

#[test]
fn the_content_hash_changes_with_any_file_and_only_then() {
    let root = pets(3);
    let hash = || good(root.path()).content_hash;
    let first = hash();
    assert_eq!(first, hash());
    fs::write(root.path().join(".DS_Store"), "hidden").unwrap();
    assert_eq!(first, hash());
    fs::rename(root.path().join("cat/0.png"), root.path().join("cat/9.png")).unwrap();
    let renamed = hash();
    assert_ne!(first, renamed);
    fs::write(root.path().join("readme.txt"), "not hidden").unwrap();
    assert_ne!(renamed, hash());
}

#[test]
fn what_cannot_be_trained_on_is_refused_with_a_next_step() {
    let root = tempfile::tempdir().unwrap();
    let at = |path: &str| root.path().join(path);
    fs::write(at("archive.zip"), "PK").unwrap();
    fs::create_dir_all(at("empty")).unwrap();
    png(root.path(), "flat/1.png");
    png(root.path(), "flat/2.png");
    png(root.path(), "one/cat/1.png");
    png(root.path(), "hollow/cat/1.png");
    fs::create_dir_all(at("hollow/dog")).unwrap();
    png(root.path(), "lone/cat/1.png");
    png(root.path(), "lone/dog/1.png");
    png(root.path(), "yolo/images/1.png");
    fs::write(at("yolo/data.yaml"), "names: []").unwrap();
    png(root.path(), "novalidation/train/cat/1.png");
    png(root.path(), "novalidation/train/dog/1.png");
    fs::create_dir_all(at("novalidation/val/cat")).unwrap();
    png(root.path(), "stranger/train/cat/1.png");
    png(root.path(), "stranger/train/dog/1.png");
    png(root.path(), "stranger/val/bird/1.png");
    for (path, words) in [
        ("nowhere", "nothing at"),
        ("archive.zip", "is a file"),
        ("empty", "is empty"),
        ("flat", "no class folders"),
        ("one", "only one class"),
        ("hollow", "only one class"),
        ("lone", "every class has one image"),
        ("yolo", "names no class"),
        ("novalidation", "every class has one image"),
        ("stranger", "\"bird\" has no readable image to train on"),
    ] {
        let (problem, next_step, _, _) = bad(&at(path));
        assert!(problem.contains(words), "{path}: {problem}");
        assert!(next_step.len() > 10, "{path}: {next_step}");
    }
}

#[test]
fn a_few_bad_files_are_left_out_and_named() {
    let root = pets(40);
    let at = |path: &str| root.path().join(path);
    fs::write(at("cat/text.jpg"), "I am text").unwrap();
    let whole = fs::read(at("dog/1.png")).unwrap();
    fs::write(at("dog/cut.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(at("dog/animated.gif"), b"GIF89a").unwrap();
    symlink("/etc/hostname", at("cat/link.png")).unwrap();
    fs::write(at("cat/notes.txt"), "ignored").unwrap();
    let profile = good(root.path());
    assert_eq!(profile.images.total(), 80);
    let found: Vec<(&str, &str)> =
        profile.skipped.iter().map(|file| (file.path.as_str(), file.problem.as_str())).collect();
    for (path, words) in [
        ("cat/link.png", "outside the dataset"),
        ("cat/text.jpg", "holds text"),
        ("dog/cut.png", "cut off"),
        ("dog/animated.gif", "a GIF"),
    ] {
        assert!(
            found.iter().any(|(at, problem)| *at == path && problem.contains(words)),
            "{path}: {found:?}"
        );
    }
    assert_eq!(found.len(), 4);
    assert!(profile.warnings.iter().any(|warning| warning.contains("4 files are left out")));
    assert!(profile.warnings.iter().any(|warning| warning.contains("1 files are no images")));
}

#[test]
fn many_bad_files_are_a_refusal_with_a_report() {
    let root = pets(100);
    for index in 0..60 {
        fs::write(root.path().join(format!("cat/bad{index}.jpg")), "text").unwrap();
    }
    let (problem, _, report, bad_files) = bad(root.path());
    assert!(problem.contains("60 of 260 files") && problem.contains("5 %"), "{problem}");
    assert_eq!((report.len(), bad_files), (REPORTED_FILES, 60));
}

#[test]
fn splits_and_what_is_odd_about_them() {
    let root = tempfile::tempdir().unwrap();
    for index in 0..30 {
        png(root.path(), &format!("Train/cat/{index}.png"));
    }
    for path in ["Train/dog/1.png", "Train/dog/2.png", "valid/cat/1.png", "testing/dog/1.png"] {
        png(root.path(), path);
    }
    fs::copy(root.path().join("Train/cat/5.png"), root.path().join("valid/cat/copy.png")).unwrap();
    fs::copy(root.path().join("Train/cat/6.png"), root.path().join("Train/dog/6.png")).unwrap();
    let profile = good(root.path());
    assert!(profile.split);
    assert_eq!(profile.images, SplitCounts { train: 33, validation: 2, test: 1 });
    let said = profile.warnings.join("\n");
    for words in [
        "1 images are in training and in validation or test",
        "1 images are under two classes",
        "1 classes have no validation image",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("uneven"), "30 to 3 is not more than ten to one");
}

#[test]
fn uneven_and_lone_classes_are_warned_about() {
    let root = pets(25);
    png(root.path(), "owl/1.png");
    let said = good(root.path()).warnings.join("\n");
    assert!(said.contains("classes are uneven: 25 images of \"dog\", 1 of \"owl\""), "{said}");
    assert!(said.contains("1 classes have one image, which is trained on"), "{said}");
}

#[test]
fn a_link_to_a_folder_elsewhere_is_not_followed_and_may_be_a_class() {
    let root = pets(30);
    let elsewhere = pets(3);
    symlink(elsewhere.path(), root.path().join("elsewhere")).unwrap();
    let (problem, ..) = bad(root.path());
    assert!(problem.contains("elsewhere is a link to something outside the dataset"), "{problem}");
}

#[test]
fn the_program_says_how_far_it_is_and_then_one_verdict_and_exits_with_0_for_bad_too() {
    let root = pets(3);
    for (path, verdict, images) in
        [(root.path().to_owned(), "good", Some(6)), (root.path().join("nowhere"), "bad", None)]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_trainyard-data"))
            .args(["inspect", "--path"])
            .arg(path)
            .output()
            .unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines = text.lines();
        let line: serde_json::Value = serde_json::from_str(lines.next_back().unwrap()).unwrap();
        let told: Vec<Looked> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(told.is_sorted_by_key(|told| told.images), "{told:?}");
        let last = told.last().map(|told| (told.stage, told.images, told.of));
        assert_eq!(last, images.map(|images| (LookStage::Read, images, images)), "{told:?}");
        assert_eq!(line["verdict"], verdict);
        serde_json::from_value::<Inspection>(line).unwrap();
    }
}

#[test]
fn a_page_of_samples_says_what_is_on_it() {
    let root = pets(20);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("samples");
    draw(&inspect(root.path()).dataset.unwrap(), &to);
    let labels: serde_json::Value =
        serde_json::from_slice(&fs::read(to.join("samples.json")).unwrap()).unwrap();
    let page = image::load_from_memory(&fs::read(to.join("samples.jpg")).unwrap()).unwrap();
    assert_eq!(
        (labels["width"].as_u64(), labels["height"].as_u64()),
        (Some(page.width().into()), Some(page.height().into()))
    );
    let images = labels["images"].as_array().unwrap();
    let of = |class: &str| images.iter().filter(|image| image["class"] == class).count();
    assert_eq!((images.len(), of("cat"), of("dog")), (24, 12, 12));
    assert!(images.iter().all(|image| (&image["width"], &image["height"]) == (&10.into(), &8.into())));
    let again = folder.path().join("again");
    draw(&inspect(root.path()).dataset.unwrap(), &again);
    for name in ["samples.json", "samples.jpg"] {
        assert_eq!(fs::read(to.join(name)).unwrap(), fs::read(again.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn what_is_drawn_is_announced_and_what_cannot_be_drawn_is_not() {
    let root = pets(3);
    let folder = tempfile::tempdir().unwrap();
    let announced = |samples| {
        let artifacts = draw(&inspect(root.path()).dataset.unwrap(), samples);
        let of = |line| match line {
            TrainerLine::Artifact { role, path } => (role, path.display().to_string()),
            other => panic!("{other:?}"),
        };
        artifacts.into_iter().map(of).collect::<Vec<_>>()
    };
    let expected = [
        ("sample_images", "samples.jpg"),
        ("sample_labels", "samples.json"),
        ("problems", "problems.jsonl"),
        ("augmented_light_64", "augmented_light_64.jpg"),
        ("augmented_standard_64", "augmented_standard_64.jpg"),
        ("augmented_light_224", "augmented_light_224.jpg"),
        ("augmented_standard_224", "augmented_standard_224.jpg"),
        ("augmented_labels", "augmented.json"),
    ];
    assert!(expected.len() <= trainyard_events::limits::DATASET_ARTIFACTS);
    assert_eq!(announced(folder.path()), expected.map(|(role, path)| (role.to_owned(), path.to_owned())));
    fs::write(folder.path().join("file"), "in the way").unwrap();
    assert_eq!(announced(&folder.path().join("file")), []);
}

#[test]
fn every_file_with_a_problem_is_listed_where_the_profile_names_the_first() {
    let root = tempfile::tempdir().unwrap();
    for split in ["train", "val"] {
        (0..40).for_each(|index| png(root.path(), &format!("{split}/cat/{index}.png")));
        (0..40).for_each(|index| png(root.path(), &format!("{split}/dog/{index}.png")));
    }
    let copy = |from: &str, to: String| fs::copy(root.path().join(from), root.path().join(to)).unwrap();
    for index in 0..60 {
        copy("train/cat/0.png", format!("train/cat/copy{index:02}.png"));
    }
    copy("train/dog/1.png", "val/dog/leak.png".to_owned());
    copy("train/dog/2.png", "train/cat/other.png".to_owned());
    fs::write(root.path().join("train/cat/broken.png"), "no image").unwrap();
    let dataset = inspect(root.path()).dataset.unwrap();
    assert_eq!(dataset.profile().noted.len(), REPORTED_FILES);
    let to = tempfile::tempdir().unwrap();
    draw(&dataset, to.path());
    let text = fs::read_to_string(to.path().join("problems.jsonl")).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let header: ProblemsHeader = serde_json::from_str(first).unwrap();
    assert_eq!(header.manifest, dataset.manifest.version().unwrap());
    // Whether the small images look alike depends on their colours.
    let is_sure = |kind: &ProblemKind| *kind != ProblemKind::NearDuplicate;
    let count = |kind, files| ProblemCount { kind, files };
    assert_eq!(
        header.counts.iter().filter(|count| is_sure(&count.kind)).copied().collect::<Vec<_>>(),
        [
            count(ProblemKind::LeftOut, 1),
            count(ProblemKind::Leak, 1),
            count(ProblemKind::Contradiction, 1),
            count(ProblemKind::Duplicate, 60),
        ]
    );
    assert_eq!(rest.lines().count() as u64, header.listed);
    let read = |line| serde_json::from_str::<ImageProblem>(line).unwrap();
    let problems: Vec<ImageProblem> = rest.lines().map(read).filter(|one| is_sure(&one.kind)).collect();
    assert_eq!(problems.len(), 63);
    let told = |at: usize| (problems[at].file.path.as_str(), problems[at].file.problem.as_str());
    assert_eq!(told(1), ("val/dog/leak.png", "is the same image as train/dog/1.png"));
    assert_eq!((told(0).0, told(2).0), ("train/cat/broken.png", "train/dog/2.png"));
}

/// A JPEG of 40 x 20 pixels, red on the left and blue on the right, that its EXIF turns clockwise, and that says where it
/// was taken.
fn turned_and_located(path: &Path) {
    let mut jpeg = Vec::new();
    let image =
        RgbImage::from_fn(40, 20, |x, _| if x < 20 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) });
    image.write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95)).unwrap();
    // A directory with the orientation 6 and where the other one begins, which holds a map's name.
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0");
    tiff.extend(b"\x01\0\x12\0\x02\0\x0c\0\0\0\x38\0\0\0\0\0\0\0SECRETPLACE\0");
    let mut segment = b"\xff\xe1".to_vec();
    segment.extend(((tiff.len() + 8) as u16).to_be_bytes());
    segment.extend(b"Exif\0\0");
    segment.extend(tiff);
    jpeg.splice(2..2, segment);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, jpeg).unwrap();
}

#[test]
fn samples_are_upright_and_tell_nothing_of_where_they_were_taken() {
    let root = tempfile::tempdir().unwrap();
    for class in ["cat", "dog"] {
        turned_and_located(&root.path().join(class).join("turned.jpg"));
        png(root.path(), &format!("{class}/plain.png"));
    }
    let to = tempfile::tempdir().unwrap();
    draw(&inspect(root.path()).dataset.unwrap(), to.path());
    let bytes = fs::read(to.path().join("samples.jpg")).unwrap();
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    assert!(!holds(b"Exif") && !holds(b"SECRETPLACE"));
    let source = fs::read(root.path().join("cat/turned.jpg")).unwrap();
    assert!(source.windows(11).any(|part| part == b"SECRETPLACE"), "the fixture says it");

    let page = image::load_from_memory(&bytes).unwrap().into_rgb8();
    let labels: serde_json::Value =
        serde_json::from_slice(&fs::read(to.path().join("samples.json")).unwrap()).unwrap();
    let images = labels["images"].as_array().unwrap();
    let turned = images.iter().find(|image| image["path"].as_str().unwrap().ends_with("turned.jpg")).unwrap();
    assert_eq!((&turned["width"], &turned["height"]), (&20.into(), &40.into()));
    let [left, top, width, height]: [u32; 4] = serde_json::from_value(turned["place"].clone()).unwrap();
    assert_eq!((width, height), (160, 320));
    let at = |part: u32| page.get_pixel(left + width / 2, top + height * part / 4).0;
    assert!(at(1)[0] > 150 && at(1)[2] < 90, "red is above: {:?}", at(1));
    assert!(at(3)[2] > 150 && at(3)[0] < 90, "blue is below: {:?}", at(3));
}

#[test]
fn one_pixel_is_an_image_too() {
    let root = pets(3);
    for class in ["cat", "dog"] {
        RgbImage::from_pixel(1, 1, Rgb([9, 99, 199])).save(root.path().join(class).join("dot.png")).unwrap();
    }
    let to = tempfile::tempdir().unwrap();
    let inspected = inspect(root.path());
    draw(inspected.dataset.as_ref().unwrap(), to.path());
    let Inspection::Good { profile } = inspected.verdict else { panic!("good") };
    let width = profile.histograms.unwrap().width;
    assert_eq!((width.edges[0], width.counts[0].train, width.counts.last().unwrap().train), (1, 2, 6));
    let labels: serde_json::Value =
        serde_json::from_slice(&fs::read(to.path().join("samples.json")).unwrap()).unwrap();
    let images = labels["images"].as_array().unwrap();
    let dots = images.iter().filter(|image| image["width"] == 1).count();
    assert_eq!((images.len(), dots), (7, 1), "two dots of the same content are one");
}
