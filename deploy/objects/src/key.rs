//! A key and the path of its object's file: a folder for each `/`, in names that every file system takes.
//!
//! Every key has one path and every path one key, and no path leads out of its bucket. Names in a folder sort as the keys
//! below them do, so that a list is a walk.

use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// Of a key, in one name; three times as many when each is escaped, which is below the 255 that a name may have.
const PIECE_BYTES: usize = 80;
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
/// At the end of a name, neither of which is in a piece: the file of an object, and the folder of what begins with more
/// than a name can hold.
const OBJECT: char = '=';
const LONGER: char = '~';
/// Between two `/`.
const EMPTY: &str = "%";

/// Below the folder of its bucket.
pub(crate) fn path(key: &str) -> PathBuf {
    let mut path = PathBuf::new();
    let mut parts = key.split('/').peekable();
    while let Some(part) = parts.next() {
        let mut rest = part.as_bytes();
        while rest.len() >= PIECE_BYTES {
            let (piece, more) = rest.split_at(PIECE_BYTES);
            path.push(format!("{}{LONGER}", escaped(piece)));
            rest = more;
        }
        let name = escaped(rest);
        path.push(if parts.peek().is_none() { format!("{name}{OBJECT}") } else { name });
    }
    path
}

fn escaped(piece: &[u8]) -> String {
    match piece {
        b"" => EMPTY.to_owned(),
        b"." => "%2E".to_owned(),
        b".." => "%2E%2E".to_owned(),
        _ => percent_encode(piece, PLAIN).to_string(),
    }
}

/// What the name of a file or folder adds to the keys below it, and whether it is a file. `None` is no name of ours.
pub(crate) fn piece(name: &str) -> Option<(Vec<u8>, bool)> {
    let (escaped, end) = match name.strip_suffix([OBJECT, LONGER]) {
        Some(escaped) => (escaped, name.chars().next_back()),
        None => (name, None),
    };
    let mut piece: Vec<u8> =
        if escaped == EMPTY { Vec::new() } else { percent_decode_str(escaped).collect() };
    if end.is_none() {
        piece.push(b'/');
    }
    // Written by somebody else, it would be listed under a key that does not lead to it.
    let is_ours = !name.is_empty() && escaped == self::escaped(piece.strip_suffix(b"/").unwrap_or(&piece));
    is_ours.then_some((piece, end == Some(OBJECT)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys() -> Vec<String> {
        let long = "x".repeat(80);
        [
            "a",
            "a/b",
            "a-b",
            "a/",
            "/",
            "//",
            "/a",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/./b",
            "a\0b",
            "a b",
            "a%2Fb",
            "%",
            "a=",
            "a~",
            "a=/b",
            "ä/한국어",
            "\u{10ffff}",
            "A",
            "a\\b",
            "a\nb",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("{long}/a"), format!("{long}a"), long.clone(), format!("{}/", &long[1..])])
        .chain([format!("{long}-"), "é".repeat(512), "/".repeat(1_024), "x".repeat(1_024)])
        .collect()
    }

    #[test]
    fn every_key_has_a_path_of_its_own_that_leads_back_to_it() {
        let paths: BTreeSet<PathBuf> = keys().iter().map(|key| path(key)).collect();
        assert_eq!(paths.len(), keys().len());
        for key in keys() {
            let (mut read, path) = (Vec::new(), path(&key));
            let names: Vec<&str> = path.iter().map(|name| name.to_str().unwrap()).collect();
            assert_eq!(names.join("/"), path.to_str().unwrap(), "nothing but plain names");
            for (at, name) in names.iter().enumerate() {
                assert!(name.len() <= 255 && !matches!(*name, "." | ".."), "{name}");
                let (piece, is_object) = piece(name).unwrap();
                assert_eq!(is_object, at == names.len() - 1, "{key:?}: {path:?}");
                read.extend(piece);
            }
            assert_eq!(String::from_utf8(read).unwrap(), key);
            assert!(path.as_os_str().len() < 3_200, "{}", path.as_os_str().len());
        }
    }

    #[test]
    fn what_is_not_ours_is_no_key() {
        for name in ["a b", "a%2fb", "%2F=", "ä", "", "a==", "%41="] {
            assert_eq!(piece(name), None, "{name}");
        }
    }
}
