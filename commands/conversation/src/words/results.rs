//! What a model reached, as a whole and by class.

use std::fmt::Write;

use serde::Deserialize;
use trainyard_events::chat::Language;
use trainyard_views::{JobRow, JobStatus};
use trainyard_words::measured;
use trainyard_words::particle::Particle::{Direction, Object};
use trainyard_words::particle::with_particle;

use super::job::{figures, name, status};
use super::pick;

/// Classes named one by one, the weakest first.
const CLASSES_SHOWN: usize = 10;
/// Confusions named.
const CONFUSIONS_SHOWN: usize = 3;

/// The parts of a trainer's `report` artifact that are told.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Report {
    #[serde(default)]
    classes: Vec<ClassScore>,
    /// `[truth][answer]`.
    #[serde(default)]
    confusion_matrix: Vec<Vec<u64>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
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
pub(crate) fn results(job: &JobRow, report: Option<&Report>, language: Language) -> String {
    let Some(best) = &job.best else {
        let none = pick(language, "아직 측정값이 없습니다. ", "It has no measurements yet. ");
        return none + &status(job, language);
    };
    let epoch = job.best_epoch.unwrap_or(job.epochs_done);
    let figures = figures(best, job.primary.as_deref(), language);
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
    let strength = |class: &ClassScore| class.ap50.or(class.recall).unwrap_or(0.0);
    classes.sort_by(|a, b| strength(a).total_cmp(&strength(b)));
    classes.truncate(CLASSES_SHOWN);
    if let [weakest, _, ..] = &classes[..] {
        let (korean, english) =
            if weakest.ap50.is_some() { ("mAP 50이", "mAP 50") } else { ("재현율이", "recall") };
        let order = pick(
            language,
            format!("{korean} 낮은 클래스부터:"),
            format!("By class, the lowest {english} first:"),
        );
        let _ = write!(text, "\n{order}");
    }
    let share = |name, value: Option<f64>| measured(name, value.unwrap_or(f64::NAN), language);
    for ClassScore { name, precision, recall, ap50, support } in &classes {
        let figures = [share("precision", *precision), share("recall", *recall)].join(", ");
        let line = match ap50 {
            Some(_) => pick(
                language,
                format!("- {name}: {}, {figures} (물체 {support}개)", share("ap50", *ap50)),
                format!("- {name}: {}, {figures} ({support} objects)", share("ap50", *ap50)),
            ),
            None => pick(
                language,
                format!("- {name}: {figures} ({support}장)"),
                format!("- {name}: {figures} ({support} images)"),
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
            "\n- tree: precision 75.00 %, recall 50.00 % (461 images)"
        );
        let mut boxes = tree;
        boxes["ap50"] = serde_json::json!(0.4004);
        assert_eq!(
            told(boxes.clone(), Language::English),
            "\n- tree: mAP 50 40.04 %, precision 75.00 %, recall 50.00 % (461 objects)"
        );
        assert_eq!(
            told(boxes, Language::Korean),
            "\n- tree: mAP 50 40.04 %, 정밀도 75.00 %, 재현율 50.00 % (물체 461개)"
        );
    }
}
