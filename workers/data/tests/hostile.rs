//! What no tool writes and somebody sends all the same: refused by a limit or by name, and never a panic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs::File;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use nix::sys::stat::Mode;
use proptest::prelude::*;
use support::{Found, Tree, reports};
use trainyard_data::limits::FOLDER_DEPTH;
use trainyard_events::reason::{Flaw, Unfit};

/// Two classes of images, so that there is something good beside what is not.
fn good(count: usize) -> Tree {
    let tree = Tree::new();
    for number in 0..count {
        tree.images(&[&format!("cat/{number}.png"), &format!("dog/{number}.png")]);
    }
    tree
}

#[test]
fn pipes_sockets_and_devices_are_not_opened() {
    let tree = good(60);
    nix::unistd::mkfifo(&tree.path().join("cat/pipe.png"), Mode::S_IRWXU).unwrap();
    let _socket = UnixListener::bind(tree.path().join("cat/socket.png")).unwrap();
    tree.link("cat/zero.png", "/dev/zero");
    tree.link("cat/self.png", "self.png");
    tree.link("cat/passwd.png", "/etc/passwd");
    let start = Instant::now();
    let dataset = tree.good();
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(dataset.splits(), [120, 0, 0]);
    let flaws: Vec<Flaw> = dataset.report.skipped.iter().flat_map(|problem| problem.flaws.clone()).collect();
    let count = |wanted: &Flaw| flaws.iter().filter(|flaw| *flaw == wanted).count();
    assert_eq!((count(&Flaw::NeitherFileNorFolder), count(&Flaw::LinkOutside)), (2, 2));
    assert!(flaws.iter().any(|flaw| matches!(flaw, Flaw::NotToBeLookedAt { .. })), "{flaws:?}");
}

