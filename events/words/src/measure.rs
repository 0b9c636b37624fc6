//! Measurements as people read them: by their names in either language, and shares of one in percent. The page writes them alike.

use trainyard_events::chat::Language;

/// What trainers measure, in English within a sentence, and in Korean. What is not among it is called as its trainer does.
const NAMES: [(&str, &str, &str); 24] = [
    ("loss", "loss", "손실"),
    ("accuracy", "accuracy", "정확도"),
    ("precision", "precision", "정밀도"),
    ("recall", "recall", "재현율"),
    ("ap", "mAP", "mAP"),
    ("ap50_95", "mAP 50–95", "mAP 50–95"),
    ("ap50", "mAP 50", "mAP 50"),
    ("ap75", "mAP 75", "mAP 75"),
    ("ap_small", "small", "작은 객체"),
    ("ap_medium", "medium", "중간 객체"),
    ("ap_large", "large", "큰 객체"),
    ("box_loss", "boxes", "박스"),
    ("class_loss", "classes", "클래스"),
    ("dfl_loss", "box edges (DFL)", "박스 경계(DFL)"),
    ("image_auroc", "AUROC of images", "이미지 AUROC"),
    ("pixel_auroc", "AUROC of pixels", "픽셀 AUROC"),
    ("f1", "F1", "F1"),
    ("specificity", "good kept good", "정상 유지율"),
    ("score_good_min", "good: lowest score", "정상 최저 점수"),
    ("score_good_median", "good: median score", "정상 중앙 점수"),
    ("score_good_max", "good: highest score", "정상 최고 점수"),
    ("score_anomalous_min", "anomalous: lowest score", "이상 최저 점수"),
    ("score_anomalous_median", "anomalous: median score", "이상 중앙 점수"),
    ("score_anomalous_max", "anomalous: highest score", "이상 최고 점수"),
];

/// What a measurement is called, such as `정확도`; what begins with `test_` is of the test images.
pub fn measure_name(name: &str, language: Language) -> String {
    if let Some(of) = name.strip_prefix("test_") {
        let test = if language == Language::Korean { "테스트" } else { "test" };
        return format!("{} ({test})", measure_name(of, language));
    }
    let known = NAMES.iter().find(|(known, ..)| *known == name);
    let said = known.map(|(_, english, korean)| if language == Language::Korean { korean } else { english });
    said.copied().unwrap_or(name).to_owned()
}

/// Such as `98.33 %` of an accuracy, and `0.0512` of a loss; `-` of what is no number, which no measurement in the log is.
pub fn measure_value(name: &str, value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    match is_share(name) {
        true if value == 1.0 => "100 %".to_owned(),
        true => format!("{:.2} %", value * 100.0),
        false => significant(value),
    }
}

/// Both: `정확도 98.33 %`.
pub fn measured(name: &str, value: f64, language: Language) -> String {
    format!("{} {}", measure_name(name, language), measure_value(name, value))
}

/// Whether a measurement of this name lies between nothing and all.
fn is_share(name: &str) -> bool {
    const PARTS: [&str; 8] = ["accuracy", "auroc", "precision", "recall", "specificity", "map", "f1", "iou"];
    let name = name.to_ascii_lowercase();
    let is_top = || name.match_indices("top").any(|(at, top)| starts_with_digit(&name[at + top.len()..]));
    let is_ap =
        |part: &str| part.strip_prefix("ap").is_some_and(|rest| rest.is_empty() || starts_with_digit(rest));
    PARTS.iter().any(|part| name.contains(part)) || is_top() || name.split('_').any(is_ap)
}

fn starts_with_digit(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_digit())
}

/// Four digits that count.
fn significant(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e6).contains(&size) {
        let text = format!("{value:.2e}");
        return if size >= 1.0 { text.replacen('e', "e+", 1) } else { text };
    }
    format!("{value:.3e}").parse().map_or_else(|_| value.to_string(), |rounded: f64| rounded.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_in_percent_and_the_rest_in_four_digits() {
        for (name, value, said) in [
            ("accuracy", 0.983_333, "98.33 %"),
            ("accuracy", 1.0, "100 %"),
            ("ap50_95", 0.412, "41.20 %"),
            ("test_ap50", 0.5, "50.00 %"),
            ("ap_small", 0.0, "0.00 %"),
            ("top5", 0.99, "99.00 %"),
            ("mean_iou", 0.25, "25.00 %"),
            ("laptop", 0.25, "0.25"),
            ("overlap", 3.0, "3"),
            ("loss", 0.051_234_9, "0.05123"),
            ("loss", 12.5, "12.5"),
            ("loss", 9.999_96, "10"),
            ("loss", 123_456.0, "123500"),
            ("loss", 1.0, "1"),
            ("loss", 0.000_012_3, "1.23e-5"),
            ("loss", 12_345_678.0, "1.23e+7"),
            ("loss", -0.5, "-0.5"),
            ("loss", 0.0, "0"),
            ("loss", f64::NAN, "-"),
        ] {
            assert_eq!(measure_value(name, value), said, "{name} {value}");
        }
    }

    #[test]
    fn what_nobody_has_a_word_for_is_called_as_its_trainer_does() {
        assert_eq!(measured("test_accuracy", 0.5, Language::Korean), "정확도 (테스트) 50.00 %");
        assert_eq!(measured("perplexity", 7.25, Language::Korean), "perplexity 7.25");
        assert_eq!(measured("ap50_95", 0.5, Language::English), "mAP 50–95 50.00 %");
    }
}
