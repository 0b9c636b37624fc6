//! Any folder of labelled images that people have, as one manifest, or a refusal that says why and what to do.

mod dataset;
mod duplicates;
pub mod limits;
mod look;
pub mod manifest;
mod mask;
mod names;
mod near;
mod read;
mod refusal;
mod report;
mod root;
mod settle;
mod text;
pub mod write;

pub use dataset::{Dataset, read};
pub use near::NearDuplicates;
pub use refusal::Refusal;
pub use report::Report;
