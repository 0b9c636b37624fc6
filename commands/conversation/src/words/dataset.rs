//! Datasets in sentences: found, being looked at, refused, and what is in them.

use std::fmt::Write;

use trainyard_commands::dataset::Bad;
use trainyard_events::chat::Language;
use trainyard_events::dataset::DatasetProfile;
use trainyard_views::{DatasetRow, DatasetStatus};
use trainyard_words::particle::Particle::{Object, Topic};
use trainyard_words::particle::with_particle;
use trainyard_words::{grouped, said};

use super::pick;

/// Classes named when a dataset is described.
const CLASSES_NAMED: usize = 20;

pub(crate) fn dataset_found(path: &str, profile: &DatasetProfile, language: Language) -> String {
    let (images, classes) = (grouped(profile.images.total()), profile.classes.len());
    let mut text = pick(
        language,
        format!("{path}에서 이미지 {images}장, 클래스 {classes}개를 확인했습니다.\n"),
        format!("{path} has {images} images in {classes} classes.\n"),
    );
    for caution in &profile.cautions {
        let _ = writeln!(text, "{} {}", pick(language, "주의:", "Note:"), said(caution, language));
    }
    text
}

/// What is in a dataset: splits, sizes, and how even its classes are.
pub(crate) fn dataset_details(profile: &DatasetProfile, language: Language) -> String {
    let (images, [least, median, most]) = (&profile.images, sides(profile));
    let validation = match profile.split {
        true => (
            format!("검증 {}장", grouped(images.validation)),
            format!("{} to validate on", grouped(images.validation)),
        ),
        false => {
            ("검증용은 학습 때 나눔".to_owned(), "a part of them is set aside to validate on".to_owned())
        }
    };
    let (train, grey) = (grouped(images.train), profile.grey);
    let mut text = pick(
        language,
        format!(
            "학습 {train}장, {}. 긴 변은 중간값 {median} px({least} ~ {most} px){}.",
            validation.0,
            if grey { ", 흑백" } else { "" }
        ),
        format!(
            "{train} to train on, {}. The longer side is {median} px in the median ({least} to {most}){}.",
            validation.1,
            if grey { ", grey" } else { "" }
        ),
    );
    let count = |class: &&trainyard_events::dataset::ClassProfile| class.images.total();
    if let (Some(rare), Some(common)) =
        (profile.classes.iter().min_by_key(count), profile.classes.iter().max_by_key(count))
    {
        let (few, many) = (grouped(count(&rare)), grouped(count(&common)));
        let even = few == many;
        let _ = write!(
            text,
            " {}",
            if even {
                pick(language, format!("클래스마다 {few}장입니다."), format!("Every class has {few}."))
            } else {
                pick(
                    language,
                    format!(
                        "이미지가 가장 많은 클래스는 {} {many}장, 가장 적은 클래스는 {} {few}장입니다.",
                        common.name, rare.name
                    ),
                    format!(
                        "The largest class is {} with {many} images, the smallest {} with {few}.",
                        common.name, rare.name
                    ),
                )
            }
        );
    }
    let names: Vec<&str> =
        profile.classes.iter().take(CLASSES_NAMED).map(|class| class.name.as_str()).collect();
    let more = if profile.classes.len() > CLASSES_NAMED { ", ..." } else { "" };
    let _ = write!(text, "\n{} {}{more}\n", pick(language, "클래스:", "Classes:"), names.join(", "));
    text
}

/// The longer of width and height: smallest, median, largest.
fn sides(profile: &DatasetProfile) -> [u32; 3] {
    [0, 1, 2].map(|place| profile.width[place].max(profile.height[place]))
}

pub(crate) fn dataset_pending(path: &str, language: Language) -> String {
    pick(
        language,
        format!(
            "{} 지금 살펴보고 있습니다. 확인이 끝나면 추천값이 바뀔 수 있고, 학습은 그 뒤에 시작됩니다.\n",
            with_particle(path, Object)
        ),
        format!(
            "{path} is being looked at; what I recommend may change with it, and training begins after it.\n"
        ),
    )
}

pub(crate) fn dataset_bad(path: &str, bad: &Bad, language: Language) -> String {
    let (problem, next_step) = (said(&bad.because, language), said(&bad.advice, language));
    pick(
        language,
        format!("{} 쓸 수 없습니다: {problem}\n다음 단계: {next_step}\n", with_particle(path, Topic)),
        format!("{path} cannot be used: {problem}\nNext step: {next_step}\n"),
    )
}

/// One dataset of a list.
pub(crate) fn dataset_line(row: &DatasetRow, language: Language) -> String {
    let state = match (&row.profile, row.status) {
        (Some(profile), DatasetStatus::Valid) => pick(
            language,
            format!("이미지 {}장, 클래스 {}개", grouped(profile.images.total()), profile.classes.len()),
            format!("{} images in {} classes", grouped(profile.images.total()), profile.classes.len()),
        ),
        (_, DatasetStatus::Rejected) => {
            let problem = said(&row.because, language);
            pick(language, format!("쓸 수 없음: {problem}"), format!("cannot be used: {problem}"))
        }
        _ => pick(language, "살펴보는 중", "being looked at"),
    };
    format!("- {}: {state}", row.path)
}
