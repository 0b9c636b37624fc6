//! What the views say, in sentences of the user's language, each with figures and a next step. Pure.

use std::fmt::Write;

use serde::Deserialize;
use trainyard_assistant::particle::Particle::{Direction, Object, Subject, Topic};
use trainyard_assistant::particle::with_particle;
use trainyard_events::chat::Language;
use trainyard_events::dataset::DatasetProfile;
use trainyard_events::job::Measurements;
use trainyard_projections::{DatasetRow, DatasetStatus, JobRow, JobStatus};

use super::korean;

/// Classes named one by one; of more, the weakest.
const CLASSES_SHOWN: usize = 10;
/// Classes named when a dataset is described.
const CLASSES_NAMED: usize = 20;
/// Confusions named.
const CONFUSIONS_SHOWN: usize = 3;

pub(super) fn pick(language: Language, korean: impl Into<String>, english: impl Into<String>) -> String {
    match language {
        Language::Korean => korean.into(),
        Language::English => english.into(),
    }
}

pub(super) fn no_jobs(language: Language) -> String {
    pick(
        language,
        "아직 작업이 없습니다. 무엇을 학습할지 말씀해 주세요. 예: \"resnet18로 data/digits 학습해줘\"",
        "There are no jobs yet. Tell me what to train, such as \"train resnet18 on data/digits\".",
    )
}

/// A reason from the log, in the user's language.
fn because(reason: &str, language: Language) -> String {
    pick(language, korean::reason(reason), reason)
}

/// `1797` as `1,797`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn dataset_found(path: &str, profile: &DatasetProfile, language: Language) -> String {
    let (images, classes) = (grouped(profile.images.total()), profile.classes.len());
    let mut text = pick(
        language,
        format!("{path}에서 이미지 {images}장, 클래스 {classes}개를 확인했습니다.\n"),
        format!("{path} has {images} images in {classes} classes.\n"),
    );
    for warning in &profile.warnings {
        let _ = writeln!(text, "{} {}", pick(language, "주의:", "Note:"), because(warning, language));
    }
    text
}

/// ` data/digits`, or nothing.
pub(super) fn glued(path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| format!(" {path}"))
}

