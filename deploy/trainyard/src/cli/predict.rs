//! `trainyard predict`: every image is asked about, and what is wrong with one does not keep the others from an answer.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;
use trainyard_events::prediction::Prediction;

use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out;

/// What a file in a folder has to be called to be asked about.
const KINDS: [&str; 5] = ["jpg", "jpeg", "png", "webp", "bmp"];
/// Folders within folders.
const DEPTH: usize = 16;

pub(crate) async fn run(client: &Client, job: &str, named: &[PathBuf], json: bool) -> Result<()> {
    let images = images(client, named)?;
    let mut rows = Vec::new();
    let mut bad = 0;
    for image in &images {
        let name = image.display().to_string();
        match client.predict(job, image).await {
            Ok(answer) if json => print_json(&json!({ "image": name, "answer": answer.json }))?,
            Ok(answer) => rows.extend(
                answer
                    .predictions
                    .iter()
                    .map(|found| vec![name.clone(), found.class.clone(), percent(found), place(found)]),
            ),
            Err(error) => {
                bad += 1;
                if json {
                    print_json(&json!({ "image": name, "error": format!("{error:#}") }))?;
                } else {
                    out::error(&error, client.language);
                }
            }
        }
    }
    if !rows.is_empty() {
        let header = pick(
            client.language,
            ["이미지", "클래스", "신뢰도", "박스"],
            ["image", "class", "confidence", "box"],
        );
        table::print(&header, &rows);
    }
    if bad > 0 {
        let all = images.len();
        bail!(pick(
            client.language,
            format!("이미지 {all}개 가운데 {bad}개에 답이 없습니다"),
            format!("{bad} of {all} images have no answer"),
        ));
    }
    Ok(())
}

/// The files that were named, and those below the folders that were.
pub(crate) fn images(client: &Client, named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    for path in named {
        if !path.is_dir() {
            images.push(path.clone());
            continue;
        }
        let before = images.len();
        below(path, DEPTH, &mut images).with_context(|| {
            let path = path.display();
            pick(client.language, format!("{path} 폴더를 읽을 수 없습니다"), format!("{path} cannot be read"))
        })?;
        if images.len() == before {
            let path = path.display();
            bail!(pick(
                client.language,
                format!("{path} 폴더에 JPEG, PNG, WebP, BMP 파일이 없습니다"),
                format!("there is no JPEG, PNG, WebP or BMP file below {path}"),
            ));
        }
    }
    Ok(images)
}

/// In the order of their names.
fn below(folder: &Path, depth: usize, images: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let entries = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    let mut paths: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if depth > 0 {
                below(&path, depth - 1, images)?;
            }
        } else if is_image(&path) {
            images.push(path);
        }
    }
    Ok(())
}

fn is_image(path: &Path) -> bool {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

pub(crate) fn percent(found: &Prediction) -> String {
    format!("{:.1} %", found.confidence * 100.0)
}

fn place(found: &Prediction) -> String {
    found.bbox.map_or_else(String::new, |corners| json!(corners).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_images_in_order_and_nothing_else() {
        let folder = tempfile::TempDir::new().unwrap();
        for name in ["b.JPG", "a/z.png", "a/notes.txt", "c.webp", "c.pdf"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let mut found = Vec::new();
        below(folder.path(), DEPTH, &mut found).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(names, ["a/z.png", "b.JPG", "c.webp"].map(Path::new));
    }
}
