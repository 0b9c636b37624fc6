//! Where a dataset that is added comes from: here, from where it is uploaded first, or elsewhere.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use tempfile::TempDir;
use tokio::signal::ctrl_c;
use trainyard_api::datasets::NewDataset;
use trainyard_data::manifest::hash_of;
use trainyard_data::unpack::{Limits, unpack};
use trainyard_events::chat::Language;
use trainyard_events::dataset::DatasetSource;
use trainyard_words::said;

use super::base::{self, Base};
use super::upload;
use crate::cli::client::Client;
use crate::language::pick;

/// What to register as `name`, of any task. An archive may have to have a hash; corrections are added onto a version.
pub(super) async fn of(
    client: &Client,
    name: String,
    place: Option<PathBuf>,
    (sha256, onto): (Option<String>, Option<String>),
) -> Result<NewDataset> {
    let new = NewDataset { path: name, task: None, files: None, url: None, sha256: None };
    let written = place.as_deref().and_then(Path::to_str).unwrap_or(&new.path);
    let language = client.language;
    if DatasetSource::at(written, None).is_some() {
        if onto.is_some() {
            bail!(pick(
                language,
                "--onto는 여기 있는 폴더나 파일에만 씁니다. 먼저 내려받으세요",
                "--onto is for a folder or a file here: download it first",
            ));
        }
        let url = Some(written.to_owned());
        return Ok(NewDataset { url, sha256: sha256.map(|hash| hash.to_lowercase()), ..new });
    }
    let base = match onto {
        Some(written) => Some(Base::of(client, &written).await?),
        None => None,
    };
    let base = base.as_ref();
    let files = match place {
        Some(file) if base.is_some() && sha256.is_none() && file.is_file() && base::is_export(&file) => {
            let folder = base::alone(&file).with_context(|| file.display().to_string())?;
            Some(upload::run(client, folder.path(), base).await?)
        }
        Some(file) if file.is_file() => Some(archive(client, &file, sha256, base).await?),
        _ if sha256.is_some() => bail!(pick(
            language,
            "--sha256은 압축 파일에만 씁니다. 폴더라면 빼세요",
            "--sha256 is for an archive: leave it out for a folder",
        )),
        Some(folder) => Some(upload::run(client, &folder, base).await?),
        None => None,
    };
    Ok(NewDataset { files, ..new })
}

/// Uploads what is in an archive, which is unpacked for that long.
async fn archive(
    client: &Client,
    file: &Path,
    sha256: Option<String>,
    base: Option<&Base>,
) -> Result<String> {
    let folder = tempfile::Builder::new().prefix("trainyard-").tempdir()?;
    let work = async {
        unpacked(file, folder.path(), sha256, client.language).await?;
        upload::run(client, folder.path(), base).await
    };
    tokio::select! {
        done = work => done,
        stopped = ctrl_c() => {
            stopped?;
            remove(folder);
            bail!(pick(client.language, "중단했습니다", "stopped"))
        }
    }
}

async fn unpacked(file: &Path, to: &Path, sha256: Option<String>, language: Language) -> Result<()> {
    let (path, to, shown) = (file.to_owned(), to.to_owned(), file.display().to_string());
    let unpack = tokio::task::spawn_blocking(move || -> Result<()> {
        if let Some(expected) = sha256 {
            let (_, found) = hash_of(&path).with_context(|| path.display().to_string())?;
            if !expected.eq_ignore_ascii_case(&found) {
                bail!(pick(
                    language,
                    format!("기대한 파일이 아닙니다. SHA-256이 {expected}여야 하는데 {found}입니다"),
                    format!("it is another file than was meant: its SHA-256 is {found}, not {expected}"),
                ));
            }
        }
        unpack(&path, &to, Limits::default()).map_err(|refusal| {
            anyhow!("{}; {}", said(&*refusal.because, language), said(&refusal.advice, language))
        })
    });
    unpack.await?.context(shown)
}

/// Whoever still unpacks into it ends when it is gone, and may write meanwhile.
fn remove(folder: TempDir) {
    let path = folder.keep();
    for _ in 0..100 {
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {}
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn an_archive_is_unpacked_here_if_it_is_the_one_that_was_meant() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, to) = (folder.path().join("pets.zip"), folder.path().join("tree"));
        std::fs::create_dir(&to).expect("a folder");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&file).expect("a file"));
        zip.start_file("cats/1.jpg", zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(b"meow").expect("its content");
        zip.finish().expect("a zip");
        let (_, hash) = hash_of(&file).expect("it is there");
        let other = unpacked(&file, &to, Some("ab".repeat(32)), Language::English).await;
        let error = format!("{:#}", other.expect_err("another hash"));
        assert!(error.contains("pets.zip") && error.contains(&hash), "{error}");
        assert_eq!(std::fs::read_dir(&to).expect("the folder").count(), 0);
        unpacked(&file, &to, Some(hash.to_uppercase()), Language::English).await.expect("it is the one");
        assert_eq!(std::fs::read(to.join("cats/1.jpg")).expect("it is there"), b"meow");
        std::fs::write(&file, "<!doctype html>").expect("a file");
        let error = format!("{:#}", unpacked(&file, &to, None, Language::English).await.expect_err("a page"));
        assert!(error.contains("no archive") && error.contains("name a .zip"), "{error}");
    }

    #[tokio::test]
    async fn a_folder_that_is_taken_away_stays_away_while_somebody_unpacks_into_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("many.zip");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&file).expect("a file"));
        for number in 0..2_000 {
            let name = format!("{}/{number}.txt", number % 50);
            zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        }
        zip.finish().expect("a zip");
        let to = tempfile::tempdir().expect("a folder");
        let path = to.path().to_owned();
        let work = tokio::spawn({
            let path = path.clone();
            async move { unpacked(&file, &path, None, Language::English).await }
        });
        while std::fs::read_dir(&path).expect("it is there").next().is_none() {
            tokio::task::yield_now().await;
        }
        remove(to);
        assert!(work.await.expect("no panic").is_err() || !path.exists());
        assert!(!path.exists());
    }
}
