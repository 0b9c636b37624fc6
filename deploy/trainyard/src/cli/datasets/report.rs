//! What was found in a dataset, for people.

use trainyard_events::chat::Language;
use trainyard_events::config::Task;
use trainyard_events::dataset::{BoxProfile, DatasetProfile, FileProblem};
use trainyard_events::limits::{REPORTED_FILES, UNREADABLE_SHARE};
use trainyard_events::trainer::Inspection;
use trainyard_words::particle::{Particle, with_particle};

use super::{classes, files, sizes, unfit, warnings};
use crate::cli::table;
use crate::language::{pick, said_or};
use crate::out::line;

pub(super) fn print(path: &str, found: &Inspection, language: Language) {
    match found {
        Inspection::Good { profile } => good(path, profile, language),
        Inspection::Bad { problem, next_step, report, bad_files, because, advice } => {
            let why = (said_or(because, problem, language), said_or(advice, next_step, language));
            bad(path, &why, report, *bad_files, language);
        }
    }
}

/// `why` is the problem and what to do next.
pub(super) fn bad(
    path: &str,
    (problem, next_step): &(String, String),
    report: &[FileProblem],
    bad_files: u64,
    language: Language,
) {
    line(format_args!("{}: {problem}", unfit(path, language)));
    files::print(pick(language, "쓸 수 없는 파일", "cannot be used"), report, bad_files, language);
    line("");
    next(next_step, language);
}

pub(super) fn good(path: &str, profile: &DatasetProfile, language: Language) {
    line(pick(
        language,
        format!("{} 학습에 쓸 수 있습니다", with_particle(path, Particle::Topic)),
        format!("{path} can be trained on"),
    ));
    for (name, value) in facts(profile, language) {
        line(format_args!("  {} {value}", table::padded(name, pick(language, 9, 8))));
    }
    if let Some(histograms) = &profile.histograms {
        line("");
        sizes::lines(histograms, language).iter().for_each(|sizes| line(format_args!("  {sizes}")));
    }
    classes::print(profile, language);
    let warnings = warnings(profile, language);
    if !warnings.is_empty() {
        line("");
        line(pick(language, "특이하지만 쓸 수 있음", "warnings"));
        warnings.iter().for_each(|warning| line(format_args!("  - {warning}")));
    }
    let DatasetProfile { skipped, noted, .. } = profile;
    files::print(
        pick(language, "제외한 파일", "left out"),
        skipped,
        (skipped.len() as u64).max(profile.skipped_files),
        language,
    );
    let used = pick(language, "쓰지만 알아 둘 파일", "used, but worth a look");
    files::print(used, noted, (noted.len() as u64).max(profile.noted_files), language);
    line("");
    left_out(profile, language).iter().for_each(line);
    let model = match profile.task {
        Task::Detect => "yolo11n",
        Task::Anomaly => "patchcore-resnet18",
        _ => "resnet18",
    };
    let quoted = path.replace('\'', r"'\''");
    next(&format!("trainyard train --model {model} --dataset '{quoted}' --watch"), language);
}

fn next(step: &str, language: Language) {
    line(format_args!("{}: {step}", pick(language, "다음에 할 일", "next")));
}

fn facts(profile: &DatasetProfile, language: Language) -> Vec<(&'static str, String)> {
    let kinds: Vec<String> = match &profile.kinds[..] {
        [] => vec![trainyard_words::said(&profile.task, language)],
        kinds => kinds.iter().map(|kind| trainyard_words::said(kind, language)).collect(),
    };
    let (width, height) = (spread(profile.width, language), spread(profile.height, language));
    let mut facts = vec![
        (pick(language, "작업 종류", "task"), kinds.join(", ")),
        (pick(language, "형식", "format"), trainyard_words::said(&profile.format, language)),
        (pick(language, "이미지", "images"), splits(profile, language)),
        (pick(language, "크기", "size"), format!("{width} x {height} px")),
        (pick(language, "용량", "bytes"), mebibytes(profile.bytes)),
    ];
    if profile.grey {
        facts.push((pick(language, "색", "colour"), pick(language, "흑백", "grey").to_owned()));
    }
    if let Some(found) = &profile.boxes {
        facts.push((pick(language, "객체", "objects"), objects(found, language)));
    }
    facts.push((pick(language, "내용 해시", "version"), profile.content_hash.clone()));
    facts
}

