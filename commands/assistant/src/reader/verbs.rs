//! The words that order an act: without one of them in the sentence nothing is started, stopped, dropped or deployed, however
//! sure the model is.

use crate::cues::Cues;
use crate::slots::Intent;

type Words = &'static [&'static str];

/// Agreeing or declining in so many words; they count where they are all that is said. A letter or a picture is no word: a
/// key that was struck by chance starts nothing.
#[rustfmt::skip]
const YES: Words = &[
    "yes", "yep", "yeah", "yup", "ya", "sure", "ok", "okay", "lgtm", "agreed", "deal", "please", "absolutely", "definitely",
    "네", "예", "응", "어", "그래", "넵", "넹", "엉", "웅", "ㅇㅇ", "ㅇㅋ", "콜", "ㄱㄱ", "고고", "오케이", "오키", "오케", "네네", "넵넵", "당연", "물론",
    "좋아요", "좋아", "좋습니다", "고", "그걸로", "그렇게", "이대로", "그대로", "하세요", "하시죠", "해주세요", "해주십시오", "해라", "하이소", "하쇼", "혀", "그려", "그라제", "오야", "그라모", "제출",
    "submit", "go", "fine", "right", "alright", "aye", "then", "well",
];
#[rustfmt::skip]
const NO: Words = &[
    "no", "nope", "nah", "no thanks", "no thank you", "pass", "아니", "아니요", "아뇨", "아니오", "ㄴㄴ", "노노", "싫어", "됐어", "됐어요",
];
#[rustfmt::skip]
const START: Words = &[
    "start*", "go", "go ahead", "run", "launch*", "begin*", "proceed*", "approve*", "confirm*", "accept*", "submit*", "execute*", "train it",
    "kick*", "do it", "ship it", "fire*", "send it", "get going", "lets go", "make it so", "make it happen", "roll",
    "시작", "진행", "승인", "돌려", "돌리", "돌립", "실행", "학습해", "학습시", "학습하", "훈련해", "훈련시", "훈련하", "가자", "갑시다", "가시죠", "고고", "ㄱㄱ", "스타트",
    "개시", "착수", "수락", "허가", "확정", "컨펌", "런해", "출발", "그렇게해", "그대로해", "이대로해", "이대로가", "그대로가", "걸어", "걸자", "가즈아",
    "굴려", "굴리", "태워", "질러", "밀어", "들어가", "집행", "렛츠고", "밟아", "쏴", "달려", "돌격", "킥오프", "그린라이트", "올려", "let it rip", "crack on", "get cracking", "go on then", "needful", "제출", "그걸로하", "submit*", "full steam", "the trigger", "green light", "the gas", "get it going", "spin it up", "light it up", "gogo*", "도려", "시자해", "off it goes", "set it off", "set it going", "off you go", "get it rolling", "my blessing", "my approval", "my go ahead",
];
#[rustfmt::skip]
const DROP: Words = &[
    "no", "reject*", "discard*", "drop*", "scrap*", "cancel*", "forget*", "never mind", "nevermind", "dont", "do not", "decline*", "dismiss*",
    "abandon*", "not now", "bin*", "trash*", "toss*", "withdraw*", "call it off", "changed my mind", "stop", "abort*", "delete*", "throw*",
    "취소", "거절", "거부", "폐기", "철회", "반려", "버려", "버리", "관두", "관둬", "그만두", "그만둬", "그만할", "그만", "접자", "접을", "접어", "없던", "없었던",
    "안할", "안해", "하지마", "하지말", "말자", "필요없", "됐어", "됐습", "아니", "무르", "물러", "삭제", "지워", "기각", "리젝", "관둘", "파기", "치워", "없애", "엎",
    "때려쳐", "때리치", "퇴짜", "거두", "거둬", "사양", "안함", "패스", "컷", "킬", "손절", "드랍", "물려", "물리", "안하는걸로", "치우", "거젏", "휴지통", "치아뿌", "디스카드", "스크랩", "캔슬", "받아들이지않", "안하기로", "제안내려", "rather not", "lets not", "not doing", "not going ahead", "not going forward", "hard pass", "kill*", "ditch*", "thumbs down", "regect*",
];
#[rustfmt::skip]
const STOP: Words = &[
    "cancel*", "stop*", "abort*", "kill*", "terminate*", "halt*", "end", "shut*", "quit", "interrupt*", "call off", "call it off", "pause*",
    "pull the plug", "drop", "nuke", "take down", "turn off", "delete job*", "remove job*", "get rid of", "misery", "on the head",
    "취소", "멈춰", "멈추", "멈출", "멈춥", "중단", "중지", "그만", "스톱", "스탑", "종료", "끝내", "꺼", "세워", "캔슬", "죽여", "킬", "정지", "끊어", "내려", "삭제", "접어", "지워버", "지워줘", "치워",
    "뽑아", "뽑자", "접자", "컷", "셧다운", "끊자", "끊으", "죽이", "엎어", "멈쳐", "중딘", "끄뿌", "치아뿌", "세아", "직이", "call time", "axe*", "take it down", "down",
];
#[rustfmt::skip]
const GO_ON: Words = &[
    "resume*", "continue*", "carry on", "pick up", "pick it up", "keep training", "keep going", "restart*", "unpause", "again", "go on",
    "rerun", "re run", "retry", "revive", "bring back", "left off", "checkpoint", "proceed*", "relaunch*",
    "back up", "back to life", "back into life", "set it off", "set off again", "carry it on", "up again", "리쥼", "풀어", "재기동", "재구동", "이어", "재개", "계속", "다시", "재시작", "마저", "리줌", "체크포인트", "재실행", "재가동", "재시도", "살려", "속행",
    "부활", "심폐소생", "깨워", "제개", "재게", "언포즈", "bring it back", "resum*",
];
#[rustfmt::skip]
const DEPLOY: Words = &[
    "deploy*", "serve*", "serving", "live", "publish*", "endpoint*", "production", "release*", "ship*", "api", "rollout", "roll out",
    "배포", "서빙", "엔드포인트", "올려", "올리", "운영", "디플로이", "서비스", "내보내", "api", "online", "spin up",
    "출시", "꽂아", "투입", "베포", "푸시", "프로덕션", "롤아웃", "in front of", "promote*", "prod", "depoly*",
];
#[rustfmt::skip]
const REGISTER: Words = &[
    "register*", "add", "save", "put", "make it", "store", "record", "등록", "올려", "넣어", "저장", "레지스터", "추가", "남겨", "버전으로",
];
#[rustfmt::skip]
const PROMOTE: Words = &[
    "promote*", "move", "point", "set", "make", "switch*", "tag", "assign", "use", "put", "push", "ship", "deploy*", "release*", "roll out", "take", "go live", "live", "stick", "pop", "bump*", "promot*",
    "승격", "프로모트", "프로모션", "올려", "올리", "옮겨", "옮기", "지정", "바꿔", "교체", "배포", "전환", "걸어", "붙여", "세팅", "설정", "내보내", "반영", "투입", "갈아", "넘겨", "보내", "로해줘", "로해주", "로하자", "달아",
];
#[rustfmt::skip]
const ROLL_BACK: Words = &[
    "roll back", "rollback*", "roll it back", "roll*", "revert*", "restore", "go back", "put back", "bring back", "back to", "undo", "switch back", "downgrade", "return*", "rolback*", "take back", "as it was",
    "되돌", "롤백", "원복", "복구", "돌려", "돌리", "내려", "원래대로",
];
#[rustfmt::skip]
const AFRESH: Words = &[
    "reset*", "start over", "start again", "from scratch", "clear this", "clear it", "clear the", "clear our", "clear all", "clear everything", "clear chat", "clear everything*", "new chat", "new conversation", "wipe*", "over again", "fresh", "beginning",
    "restart our", "restart the whole", "restart this", "afresh", "begin again", "begin new", "forget everything", "forget all", "this whole thing over",
    "whole conversation over", "delete the conversation", "처음부터", "초기화", "리셋", "잊어", "날려버", "새로", "다시 시작", "다시시작", "새 대화", "새대화", "싹", "지우고",
    "갈아엎", "백지", "첨부터", "처음으로", "다무시", "대화다", "다지워", "conversation over", "chat over", "from nothing", "from zero", "our whole conversation", "밀어버", "포맷", "새판", "초기하", "클리어", "square one",
];

