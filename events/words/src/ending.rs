//! Why something ended before its time.

use trainyard_events::reason::Ending;

use crate::particle::object;
use crate::{Both, Words, both};

impl Words for Ending {
    fn words(&self) -> Both {
        match self {
            Ending::WorkerStops => both("the worker stops", "작업자가 종료합니다"),
            Ending::WorkerStopsBeforeTraining => {
                both("the worker stops before training began", "학습을 시작하기 전에 작업자가 종료합니다")
            }
            Ending::WorkerStopsWithoutCheckpoint => both(
                "the worker stops; no checkpoint was written in time",
                "작업자가 종료합니다. 제때 체크포인트를 쓰지 못했습니다",
            ),
            Ending::TrainerToldToStop => {
                both("somebody told the trainer to stop", "누군가 학습 프로그램을 멈추게 했습니다")
            }
            Ending::AskedBy { who } => both(format!("asked for by {who}"), format!("{who}님이 취소했습니다")),
            Ending::AskedInChatBy { who } => {
                both(format!("asked for by {who} in a chat"), format!("{who}님이 대화에서 취소했습니다"))
            }
            Ending::NoImprovement { measurement, value, best_epoch, epochs } => both(
                format!(
                    "validation {measurement} did not rise above {value:.4} of epoch {best_epoch} for {epochs} epochs"
                ),
                format!(
                    "검증 {} {epochs} 에폭 동안 {best_epoch} 에폭의 {} 넘지 못했습니다",
                    crate::particle::subject(measurement),
                    object(format!("{value:.4}"))
                ),
            ),
        }
    }
}