fn splits(profile: &DatasetProfile, language: Language) -> String {
    let images = &profile.images;
    let of = |count: u64, korean: &str, english: &str| {
        pick(language, format!("{korean} {count}장"), format!("{count} to {english} on"))
    };
    let mut splits = vec![of(images.train, "학습", "train")];
    if profile.split {
        splits.push(of(images.validation, "검증", "validate"));
    } else {
        let fifth = pick(
            language,
            "그 가운데 5분의 1은 검증용으로 떼어 둠",
            "of which a fifth is set aside to validate on",
        );
        splits.push(fifth.to_owned());
    }
    if images.test > 0 {
        splits.push(of(images.test, "테스트", "test"));
    }
    splits.join(", ")
}

/// `320`, or smallest to largest with the median.
fn spread([least, median, most]: [u32; 3], language: Language) -> String {
    if least == most {
        return least.to_string();
    }
    pick(language, format!("{least}~{most}(중앙값 {median})"), format!("{least}..{most} (median {median})"))
}

fn objects(found: &BoxProfile, language: Language) -> String {
    let BoxProfile { objects, crowds, small, medium, large, per_image, background } = found;
    let each = spread(*per_image, language);
    let sizes = [
        (*small, format!("작음 {small}"), format!("{small} small")),
        (*medium, format!("중간 {medium}"), format!("{medium} medium")),
        (*large, format!("큼 {large}"), format!("{large} large")),
    ];
    let sizes = sizes.into_iter().filter(|(count, ..)| *count > 0);
    let sizes: Vec<String> = sizes.map(|(_, korean, english)| pick(language, korean, english)).collect();
    let sizes = sizes.join(", ");
    let mut text = pick(
        language,
        format!("{objects}개: {sizes}; 이미지 한 장에 {each}"),
        format!("{objects}: {sizes}; {each} in an image"),
    );
    if *background > 0 {
        let images = files::counted(*background, "image");
        text += &pick(language, format!("; 없는 이미지 {background}장"), format!("; {images} without any"));
    }
    if *crowds > 0 {
        let ignored = files::counted(*crowds, "crowd");
        text += &pick(language, format!("; 평가하지 않는 무리 {crowds}개"), format!("; {ignored} ignored"));
    }
    text
}

/// What has hardly any is told in kibibytes: `0.0 MiB` would be none.
fn mebibytes(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{:.1} KiB", bytes as f64 / 1_024.0),
        _ => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
    }
}

/// How many files are not used, and how many would be too many; of none, nothing.
fn left_out(profile: &DatasetProfile, language: Language) -> Option<String> {
    let (named, most) = (profile.skipped.len() as u64, UNREADABLE_SHARE * 100.0);
    let left_out = named.max(profile.skipped_files);
    let share = 100.0 * left_out as f64 / (profile.images.total() + left_out).max(1) as f64;
    // An older profile counts no more files than it names.
    let is_least = named >= REPORTED_FILES as u64 && profile.skipped_files == 0;
    let text = pick(
        language,
        format!(
            "파일의 {share:.1} %{} 제외했습니다. {most:.0} %를 넘으면 거부됩니다",
            if is_least { " 이상을" } else { "를" }
        ),
        format!(
            "{}{share:.1} % of its files are left out; above {most:.0} % it would be refused",
            if is_least { "at least " } else { "" }
        ),
    );
    (left_out > 0).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile(skipped_files: u64, named: usize) -> DatasetProfile {
        let file = json!({ "path": "a.jpg", "problem": "is empty" });
        serde_json::from_value(json!({
            "format": "yolo", "task": "detect", "images": { "train": 90, "validation": 0, "test": 0 }, "split": false,
            "classes": [], "width": [1, 1, 1], "height": [1, 1, 1], "grey": false, "bytes": 900, "content_hash": "",
            "warnings": [], "skipped": vec![file; named], "skipped_files": skipped_files,
        }))
        .unwrap()
    }

    #[test]
    fn nothing_is_said_of_no_file_and_of_small_ones_no_zero() {
        let said = |files, named| left_out(&profile(files, named), Language::English);
        assert_eq!(said(0, 0), None);
        assert_eq!(said(10, 10).unwrap(), "10.0 % of its files are left out; above 5 % it would be refused");
        assert_eq!(said(0, 10), said(10, 10), "an older profile does not count them");
        assert!(said(0, REPORTED_FILES).unwrap().starts_with("at least "));
        assert!(said(60, REPORTED_FILES).unwrap().starts_with("40.0 %"), "it names 50 of them and counts 60");
        assert_eq!((mebibytes(900), mebibytes(3 << 19)), ("0.9 KiB".to_owned(), "1.5 MiB".to_owned()));
        let boxes = BoxProfile {
            objects: 3,
            crowds: 0,
            small: 0,
            medium: 3,
            large: 0,
            per_image: [1; 3],
            background: 0,
        };
        assert_eq!(objects(&boxes, Language::English), "3: 3 medium; 1 in an image");
    }
}
