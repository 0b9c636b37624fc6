//! The families that detect, segment, find poses and tell the odd one out.

use trainyard_events::config::Task;

use super::{AGPL, APACHE, BSD, Family, Member};
use crate::catalog::Runner;

pub(super) static FAMILIES: [Family; 19] = [
    yolo("YOLO11", "MIT (own code, fresh weights)", Runner::Native, &YOLO11_NAMES, &YOLO11),
    yolo(
        "YOLOv8",
        AGPL,
        Runner::Ultralytics,
        &[
            "yolov8",
            "yolo8",
            "욜로v8",
            "욜로8",
            "욜로브이8",
            "욜로버전8",
            "욜로브이에잇",
            "욜로에잇",
            "욜로브이팔",
            "욜로팔",
            "yollov8",
            "yoloversion8",
        ],
        &YOLO8,
    ),
    yolo(
        "YOLOv5",
        AGPL,
        Runner::Ultralytics,
        &["yolov5", "yolo5", "욜로v5", "욜로5", "욜로브이5", "욜로버전5", "욜로브이파이브"],
        &YOLO5,
    ),
    yolo("YOLO12", AGPL, Runner::Ultralytics, &["yolo12", "yolov12", "욜로12", "욜로v12"], &YOLO12),
    yolo("YOLO26", AGPL, Runner::Ultralytics, &["yolo26", "yolov26", "욜로26", "욜로v26"], &YOLO26),
    Family {
        name: "YOLOv9", task: Task::Detect, licence: AGPL, runner: Runner::Ultralytics, image_size: 640,
        names: &["yolov9", "yolo9", "욜로9", "욜로v9", "욜로브이9"],
        members: &[
            ("yolov9t", 0, &["t", "tiny", "타이니", ""]),
            ("yolov9s", 0, &["s", "small", "스몰"]),
            ("yolov9m", 0, &["m", "medium", "미디엄", "미디움"]),
            ("yolov9c", 0, &["c", "compact"]),
            ("yolov9e", 0, &["e"]),
        ],
    },
    Family {
        name: "YOLOv10", task: Task::Detect, licence: AGPL, runner: Runner::Ultralytics, image_size: 640,
        names: &["yolov10", "yolo10", "욜로10", "욜로v10", "욜로브이10"],
        members: &[
            ("yolov10n", 0, &["n", "nano", "나노", "엔", ""]),
            ("yolov10s", 0, &["s", "small", "스몰", "에스"]),
            ("yolov10m", 0, &["m", "medium", "미디엄", "미디움", "엠"]),
            ("yolov10b", 0, &["b"]),
            ("yolov10l", 0, &["l", "large", "라지", "엘"]),
            ("yolov10x", 0, &["x", "xlarge", "extralarge", "엑스라지", "엑스"]),
        ],
    },
    Family {
        name: "YOLOX", task: Task::Detect, licence: APACHE, runner: Runner::None, image_size: 640,
        names: &["yolox", "욜로엑스"],
        members: &[
            ("yolox_nano", 0, &["nano", "n", "나노"]),
            ("yolox_tiny", 0, &["tiny", "타이니"]),
            ("yolox_s", 0, &["s", "small", "스몰", ""]),
            ("yolox_m", 0, &["m", "medium"]),
            ("yolox_l", 0, &["l", "large"]),
            ("yolox_x", 0, &["x", "xlarge"]),
        ],
    },
    Family {
        name: "RT-DETR", task: Task::Detect, licence: APACHE, runner: Runner::Transformers, image_size: 640,
        names: &["rtdetr", "rtdtr", "알티디터", "알티데터"],
        members: &[
            ("rtdetr-r18", 0, &["r18"]),
            ("rtdetr-l", 0, &["l", "large", "라지", ""]),
            ("rtdetr-r50", 0, &["r50"]),
            ("rtdetr-x", 0, &["x", "xlarge", "엑스라지"]),
        ],
    },
    Family {
        name: "D-FINE", task: Task::Detect, licence: APACHE, runner: Runner::Transformers, image_size: 640,
        names: &["dfine", "디파인"],
        members: &[
            ("dfine-n", 0, &["n", "nano", "나노", ""]),
            ("dfine-s", 0, &["s", "small"]),
            ("dfine-m", 0, &["m", "medium"]),
            ("dfine-l", 0, &["l", "large"]),
            ("dfine-x", 0, &["x", "xlarge"]),
        ],
    },
    Family {
        name: "DETR", task: Task::Detect, licence: APACHE, runner: Runner::Transformers, image_size: 800,
        names: &["detr", "디터"],
        members: &[
            ("detr-resnet-50", 0, &["resnet50", "r50", ""]),
            ("detr-resnet-101", 0, &["resnet101", "r101"]),
        ],
    },
    Family {
        name: "Faster R-CNN", task: Task::Detect, licence: BSD, runner: Runner::Torchvision, image_size: 800,
        names: &["fasterrcnn", "패스터rcnn", "패스터알씨엔엔", "페스터rcnn"],
        members: &[("fasterrcnn_resnet50_fpn", 41_755_286, &["resnet50fpn", "resnet50", "r50", ""])],
    },
    Family {
        name: "RetinaNet", task: Task::Detect, licence: BSD, runner: Runner::Torchvision, image_size: 800,
        names: &["retinanet", "레티나넷"],
        members: &[("retinanet_resnet50_fpn", 34_014_999, &["resnet50fpn", "resnet50", ""])],
    },
    Family {
        name: "SSD", task: Task::Detect, licence: BSD, runner: Runner::Torchvision, image_size: 300,
        names: &["ssd300"],
        members: &[("ssd300_vgg16", 35_641_826, &["vgg16", ""])],
    },
    Family {
        name: "Mask R-CNN", task: Task::Segment, licence: BSD, runner: Runner::Torchvision, image_size: 800,
        names: &["maskrcnn", "마스크rcnn", "마스크알씨엔엔"],
        members: &[("maskrcnn_resnet50_fpn", 44_401_393, &["resnet50fpn", "resnet50", ""])],
    },
    Family {
        name: "DeepLabV3", task: Task::Segment, licence: BSD, runner: Runner::Torchvision, image_size: 520,
        names: &["deeplabv3", "deeplab", "딥랩v3", "딥랩"],
        members: &[("deeplabv3_resnet50", 42_004_074, &["resnet50", ""])],
    },
    Family {
        name: "SegFormer", task: Task::Segment, licence: "NVIDIA source code licence (non-commercial)", runner: Runner::None, image_size: 512,
        names: &["segformer", "세그포머"],
        members: &[("segformer-b0", 0, &["b0", ""]), ("segformer-b2", 0, &["b2"])],
    },
    Family {
        name: "Keypoint R-CNN", task: Task::Pose, licence: BSD, runner: Runner::Torchvision, image_size: 800,
        names: &["keypointrcnn", "키포인트rcnn"],
        members: &[("keypointrcnn_resnet50_fpn", 59_137_258, &["resnet50fpn", "resnet50", ""])],
    },
    // What its backbone has up to the layer that is looked at.
    Family {
        name: "PatchCore", task: Task::Anomaly, licence: APACHE, runner: Runner::Anomaly, image_size: 256,
        names: &["patchcore", "패치코어"],
        members: &[
            ("patchcore-efficientnet_lite0", 0, &["efficientnetlite0", "lite0"]),
            ("patchcore-resnet18", 0, &["resnet18", "레즈넷18", ""]),
            ("patchcore-resnet34", 0, &["resnet34", "레즈넷34"]),
            ("patchcore-resnet50", 0, &["resnet50", "레즈넷50"]),
            ("patchcore-wide_resnet50_2", 0, &["wideresnet502", "wideresnet50", "wideresnet"]),
        ],
    },
];

