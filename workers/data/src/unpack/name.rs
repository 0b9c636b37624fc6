//! The name of an entry as a path below the folder, or what is wrong with it.

use trainyard_events::reason::Flaw;

use super::of_entry;
use crate::limits::{ARCHIVE_NAME_BYTES, FOLDER_DEPTH};
use crate::refusal::Refusal;
use crate::root::is_junk;
use crate::text;

/// Of one part of a path: what disks take.
const PART_BYTES: usize = 255;

/// `None` for the folder itself, and for what nobody means.
pub(super) fn of(written: &[u8]) -> Result<Option<String>, Refusal> {
    let shown = || String::from_utf8_lossy(written).into_owned();
    // Korean Windows writes its own code page.
    let (name, _) = text::decode(written.to_vec()).map_err(|_| of_entry(&shown(), Flaw::NameNotUtf8))?;
    if name.contains('\0') {
        return Err(of_entry(&shown(), Flaw::NameNotUtf8));
    }
    below(&name).map_err(|flaw| of_entry(&name, flaw))
}

fn below(name: &str) -> Result<Option<String>, Flaw> {
    // Some programs for Windows write no other.
    let name = name.replace('\\', "/");
    let is_drive = |part: &str| part.len() == 2 && part.ends_with(':');
    if name.starts_with('/') || name.split('/').next().is_some_and(is_drive) {
        return Err(Flaw::LeadsOutside);
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(Flaw::LeadsOutside);
    }
    if let Some(bytes) = [(name.len(), ARCHIVE_NAME_BYTES)]
        .into_iter()
        .chain(parts.iter().map(|part| (part.len(), PART_BYTES)))
        .find_map(|(bytes, most)| (bytes > most).then_some(most as u64))
    {
        return Err(Flaw::NameTooLong { bytes });
    }
    if parts.len() > FOLDER_DEPTH + 1 {
        return Err(Flaw::TooDeep { folders: FOLDER_DEPTH as u64 });
    }
    let is_meant = !parts.is_empty() && !parts.iter().any(|part| is_junk(part));
    Ok(is_meant.then(|| parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_below_its_folder_or_is_refused() {
        for (written, name) in [
            ("a/b.jpg", Some("a/b.jpg")),
            ("./a//b.jpg", Some("a/b.jpg")),
            ("a\\b.jpg", Some("a/b.jpg")),
            ("..a/b..jpg", None),
            ("a/..b", None),
            ("./", None),
            ("__MACOSX/a/b.jpg", None),
            ("a/.DS_Store", None),
        ] {
            assert_eq!(below(written), Ok(name.map(str::to_owned)), "{written}");
        }
        for bad in
            ["/etc/passwd", "../x", "a/../../x", "a/..", "\\x", "..\\x", "C:\\x", "c:/x", "__MACOSX/../x"]
        {
            assert_eq!(below(bad), Err(Flaw::LeadsOutside), "{bad}");
        }
        for (long, most) in [("x".repeat(4_000), 1_024), ("x".repeat(256), 255), ("x/".repeat(513), 1_024)] {
            assert_eq!(below(&long), Err(Flaw::NameTooLong { bytes: most }));
        }
        assert_eq!(below(&"x/".repeat(40)), Err(Flaw::TooDeep { folders: 32 }));
        // 고양이, as Korean Windows writes it.
        assert_eq!(of(b"\xb0\xed\xbe\xe7\xc0\xcc/1.jpg"), Ok(Some("고양이/1.jpg".to_owned())));
        assert!(of(b"a\0b").is_err() && of(b"\xff\xff\xff").is_err());
    }
}
