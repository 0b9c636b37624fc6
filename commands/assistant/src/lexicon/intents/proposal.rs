//! What describes a training or changes it, and the yes and no to it.

use crate::lexicon::Words;

/// Making something, plainly.
pub(crate) const MAKE: Words = &[
    "train", "fine tune", "finetune", "build", "create", "make me", "make a", "make an", "i need",
    "id like", "i want", "lets make", "lets train", "lets build", "학습해", "학습하", "학습시", "학습돌", "학습을", "훈련해",
    "훈련하", "훈련시", "만들", "만드", "생성해", "파인튜닝", "필요해", "싶어", "싶습니다", "싶은", "구축", "개발해", "하나부탁", "모델을부탁",
    "모델부탁", "모델좀부탁", "모델하나해", "가르쳐", "있었으면", "있으면좋",
    "whip me up", "whip up", "cook up", "cook me", "put together", "set me up with", "knock together",
    "knock up", "spin up", "i could use", "we could use", "looking for something", "im after", "were after",
    "need to", "want to", "wanna", "would love", "id love", "fancy training", "get me a", "give me a model",
    "need something", "need a", "teach", "짜줘", "만듭", "맹글", "굽자", "구워줘", "하나있", "하나필요", "필요함",
    "필요합", "필요하", "필요한데", "하고파", "하고픔", "원해", "원합니다",
    "hoping to", "trying to", "planning to", "would like to", "looking to", "goal is", "aim is",
    "my plan is to", "im building", "were building", "were making", "lets teach", "lets get", "do me a",
    "wants a", "want a", "wants to", "wants me to", "asked me to", "asked for a", "need you to", "want you to",
    "like you to", "i will need", "ill need", "we need", "we want", "you to train", "있으면함", "있었으면함", "있음좋",
    "만들래", "만들자", "맹들", "하나만",
];
/// What may come of making something: asked about, not asked for.
pub(crate) const SUPPOSING: Words = &[
    "만들면", "만들때", "만드는데", "만드는법", "만들려면", "학습하면", "학습할때", "학습시키면", "훈련하면", "how to build", "how to make",
    "if i build", "if i make", "when i build",
];
pub(crate) const NEW: Words = &[
    "new training", "another training", "another model", "new model", "different model", "new job",
    "another job", "a second", "다른모델만들", "새모델", "새로운모델", "또다른", "하나더", "새로학습", "이번엔", "이번에는", "새학습",
    "새로운학습", "also train", "also make",
    "new one", "another one", "separate model", "separate training", "different training", "fresh training",
    "fresh model", "다른학습", "딴모델", "딴거하나", "별도로",
];
pub(crate) const CHANGE: Words = &[
    "change*", "switch*", "instead", "actually", "make it", "set", "update", "adjust", "swap*", "replace*",
    "modify", "rather", "use", "lets use", "lower", "raise", "increase", "decrease", "reduce", "바꿔", "바꾸",
    "바꿀", "변경", "수정", "고쳐", "교체", "말고", "대신", "아니라", "로해줘", "로하자", "조정", "설정", "늘려", "줄여", "낮춰", "올려", "갈아",
    "내려", "키워", "맞춰",
];
pub(crate) const CHANGE_PLAINLY: Words = &[
    "change*", "switch*", "instead", "actually", "make it", "swap*", "replace*", "바꿔", "바꾸", "바꿀", "변경",
    "수정", "교체", "말고", "대신",
];
pub(crate) const TRAIN_PLAINLY: Words = &[
    "train", "학습", "훈련", "만들", "써줘", "쓰자", "쓸게", "써보자", "쓸래", "사용하자", "사용해줘", "use", "go with", "lets use",
    "돌려",
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
    "send it", "exactly", "start training", "start the training", "yes please", "aye", "roll", "시작", "진행",
    "좋아", "좋습니다", "좋네", "좋다", "좋은데", "굿", "고고", "ㄱㄱ", "ㄱ", "ㄱㄱㄱ", "승인", "확인", "오케이", "오키", "ㅇㅋ", "ㅇㅇ", "콜",
    "그대로", "이대로", "그렇게", "가자", "가즈아", "갑시다", "돌려", "돌리자", "실행", "학습해", "학습하자", "학습시작", "학습시켜", "맞아", "맞습니다",
    "부탁", "완벽", "출발", "런", "고", "문제없", "됐어좋", "괜찮", "찬성", "허가", "허락", "수락", "동의", "해줘", "해주세요", "해봐", "하자",
    "합시다", "가보자", "하시죠", "들어가", "스타트", "개시", "ㅇㅋㅇㅋ", "👍", "🚀", "✅", "👌", "돌립시다", "훈련해", "훈련시작", "훈련시켜",
    "만들어줘", "네", "예", "응", "어", "그래", "넵", "넹", "엉", "웅", "ㅇ", "당연", "물론", "그럼", "그래요", "그러자", "그러죠", "네네",
    "응응", "예스", "오냐", "y", "어어", "그럽시다", "넵넵", "그러세요", "그렇게해", "좋지", "좋죠", "why not", "확정", "오케", "오케바리",
    "해도돼", "해도된", "해도좋", "agree*", "i confirm", "confirmed", "yes do", "go on", "lets do this",
    "okey dokey", "good by me", "fine by me", "fine with me", "ok by me", "승낙", "ㄱㅈ", "오케바", "레츠고", "하면돼",
    "하면되", "하시면됩", "hit go", "let her rip", "let it rip", "all systems go", "do the thing", "off you go",
    "lock it in", "pull the trigger", "take it away", "run with it", "crack on", "that works",
    "good enough", "approved", "commence", "affirmative", "roger", "be my guest", "make it go",
    "start please", "yes lets", "send", "engage", "시작하이소", "시작이요", "시작요",
    "thumbs up", "do your thing", "have at it", "green lit", "착수", "가동",
    "ready when you are", "show on the road", "blessing", "go time", "its a go", "game on",
    "take it from here", "over to you", "fire when ready", "im in", "count me in", "no notes", "done deal",
    "deal", "knock yourself out", "give it a whirl", "give it a go", "give it a shot", "give it a spin",
    "set it going", "set it off", "set it in motion", "get cracking", "get it going", "get it started",
    "get on with it", "go right ahead", "all yours", "full steam ahead", "full speed ahead", "bring it on",
    "rock and roll", "approval granted", "permission granted", "signed off", "make it rain", "onwards",
    "on you go", "carry on", "lets have it", "floor it", "press go", "press start", "push the button",
    "hit start", "hit the button", "go live", "get this going", "get this started", "get the ball rolling",
    "돌려도돼", "돌려도되", "돌려도될", "드가자", "렛츠", "밟아", "질러", "해치우", "달려", "달리자", "가봅시다", "맡길게", "맡긴다", "통과", "컨펌",
    "오키도키", "고고씽", "추진", "ㅇㅋㄷㅋ", "ㄱㄱㅆ", "가보입시다", "시작하입시다", "오라이", "가보죠", "가시죠", "갑시더", "진행시켜", "진행하시",
    "okey dokes", "okie dokie", "okie dokey", "okey doke", "righto", "go on then",
    "시작허", "시작혀", "그라믄시작", "고고하", "진행한다", "시작한다", "진행함", "돌린다", "시작해부", "시작하제이", "시작하그라", "하이소",
];
/// What a question of fact begins with.
pub(crate) const INTERROGATIVES: Words = &[
    "did", "does", "has", "have you", "have we", "is it", "is the", "is there", "are we", "are there", "was", "were", "what is",
    "whats", "where", "who", "how is", "how are", "hows", "how far", "how long", "how much", "how many", "when did", "when will",
    "what", "wheres", "whos", "which", "how", "am i", "are you", "is my", "is that", "is this",
    "should",
];
/// What one of permission ends in.
pub(crate) const MAY_I: Words = &[
    "도될까", "도되나", "도괜찮을까", "도괜찮나",
];
pub(crate) const START: Words = &[
    "시작", "진행", "start", "go ahead", "돌려", "실행", "proceed",
];
pub(crate) const REJECT: Words = &[
    "no", "nope", "nah", "forget it", "forget about", "forget that", "never mind", "nevermind", "discard*",
    "drop it", "drop this", "drop that", "reject*", "scrap*", "throw it", "throw that", "throw this",
    "dont", "do not", "cancel*", "not interested", "changed my mind", "change my mind", "delete", "bin it",
    "trash it", "toss it", "dismiss", "decline", "skip it", "abandon", "get rid of", "not what i want*",
    "id rather not", "i dont want", "leave it", "no thanks", "no thank you", "abort", "stop", "call it off",
    "not doing", "lets not", "pass", "withdraw", "drop the proposal", "not now", "아니", "아뇨", "아님", "됐어",
    "됐습니다", "됐고", "됐네요", "됐다", "안할", "안해", "안할래", "그만두", "그만둬", "그만할", "거절", "거부", "관두", "관둬", "필요없", "하지마",
    "하지말", "하지않", "말자", "말아", "마세요", "싫", "ㄴㄴ", "폐기", "버려", "버릴", "버리", "취소", "없던", "없었던", "접자", "접을", "철회",
    "무르", "치워", "반려", "그만", "때려", "삭제", "지워", "마음이바뀌", "생각이바뀌", "마음바뀌", "맘이바뀌", "노노", "못하겠", "않을", "않겠",
    "잊어", "집어치", "포기", "👎", "❌", "관둘", "그만둘", "별로", "아냐", "다음에할", "그거말고", "다음에하", "undo that", "undo this",
    "none of it", "none of this", "take it back", "take that back", "back out", "call it quits",
    "dont bother", "not anymore", "hard pass", "no dice", "not this one", "thumbs down", "negative",
    "nuh uh", "dont like", "bad idea", "lets drop", "not happening", "bin this", "no good", "veto",
    "ill pass", "changed our mind*", "때려쳐", "때려치", "gone off", "not keen", "not for me", "not having it",
    "no longer want", "dont fancy",
    "ditch*", "in the bin", "not happy", "chuck it", "flush it", "toss", "throw it out", "shelve it",
    "shelve this", "whole thing off", "drawing board", "im out", "count me out", "no way", "not a fan",
    "absolutely not", "certainly not", "no deal", "dont go ahead", "lose this", "pull out", "walk away",
    "not going ahead", "not going forward", "not go ahead", "wont be needing", "not needed",
    "not what i had in mind", "not what i meant", "not feeling it", "not convinced", "엎자", "엎어", "물릴", "물러",
    "무를", "빠꾸", "기각", "패스", "노땡큐", "집어쳐", "때려칠", "날려버", "백지화", "없는걸로", "없는거로", "치우자", "접어", "접는", "안하고싶",
    "내키지", "맘에안", "마음에안", "맘에들지", "마음에들지",
    "kill this", "kill that", "kill the idea", "kill the proposal", "kill it",
];
/// Dropping something in so many words, which waits for nothing.
pub(crate) const REJECT_PLAINLY: Words = &[
    "cancel*", "forget it", "never mind", "nevermind", "drop it", "scrap*", "discard*", "취소", "폐기", "철회",
    "없던", "관두", "접자", "not what i want*",
];
/// Not dropping it, in so many words.
pub(crate) const SPARED: Words = &[
    "dont cancel", "dont drop", "dont scrap", "dont discard", "dont forget", "do not cancel", "do not drop",
    "do not scrap", "do not discard", "do not forget", "취소하지마", "취소하지말", "폐기하지", "철회하지", "접지마", "접지말",
];
pub(crate) const PROPOSAL: Words = &[
    "proposal", "plan", "this one", "config", "configuration", "suggestion", "제안", "계획", "설정", "구성",
];
/// Ending what may be anybody's.
pub(crate) const ENDED: Words = &[
    "cancel*", "stop", "delete", "drop", "취소", "그만", "삭제",
];
pub(crate) const DROPS: Words = &[
    "제안", "proposal", "그만둘", "그만두", "안할", "아니", "할래", "changed my mind", "됐어", "forget it", "never mind",
    "nevermind", "that", "이거", "없던", "취소할게", "관둘", "취소하자",
];
pub(crate) const NO_BUT_YES: Words = &[
    "문제없", "no problem", "아니야좋", "why not", "no objection*", "dont wait", "no changes", "nothing to change",
];
pub(crate) const NEGATIONS: Words = &[
    "하지마", "하지말", "않", "말자", "말아", "안할", "안해", "dont", "not", "no", "never", "취소", "그만", "stop", "cancel*",
    "중단",
];
/// Not now, which drops nothing.
pub(crate) const WAIT: Words = &[
    "wait", "not yet", "once my", "when my boss", "if my boss", "until my", "승인하면", "승인나면", "승인되면", "허락하면", "컨펌하면", "컨펌나면",
    "hold on", "hang on", "hold off", "one moment", "one second", "a moment", "a second",
    "just a sec", "dont start yet", "dont run it yet", "before we start", "before you start",
    "let me think", "let me check", "give me a", "later", "아직", "잠깐", "잠시", "기다려", "기다리", "보류", "이따", "나중에",
    "생각해볼", "생각좀", "생각해보겠", "생각해보고", "생각해보자", "고민", "스톱잠", "좀있다", "조금있다",
    "sleep on it", "mull it over", "not so fast", "not just yet", "hold fire", "hold your horses",
    "bear with me", "gimme a sec", "give me a sec", "pause for", "need to think", "in a bit", "일단스톱",
    "스톱해봐", "고려", "검토해보", "좀만있",
];
pub(crate) const AGREEABLE: Words = &[
    "looks", "sounds", "right", "please", "then", "now", "the", "it", "that", "this", "training", "job",
    "with", "me", "to", "i", "am", "is", "so", "and", "you", "can", "just", "we", "us", "all", "for", "a",
    "im", "its", "thats", "lets", "be", "set", "everything", "here", "as", "very", "well", "proposal",
    "config", "configuration", "plan", "model", "up", "off", "at", "once", "away", "immediately", "how",
    "about", "let", "know", "have", "my", "from", "approval", "think", "no", "changes", "need", "nothing",
    "change", "ready", "happy", "of", "on", "in", "there", "will", "cool", "nice", "awesome", "great",
    "problem", "objections", "thanks", "thank", "whenever", "should", "음", "자", "요", "이제", "그럼", "그러면",
    "지금", "바로", "당장", "어서", "빨리", "얼른", "학습", "훈련", "트레이닝", "작업", "모델", "해주세요", "해주라", "해줄래", "해줘", "해라",
    "해요", "해", "하세요", "하면", "하자", "하지", "합니다", "할게", "할래", "할까", "드립니다", "드려요", "드릴게", "주세요", "주십시오", "줘",
    "세요", "습니다", "입니다", "이에요", "예요", "이야", "이걸로", "이거로", "이거", "저걸로", "그걸로", "걸로", "으로", "로", "를", "을", "은",
    "는", "이", "가", "도", "만", "다", "시켜", "시키", "시작", "아", "어", "네", "넹", "넵", "야", "지", "죠", "게", "고", "면",
    "돼", "되", "됩니다", "될", "것", "거", "같", "같아", "같습니다", "했", "했어", "했습니다", "합시다", "봐", "보자", "봅시다", "볼까",
    "설정", "내용", "제안", "구성", "한번", "일단", "전부", "모두", "정말", "아주", "딱", "하나", "고마워", "감사", "합", "니다", "계속",
    "완료", "준비", "됐", "됐어", "됐다", "됩", "있", "없", "이상", "없이", "니까", "수정", "변경", "사항", "에", "서", "러", "렇게",
    "그", "저", "마음", "들어", "들", "맘", "ㅎ", "ㅋ", "!", "~", "십시오", "시오", "주", "려", "드", "리", "부", "탁", "님", "하",
    "시", "의", "한", "할", "기", "및", "좀", "더", "필요", "안", "오", "와", "우와", "아하", "흠", "ㅇ", "ㅁ", "ok", "줭", "용",
    "염", "당", "함", "바람", "바랍", "요망", "요청", "처리", "됨", "임", "겠", "agree", "begin", "may", "go", "쥬", "쥐",
    "셔", "세", "고요", "려고", "워", "버튼", "눌러", "뭐", "정도", "충분", "이쯤", "쯤", "대로", "무난", "해주시", "주실수있", "줄수있", "주실래", "나요", "by", "kick",
    "do", "does", "s", "too", "much", "been", "빠르", "렇", "옙", "이소", "심더", "sweet", "lovely", "brilliant",
    "excellent", "wonderful", "super", "neat", "amazing", "fantastic", "beautiful", "bingo", "stuff",
    "em", "our", "folks", "guys", "team", "one", "thing", "baby", "ill", "absolutely", "sure", "got", "ve",
    "youve", "who", "are", "seems", "fine", "those", "these", "settings", "values", "numbers", "setup",
    "final", "finally", "okay", "alrighty", "righto", "whatever", "already", "come", "man", "boss", "chief",
    "captain", "dude", "friend", "buddy", "pal", "mate", "better", "enough", "course", "하입시다", "입시다", "더라",
    "받았", "허락", "팀장님", "she", "he", "they", "says", "said", "signed", "over", "hers", "his",
    "계획", "세팅", "조건", "옵션", "스펙", "방향", "의견", "생각", "what i want", "what i need", "what i wanted",
    "what i asked for", "what i had in mind", "exactly what", "just what", "what we want", "what we need",
    "needful", "kindly", "nicely", "cheers", "ta", "splendid", "marvellous", "marvelous", "smashing", "grand",
    "cracking", "champion", "jolly", "tidy", "sorted", "ace", "top", "bonza", "needed",
    "아따", "그라믄", "그라모", "허소", "혀", "보드라고", "ㄹㅇ", "상기", "본", "내용으로", "진짜", "레알", "그려", "기래", "알았", "오냐", "자자",
    "얼쑤",
];
