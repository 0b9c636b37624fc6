//! What tch leaves out of libtorch: processes that train together, and its half for GPUs.

mod cuda;
mod group;
mod shim;

pub use cuda::has_cuda;
pub use group::{BROKEN, Group};
