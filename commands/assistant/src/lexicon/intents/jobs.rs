//! What is asked of jobs and of trained models.

use crate::lexicon::Words;

pub(crate) const WHY: Words = &[
    "why", "how come", "what went wrong", "what happened", "what caused", "cause", "reason", "whats wrong",
    "what is wrong", "explain", "what broke", "what killed", "what made", "what error",
    "what was the error", "what is the error", "whats the error", "error message", "diagnose", "failure",
    "whyd", "whys", "why did", "what reason", "the reason", "what was wrong", "왜", "이유", "원인", "까닭", "어째서",
    "웨", "뭐가문제", "무슨문제", "문제가뭐", "뭐가잘못", "무슨일", "어쩌다", "에러가뭐", "오류가뭐", "무슨에러", "무슨오류", "에러내용", "오류내용",
    "에러메시지", "오류메시지", "실패사유", "뭔일", "에러로그", "오류로그", "어떤에러", "어떤오류", "에러설명", "오류설명", "사유", "메모리부족", "때문이", "때문인", "때문일",
    "뭐때문", "왜냐", "root cause", "traceback", "stack trace", "logs", "log", "영문", "왜그래", "hold up", "holdup",
    "what went", "what tripped", "what ended", "what stopped", "what crashed", "what messed",
    "for what reason", "how did it fail", "how did it crash", "what gives", "whats up with", "explanation",
    "post mortem", "postmortem", "뭣때문", "무엇때문", "뭐땜", "땜에", "웬일", "어찌된", "어떻게된거", "뭔문제", "뭐가꼬", "먼일", "와그", "와죽",
    "와멈",
    "whats the story", "the story",
];
pub(crate) const FAILURE: Words = &[
    "fail*", "stop*", "crash*", "die", "died", "dies", "dead", "kill*", "abort*", "error*", "wrong",
    "broke*", "break", "terminated", "cancelled", "canceled", "halted", "end", "ended", "quit", "preempt*",
    "interrupted", "lost", "diverge*", "nan", "out of memory", "oom", "not work*", "not start*", "stuck",
    "blow up", "blew up", "didnt finish", "not finish", "went wrong", "go wrong", "happened", "failure",
    "give up", "gave up", "not run*", "pause*", "exit*", "fall over", "fell over", "bad", "low", "so slow",
    "taking so long", "실패", "멈", "중단", "중지", "죽", "에러", "오류", "안돼", "안되", "안됐", "망", "끊", "꺼", "문제", "터",
    "뻗", "튕", "종료", "끝", "잘못", "취소됐", "취소된", "취소되", "중간에", "안돌", "안끝", "사유", "깨", "발산", "나가", "날아", "무슨일",
    "서버", "안나", "안오르", "느려", "낮", "그래", "부족", "떠", "뜨", "이상하", "too low", "so low", "crazy", "freez*",
    "froze", "hang", "hung", "hangs", "interruption", "outage", "breakdown", "shutdown", "shut down",
    "went down", "bust*", "choke*", "collapse*", "explod*", "bail*", "quit*", "not running", "killed",
    "logs", "log", "traceback", "멎", "뻑", "고장",
    "conk*", "keel*", "bomb*", "south", "belly up", "bit the dust", "bite the dust", "trip*", "toast", "tank*",
    "croak*", "fizzl*", "barf*", "flop*", "flak*", "pack it in", "packed in", "packed it in", "packed up",
    "pack up", "gave out", "give out", "face plant*", "faceplant*", "nosedive*", "tumbl*", "burn*", "melt*",
    "unhappy", "upset", "complain*", "ground to", "fall apart", "fell apart", "fold*", "cut out",
    "kick the bucket", "kicked the bucket", "snuffed", "bottom out", "derail*", "kaput", "awry", "sideways",
    "pear shaped", "haywire", "knocked", "not finish*", "never finish*", "never start*", "didnt start",
    "didnt run", "bork*", "dropped", "drop out", "dropped out", "퍼졌", "자빠", "엎어", "쓰러", "먹통", "맛이가", "맛갔",
    "뒤졌", "주저앉", "꼬였", "꼬인", "탈났", "탈이", "드러누", "거부", "삑", "뿅", "멎었", "꺼진", "꺼졌", "안뜨", "안떠", "안되는", "안되지",
    "죽는", "뻑나", "뻑난",
];
/// The mark U+E002 stands for a job.
pub(crate) const RESULTS: Words = &[
    "result*", "accuracy", "confusion", "metrics", "metric", "map", "map50", "f1", "precision", "recall",
    "score", "scores", "how good", "how well did", "how well does", "how accurate", "measurements",
    "measurement", "loss curve", "loss curves", "learning curve*", "curve*", "evaluation",
    "validation loss", "how did it do", "how did it go", "how did job", "how \u{E002} did", "how \u{E002} went", "how \u{E002} turned out", "how \u{E002} performed", "how did the", "final loss",
    "performance", "report", "per class", "how did training go", "worst class*", "best epoch", "did it do",
    "turn out", "numbers", "plot*", "chart*", "graph*", "perform", "결과", "정확도", "혼동", "컨퓨전", "성능", "지표",
    "점수", "정밀도", "재현율", "얼마나정확", "얼마나잘맞", "얼마나잘나", "측정", "손실그래프", "손실곡선", "학습곡선", "그래프", "곡선", "최종손실",
    "로스그래프", "평가", "리포트", "보고서", "성적", "수치", "잘나왔", "몇점", "오차행렬", "맵이얼", "로스는", "손실은", "손실이", "로스가", "매트릭스",
    "메트릭", "제일약", "가장약", "약한클래스", "취약", "제일못", "가장못", "제일잘", "가장잘", "f1점수", "스코어", "val acc", "acc",
    "how did it turn", "how did", "which class*", "get wrong", "gets wrong", "wrong most", "most wrong",
    "confused with", "mixed up", "mixes up", "틀려", "틀리", "헷갈", "못맞", "오답", "잘맞히", "잘맞추", "제일좋은", "최고성능",
    "베스트", "best score", "best map", "best accuracy", "볼수있을까요결과", "how well", "final numbers", "did we get",
    "how good did", "howd", "misclassif*", "val loss", "test score", "learn anything", "정답률", "에프원", "오분류",
    "오답률", "리콜", "프리시전", "엠에이피", "정확률", "맞춘", "맞힌",
    "mixes", "did we beat", "did it beat", "pan out", "panned out",
    "fared", "fare", "come out", "came out", "do any good", "get right", "gets right", "end up with", "scored",
    "mess up most", "how many did it", "best so far", "tp fp", "roc", "auc", "eval", "평점", "잘맞", "잘구분", "잘잡",
    "얼마나맞", "맞추나", "맞히나", "틀린", "맞은", "몇나왔", "얼마나왔어정", "최고기록", "성과", "결괏", "헷갈려", "혼동하",
    "struggle*", "최고에폭", "베스트에폭", "제일좋았", "가장좋았", "못잡", "놓치", "놓친",
    "얼마나좋", "얼마나잘", "better than expected",
    "performed", "performs", "performing", "did well", "do well", "figures",
];
pub(crate) const STATUS: Words = &[
    "status", "progress", "are we there yet", "how long until", "is it running", "still running",
    "still going", "how much longer", "how much time", "what epoch", "which epoch", "current epoch",
    "has it started", "did it start", "did you start", "has it begun", "have you started",
    "has the training started", "did the training start", "already started", "still training",
    "current loss", "time left", "time remaining", "percent complete", "whats happening",
    "what is happening", "어디까지", "진행률", "진행상황", "진행상태", "진행현황", "진행도", "진행정도", "진행중", "진행되", "진행돼", "진행은",
    "진행이", "진행이얼", "진행어", "얼마나진행", "상태", "스테이터스", "잘돼가", "잘되가", "잘되고", "잘돌", "되고있", "돼가", "되가", "되어가",
    "됐어?", "됐나", "됐니", "됐는지", "됐습니까", "됐어요?", "되었", "돌아가고있", "돌아가나", "돌아가", "돌고있", "끝났", "끝나", "언제끝",
    "언제완료", "완료됐", "완료되", "완료했", "다했", "다됐", "남았", "남은시간", "남은에폭", "얼마나남", "얼마나걸", "얼마나됐", "얼마나했", "몇에폭",
    "몇에포크", "몇번째에폭", "몇퍼센트", "몇프로", "현황", "지금뭐하", "시작했어", "시작했나", "시작됐", "시작되었", "시작했니", "시작한거", "시작했는지",
    "시작은했", "다돌았", "어떻게되고", "어떻게돼", "어떻게되", "얼마나학습", "현재로스", "지금로스", "아직멀었", "아직도", "안끝", "끝남", "어케되",
    "어케됐", "어케됨", "언제다", "멀었", "경과", "돌고있어", "잘하고있", "어떻게됐", "학습중이", "학습중인", "학습중?", "언제쯤", "완료될", "끝날까",
    "끝날", "에폭몇", "에폭이몇", "에포크몇", "지금상황", "상황어때", "상황은", "상황이어때", "상황알려", "상황보고", "몇퍼", "끝나려면",
    "state of job", "where job", "job stand*", "update on", "update me", "any progress", "finished yet",
    "almost there", "how long left", "epochs left", "how many epochs", "hows it looking",
    "how is it looking", "check up on", "chugging along", "진척", "진도", "어디쯤", "몇시간", "몇분", "언제돼", "언제되",
    "다돼", "다되", "얼마남", "any joy", "chugging", "up to speed", "any movement", "how long is it", "getting on",
    "how it goes", "hows it getting", "몇시에끝", "몇시쯤", "얼마나더",
    "nearly through", "wrapped up", "wrap up", "crunching", "churning", "cooking", "ticking along",
    "plugging away", "long to go", "stand", "stands", "when itll be", "when it will be", "through yet",
    "still alive", "survived", "still up", "holding up", "done with", "halfway", "half way",
    "how much is left", "whats left", "far off", "getting there", "under way", "underway", "made it to",
    "moving along", "moving forward", "still at it", "been going", "where are we at", "where is it at",
    "whereabouts", "살아있", "굴러가", "쌩쌩", "순항", "얼마나왔", "어디까지왔", "아직하고", "하는중", "가고있", "언제까지", "언제면", "몇프로나",
    "몇퍼나", "몇퍼센", "끝이보", "얼마나되었", "다했나", "마무리", "다왔", "돌고는", "돌아는",
    "is it through", "all through",
    "what percentage", "percentage", "complete already", "what stage", "which stage", "completed",
    "rest will take", "무슨단계", "어느단계", "몇단계", "단계야", "끝난거", "걸릴지", "걸릴까", "순조", "가고있지",
    "conclude*", "reached yet",
    "an update", "any update", "update please", "status update", "progress report", "근황", "이상없이",
];
pub(crate) const STATUS_OF: Words = &[
    "how far", "how is", "hows", "how are", "done yet", "finished", "done", "eta", "how long", "when will",
    "ready yet", "is it ready", "state of", "what state", "where is", "complete yet", "update on",
    "almost done", "going", "is my", "check on", "over yet", "any news", "doing", "left", "remaining",
    "coming along", "how goes", "started yet", "where are we", "is training",
    "wrapped", "alive", "up to",
    "wheres", "where am i", "whereabouts",
];
pub(crate) const IT: Words = &[
    "it", "things", "everything", "my model", "the model", "going on", "far", "much longer", "done yet",
    "ready yet", "we", "eta", "time left", "over yet", "progress", "percent", "finished", "started",
    "that", "this", "that one", "this one", "the thing", "longer", "nearly", "now", "through", "crunching",
    "going",
];
pub(crate) const CANCEL: Words = &[
    "cancel*", "stop*", "abort*", "kill*", "terminate*", "halt*", "shut down", "shut it down", "end the",
    "end job", "end it", "pull the plug", "quit", "interrupt", "call off", "call it off", "pause", "취소",
    "멈춰", "멈추", "멈출", "멈춥", "중단", "중지", "그만", "스톱", "스탑", "종료", "끝내", "꺼주", "꺼줄", "꺼줘", "꺼버", "꺼라", "세워", "캔슬", "죽여",
    "킬해", "정지", "끊어", "일시정지", "내려줘", "삭제", "당장꺼", "put an end", "put a stop", "bring to an end",
    "no longer need*", "end of job", "nuke", "shut off", "turn off", "turn it off", "take down", "drop job",
    "get rid of", "dont need", "ditch", "axe", "cut off", "멈춤", "드랍", "강제종료", "그만돌",
    "on the head", "call time", "다꺼", "거꺼", "걍꺼", "전부꺼",
    "wrap it up now", "finish it off", "knock it off", "bring it down", "put it down", "cease", "discontinue",
    "lets end", "scrap",
    "내려버", "접어", "접자", "접을", "접게", "관둬", "관둘", "치워", "때려", "내려", "없애", "그쳐", "멎게", "멈추게", "정리해",
    "지워", "지우자", "지울",
    "철회", "무르",
    "out of its misery", "out of his misery",
];
pub(crate) const RESUME: Words = &[
    "resume*", "continue*", "carry on", "pick up", "pick it up", "pick up where", "keep training",
    "keep going", "restart", "unpause", "start it again", "start job", "train further", "take up",
    "from the last checkpoint", "from the checkpoint", "from where it", "where it left off",
    "proceed with job", "rerun", "re run", "run again", "go on with", "train more", "retry", "try again",
    "start again", "get job", "bring back", "back up", "이어서", "이어하", "이어가", "이어돌", "이어학습", "이어해", "이어줘",
    "이어진행", "이어훈련", "이어시", "이어주", "이어받", "이어나가", "이어붙", "재개", "계속학습", "계속해", "계속돌", "계속하", "계속시", "계속진행",
    "다시시작", "다시돌", "다시학습", "다시이어", "다시켜", "다시살", "재시작", "다시진행", "다시해", "마저", "리줌", "체크포인트부터", "멈춘데서", "멈춘곳",
    "멈춘부분", "멈췄던", "중단된", "중단했던", "멈춘거", "하던거", "하던학습", "재실행", "돌리던", "끊긴데", "끊긴곳", "멈춘지점", "중단한", "재기동",
    "재구동", "재수행", "재가동", "재시도", "리스타트", "리트라이", "이어서가", "살려", "let it continue", "going again", "off again",
    "relaunch", "re launch", "revive", "up again", "되살려", "복구", "다시걸", "다시가동", "이어달", "another go",
    "another shot", "another try", "wake it", "back on its feet", "going once more",
    "rolling again", "moving again", "running again", "on again", "back into life", "back to life",
    "back to work", "back on track", "back in action", "let it go on", "let it run on", "go on from",
    "keep on", "keep at it", "pick right up", "left off", "다시굴", "다시띄", "다시태", "다시달", "다시가", "다시올", "다시움",
    "이어나", "이어감", "이어갈", "계속가", "계속 해", "계속시켜", "계속이어", "속행", "계속굴",
    "정지풀", "정지해제", "멈춤해제", "정지를풀", "풀어줘", "정지를해제",
    "carry it on", "carry this on", "carry that on",
];
pub(crate) const TOPICS: Words = &[
    "행렬", "나", "show", "give", "what", "whats", "how", "when", "which", "did", "does", "do", "was", "were",
    "we", "get", "got", "tell", "see", "class", "classes", "best", "worst", "far", "much", "long", "final",
    "validation", "test", "accurate", "per", "by", "say", "epoch", "epochs", "percent", "still", "yet",
    "over", "current", "currently", "last", "latest", "most", "recent", "going", "running", "good", "bad",
    "well", "any", "is", "are", "has", "been", "have", "gpu", "loss", "time", "until", "finish", "complete",
    "start", "started", "more", "now", "today", "there", "at", "look", "like", "really", "알려", "보여", "얼마",
    "몇", "언제", "어디", "어떻", "어때", "뭐", "무엇", "클래스", "제일", "가장", "최종", "마지막", "최근", "지금까지", "현재", "아직", "모델",
    "에폭", "에포크", "학습", "훈련", "작업", "잡", "테스트", "검증", "손실", "로스", "퍼센트", "프로", "정도", "나왔", "나와", "나온", "나오",
    "높", "낮", "맞춰", "못", "잘", "되나", "돌아", "돌", "끝", "걸려", "걸리", "남", "했지", "안", "분", "시간", "확인", "조회", "궁금",
    "볼", "표", "이야", "인지", "인가", "인데", "어요", "나요", "까요", "까지", "줄래", "주라", "라", "방금", "아까", "그거", "거야", "거지",
    "중", "걸", "래", "싶", "대", "데", "떻", "째", "쯤", "많이", "자주", "어느", "쪽", "은", "는", "상황", "take", "taking",
    "gonna", "걔", "쟤", "얘", "그놈", "저놈", "이놈", "녀석", "놈", "mate", "pal", "buddy", "제발", "당장", "얼릉", "후딱",
    "미안", "죄송", "야",
    "건",
];
/// Asking whether it is over: "did it stop", `멈췄어?`.
pub(crate) const OVER: Words = &[
    "did", "has", "was", "have you", "is it", "is that",
];
pub(crate) const WHETHER_OVER: Words = &[
    "whether", "tell me if", "know if", "check if", "see if", "sure if",
];
/// The same in Korean, which needs no question mark.
pub(crate) const WHETHER_OVER_KOREAN: Words = &[
    "멈췄는지", "멈춘건지", "취소됐는지", "취소된건지", "중단됐는지", "중단된건지", "중지됐는지", "중지된건지", "꺼졌는지", "꺼진건지", "종료됐는지", "종료된건지",
    "재개됐는지", "재개된건지", "이어졌는지", "살아났는지",
];
/// What it would be over with.
pub(crate) const STOPPED: Words = &[
    "stop*", "cancel*", "abort*", "kill*", "halt*", "terminate*", "resume*", "pause*", "restart*",
    "shut down", "picked up", "continue*", "quit", "ended",
    "start*", "begun", "begin", "beginning", "finish*", "complete*", "converge*", "launch*",
    "conclude*", "end", "wrap*", "done",
];
pub(crate) const OVER_KOREAN: Words = &[
    "멈췄어", "멈췄나", "멈췄니", "멈췄지", "멈춘거야", "멈춘거지", "멈춘거맞", "멈춰졌", "취소됐", "취소된거", "취소되었", "중단됐어?",
    "중단됐나", "중지됐", "꺼졌", "꺼진거", "종료됐", "종료된거", "재개됐", "재개된거", "이어졌", "살아났", "제대로멈", "진짜멈췄", "진짜취소",
];
/// Taking up a question for another job: `53번 것도`.
pub(crate) const ANOTHER: Words = &[
    "것도", "거도", "꺼도", "것은", "거는", "껀", "역시", "마찬가지", "똑같이", "likewise", "ditto",
];
/// Pointing at a job without a noun.
pub(crate) const POINTED: Words = &[
    "it", "그거", "그것", "이거", "이것", "저거", "하던", "끊긴", "멈춘", "돌던", "돌리던", "죽은거", "중단된",
];
