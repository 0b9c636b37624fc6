//! From files to batches: reading, augmenting and loading images.

pub mod cache;
pub mod loader;
pub mod lot;
pub mod mask;
pub mod points;
pub mod preprocess;
pub mod scene_batches;
pub mod scenes;
