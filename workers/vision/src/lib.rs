//! Training and predicting with libtorch: everything behind the `trainyard-vision` program.

pub mod bench;
pub mod data;
pub mod describe;
pub mod failure;
pub mod interrupt;
pub mod limits;
pub mod loss;
pub mod metrics;
pub mod models;
pub mod optim;
pub mod options;
pub mod predict;
pub mod protocol;
pub mod tasks;
pub mod train;
pub mod weights;
