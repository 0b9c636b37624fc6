//! Why an attempt failed.

use trainyard_events::reason::{Cause, Exit, Fact, Trouble};

use crate::particle::{direction, object, subject, topic};
use crate::{Both, Words, as_said, both};

impl Words for Trouble {
    fn words(&self) -> Both {
        match self {
            Trouble::FolderUnwritable { path, cause } => {
                because(cause, format!("{path} cannot be written"), format!("{}에 쓸 수 없습니다", path))
            }
            Trouble::DatasetHistoryUnreadable { cause } => {
                because(cause, "the dataset's history", "데이터셋의 기록을 읽을 수 없습니다")
            }
            Trouble::CheckpointUnavailable { cause } => because(
                cause,
                "the checkpoint to go on from cannot be had",
                "이어 갈 체크포인트를 가져올 수 없습니다",
            ),
            Trouble::ManifestUnavailable { cause } => because(
                cause,
                "the list of the dataset's images cannot be had",
                "데이터셋의 이미지 목록을 가져올 수 없습니다",
            ),
            Trouble::CheckpointUnpackable { cause } => {
                because(cause, "the checkpoint cannot be unpacked", "체크포인트의 압축을 풀 수 없습니다")
            }
            Trouble::TrainerNotStarted { trainer, cause } => because(
                cause,
                format!("{trainer} cannot be started"),
                format!("{} 시작할 수 없습니다", object(trainer)),
            ),
            Trouble::RunnerGone { runner } => both(
                format!("the {runner} runner is not on this worker any more"),
                format!("이 작업자에 {} 더 이상 없습니다", subject(format!("{runner} 러너"))),
            ),
            Trouble::NoPretrained { model } => both(
                format!("no pretrained weights are known for {model}"),
                format!("{}의 사전 학습 가중치를 알지 못합니다", model),
            ),
            Trouble::WeightsUnreachable { source, cause } => because(
                cause,
                format!("the weights {source} cannot be fetched"),
                format!("가중치 {} 가져올 수 없습니다", object(source)),
            ),
            Trouble::WeightsRefused { source, status } => both(
                format!("the weights {source} are not given out (HTTP status {status})"),
                format!("가중치 {} 받을 수 없습니다(HTTP 상태 {status})", object(source)),
            ),
            Trouble::WeightsTooLarge { source, gib } => both(
                format!("the weights {source} are larger than {gib} GiB"),
                format!("가중치 {} {gib} GiB보다 큽니다", topic(source)),
            ),
            Trouble::WeightsChanged { source, expected, found } => both(
                format!(
                    "the weights {source} are not what they should be: their SHA-256 is {found}, not {expected}"
                ),
                format!(
                    "가중치 {} 알려진 것과 다릅니다. SHA-256이 {expected}이 아니라 {found}입니다",
                    topic(source)
                ),
            ),
            Trouble::NoVersionToStartFrom { source } => both(
                format!("{source} is no version of a model with weights to start from"),
                format!("`{source}`에는 시작할 가중치가 없습니다"),
            ),
            Trouble::WeightsOutOfBounds { source } => both(
                format!("{source} is not fetched: only public https:// addresses, hf:// and s3:// are"),
                format!(
                    "{} 가져오지 않습니다. 공개된 `https://` 주소와 `hf://`, `s3://`만 가져옵니다",
                    topic(source)
                ),
            ),
            Trouble::MemoryRanOut => both(
                "the system killed the trainer because memory ran out",
                "메모리가 모자라 시스템이 학습 프로그램을 끝냈습니다",
            ),
            Trouble::TrainerKilled { signal } => both(
                format!("the trainer was ended by {signal} without a word"),
                format!("학습 프로그램이 {signal} 신호로 말없이 끝났습니다"),
            ),
            Trouble::TrainerRefusesConfig => {
                both("the trainer refuses the configuration", "학습 프로그램이 설정을 받아들이지 않습니다")
            }
            Trouble::TrainerRefusesDataset => {
                both("the trainer refuses the dataset", "학습 프로그램이 데이터셋을 받아들이지 않습니다")
            }
            Trouble::TrainerSaidNothing => both(
                "the trainer ended without saying that it finished",
                "학습 프로그램이 마쳤다는 말 없이 끝났습니다",
            ),
            Trouble::TrainerExited { exit_code } => both(
                format!("the trainer ended with exit code {exit_code} and without saying why"),
                format!("학습 프로그램이 까닭을 말하지 않고 종료 코드 {} 끝났습니다", direction(exit_code)),
            ),
            Trouble::FactRefused { fact, rejection } => {
                let (fact, rejection) = (fact.words(), rejection.words());
                both(
                    format!("{}: {}", fact.english, rejection.english),
                    format!("{}: {}", fact.korean, rejection.korean),
                )
            }
            Trouble::FactTaken { fact, sequence } => {
                let fact = fact.words();
                both(
                    format!("{} was written before, with other contents, as event {sequence}", fact.english),
                    format!("{}: 다른 내용으로 이미 기록되었습니다(이벤트 {sequence})", fact.korean),
                )
            }
            Trouble::StoreRefuses { what, cause } => because(
                cause,
                format!("the artifact store cannot take {what}"),
                format!("파일 저장소에 {} 넣을 수 없습니다", object(what)),
            ),
            Trouble::NotUploaded { what, cause } => because(
                cause,
                format!("{what} cannot be uploaded"),
                format!("{} 올릴 수 없습니다", object(what)),
            ),
            Trouble::TrainerUnheard { cause } => {
                because(cause, "the trainer cannot be listened to", "학습 프로그램의 출력을 읽을 수 없습니다")
            }
            Trouble::TrainerSilent { minutes } => both(
                format!("the trainer has said nothing for {minutes} minutes"),
                format!("학습 프로그램이 {minutes}분 동안 아무 말도 하지 않았습니다"),
            ),
            Trouble::LostInARow { attempts, workers } => both(
                format!(
                    "{attempts} attempts in a row were lost with their workers and got it no further: {}",
                    workers.join(", ")
                ),
                format!(
                    "시도 {attempts}번이 잇달아 작업자와 함께 사라졌고 더 나아가지 못했습니다: {}",
                    workers.join(", ")
                ),
            ),
            Trouble::Refused { rejection } => rejection.words(),
            Trouble::ApprovedButRefused { rejection } => {
                let Both { english, korean } = rejection.words();
                both(
                    format!("what was approved cannot be trained: {english}"),
                    format!("승인하신 설정으로 학습할 수 없습니다: {korean}"),
                )
            }
            Trouble::SpecUnreadable { path, cause } => because(
                cause,
                format!("the specification {path} cannot be read"),
                format!("작업 명세 {} 읽을 수 없습니다", object(path)),
            ),
            Trouble::SpecBroken { cause } => {
                because(cause, "the specification is not one", "작업 명세가 맞지 않습니다")
            }
            Trouble::TaskNotTrained { task } => both(
                format!("this trainer cannot {} yet", task.words().english),
                format!("이 학습 프로그램은 아직 {} 학습하지 못합니다", object(task.words().korean)),
            ),
            Trouble::NoSuchModel { model, task } => both(
                format!("no model {model:?} that can {} is built in", task.words().english),
                format!(
                    "{} {}에 쓸 수 있는 내장 모델이 아닙니다",
                    topic(format!("{model:?}")),
                    task.words().korean
                ),
            ),
            Trouble::BatchOfOne => both(
                "batch normalisation cannot learn from one image",
                "배치 크기가 1이면 배치 정규화가 배울 수 없습니다",
            ),
            Trouble::NotInCells { image_size, cells } => both(
                format!("image_size {image_size} is no multiple of {cells}, the cells of a detector"),
                format!("탐지 모델의 이미지 크기 {} {cells}의 배수가 아닙니다", subject(image_size)),
            ),
            Trouble::NotWholeImages => both(
                "a detector sees whole images in their own shape",
                "탐지 모델은 이미지 전체를 제 비율로 봅니다",
            ),
            Trouble::BatchAboveImages { batch_size, images } => both(
                format!("batch_size {batch_size} is larger than the {images} training images"),
                format!("배치 크기 {} 학습 이미지 {images}장보다 큽니다", subject(batch_size)),
            ),
            Trouble::PartsTooSmall { batch, parts } => both(
                format!(
                    "a batch of {batch} in {parts} parts leaves parts that are too small for batch normalisation to learn from"
                ),
                format!("배치 {} {parts}개로 나누면 배치 정규화가 배우기에 너무 작습니다", object(batch)),
            ),
            Trouble::NothingToValidate => both(
                "no image of the chosen classes is left to validate on",
                "고른 클래스에 검증할 이미지가 남지 않습니다",
            ),
            Trouble::NoGpu => {
                both("libtorch finds no GPU on this worker", "이 작업자에서 GPU를 찾지 못했습니다")
            }
            Trouble::DatasetChanged => both(
                "the dataset is not the one that was validated: its files have changed",
                "데이터셋이 확인한 뒤에 바뀌었습니다",
            ),
            Trouble::NoSuchClasses { classes } => both(
                format!("the dataset has no class {}", classes.join(", ")),
                format!("데이터셋에 없는 클래스입니다: {}", classes.join(", ")),
            ),
            Trouble::OneClassChosen => {
                both("a classifier tells at least two classes apart", "분류에는 클래스가 둘 이상 필요합니다")
            }
            Trouble::NoBoxOfClasses => both(
                "no training image has a box of the chosen classes",
                "고른 클래스의 박스가 있는 학습 이미지가 없습니다",
            ),
            Trouble::WeightsUnusable { cause } => {
                because(cause, "the initial weights cannot be used", "초기 가중치를 쓸 수 없습니다")
            }
            Trouble::WeightsOfOtherModel { loaded, tensors } => both(
                format!("the initial weights are of another model: {loaded} of {tensors} tensors fit"),
                format!("초기 가중치가 다른 모델의 것입니다(텐서 {tensors}개 가운데 {loaded}개만 맞음)"),
            ),
            Trouble::WeightsNotHere { path } => both(
                format!("the initial weights {path:?} are not on this worker"),
                format!("초기 가중치 {} 이 작업자에 없습니다", subject(format!("{path:?}"))),
            ),
            Trouble::CheckpointOfOther => both(
                "the checkpoint is of another configuration or of other data",
                "체크포인트가 다른 설정이나 다른 데이터의 것입니다",
            ),
            Trouble::LossNotANumber { step } => both(
                format!("the loss is no longer a number at step {step}"),
                format!("스텝 {step}에서 손실이 숫자가 아니게 되었습니다(발산)"),
            ),
            Trouble::ValidationNotANumber => both(
                "the validation loss is no longer a number",
                "검증 손실이 숫자가 아니게 되었습니다(발산)",
            ),
            Trouble::FileChanged { path, flaw } => {
                let Both { english, korean } = flaw.words();
                both(format!("{path} {english}"), format!("{path}: {korean}"))
            }
            Trouble::OutOfMemory { text } => both(text, format!("메모리가 모자랍니다({text})")),
            Trouble::DeviceFailed { text } => both(text, format!("장치에 문제가 있습니다({text})")),
            Trouble::GroupBroken { text } => both(
                format!("a process that trains with the others is gone or does not answer ({text})"),
                format!("함께 학습하던 프로세스 하나가 사라졌거나 응답하지 않습니다({text})"),
            ),
            Trouble::TorchFailed { text } => both(text, format!("학습하다가 오류가 났습니다({text})")),
            Trouble::Inside { doing, cause } => {
                let Both { english, korean } = doing.words();
                because(cause, english, korean)
            }
        }
    }
}

/// A failure with what lies behind it.
pub(crate) fn because(cause: &Cause, english: impl Into<String>, korean: impl Into<String>) -> Both {
    let cause = cause.words();
    both(format!("{}: {}", english.into(), cause.english), format!("{}({})", korean.into(), cause.korean))
}

impl Words for Fact {
    fn words(&self) -> Both {
        match self {
            Fact::TrainingStarted => both("training started", "학습 시작"),
            Fact::Epoch { epoch } => both(format!("epoch {epoch}"), format!("{epoch} 에폭")),
            Fact::Checkpoint { step } => {
                both(format!("checkpoint of step {step}"), format!("{step} 스텝의 체크포인트"))
            }
            Fact::Preempted => both("preempted", "중단"),
            Fact::AttemptFailed => both("attempt failed", "시도 실패"),
            Fact::Cancelled => both("cancelled", "취소"),
            Fact::Finished => both("finished", "완료"),
            Fact::Other { kind } => as_said(kind),
        }
    }
}

impl Words for Exit {
    fn words(&self) -> Both {
        match self {
            Exit::Code { number } => both(format!("exit code {number}"), format!("종료 코드 {number}")),
            Exit::Signal { number } => both(format!("signal {number}"), format!("{number}번 신호")),
        }
    }
}
