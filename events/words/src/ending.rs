//! Why something ended before its time.

use trainyard_events::chat::Language;
use trainyard_events::reason::Ending;

use crate::particle::object;
use crate::{Both, Words, both, measure_name, measure_value};

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
            Ending::WorkerDrained { who } => both(
                format!("{who} has drained its worker for maintenance; it goes on elsewhere"),
                format!("{who}님이 작업자를 점검하려고 비웠습니다. 다른 작업자에서 이어집니다"),
            ),
            Ending::GaveWay { class } => both(
                format!("it made room for a job of class {class} and goes on from its checkpoint"),
                format!(
                    "우선순위가 더 높은 작업({})에 자리를 내줬습니다. 체크포인트부터 이어집니다",
                    class.words().korean
                ),
            ),
            Ending::AskedBy { who } => both(format!("asked for by {who}"), format!("{who}님이 취소했습니다")),
            Ending::AskedInChatBy { who } => {
                both(format!("asked for by {who} in a chat"), format!("{who}님이 대화에서 취소했습니다"))
            }
            Ending::CostCapReached { max_cost, currency } => both(
                format!(
                    "it has cost {max_cost} {currency}, which is the most it may (max_cost); go on with a higher one"
                ),
                format!(
                    "비용이 한도인 {max_cost} {currency}에 이르러 멈췄습니다. 한도를 올려 이어서 학습할 수 있습니다"
                ),
            ),
            Ending::HoursCapReached { max_hours } => both(
                format!(
                    "it has run for {max_hours} hours, which is the most it may (max_hours); go on with more"
                ),
                format!(
                    "학습 시간이 한도인 {max_hours}시간에 이르러 멈췄습니다. 한도를 올려 이어서 학습할 수 있습니다"
                ),
            ),
            Ending::NoImprovement { measurement, value, best_epoch, epochs } => both(
                format!(
                    "validation {} did not rise above {} of epoch {best_epoch} for {epochs} epochs",
                    measure_name(measurement, Language::English),
                    measure_value(measurement, *value)
                ),
                format!(
                    "검증 {} {epochs} 에폭 동안 {best_epoch} 에폭의 {} 넘지 못했습니다",
                    crate::particle::subject(measure_name(measurement, Language::Korean)),
                    object(measure_value(measurement, *value))
                ),
            ),
        }
    }
}
