//! libtorch's half for GPUs: found when the program runs, so that one program serves machines with and without.

use std::sync::OnceLock;

use tch::Cuda;

use crate::shim;

/// A file beside the other half.
const HALF: &str = "libtorch_cuda.so";

/// Whether there is a GPU that libtorch can compute on. The half for GPUs is looked for once, before libtorch is asked for the
/// first time: it would not ask again.
pub fn has_cuda() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        if let Err(why) = shim::load(HALF)
            && !is_absent(&why)
        {
            eprintln!("libtorch's half for GPUs is there and cannot be used: {why}");
        }
        Cuda::is_available()
    })
}

/// Where there is no such file, nobody expects a GPU.
fn is_absent(why: &str) -> bool {
    why.starts_with(HALF) && why.contains("No such file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_told_from_what_cannot_be_used() {
        let why = shim::load("libtorch_cuda_of_nobody.so").unwrap_err();
        assert!(why.contains("libtorch_cuda_of_nobody.so") && why.contains("No such file"), "{why}");
        assert!(is_absent("libtorch_cuda.so: cannot open shared object file: No such file or directory"));
        assert!(!is_absent("libcudart.so.13: cannot open shared object file: No such file or directory"));
    }
}