/// Talk of an act: whether, why, when, what if, and what was said or done.
#[rustfmt::skip]
const TALKS_OF: Words = &[
    "would", "should", "shall", "if", "as soon as", "whenever", "neither", "whether", "suppose", "imagine", "when", "already", "thanks for", "thank you for", "said", "says", "told", "asked",
    "i guess", "i could", "we could", "who", "what", "why", "how", "maybe", "perhaps", "might", "used to", "at 0*", "until", "after", "once the",
    "만약", "혹시", "하면", "되면", "으면", "다면", "라면", "될까", "할까", "일까", "을까", "하나요", "되나요", "건가", "나요", "던데", "했던", "했어", "했는데", "했다", "했습니다", "라고",
    "했었", "었죠", "았죠", "film", "movie", "영화", "게임", "serving size*", "servings", "show", "episode", "we start with", "and then we",
    "다고", "냐고", "고맙", "감사", "땡큐", "이유", "사유", "왜", "누가", "언제", "어떻게", "의견", "여부", "려니까", "자마자", "는대로", "는지", "방안", "체크리스트", "가아니라", "도거", "헛나", "수도있",
    "적없", "라칸", "라카", "라캤", "인가", "는가", "뭐죠", "뭐가", "뭔가", "차이", "봤어", "봤는데", "거든", "봤습니다", "답니다", "다네요", "한대요", "된대요", "difference",
];
/// A question that asks for the act and not about it.
#[rustfmt::skip]
const REQUESTS: Words = &["could you", "can you", "would you", "will you", "please", "줄래", "주실래", "주시겠"];
/// Taking something back, or not doing it, or not now; which is what dropping a proposal is said with.
#[rustfmt::skip]
const NOT_NOW: Words = &[
    "no wait", "wait no", "actually no", "scratch that", "never mind", "nvm", "on second thought", "second thoughts", "아니다", "아아니", "안할", "안합", "도안",
    "didnt", "did not", "not", "wont", "shouldnt", "yet", "later", "말아", "말라", "말고", "않", "안했", "안해도", "안돼", "아직", "나중", "내일", "이따",
];

