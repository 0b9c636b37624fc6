//! The words each intent is known by.
//!
//! Korean cues have no spaces, because people put them anywhere. English cues are whole words; `*` lets the last go on.

use super::Words;

pub(crate) const INJECTION: Words = &[
    "ignore previous", "ignore all", "ignore the previous", "ignore the above", "ignore your", "ignore any",
    "ignore everything", "disregard*", "forget your instructions", "forget all previous", "system prompt",
    "system message", "your prompt", "your instructions", "jailbreak*", "developer mode", "you are now",
    "pretend you*", "pretend to*", "act as", "drop table", "api key*", "password*", "secret*",
    "credentials", "hidden prompt", "override your", "시스템프롬프트", "이전지시", "이전명령", "지시를무시",
    "지시사항을무시", "지시무시", "명령을무시", "명령은무시", "프롬프트를출력", "프롬프트를보여",
    "프롬프트알려", "역할극", "너는이제부터", "비밀번호", "앞의지시", "위의지시", "관리자권한",
    "규칙을무시", "탈옥", "지침을",
];
pub(crate) const RESET: Words = &[
    "start over", "start again from", "start from the beginning", "start from zero", "start anew",
    "start afresh", "start fresh", "fresh start", "reset", "begin again", "from the top",
    "clear everything", "clear the conversation", "clear this conversation", "clear the chat", "clear chat",
    "clear all", "wipe the", "wipe everything", "wipe it", "new conversation", "new chat", "new session",
    "clean slate", "forget everything", "restart the conversation", "restart this conversation",
    "back to square one", "restart from scratch", "start from scratch", "erase everything",
    "erase this conversation", "scratch everything", "from the very beginning", "restart our",
    "all over again", "처음부터다시", "처음부터하", "처음부터시작", "처음부터새", "처음부터가",
    "처음으로돌", "처음으로가", "처음으로되", "처음상태", "리셋", "초기화", "새로시작", "새로하자",
    "새로다시", "다시처음", "새대화", "다지우", "다지워", "대화지", "대화를지", "싹지", "싹다", "원점",
    "백지", "다시처음부터", "없던걸로하고처음", "모두지우", "모두지워", "전부지우", "전부지워",
    "대화내용삭제", "대화삭제", "다잊", "모두잊", "전부잊", "새로운대화", "갈아엎", "wipe this", "wipe our",
    "다없애", "모두없애", "다버리고",
];
/// Ending or beginning again, where [`CHAT`] is what ends.
pub(crate) const AFRESH: Words = &[
    "start*", "restart*", "begin*", "clear*", "wipe*", "reset*", "erase*", "delete*", "forget*", "scrap*", "drop*",
    "throw*", "지우", "지워", "지울", "삭제", "리셋", "초기화", "잊어", "잊고", "없애", "새로", "다시시작", "날려", "비우", "비워",
    "anew", "afresh", "첨부터",
];
pub(crate) const CHAT: Words = &[
    "conversation", "this chat", "our chat", "the chat", "chat history", "whole chat", "chat over", "everything over", "everything we said",
    "all over", "all this", "all of this", "all of that", "all that", "all what", "what i said", "what we said", "all i said",
    "everything i said", "대화", "채팅", "한얘기", "한이야기", "했던얘기", "했던말", "한말", "얘기다", "나눈", "기록다", "지금까지건", "지금까지것",
    "지금까지거",
    "session", "whole thing", "this thing over", "the board", "our context", "the context", "첨부터", "새출발",
];
pub(crate) const PREDICT: Words = &[
    "predict*", "inference", "infer", "test it on", "test it with", "try it on", "try it with",
    "try the model", "run it on", "run the model on", "run the trained", "run my model", "apply",
    "use the model on", "score this", "use the trained model", "use my model on", "test the model on",
    "test the trained", "try the trained", "test my model", "run the best model", "what does the model say",
    "try out", "추론", "예측", "인퍼런스", "뭐가보여", "뭔지맞", "뭐로분류", "뭐로나", "뭐라고나",
    "뭐라고분류", "뭐가나오", "맞춰봐", "맞혀봐", "테스트해", "시험해", "적용해", "돌려봐줘", "뭐가찍",
    "뭐가있는지", "알아맞혀",
];
pub(crate) const COMPARE: Words = &[
    "compare*", "comparison", "difference*", "versus", "vs", "which is better", "which is faster",
    "which one is", "better than", "faster than", "differ", "side by side", "stack up", "pros and cons",
    "against", "or", "bigger than", "smaller than", "lighter than", "which is", "비교", "차이", "다른점",
    "뭐가더", "뭐가다", "어느게더", "어느쪽이더", "어떤게더", "중에", "둘중", "견주", "대결", "더나",
    "더좋", "뭐가나", "더빨",
    "sets", "trade offs", "tradeoffs", "pick between", "choose between", "stacks up", "more accurate", "견줘", "낫", "나음",
];
/// Comparing in so many words, which needs no second model.
pub(crate) const COMPARE_PLAINLY: Words = &[
    "compare*", "comparison", "비교",
];
pub(crate) const RECOMMEND: Words = &[
    "recommend*", "suggest*", "advise", "advice", "best model", "right model", "good model",
    "suitable model", "which model should", "what model should", "which model would", "which model is best",
    "which model fits", "which model suits", "what model would", "which model to use", "which one should",
    "what should i use", "which model works", "which architecture should", "what architecture should",
    "which model do you think", "pick a model", "choose a model", "help me choose", "help me pick",
    "best architecture", "model is best", "model is right", "model should i", "model would you",
    "model would be", "model fits", "model suits", "what works best", "model works best", "which network",
    "which model is good", "which model is the best", "which is the best model", "most suitable",
    "ideal model", "which model for", "best classification model", "best detection model", "best segmentation model",
    "best pose model", "what model for", "choose a suitable", "추천", "맞을까", "맞는모델",
    "맞나요", "적합", "알맞", "적당한모델", "좋은모델", "좋을까", "써야", "쓰는게좋", "쓰는게나", "쓰면좋",
    "쓰면될까", "쓰면돼", "골라줘", "골라주", "뭐가좋", "뭐가나을", "모델이좋", "모델이나을", "모델이맞",
    "모델이어울", "어울리는", "제일나은", "괜찮은모델", "제안해", "어떤게좋", "뭘써", "뭐쓰", "뭘쓰",
    "나을까", "더나을", "더좋을", "나을지", "which model to", "know which model", "하면좋", "면좋을",
    "면좋아", "면될까", "제일나아", "가장좋", "제일좋", "가장나", "뭐가나아", "제일괜찮", "가장괜찮",
    "제일적합", "괜찮을까", "괜찮을지", "괜찮은가", "괜찮나", "괜찮을것같", "머쓰", "멀쓰", "머써", "멀써",
    "would you pick", "would you choose", "would you use", "would you go with", "do you advise", "should i pick", "should i choose", "should we use", "should i go with", "should we pick",
    "help picking", "help choosing", "picking", "choosing", "help me decide", "good choice", "your pick", "would work for", "should i go for", "do you reckon", "pick one", "choose one",
];
/// Asking which, for [`BEST`].
pub(crate) const WHICH_ONE: Words = &[
    "which", "what", "어떤", "어느", "무슨", "뭐가", "뭘", "머가",
];
/// Being the right one, however it is said.
pub(crate) const BEST: Words = &[
    "best", "better", "fit", "fits", "suit*", "optimal", "ideal", "appropriate", "right for", "good for", "works well",
    "work well", "좋", "나을", "나은", "나아", "낫", "맞", "괜찮", "어울", "최적", "최고",
];
pub(crate) const LISTING: Words = &[
    "list", "lists", "show", "which", "what", "available", "support*", "do you have", "do i have",
    "are there", "can i use", "all", "browse", "see", "offer", "give me", "any", "search", "find",
    "display", "got", "view", "options", "catalog", "catalogue", "have you got", "있어", "있나", "있니",
    "있지", "있는지", "있을까", "있습니까", "있음", "있는거", "목록", "리스트", "지원", "쓸수있",
    "사용할수있", "사용가능", "쓸만한거", "보여", "알려", "뭐뭐", "조회", "카탈로그", "검색", "나열",
    "전체", "가능한", "뽑아", "볼수있", "되는모델", "돼?", "되나", "뭐가", "어떤", "종류가", "종류는",
    "종류를", "종류뭐", "종류알", "종류보", "종류좀", "종류?", "모델찾", "모델을찾", "가진", "보유",
];
/// Listing that outweighs a word of advice: "which models do you support".
pub(crate) const LISTING_PLAINLY: Words = &[
    "list", "available", "support*", "which models", "what models", "all models", "all the models",
    "show me", "browse", "catalog", "catalogue", "models do you", "models are there", "models for", "models can i",
    "options", "search", "목록", "리스트", "지원", "쓸수있", "사용할수있", "사용가능", "뭐뭐", "카탈로그",
    "모델있", "모델이있", "모델들이있", "모델은있", "모델보여", "모델들보여", "모델검색", "모델찾",
    "모델조회", "모델알려", "모델들알려", "모델은뭐가있", "모델뭐있", "모델뭐가있", "종류가", "종류는",
    "종류를", "종류뭐", "종류알", "종류보", "종류좀", "모델종류",
];
pub(crate) const MODEL_WORD: Words = &[
    "model", "models", "architecture*", "network", "networks", "backbone*", "모델", "아키텍처", "백본",
    "네트워크", "신경망", "detectors", "classifiers", "catalog", "catalogue", "카탈로그",
    "nets", "model zoo", "zoo", "architectures", "backbones",
];
pub(crate) const SHOW: Words = &[
    "tell me about", "what is", "whats", "describe", "info*", "details", "detail", "parameters", "params",
    "how big", "how large", "how many parameters", "about", "spec", "specs", "license*", "licence*",
    "explain", "show", "what kind of", "what sort of", "how heavy", "default image size", "more on",
    "learn about", "size of", "look like", "overview", "how fast", "how accurate", "good for", "summary",
    "어떤모델", "무슨모델", "뭐야", "뭔가", "뭔데", "뭐지", "무엇", "뭐임", "뭔지", "뭐예요", "뭐에요",
    "뭡니까", "설명", "알려", "정보", "자세히", "상세", "파라미터", "라이선스", "라이센스", "특징", "소개",
    "스펙", "사양", "크기가", "얼마나커", "얼마나무거", "용량", "어때", "어떤거", "보여", "궁금", "장단점",
    "장점", "매개변수", "어떤건", "뭐하는", "어디에쓰", "언제쓰", "무엇에쓰", "용도",
    "괜찮아", "쓸만", "어떠", "어떨",
];
pub(crate) const WHY: Words = &[
    "why", "how come", "what went wrong", "what happened", "what caused", "cause", "reason", "whats wrong",
    "what is wrong", "explain", "what broke", "what killed", "what made", "what error",
    "what was the error", "what is the error", "whats the error", "error message", "diagnose", "failure",
    "whyd", "whys", "why did", "what reason", "the reason", "what was wrong",
    "왜", "이유", "원인", "까닭", "어째서", "웨", "뭐가문제", "무슨문제", "문제가뭐", "뭐가잘못", "무슨일", "어쩌다",
    "에러가뭐", "오류가뭐", "무슨에러", "무슨오류", "에러내용", "오류내용", "에러메시지", "오류메시지",
    "실패사유", "뭔일", "에러로그", "오류로그", "어떤에러", "어떤오류", "에러설명", "오류설명", "사유",
    "메모리부족", "때문", "뭐때문", "왜냐",
    "root cause", "traceback", "stack trace", "logs", "log", "영문", "왜그래", "hold up", "holdup",
];
pub(crate) const FAILURE: Words = &[
    "fail*", "stop*", "crash*", "die", "died", "dies", "dead", "kill*", "abort*", "error*", "wrong",
    "broke*", "break", "terminated", "cancelled", "canceled", "halted", "end", "ended", "quit", "preempt*",
    "interrupted", "lost", "diverge*", "nan", "out of memory", "oom", "not work*", "not start*", "stuck",
    "blow up", "blew up", "didnt finish", "not finish", "went wrong", "go wrong", "happened", "failure",
    "give up", "gave up", "not run*", "pause*", "exit*", "fall over", "fell over", "bad", "low", "so slow",
    "taking so long", "실패", "멈", "중단", "중지", "죽", "에러", "오류", "안돼", "안되", "안됐", "망",
    "끊", "꺼", "문제", "터", "뻗", "튕", "종료", "끝", "잘못", "취소됐", "취소된", "취소되", "중간에",
    "안돌", "안끝", "사유", "깨", "발산", "나가", "날아", "무슨일", "서버", "안나", "안오르", "느려", "낮",
    "그래",
    "부족", "떠", "뜨", "발산", "이상하", "stuck", "too low", "so low", "crazy", "freez*", "froze", "hang", "hung", "hangs",
    "interruption", "outage", "breakdown", "shutdown", "shut down", "went down", "bust*", "choke*", "collapse*", "explod*", "bail*", "quit*", "not running", "killed", "logs", "log", "traceback", "멎", "뻑", "고장",
];
pub(crate) const JOB_WORD: Words = &[
    "job", "jobs", "training", "trainings", "run", "runs", "train", "it", "experiment*", "작업", "학습",
    "훈련", "잡", "실험", "트레이닝", "돌아가", "돌고", "돌린", "돌리", "지금", "아까", "방금", "마지막",
    "the last one", "the last", "my last", "model", "모델",
];
pub(crate) const DEPLOY: Words = &[
    "deploy*", "serve", "serving", "put it live", "go live", "publish", "endpoint*", "production",
    "rest api", "배포", "서빙", "엔드포인트", "서비스에올", "api로", "운영에올", "디플로이",
];
pub(crate) const LIST_JOBS: Words = &[
    "list jobs", "list my jobs", "list all jobs", "my jobs", "what jobs", "which jobs", "show jobs",
    "all jobs", "jobs", "job list", "list of jobs", "list trainings", "my trainings", "all trainings",
    "all my trainings", "past trainings", "recent trainings", "training history", "my runs", "list runs",
    "all runs", "recent runs", "past runs", "what is running", "whats running", "whats currently running",
    "what is currently running", "what have i trained", "everything i trained", "queue", "show runs",
    "experiments", "my training runs", "training runs", "previous runs", "which runs", "running right now",
    "what trainings", "which trainings", "작업목록", "작업들", "작업리스트", "작업내역", "작업현황",
    "내작업", "전체작업", "모든작업", "작업전체", "작업다", "작업모두", "작업좀보", "작업보여", "작업뭐",
    "어떤작업", "무슨작업", "작업이뭐", "작업조회", "작업이력", "학습목록", "학습리스트", "학습내역",
    "학습이력", "학습기록", "학습한것", "학습한거", "학습했던", "돌린학습", "돌렸던", "내가돌린",
    "훈련목록", "훈련내역", "훈련이력", "훈련기록", "실험목록", "잡목록", "잡리스트", "실행중인작업",
    "진행중인작업", "돌아가는작업", "돌고있는작업", "실행중인학습", "진행중인학습", "돌아가고있는작업",
    "최근작업", "지난작업", "이전작업", "대기중인작업", "완료된작업", "실패한작업", "끝난작업",
    "학습돌린거", "학습들", "작업몇개", "작업이몇", "작업있", "작업은뭐", "돌아가는거뭐", "돌고있는거뭐",
    "뭐가돌아가고", "뭐돌아가", "뭐돌고", "작업큐", "대기열", "작업전부", "작업을전부", "작업을다",
    "작업을모두", "학습전부", "작업을보여", "작업들을", "히스토리", "리스트업", "작업기록", "돌린거전부", "돌린거다", "돌린거리스트", "돌린작업", "job history", "what have i run", "have i run", "뭐돌렸", "뭘돌렸", "run history",
    "실험들", "훈련들", "잡들", "작업내용다", "돌린실험", "했던실험", "실험보여", "trainings", "past jobs", "job들", "jobs들",
    "is running", "everything running", "have running", "my recent work", "past experiments", "show history", "did i train", "whats on the queue", "돌리고있는거", "학습몇개", "돌아가는거있", "돌아가는학습",
];
pub(crate) const RESULTS: Words = &[
    "result*", "accuracy", "confusion", "metrics", "metric", "map", "map50", "f1", "precision", "recall",
    "score", "scores", "how good", "how well did", "how well does", "how accurate", "measurements",
    "measurement", "loss curve", "loss curves", "learning curve*", "curve*", "evaluation",
    "validation loss", "how did it do", "how did it go", "how did job", "how did the", "final loss",
    "performance", "report", "per class", "how did training go", "worst class*", "best epoch", "did it do",
    "turn out", "numbers", "plot*", "chart*", "graph*", "perform", "결과", "정확도", "혼동", "컨퓨전",
    "성능", "지표", "점수", "정밀도", "재현율", "얼마나정확", "얼마나잘맞", "얼마나잘나", "측정",
    "손실그래프", "손실곡선", "학습곡선", "그래프", "곡선", "최종손실", "로스그래프", "평가", "리포트",
    "보고서", "성적", "수치", "잘나왔", "몇점", "오차행렬", "맵이얼", "로스는", "손실은", "손실이",
    "로스가", "매트릭스", "메트릭", "제일약", "가장약", "약한클래스", "취약", "제일못", "가장못", "제일잘",
    "가장잘", "f1점수", "스코어", "val acc", "acc", "how did it turn", "how did", "which class*", "get wrong", "gets wrong", "wrong most",
    "most wrong", "confused with", "mixed up", "mixes up", "틀려", "틀리", "헷갈", "못맞", "오답", "잘맞히", "잘맞추",
    "제일좋은", "최고성능", "베스트", "best score", "best map", "best accuracy", "볼수있을까요결과",
    "how well", "final numbers", "did we get", "how good did", "howd", "misclassif*", "val loss", "test score", "learn anything", "정답률", "에프원", "오분류", "오답률", "리콜", "프리시전", "엠에이피", "정확률", "맞춘", "맞힌",
];
pub(crate) const STATUS: Words = &[
    "status", "progress", "are we there yet", "how long until", "is it running", "still running", "still going", "how much longer",
    "how much time", "what epoch", "which epoch", "current epoch", "has it started", "did it start",
    "did you start", "has it begun", "have you started", "has the training started",
    "did the training start", "already started", "still training", "current loss", "time left",
    "time remaining", "percent complete", "whats happening", "what is happening", "어디까지", "진행률",
    "진행상황", "진행상태", "진행현황", "진행도", "진행정도", "진행중", "진행되", "진행돼", "진행은",
    "진행이", "진행이얼", "진행어", "얼마나진행", "상태", "스테이터스", "잘돼가", "잘되가", "잘되고",
    "잘돌", "되고있", "돼가", "되가", "되어가", "됐어?", "됐나", "됐니", "됐는지", "됐습니까", "됐어요?",
    "되었", "돌아가고있", "돌아가나", "돌아가", "돌고있", "끝났", "끝나", "언제끝", "언제완료", "완료됐",
    "완료되", "완료했", "다했", "다됐", "남았", "남은시간", "남은에폭", "얼마나남", "얼마나걸", "얼마나됐",
    "얼마나했", "몇에폭", "몇에포크", "몇번째에폭", "몇퍼센트", "몇프로", "현황", "지금뭐하", "시작했어",
    "시작했나", "시작됐", "시작되었", "시작했니", "시작한거", "시작했는지", "시작은했", "다돌았",
    "어떻게되고", "어떻게돼", "어떻게되", "얼마나학습", "현재로스", "지금로스", "아직멀었", "아직도", "안끝", "끝남", "어케되", "어케됐", "어케됨", "언제다",
    "멀었", "경과", "돌고있어", "잘하고있", "어떻게됐", "학습중이", "학습중인", "학습중?", "언제쯤",
    "완료될", "끝날까", "끝날", "에폭몇", "에폭이몇", "에포크몇", "지금상황", "상황어때", "상황은",
    "상황이어때", "상황알려", "상황보고",
    "몇퍼", "끝나려면", "멀었", "state of job", "where job", "job stand*", "update on",
    "update me", "any progress", "finished yet", "almost there", "how long left", "epochs left", "how many epochs", "hows it looking", "how is it looking", "check up on", "chugging along", "진척", "진도", "어디쯤", "몇시간", "몇분", "언제돼", "언제되", "다돼", "다되", "얼마남",
];
pub(crate) const CANCEL: Words = &[
    "cancel*", "stop*", "abort*", "kill*", "terminate*", "halt*", "shut down", "shut it down", "end the",
    "end job", "end it", "pull the plug", "quit", "interrupt", "call off", "call it off", "pause", "취소",
    "멈춰", "멈추", "멈출", "멈춥", "중단", "중지", "그만", "스톱", "스탑", "종료", "끝내", "꺼줘", "꺼버",
    "꺼라", "세워", "캔슬", "죽여", "킬해", "정지", "끊어", "일시정지", "내려줘", "삭제", "당장꺼",
    "put an end", "put a stop", "bring to an end", "no longer need*", "end of job",
    "nuke", "shut off", "turn off", "turn it off", "take down", "drop job", "get rid of", "dont need", "ditch", "axe", "cut off", "멈춤", "드랍", "강제종료", "그만돌",
];
pub(crate) const RESUME: Words = &[
    "resume*", "continue*", "carry on", "pick up", "pick it up", "pick up where", "keep training",
    "keep going", "restart", "unpause", "start it again", "start job", "train further", "take up",
    "from the last checkpoint", "from the checkpoint", "from where it", "where it left off",
    "proceed with job", "rerun", "re run", "run again", "go on with", "train more", "retry", "try again",
    "start again", "get job", "bring back", "back up", "이어서", "이어하", "이어가", "이어돌", "이어학습",
    "이어해", "이어줘", "이어", "재개", "계속학습", "계속해", "계속돌", "계속하", "계속시", "계속진행",
    "다시시작", "다시돌", "다시학습", "다시이어", "다시켜", "다시살", "재시작", "다시진행", "다시해",
    "마저", "리줌", "체크포인트부터", "멈춘데서", "멈춘곳", "멈춘부분", "멈췄던", "중단된", "중단했던",
    "멈춘거", "하던거", "하던학습", "재실행", "돌리던", "끊긴데", "끊긴곳", "멈춘지점", "중단한",
    "재기동", "재구동", "재수행", "재가동", "재시도", "리스타트", "리트라이", "이어서가", "살려",
    "let it continue", "going again", "off again", "relaunch", "re launch", "revive", "up again", "되살려", "복구", "다시걸", "다시가동", "이어달",
];
pub(crate) const HELP: Words = &[
    "help", "what can you", "what can i", "how do i use", "how do i start", "how do you work",
    "how does this work", "how does it work", "what do you do", "what are you able", "commands", "guide",
    "manual", "tutorial", "how to use", "what are you", "who are you", "usage", "what is this",
    "instructions", "get started", "getting started", "show me how", "what features", "capabilities",
    "examples", "example", "what else can", "how do i", "abilities", "how should i use", "where do i start",
    "what should i say", "what should i do", "도움", "헬프", "뭘할수", "뭐할수", "뭐를할수", "무엇을할수",
    "뭐가가능", "어떤걸할수", "어떤것을할수", "무슨일을할수", "할수있는게", "할수있는것", "할수있는일",
    "할줄아", "사용법", "어떻게써", "어떻게쓰", "어떻게사용", "사용방법", "이용방법", "사용하는법",
    "쓰는법", "쓰는방법", "기능", "가이드", "매뉴얼", "설명서", "명령어", "어떻게하면돼", "어떻게하면되",
    "어떻게시작", "뭐부터", "뭘해줄수", "뭐해줄수", "해줄수있", "무엇을도와", "뭘도와", "도와줄수",
    "너는누구", "넌누구", "너뭐야", "너누구", "넌뭐", "뭐하는", "예시", "시작하는법", "뭐라고말", "도와줘",
    "도와주", "알려줄수있는", "어떻게해야", "어떡해", "my options", "할줄알", "어떤명령", "무슨명령",
    "명령을쓸", "뭐라고하면", "할수있는말", "시킬수있", "부탁할수있", "요청할수있", "물어볼수있", "할수있는게",
    "할수있어뭐", "뭐뭐할수", "뭐뭐시킬", "뭘시킬", "뭐시킬", "무엇을시킬", "able to do", "able to request", "able to ask",
    "tool can do", "system can do", "can i ask", "can i request", "can i say", "can i do here", "i am new here",
    "im new here", "am new to this", "im new to this", "first time here", "explain me how",
    "give me a tour", "tour", "intro", "features", "what commands", "what do i type", "enumerate your", "처음인데어떻", "처음써", "어떻게말", "튜토리얼", "뭘말", "뭐라말",
];
pub(crate) const DATASETS: Words = &[
    "dataset*", "data set*", "what data", "which data", "my data", "데이터셋", "데이터", "데이타셋",
    "데이터세트",
    "the data", "data is there", "data is available", "data do i", "data do we", "data have i", "uploaded data",
];
pub(crate) const ANALYZE: Words = &[
    "analyze*", "analyse*", "analysis", "inspect*", "look at", "look into", "look through", "have a look",
    "take a look", "check", "examine*", "profile", "scan*", "validate", "summarize", "summarise",
    "statistics", "stats", "distribution", "how many images", "how many classes", "how many photos", "how many pictures",
    "how many samples", "how many files", "whats in", "what is in", "explore", "review", "tell me about",
    "describe", "what does", "go through", "verify", "balanced", "imbalanced", "audit", "anything wrong",
    "how big is", "sanity check", "overview", "diagnose", "quality", "살펴", "분석", "확인", "검사", "점검",
    "봐줘", "봐봐", "봐주", "봐달", "봐라", "보고싶", "들여다", "체크", "검증", "훑어", "몇장", "분포",
    "통계", "요약", "뭐가들", "어떤지", "어때", "어떻게생", "문제없", "문제있", "괜찮은지", "프로파일",
    "스캔", "진단", "조사", "파악", "품질", "균형", "뜯어", "구성", "이상없", "쓸만한지", "알려",
    "어떻게되어", "몇개", "둘러",
    "장수", "장씩", "뽑아", "상태", "괜찮", "usable", "any good", "good enough", "개수", "갯수", "비율", "per class", "skewed", "clean", "messy", "corrupt*", "broken", "duplicate*", "누락", "중복", "깨진", "불균형", "look over", "label quality", "missing labels", "쓸만", "쓸수있는지", "문제", "healthy",
];
pub(crate) const APPROVE: Words = &[
    "thatll do", "that will do", "good to go", "all set", "were good", "make it happen", "no changes",
    "start", "start it", "go", "go ahead", "go for it", "yes", "yep", "yeah", "yup", "ya", "sure", "ok",
    "okay", "okey", "k", "do it", "approve*", "confirm*", "proceed", "launch*", "run it", "kick it off",
    "kick off", "lets go", "lets do it", "lets start", "begin", "looks good", "sounds good", "lgtm",
    "perfect", "great", "good", "fine", "all good", "fire away", "ship it", "make it so", "absolutely",
    "of course", "definitely", "train it", "accept*", "agreed", "alright", "works for me", "correct",
    "right", "thats right", "thats fine", "please do", "im happy", "happy with", "i like it", "fire it up",
    "submit", "execute", "green light", "by all means", "get going", "get started", "lets roll", "hit it",
    "send it", "exactly", "start training", "start the training", "yes please", "aye", "roll", "시작",
    "진행", "좋아", "좋습니다", "좋네", "좋다", "좋은데", "굿", "고고", "ㄱㄱ", "ㄱ", "ㄱㄱㄱ", "승인",
    "확인", "오케이", "오키", "ㅇㅋ", "ㅇㅇ", "콜", "그대로", "이대로", "그렇게", "가자", "가즈아",
    "갑시다", "돌려", "돌리자", "실행", "학습해", "학습하자", "학습시작", "학습시켜", "맞아", "맞습니다",
    "부탁", "완벽", "출발", "런", "고", "문제없", "됐어좋", "괜찮", "찬성", "허가", "허락", "수락", "동의",
    "해줘", "해주세요", "해봐", "하자", "합시다", "가보자", "하시죠", "들어가", "스타트", "개시",
    "ㅇㅋㅇㅋ", "👍", "🚀", "✅", "👌", "돌립시다", "훈련해", "훈련시작", "훈련시켜", "만들어줘", "네",
    "예", "응", "어", "그래", "넵", "넹", "엉", "웅", "ㅇ", "당연", "물론", "그럼", "그래요", "그러자",
    "그러죠", "네네", "응응", "예스", "오냐", "y", "어어", "그럽시다", "넵넵", "그러세요", "그렇게해",
    "좋지", "좋죠", "why not", "확정", "오케", "오케바리", "해도돼", "해도된", "해도좋", "agree*", "i confirm", "confirmed",
    "yes do", "go on", "lets do this", "okey dokey", "good by me", "fine by me", "fine with me", "ok by me", "승낙", "ㄱㅈ", "오케바", "레츠고", "하면돼", "하면되", "하시면됩",
    "hit go", "let her rip", "let it rip", "all systems go", "do the thing", "off you go", "lock it in", "pull the trigger", "take it away", "run with it", "crack on", "that works", "good enough", "approved", "commence", "affirmative", "roger", "be my guest", "make it go", "start please", "yes lets", "send", "engage", "시작하이소", "시작이요", "시작요",
];
pub(crate) const REJECT: Words = &[
    "no", "nope", "nah", "forget it", "forget about", "forget that", "never mind", "nevermind", "discard*",
    "drop it", "drop this", "drop that", "reject*", "scrap*", "throw it", "throw that", "throw this",
    "dont", "do not", "cancel*", "not interested", "changed my mind", "change my mind", "delete", "bin it",
    "trash it", "toss it", "dismiss", "decline", "skip it", "abandon", "get rid of", "not what i want*",
    "id rather not", "i dont want", "leave it", "no thanks", "no thank you", "abort", "stop", "call it off",
    "not doing", "lets not", "pass", "withdraw", "drop the proposal", "not now", "아니", "아뇨", "아님",
    "됐어", "됐습니다", "됐고", "됐네요", "됐다", "안할", "안해", "안할래", "그만두", "그만둬", "그만할",
    "거절", "거부", "관두", "관둬", "필요없", "하지마", "하지말", "하지않", "말자", "말아", "마세요", "싫",
    "ㄴㄴ", "폐기", "버려", "버릴", "취소", "없던", "없었던", "접자", "접을", "철회", "무르", "치워",
    "반려", "그만", "때려", "삭제", "지워", "마음이바뀌", "생각이바뀌", "마음바뀌", "맘이바뀌", "노노",
    "못하겠", "않을", "않겠", "잊어", "집어치", "포기", "👎", "❌", "관둘", "그만둘", "별로", "아냐",
    "다음에할", "그거말고", "다음에하",
    "undo that", "undo this", "none of it", "none of this", "take it back", "take that back", "back out", "call it quits", "dont bother", "not anymore",
    "hard pass", "no dice", "not this one", "thumbs down", "negative", "nuh uh", "dont like", "bad idea", "lets drop", "not happening", "bin this", "no good", "veto", "ill pass", "changed our mind*", "때려쳐", "때려치",
];
/// Not now, which drops nothing.
pub(crate) const WAIT: Words = &[
    "wait", "not yet", "hold on", "hang on", "hold off", "one moment", "one second", "a moment", "a second",
    "just a sec", "dont start yet", "dont run it yet", "before we start", "before you start",
    "let me think", "let me check", "give me a", "later", "아직", "잠깐", "잠시", "기다려", "기다리",
    "보류", "이따", "나중에", "생각해볼", "생각좀", "생각해보", "고민", "스톱잠", "좀있다", "조금있다",
];
/// Making something, plainly.
pub(crate) const MAKE: Words = &[
    "train", "fine tune", "finetune", "build", "create", "make me", "make a", "make an", "i need",
    "id like", "i want", "lets make", "lets train", "lets build", "학습해", "학습하", "학습시", "학습돌",
    "학습을", "훈련해", "훈련하", "훈련시", "만들", "만드", "생성해", "파인튜닝", "필요해", "싶어",
    "싶습니다", "싶은", "구축", "개발해", "하나부탁", "모델을부탁", "모델부탁", "모델좀부탁", "모델하나해",
    "가르쳐", "있었으면", "있으면좋",
];
pub(crate) const NEW: Words = &[
    "new training", "another training", "another model", "new model", "different model", "new job",
    "another job", "a second", "다른모델만들", "새모델", "새로운모델", "또다른", "하나더", "새로학습",
    "이번엔", "이번에는", "새학습", "새로운학습", "also train", "also make",
];
pub(crate) const CHANGE: Words = &[
    "change*", "switch*", "instead", "actually", "make it", "set", "update", "adjust", "swap*", "replace*",
    "modify", "rather", "use", "lets use", "lower", "raise", "increase", "decrease", "reduce", "바꿔",
    "바꾸", "바꿀", "변경", "수정", "고쳐", "교체", "말고", "대신", "아니라", "로해줘", "로하자", "조정",
    "설정", "늘려", "줄여", "낮춰", "올려", "갈아", "내려", "키워", "맞춰",
];
pub(crate) const THANKS: Words = &[
    "thank*", "고마", "감사", "hello", "hi", "안녕", "반가", "하이", "good morning", "good evening", "bye",
    "잘가", "수고",
];
pub(crate) const JOB_ACTION: Words = &[
    "취소", "중단", "멈", "cancel", "stop", "진행률", "배포", "deploy*",
];
pub(crate) const JOB_NOUN: Words = &[
    "job", "jobs", "training", "trainings", "run", "runs", "작업", "학습", "훈련", "잡", "실험", "트레이닝",
    "trained", "돌아가는", "돌고있는", "돌리는", "experiment*",
];
pub(crate) const STOPPING: Words = &[
    "취소", "멈춰", "중단해", "중단시", "중지해", "그만", "cancel", "stop", "abort", "kill", "이어서",
    "재개", "resume", "continue", "꺼줘", "꺼버", "종료해", "종료시", "정지", "세워", "꺼주", "중지",
    "중단", "종료",
];
pub(crate) const NEGATED: Words = &[
    "하지마", "하지말", "dont", "do not",
];
pub(crate) const CHANGE_PLAINLY: Words = &[
    "change*", "switch*", "instead", "actually", "make it", "swap*", "replace*", "바꿔", "바꾸", "바꿀",
    "변경", "수정", "교체", "말고", "대신",
];
pub(crate) const TRAIN_PLAINLY: Words = &[
    "train", "학습", "훈련", "만들", "써줘", "쓰자", "쓸게", "써보자", "쓸래", "사용하자", "사용해줘",
    "use", "go with", "lets use", "돌려",
];
pub(crate) const ANALYZE_PLAINLY: Words = &[
    "analyze*", "analyse*", "inspect*", "look at", "look into", "look over", "have a look", "take a look",
    "check", "examine*", "profile", "scan", "validate", "summarize", "summarise", "statistics", "stats",
    "distribution", "how many images", "how many photos", "explore", "review", "verify", "balanced",
    "audit", "diagnose", "imbalanced", "anything wrong", "sanity check", "살펴", "분석", "검사", "점검",
    "봐줘", "봐봐", "봐주", "들여다", "체크", "검증", "훑어", "몇장", "분포", "통계", "문제없", "문제있",
    "프로파일", "스캔", "진단", "조사", "파악", "품질", "균형", "확인해",
    "look over", "usable", "per class", "장수", "누락", "불균형",
];
pub(crate) const DEFINITION: Words = &[
    "뭐야", "뭔가요", "뭐예요", "뭐에요", "무엇인가", "뭔데", "뭔지", "what is", "whats", "what does",
    "how does", "meaning", "뜻이", "무슨뜻", "who", "when",
];
pub(crate) const START: Words = &[
    "시작", "진행", "start", "go ahead", "돌려", "실행", "proceed",
];
pub(crate) const STATUS_OF: Words = &[
    "how far", "how is", "hows", "how are", "done yet", "finished", "done", "eta", "how long", "when will",
    "ready yet", "is it ready", "state of", "what state", "where is", "complete yet", "update on",
    "almost done", "going", "is my", "check on", "over yet", "any news", "doing", "left", "remaining",
    "coming along", "how goes", "started yet", "where are we", "is training",
];
pub(crate) const IT: Words = &[
    "it", "things", "everything", "my model", "the model", "going on", "far", "much longer", "done yet",
    "ready yet", "we", "eta", "time left", "over yet", "progress", "percent", "finished", "started",
];
pub(crate) const WHICH: Words = &[
    "which model*", "what model*", "which architecture*", "what architecture*", "which network*",
    "models can", "models do", "어떤모델", "무슨모델", "모델추천", "추천해", "뭐가좋", "뭘써야", "뭐써야",
    "어떤게좋", "모델목록", "모델종류", "recommend*", "suggest*", "best model", "모델을쓰면", "모델이좋",
    "모델이맞", "모델이적합", "model should", "list the", "list models",
];
pub(crate) const DROPS: Words = &[
    "제안", "proposal", "그만둘", "그만두", "안할", "아니", "할래", "changed my mind", "됐어", "forget it",
    "never mind", "nevermind", "that", "이거", "없던", "취소할게", "관둘", "취소하자",
];
pub(crate) const NO_BUT_YES: Words = &[
    "문제없", "no problem", "아니야좋", "why not", "no objection*", "dont wait", "no changes",
    "nothing to change",
];
pub(crate) const PREDICT_AT_START: Words = &[
    "예측", "추론", "predict*", "run inference", "inference",
];
pub(crate) const AGREEABLE: Words = &[
    "looks", "sounds", "right", "please", "then", "now", "the", "it", "that", "this", "training", "job",
    "with", "me", "to", "i", "am", "is", "so", "and", "you", "can", "just", "we", "us", "all", "for", "a",
    "im", "its", "thats", "lets", "be", "set", "everything", "here", "as", "very", "well", "proposal",
    "config", "configuration", "plan", "model", "up", "off", "at", "once", "away", "immediately", "how",
    "about", "let", "know", "have", "my", "from", "approval", "think", "no", "changes", "need", "nothing",
    "change", "ready", "happy", "of", "on", "in", "there", "will", "cool", "nice", "awesome", "great",
    "problem", "objections", "thanks", "thank", "whenever", "should", "음", "자", "요", "이제", "그럼",
    "그러면", "지금", "바로", "당장", "어서", "빨리", "얼른", "학습", "훈련", "트레이닝", "작업", "모델",
    "해주세요", "해주라", "해줄래", "해줘", "해라", "해요", "해", "하세요", "하면", "하자", "하지",
    "합니다", "할게", "할래", "할까", "드립니다", "드려요", "드릴게", "주세요", "주십시오", "줘", "세요",
    "습니다", "입니다", "이에요", "예요", "이야", "이걸로", "이거로", "이거", "저걸로", "그걸로", "걸로",
    "으로", "로", "를", "을", "은", "는", "이", "가", "도", "만", "다", "시켜", "시키", "시작", "아", "어",
    "네", "넹", "넵", "야", "지", "죠", "게", "고", "면", "돼", "되", "됩니다", "될", "것", "거", "같",
    "같아", "같습니다", "했", "했어", "했습니다", "합시다", "봐", "보자", "봅시다", "볼까", "설정", "내용",
    "제안", "구성", "한번", "일단", "전부", "모두", "정말", "아주", "딱", "하나", "고마워", "감사", "합",
    "니다", "계속", "완료", "준비", "됐", "됐어", "됐다", "됩", "있", "없", "이상", "없이", "니까", "수정",
    "변경", "사항", "에", "서", "러", "렇게", "그", "저", "마음", "들어", "들", "맘", "ㅎ", "ㅋ", "!", "~",
    "십시오", "시오", "주", "려", "드", "리", "부", "탁", "님", "하", "시", "의", "한", "할", "기", "및",
    "좀", "더", "필요", "안", "오", "와", "우와", "아하", "흠", "ㅇ", "ㅁ", "ok", "줭", "용", "염", "당", "함", "바람", "바랍", "요망", "요청", "처리", "됨", "임", "겠", "agree", "begin", "may", "go",
    "쥬", "쥐", "셔", "세", "고요", "려고", "워", "버튼", "눌러",
    "뭐", "정도", "충분", "이쯤", "쯤", "대로", "무난", "해주시", "by", "kick", "do", "does", "s", "too", "much", "been", "well", "빠르", "거", "렇", "옙", "이소", "심더", "sweet", "nice", "lovely", "brilliant", "excellent", "wonderful", "super", "neat", "amazing", "fantastic", "beautiful", "bingo", "stuff",
];
pub(crate) const NEGATIONS: Words = &[
    "하지마", "하지말", "않", "말자", "말아", "안할", "안해", "dont", "not", "no", "never", "취소", "그만",
    "stop", "cancel*", "중단",
];
pub(crate) const TOPICS: Words = &[
    "행렬", "나", "show", "give", "what", "whats", "how", "when", "which", "did", "does", "do", "was",
    "were", "we", "get", "got", "tell", "see", "class", "classes", "best", "worst", "far", "much", "long",
    "final", "validation", "test", "accurate", "per", "by", "say", "epoch", "epochs", "percent", "still",
    "yet", "over", "current", "currently", "last", "latest", "most", "recent", "going", "running", "good",
    "bad", "well", "any", "is", "are", "has", "been", "have", "gpu", "loss", "time", "until", "finish",
    "complete", "start", "started", "more", "now", "today", "there", "at", "look", "like", "really", "알려",
    "보여", "얼마", "몇", "언제", "어디", "어떻", "어때", "뭐", "무엇", "클래스", "제일", "가장", "최종",
    "마지막", "최근", "지금까지", "현재", "아직", "모델", "에폭", "에포크", "학습", "훈련", "작업", "잡",
    "테스트", "검증", "손실", "로스", "퍼센트", "프로", "정도", "나왔", "나와", "나온", "나오", "높", "낮",
    "맞춰", "못", "잘", "되나", "돌아", "돌", "끝", "걸려", "걸리", "남", "했지", "안", "분", "시간",
    "확인", "조회", "궁금", "볼", "표", "이야", "인지", "인가", "인데", "어요", "나요", "까요", "까지",
    "줄래", "주라", "라", "방금", "아까", "그거", "거야", "거지", "중", "걸", "래", "싶", "대", "데", "떻",
    "째", "쯤", "많이", "자주", "어느", "쪽", "은", "는", "상황",
];
pub(crate) const RESULTS_PLAINLY: Words = &[
    "결과", "정확도", "모델성능", "성능알려", "성능보여", "성능어때", "성능이어때", "confusion", "accuracy",
    "results", "metrics", "혼동",
];
/// Judging a model, in a question about one.
pub(crate) const QUALITY: Words = &[
    "good", "accurate", "fast", "slow", "worth", "heavy", "light", "better", "strong", "reliable", "suitable", "enough", "괜찮", "쓸만",
    "정확", "성능", "빠른", "빨라", "느린", "느려", "가벼", "무거", "좋아", "좋은", "나빠", "어떤", "어때", "돌아가",
    "큰가", "큰지", "커?", "작은가", "크기", "용량", "무게", "얼마나", "big", "large", "small", "size",
];
/// Putting a path to use, so that a question with it is a wish.
pub(crate) const USING: Words = &[
    "use", "using", "instead", "switch*", "change*", "swap*", "써", "쓸", "쓰", "사용", "로해", "로할", "로가", "로하", "바꿔", "바꾸", "대신",
];
/// What may come of making something: asked about, not asked for.
pub(crate) const SUPPOSING: Words = &[
    "만들면", "만들때", "만드는데", "만드는법", "만들려면", "학습하면", "학습할때", "학습시키면", "훈련하면", "how to build", "how to make",
    "if i build", "if i make", "when i build",
];
/// Dropping something in so many words, which waits for nothing.
pub(crate) const REJECT_PLAINLY: Words = &[
    "cancel*", "forget it", "never mind", "nevermind", "drop it", "scrap*", "discard*", "취소", "폐기", "철회", "없던", "관두", "접자",
    "not what i want*",
];
/// What is looked at, not why.
pub(crate) const ARTIFACT: Words = &[
    "혼동", "행렬", "컨퓨전", "confusion", "그래프", "곡선", "curve*", "plot*",
];
/// Wanting to be told, though it says "I need" or "I want".
pub(crate) const ADVICE: Words = &[
    "need help", "want help", "need advice", "want advice", "want to know", "need to know", "need some help", "need a hand", "조언",
];
