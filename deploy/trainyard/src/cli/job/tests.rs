//! One job as a terminal shows it, in both languages.

use serde_json::{Value, json};
use trainyard_events::reason::{Reason, Wait};

use super::*;

/// What views made of one log, kept to compare with.
const STORY: &str = include_str!("../../../../../projections/tests/golden/story.json");

/// A job that diverged.
pub(in crate::cli) fn failed() -> JobRow {
    row(|_| {})
}

/// The same with other values, as a gateway sends it.
fn row(change: impl FnOnce(&mut Value)) -> JobRow {
    let story: Value = serde_json::from_str(STORY).expect("JSON");
    let mut row = story["snapshots"]["job:00000000-0000-0000-0000-000000000bad"]["job"].clone();
    change(&mut row);
    serde_json::from_value(row).expect("a row")
}

fn waiting() -> JobRow {
    let because: [Reason; 2] = [Wait::QuotaSlots { slots: 2 }.into(), Wait::Behind { jobs: 3 }.into()];
    row(|row| {
        row["status"] = json!("requested");
        row["failure"] = Value::Null;
        row["waiting_reason"] = json!("all slots of the quota are taken (2)");
        row["waiting_because"] = json!(because);
    })
}

fn shown(row: &JobRow, language: Language) -> String {
    let config = serde_json::to_value(&row.config).expect("plain data");
    lines(row, true, &config, language).join("\n")
}

/// Words of the platform that one writes or that its worker prints, and names.
fn is_a_name(word: &str) -> bool {
    const NAMES: [&str; 14] = [
        "resnet18",
        "patience",
        "EMA",
        "classify",
        "auto",
        "sgd",
        "cosine",
        "standard",
        "letterbox",
        "normal",
        "cpu",
        "true",
        "bad",
        "data",
    ];
    NAMES.contains(&word) || word.chars().any(|char| char.is_ascii_digit())
}

fn english_in(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with("  | "));
    let words = lines.flat_map(|line| line.split(|char: char| !char.is_ascii_alphanumeric()));
    words.filter(|word| !word.is_empty() && !is_a_name(word)).collect()
}

#[test]
fn a_job_that_failed_says_why_in_korean() {
    let shown = shown(&failed(), Language::Korean);
    for said in
        ["작업 2 (", "  상태: 실패", "  실패한 이유: ", "  다음에 할 일: ", "  학습률: 0.1", "  | loss nan"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert_eq!(english_in(&shown), [""; 0], "{shown}");
}

#[test]
fn a_job_that_waits_says_why_in_korean() {
    let shown = shown(&waiting(), Language::Korean);
    assert!(shown.contains("  상태: 대기. 지금은 작업자와 연락이 되지 않습니다"), "{shown}");
    assert!(
        shown.contains(
            "  기다리는 이유: 할당량의 자리 2개가 모두 차 있어 기다립니다; 먼저 요청한 작업 3개도 기다립니다"
        ),
        "{shown}"
    );
    assert_eq!(english_in(&shown), [""; 0], "{shown}");
}

#[test]
fn the_same_jobs_in_english() {
    let shown_failed = shown(&failed(), Language::English);
    for said in ["job 2 (", "  status: failed, but its worker", "  learning_rate: 0.1", "  epochs: 0 of 4"] {
        assert!(shown_failed.contains(said), "{said}: {shown_failed}");
    }
    assert!(shown_failed.contains("  failure: the loss is no longer a number at step 7"), "{shown_failed}");
    assert!(shown(&waiting(), Language::English).contains("  waits because: all slots of the quota"));
    assert!(!shown_failed.chars().any(|char| ('가'..='힣').contains(&char) && !"고양이".contains(char)));
}

#[test]
fn a_reason_of_a_newer_release_is_told_in_the_english_beside_it() {
    let newer = row(|row| {
        row["waiting_because"] = json!([{ "code": "of_tomorrow" }]);
        row["waiting_reason"] = json!("tomorrow is late");
        row["failure"]["because"] = json!([{ "code": "of_tomorrow" }]);
        row["failure"]["message"] = json!("the moon was full");
        row["failure"]["advice"] = json!([{ "code": "of_tomorrow", "ko": "…" }]);
        row["failure"]["next_step"] = json!("wait for another");
    });
    let shown = shown(&newer, Language::Korean);
    assert!(shown.contains("  실패한 이유: the moon was full"), "{shown}");
    assert!(shown.contains("  다음에 할 일: wait for another"), "{shown}");
    assert!(shown.contains("  기다리는 이유: tomorrow is late"), "{shown}");
}
