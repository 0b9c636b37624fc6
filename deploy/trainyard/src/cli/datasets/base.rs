//! `--onto`: the version that is corrected. What is not sent stays in the store, and says what it said.

use std::collections::HashSet;

use anyhow::{Result, bail};
use bytes::Bytes;
use trainyard_data::BASE_FILE;
use trainyard_data::files::Listed;

use super::{named, stored};
use crate::cli::client::Client;
use crate::language::pick;

pub(super) struct Base {
    /// As people write it.
    written: String,
    images: Vec<Listed>,
    /// Its manifest, which says what is labelled on them.
    lines: Bytes,
    sha256: String,
}

impl Base {
    pub(super) async fn of(client: &Client, written: &str) -> Result<Base> {
        let (row, version) = named::version(client, written).await?;
        let (manifest, lines) = stored::manifest(client, &row, &version).await?;
        let images = manifest.images.into_iter();
        let images =
            images.map(|image| Listed { name: image.name, sha256: image.sha256, bytes: image.bytes });
        let written = format!("{}@{}", row.path, version.number);
        Ok(Base { written, images: images.collect(), lines, sha256: version.manifest.sha256 })
    }

    /// Puts the manifest into the store, and adds all that `listed` has not.
    pub(super) async fn fill(&self, client: &Client, listed: &mut Vec<Listed>) -> Result<()> {
        client.upload(vec![(self.sha256.clone(), self.lines.to_vec())]).await?;
        self.add(listed);
        Ok(())
    }

    fn add(&self, listed: &mut Vec<Listed>) {
        let there: HashSet<String> = listed.iter().map(|file| file.name.clone()).collect();
        let (sha256, bytes) = (self.sha256.clone(), self.lines.len() as u64);
        let manifest = Listed { name: BASE_FILE.to_owned(), sha256, bytes };
        listed.retain(|file| file.name != BASE_FILE);
        listed.extend(self.images.iter().filter(|image| !there.contains(&image.name)).cloned());
        listed.push(manifest);
        listed.sort();
    }

    /// What the store has no longer cannot be sent from here.
    pub(super) fn gone(&self, client: &Client) -> anyhow::Error {
        let written = &self.written;
        anyhow::anyhow!(pick(
            client.language,
            format!(
                "{written}의 이미지 일부가 저장소에 없습니다. 모든 이미지와 라벨을 한 폴더에 모아 --onto 없이 추가하세요"
            ),
            format!(
                "some images of {written} are not in the store any more: put all images and labels into one folder, and add it \
                 without --onto"
            ),
        ))
    }
}

/// A folder with nothing but the file that a tool has exported.
pub(super) fn alone(file: &std::path::Path) -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix("trainyard-").tempdir()?;
    let Some(name) = file.file_name() else { bail!("{}", file.display()) };
    std::fs::copy(file, folder.path().join(name))?;
    Ok(folder)
}

/// Whether a file is labels by themselves, and no archive.
pub(super) fn is_export(file: &std::path::Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["json", "xml"].iter().any(|known| known.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, digit: &str) -> Listed {
        Listed { name: name.to_owned(), sha256: digit.repeat(64), bytes: 3 }
    }

    #[test]
    fn what_is_sent_stands_for_what_was_there_and_the_rest_stays() {
        let base = Base {
            written: "scratches@3".to_owned(),
            images: vec![listed("a.jpg", "a"), listed("b.jpg", "b")],
            lines: Bytes::from_static(b"lines"),
            sha256: "f".repeat(64),
        };
        let mut files = vec![listed("b.jpg", "c"), listed("export.json", "d"), listed(BASE_FILE, "e")];
        base.add(&mut files);
        let expected = [listed("a.jpg", "a"), listed("b.jpg", "c"), listed("export.json", "d")];
        assert_eq!(files[..3], expected);
        assert_eq!((&*files[3].name, &files[3].sha256, files.len()), (BASE_FILE, &base.sha256, 4));
        assert!(is_export("a/project-1.JSON".as_ref()) && !is_export("export.zip".as_ref()));
    }
}