#[test]
fn no_name_in_a_label_leaves_the_root() {
    let outside = Tree::new();
    outside.image("secret.jpg");
    let secret = outside.path().join("secret.jpg").display().to_string();
    for name in
        [secret.as_str(), "../../../../etc/passwd", "/etc/passwd", "..", "", ".", "images/../../x.jpg", "\0"]
    {
        let tree = Tree::new();
        tree.image("images/1.jpg");
        let name = serde_json::Value::from(name);
        let coco = format!(
            r#"{{"images": [{{"id": 1, "file_name": {name}}}], "categories": [{{"id": 1, "name": "a"}}],
                "annotations": [{{"image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9]}}]}}"#
        );
        tree.text("a.json", &coco);
        assert!(reports(&tree.refused(), |flaw| matches!(flaw, Flaw::ListedButMissing { .. })), "{name}");
    }
}

#[test]
fn folders_have_a_depth_and_names_may_be_long() {
    let tree = good(30);
    let deep = "d/".repeat(FOLDER_DEPTH + 8);
    tree.image(&format!("cat/{deep}x.png"));
    let long = format!("{}/", "가".repeat(80)).repeat(8);
    tree.image(&format!("dog/{long}x.png"));
    let dataset = tree.good();
    assert_eq!(dataset.manifest.images.len(), 61);
    let folders = FOLDER_DEPTH as u64;
    assert!(dataset.report.skipped.iter().any(|problem| problem.flaws == [Flaw::TooDeep { folders }]));
}

#[test]
fn names_of_four_thousand_characters_are_names() {
    let name = "ㄱ%20\\".repeat(1_000);
    let tree = Tree::new();
    tree.image("1.jpg");
    let json = serde_json::Value::from(name.as_str());
    tree.text(
        "a.json",
        &format!(
            r#"{{"images": [{{"id": {json}, "file_name": {json}}}], "annotations": [], "categories": []}}"#
        ),
    );
    assert!(matches!(*tree.refused().because, Unfit::TooManyBadFiles { .. }));
    let tree = Tree::new();
    tree.image("1.jpg");
    tree.text("1.txt", "0 .5 .5 .5 .5");
    tree.text("classes.txt", &name);
    assert!(matches!(*tree.refused().because, Unfit::ClassNameLength { length: 5_000, .. }));
    tree.text("classes.txt", "a");
    tree.text("train.txt", &format!("1.jpg\n{name}\n"));
    tree.good_or_refused();
}

trait Ends {
    fn good_or_refused(&self);
}

impl Ends for Tree {
    fn good_or_refused(&self) {
        if let Ok(dataset) = self.read() {
            // What is accepted is a manifest that its own reader accepts.
            let mut text = Vec::new();
            dataset.manifest.write(&mut text).unwrap();
            trainyard_data::manifest::Manifest::read(&text[..]).unwrap();
        }
    }
}

#[test]
fn files_have_a_size() {
    for name in ["a.json", "a.csv", "a.xml", "data.yaml", "obj.data", "classes.txt", "1.txt", "1.jpg"] {
        let tree = Tree::new();
        tree.images(&["1.jpg", "2.jpg"]);
        tree.text("1.txt", "0 .5 .5 .5 .5");
        // Sparse: it takes no room on the disk.
        let path = tree.path().join(name);
        let text = match name {
            "data.yaml" => "names: [a]\n",
            "obj.data" => "train = x\n",
            "a.csv" => "image,label\n",
            "a.xml" => "<annotation>",
            "1.txt" => "0 .5 .5 .5 .5\n",
            _ => "",
        };
        std::fs::write(&path, text).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(2 << 30).unwrap();
        let start = Instant::now();
        let said = match tree.read() {
            Ok(dataset) => format!("{:?}", dataset.report),
            Err(refusal) => format!("{refusal} {:?}", refusal.report),
        };
        assert!(start.elapsed() < Duration::from_secs(20), "{name}");
        // A file of nothing beside a whole dataset is nobody's.
        assert!(said.contains("MiB") || name == "a.json", "{name}: {said}");
    }
    let tree = Tree::new();
    tree.image("1.jpg");
    File::create(tree.path().join("a.json")).unwrap().set_len(2 << 30).unwrap();
    let refusal = tree.refused();
    assert!(
        matches!(&*refusal.because, Unfit::LabelFile { flaw: Flaw::LargerThanMib { mib: 1024 }, .. }),
        "{refusal}"
    );
}

#[test]
fn deep_and_broken_json_is_refused_by_name() {
    let start = r#"{"images": [], "annotations": "#;
    for text in [
        format!("{start}{}", "[".repeat(1_000_000)),
        "[".repeat(1_000_000),
        "{\"images\":".repeat(100_000),
        format!("{start}[{{\"bbox\": [NaN, 1, 2, 3]}}]}}"),
        format!("{start}[{{\"image_id\": 1, \"bbox\": [1e999, 1, 2, 3]}}]}}"),
        format!("{start}[{{\"image_id\": 1, \"bbox\": {{}}}}]}}"),
        "{".to_owned(),
        "\u{feff}{\"images\": 3".to_owned(),
    ] {
        let tree = Tree::new();
        tree.image("1.jpg");
        tree.text("a.json", &text);
        let refusal = tree.refused();
        assert!(matches!(&*refusal.because, Unfit::LabelFile { path, .. } if path == "a.json"), "{refusal}");
    }
}

#[test]
fn a_description_that_grows_without_end_is_refused() {
    let tree = Tree::new();
    tree.image("1.jpg");
    tree.text("1.txt", "0 .5 .5 .5 .5");
    let mut yaml = String::from("train: .\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let inner = format!("*a{}", level - 1);
        yaml += &format!("a{level}: &a{level} [{}]\n", vec![inner; 10].join(", "));
    }
    let start = Instant::now();
    for names in ["names: *a29\n", "names: [a]\n"] {
        tree.text("data.yaml", &format!("{yaml}{names}"));
        tree.good_or_refused();
    }
    for part in
        ["[", "{", "- ", "? ", "a: ", "\"", "- [", "&a ", "a:\n  ", "!a ", "|\n", "[a, ", "% ", "#", "'a' "]
    {
        for key in ["", "names: "] {
            tree.text("data.yaml", &format!("{key}{}", part.repeat(200_000 / part.len())));
            tree.good_or_refused();
        }
    }
    tree.text("data.yaml", &format!("names: {}", "[".repeat(500_000)));
    assert!(matches!(*tree.refused().because, Unfit::DataYaml { .. }));
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn numbers_out_of_all_range_are_refused_or_cut() {
    let label = |fields: &str| {
        format!(
            r#"{{"images": [{{"id": 1, "file_name": "1.jpg"}}], "categories": [{{"id": 1, "name": "a"}}],
                "annotations": [{{"image_id": 1, "category_id": 1, {fields}}}]}}"#
        )
    };
    for fields in [
        r#""bbox": [1e308, 1e308, 1e308, 1e308]"#,
        r#""bbox": [-1e308, -1e308, 1.7e308, 1.7e308]"#,
        r#""bbox": [1, 2, -3, -4]"#,
        r#""bbox": [1, 2, 3]"#,
        r#""bbox": [null, 2, 3, 4]"#,
        r#""segmentation": {"size": [4294967295, 4294967295], "counts": [4294967295, 4294967295]}"#,
        r#""segmentation": {"size": [32, 32], "counts": [4294967295, 4294967295, 1]}"#,
        r#""segmentation": {"size": [-1, 32], "counts": [1]}"#,
        r#""segmentation": {"size": [32, 32], "counts": "ooooooooooooooooooooo"}"#,
        r#""segmentation": [[1, 2, 3, 4, 5]]"#,
        r#""segmentation": [[1e308, -1e308, 1e308, 1e308, -1e308, 1e308]]"#,
        r#""segmentation": 7, "bbox": [1, 1, 9, 9]"#,
        r#""keypoints": [1, 2], "bbox": [1, 1, 9, 9]"#,
        r#""keypoints": [1e308, -1e308, 1e308], "bbox": [1, 1, 9, 9]"#,
    ] {
        let tree = Tree::new();
        tree.image("1.jpg");
        tree.text("a.json", &label(fields));
        tree.good_or_refused();
    }
    for line in [
        "0 1e308 1 1 1",
        "0 .5 .5 -1 -1",
        "1e308 .5 .5 .1 .1",
        "-0 .5 .5 .1 .1",
        "0 -0 -0 1 1",
        "0 .5 .5 1e-300 1e-300",
    ] {
        let tree = Tree::new();
        tree.image("1.jpg");
        tree.text("1.txt", line);
        tree.good_or_refused();
    }
}

#[test]
fn an_image_that_claims_too_much_is_refused_from_its_header() {
    let tree = good(60);
    let mut bytes = support::picture("a.png", 32, 32);
    // Width and height of the header, and no valid checksum any more.
    bytes[16..24].copy_from_slice(&[0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0xff, 0xff]);
    tree.bytes("cat/bomb.png", &bytes);
    tree.bytes("cat/nothing.png", b"\x89PNG\r\n\x1a\n");
    tree.bytes("cat/short.jpg", b"\xff\xd8\xff");
    tree.bytes("dog/short.webp", b"RIFF\xff\xff\xff\xffWEBPVP8 ");
    tree.bytes("dog/short.bmp", &[b"BM", &[0xff; 60][..]].concat());
    let dataset = tree.good();
    assert_eq!((dataset.manifest.images.len(), dataset.report.skipped_files), (120, 5));
}

#[test]
fn two_files_of_one_name_are_not_mixed_up() {
    let tree = good(30);
    tree.image("cat/가.png");
    tree.image(&format!("cat/{}", support::decomposed("가.png")));
    let dataset = tree.good();
    assert_eq!((dataset.manifest.images.len(), dataset.report.skipped_files), (61, 1));
    assert!(matches!(&dataset.report.skipped[0].flaws[0], Flaw::SameNameAs { path } if path == "cat/가.png"));
}

/// Good files of each format, which chance then spoils.
fn samples() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "a.json",
            r#"{"images":[{"id":1,"file_name":"1.jpg","width":32,"height":32}],"annotations":[{"image_id":1,"category_id":1,"bbox":[1,2,13,14],"segmentation":{"size":[32,32],"counts":[10,4,1010]},"keypoints":[1,2,2]}],"categories":[{"id":1,"name":"a"}]}"#,
        ),
        (
            "1.json",
            r#"{"version":"5","imagePath":"1.jpg","shapes":[{"label":"a","points":[[1,2],[9,2],[9,9]],"shape_type":"polygon"}]}"#,
        ),
        (
            "b.json",
            r#"[{"image":"1.jpg","annotations":[{"label":"a","coordinates":{"x":9,"y":9,"width":8,"height":8}}]}]"#,
        ),
        (
            "c.json",
            r#"[{"data":{"image":"1.jpg"},"annotations":[{"result":[{"id":"r","type":"rectanglelabels","value":{"x":1,"y":2,"width":30,"height":40,"rectanglelabels":["a"]}}]}]}]"#,
        ),
        (
            "1.xml",
            "<annotation><filename>1.jpg</filename><size><width>32</width><height>32</height></size><object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>",
        ),
        (
            "d.xml",
            "<annotations><image name=\"1.jpg\" width=\"32\" height=\"32\"><mask label=\"a\" rle=\"0, 2, 1, 1\" left=\"3\" top=\"4\" width=\"2\" height=\"2\"/><polygon label=\"a\" points=\"1,1;9,1;9,9\"/></image></annotations>",
        ),
        ("e.csv", "filename,class,xmin,ymin,xmax,ymax\n1.jpg,a,1,1,9,9\n"),
        ("1.txt", "0 .5 .5 .25 .25\n0 .1 .1 .5 .1 .5 .5\n"),
        ("data.yaml", "path: .\ntrain: .\nnames: {0: a}\nkpt_shape: [1, 3]\n"),
        ("obj.data", "train = train.txt\nnames = obj.names\n"),
        ("labelmap.txt", "background:0,0,0::\na:1,2,3::\n"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spoilt_labels_end_in_a_verdict(sample in 0..11usize, other in 0..11usize, at: usize, bytes: Vec<u8>, cut: bool) {
        let samples = samples();
        let tree = Tree::new();
        tree.images(&["1.jpg", "masks/1.png"]);
        let (path, text) = samples[sample];
        let mut spoilt = text.as_bytes().to_vec();
        let at = at % spoilt.len();
        let end = if cut { spoilt.len() } else { (at + bytes.len()).min(spoilt.len()) };
        spoilt.splice(at..end, bytes);
        tree.text(samples[other].0, samples[other].1);
        tree.bytes(path, &spoilt);
        tree.good_or_refused();
    }

    #[test]
    fn spoilt_images_end_in_a_verdict(is_mask: bool, is_jpeg: bool, at: usize, bytes: Vec<u8>) {
        let tree = Tree::new();
        tree.image("images/1.jpg");
        let name = if is_jpeg { "1.jpg" } else { "1.png" };
        let mut spoilt = support::picture(name, 32, 32);
        let at = at % spoilt.len();
        let end = (at + bytes.len()).min(spoilt.len());
        spoilt.splice(at..end, bytes);
        tree.bytes(&format!("{}/{name}", if is_mask { "masks" } else { "other" }), &spoilt);
        tree.good_or_refused();
    }

    #[test]
    fn any_name_is_found_or_not(written in "\\PC{0,60}") {
        let tree = Tree::new();
        tree.image("images/1.jpg");
        tree.text("a.csv", &format!("image,label\n\"{}\",a\n", written.replace('"', "\"\"")));
        tree.good_or_refused();
    }
}