/// Whether the turn may well speak of the act instead of ordering it.
pub(crate) fn doubts(cues: &Cues, intent: Intent) -> bool {
    let asks = cues.any(&["?"]) && !cues.any(REQUESTS);
    asks || cues.any(TALKS_OF) || intent != Intent::Reject && cues.any(NOT_NOW)
}

/// Not doing something, in so many words.
#[rustfmt::skip]
const FORBIDS: Words = &[
    "dont", "do not", "never", "no need to", "lets not", "like id ever", "like i would ever", "like wed ever", "as if id", "as if we", "말란", "말라고", "생각없", "하지않", "보류", "미뤄", "미루", "받고할", "받고나서", "확인하고할", "얘기하고할", "log line*", "log says",
];
/// An act as a thing that there is to be none of: "leave it, no rollback".
#[rustfmt::skip]
const NONE_OF: Words = &[
    "no rollback*", "no roll back", "no deployment*", "no promotion*", "no cancellation*", "no restart*", "no registration", "no reset",
    "롤백없", "롤백은없", "배포없", "배포는없", "승격없", "승격은없", "취소없", "취소는없", "재개없", "재개는없",
];
/// What is played, and no training.
const PLAYED: Words = &[
    "song",
    "music",
    "spotify",
    "youtube",
    "netflix",
    "playlist",
    "스포티파이",
    "유튜브",
    "넷플릭스",
    "음악",
    "노래",
    "드라마",
];
/// Not dropping a proposal, before one of its verbs: "let's not throw it away".
const SPARES: Words =
    &["dont", "do not", "lets not", "let us not", "never", "no need to", "wont", "not going to"];
