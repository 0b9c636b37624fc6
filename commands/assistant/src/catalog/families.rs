//! The catalog's data: every model family by its names in both languages, and its members.
//!
//! Parameter counts are those published for the ImageNet or COCO heads; `0` where we know none for certain.

use trainyard_events::config::Task;

use super::Runner;

pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) task: Task,
    pub(super) licence: &'static str,
    pub(super) runner: Runner,
    pub(super) image_size: u32,
    /// Without spaces, hyphens, underscores and dots, in lower case.
    pub(super) names: &'static [&'static str],
    /// Smallest first. The first one is meant where only the family is named, unless another has the empty name.
    pub(super) members: &'static [Member],
}

/// Catalog id, parameters, what follows the family's name.
pub(super) type Member = (&'static str, u64, &'static [&'static str]);

/// What follows a YOLO's name and size for another task than detection: id suffix, task, words.
pub(super) const YOLO_TASKS: [(&str, Task, &[&str]); 4] = [
    ("", Task::Detect, &["", "detect", "det"]),
    ("-seg", Task::Segment, &["seg", "segment", "segmentation", "세그", "세그멘테이션", "세그먼트"]),
    ("-pose", Task::Pose, &["pose", "keypoint", "포즈"]),
    ("-cls", Task::Classify, &["cls", "classify"]),
];

const BSD: &str = "BSD-3-Clause";
const APACHE: &str = "Apache-2.0";
const AGPL: &str = "AGPL-3.0";

pub(super) static FAMILIES: [Family; 38] = [
    Family {
        name: "ResNet",
        task: Task::Classify,
        licence: "MIT",
        runner: Runner::Native,
        image_size: 224,
        names: &[
            "resnet",
            "resnetv1",
            "resent",
            "restnet",
            "reznet",
            "resnt",
            "레즈넷",
            "레스넷",
            "레지넷",
            "리즈넷",
            "래즈넷",
            "레즈냇",
            "레쓰넷",
        ],
        members: &[
            ("resnet18", 11_689_512, &["18", "십팔", "eighteen", ""]),
            ("resnet34", 21_797_672, &["34", "삼십사", "thirtyfour"]),
            ("resnet50", 25_557_032, &["50", "오십", "fifty"]),
        ],
    },
    Family {
        name: "ResNet (large)",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["resnet", "resent", "레즈넷", "레스넷", "리즈넷"],
        members: &[
            ("resnet101", 44_549_160, &["101", "백일"]),
            ("resnet152", 60_192_808, &["152", "백오십이"]),
        ],
    },
    Family {
        name: "EfficientNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &[
            "efficientnet",
            "effnet",
            "efficientnets",
            "efficentnet",
            "effcientnet",
            "efficienet",
            "이피션트넷",
            "에피션트넷",
            "이피시언트넷",
            "에피시언트넷",
            "이피션트냇",
            "이피션넷",
            "에피션넷",
            "이펙션트넷",
            "이피션트네트",
        ],
        members: &[
            ("efficientnet_b0", 5_288_548, &["b0", "비0", "비제로", "비영", "b제로", "0", ""]),
            ("efficientnet_b1", 7_794_184, &["b1", "비1", "비원", "비일", "1"]),
            ("efficientnet_b2", 9_109_994, &["b2", "비2", "비투", "비이", "2"]),
            ("efficientnet_b3", 12_233_232, &["b3", "비3", "비쓰리", "비삼", "3"]),
            ("efficientnet_b4", 19_341_616, &["b4", "비4", "비포", "비사", "4"]),
            ("efficientnet_b5", 30_389_784, &["b5", "비5", "비파이브", "비오", "5"]),
            ("efficientnet_b6", 43_040_704, &["b6", "비6", "비식스", "비육", "6"]),
            ("efficientnet_b7", 66_347_960, &["b7", "비7", "비세븐", "비칠", "7"]),
        ],
    },
    Family {
        name: "EfficientNetV2",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 384,
        names: &["efficientnetv2", "effnetv2", "이피션트넷v2", "에피션트넷v2", "이피션트넷브이투"],
        members: &[
            ("efficientnet_v2_s", 21_458_488, &["s", "small", "스몰", ""]),
            ("efficientnet_v2_m", 54_139_356, &["m", "medium", "미디엄", "미디움"]),
            ("efficientnet_v2_l", 118_515_272, &["l", "large", "라지"]),
        ],
    },
    Family {
        name: "MobileNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["mobilenet", "moblienet", "mobilnet", "모바일넷", "모빌넷", "모바일냇"],
        members: &[
            (
                "mobilenet_v3_small",
                2_542_856,
                &["v3small", "v3s", "small", "3small", "v3스몰", "스몰", "3스몰", "브이쓰리스몰"],
            ),
            ("mobilenet_v2", 3_504_872, &["v2", "2", "브이투", "브이2", "버전2", ""]),
            (
                "mobilenet_v3_large",
                5_483_032,
                &[
                    "v3large",
                    "v3l",
                    "large",
                    "v3",
                    "3",
                    "v3라지",
                    "라지",
                    "브이쓰리",
                    "브이3",
                    "버전3",
                    "3라지",
                    "3large",
                ],
            ),
        ],
    },
    Family {
        name: "ViT",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["vit", "visiontransformer", "비전트랜스포머", "비젼트랜스포머", "비트"],
        members: &[
            (
                "vit_b_16",
                86_567_656,
                &["b16", "비16", "비십육", "b십육", "base16", "basepatch16", "base", "베이스", "b", ""],
            ),
            ("vit_b_32", 88_224_232, &["b32", "base32", "basepatch32"]),
            ("vit_l_16", 304_326_632, &["l16", "large16", "largepatch16", "large", "라지", "l"]),
            ("vit_l_32", 306_535_400, &["l32", "large32"]),
        ],
    },
    Family {
        name: "ViT (timm)",
        task: Task::Classify,
        licence: APACHE,
        runner: Runner::Timm,
        image_size: 224,
        names: &["vit"],
        members: &[
            ("vit_tiny_patch16_224", 5_717_416, &["tinypatch16224", "tinypatch16", "tiny", "타이니"]),
            (
                "vit_small_patch16_224",
                22_050_664,
                &["smallpatch16224", "smallpatch16", "small", "스몰", "s16"],
            ),
            ("vit_base_patch16_224", 86_567_656, &["basepatch16224"]),
            ("vit_large_patch16_224", 304_326_632, &["largepatch16224"]),
        ],
    },
    Family {
        name: "ConvNeXt",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["convnext", "컨브넥스트", "콘브넥스트", "컨브넥스", "컨넥스트", "콘넥스트"],
        members: &[
            ("convnext_tiny", 28_589_128, &["tiny", "t", "타이니", ""]),
            ("convnext_small", 50_223_688, &["small", "s", "스몰"]),
            ("convnext_base", 88_591_464, &["base", "b", "베이스"]),
            ("convnext_large", 197_767_336, &["large", "l", "라지"]),
        ],
    },
    Family {
        name: "Swin",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["swin", "swintransformer", "스윈", "스윈트랜스포머"],
        members: &[
            ("swin_t", 28_288_354, &["t", "tiny", "타이니", ""]),
            ("swin_s", 49_606_258, &["s", "small", "스몰"]),
            ("swin_b", 87_768_224, &["b", "base", "베이스"]),
        ],
    },
    Family {
        name: "DenseNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["densenet", "denset", "덴스넷", "덴스냇", "댄스넷"],
        members: &[
            ("densenet121", 7_978_856, &["121", "백이십일", ""]),
            ("densenet169", 14_149_480, &["169"]),
            ("densenet201", 20_013_928, &["201"]),
            ("densenet161", 28_681_000, &["161"]),
        ],
    },
    Family {
        name: "VGG",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["vgg", "vggnet", "브이지지", "브이쥐쥐"],
        members: &[
            ("vgg11", 132_863_336, &["11", "십일"]),
            ("vgg13", 133_047_848, &["13", "십삼"]),
            ("vgg16", 138_357_544, &["16", "십육", ""]),
            ("vgg19", 143_667_240, &["19", "십구"]),
        ],
    },
    Family {
        name: "Inception",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 299,
        names: &["inception", "인셉션"],
        members: &[("inception_v3", 27_161_264, &["v3", "3", ""])],
    },
    Family {
        name: "GoogLeNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 224,
        names: &["googlenet", "구글넷"],
        members: &[("googlenet", 6_624_904, &[""])],
    },
    Family {
        name: "AlexNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 224,
        names: &["alexnet", "알렉스넷"],
        members: &[("alexnet", 61_100_840, &[""])],
    },
    Family {
        name: "SqueezeNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 224,
        names: &["squeezenet", "스퀴즈넷"],
        members: &[
            ("squeezenet1_1", 1_235_496, &["11", "v11", ""]),
            ("squeezenet1_0", 1_248_424, &["10", "v10"]),
        ],
    },
    Family {
        name: "ShuffleNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 224,
        names: &["shufflenet", "셔플넷"],
        members: &[("shufflenet_v2_x1_0", 2_278_604, &["v2x10", "v2", "2", ""])],
    },
    Family {
        name: "ResNeXt",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["resnext", "레즈넥스트", "레스넥스트"],
        members: &[
            ("resnext50_32x4d", 25_028_904, &["5032x4d", "50", ""]),
            ("resnext101_32x8d", 88_791_336, &["10132x8d", "101"]),
        ],
    },
    Family {
        name: "Wide ResNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Timm,
        image_size: 224,
        names: &["wideresnet"],
        members: &[("wide_resnet50_2", 68_883_240, &["502", "50", ""])],
    },
    Family {
        name: "RegNet",
        task: Task::Classify,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 224,
        names: &["regnet", "레그넷"],
        members: &[("regnet_y_400mf", 4_344_144, &["y400mf", ""])],
    },
    // Our own code, and weights that start fresh: the weights that Ultralytics publishes are AGPL-3.0 and not used.
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
        name: "YOLOv9",
        task: Task::Detect,
        licence: AGPL,
        runner: Runner::Ultralytics,
        image_size: 640,
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
        name: "YOLOv10",
        task: Task::Detect,
        licence: AGPL,
        runner: Runner::Ultralytics,
        image_size: 640,
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
        name: "YOLOX",
        task: Task::Detect,
        licence: APACHE,
        runner: Runner::None,
        image_size: 640,
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
        name: "RT-DETR",
        task: Task::Detect,
        licence: APACHE,
        runner: Runner::Transformers,
        image_size: 640,
        names: &["rtdetr", "rtdtr", "알티디터", "알티데터"],
        members: &[
            ("rtdetr-r18", 0, &["r18"]),
            ("rtdetr-l", 0, &["l", "large", "라지", ""]),
            ("rtdetr-r50", 0, &["r50"]),
            ("rtdetr-x", 0, &["x", "xlarge", "엑스라지"]),
        ],
    },
    Family {
        name: "D-FINE",
        task: Task::Detect,
        licence: APACHE,
        runner: Runner::Transformers,
        image_size: 640,
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
        name: "DETR",
        task: Task::Detect,
        licence: APACHE,
        runner: Runner::Transformers,
        image_size: 800,
        names: &["detr", "디터"],
        members: &[
            ("detr-resnet-50", 0, &["resnet50", "r50", ""]),
            ("detr-resnet-101", 0, &["resnet101", "r101"]),
        ],
    },
    Family {
        name: "Faster R-CNN",
        task: Task::Detect,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 800,
        names: &["fasterrcnn", "패스터rcnn", "패스터알씨엔엔", "페스터rcnn"],
        members: &[("fasterrcnn_resnet50_fpn", 41_755_286, &["resnet50fpn", "resnet50", "r50", ""])],
    },
    Family {
        name: "RetinaNet",
        task: Task::Detect,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 800,
        names: &["retinanet", "레티나넷"],
        members: &[("retinanet_resnet50_fpn", 34_014_999, &["resnet50fpn", "resnet50", ""])],
    },
    Family {
        name: "SSD",
        task: Task::Detect,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 300,
        names: &["ssd300"],
        members: &[("ssd300_vgg16", 35_641_826, &["vgg16", ""])],
    },
    Family {
        name: "Mask R-CNN",
        task: Task::Segment,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 800,
        names: &["maskrcnn", "마스크rcnn", "마스크알씨엔엔"],
        members: &[("maskrcnn_resnet50_fpn", 44_401_393, &["resnet50fpn", "resnet50", ""])],
    },
    Family {
        name: "DeepLabV3",
        task: Task::Segment,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 520,
        names: &["deeplabv3", "deeplab", "딥랩v3", "딥랩"],
        members: &[("deeplabv3_resnet50", 42_004_074, &["resnet50", ""])],
    },
    Family {
        name: "SegFormer",
        task: Task::Segment,
        licence: "NVIDIA source code licence (non-commercial)",
        runner: Runner::None,
        image_size: 512,
        names: &["segformer", "세그포머"],
        members: &[("segformer-b0", 0, &["b0", ""]), ("segformer-b2", 0, &["b2"])],
    },
    Family {
        name: "Keypoint R-CNN",
        task: Task::Pose,
        licence: BSD,
        runner: Runner::Torchvision,
        image_size: 800,
        names: &["keypointrcnn", "키포인트rcnn"],
        members: &[("keypointrcnn_resnet50_fpn", 59_137_258, &["resnet50fpn", "resnet50", ""])],
    },
    // What its backbone has up to the layer that is looked at.
    Family {
        name: "PatchCore",
        task: Task::Anomaly,
        licence: APACHE,
        runner: Runner::Anomaly,
        image_size: 256,
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
    "yoloeleven",
    "yoloveleven",
    "yolo11",
    "yolov11",
    "yollo11",
    "yolo버전11",
    "yoloversion11",
    "욜로11",
    "욜로v11",
    "욜로브이11",
    "욜로버전11",
    "욜로십일",
    "율로11",
    "요로11",
    "욜로일레븐",
    "yolo",
    "욜로",
    "yollov11",
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
