//! From files to batches: reading, checking, splitting, augmenting and loading images.

pub mod augment;
pub mod boxes;
pub mod cache;
pub mod decode;
pub mod folder;
pub mod formats;
pub mod loader;
pub mod look;
pub mod preprocess;
pub mod random;
pub mod refusal;
pub mod scene_augment;
pub mod scene_batches;
pub mod scenes;
pub mod split;
pub mod survey;
