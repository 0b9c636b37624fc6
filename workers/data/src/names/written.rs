//! How a path may be written in a label file: with a Windows machine's slashes, as a URL, percent-encoded.

use percent_encoding::percent_decode_str;
use trainyard_events::reason::NameMatch;

/// A path that may be meant.
#[derive(Debug, PartialEq)]
pub struct Spelling {
    pub path: String,
    pub by: Option<NameMatch>,
}

/// As written first, then with what a URL or its encoding adds taken away.
pub fn spellings(written: &str) -> Vec<Spelling> {
    let plain = written.trim().replace('\\', "/");
    let mut all = vec![Spelling { path: plain.clone(), by: None }];
    let mut add = |path: String| {
        if all.iter().all(|spelling| spelling.path != path) {
            all.push(Spelling { path, by: Some(NameMatch::Percent) });
        }
    };
    let path = path_of_url(&plain).unwrap_or(&plain);
    add(path.to_owned());
    if let Ok(decoded) = percent_decode_str(path).decode_utf8() {
        add(decoded.replace('\\', "/"));
    }
    all
}

/// The path of `https://host/path?query`, of `s3://bucket/path`, and of `/data/local-files/?d=path`.
fn path_of_url(written: &str) -> Option<&str> {
    if let Some((_, path)) = written.split_once("?d=") {
        return Some(path.split('&').next().unwrap_or(path));
    }
    let (scheme, rest) = written.split_once("://")?;
    if !scheme.chars().all(|char| char.is_ascii_alphanumeric() || char == '+') {
        return None;
    }
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    Some(path.split(['?', '#']).next().unwrap_or(path))
}

/// The names in a path, without what stands for a folder above or a drive.
pub fn parts(path: &str) -> Vec<&str> {
    path.split('/')
        .filter(|part| !part.is_empty() && !matches!(*part, "." | "..") && !part.ends_with(':'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_the_path_in_it() {
        let paths = |written: &str| -> Vec<String> {
            spellings(written).into_iter().map(|spelling| spelling.path).collect()
        };
        assert_eq!(paths("a/b.jpg"), ["a/b.jpg"]);
        assert_eq!(paths(r"C:\a\b.jpg"), ["C:/a/b.jpg"]);
        assert_eq!(paths("a%20b.jpg"), ["a%20b.jpg", "a b.jpg"]);
        assert_eq!(paths("https://h:8080/d/%ea%b0%80.jpg?x=1")[1..], ["d/%ea%b0%80.jpg", "d/가.jpg"]);
        assert_eq!(paths("s3://bucket/x/1.jpg")[1], "x/1.jpg");
        assert_eq!(paths("/data/local-files/?d=x%2F1.jpg")[1..], ["x%2F1.jpg", "x/1.jpg"]);
        // What decodes to no text is left as it is.
        assert_eq!(paths("%ff%fe.jpg"), ["%ff%fe.jpg"]);
        assert_eq!(parts("C:/a/../b.jpg"), ["a", "b.jpg"]);
    }
}
