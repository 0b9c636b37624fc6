//! The line of each event of a job.

use trainyard_events::JobEvent;
use trainyard_events::chat::Language;
use trainyard_events::results::Measurements;
use trainyard_words::{measure_name, measure_value};

use crate::cli::job;
use crate::language::{pick, said_or};

/// Of a job with so many `epochs`; not every event has one.
pub(super) fn told(event: &JobEvent, epochs: u32, language: Language) -> Option<String> {
    Some(match event {
        JobEvent::Dispatched { reason, because, .. } => {
            let reason = said_or(because, reason, language);
            pick(language, format!("대기열: {reason}"), format!("queued: {reason}"))
        }
        JobEvent::AttemptStarted { worker, attempt, .. } => {
            pick(language, format!("{attempt}번째 시도: {worker}"), format!("attempt {attempt} on {worker}"))
        }
        JobEvent::TrainingStarted { .. } => training(event, language)?,
        JobEvent::EpochLogged { .. } => epoch(event, epochs, language)?,
        JobEvent::AttemptFailed { failure, .. } => {
            let (message, _) = job::failure(failure, language);
            pick(language, format!("시도 실패: {message}"), format!("attempt failed: {message}"))
        }
        JobEvent::AttemptLost { .. } => pick(
            language,
            "작업자가 사라져 다른 작업자를 기다립니다",
            "the worker is gone; the job waits for another",
        )
        .to_owned(),
        JobEvent::PreemptRequested { because, .. } => {
            let why = said_or(because, "", language);
            pick(language, format!("멈추는 중: {why}"), format!("stopping: {why}"))
        }
        JobEvent::AttemptPreempted { .. } => {
            pick(language, "중단되어 다른 곳에서 이어집니다", "preempted; the job goes on elsewhere")
                .to_owned()
        }
        JobEvent::CancelRequested { .. } => pick(language, "중지 중", "cancelling").to_owned(),
        JobEvent::Requested { .. }
        | JobEvent::CheckpointCommitted { .. }
        | JobEvent::Finished { .. }
        | JobEvent::Failed { .. }
        | JobEvent::Cancelled { .. }
        | JobEvent::Annotated { .. } => return None,
    })
}

fn training(event: &JobEvent, language: Language) -> Option<String> {
    let JobEvent::TrainingStarted { device, parameters, train_images, validation_images, classes, .. } =
        event
    else {
        return None;
    };
    let (count, plural) = (classes.len(), if classes.len() == 1 { "" } else { "es" });
    Some(pick(
        language,
        format!(
            "{device}에서 학습 시작: 학습 이미지 {train_images}장, 검증 이미지 {validation_images}장, 클래스 {count}개, \
             파라미터 {parameters}개"
        ),
        format!(
            "training on {device}: {train_images} images, {validation_images} for validation, {count} class{plural}, \
             {parameters} parameters"
        ),
    ))
}

fn epoch(event: &JobEvent, epochs: u32, language: Language) -> Option<String> {
    let JobEvent::EpochLogged { epoch, train, validation, primary, is_best, seconds, .. } = event else {
        return None;
    };
    let number = |measurements: &Measurements, name: &str| {
        measurements.get(name).map_or_else(|| "-".to_owned(), |value| measure_value(name, *value))
    };
    let (loss, validation_loss) = (number(train, "loss"), number(validation, "loss"));
    // What people know a detector by, beside the mean that decides.
    let ap50 = match primary.as_str() {
        "ap50_95" => format!("  {} {}", measure_name("ap50", language), number(validation, "ap50")),
        _ => String::new(),
    };
    let figures = format!("{} {}{ap50}", measure_name(primary, language), number(validation, primary));
    let best = if *is_best { pick(language, "  최고", "  best") } else { "" };
    Some(pick(
        language,
        format!(
            "{epoch:>3}/{epochs} 에폭  손실 {loss}  검증 손실 {validation_loss}  {figures}  {seconds:.1}초{best}"
        ),
        format!(
            "epoch {epoch:>3}/{epochs}  loss {loss}  val loss {validation_loss}  {figures}  {seconds:.1} s{best}"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use trainyard_events::job::{Failure, FailureClass};
    use trainyard_events::reason::{Reason, Trouble};

    use super::*;

    #[test]
    fn an_epoch_is_one_line() {
        let event = JobEvent::EpochLogged {
            token: 3,
            epoch: 2,
            train: [("loss".to_owned(), 0.5)].into(),
            validation: [("accuracy".to_owned(), 0.9)].into(),
            primary: "accuracy".to_owned(),
            is_best: true,
            learning_rate: 0.1,
            seconds: 2.5,
        };
        for (language, line) in [
            (Language::English, "epoch   2/10  loss 0.5  val loss -  accuracy 90.00 %  2.5 s  best"),
            (Language::Korean, "  2/10 에폭  손실 0.5  검증 손실 -  정확도 90.00 %  2.5초  최고"),
        ] {
            assert_eq!(told(&event, 10, language).as_deref(), Some(line));
        }
    }

    #[test]
    fn a_failed_attempt_says_why_or_what_stands_beside() {
        let failed = |because: Vec<Reason>| {
            let (message, next_step) = ("the loss is no longer a number at step 7".to_owned(), String::new());
            let (class, console, advice) = (FailureClass::Diverged, Vec::new(), Vec::new());
            let failure = Failure { class, message, next_step, console, because, advice };
            JobEvent::AttemptFailed { token: 3, failure, console: None }
        };
        let known = failed(vec![Trouble::LossNotANumber { step: 7 }.into()]);
        let english = "attempt failed: the loss is no longer a number at step 7";
        assert_eq!(told(&known, 1, Language::English).as_deref(), Some(english));
        let korean = told(&known, 1, Language::Korean).unwrap();
        assert!(korean.starts_with("시도 실패: ") && !korean.contains("loss"), "{korean}");
        let newer = told(&failed(Vec::new()), 1, Language::Korean).unwrap();
        assert_eq!(newer, "시도 실패: the loss is no longer a number at step 7");
    }
}
