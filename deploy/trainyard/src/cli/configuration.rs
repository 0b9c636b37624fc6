//! The values of a job's configuration, by the names that people know them by.

use serde_json::{Map, Value};
use trainyard_events::chat::Language;

use crate::language::pick;

/// A line for each value: names as they are written in English, and as the page has them in Korean.
pub(super) fn lines(config: &Map<String, Value>, language: Language) -> Vec<String> {
    let line = |(name, value): (&String, &Value)| {
        let name = pick(language, in_korean(name).unwrap_or(name), name);
        format!("{name}: {}", plain(value, language))
    };
    config.iter().map(line).collect()
}

/// What one writes is shown as it is written.
fn plain(value: &Value, language: Language) -> String {
    match value {
        Value::Null => pick(language, "없음", "none").to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `None` for what a newer release has written.
fn in_korean(name: &str) -> Option<&'static str> {
    Some(match name {
        "task" => "작업 종류",
        "model" => "모델",
        "dataset" => "데이터셋",
        "classes" => "클래스",
        "epochs" => "에폭",
        "image_size" => "이미지 크기",
        "batch_size" => "배치 크기",
        "learning_rate" => "학습률",
        "optimizer" => "옵티마이저",
        "momentum" => "모멘텀",
        "weight_decay" => "가중치 감쇠",
        "schedule" => "스케줄",
        "warmup_epochs" => "워밍업 에폭",
        "label_smoothing" => "라벨 스무딩",
        "ema" => "가중치 평균(EMA)",
        "augmentation" => "데이터 증강",
        "resize" => "크기 맞춤",
        "patience" => "조기 종료(patience)",
        "seed" => "시드",
        "device" => "장치",
        "priority" => "우선순위",
        "initial_weights" => "초기 가중치",
        "runner" => "러너",
        "options" => "옵션",
        "max_cost" => "비용 한도",
        "max_hours" => "시간 한도",
        "continues" => "이어 갈 체크포인트",
        "resources" => "자원",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::cli::job::tests::failed;

    use super::*;

    #[test]
    fn every_value_has_a_name_in_korean() {
        let config = serde_json::to_value(failed().config).unwrap();
        for name in config.as_object().unwrap().keys() {
            assert!(in_korean(name).is_some(), "{name}");
        }
        assert!(in_korean("continues").is_some(), "left out where it begins at the beginning");
    }

    #[test]
    fn what_a_newer_release_has_written_is_shown_as_it_is() {
        let config = serde_json::json!({ "of_tomorrow": 7, "patience": null });
        let config = config.as_object().unwrap();
        assert_eq!(lines(config, Language::English), ["of_tomorrow: 7", "patience: none"]);
        assert_eq!(lines(config, Language::Korean), ["of_tomorrow: 7", "조기 종료(patience): 없음"]);
    }
}
