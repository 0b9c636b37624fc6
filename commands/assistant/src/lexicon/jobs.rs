//! Words that name jobs, and what is done to them.

pub(crate) const NOUNS: &[&str] = &[
    "작업 번호", "작업", "잡", "학습 작업", "실험", "job number", "job id", "job no", "job", "run", "experiment",
    "training job", "task id", "training run", "잡 번호", "작업 id",
];
/// After some jobs, before the one of them that is meant.
pub(crate) const AMONG: &[&str] = &[
    "중에서", "중에", "중",
];
/// What a number of a job may stand before where the job is spoken of to leave it: `8번 학습 말고`.
pub(crate) const SPOKEN_OF: &[&str] = &["작업", "학습", "훈련", "모델", "실험", "잡", "거", "것", "꺼"];
/// Verbs whose object is a job where it is a number alone.
pub(crate) const ORDERS: &[&str] = &["cancel", "stop", "kill", "abort", "deploy", "resume", "register", "terminate", "halt"];
/// What is said of a job that does not take another's place.
pub(crate) const ON_ITS_OWN: &[&str] = &[
    "is", "was", "has", "had", "looks", "seems", "works", "did", "does", "will", "can", "too", "as well", "also", "failed", "finished",
    "must", "should", "needs", "keeps", "stays",
    "도", "은", "는", "이", "가", "왜", "어때", "어떻",
];
/// Those that a name of words may follow: `job cats-final`.
pub(crate) const SLUGGED: &[&str] = &[
    "job", "작업", "experiment", "실험", "잡", "training job", "학습 작업",
];
/// Nouns that count only together with a number before (`3번 모델`) or a sign (`model #3`).
pub(crate) const WEAK: &[&str] = &[
    "모델", "학습", "훈련", "트레이닝", "런", "model", "training", "weights",
];
/// What is done to jobs, so that `7번` beside it names one and counts nothing.
pub(crate) const DOINGS: &[&str] = &[
    "취소", "중지", "중단", "멈춰", "멈추", "그만", "재개", "이어서", "이어", "다시시작", "계속", "진행률", "진행상황", "상태", "결과", "어디까지",
    "끝났", "왜", "실패", "어떻게되", "예측", "추론", "성능", "정확도", "혼동", "재시작", "배포", "에러", "오류", "다됐", "잘", "돌아가", "어때",
    "돌고", "돌았", "남았", "진행중", "진행어", "진행이", "완료", "설명", "멈췄", "죽었", "터졌", "삭제", "어디", "상황", "얼마나", "컨퓨전",
    "매트릭스", "그거말고", "그것말고", "이거말고", "저거말고", "걔말고", "로그", "원인", "스톱", "스탑", "캔슬", "로스", "손실", "점수", "지표",
    "종료", "꺼줘", "살려", "마저", "몇프로", "몇퍼센트", "어케", "됐", "됨", "몇에폭", "스코어", "f1", "언제", "뭐가문제", "무슨문제", "현황",
    "접어", "접자", "접을", "내려", "치워", "때려", "관둬", "살아있", "굴려", "살렸", "세워", "꺼라", "꺼버", "퍼졌", "뻗었", "먹통",
    "끝난", "끝나", "끝낸", "끝내", "시작했", "다했", "몇퍼", "걸리", "걸려", "다돼", "다되", "정지", "풀어", "재시도", "최고", "베스트",
    "그래프", "곡선", "뱉",
];
/// English that is asked of a job, so that a bare number is one.
pub(crate) const ASKED: &[&str] = &[
    "did", "is it", "hows", "how is", "failed", "fail", "crash*", "died", "die", "done", "finish*",
    "status", "progress", "stuck", "why*", "how come", "resume", "kill", "cancel", "abort", "logs", "log",
    "error*", "dead", "running", "going", "results", "result", "accuracy", "confusion",
    "reason", "wrap*", "rolling", "conk*", "bomb*", "keel*", "scored", 
    "turn out", "carry on", "eta", "look like", "ended", 
    "bring",
];
/// What a number counts when it is no job.
pub(crate) const COUNTED: &[&str] = &[
    "epoch", "epochs", "%", "percent", "image", "images", "class", "classes", "minutes", "min", "mins",
    "hours", "hour", "hrs", "h ", "days", "times", "px", "pixels", "more", "gpus", "gpu", "pm", "am",
    "years", "people", "things", "datasets", "models", "jobs", "o'clock", "x",
];
/// Words of settings, beside which a number is theirs.
pub(crate) const SETTINGS: &[&str] = &[
    "epoch*", "batch*", "lr", "learning rate", "seed", "patience", "image size", "imgsz", "size",
    "resolution",
];