const fn yolo(
    name: &'static str,
    licence: &'static str,
    runner: Runner,
    names: &'static [&'static str],
    members: &'static [Member],
) -> Family {
    Family { name, task: Task::Detect, licence, runner, image_size: 640, names, members }
}

const YOLO11_NAMES: [&str; 18] = [
    "yoloeleven", "yoloveleven", "yolo11", "yolov11", "yollo11", "yolo버전11", "yoloversion11", "욜로11", "욜로v11", "욜로브이11", "욜로버전11", "욜로십일", "율로11", "요로11", "욜로일레븐", "yolo", "욜로", "yollov11",
];

const N: &[&str] = &["n", "nano", "나노", "엔", "네노", ""];
const S: &[&str] = &["s", "small", "스몰", "에스", "스몰"];
const M: &[&str] = &["m", "medium", "미디엄", "미디움", "엠"];
const L: &[&str] = &["l", "large", "라지", "엘", "라쥐"];
const X: &[&str] = &["x", "xl", "xlarge", "extralarge", "엑스라지", "엑스", "엑스트라라지", "엑라"];

const YOLO11: [Member; 5] = [
    ("yolo11n", 2_624_080, N),
    ("yolo11s", 9_458_752, S),
    ("yolo11m", 20_114_688, M),
    ("yolo11l", 25_372_160, L),
    ("yolo11x", 56_966_176, X),
];
const YOLO8: [Member; 5] =
    [("yolov8n", 0, N), ("yolov8s", 0, S), ("yolov8m", 0, M), ("yolov8l", 0, L), ("yolov8x", 0, X)];
const YOLO5: [Member; 5] =
    [("yolov5n", 0, N), ("yolov5s", 0, S), ("yolov5m", 0, M), ("yolov5l", 0, L), ("yolov5x", 0, X)];
const YOLO12: [Member; 5] =
    [("yolo12n", 0, N), ("yolo12s", 0, S), ("yolo12m", 0, M), ("yolo12l", 0, L), ("yolo12x", 0, X)];
const YOLO26: [Member; 5] =
    [("yolo26n", 0, N), ("yolo26s", 0, S), ("yolo26m", 0, M), ("yolo26l", 0, L), ("yolo26x", 0, X)];
