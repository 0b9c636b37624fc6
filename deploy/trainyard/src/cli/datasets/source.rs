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

use super::upload;
use crate::cli::client::Client;
use crate::language::pick;

/// What to register as `name`, of any task.
pub(super) async fn of(
    client: &Client,
    name: String,
    place: Option<PathBuf>,
    sha256: Option<String>,
) -> Result<NewDataset> {
    let new = NewDataset { path: name, task: None, files: None, url: None, sha256: None };
    let written = place.as_deref().and_then(Path::to_str).unwrap_or(&new.path);
    if DatasetSource::at(written, None).is_some() {
        let url = Some(written.to_owned());
        return Ok(NewDataset { url, sha256: sha256.map(|hash| hash.to_lowercase()), ..new });
    }
    let language = client.language;
    let files = match place {
        Some(file) if file.is_file() => Some(archive(client, &file, sha256).await?),
        _ if sha256.is_some() => bail!(pick(
            language,
            "--sha256은 압축 파일에만 씁니다. 폴더라면 빼세요",
            "--sha256 is for an archive: leave it out for a folder",
        )),
        Some(folder) => Some(upload::run(client, &folder).await?),
        None => None,
    };
    Ok(NewDataset { files, ..new })
}

/// Uploads what is in an archive, which is unpacked for that long.
async fn archive(client: &Client, file: &Path, sha256: Option<String>) -> Result<String> {
    let folder = tempfile::Builder::new().prefix("trainyard-").tempdir()?;
    let work = async {
        unpacked(file, folder.path(), sha256, client.language).await?;
        upload::run(client, folder.path()).await
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
