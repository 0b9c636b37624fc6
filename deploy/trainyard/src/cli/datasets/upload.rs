//! The files of a folder into the store of the platform: each once, in parallel, and none that is there already.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use futures::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use trainyard_api::blobs::{ASKED, BlobQuestion, BlobsMissing};
use trainyard_data::files::{self, Found, Listed};
use trainyard_data::manifest::hash_of;
use trainyard_events::chat::Language;
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::UNNAMED_FILE_AGE;
use trainyard_words::said;

use super::base::Base;
use crate::cli::client::Client;
use crate::language::pick;
use crate::out;

/// Files that go together, and their bytes; a larger one goes alone.
const FILES: usize = 200;
const BYTES: u64 = 8 * 1024 * 1024;
/// Such groups on their way at once.
const AT_ONCE: usize = 4;
/// After sending for so long the store is asked once more what it has.
const ASK_AGAIN: Duration = Duration::from_secs(UNNAMED_FILE_AGE.as_secs() / 4);
/// Files named of those that are left out.
const NAMED: usize = 5;

/// Uploads everything below `folder`, and answers the hash of its list, in which what is not there is of `base`.
pub(super) async fn run(client: &Client, folder: &Path, base: Option<&Base>) -> Result<String> {
    let language = client.language;
    let (mut listed, paths) = list(folder, language).await?;
    if let Some(base) = base {
        base.fill(client, &mut listed).await?;
    }
    let wanted = missing_here(client, &listed, &paths, base).await?;
    let all = listed.len();
    let bytes: u64 = wanted.iter().map(|file| file.bytes).sum();
    out::note(pick(
        language,
        format!("파일 {all}개 가운데 {}개({})를 올립니다", wanted.len(), size(bytes)),
        format!("{} of {all} files to upload, {}", wanted.len(), size(bytes)),
    ));
    let began = Instant::now();
    send(client, &wanted, &paths, bytes).await?;
    // What was there, or sent, so long ago may not be kept much longer: it is asked about once more, and sent if need be.
    if began.elapsed() > ASK_AGAIN {
        let gone = missing_here(client, &listed, &paths, base).await?;
        let bytes = gone.iter().map(|file| file.bytes).sum();
        send(client, &gone, &paths, bytes).await?;
    }
    let mut text = Vec::new();
    files::write(&listed, &mut text)?;
    let sha256 = sha256_of(&text);
    client.upload(vec![(sha256.clone(), text)]).await?;
    Ok(sha256)
}

/// The list, and where the file of each hash is.
async fn list(folder: &Path, language: Language) -> Result<(Vec<Listed>, HashMap<String, Found>)> {
    let folder = folder.to_owned();
    let hashed = tokio::task::spawn_blocking(move || -> Result<_> {
        let (found, problems) = files::of(&folder).map_err(|refusal| {
            anyhow!("{}; {}", said(&*refusal.because, language), said(&refusal.advice, language))
        })?;
        let hash = |file: &Found| {
            let unreadable = || file.path.display().to_string();
            let (bytes, sha256) = hash_of(&file.path).with_context(unreadable)?;
            Ok(Listed { name: file.name.clone(), sha256, bytes })
        };
        let listed: Vec<Listed> = found.par_iter().map(hash).collect::<Result<_>>()?;
        Ok((found, listed, problems))
    });
    let (found, listed, problems) = hashed.await??;
    tell_problems(&problems, language);
    if listed.is_empty() {
        bail!(pick(language, "올릴 파일이 없습니다", "there is no file to upload"));
    }
    let paths = listed.iter().map(|file| file.sha256.clone()).zip(found).collect();
    Ok((listed, paths))
}

fn tell_problems(problems: &[FileProblem], language: Language) {
    for problem in problems.iter().take(NAMED) {
        out::note(format_args!("{}: {}", problem.path, said(&problem.flaws, language)));
    }
    if problems.len() > NAMED {
        let more = problems.len() - NAMED;
        out::note(pick(language, format!("그 밖에 {more}개"), format!("and {more} more")));
    }
}

