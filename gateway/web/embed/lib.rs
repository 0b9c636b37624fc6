//! The dashboard's build as part of the binary: its files by path, and how long a browser may keep each.

/// One file of the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    pub bytes: &'static [u8],
    /// The same, compressed; `None` where that would gain nothing.
    pub gzip: Option<&'static [u8]>,
    pub mime: &'static str,
    /// Its name carries the hash of its content, so it never changes.
    pub immutable: bool,
}

/// By path; a compressed copy has its own entry, ending in `.gz`.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The file at `path`, such as `index.html` or `assets/index-1a2b3c.js`. `None` also means that the dashboard was
/// not built before this binary was.
pub fn asset(path: &str) -> Option<Asset> {
    if path.ends_with(".gz") {
        return None;
    }
    let bytes = file(path)?;
    Some(Asset {
        bytes,
        gzip: file(&format!("{path}.gz")),
        mime: mime(path),
        immutable: path.starts_with("assets/"),
    })
}

fn file(path: &str) -> Option<&'static [u8]> {
    FILES.binary_search_by_key(&path, |(name, _)| name).ok().map(|at| FILES[at].1)
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{FILES, asset, mime};

    #[test]
    fn every_file_is_found_by_its_path() {
        assert!(FILES.is_sorted_by_key(|(path, _)| path));
        for (path, bytes) in FILES.iter().filter(|(path, _)| !path.ends_with(".gz")) {
            let found = asset(path).expect("it is in the list");
            assert_eq!((found.bytes, found.immutable), (*bytes, path.starts_with("assets/")), "{path}");
        }
        for path in ["", "nothing.js", "../Cargo.toml", "assets/", "index.html.gz", "/index.html"] {
            assert_eq!(asset(path), None, "{path}");
        }
    }

    #[test]
    fn a_build_is_whole() {
        // Without a build there is nothing to check; `make test` builds first.
        let Some(index) = asset("index.html") else { return };
        let text = std::str::from_utf8(index.bytes).expect("HTML is text");
        assert!(!index.immutable && index.mime == mime("x.html"));
        let named: Vec<&str> = text
            .split('"')
            .filter_map(|part| part.strip_prefix("./"))
            .filter(|path| path.contains('.'))
            .collect();
        assert!(named.iter().any(|path| path.ends_with(".js")), "{text}");
        // The gateway puts another address into this where the page is asked for elsewhere.
        assert!(text.contains("<base href=\"./\" />") && !text.contains("=\"/"), "{text}");
        for path in named {
            assert!(asset(path).is_some(), "index.html names {path}, which is not in the build");
        }
    }
}
