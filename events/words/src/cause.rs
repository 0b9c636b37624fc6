//! What lies behind a failure, and what was being done.

use trainyard_events::reason::{Cause, Doing};

use crate::particle::{object, subject, topic};
use crate::{Both, Words, as_said, both};

impl Words for Cause {
    fn words(&self) -> Both {
        match self {
            Cause::NoSuchFile => both("no such file or folder", "없는 파일입니다"),
            Cause::NotAllowed => both("permission denied", "권한이 없습니다"),
            Cause::DiskFull => both("no space is left on the disk", "디스크에 자리가 없습니다"),
            Cause::Said { text } => as_said(text),
            Cause::ObjectMissing { key } => {
                both(format!("{key} is not in the store"), format!("{} 저장소에 없습니다", subject(key)))
            }
            Cause::ObjectChanged { key, expected, found } => both(
                format!("{key} does not have the content it should: SHA-256 {found} instead of {expected}"),
                format!("{key}의 내용이 기록과 다릅니다(SHA-256 {found}, 기록은 {expected})"),
            ),
            Cause::ObjectTooLarge { key, bytes, limit } => both(
                format!("{key} has {bytes} bytes; {limit} is the most"),
                format!("{} {bytes}바이트로, 한도 {limit}바이트보다 큽니다", subject(key)),
            ),
            Cause::StoreAway { text } => both(
                format!("the artifact store cannot be used now: {text}"),
                format!("지금은 파일 저장소를 쓸 수 없습니다({text})"),
            ),
            Cause::StoreNotSetUp { text } => both(
                format!("the artifact store is not set up: {text}"),
                format!("파일 저장소가 설정되어 있지 않습니다({text})"),
            ),
            Cause::BadKey { key } => both(
                format!(
                    "{key:?} is no name for an artifact: letters, digits, `-`, `_` and `.`, with `/` between"
                ),
                format!(
                    "{key:?}: 파일의 이름에는 영문자, 숫자, `-`, `_`, `.`과 그 사이의 `/`만 쓸 수 있습니다"
                ),
            ),
            Cause::OutsideWorkFolder => {
                both("it is not below the work folder", "작업 폴더 안에 있지 않습니다")
            }
            Cause::AtPath { path, cause } => {
                let Both { english, korean } = cause.words();
                both(format!("{path}: {english}"), format!("{path}: {korean}"))
            }
            Cause::TensorFileUnreadable { path, cause } => {
                let Both { english, korean } = cause.words();
                both(
                    format!("{path} cannot be read or written: {english}"),
                    format!("{} 읽거나 쓸 수 없습니다({korean})", object(path)),
                )
            }
            Cause::NoTensorFile { path, cause } => {
                let Both { english, korean } = cause.words();
                both(
                    format!("{path} is not a usable safetensors file: {english}"),
                    format!("{} 쓸 수 있는 safetensors 파일이 아닙니다({korean})", topic(path)),
                )
            }
            Cause::LargerThan { gib } => {
                both(format!("it is larger than {gib} GiB"), format!("{gib} GiB보다 큽니다"))
            }
            Cause::ElementType { tensor, element } => both(
                format!("{tensor} holds {element}, which is not read here"),
                format!("{tensor}의 값이 여기서 읽지 않는 {element}입니다"),
            ),
            Cause::NoCheckpointIn { path } => {
                both(format!("{path} holds no checkpoint"), format!("{path}에 체크포인트가 없습니다"))
            }
            Cause::NotInCheckpoint { tensor } => both(
                format!("the checkpoint has no fitting {tensor}"),
                format!("체크포인트에 맞는 {} 없습니다", subject(tensor)),
            ),
            Cause::WasInterrupted => both("it was interrupted", "중단되었습니다"),
            Cause::NoEpochRun => both("no epoch was run", "학습한 에폭이 없습니다"),
            Cause::OtherTask => both("it is of another task", "다른 작업 종류의 것입니다"),
            Cause::EndedEarly => both("it ended early", "일찍 끝났습니다"),
            Cause::NoPixels => both("it has no pixels", "픽셀이 없습니다"),
            Cause::NoHeader => both("it has no header", "헤더가 없습니다"),
            Cause::SizeAndPixelsDiffer => {
                both("its size and its pixels do not agree", "크기와 픽셀의 수가 맞지 않습니다")
            }
        }
    }
}

impl Words for Doing {
    fn words(&self) -> Both {
        match self {
            Doing::MakeWorkFolder => both("cannot make the work folder", "작업 폴더를 만들지 못했습니다"),
            Doing::StartProcesses => both(
                "the other processes of this training cannot be started",
                "함께 학습할 프로세스를 시작할 수 없습니다",
            ),
            Doing::ListenForSignals => both("cannot listen for SIGTERM", "SIGTERM을 받을 수 없습니다"),
            Doing::StartDecoding => {
                both("cannot start decoding threads", "이미지를 읽는 스레드를 시작하지 못했습니다")
            }
            Doing::Decode => both("a decoding thread", "이미지를 읽는 스레드에 문제가 있습니다"),
            Doing::StartTorch => {
                both("cannot start the thread of libtorch", "libtorch의 스레드를 시작하지 못했습니다")
            }
            Doing::LearnBatch => both("learning from a batch", "배치를 학습하지 못했습니다"),
            Doing::MeasureModel => both("measuring a model", "모델을 평가하지 못했습니다"),
            Doing::MeasureWeights => both("measuring the weights", "가중치를 평가하지 못했습니다"),
            Doing::Finish => both("finishing", "학습을 마무리하지 못했습니다"),
            Doing::WriteWeights => both("cannot write the weights", "가중치를 쓰지 못했습니다"),
            Doing::WriteCheckpoint => both("cannot write a checkpoint", "체크포인트를 쓰지 못했습니다"),
            Doing::WriteReport => both("cannot write a report", "보고서를 쓰지 못했습니다"),
            Doing::WriteFile { path } => {
                both(format!("cannot write {path}"), format!("{} 쓰지 못했습니다", object(path)))
            }
            Doing::DrawSamples => both("cannot draw sample predictions", "예측 예시를 그리지 못했습니다"),
            Doing::Resume => both("cannot resume", "이어서 학습하지 못했습니다"),
            Doing::StartRuntime => both("cannot start the runtime", "실행 환경을 시작하지 못했습니다"),
            Doing::MakeCacheFolder => both("cannot make the cache folder", "캐시 폴더를 만들지 못했습니다"),
            Doing::UseStore => both("cannot use the store", "파일 저장소를 쓰지 못했습니다"),
            Doing::UseBus => both("cannot use the bus", "NATS를 쓰지 못했습니다"),
            Doing::TakeCalls => both("cannot take predict calls", "예측 요청을 받지 못했습니다"),
        }
    }
}
