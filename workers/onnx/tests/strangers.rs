//! Files that nobody vouches for: each is one clear error, in little memory and at once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs::{self, File};
use std::os::unix::net::UnixListener;
use std::path::Path;

use tempfile::TempDir;
use trainyard_onnx::{ExportError, export, export_to};

/// A file of this header and so many bytes after it.
fn file(header: &str, bytes: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.resize(file.len() + bytes, 0);
    file
}

fn refused(bytes: &[u8]) -> ExportError {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("weights.safetensors");
    fs::write(&path, bytes).unwrap();
    let error = export_to(&path, &folder.path().join("model.onnx")).unwrap_err();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is written");
    error
}

const CARD: &str = r#""__metadata__":{"trainyard":"{\"task\":\"classify\",\"model\":\"resnet18\",\"classes\":[\"a\"],\"preprocessing\":{\"image_size\":32,\"resize\":\"stretch\",\"mean\":[0,0,0],\"std\":[1,1,1]}}"}"#;

#[test]
fn what_is_no_whole_file_of_tensors_is_refused() {
    let tensor = |shape: &str, end: &str| {
        format!(r#"{{{CARD},"conv1.weight":{{"dtype":"F32","shape":{shape},"data_offsets":[0,{end}]}}}}"#)
    };
    let whole = file(&tensor("[2]", "8"), 8);
    let missing = refused(&whole).to_string();
    assert!(missing.contains("bn1.weight is missing"), "{missing}");
    for bytes in [
        b"".to_vec(),
        b"text".to_vec(),
        b"a longer text that is no tensors".to_vec(),
        whole[..whole.len() - 1].to_vec(),
        whole[..20].to_vec(),
        file(&tensor("[2]", "8"), 9),
        // 20 GB that are not there, said by the shape, by the place and by the length of the header.
        file(&tensor("[5000000000]", "20000000000"), 8),
        file(&tensor("[2]", "20000000000"), 8),
        [&20_000_000_000u64.to_le_bytes()[..], b"{}"].concat(),
        // More than there are numbers for.
        file(&tensor("[4294967296,4294967296,4294967296]", "8"), 8),
        file(&tensor("[18446744073709551615]", "8"), 8),
        file(&tensor("[-2]", "8"), 8),
        // Quoted by whoever reads it.
        file(&tensor("[2]", "8").replace("F32", &r"\u001b[2J".repeat(10_000)), 8),
        file(&tensor("[2]", "8").replace("conv1", &"long".repeat(10_000)).replace("[0,", "[4,"), 8),
        // A whole one, but for a header that is mostly empty.
        file(&format!("{}{}", tensor("[2]", "8"), " ".repeat(17 << 20)), 8),
        // Deeper than anybody reads.
        file(&format!(r#"{{"a":{}"#, "[".repeat(100_000)), 0),
        vec![0xff; 64],
    ] {
        let error = refused(&bytes);
        assert!(matches!(error, ExportError::NotWeights { .. }), "{error}");
        assert!(error.to_string().len() < 600 && !error.to_string().contains('\u{1b}'), "{error}");
    }
}

#[test]
fn tensors_without_a_card_are_refused() {
    for metadata in [
        "{}".to_owned(),
        r#"{"__metadata__":{"format":"pt"}}"#.to_owned(),
        r#"{"__metadata__":{"trainyard":"text"}}"#.to_owned(),
        r#"{"__metadata__":{"trainyard":"{\"model\":\"resnet18\"}"}}"#.to_owned(),
        format!("{{{}}}", CARD.replace("32", "-1")),
    ] {
        let error = refused(&file(&metadata, 0));
        assert!(matches!(error, ExportError::NoCard { .. }), "{error}");
    }
}

#[test]
fn a_long_name_makes_no_long_error() {
    let shape = "1,".repeat(100_000);
    let tensor = format!(r#""bn1.weight":{{"dtype":"F32","shape":[{shape}1],"data_offsets":[0,4]}}"#);
    let error = refused(&file(&format!("{{{CARD},{tensor}}}"), 4));
    assert!(matches!(error, ExportError::Mismatch { .. }) && error.to_string().len() < 600, "{error}");
    let long = "m".repeat(1_000_000);
    for card in [CARD.to_owned(), CARD.replace("32", "0")] {
        let error = refused(&file(&format!("{{{}}}", card.replace("resnet18", &long)), 0)).to_string();
        assert!(error.len() < 600 && error.contains("mmmm"), "{error}");
    }
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    for path in [folder.path(), &socket, Path::new("/dev/zero")] {
        let error = export(path).unwrap_err();
        assert!(matches!(error, ExportError::NotWeights { .. }), "{error}");
    }
    assert!(matches!(export(&folder.path().join("none")), Err(ExportError::Read { .. })));
}

#[test]
fn a_file_that_no_onnx_file_could_hold_is_not_even_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("weights.safetensors");
    File::create(&path).unwrap().set_len(20_000_000_000).unwrap();
    let error = export(&path).unwrap_err();
    assert!(error.to_string().contains("larger than"), "{error}");
}
