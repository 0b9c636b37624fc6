//! Words that change an open list of classes.

/// Before what joins the list.
pub(crate) const ADD: &[&str] = &[
    "add", "adding", "include", "including", "append", "plus", "throw in", "put in", "insert", "bring in",
    "slip in", "stick in", "pop in", "chuck in", "additionally", "introduce", "along with", "bung in",
    "include also", "also include", "also add", "tack on", "toss in", "work in", "squeeze in", "count in",
    "also want", "also need", "also detect", "also classify", "extend with", "append also",
];
/// Before what joins the list with "in", and leaves it with "out".
pub(crate) const MOVE: &[&str] = &[
    "put", "stick", "pop", "chuck", "throw", "bring", "slip", "bung", "take", "pull", "leave", "cut",
    "kick", "strip", "keep", "move", "yank",
    "get", "have", "let", "slide", "toss",
];
pub(crate) const IN: &[&str] = &[
    "in", "on the list", "back",
    "into the mix", "into the list", "to the mix", "to the list", "on board", "aboard", "as well",
];
pub(crate) const OUT: &[&str] = &[
    "out", "off", "away", "from", "behind",
];
/// Before what leaves it.
pub(crate) const REMOVE: &[&str] = &[
    "remove", "removing", "drop", "dropping", "delete", "deleting", "exclude", "excluding", "take out",
    "get rid of", "lose", "leave out", "minus", "without", "except", "omit", "skip", "ditch", "kick out",
    "forget", "forget about", "scrap", "cut out", "strip out", "eliminate", "discard", "bin", "dump", "axe",
    "chuck out", "no more", "no", "not", "pull out", "ignore", "dont need", "don't need", "do not need",
    "dont want", "don't want",
    "do without", "lose the", "strike", "strike out", "cross out", "cross off", "weed out", "rule out",
    "toss out", "throw out", "dispense with", "cut the", "erase", "clear out", "unlist", "junk",
];
/// After what leaves it.
pub(crate) const REMOVED: &[&str] = &[
    "can go", "has to go", "have to go", "should go", "must go", "is out", "are out", "isn't needed",
    "isnt needed", "is not needed", "aren't needed", "arent needed", "are not needed", "is unnecessary",
    "are unnecessary",
    "not needed", "not necessary", "no longer needed", "no longer necessary", "aren't necessary",
    "isn't necessary", "isnt necessary", "arent necessary", "not required", "is irrelevant", "are irrelevant",
];
/// Before one class that gives way to another, which [`FOR`] leads to.
pub(crate) const SWAP: &[&str] = &[
    "swap", "swap out", "replace", "change", "exchange", "substitute", "trade", "rename", "switch", "turn",
    "swapping", "replacing", "call",
];
pub(crate) const FOR: &[&str] = &[
    "for", "with", "by", "to", "into", "->", "as",
];
/// Between a class and what it is called from now on.
pub(crate) const RENAMES: &[&str] = &[
    "should be called", "should be named", "should be", "should read", "is called", "is really", "are really", "is actually",
    "are actually", "becomes", "become", "is now", "are now",
    "->", "→", "=>",
];
/// Alone left in the list.
pub(crate) const ONLY: &[&str] = &[
    "only", "just", "nothing but", "none but",
];
/// After what joins the list, in Korean.
pub(crate) const ADDED_KOREAN: &[&str] = &[
    "추가", "넣", "포함", "더해", "더하", "끼워", "끼우", "보태", "붙여", "집어넣", "들어가", "들어가야", "있어야",
    "껴", "끼어", "얹", "집어 넣", "들어와", "합류", "챙겨", "보충",
    "도 같이", "도 함께", "도 찾", "도 탐지", "도 감지", "도 검출", "도 분류", "도 인식", "도 구분", "도 잡", "도 봐", "도 있으면", "도 필요",
    "도 해",
];
/// After what leaves it.
pub(crate) const REMOVED_KOREAN: &[&str] = &[
    "빼", "뺄", "뺀", "뺐", "뺌", "제외", "제거", "삭제", "지워", "지우고", "지울", "지우자", "없애", "없앨", "버려", "버리", "날려", "덜어",
    "떼", "필요 없", "필요없", "안 써", "안써", "안 쓸", "안쓸", "걷어내", "제하고",
    "안 넣", "안넣", "안 할", "안할", "치워", "치우", "내려", "뺍", "빠지", "빠져", "관둬", "날리", "버릴", "버리자", "필요가 없", "아웃",
    "탈락",
    "없이",
];
/// After the class that takes another's place.
pub(crate) const SWAPPED_KOREAN: &[&str] = &[
    "바꿔", "바꾸", "바꿀", "교체", "변경", "대체", "갈아", "수정", "고쳐", "해줘", "해 줘", "하자", "할래", "할게", "가자",
];
/// Between a class that gives way and the one that takes its place, whatever the verb.
pub(crate) const INSTEAD: &[&str] = &[
    "말고", "말구", "대신에", "대신", "아니고", "아니라", "를 빼고", "을 빼고",
];
/// Between them before a verb of swapping.
pub(crate) const GIVES_WAY: &[&str] = &[
    "말고", "말구", "대신에", "대신", "아니고", "아니라", "를", "을", "은", "는", "이", "가",
];
/// What may follow a class whose name is Hangul, or whose name Hangul follows.
pub(crate) const PARTICLES: &[&str] = &[
    "은", "는", "이", "가", "을", "를", "도", "만", "과", "와", "이랑", "랑", "하고", "이나", "나", "의", "로", "으로", "까지",
    "에서", "빼", "뺄", "말고", "제외", "삭제", "추가", "넣", "대신", "이요", "요", "만요", "들",
];
/// Words beside a class that are part of none.
pub(crate) const ASIDES: &[&str] = &[
    "에", "에다", "에서", "로", "으로", "을", "를", "은", "는", "이", "가", "다", "클래스", "라벨", "레이블", "목록", "리스트", "종류",
    "항목", "카테고리", "거기", "여기", "그냥", "그리고", "좀", "아", "아니", "ㄴㄴ", "또", "더", "하나", "하나만", "하나더", "도", "다시",
    "일단", "그럼", "있어", "있어서", "있는데", "있으니까", "있네", "있음", "있고", "이것", "음", "참", "맞다", "한 개", "마지막", "마지막으로",
    "새로", "그", "그거", "이거", "역시", "혹시", "그러면", "이제", "나중", "깜빡", "까먹", "고", "요", "자",
    "이름", "이름을", "이름도", "명칭", "클래스명", "라벨명", "이름만", "라는", "이라는",
    "class", "classes", "label", "labels", "category", "categories",
];
/// Words after an English class that are part of none.
pub(crate) const AFTER_CLASS: &[&str] = &[
    "to", "from", "out", "off", "in", "as well", "too", "please", "back", "also", "would you", "will you",
    "could you", "if you", "class", "classes", "label", "labels", "category", "categories", "for me",
    "again", "instead", "for", "with", "by", "now", "then", "thanks", "mate", "altogether", "entirely",
    "completely", "while", "so", "because", "since", "as", "pls", "ok", "okay", "away", "on", "list",
    "until", "this time", "at", "->", "into",
];
/// What is added to a training and is no class.
pub(crate) const NOT_CLASSES: &[&str] = &[
    "augment", "증강", "option", "옵션", "setting", "설정", "warmup", "웜업", "scheduler", "스케줄", "note", "메모",
    "comment", "dropout", "드롭아웃", "regulari", "정규화", "epoch", "에폭", "data", "데이터", "image", "이미지", "사진",
    "photo", "layer", "레이어", "gpu", "time", "시간", "model", "모델", "it", "them", "that", "this", "more",
    "everything", "제안", "proposal", "작업", "job", "training", "학습", "something", "anything", "few", "some",
    "one", "another", "new", "idea", "rush", "problem", "worries", "need", "thanks", "조건", "기능", "우선순위",
    "priority", "optimizer", "옵티마이저", "rest", "나머지", "care", "me", "you", "we", "i", "what", "how",
];
