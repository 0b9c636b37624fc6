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
    let model = if profile.task == Task::Detect { "yolo11n" } else { "resnet18" };
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
        (pick(language, "용량", "bytes"), format!("{:.1} MiB", profile.bytes as f64 / f64::from(1 << 20))),
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
    let mut text = pick(
        language,
        format!("{objects}개: 작음 {small}, 중간 {medium}, 큼 {large}; 이미지 한 장에 {each}"),
        format!("{objects}: {small} small, {medium} medium, {large} large; {each} in an image"),
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
