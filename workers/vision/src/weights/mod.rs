//! Tensors on disk: the file format, the model with what is needed to use it, and starting from someone's weights.

pub mod file;
pub mod initial;
pub mod model;