/// And after one, in Korean.
#[rustfmt::skip]
const SPARED: Words = &[
    "취소하지", "폐기하지", "철회하지", "접지", "버리지", "거절하지", "지우지", "없애지", "등록안", "등록하지", "승격안", "승격하지", "롤백안", "롤백하지",
];

/// Whether the turn says that the proposal is not to be dropped.
fn spares(cues: &Cues) -> bool {
    let verbs = || DROP.iter().filter(|verb| verb.is_ascii() && !REFUSALS.contains(verb));
    let denied = |before: &str| verbs().any(|verb| cues.any(&[&format!("{before} {verb}")]));
    cues.any(SPARED) || SPARES.iter().any(|before| cues.any(&[before]) && denied(before))
}

/// Of the words that drop a proposal those that say no by themselves.
const REFUSALS: Words =
    &["no", "dont", "do not", "never mind", "nevermind", "not now", "rather not", "lets not", "not doing"];

/// The end of a verb that is denied, which also begins after `까지`: "지금까지 말한".
const DENIED: Words = &["지마", "지말"];

/// Whether the turn says not to do it.
fn forbids(cues: &Cues, intent: Intent) -> bool {
    match intent {
        Intent::Reject => spares(cues) || cues.any(PLAYED),
        _ => cues.any(FORBIDS) || cues.any(NONE_OF) || cues.any(PLAYED) || cues.any_but_after('까', DENIED),
    }
}

/// Whether the turn orders in so many words what `intent` does.
pub(crate) fn orders(cues: &Cues, intent: Intent) -> bool {
    let alone: &[Words] = match intent {
        Intent::Approve => &[YES],
        Intent::Reject => &[NO],
        _ => &[],
    };
    let says_so = ordered_by(intent).is_some_and(|verbs| cues.any(verbs));
    let agrees = || alone.iter().any(|words| cues.any(words)) && cues.made_of(alone);
    // "Which weights does the run start from" asks, with or without its mark.
    let asks =
        intent == Intent::Approve && cues.starts(&["which", "what", "where", "who", "why", "how", "when"]);
    let cheers = intent == Intent::Approve
        && cues.starts(&["lets go"])
        && !cues.any(GO_WITH)
        && !cues.made_of(&[YES, START]);
    // Who did it, and whether one might, is asked about: no order is worded so.
    let ponders = cues.any(&["wonder if", "wonder whether", "wondering"]) || cues.starts(&["누가"]);
    (says_so || agrees()) && !asks && !ponders && !cheers && !forbids(cues, intent)
}

/// What "let's go" leads on to when it is not somebody's team that is to go.
const GO_WITH: Words = &[
    "lets go with",
    "lets go ahead",
    "lets go for it",
    "lets go then",
    "lets go now",
    "lets go and",
    "lets go please",
];

fn ordered_by(intent: Intent) -> Option<Words> {
    match intent {
        Intent::Approve => Some(START),
        Intent::Reject => Some(DROP),
        Intent::Cancel => Some(STOP),
        Intent::Resume => Some(GO_ON),
        Intent::Deploy => Some(DEPLOY),
        Intent::RegisterModel => Some(REGISTER),
        Intent::Promote => Some(PROMOTE),
        Intent::RollBack => Some(ROLL_BACK),
        Intent::Reset => Some(AFRESH),
        _ => None,
    }
}

/// The act that a question is about: "what happens if I cancel?".
pub(crate) fn asked_about(cues: &Cues) -> Option<Intent> {
    let of_versions = [
        (Intent::Promote, &["promote*", "승격", "alias", "별칭"][..]),
        (Intent::RollBack, &["rollback*", "roll back", "rolling back", "롤백"]),
    ];
    let named = of_versions.into_iter().find(|(_, words)| cues.any(words)).map(|(intent, _)| intent);
    let asked =
        [Intent::Cancel, Intent::Reject, Intent::Resume, Intent::Deploy, Intent::Approve, Intent::Reset];
    let others = || asked.into_iter().find(|intent| ordered_by(*intent).is_some_and(|verbs| cues.any(verbs)));
    named.or_else(others)
}
