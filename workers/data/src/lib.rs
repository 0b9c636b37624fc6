//! Any folder of labelled images that people have, as one manifest, or a refusal that says why and what to do.

mod dataset;
pub mod decode;
mod divide;
mod duplicates;
pub mod files;
pub mod inspect;
mod light;
pub mod limits;
mod look;
pub mod manifest;
mod mask;
mod names;
mod near;
pub mod outline;
pub mod page;
pub mod place;
pub mod plan;
mod problems;
mod profile;
pub mod random;
mod read;
mod refusal;
mod report;
pub mod resize;
mod root;
mod samples;
mod settle;
mod text;
pub mod unpack;
pub mod write;

pub use dataset::{Dataset, read};
pub use near::NearDuplicates;
pub use refusal::Refusal;
pub use report::Report;
