//! The limits of reading a dataset; those that it shares with the platform are in `trainyard_events::limits`.

/// Folders below the root of a dataset.
pub const FOLDER_DEPTH: usize = 32;
/// The name of one entry of an archive, in bytes.
pub const ARCHIVE_NAME_BYTES: usize = 1_024;
/// One image file.
pub const IMAGE_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// A side of an image, in pixels; JPEG cannot hold more.
pub const IMAGE_SIDE: u32 = 65_535;
/// A side of an image with labels, in pixels; nothing can be found in less.
pub const IMAGE_SIDE_MIN: u32 = 8;
/// Labels in one image; a label file with more is not about one image.
pub const IMAGE_LABELS: usize = 5_000;
/// Points of all shapes in one image.
pub const IMAGE_POINTS: usize = 200_000;
/// Key points of one object.
pub const OBJECT_KEYPOINTS: usize = 1_000;
/// A label file of one image, or a list of images or classes.
pub const LABEL_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// The description of a YOLO dataset.
pub const DESCRIPTION_BYTES: u64 = 1024 * 1024;
/// Aliases in it: what each stands for is read again, and may hold others.
pub const DESCRIPTION_ALIASES: usize = 16;
/// Brackets in it that are open at once.
pub const DESCRIPTION_DEPTH: usize = 64;
/// A JSON or XML file about many images; the largest of COCO 2017 has 469 MB.
pub const ANNOTATION_FILE_BYTES: u64 = 1024 * 1024 * 1024;
/// Elements and texts of an XML file about one image, and about many.
pub const XML_NODES: u32 = 500_000;
pub const XML_NODES_OF_MANY: u32 = 10_000_000;
/// Names that a JSON object has at its top before it is no label file.
pub const JSON_KEYS: usize = 4_096;
/// The beginning of a file that tells what it is.
pub const HEAD_BYTES: usize = 64 * 1024;
/// Part of the images below which labels are so few that folders of classes may be what is meant.
pub const FEW_LABELS_SHARE: f64 = 0.1;
/// Label files that are read to tell whether the others are of their format.
pub const SAMPLED_FILES: usize = 200;
/// Largest class over smallest class beyond which they are uneven.
pub const IMBALANCE: u64 = 10;
/// What is said about one file; the rest is counted.
pub const NOTES_OF_FILE: usize = 3;
/// Bits in which the fingerprints of two images that look alike may differ, and pairs of them that are named.
pub const FINGERPRINT_BITS: u32 = 3;
pub const NEAR_PAIRS: usize = 100;
/// Images that are compared with one that shares a part of their fingerprint.
pub const NEAR_COMPARED: usize = 1_000;
/// Part of the pixels of an image that may be lighter than what is called its light, lest one hot pixel makes a black image
/// a light one; and the part of the range below which that light is hardly any.
pub const LIGHT_SHARE: f64 = 0.01;
pub const DARK_PART: f64 = 16.0 / 255.0;
/// Classes named where some of them are worth a word.
pub const CLASSES_NAMED: usize = 5;
/// Share of the images (of a class, when classifying) that validate when a dataset brings none for it.
pub const VALIDATION_SHARE: f64 = 0.2;
/// Share of small objects beyond which they are worth a word.
pub const SMALL_SHARE: f64 = 0.5;
/// A text about a dataset in the answer of a look: it may quote what a file holds.
pub const PROBLEM_CHARS: usize = 600;
/// Warnings about a dataset.
pub const WARNINGS: usize = 40;
/// The memory that a look may ask for. Of the address space: threads and maps count although nobody touches them.
pub const LOOK_MEMORY_BYTES: u64 = 16 * 1024 * 1024 * 1024;
/// Points of the outlines of one object.
pub const OUTLINE_POINTS: usize = 2_000;
