//! What is wrong with a configuration.

use trainyard_events::reason::{ConfigProblem, Field};

use crate::particle::{subject, topic};
use crate::{Both, Words, both};

impl Words for ConfigProblem {
    fn words(&self) -> Both {
        let Both { english: field, korean: name } = self.field().words();
        match self {
            ConfigProblem::OutOfRange { field: Field::ImageSize, given, low, high } => both(
                format!("{field}: {given} is not between {low} and {high} pixels"),
                format!("{} {low}에서 {high}픽셀까지입니다(받은 값 {given})", topic(name)),
            ),
            ConfigProblem::OutOfRange { given, low, high, .. } => both(
                format!("{field}: {given} is not between {low} and {high}"),
                format!("{} {low}에서 {high}까지입니다(받은 값 {given})", topic(name)),
            ),
            ConfigProblem::NotANumberGiven { .. } => both(
                format!("{field}: it is not a finite number"),
                format!("{} 유한한 숫자가 아닙니다", topic(name)),
            ),
            ConfigProblem::NotAbove { given, low, high, .. } => both(
                format!("{field}: {given} is not a number above {low} and at most {high}"),
                format!("{} {low}보다 크고 {high}보다 크지 않아야 합니다(받은 값 {given})", topic(name)),
            ),
            ConfigProblem::WarmupTooLong { given, epochs } => both(
                format!("{field}: {given} is not between 0 and the {epochs} epochs"),
                format!("{} 0에서 전체 에폭 {epochs}까지입니다(받은 값 {given})", topic(name)),
            ),
            ConfigProblem::PatienceZero => both(
                format!("{field}: 0 would stop before the first epoch; 1 or more"),
                "조기 종료는 1 이상입니다. 0이면 첫 에폭도 끝내지 못합니다",
            ),
            ConfigProblem::TooManyClassesAsked { given, limit } => both(
                format!("{field}: {given} are more than {limit}"),
                format!("클래스는 {limit}개까지입니다(받은 수 {given})"),
            ),
            ConfigProblem::AskedNameLength { length, limit } => both(
                format!("{field}: a name of {length} characters is not between 1 and {limit}"),
                format!("클래스 이름은 1자에서 {limit}자까지입니다(받은 이름 {length}자)"),
            ),
            ConfigProblem::ClassAskedTwice { class } => both(
                format!("{field}: {class:?} is named twice"),
                format!("클래스 {} 두 번 들어 있습니다", subject(format!("{class:?}"))),
            ),
            ConfigProblem::PathLength { length, limit, .. } => both(
                format!("{field}: a path of {length} characters is not between 1 and {limit}"),
                format!("{name}의 경로는 1자에서 {limit}자까지입니다(받은 경로 {length}자)"),
            ),
            ConfigProblem::ModelOfOtherTask { model, does, asked } => both(
                format!("{field}: {model} does {does}, not {asked}"),
                format!(
                    "{model}의 작업 종류는 {} 아니라 {}입니다",
                    subject(asked.words().korean),
                    does.words().korean
                ),
            ),
            ConfigProblem::NotACheckpoint { key, job } => both(
                format!("{field}: {key} is no checkpoint of job {job}"),
                format!("{} 작업 {job}의 체크포인트가 아닙니다", topic(key)),
            ),
            ConfigProblem::CheckpointOutside { epoch, step, epochs } => both(
                format!("{field}: epoch {epoch}, step {step} is no place within {epochs} epochs"),
                format!("{epoch} 에폭, {step} 스텝은 전체 {epochs} 에폭을 벗어납니다"),
            ),
            ConfigProblem::BestAfterCheckpoint { epoch } => both(
                format!("{field}: epoch {epoch} comes after the checkpoint"),
                format!("{epoch} 에폭은 체크포인트보다 나중입니다"),
            ),
            ConfigProblem::FixedByCheckpoint { name: fixed, was, given } => both(
                format!(
                    "{field}: {fixed} stays {was} with this checkpoint, not {given}; leave it out, or train anew from the job's weights"
                ),
                format!(
                    "이 체크포인트에서 이어 가려면 `{fixed}` 값은 {was} 그대로여야 합니다(받은 값 {given}). 이 값을 빼거나, 그 작업의 가중치로 새로 학습하세요"
                ),
            ),
            ConfigProblem::NoEpochLeft { epoch } => both(
                format!(
                    "{field}: the checkpoint comes after epoch {epoch}, so that none is left; ask for more epochs"
                ),
                format!(
                    "체크포인트가 이미 {epoch} 에폭 뒤라서 남은 에폭이 없습니다. 에폭을 {epoch}보다 크게 하세요"
                ),
            ),
            ConfigProblem::NotARunnersName { given } => both(
                format!("{field}: {given:?} is not a name of a-z, 0-9 and -"),
                format!("러너 이름은 `a-z`, `0-9`, `-`로만 씁니다(받은 이름 {given:?})"),
            ),
            ConfigProblem::NoSuchOption { runner, option, options } => both(
                format!("{field}: {runner} has no option {option:?}; it has {}", options.join(", ")),
                format!("{runner}에는 옵션 {option:?}이 없습니다. 쓸 수 있는 옵션: {}", options.join(", ")),
            ),
            ConfigProblem::OptionUnfit { option, given, takes } => both(
                format!("{field}: {option} takes {takes}, not {given}"),
                format!("옵션 {option}의 값은 {takes}입니다(받은 값 {given})"),
            ),
            ConfigProblem::NotAKindOfGpu { given } => both(
                format!("{field}: {given:?} is no word of a GPU's name, such as H100"),
                format!("{} `H100`처럼 GPU 이름에 나오는 말로 씁니다(받은 값 {given:?})", topic(name)),
            ),
            ConfigProblem::NotALabel { given } => both(
                format!("{field}: {given:?} is no label such as zone=a"),
                format!("라벨은 `zone=a`처럼 씁니다(받은 라벨 {given:?})"),
            ),
            ConfigProblem::TooManyLabels { given, limit } => both(
                format!("{field}: {given} labels are more than {limit}"),
                format!("라벨은 {limit}개까지입니다(받은 수 {given})"),
            ),
            ConfigProblem::GpusOnCpu { gpus } => both(
                format!("{field}: a job on the CPU has no use of {gpus}; leave them out, or say device gpu"),
                format!(
                    "CPU에서 학습하는 작업은 GPU {gpus}장을 쓰지 못합니다. GPU를 빼거나 장치를 `gpu`로 하세요"
                ),
            ),
        }
    }
}
