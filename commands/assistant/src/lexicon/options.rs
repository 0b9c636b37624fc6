//! Words for optimizers, devices, priorities and tasks.

use trainyard_events::config::{Device, Optimizer};

pub(crate) const OPTIMIZERS: &[(&str, Optimizer)] = &[
    ("adamw", Optimizer::Adamw), ("adam w", Optimizer::Adamw), ("아담w", Optimizer::Adamw),
    ("아담 w", Optimizer::Adamw), ("아담 더블유", Optimizer::Adamw), ("아담더블류", Optimizer::Adamw),
    ("아담 더블류", Optimizer::Adamw), ("adam", Optimizer::Adam), ("아담", Optimizer::Adam),
    ("stochastic gradient descent", Optimizer::Sgd), ("확률적 경사 하강법", Optimizer::Sgd),
    ("확률적 경사하강법", Optimizer::Sgd), ("경사 하강법", Optimizer::Sgd), ("sgd", Optimizer::Sgd),
    ("에스지디", Optimizer::Sgd), ("momentum sgd", Optimizer::Sgd),
];
pub(crate) const DEVICES: &[(&str, Device)] = &[
    ("gpu", Device::Gpu), ("gpus", Device::Gpu), ("cuda", Device::Gpu), ("cuda:0", Device::Gpu),
    ("지피유", Device::Gpu), ("쥐피유", Device::Gpu), ("그래픽 카드", Device::Gpu), ("그래픽카드", Device::Gpu),
    ("쿠다", Device::Gpu), ("graphics card", Device::Gpu), ("cpu", Device::Cpu), ("시피유", Device::Cpu),
    ("씨피유", Device::Cpu), ("processor", Device::Cpu),
];
/// What a device has, which is not the device.
pub(crate) const DEVICE_PARTS: &[&str] = &[
    "box", "server", "node", "machine", "queue", "cluster", "서버", "자리", "장비",
];
/// What is said of a device without choosing it.
pub(crate) const DEVICE_STATES: &[&str] = &[
    "busy", "full", "down", "broken", "taken", "occupied", "small", "slow", "in use", "used by", "out of",
    "not available", "unavailable", "not free", "dead", "being used", "reserved", "바쁘", "바빠", "부족", "모자라",
    "쓰고 있", "쓰는 중", "쓰고있", "사용 중", "사용하고 있", "고장", "느려", "느리", "꽉", "점유", "작아", "작은", "작으", "죽었", "맛이 갔",
    "안 되", "터져", "터지", "비싸", "없",
];
pub(crate) const LOW: &[&str] = &[
    "낮은우선순위", "우선순위낮", "우선순위는낮", "우선순위를낮", "우선순위low", "우선순위하로", "우선순위는하", "급하지않", "급한건아니", "안급", "급할거없",
    "천천히돌려도", "천천히해도", "나중에돌려도", "low priority", "low prio", "priority low", "priority is low", "no rush",
    "not urgent", "whenever there is room", "lowest priority",
];
pub(crate) const HIGH: &[&str] = &[
    "높은우선순위", "우선순위높", "우선순위는높", "우선순위를높", "우선순위high", "우선순위올려", "우선순위를올려", "우선순위최", "우선순위를최", "우선순위는최",
    "우선순위상으로", "최우선", "급한", "급해", "급하", "긴급", "빨리해야", "제일먼저", "가장먼저", "먼저돌려", "high priority", "high prio",
    "priority high", "priority is high", "priority to high", "top priority", "urgent*", "asap",
    "highest priority", "as soon as possible", "raise the priority", "highpriority", "first in line",
];
pub(crate) const NORMAL: &[&str] = &[
    "보통우선순위", "우선순위보통", "우선순위는보통", "우선순위를보통", "우선순위중간", "우선순위는중간", "우선순위를중간", "우선순위normal",
    "normal priority", "priority normal", "priority is normal", "priority to normal", "medium priority",
];
pub(crate) const POSE: &[&str] = &[
    "자세", "포즈", "키포인트", "관절", "스켈레톤", "골격", "랜드마크", "특징점", "pose", "poses", "keypoint*", "key point*",
    "skeleton*", "joint*", "landmark*", "posture*", "pose estimation", "포즈추정",
];
pub(crate) const SEGMENT: &[&str] = &[
    "세그멘테이션", "세그먼테이션", "세그멘트", "세그먼트", "세그멘", "영역분할", "윤곽", "배경분리", "누끼", "외곽선", "픽셀별", "outlining",
    "contour*", "silhouette*", "pixel level", "pixelwise", "pixel wise", "per pixel", "background removal",
    "cut out", "이미지분할", "인스턴스분할", "의미분할", "분할", "segment*", "seg", "마스크추출", "픽셀단위", "outline*",
];
pub(crate) const DETECT: &[&str] = &[
    "탐지", "검출", "감지", "디텍션", "디텍트", "디텍팅", "디텍터", "찾아내", "찾는모델", "찾아주는", "찾아서박스", "바운딩박스", "위치를찾", "위치찾",
    "detect*", "locate", "localize", "localise", "bounding box*", "spot", "that spots", "that finds",
    "spotting", "object finder", "위치를잡",
];
pub(crate) const CLASSIFY: &[&str] = &[
    "판단하는", "판정", "나누는", "나눠주는", "로나누", "로나눠", "별로나", "골라내", "알아내는", "인지판", "맞추는", "감별", "판독", "분류", "구분",
    "구별", "판별", "분간", "가려내", "클래시피", "클래시파이", "클래스파이", "식별", "classif*", "categori*", "distinguish*",
    "tell apart", "tells apart", "telling apart", "recognise*", "recognize*", "sort", "sorts", "sorting",
    "recognition", "differentiate*", "discriminate*", "label images", "인식", "알아맞", "맞히는",
];
