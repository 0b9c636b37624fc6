//! The list of a dataset's files that lie in the store one by one: a line of JSON each.

use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::DATASET_IMAGES;

use crate::refusal::Refusal;
use crate::root::{File, Listing};

/// Images and their labels.
const FILES: usize = 2 * DATASET_IMAGES;
/// One line.
const LINE_BYTES: u64 = 16 * 1024;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Below the root, with `/`.
    pub name: String,
    /// Of its content, 64 hexadecimal digits.
    pub sha256: String,
    pub bytes: u64,
}

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("line {line}: {cause}")]
    Line { line: usize, cause: String },
    #[error("line {line}: {name:?} is no name below a folder")]
    Name { line: usize, name: String },
    #[error("line {line}: {name:?} is there twice, or is a folder as well")]
    Twice { line: usize, name: String },
    #[error("more than {FILES} files")]
    TooMany,
    #[error("the list is empty")]
    Empty,
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Whether a name stays below the folder that it is meant for.
pub fn is_below(name: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= 255 && !part.contains('\0');
    name.len() <= 4_096 && name.split('/').all(is_part)
}

/// A file that could be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// As a list has it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    pub bytes: u64,
}

/// Everything below a folder that may be of a dataset: regular files, not those of an operating system. Links are followed
/// as long as they stay below it; what cannot be read is told.
pub fn of(root: &Path) -> Result<(Vec<Found>, Vec<FileProblem>), Refusal> {
    let listing = Listing::of(root)?;
    let found = |file: &File| Found { name: file.name.clone(), path: listing.path(file), bytes: file.bytes };
    Ok((listing.files.iter().map(found).collect(), listing.problems.clone()))
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub fn read(mut from: impl BufRead) -> Result<Vec<Listed>, ListError> {
    let (mut files, mut names) = (Vec::new(), BTreeSet::new());
    let mut text = String::new();
    for line in 1.. {
        text.clear();
        let bytes = std::io::Read::take(&mut from, LINE_BYTES).read_line(&mut text)?;
        if bytes == 0 {
            break;
        }
        let file: Listed = serde_json::from_str(&text)
            .map_err(|error| ListError::Line { line, cause: error.to_string() })?;
        let name = || file.name.clone();
        if !is_below(&file.name) {
            return Err(ListError::Name { line, name: name() });
        }
        if !is_hash(&file.sha256) {
            return Err(ListError::Line { line, cause: format!("{:?} is no SHA-256", file.sha256) });
        }
        if !names.insert(name()) {
            return Err(ListError::Twice { line, name: name() });
        }
        if files.len() == FILES {
            return Err(ListError::TooMany);
        }
        files.push(file);
    }
    refuse_folders(&files, &names)?;
    if files.is_empty() { Err(ListError::Empty) } else { Ok(files) }
}

/// A file cannot be a folder of others, too.
fn refuse_folders(files: &[Listed], names: &BTreeSet<String>) -> Result<(), ListError> {
    for (index, file) in files.iter().enumerate() {
        let mut folder = file.name.as_str();
        while let Some((above, _)) = folder.rsplit_once('/') {
            if names.contains(above) {
                return Err(ListError::Twice { line: index + 1, name: above.to_owned() });
            }
            folder = above;
        }
    }
    Ok(())
}

pub fn write(files: &[Listed], to: &mut impl Write) -> std::io::Result<()> {
    for file in files {
        serde_json::to_writer(&mut *to, file)?;
        to.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str) -> Listed {
        Listed { name: name.to_owned(), sha256: "a".repeat(64), bytes: 3 }
    }

    fn written(files: &[Listed]) -> Vec<u8> {
        let mut text = Vec::new();
        write(files, &mut text).expect("to memory");
        text
    }

    #[test]
    fn a_list_comes_back_as_it_was() {
        let files = [listed("고양이/1.jpg"), listed("a b/2.png"), listed("x")];
        assert_eq!(read(&written(&files)[..]).expect("it is one"), files);
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        for name in
            ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.", "./a", "a/", "a\0b", &"x/".repeat(3_000)]
        {
            assert!(matches!(read(&written(&[listed(name)])[..]), Err(ListError::Name { .. })), "{name:?}");
        }
    }

    #[test]
    fn a_broken_list_says_where() {
        let whole = written(&[listed("a"), listed("b")]);
        assert!(matches!(read(&whole[..whole.len() - 9]), Err(ListError::Line { line: 2, .. })));
        assert!(matches!(
            read(&written(&[listed("a"), listed("a")])[..]),
            Err(ListError::Twice { line: 2, .. })
        ));
        assert!(matches!(
            read(&written(&[listed("a/b"), listed("a")])[..]),
            Err(ListError::Twice { line: 1, .. })
        ));
        let bad = Listed { sha256: "A".repeat(64), ..listed("a") };
        assert!(matches!(read(&written(&[bad])[..]), Err(ListError::Line { line: 1, .. })));
        assert!(matches!(read(&b""[..]), Err(ListError::Empty)));
        assert!(matches!(read(&vec![b'{'; 1 << 20][..]), Err(ListError::Line { line: 1, .. })));
    }
}
