//! What happened to a job, attempt by attempt, told from its own events.

use trainyard_events::chat::Language;
use trainyard_events::job::FailureClass;
use trainyard_events::reason::before::upcast;
use trainyard_events::{Event, JobEvent, Recorded};
use trainyard_words::{english, korean};

use crate::words::pick;

/// Happenings told, the newest ones.
const HAPPENINGS: usize = 12;

/// One line for each thing that says why the job is where it is.
pub(crate) fn story(history: &[Recorded], language: Language) -> String {
    let (mut lines, mut epochs) = (Vec::new(), 0_u32);
    for recorded in history {
        let event = upcast(&recorded.envelope.event);
        let Event::Job(event) = &*event else { continue };
        if let JobEvent::EpochLogged { .. } = event {
            epochs += 1;
            continue;
        }
        let Some(line) = happening(event, language) else { continue };
        if epochs > 0 {
            lines.push(pick(language, format!("{epochs} 에폭 학습"), format!("{epochs} epochs trained")));
            epochs = 0;
        }
        lines.push(line);
    }
    if epochs > 0 {
        lines.push(pick(language, format!("{epochs} 에폭 학습"), format!("{epochs} epochs trained")));
    }
    let told = lines.split_off(lines.len().saturating_sub(HAPPENINGS));
    told.iter().map(|line| format!("\n- {line}")).collect()
}

fn happening(event: &JobEvent, language: Language) -> Option<String> {
    Some(match event {
        JobEvent::AttemptStarted { worker, attempt, resume, .. } => {
            let (korean, english) = match resume {
                Some(from) => {
                    (format!(", {} 에폭 뒤부터", from.epoch), format!(" from after epoch {}", from.epoch))
                }
                None => (String::new(), String::new()),
            };
            pick(
                language,
                format!("{attempt}번째 시도: {worker}에서 시작{korean}"),
                format!("attempt {attempt} started on {worker}{english}"),
            )
        }
        JobEvent::AttemptFailed { failure, .. } => pick(
            language,
            format!("시도 실패({}): {}", class(failure.class, language), korean(&failure.because)),
            format!("the attempt failed ({}): {}", class(failure.class, language), english(&failure.because)),
        ),
        JobEvent::AttemptLost { .. } => pick(
            language,
            "작업자와 연락이 끊겨 다른 시도로 넘어감",
            "its worker was not heard of any more, so another attempt was due",
        ),
        JobEvent::AttemptPreempted { because, .. } => pick(
            language,
            format!("작업자가 자리를 내주며 체크포인트를 남김: {}", korean(because)),
            format!("the worker left, with a checkpoint: {}", english(because)),
        ),
        JobEvent::CancelRequested { because, .. } => pick(
            language,
            format!("취소 요청: {}", korean(because)),
            format!("asked to stop: {}", english(because)),
        ),
        JobEvent::Cancelled { .. } => pick(language, "취소됨", "cancelled"),
        JobEvent::Failed { failure } => pick(
            language,
            format!("실패로 끝남({})", class(failure.class, language)),
            format!("ended as failed ({})", class(failure.class, language)),
        ),
        JobEvent::Finished { best_epoch, .. } => pick(
            language,
            format!("끝남, 가장 좋은 에폭은 {best_epoch}"),
            format!("finished, epoch {best_epoch} is the best"),
        ),
        JobEvent::Requested { .. }
        | JobEvent::Dispatched { .. }
        | JobEvent::TrainingStarted { .. }
        | JobEvent::EpochLogged { .. }
        | JobEvent::CheckpointCommitted { .. }
        | JobEvent::PreemptRequested { .. }
        | JobEvent::Annotated { .. } => return None,
    })
}

fn class(class: FailureClass, language: Language) -> String {
    let (korean, english) = match class {
        FailureClass::Config => ("설정", "configuration"),
        FailureClass::Dataset => ("데이터셋", "dataset"),
        FailureClass::OutOfMemory => ("메모리 부족", "out of memory"),
        FailureClass::Diverged => ("발산", "diverged"),
        FailureClass::Device => ("장치", "device"),
        FailureClass::Internal => ("내부 오류", "internal"),
    };
    pick(language, korean, english)
}
