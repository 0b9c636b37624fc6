//! Schemes, extensions, and what Korean glues to a path.

pub(crate) const EXTENSIONS: &[&str] = &[
    "yaml", "yml", "zip", "tar", "gz", "tgz", "json", "csv", "jpg", "jpeg", "png", "bmp", "webp", "gif",
    "tif", "tiff", "mp4", "avi", "mov", "parquet", "txt", "heic", "npz", "npy", "tfrecord", "xml", "7z",
    "rar", "mkv", "lmdb",
];
pub(crate) const IMAGES: &[&str] = &[
    "jpg", "jpeg", "png", "bmp", "webp", "gif", "tif", "tiff", "mp4", "avi", "mov", "heic", "mkv", "jfif",
];
/// Data sets people call by name.
pub(crate) const KNOWN: &[&str] = &[
    "coco128", "coco8", "coco", "coco2017", "cifar10", "cifar-10", "cifar100", "cifar-100", "mnist",
    "fashion-mnist", "fashion_mnist", "imagenet", "imagenet-1k", "imagenette", "voc", "voc2012", "voc2007",
    "svhn", "visdrone", "kitti", "cityscapes", "ade20k",
];
/// Folders at the root of a machine.
pub(crate) const ROOTS: &[&str] = &[
    "data", "mnt", "home", "nas", "srv", "tmp", "var", "opt", "users", "datasets", "workspace", "root",
    "media", "volumes", "storage", "scratch", "shared",
];
pub(crate) const DATA_WORDS: &[&str] = &[
    "데이터는", "데이터셋은", "데이터", "데이터셋", "데이터 경로는", "경로는", "경로", "폴더는", "폴더", "dataset", "dataset is",
    "data is in", "dataset at", "data in", "path", "folder", "data at", "directory", "dataset in",
];
/// What Korean glues to a path's end, longest first.
pub(crate) const TAILS: &[&str] = &[
    "입니다", "이에요", "예요", "이예요", "이야", "야", "이고요", "이고", "이며", "인데", "임", "에서", "에다", "에", "으로", "로", "을",
    "를", "은", "는", "이랑", "랑", "하고", "와", "과", "부터", "까지",
];
/// Folders that a number after a space belongs to.
pub(crate) const NUMBERED: &[&str] = &[
    "lot", "cam", "camera", "job", "part", "day", "week", "month", "site", "line", "room", "scan", "roll",
    "shift", "plot", "zone", "vol", "volume", "disk", "disc", "session", "round", "phase", "version",
    "unit", "station", "gate", "lane", "floor", "field", "row", "box", "bay", "block", "building",
    "section", "area", "point", "trip", "visit", "patient",
];
/// Words that no name of a folder ends in.
pub(crate) const QUALIFIERS: &[&str] = &[
    "new", "old", "my", "our", "the", "and", "of", "first", "second", "third",
];
/// Words after a path that speak of it or of something else.
pub(crate) const OTHERS: &[&str] = &[
    "dataset", "datasets", "data", "folder", "path", "directory", "images", "image", "model", "train",
    "training", "gpu", "cpu", "cuda", "adam", "adamw", "sgd", "job", "detection", "classification",
    "segmentation", "pose", "and", "on", "with", "for", "to", "using",
];
/// Safe only after a Latin letter or digit, where they can be no part of the name.
pub(crate) const LATIN_TAILS: &[&str] = &[
    "이", "가", "의", "도", "만", "쪽", "폴더",
];
/// Words with which a sentence goes on right after a Latin path.
pub(crate) const GOES_ON: &[&str] = &["분류", "탐지", "검출", "분할", "학습", "훈련", "돌려", "에폭", "배치"];
/// Names that end like a noun with a particle.
pub(crate) const WHOLE: &[&str] = &[
    "도로", "경로", "미로", "차로", "회로", "선로", "진로", "통로", "활주로", "마을", "가을", "노을", "겨울", "사과", "결과", "효과", "학과",
    "은",
];