/// What is in a dataset: splits, sizes, and how even its classes are.
pub(super) fn dataset_details(profile: &DatasetProfile, language: Language) -> String {
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

pub(super) fn dataset_pending(path: &str, language: Language) -> String {
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

pub(super) fn dataset_bad(path: &str, problem: &str, next_step: &str, language: Language) -> String {
    let (problem, next_step) = (because(problem, language), because(next_step, language));
    pick(
        language,
        format!("{} 쓸 수 없습니다: {problem}\n다음 단계: {next_step}\n", with_particle(path, Topic)),
        format!("{path} cannot be used: {problem}\nNext step: {next_step}\n"),
    )
}

/// One dataset of a list.
pub(super) fn dataset_line(row: &DatasetRow, language: Language) -> String {
    let state = match (&row.profile, row.status) {
        (Some(profile), DatasetStatus::Valid) => pick(
            language,
            format!("이미지 {}장, 클래스 {}개", grouped(profile.images.total()), profile.classes.len()),
            format!("{} images in {} classes", grouped(profile.images.total()), profile.classes.len()),
        ),
        (_, DatasetStatus::Rejected) => {
            let problem = because(row.problem.as_deref().unwrap_or_default(), language);
            pick(language, format!("쓸 수 없음: {problem}"), format!("cannot be used: {problem}"))
        }
        _ => pick(language, "살펴보는 중", "being looked at"),
    };
    format!("- {}: {state}", row.path)
}

/// Such as `accuracy 0.9833, loss 0.0512`, the one that decides first.
fn figures(measurements: &Measurements, primary: Option<&str>) -> String {
    let mut names: Vec<&String> = measurements.keys().collect();
    names.sort_by_key(|name| (Some(name.as_str()) != primary, *name));
    let figures: Vec<String> =
        names.into_iter().map(|name| format!("{name} {:.4}", measurements[name])).collect();
    figures.join(", ")
}

fn primary(job: &JobRow) -> Option<String> {
    let name = job.primary.as_deref()?;
    job.best.as_ref()?.get(name).map(|value| format!("{name} {value:.4}"))
}

/// `job 7 (resnet18, data/digits)`, to begin a sentence with.
fn name(job: &JobRow, language: Language) -> String {
    let (number, model) = (job.number, &job.config.model);
    let dataset = job.config.dataset.as_deref().unwrap_or("-");
    pick(language, format!("작업 {number}({model}, {dataset})"), format!("Job {number} ({model}, {dataset})"))
}

/// How a job is doing.
pub(super) fn status(job: &JobRow, language: Language) -> String {
    let (name, number) = (name(job, language), job.number);
    let (topic, subject) = (with_particle(&name, Topic), with_particle(&name, Subject));
    let (done, epochs) = (job.epochs_done, job.config.epochs);
    let percent = (job.progress * 100.0).round();
    let worker = job.worker.as_deref().unwrap_or("-");
    let best = primary(job).map(|best| (format!(" 최고 {best}."), format!(" Best: {best}.")));
    let (best_korean, best_english) = best.unwrap_or_default();
    match job.status {
        JobStatus::Requested | JobStatus::Queued => {
            let reason = job.waiting_reason.as_deref();
            let korean =
                reason.map_or_else(String::new, |reason| format!(" 이유: {}.", korean::reason(reason)));
            let english = reason.map_or_else(String::new, |reason| format!(": {reason}"));
            pick(
                language,
                format!(
                    "{topic} 차례를 기다리고 있습니다.{korean} 그만두려면 \"{number}번 작업 취소해줘\"라고 하세요."
                ),
                format!("{name} is waiting{english}. To drop it, say \"stop job {number}\"."),
            )
        }
        JobStatus::Starting => pick(
            language,
            format!("{subject} {worker}에서 시작되고 있습니다. 잠시 뒤에 다시 물어봐 주세요."),
            format!("{name} is starting on {worker}. Ask again in a moment."),
        ),
        JobStatus::Training => pick(
            language,
            format!(
                "{topic} {worker}에서 학습 중입니다: {epochs} 에폭 중 {done} 완료({percent}%).{best_korean} 그만두려면 \"{number}번 작업 취소해줘\"라고 하세요."
            ),
            format!(
                "{name} is training on {worker}: {done} of {epochs} epochs done ({percent} %).{best_english} To stop it, say \"stop job {number}\"."
            ),
        ),
        JobStatus::Cancelling => pick(
            language,
            format!("{topic} 멈추는 중입니다. {done} 에폭까지 마쳤습니다."),
            format!("{name} is being stopped, after {done} epochs."),
        ),
        JobStatus::Finished => pick(
            language,
            format!(
                "{topic} 끝났습니다: {done} 에폭.{best_korean} 자세히 보려면 \"작업 {number} 결과 보여줘\"라고 하세요."
            ),
            format!(
                "{name} has finished: {done} epochs.{best_english} For more, say \"show the results of job {number}\"."
            ),
        ),
        JobStatus::Failed => pick(
            language,
            format!("{topic} 실패했습니다. {}", failure(job, language)),
            format!("{name} has failed. {}", failure(job, language)),
        ),
        JobStatus::Cancelled => pick(
            language,
            format!(
                "{topic} {done} 에폭 뒤에 취소되었습니다. 다시 하려면 \"{number}번 작업 이어서 학습해줘\"라고 하세요."
            ),
            format!(
                "{name} was cancelled after {done} epochs. To train it again, say \"resume job {number}\"."
            ),
        ),
    }
}

fn failure(job: &JobRow, language: Language) -> String {
    match &job.failure {
        Some(failure) => pick(
            language,
            format!(
                "원인: {}. 다음 단계: {}.",
                korean::reason(&failure.message).trim_end_matches('.'),
                korean::reason(&failure.next_step).trim_end_matches('.')
            ),
            format!(
                "Cause: {}. Next step: {}.",
                failure.message.trim_end_matches('.'),
                failure.next_step.trim_end_matches('.')
            ),
        ),
        None => pick(language, "원인이 기록되지 않았습니다.", "No cause was recorded."),
    }
}

/// Why a job failed, stopped or waits: how it stands, its `story`, and the trainer's last lines.
pub(super) fn explain(job: &JobRow, story: &str, language: Language) -> String {
    let mut text = status(job, language);
    match (&job.failure, job.status) {
        (Some(_), JobStatus::Failed) => {}
        (Some(_), _) => {
            let _ = write!(text, "\n{}", pick(language, "지난 시도의 실패. ", "Its last failed attempt. "));
            text.push_str(&self::failure(job, language));
        }
        (None, JobStatus::Cancelled | JobStatus::Cancelling) => {
            let reason = because(job.cancel_reason.as_deref().unwrap_or("-"), language);
            let _ = write!(text, " {} {reason}.", pick(language, "이유:", "Reason:"));
        }
        (None, JobStatus::Finished) => {
            if let Some(reason) = &job.stopped_early {
                let reason = because(reason, language);
                let _ = write!(text, " {} {reason}.", pick(language, "일찍 끝난 이유:", "It stopped early:"));
            }
        }
        _ => {}
    }
    if !story.is_empty() {
        let _ = write!(text, "\n{}{story}", pick(language, "지금까지 있었던 일:", "What happened so far:"));
    }
    if let Some(failure) = job.failure.as_ref().filter(|failure| !failure.console.is_empty()) {
        let _ = write!(text, "\n{}\n", pick(language, "마지막 출력:", "Last lines of its console:"));
        text.push_str(&failure.console.join("\n"));
    }
    text
}

/// The parts of a trainer's `report` artifact that are told.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Report {
    #[serde(default)]
    classes: Vec<ClassScore>,
    /// `[truth][answer]`.
    #[serde(default)]
    confusion_matrix: Vec<Vec<u64>>,
}

#[derive(Clone, Debug, Deserialize)]
struct ClassScore {
    name: String,
    precision: Option<f64>,
    recall: Option<f64>,
    /// Of a detector's class, whose support counts objects instead of images.
    ap50: Option<f64>,
    #[serde(default)]
    support: u64,
}

/// The best measurements, and by class where the report is there.
pub(super) fn results(job: &JobRow, report: Option<&Report>, language: Language) -> String {
    let Some(best) = &job.best else {
        let none = pick(language, "아직 측정값이 없습니다. ", "It has no measurements yet. ");
        return none + &status(job, language);
    };
    let epoch = job.best_epoch.unwrap_or(job.epochs_done);
    let figures = figures(best, job.primary.as_deref());
    let name = name(job, language);
    let mut text = pick(
        language,
        format!("{name}: 가장 좋은 에폭은 {epoch}입니다(전체 {}). {figures}.", job.epochs_done),
        format!("{name}: the best of {} epochs is {epoch}, with {figures}.", job.epochs_done),
    );
    if let Some(report) = report {
        text.push_str(&by_class(report, language));
    }
    let number = job.number;
    text + "\n"
        + &match (job.status, job.deployed) {
            (JobStatus::Finished, false) => pick(
                language,
                format!("모델을 쓰려면 \"작업 {number} 배포해줘\"라고 하세요."),
                format!("To use the model, say \"deploy job {number}\"."),
            ),
            (JobStatus::Finished, true) => pick(
                language,
                format!("모델이 배포되어 있습니다: /inference/{number}/predict"),
                format!("The model is deployed at /inference/{number}/predict."),
            ),
            _ => status(job, language),
        }
}

fn by_class(report: &Report, language: Language) -> String {
    let mut classes = report.classes.clone();
    let mut text = String::new();
    if classes.len() > CLASSES_SHOWN {
        classes.sort_by(|a, b| a.recall.unwrap_or(0.0).total_cmp(&b.recall.unwrap_or(0.0)));
        classes.truncate(CLASSES_SHOWN);
        let shown = pick(language, "재현율이 낮은 클래스:", "The classes with the lowest recall:");
        let _ = write!(text, "\n{shown}");
    }
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    for ClassScore { name, precision, recall, ap50, support } in &classes {
        let (precision, recall) = (number(*precision), number(*recall));
        let line = match ap50 {
            Some(ap50) => pick(
                language,
                format!("- {name}: AP50 {ap50:.3}, 정밀도 {precision}, 재현율 {recall} (물체 {support}개)"),
                format!(
                    "- {name}: AP50 {ap50:.3}, precision {precision}, recall {recall} ({support} objects)"
                ),
            ),
            None => pick(
                language,
                format!("- {name}: 정밀도 {precision}, 재현율 {recall} ({support}장)"),
                format!("- {name}: precision {precision}, recall {recall} ({support} images)"),
            ),
        };
        let _ = write!(text, "\n{line}");
    }
    for (truth, answer, count) in confusions(report) {
        let line = pick(
            language,
            format!(
                "- {} {} 본 것: {count}번",
                with_particle(truth, Object),
                with_particle(answer, Direction)
            ),
            format!("- {truth} taken for {answer}: {count} times"),
        );
        let _ = write!(text, "\n{line}");
    }
    text
}

/// What is most often taken for what.
fn confusions(report: &Report) -> Vec<(&str, &str, u64)> {
    let mut found = Vec::new();
    for (truth, row) in report.classes.iter().zip(&report.confusion_matrix) {
        for (answer, count) in report.classes.iter().zip(row) {
            if truth.name != answer.name && *count > 0 {
                found.push((truth.name.as_str(), answer.name.as_str(), *count));
            }
        }
    }
    found.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    found.truncate(CONFUSIONS_SHOWN);
    found
}

/// One job of a list.
pub(super) fn job_line(job: &JobRow, language: Language) -> String {
    let state = match (job.status, language) {
        (JobStatus::Requested, Language::Korean) => "요청됨",
        (JobStatus::Queued, Language::Korean) => "대기 중",
        (JobStatus::Starting, Language::Korean) => "시작 중",
        (JobStatus::Training, Language::Korean) => "학습 중",
        (JobStatus::Cancelling, Language::Korean) => "멈추는 중",
        (JobStatus::Finished, Language::Korean) => "완료",
        (JobStatus::Failed, Language::Korean) => "실패",
        (JobStatus::Cancelled, Language::Korean) => "취소됨",
        (JobStatus::Requested, Language::English) => "requested",
        (JobStatus::Queued, Language::English) => "queued",
        (JobStatus::Starting, Language::English) => "starting",
        (JobStatus::Training, Language::English) => "training",
        (JobStatus::Cancelling, Language::English) => "being stopped",
        (JobStatus::Finished, Language::English) => "finished",
        (JobStatus::Failed, Language::English) => "failed",
        (JobStatus::Cancelled, Language::English) => "cancelled",
    };
    let best = primary(job).map(|best| format!(", {best}")).unwrap_or_default();
    format!("- {}: {state}, {}/{}{best}", name(job, language), job.epochs_done, job.config.epochs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_classifier_is_judged_by_images_and_a_detector_by_objects() {
        let told = |class: serde_json::Value, language| {
            let report = serde_json::json!({ "classes": [class], "confusion_matrix": [[5, 1], [0, 0]] });
            by_class(&serde_json::from_value(report).unwrap(), language)
        };
        let tree = serde_json::json!({ "name": "tree", "precision": 0.75, "recall": 0.5, "support": 461 });
        assert_eq!(
            told(tree.clone(), Language::English),
            "\n- tree: precision 0.750, recall 0.500 (461 images)"
        );
        let mut boxes = tree;
        boxes["ap50"] = serde_json::json!(0.4004);
        assert_eq!(
            told(boxes.clone(), Language::English),
            "\n- tree: AP50 0.400, precision 0.750, recall 0.500 (461 objects)"
        );
        assert_eq!(
            told(boxes, Language::Korean),
            "\n- tree: AP50 0.400, 정밀도 0.750, 재현율 0.500 (물체 461개)"
        );
    }
}
