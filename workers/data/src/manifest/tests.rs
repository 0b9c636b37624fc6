//! What is written is read back, and nothing else is.

use super::*;

fn image(name: &str) -> Image {
    Image {
        sha256: "a".repeat(64),
        name: name.into(),
        bytes: 9,
        width: 4,
        height: 2,
        split: Split::Train,
        labels: vec![Label {
            bounds: Some([0.5, 0.0, 1.25, 2.0]),
            polygon: Some(vec![vec![0.0, 0.0, 1.0, 0.0, 1.0, 1.0]]),
            mask: Some(Rle { size: [2, 4], counts: vec![2, 6] }),
            crowd: true,
            ..Label::of_class(0)
        }],
    }
}

fn manifest() -> Manifest {
    let header = Header {
        form: FORM,
        classes: vec!["고양이".into()],
        kinds: vec![Task::Segment],
        ..Header::default()
    };
    Manifest { header, images: vec![image("a/1.jpg"), image("a/2.jpg")] }
}

fn text(manifest: &Manifest) -> String {
    let mut bytes = Vec::new();
    manifest.write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_manifest_is_lines_and_comes_back() {
    let written = text(&manifest());
    assert_eq!(written.lines().next().unwrap(), r#"{"form":1,"classes":["고양이"],"kinds":["segment"]}"#);
    assert_eq!(written.lines().count(), 3);
    assert_eq!(Manifest::read(written.as_bytes()).unwrap(), manifest());
    assert_eq!(manifest().version().unwrap(), hex::encode(Sha256::digest(&written)));
}

#[test]
fn what_is_newer_says_so() {
    let newer = Manifest::read(&b"{\"form\":2,\"sets\":[]}\n"[..]).unwrap_err().to_string();
    assert!(newer.contains("form 2") && newer.contains("newer release"), "{newer}");
    let field = text(&manifest()).replacen("\"bytes\"", "\"depth\":3,\"bytes\"", 1);
    let field = Manifest::read(field.as_bytes()).unwrap_err();
    assert!(matches!(field, ManifestError::NewerField { line: 2, .. }), "{field}");
}

#[test]
fn what_is_broken_says_where() {
    let good = text(&manifest());
    for (from, to, said) in [
        ("a/2.jpg", "a/1.jpg", "not after"),
        ("a/2.jpg", "b/../c.jpg", "below the root"),
        ("a/2.jpg", "b/\u{1100}\u{1161}.jpg", "NFC"),
        ("\"class\":0", "\"class\":7", "class"),
        ("[0.5,0.0,1.25,2.0]", "[0.5,0.0,0.0,2.0]", "no area"),
        ("[0.5,0.0,1.25,2.0]", "[0.5,0.0,1e999,2.0]", "range"),
        ("[2,6]", "[2,5]", "mask"),
        ("[[0.0,0.0,1.0,0.0,1.0,1.0]]", "[[0.0,0.0,1.0]]", "three points"),
        ("aaaa", "zzzz", "hexadecimal"),
        ("\"width\":4", "\"width\":-4", "broken"),
    ] {
        let broken = good.replace(from, to);
        assert_ne!(broken, good, "{from}");
        let error = Manifest::read(broken.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(said), "{to}: {error}");
    }
    for cut in ["", "{", "[]\n", &good[..good.len() - 1]] {
        assert!(matches!(Manifest::read(cut.as_bytes()), Err(ManifestError::Broken { .. })), "{cut}");
    }
    assert!(
        Manifest::read(
            &[b"{\"form\":1,\"classes\":[],\"kinds\":[]}\n", &b"[".repeat(100_000)[..]].concat()[..]
        )
        .is_err()
    );
}
