//! Why a run of this program ends without its result, in the words of the trainer protocol.

use std::any::Any;
use std::fmt::Display;

use tch::TchError;
use trainyard_events::job::FailureClass;
use trainyard_events::trainer::exit;

/// The one error type of training: its class decides the exit code and what the platform does next.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}; {next_step}")]
pub struct Failure {
    pub class: FailureClass,
    pub message: String,
    pub next_step: String,
}

impl Failure {
    pub fn new(class: FailureClass, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Failure { class, message: message.into(), next_step: next_step.into() }
    }

    pub fn config(message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Failure::new(FailureClass::Config, message, next_step)
    }

    pub fn dataset(message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Failure::new(FailureClass::Dataset, message, next_step)
    }

    /// Something around us failed, a disk for example.
    pub fn internal(doing: &str, error: impl Display) -> Self {
        Failure::new(
            FailureClass::Internal,
            format!("{doing}: {error}"),
            "read the console above, then try again",
        )
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

impl From<TchError> for Failure {
    fn from(error: TchError) -> Self {
        from_libtorch(&error.to_string())
    }
}

/// libtorch tells its errors apart only by text.
fn from_libtorch(text: &str) -> Failure {
    let first_line = text.lines().next().unwrap_or_default().to_owned();
    let lower = text.to_lowercase();
    if ["out of memory", "not enough memory", "can't allocate memory", "std::bad_alloc"]
        .iter()
        .any(|sign| lower.contains(sign))
    {
        let next = "use a smaller batch_size or image_size";
        return Failure::new(FailureClass::OutOfMemory, first_line, next);
    }
    if ["cuda error", "cudnn error", "device-side assert"].iter().any(|sign| lower.contains(sign)) {
        let next = "try again on another worker; if it stays, look at the driver on this one";
        return Failure::new(FailureClass::Device, first_line, next);
    }
    Failure::new(
        FailureClass::Internal,
        first_line,
        "read the console above; this is likely a fault of the trainer",
    )
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
