//! Why a run of this program ends without its result, in the words of the trainer protocol.

use std::any::Any;
use std::fmt::{self, Display};
use std::io;

use tch::TchError;
use trainyard_events::job::FailureClass;
use trainyard_events::reason::{Advice, Cause, Doing, Reason, Trouble};
use trainyard_events::trainer::{TrainerLine, exit};
use trainyard_libtorch::BROKEN;
use trainyard_onnx::ExportError;
use trainyard_words::english;

use crate::weights::file::FileError;
use crate::weights::model::ModelError;

/// The one error type of training: its class decides the exit code and what the platform does next.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub class: FailureClass,
    pub because: Vec<Reason>,
    pub advice: Advice,
}

impl Failure {
    pub fn new(class: FailureClass, because: impl Into<Reason>, advice: Advice) -> Self {
        Failure { class, because: vec![because.into()], advice }
    }

    pub fn config(because: impl Into<Reason>, advice: Advice) -> Self {
        Failure::new(FailureClass::Config, because, advice)
    }

    pub fn dataset(because: impl Into<Reason>, advice: Advice) -> Self {
        Failure::new(FailureClass::Dataset, because, advice)
    }

    /// Something around us failed, a disk for example.
    pub fn internal(doing: Doing, cause: impl Into<Behind>) -> Self {
        let Behind(cause) = cause.into();
        Failure::new(FailureClass::Internal, Trouble::Inside { doing, cause }, Advice::ReadConsole)
    }

    /// The last line of a trainer that fails.
    pub fn line(&self) -> TrainerLine {
        TrainerLine::Failed {
            class: self.class,
            message: english(&self.because),
            next_step: english(&self.advice),
            because: self.because.clone(),
            advice: vec![self.advice.clone()],
        }
    }

    /// The failure behind a line of another process.
    pub fn told(line: TrainerLine) -> Option<Failure> {
        let TrainerLine::Failed { class, because, mut advice, .. } = line else { return None };
        Some(Failure { class, because, advice: advice.pop()? })
    }

    /// Whether another process is what failed.
    pub fn is_of_group(&self) -> bool {
        matches!(self.because[..], [Reason::Trouble(Trouble::GroupBroken { .. })])
    }

    pub fn exit_code(&self) -> i32 {
        match self.class {
            FailureClass::Config => exit::CONFIG,
            FailureClass::Dataset => exit::DATASET,
            _ => exit::INTERNAL,
        }
    }

    /// What a panic carried: the calls of `tch` that return no result panic with libtorch's message.
    pub fn from_panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("a panic without a message");
        from_libtorch(text)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", english(&self.because), english(&self.advice))
    }
}

impl std::error::Error for Failure {}

impl From<TchError> for Failure {
    fn from(error: TchError) -> Self {
        from_libtorch(&error.to_string())
    }
}

/// What lies behind a failure, from whatever error tells it.
pub struct Behind(pub Cause);

impl From<Cause> for Behind {
    fn from(cause: Cause) -> Self {
        Behind(cause)
    }
}

impl From<&io::Error> for Behind {
    fn from(error: &io::Error) -> Self {
        Behind(Cause::system(error.raw_os_error(), error.to_string()))
    }
}

impl From<io::Error> for Behind {
    fn from(error: io::Error) -> Self {
        Behind::from(&error)
    }
}

impl From<FileError> for Behind {
    fn from(error: FileError) -> Self {
        Behind(match error {
            FileError::Io { path, source } => {
                let (path, cause) = (path.display().to_string(), Box::new(cause(&source)));
                Cause::TensorFileUnreadable { path, cause }
            }
            FileError::Format { path, reason } => {
                Cause::NoTensorFile { path: path.display().to_string(), cause: Box::new(reason) }
            }
            FileError::Torch(error) => Cause::said(error.to_string()),
        })
    }
}

impl From<ModelError> for Behind {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::File(error) => error.into(),
            other => Behind(Cause::said(other.to_string())),
        }
    }
}

impl From<ExportError> for Behind {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Write { source, .. } => source.into(),
            other => Behind(Cause::said(other.to_string())),
        }
    }
}

/// What an error of the system means.
pub fn cause(error: &io::Error) -> Cause {
    Behind::from(error).0
}

/// libtorch tells its errors apart only by text.
fn from_libtorch(text: &str) -> Failure {
    let first_line = text.lines().next().unwrap_or_default().to_owned();
    let lower = text.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    let text = first_line;
    if let Some((_, text)) = text.split_once(BROKEN) {
        let because = Trouble::GroupBroken { text: text.to_owned() };
        return Failure::new(FailureClass::Device, because, Advice::OtherWorker);
    }
    if says(&["out of memory", "not enough memory", "can't allocate memory", "std::bad_alloc"]) {
        return Failure::new(FailureClass::OutOfMemory, Trouble::OutOfMemory { text }, Advice::SmallerBatch);
    }
    if says(&["cuda error", "cudnn error", "device-side assert"]) {
        return Failure::new(FailureClass::Device, Trouble::DeviceFailed { text }, Advice::OtherWorker);
    }
    Failure::new(FailureClass::Internal, Trouble::TorchFailed { text }, Advice::FaultOfTrainer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtorch_errors_are_classed_by_their_text() {
        for (text, class) in [
            ("CUDA out of memory. Tried to allocate 2.00 GiB", FailureClass::OutOfMemory),
            (
                "DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes",
                FailureClass::OutOfMemory,
            ),
            (
                "DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes",
                FailureClass::OutOfMemory,
            ),
            ("CUDA error: an illegal memory access was encountered", FailureClass::Device),
            ("Internal torch error: the group is broken: out of memory there", FailureClass::Device),
            ("mat1 and mat2 shapes cannot be multiplied", FailureClass::Internal),
        ] {
            assert_eq!(from_libtorch(text).class, class, "{text}");
        }
    }

    #[test]
    fn a_real_allocation_that_cannot_be_met_is_out_of_memory() {
        let error = tch::Tensor::f_zeros([1 << 46], (tch::Kind::Double, tch::Device::Cpu)).unwrap_err();
        assert_eq!(Failure::from(error).class, FailureClass::OutOfMemory);
    }
}