/// Those that the store has not, all of which are here.
async fn missing_here(
    client: &Client,
    listed: &[Listed],
    paths: &HashMap<String, Found>,
    base: Option<&Base>,
) -> Result<Vec<Listed>> {
    let missing = missing(client, listed).await?;
    match base.filter(|_| missing.iter().any(|file| !paths.contains_key(&file.sha256))) {
        Some(base) => Err(base.gone(client)),
        None => Ok(missing),
    }
}

/// Those that the store has not, each content once.
async fn missing(client: &Client, listed: &[Listed]) -> Result<Vec<Listed>> {
    let mut by_hash: HashMap<&str, &Listed> = HashMap::new();
    for file in listed {
        by_hash.entry(&file.sha256).or_insert(file);
    }
    let hashes: Vec<String> = by_hash.keys().map(|hash| (*hash).to_owned()).collect();
    let ask = |sha256: &[String]| {
        let bytes = sha256.iter().map(|hash| by_hash[hash.as_str()].bytes).collect();
        let question = BlobQuestion { sha256: sha256.to_vec(), bytes };
        async move {
            Ok::<_, anyhow::Error>(BlobsMissing::clone(
                &*client.post::<BlobsMissing>("/v1/blobs/missing", &question).await?,
            ))
        }
    };
    let answers: Vec<BlobsMissing> =
        stream::iter(hashes.chunks(ASKED)).map(ask).buffered(2).try_collect().await?;
    let missing = answers.into_iter().flat_map(|answer| answer.missing);
    let mut files: Vec<Listed> =
        missing.filter_map(|hash| by_hash.get(hash.as_str()).map(|file| (*file).clone())).collect();
    files.sort();
    Ok(files)
}

async fn send(client: &Client, wanted: &[Listed], paths: &HashMap<String, Found>, bytes: u64) -> Result<()> {
    // Hidden where standard error is no terminal.
    let bar = ProgressBar::new(bytes).with_style(
        ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let put = |group: &[Listed]| {
        let group = group.to_vec();
        let bar = &bar;
        async move {
            let mut form = Vec::new();
            for file in &group {
                let path = &paths[&file.sha256].path;
                let content = tokio::fs::read(path).await.with_context(|| path.display().to_string())?;
                form.push((file.sha256.clone(), content));
            }
            client.upload(form).await?;
            bar.inc(group.iter().map(|file| file.bytes).sum());
            Ok::<_, anyhow::Error>(())
        }
    };
    let began = Instant::now();
    stream::iter(groups(wanted)).map(put).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    if bytes > 0 {
        out::note(pick(
            client.language,
            format!("{} 전송 완료, {seconds:.1}초", size(bytes)),
            format!("{} uploaded in {seconds:.1} s", size(bytes)),
        ));
    }
    Ok(())
}

/// Neighbours, as many as may go together.
fn groups(files: &[Listed]) -> Vec<&[Listed]> {
    let (mut groups, mut begin, mut bytes) = (Vec::new(), 0, 0);
    for (index, file) in files.iter().enumerate() {
        if index > begin && (bytes + file.bytes > BYTES || index - begin == FILES) {
            groups.push(&files[begin..index]);
            (begin, bytes) = (index, 0);
        }
        bytes += file.bytes;
    }
    groups.extend((begin < files.len()).then(|| &files[begin..]));
    groups
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

fn sha256_of(text: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_go_together_as_far_as_they_may() {
        let file = |bytes| Listed { name: "x".to_owned(), sha256: "a".repeat(64), bytes };
        let sizes = |files: &[u64]| -> Vec<usize> {
            let files: Vec<Listed> = files.iter().map(|bytes| file(*bytes)).collect();
            groups(&files).iter().map(|group| group.len()).collect()
        };
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&[1; 450]), [200, 200, 50]);
        assert_eq!(sizes(&[BYTES, 1, 1, BYTES * 9, 5]), [1, 2, 1, 1]);
        assert_eq!(sizes(&[BYTES / 2, BYTES / 2, 1]), [2, 1]);
    }
}
