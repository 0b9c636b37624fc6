//! Words for optimizers, devices, priorities and tasks.

use trainyard_events::config::{Device, Optimizer, Priority};

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
    "낮은우선순위", "프라이어리티로우", "프라이어리티는로우", "프라이어리티를로우", "프라이오리티로우", "우선순위낮", "우선순위는낮", "우선순위를낮", "우선순위low", "우선순위하로", "우선순위는하", "급하지않", "급한건아니", "안급", "급할거없",
    "천천히돌려도", "천천히해도", "나중에돌려도", "low priority", "low prio", "priority low", "priority is low", "no rush",
    "not urgent", "whenever there is room", "lowest priority",
    "no hurry", "take your time", "no need to rush", "no need to hurry", "back of the queue",
    "end of the queue", "bottom of the queue", "when its quiet", "not in a hurry", "in no hurry",
    "not in a rush", "isnt urgent", "nothing urgent", "can wait", "at your leisure", "there is no rush",
    "whenever suits", "low on the list", "deprioriti*", "급하진", "급하지는", "급할건", "급할것", "느긋", "여유있게", "여유롭",
    "시간날때", "한가할때", "나중에해도", "늦어도", "천천히해", "천천히돌", "뒤로미뤄", "뒷순위", "후순위", "낮은순위",
];
pub(crate) const HIGH: &[&str] = &[
    "높은우선순위", "프라이어리티하이", "프라이어리티는하이", "프라이어리티를하이", "프라이오리티하이", "우선순위높", "우선순위는높", "우선순위를높", "우선순위high", "우선순위올려", "우선순위를올려", "우선순위최", "우선순위를최", "우선순위는최",
    "우선순위상으로", "최우선", "급한", "급해", "급하", "긴급", "빨리해야", "제일먼저", "가장먼저", "먼저돌려", "high priority", "high prio",
    "priority high", "priority is high", "priority to high", "top priority", "urgent*", "asap",
    "highest priority", "as soon as possible", "raise the priority", "highpriority", "first in line",
    "give it priority", "prioriti*", "jump the queue", "front of the queue", "top of the queue",
    "head of the queue", "ahead of everything", "before everything", "before anything else", "rush job",
    "in a hurry", "need it fast", "need this fast", "need it soon", "to the front", "priority over",
    "먼저돌게", "먼저돌아", "먼저해", "우선으로", "우선해", "제일급", "맨먼저", "맨앞", "1순위", "일순위", "새치기", "서둘", "우선순위업",
    "우선순위상향", "우선처리", "급행",
    "priority up", "bump the priority", "up the priority", "우선순위를최고", "우선순위상",
    "먼저처리", "먼저부탁", "먼저진행", "먼저시작",
];
pub(crate) const NORMAL: &[&str] = &[
    "보통우선순위", "우선순위보통", "우선순위는보통", "우선순위를보통", "우선순위중간", "우선순위는중간", "우선순위를중간", "우선순위normal",
    "normal priority", "priority normal", "priority is normal", "priority to normal", "medium priority",
    "default priority", "regular priority", "usual priority", "standard priority", "ordinary priority",
    "priority default", "priority back to normal", "priority medium", "priority standard", "일반우선순위",
    "우선순위일반", "우선순위기본", "우선순위는기본", "우선순위는일반", "우선순위를일반", "우선순위를기본", "우선순위중", "우선순위도보통", "우선순위노멀",
    "우선순위는노멀",
];
/// How high, beside the word for priority, however far from it.
pub(crate) const PRIORITY: &[&str] = &[
    "우선순위", "priority", "prio",
];
pub(crate) const LEVELS: &[(Priority, &[&str])] = &[
    (Priority::Low, &["낮", "내려", "내리", "떨어", "최하", "로우", "low", "lower", "lowest"]),
    (Priority::Normal, &["보통", "일반", "기본", "중간", "평범", "normal", "medium", "default", "regular", "standard"]),
    (Priority::High, &["높", "올려", "올리", "최고", "최상", "하이", "high", "higher", "highest", "top", "urgent"]),
];
/// Defects are to be found by whoever has seen good ones only.
pub(crate) const ANOMALY: &[&str] = &[
    "이상탐지", "이상감지", "이상검출", "이상치탐지", "이상치검출", "어노말리", "아노말리", "비정상탐지", "비정상검출",
    "정상사진만", "정상이미지만", "정상데이터만", "정상품만", "정상품사진만", "정상만있", "정상샘플만", "양품만", "양품사진만", "양품이미지만",
    "양품데이터만", "불량사진이없", "불량사진은없", "불량이미지가없", "불량이미지는없", "불량데이터가없", "불량데이터는없", "불량샘플이없",
    "불량샘플은없", "불량품사진이없", "불량품사진은없", "결함사진이없", "결함사진은없", "결함이미지가없", "결함이미지는없",
    "anomaly detect*", "anomaly model", "anomalies", "anomalib", "patchcore", "one class", "novelty detection", "outlier detection",
    "only good images", "only good photos", "only good pictures", "only good samples", "only good parts", "only good ones",
    "good images only", "good photos only", "good pictures only", "good samples only", "good parts only", "good ones only",
    "only have good", "only got good", "have only good", "only normal images", "only normal photos", "normal images only",
    "normal photos only", "only have normal", "have only normal", "only defect free", "no photos of defects", "no images of defects",
    "no pictures of defects", "no defect images", "no defect photos", "no defective samples", "no examples of defects",
];
pub(crate) const POSE: &[&str] = &[
    "자세", "포즈", "키포인트", "관절", "스켈레톤", "골격", "랜드마크", "특징점", "pose", "poses", "keypoint*", "key point*",
    "skeleton*", "joint*", "landmark*", "posture*", "pose estimation", "포즈추정",
];
pub(crate) const SEGMENT: &[&str] = &[
    "세그먼", "세그멘", "세그돌", "세그로", "세그학", "세그용", "세그모", "영역분할", "윤곽", "배경분리", "누끼", "외곽선", "픽셀별", "outlining",
    "contour*", "silhouette*", "pixel level", "pixelwise", "pixel wise", "per pixel", "background removal",
    "cut out", "이미지분할", "인스턴스분할", "의미분할", "분할", "segment*", "seg", "마스크추출", "픽셀단위", "outline*",
    "따주는", "따는모델", "따내", "오려내", "오려주", "영역만", "영역을따", "칠해주", "픽셀마다", "mask out", "masks", "trace",
    "traces", "tracing", "픽셀로나누", "픽셀로구분", "pixel by pixel", "영역을픽셀", "외곽선따",
];
pub(crate) const DETECT: &[&str] = &[
    "탐지", "검출", "감지", "디텍션", "디텍트", "디텍팅", "디텍터", "찾아내", "찾는모델", "찾아주는", "찾아서박스", "바운딩박스", "위치를찾", "위치찾",
    "detect*", "locate", "localize", "localise", "bounding box*", "spot", "that spots", "that finds",
    "spotting", "object finder", "위치를잡",
    "잡아내", "잡아주는", "찾을땐", "찾을때", "찾는데", "찾기에", "찾는거", "찾는용", "찾아주", "박스치", "박스쳐", "박스로", "that spot",
    "pick out", "picks out", "picking out", "count", "counts", "counting", "finding", "localis*",
    "세는모델", "세어주", "세주는", "개수세",
    "draw boxes", "draws boxes", "boxes around", "boxes round", "box around", "박스그려", "네모쳐", "네모치", "위치표시",
    "위치를표시", "어디있는지", "네모로", "위치까지", "위치박스", "위치랑박스", "위치가어디", "어디에있", "as boxes", "like boxes", "with locations", "with boxes", "locations of",
];
/// Finding things, unless it is a model that is to be found.
pub(crate) const FIND: &[&str] = &[
    "to find", "that find", "that finds", "which finds", "must find", "should find", "can find", "finding", "찾고싶", "찾아야",
    "찾으려", "찾을수",
];
pub(crate) const CLASSIFY: &[&str] = &[
    "판단하는", "판정", "나누는", "나눠주는", "로나누", "로나눠", "별로나", "골라내", "알아내는", "인지판", "맞추는", "감별", "판독", "분류", "구분",
    "구별", "판별", "분간", "가려내", "클래시피", "클래시파이", "클래스파이", "식별", "classif*", "categori*", "distinguish*",
    "tell apart", "tells apart", "telling apart", "recognise*", "recognize*", "sort", "sorts", "sorting",
    "recognition", "differentiate*", "discriminate*", "label images", "인식", "알아맞", "맞히는",
    "가리는", "가려주", "가릴", "판가름", "갈라", "나눌", "나누고", "분별", "알아보는", "label photos", "label pictures", "tag photos",
    "tells me which", "tell me which", "name the", "categoris*", "grouping", "grade", "grading",
    "separate", "separates", "separating", "가르는", "갈라주",
];
