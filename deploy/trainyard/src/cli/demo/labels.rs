//! The trees on a tile, as its labels have them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use trainyard_events::chat::Language;

use super::folder::unreadable;
use super::matching::Corners;
use crate::language::pick;

/// The labelled boxes of a tile, in its pixels.
pub(super) fn truths(tile: &Path, labels: &Path, language: Language) -> Result<Vec<Corners>> {
    let png = fs::read(tile).with_context(|| unreadable(tile, language))?;
    let size = size(&png).with_context(|| {
        let path = tile.display();
        pick(language, format!("{path}: PNG 파일이 아닙니다"), format!("{path} is no PNG"))
    })?;
    let path = labels.join(tile.with_extension("txt").file_name().unwrap_or_default());
    let text = fs::read_to_string(&path).with_context(|| unreadable(&path, language))?;
    text.lines()
        .map(|line| {
            let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            let path = path.display();
            ensure!(
                numbers.len() == 5,
                pick(
                    language,
                    format!("{path}: 박스가 아닌 줄이 있습니다: {line}"),
                    format!("{path} has a line that is no box: {line}"),
                )
            );
            let [x, y, width, height] = [1, 2, 3, 4].map(|at| numbers[at] * size[(at - 1) % 2]);
            Ok([x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0])
        })
        .collect()
}

/// Width and height in the header of a PNG.
fn size(png: &[u8]) -> Option<[f64; 2]> {
    let length = |at: usize| Some(f64::from(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?)));
    png.starts_with(b"\x89PNG").then_some([length(16)?, length(20)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_parts_of_the_sides_of_their_tile() {
        let folder = std::env::temp_dir().join(format!("trainyard-trees-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let tile = folder.join("a.png");
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 0, 200, 0, 0, 0, 100]);
        fs::write(&tile, png).unwrap();
        fs::write(folder.join("a.txt"), "0 0.5 0.5 0.5 0.2\n").unwrap();
        assert_eq!(truths(&tile, &folder, Language::English).unwrap(), [[50.0, 40.0, 150.0, 60.0]]);
        fs::write(folder.join("a.txt"), "0 0.5 0.5 0.5\n").unwrap();
        assert!(truths(&tile, &folder, Language::English).unwrap_err().to_string().contains("no box"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
