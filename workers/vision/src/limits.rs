//! The limits that only this program needs; those that it shares with the platform are in `trainyard_events::limits`.

use std::time::Duration;

/// Size of one file of a dataset.
/// A side of an image, in pixels; JPEG cannot hold more.
/// Boxes in one image; a label file with more is not about one image.
pub const IMAGE_BOXES: usize = 5_000;
/// A side of an image with boxes, in pixels; nothing can be found in less.
pub const SCENE_SIDE_MIN: u32 = 8;
/// A label file of one image, or a list of images.
pub const LABEL_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// The description of a YOLO dataset.
pub const DATA_YAML_BYTES: u64 = 1024 * 1024;
/// Brackets in it that are open at once; its parser takes the longer the more there are.
pub const DATA_YAML_DEPTH: usize = 64;
/// What may be an alias in it.
pub const DATA_YAML_ALIASES: usize = 10_000;
/// A file of COCO annotations; those of COCO 2017 have 469 MB.
pub const COCO_FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Elements and texts of an XML label file.
pub const XML_NODES: u32 = 500_000;
/// A text about a dataset in the answer of `inspect`: it may quote what a file holds.
pub const PROBLEM_CHARS: usize = 600;
/// Warnings about a dataset.
pub const WARNINGS: usize = 40;
/// Folders below a class folder.
pub const FOLDER_DEPTH: usize = 8;
/// Largest class over smallest class, in images or objects, beyond which an imbalance is worth a warning.
pub const IMBALANCE: u64 = 10;
/// Share of the images (of a class, when classifying) that validate when a dataset brings no validation split.
pub const VALIDATION_SHARE: f64 = 0.2;
/// Training images that the channel statistics are taken from.
pub const STATISTICS_IMAGES: usize = 2_000;
/// Decoded and resized images kept in memory, unless a quarter of the free memory is less.
pub const CACHE_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// Step measurements leave at most this often.
pub const STEP_INTERVAL: Duration = Duration::from_millis(500);
/// The longest stretch of training without a checkpoint, when epochs are longer than this.
pub const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(600);
/// Checkpoints kept in the work folder.
pub const CHECKPOINTS_KEPT: usize = 2;
/// Header of a safetensors file.
pub const WEIGHTS_HEADER_BYTES: u64 = 100_000_000;
/// A weights file.
pub const WEIGHTS_FILE_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// Classes named in an answer.
pub const PREDICTIONS: usize = 5;
