//! Words about models that people have named, their versions and aliases.

use super::Words;

pub(crate) const VERSION_WORDS: Words = &["version", "versions", "ver", "ver.", "버전", "버젼"];
/// What joins two versions; and what may follow a number in Korean words.
pub(crate) const LINKS: (Words, Words) = (
    &["and", "vs", "versus", "with", "to", "or", ",", "&", "/", "이랑", "랑", "하고", "와", "과", "대", "보다", "번이랑", "번하고", "번과"],
    &["으로", "로", "을", "를", "은", "는", "이랑", "랑", "과", "와", "하고", "번", "말고", "이"],
);
/// An alias, and what people call it.
pub(crate) const ALIASES: &[(&str, Words)] = &[
    ("production", &["production", "prod", "prd", "live", "프로덕션", "운영", "상용", "실서비스", "실운영", "라이브"]),
    ("staging", &["staging", "stage", "스테이징", "스테이지", "검증계"]),
    ("champion", &["champion", "champ", "챔피언", "챔피온"]),
    ("challenger", &["challenger", "챌린저", "도전자"]),
    ("candidate", &["candidate", "후보"]),
    ("canary", &["canary", "카나리", "카나리아"]),
];
pub(crate) const ALIAS_WORDS: Words = &["alias", "별칭", "별명", "에일리어스", "얼라이어스", "알리아스"];
/// What introduces a name.
pub(crate) const NAMING: Words = &[
    "named", "called", "name it", "call it", "name", "under the name", "the name", "이름은", "이름을", "이름이", "이름", "모델명은", "모델명", "모델 이름은", "모델 이름",
];
/// What opens and closes a name.
pub(crate) const QUOTES: &[(char, char)] = &[('\'', '\''), ('"', '"'), ('「', '」'), ('『', '』'), ('`', '`'), ('<', '>')];
/// What stands right behind the mark that closes one.
pub(crate) const CALLED: Words = &["이라는", "라는", "이란", "란", "라고 등록", "이라고 등록", "라고 이름", "이라고 이름", "라고 저장", "이라고 저장",
    "라고 불러", "이라고 불러", "으로", "로", "의", "이름"];
/// How words end that say when, where or why, and not what.
pub(crate) const ADVERB_ENDS: &[char] = &['게', '히', '서', '면', '고', '는', '던', '럼', '터', '지', '요', '까', '데', '만', '도', '시', '이', '한', '된', '진', '은', '을'];
/// What a name stands before.
pub(crate) const LED: Words =
    &["등록", "레지스트리", "이름으로", "라는 이름", "모델 버전", "버전", "버젼", "모델", "운영", "프로덕션", "registry", "versions", "version"];
pub(crate) const PARTICLES: Words = &[
    "이라는", "라는", "이라고", "라고", "으로", "로", "의", "은", "는", "을", "를", "이", "가", "에서", "에", "이야", "야", "입니다", "이에요", "예요", "이고", "로요", "으로요",
    "이요", "요", "랑", "이랑", "도", "으로다가", "로다가",
];
/// How a verb ends that stands before a word which a name may stand before.
pub(crate) const VERB_ENDS: Words = &["다", "네", "니까", "는데", "아요", "어요", "해서", "라서", "지만", "거든", "하고", "네요", "해요", "으니", "하니", "하게", "되게", "히"];
/// Words that are no name although they stand where one could.
pub(crate) const NO_NAME: Words = &[
    "으로", "이라는", "라는", "이라고", "the", "a", "an", "my", "our", "it", "its", "this", "that", "model", "models", "version", "versions", "new", "next", "job", "run", "registry", "name", "as", "to",
    "of", "for", "in", "on", "and", "is", "are", "which", "what", "latest", "newest", "last", "best", "current", "previous", "old", "all", "both", "please", "us", "me", "now",
    "today", "them", "one", "two", "three", "both", "register", "promote", "rollback", "revert", "restore", "show", "list", "compare", "put", "go", "live", "alias", "same", "their", "with", "not", "at", "make", "compare", "set", "use", "move", "point", "roll", "switch", "take", "ship", "deploy", "tag", "push", "back", "no", "say", "then", "let", "go", "here", "there", "first", "everything", "detection", "classification", "segmentation", "모델", "모델을", "버전", "이거",
    "그거", "저거", "이걸", "그걸", "새로", "지금", "방금", "최신", "이전", "직전", "예전", "마지막", "작업", "이번", "그냥", "정식", "결과", "우리", "현재", "이름", "다음", "제일", "가장", "어떤", "무슨", "학습", "새", "탐지", "분류", "검출", "버젼", "아까", "둘", "하나", "등록된", "등록한", "정확한", "좋은", "높은", "나은", "끝난", "있는", "쓰는", "올라간", "나간", "답하는", "전체", "모든",
];
