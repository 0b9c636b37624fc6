//! What lies in folders and is nobody's: of operating systems, file managers, NAS and version control.

const NAMES: [&str; 17] = [
    "__macosx",
    "@eadir",
    "@recycle",
    "@tmp",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "recycler",
    "lost+found",
    "system volume information",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
    "thumbnails",
    "__pycache__",
    "node_modules",
];

/// Whether nobody means a file or folder of this name: hidden ones are `.DS_Store`, `._1.jpg`, `.git` and their like.
pub fn is_junk(name: &str) -> bool {
    name.starts_with('.') || NAMES.contains(&name.to_lowercase().as_str())
}

/// Endings of images, read here or not: what is not read is reported, not passed over.
const IMAGES: [&str; 17] = [
    "jpg", "jpeg", "jpe", "jfif", "jif", "pjpeg", "png", "bmp", "dib", "webp", "gif", "tif", "tiff", "heic",
    "heif", "avif", "jp2",
];
/// Endings that are never an image's.
const OTHERS: [&str; 32] = [
    "txt", "xml", "json", "jsonl", "ndjson", "csv", "tsv", "yaml", "yml", "names", "data", "labels", "cfg",
    "ini", "md", "html", "htm", "pdf", "zip", "tar", "gz", "py", "ipynb", "log", "cache", "mat", "npy",
    "npz", "h5", "pkl", "record", "tfrecord",
];

/// What an ending tells of a file, if anything.
pub fn is_image_ending(ending: &str) -> Option<bool> {
    if IMAGES.contains(&ending) {
        return Some(true);
    }
    OTHERS.contains(&ending).then_some(false)
}
