//! A zip: what its directory at the end says, each file of it once.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use trainyard_events::reason::{Advice, Flaw, Unfit};
use zip::ZipArchive;
use zip::result::ZipError;

use super::folder::Folder;
use super::{damaged, name, of_entry};
use crate::refusal::Refusal;

/// What kind of thing an entry is, of its mode in Unix; without these bits it is whatever its name says.
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

pub(super) fn unpack(file: File, folder: &mut Folder) -> Result<(), Refusal> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| refused("", error))?;
    folder.expect(archive.len() as u64)?;
    for index in 0..archive.len() {
        let shown = archive.name_for_index(index).and_then(Result::ok).unwrap_or_default().into_owned();
        let mut entry = archive.by_index(index).map_err(|error| refused(&shown, error))?;
        let Some(name) = name::of(entry.name_raw())? else { continue };
        match entry.unix_mode().unwrap_or_default() & KIND {
            LINK => return Err(of_entry(&name, Flaw::LinkInArchive)),
            0 | REGULAR | FOLDER if entry.is_dir() => folder.make(Path::new(&name))?,
            0 | REGULAR => {
                let stated = entry.size();
                folder.take(&name, stated, &mut entry)?;
            }
            _ => return Err(of_entry(&name, Flaw::NeitherFileNorFolder)),
        }
    }
    Ok(())
}

fn refused(name: &str, error: ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            Refusal::new(Unfit::ArchiveEncrypted { name: name.to_owned() }, Advice::PackWithoutPassword)
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) if !name.is_empty() => {
            of_entry(name, Flaw::OtherCompression)
        }
        ZipError::Io(error) => damaged(&error),
        error => damaged(&io::Error::other(error.to_string())),
    }
}
