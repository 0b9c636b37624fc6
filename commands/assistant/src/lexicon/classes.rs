//! Words around lists of classes.

pub(crate) const NAMES: &[&str] = &[
    "클래스 목록", "라벨 목록", "클래스 종류", "클래스 리스트", "클래스 이름", "클래스명", "클래스들", "클래스", "라벨", "레이블", "카테고리", "분류 항목",
    "종류", "class names", "class labels", "classes", "labels", "categories", "class", "targets",
    "target classes", "names:", "label", "항목", "클레스", "클라스", "대상은", "대상:", "타겟은", "타깃은", "타겟:", "객체는", "target은",
    "objects:", "objects are", "targets are", "범주", "찾을 건", "찾을 것은", "찾을 것들은", "나눌 건", "나눌 것은", "나눌 것들은", "구분할 건", "구분할 것은",
];
/// What may stand between the announcement and the list.
pub(crate) const LEADS: &[&str] = &[
    "는", "은", "가", "이", "를", "을", "로는", "으로는", ":", "=", "are", "is", "should be", "will be", "to", "로",
    "as", "into", "would be", "like", "such as", "named", "called", "-", "(", "[", "다음과 같아", "there are",
    "as follows", "이거야", "이거예요", "이겁니다", "이것들",
];
pub(crate) const WORDS_BETWEEN: &[&str] = &[
    "and", "or", "vs", "versus", "그리고", "및", "또는", "혹은", "아니면", "이랑", "하고", "&",
];
/// Particles after which a list is over.
pub(crate) const LAST: &[&str] = &[
    "이래요", "래요", "입니다", "이에요", "예요", "이예요", "이야", "야", "이고요", "이고", "고요", "인데요", "인데", "이며", "이다", "임", "으로만", "로만",
    "으로요", "로요", "만요", "도요", "이랑요", "랑요", "으로", "로", "을", "를", "만", "이요", "요", "에요", "이랑", "등", "에서", "에",
    "의", "들을", "들", "이지", "뿐이야", "뿐", "이라고", "라고", "이라", "은", "는", "이", "가", "까지", "이렇게", "여", "이네", "랑",
    "이라는", "라는",
];
/// Beginnings of words that belong to the sentence, not to the list.
pub(crate) const STOP_STEMS: &[&str] = &[
    "하나", "전부", "이거", "순서", "분류", "구분", "구별", "판별", "탐지", "검출", "감지", "모델", "학습", "해줘", "하고", "하는", "데이터",
    "데이터는", "데이터셋", "데이터셋은", "만들", "이렇게", "있어", "있고", "있습니다", "쓰고", "다섯", "클래스",
];
/// What lies at a path and is no class.
pub(crate) const PICTURES: &[&str] = &[
    "pics", "photos", "pictures", "images", "frames", "footage", "clips", "videos", "scans", "data", "shots", "samples", "files",
];
/// What they are said to be.
pub(crate) const LABELLED: &[&str] = &[
    "annotated", "labelled", "labeled", "tagged", "training", "raw", "sample", "masked",
];
/// Whole words that do.
pub(crate) const STOPS: &[&str] = &[
    "뿐", "해", "총", "등", "써", "세", "두", "네", "이고", "이야", "입니다", "로", "으로", "정도", "돌려", "부탁", "바꿔", "만", "추가",
    "경로는", "에폭은", "배치는", "in", "on", "from", "with", "using", "for", "to", "at", "is", "are", "please",
    "dataset", "data", "model", "images", "epochs", "that", "which", "so", "then", "use", "train", "the",
    "my", "thanks", "located", "only", "classes", "it", "i", "we", "by", "please.", "under", "inside",
    "folder", "instead", "too", "이고요", "이구요", "인데요", "wearing", "야", "예요", "이에요", "에요", "이다", "임", "이요", "요", "함", "세요",
];
/// Phrases that do.
pub(crate) const STOP_PHRASES: &[&str] = &[
    "high priority", "low priority", "normal priority", "top priority", "lowest priority",
    "highest priority", "high prio", "low prio", "no rush", "asap", "urgent", "as soon as possible",
    "on gpu", "on cpu", "pixel by pixel", "thank you", "priority", "not urgent", "우선순위", "급해", "급한", "빨리",
];
/// What leads from a list to its count, in the dialects, too.
pub(crate) const SUMMARIES: &[&str] = &[
    "이렇게", "요렇게", "고렇게", "그렇게", "이래", "요래", "이래서", "요래서", "합쳐서", "합해서", "총", "이", "등", "해서", "모두", "these", "두", "세", "네", "the", "해서총",
];
/// What is said while the next word is thought of.
pub(crate) const FILLERS: &[&str] = &[
    "uh", "um", "uhm", "umm", "er", "erm", "hm", "hmm", "ah", "oh", "well", "oops", "sorry", "음", "으음", "어", "에", "에또", "그", "저", "뭐", "거시기", "그게", "뭐시기", "저기", "그러니까", "마", "아따", "야야",
];
/// Nouns that only look as if they ended in a particle.
pub(crate) const WHOLE: &[&str] = &[
    "마을", "가을", "노을", "고을", "개울", "하늘", "도로", "미로", "수로", "철로", "회로", "난로", "화로", "차로", "항로", "대로", "활주로", "고속도로", "산책로", "보행로",
    "국가", "작가", "요가", "휴가", "회의", "나의", "무의", "강의", "주의", "여의",
];
/// `고양이, 개로 바꿔줘`.
pub(crate) const RENAMED: &[&str] = &[
    "로 해", "으로 해", "로 바꿔", "으로 바꿔", "로 변경", "으로 변경", "로 수정",
];
/// Verbs of sorting and finding, before which Korean names what is sorted.
pub(crate) const KOREAN_VERBS: &[&str] = &[
    "분류", "구분", "구별", "판별", "탐지", "검출", "감지", "찾", "가려", "인식", "식별", "세그멘", "나누", "나눠", "맞추", "맞히", "분간",
    "분할", "판단", "판정", "알아보", "골라", "분류기", "detection", "detector", "classification", "classifier", "디텍션",
    "디텍터",
    "디텍트", "클래시파이", "detect 하", "detect 해", "detect 할", "classify 하", "classify 해", "classify 할", "segment 하", "segment 해",
    "segment 할", "네모로", "박스로", "박스 치", "위치 찾", "위치까지", "영역 따", "외곽선 따", "픽셀별", "픽셀로", "잡아내", "따내", "골라내", "segmentation", "segmenter", "localize", "가리는", "가릴", "판가름", "갈라", "분별", "감별", "판독", "맞추는", "고르",
];
pub(crate) const SHOWN: &[&str] = &[
    "중", "뭔지", "무엇인지", "뭐인지", "어느", "어떤", "하나", "중에서", "중에", "종류", "세", "두", "상태", "여부", "사진들", "각각", "사진", "이미지", "그림", "영상", "이미지들", "객체",
    "사진을", "이미지를", "클래스", "품종", "images", "photos", "pictures", "image", "photo", "셋", "둘", "넷", "로", "으로",
    "을", "를", "표시", "모습", "부위", "이렇게", "네", "다섯", "가지", "종",
    "위치", "위치까지", "위치를", "위치랑", "네모로", "네모", "박스로", "박스", "영역", "영역을", "영역별로", "픽셀별로", "픽셀로", "픽셀", "외곽선", "외곽선을", "마스크로", "사진에서", "영상에서", "화면에서", "이미지에서", "카메라에서",
];
pub(crate) const MODIFIERS: &[&str] = &[
    "쓴", "안", "못", "않은", "안쓴", "있는", "없는", "하는", "착용한", "입은", "된", "할", "같은", "모든", "내", "우리", "제", "이",
    "그", "저", "이런", "여러",
];
pub(crate) const ENGLISH_VERBS: &[&str] = &[
    "distinguish between", "differentiate between", "discriminate between", "distinguish", "differentiate",
    "tell apart", "tells apart", "telling apart", "tell", "classify", "classifies", "classifying", "detect",
    "detects", "detecting", "recognize", "recognise", "recognizes", "recognizing", "recognises",
    "recognising", "identify", "identifies", "identifying", "find", "finds", "finding", "spot", "spots",
    "spotting", "segment", "segments", "segmenting", "separate", "separates", "separating", "sort", "sorts",
    "sorting", "locate", "locates", "locating", "discriminates between", "distinguishes between",
    "distinguishes", "distinguishing", "tells", "categorize",
    "pick out", "picks out", "picking out", "categorise", "categorizes", "group", "label", "count", "counts",
    "counting", "track", "look for", "looks for", "looking for",
    "boxes round", "boxes around", "box around", "tracks", "tracking",
    "boxes on", "boxes for", "boxes over", "boxes around all", "draw boxes on",
    "pick up", "picks up", "picking up",
];
/// Verbs before "into" or "as" and a list.
pub(crate) const SORTS: &[&str] = &[
    "classify", "classifies", "classifying", "sort", "sorts", "sorting", "categorize", "categorise", "categorizes",
    "categorises", "split", "splits", "splitting", "separate", "separates", "separating", "group", "groups", "grouping",
    "label", "labels", "labelling", "labeling", "divide", "divides", "dividing", "grade", "grades", "grading", "rate",
    "rates", "mark", "marks", "tag", "tags", "tagging", "flag", "flags",
];
pub(crate) const OF: &[&str] = &[
    "of", "images of", "photos of", "pictures of", "photographs of", "pics of", "between", "all", "objects like",
    "things like", "different", "the", "a", "an", "images as", "photos as", "images into", "photos into",
    "pictures into", "pictures as", "them into", "them as", "it as", "if it is", "whether it is",
    "whether it's", "if it's", "if", "my", "our", "some", "things as", "pics into",
];
/// How the clause before a list ends.
pub(crate) const CLAUSE_ENDS: &[&str] = &[
    "에서", "에는", "으로", "는데", "건데", "하고", "해서", "니까", "안녕", "안녕하세요", "좋아", "그래", "음", "네", "자", "저기", "일단",
    "그럼", "아니", "근데", "해줘", "줘", "싶은데", "okay", "ok", "hi", "hello", "있고", "있어", "이고", "이고요", "이구요", "있고요",
    "있는데", "있어요", "인데요", "는데요", "이며", "니다", "에요", "예요", "이라", "거라", "되어", "돼서", "하여",
];
/// What is said between commas and is no thing: "oops, segmentation, not detection".
pub(crate) const ASIDES: &[&str] = &[
    "not", "okay", "hi", "hello", "thanks", "please", "segmentation", "pose",
];
/// Nouns too general to be a class.
pub(crate) const GENERIC: &[&str] = &[
    "모델", "데이터", "이미지", "객체", "딥러닝", "학습", "물체", "사물", "model", "image", "object", "instance", "semantic",
    "pose", "data", "dataset", "에폭", "배치", "분류", "탐지", "검출", "사진", "which", "what",
];
/// What a list after a colon is for.
pub(crate) const MAKERS: &[&str] = &[
    "분류기", "분류", "탐지", "검출", "탐지기", "구분", "classifier", "detector", "classification", "detection",
];
/// Words that begin no class.
pub(crate) const NO_CLASSES: &[&str] = &[
    "it", "them", "me", "show", "run", "use", "make", "set", "images", "objects", "report", "start", "tell",
    "see", "things", "stuff", "go", "this", "that", "everything",
];
/// After the announcement, no class: "클래스는 자동으로".
pub(crate) const VAGUE: &[&str] = &[
    "몇", "뭐", "무엇", "어떤", "나중", "later", "전부", "모두", "자동", "그대로", "많", "다 ", "all", "what", "which", "how", "automatic",
    "default", "whatever", "불균형", "없", "있", "균형", "고르", "골고루", "균등", "맞", "balanced", "imbalanced", "unbalanced", "skewed",
    "even",
];
