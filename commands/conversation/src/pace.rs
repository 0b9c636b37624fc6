//! How fast a job learns, when it will be through, and what would make it faster.

use trainyard_events::chat::Language;
use trainyard_views::{EpochRow, JobRow};
use trainyard_words::grouped;

use crate::words::pick;
use time::OffsetDateTime;

/// The newest epochs by which the pace is judged.
const JUDGED: usize = 5;

/// Seconds that an epoch takes, in the median of the newest; nothing before the first.
fn seconds(epochs: &[EpochRow]) -> Option<f64> {
    let mut newest: Vec<f64> = epochs.iter().rev().take(JUDGED).map(|epoch| epoch.seconds).collect();
    newest.sort_by(f64::total_cmp);
    newest.get(newest.len() / 2).copied().filter(|seconds| seconds.is_finite() && *seconds > 0.0)
}

/// When it will be through, as a sentence after its state.
pub(crate) fn left(job: &JobRow, epochs: &[EpochRow], now: OffsetDateTime, language: Language) -> String {
    let (Some(each), Some(newest)) = (seconds(epochs), epochs.last()) else {
        return pick(
            language,
            " 남은 시간은 첫 에폭이 끝나면 알 수 있습니다.",
            " How long it takes shows after its first epoch.",
        );
    };
    let rest = f64::from(job.config.epochs.saturating_sub(job.epochs_done)) * each;
    let since = (now - newest.at).as_seconds_f64().clamp(0.0, each);
    let left = span((rest - since).max(0.0), language);
    pick(
        language,
        format!(" 남은 시간은 약 {left}입니다(에폭마다 {}).", span(each, language)),
        format!(" About {left} left, at {} an epoch.", span(each, language)),
    )
}

/// Why it is as fast as it is.
pub(crate) fn why(job: &JobRow, epochs: &[EpochRow], language: Language) -> String {
    let Some(each) = seconds(epochs) else { return String::new() };
    let device = job.device.as_deref().unwrap_or("-");
    let images = job.train_images.map_or_else(|| "?".to_owned(), grouped);
    let (size, batch) = (job.config.image_size, job.config.batch_size);
    let each = span(each, language);
    let faster = match device.to_lowercase().contains("cpu") {
        true => pick(
            language,
            "GPU가 있으면 훨씬 빠릅니다. 아니면 이미지 크기를 줄이거나 더 작은 모델을 고르세요.",
            "A GPU would be far faster; else a smaller image size or a smaller model.",
        ),
        false => pick(
            language,
            "더 빠르게 하려면 이미지 크기를 줄이거나 더 작은 모델을 고르세요.",
            "A smaller image size or a smaller model is faster.",
        ),
    };
    pick(
        language,
        format!(
            "\n속도: 에폭 하나에 {each} 걸립니다({device}, 이미지 {images}장, {size} px, 배치 {batch}). {faster}"
        ),
        format!(
            "\nIts pace: {each} an epoch ({device}, {images} images, {size} px, batch {batch}). {faster}"
        ),
    )
}

/// `12분`, "1 h 5 min": as exact as one wants to know.
fn span(seconds: f64, language: Language) -> String {
    let whole = seconds.round() as u64;
    let (hours, minutes) = (whole / 3600, whole.div_ceil(60) % 60);
    match whole {
        0..=1 => pick(language, format!("{seconds:.1}초"), format!("{seconds:.1} s")),
        2..=90 => pick(language, format!("{whole}초"), format!("{whole} s")),
        91..3600 => {
            let minutes = whole.div_ceil(60);
            pick(language, format!("{minutes}분"), format!("{minutes} min"))
        }
        _ => pick(language, format!("{hours}시간 {minutes}분"), format!("{hours} h {minutes} min")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_exact_as_one_wants_to_know() {
        let spans =
            [0.4, 45.0, 100.0, 3_599.0, 3_600.0, 7_384.0].map(|seconds| span(seconds, Language::English));
        assert_eq!(spans, ["0.4 s", "45 s", "2 min", "60 min", "1 h 0 min", "2 h 4 min"]);
    }
}
