//! What is asked about models, and about data.

use crate::lexicon::Words;

pub(crate) const COMPARE: Words = &[
    "compare*", "comparison", "difference*", "versus", "vs", "which is better", "which is faster",
    "which one is", "better than", "faster than", "differ", "side by side", "stack up", "pros and cons",
    "against", "or", "bigger than", "smaller than", "lighter than", "which is", "비교", "차이", "다른점", "뭐가더",
    "뭐가다", "어느게더", "어느쪽이더", "어떤게더", "중에", "둘중", "견주", "대결", "더나", "더좋", "뭐가나", "더빨", "sets", "trade offs",
    "tradeoffs", "pick between", "choose between", "stacks up", "more accurate", "견줘", "낫", "나음",
    "leaner", "weigh up", "head to head", "match up", "matchup", "outperform*", "beat", "beats", "pit",
    "contrast", "smaller", "faster", "lighter", "heavier", "stronger", "tell apart", "distinguish",
    "which wins", "who wins", "than", "붙이면", "붙으면", "어느쪽", "어느게", "어떤게", "뭐가달", "뭐가빠", "뭐가가", "뭐가정", "골라",
    "고르", "우위", "이기", "다른가", "다른지", "다를까", "다름",
];
/// Comparing in so many words, which needs no second model.
pub(crate) const COMPARE_PLAINLY: Words = &[
    "compare*", "comparison", "비교",
    "side by side", "head to head",
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
    "ideal model", "which model for", "best classification model", "best detection model",
    "best segmentation model", "best pose model", "what model for", "choose a suitable", "추천", "맞을까",
    "맞는모델", "맞나요", "적합", "알맞", "적당한모델", "좋은모델", "좋을까", "써야", "쓰는게좋", "쓰는게나", "쓰면좋", "쓰면될까", "쓰면돼", "골라줘",
    "골라주", "뭐가좋", "뭐가나을", "모델이좋", "모델이나을", "모델이맞", "모델이어울", "어울리는", "제일나은", "괜찮은모델", "제안해", "어떤게좋", "뭘써",
    "뭐쓰", "뭘쓰", "나을까", "더나을", "더좋을", "나을지", "which model to", "know which model", "하면좋", "면좋을", "면좋아",
    "면될까", "제일나아", "가장좋", "제일좋", "가장나", "뭐가나아", "제일괜찮", "가장괜찮", "제일적합", "괜찮을까", "괜찮을지", "괜찮은가", "괜찮나",
    "괜찮을것같", "머쓰", "멀쓰", "머써", "멀써", "권하", "권해", "권할", "권장", "권유", "would you pick", "would you choose",
    "would you use", "would you go with", "do you advise", "should i pick", "should i choose",
    "should we use", "should i go with", "should we pick", "help picking", "help choosing", "picking",
    "choosing", "help me decide", "good choice", "your pick", "would work for", "should i go for",
    "do you reckon", "pick one", "choose one", "any tips", "제격", "안성맞춤",
    "would you go for", "which net", "what net", "best bet", "best suited", "your advice",
    "should i train with", "should i start with", "which to pick", "which to use", "what to pick",
    "pick for me", "choose for me", "뭘고르", "뭐고르", "뭘로할", "뭐로할", "뭐로하", "뭘로하", "무난한", "만만한", "가성비",
    "whats a good", "what is a good", "what would be a good", "a decent", "a solid", "good pick",
    "cant decide", "can not decide", "cannot decide", "torn between", "못고르", "못정하", "고르기어", "고르겠", "골라달",
    "정해줘", "정해달", "점지", "a sensible", "sensible choice", "fits the bill", "up to the job", "cope with",
    "cut out for",
    "model i should", "model we should", "model to use", "model to go", "감이안", "감이안와", "모르겠",
];
/// Wanting to be told, though it says "I need" or "I want".
pub(crate) const ADVICE: Words = &[
    "need help", "want help", "need advice", "want advice", "want to know", "need to know",
    "need some help", "need a hand", "조언",
];
pub(crate) const WHICH: Words = &[
    "which model*", "what model*", "which architecture*", "what architecture*", "which network*",
    "models can", "models do", "어떤모델", "무슨모델", "모델추천", "추천해", "뭐가좋", "뭘써야", "뭐써야", "어떤게좋", "모델목록", "모델종류",
    "recommend*", "suggest*", "best model", "모델을쓰면", "모델이좋", "모델이맞", "모델이적합", "model should", "list the",
    "list models",
    "would you go", "which net", "what net", "would you pick", "would you use", "would you choose",
];
/// Being the most of something, which asks for one.
pub(crate) const SUPERLATIVE: Words = &[
    "fastest", "lightest", "smallest", "biggest", "largest", "most accurate", "best", "quickest", "strongest", "cheapest",
    "leanest", "제일빠", "가장빠", "제일가벼", "가장가벼", "제일정확", "가장정확", "제일작", "가장작", "제일큰", "가장큰", "젤빠", "젤가벼",
    "제일좋", "가장좋", "젤좋", "최고",
];
/// Nothing but the noun, which asks for the list.
pub(crate) const MODELS_ALONE: Words = &[
    "모델?", "모델들?", "모델목록", "모델들", "모델리스트",
];
pub(crate) const DATASETS_ALONE: Words = &[
    "데이터셋?", "데이터셋들?", "데이터셋들", "데이터셋목록", "데이터?", "데이타셋?",
];
/// Asking which, for [`BEST`].
pub(crate) const WHICH_ONE: Words = &[
    "which", "what", "어떤", "어느", "무슨", "뭐가", "뭘", "머가",
];
/// Listing the models of a family that is named.
pub(crate) const OF_A_FAMILY: Words = &[
    "models are there", "models do you", "models available", "models exist", "models have you", "models can i", "variants",
    "versions are there", "versions do you", "모델뭐있", "모델뭐뭐", "모델은뭐", "모델들", "모델종류", "모델목록", "종류뭐", "종류가", "버전뭐", "버전이뭐",
    "모델어떤게있", "모델이뭐가있", "모델뭐가있",
];
/// Asking for data, though it says "train".
pub(crate) const WHICH_DATA: Words = &[
    "datasets", "which data", "what data", "어떤데이터", "무슨데이터", "데이터뭐",
];
/// Doing something before any training.
pub(crate) const FIRST: Words = &[
    "before we train", "before i train", "before you train", "before training", "before any training", "before we start",
    "before i start", "before you start", "train afterwards", "train after", "train later", "train it later", "enough to train", "fit to train", "ready to train", "good to train", "ok to train", "기전에",
    "학습전에", "훈련전에",
];
/// Being there to choose from.
pub(crate) const HAVING: Words = &[
    "have", "got", "available", "exist*", "offer*", "support*", "are there", "있어", "있나", "있니", "있지", "있는", "있을까", "있습",
    "있냐", "있음", "있누", "있노", "지원", "되나", "돼",
];
/// Asking what something is.
pub(crate) const DEFINITION_PLAINLY: Words = &[
    "what is", "what does", "what are", "뭐야", "뭔가요", "뜻",
];
/// Being the right one, however it is said.
pub(crate) const BEST: Words = &[
    "best", "better", "fit", "fits", "suit*", "optimal", "ideal", "appropriate", "right for", "good for",
    "works well", "work well", "좋", "나을", "나은", "나아", "낫", "맞", "괜찮", "어울", "최적", "최고",
];
pub(crate) const LISTING: Words = &[
    "list", "lists", "show", "which", "what", "available", "support*", "do you have", "do i have",
    "are there", "can i use", "all", "browse", "see", "offer", "give me", "any", "search", "find",
    "display", "got", "view", "options", "catalog", "catalogue", "have you got", "있어", "있나", "있니", "있지",
    "있는지", "있을까", "있습니까", "있음", "있는거", "목록", "리스트", "지원", "쓸수있", "사용할수있", "사용가능", "쓸만한거", "보여", "알려", "뭐뭐",
    "조회", "카탈로그", "검색", "나열", "전체", "가능한", "뽑아", "볼수있", "되는모델", "돼?", "되나", "뭐가", "어떤", "종류가", "종류는", "종류를",
    "종류뭐", "종류알", "종류보", "종류좀", "종류?", "모델찾", "모델을찾", "가진", "보유",
    "i can use", "name", "enumerate", "every", "have you", "have on offer", "on offer", "on the menu",
    "choose from", "choices", "select from", "at hand", "in stock", "lying around", "sitting", "around",
    "registered", "보자", "봅시다", "볼래", "볼까", "보고싶", "읊", "대봐", "말해", "등록",
    "머머", "머있", "모있", "뭐잇", "있노", "있남", "있누", "있는감",
    "어디서봐", "어디서볼", "어디있", "올라와", "올라온", "업로드된", "uploaded", "have been",
];
/// Listing that outweighs a word of advice: "which models do you support".
pub(crate) const LISTING_PLAINLY: Words = &[
    "list", "available", "support*", "which models", "what models", "all models", "all the models",
    "show me", "browse", "catalog", "catalogue", "models do you", "models are there", "models for",
    "models can i", "options", "search", "목록", "리스트", "지원", "쓸수있", "사용할수있", "사용가능", "뭐뭐", "카탈로그", "모델있",
    "모델이있", "모델들이있", "모델은있", "모델보여", "모델들보여", "모델검색", "모델찾", "모델조회", "모델알려", "모델들알려", "모델은뭐가있", "모델뭐있",
    "모델뭐가있", "종류가", "종류는", "종류를", "종류뭐", "종류알", "종류보", "종류좀", "모델종류",
];
pub(crate) const MODEL_WORD: Words = &[
    "model", "models", "architecture*", "network", "networks", "backbone*", "모델", "아키텍처", "백본", "네트워크",
    "신경망", "detectors", "classifiers", "catalog", "catalogue", "카탈로그", "nets", "model zoo", "zoo",
    "architectures", "backbones",
    "net", "cnn", "cnns", "모형",
];
pub(crate) const SHOW: Words = &[
    "tell me about", "what is", "whats", "describe", "info*", "details", "detail", "parameters", "params",
    "how big", "how large", "how many parameters", "about", "spec", "specs", "license*", "licence*",
    "explain", "show", "what kind of", "what sort of", "how heavy", "default image size", "more on",
    "learn about", "size of", "look like", "overview", "how fast", "how accurate", "good for", "summary",
    "어떤모델", "무슨모델", "뭐야", "뭔가", "뭔데", "뭐지", "무엇", "뭐임", "뭔지", "뭐예요", "뭐에요", "뭡니까", "설명", "알려", "정보", "자세히",
    "상세", "파라미터", "라이선스", "라이센스", "특징", "소개", "스펙", "사양", "크기가", "얼마나커", "얼마나무거", "용량", "어때", "어떤거", "보여",
    "궁금", "장단점", "장점", "매개변수", "어떤건", "뭐하는", "어디에쓰", "언제쓰", "무엇에쓰", "용도", "괜찮아", "쓸만", "어떠", "어떨",
    "lowdown", "rundown", "scoop", "brief me", "facts", "intro", "skinny", "deal with", "whats the deal",
    "tell me", "like", "properties", "characteristics", "background", "learn", "read up", "read about", "card",
    "page", "memory footprint", "footprint", "weigh", "strengths", "weaknesses", "뭐하는모", "뭐하는놈", "어떤놈",
    "어떤녀석", "어떤애", "어떤구조", "구조가", "구조는", "구조를", "몇메가", "몇메가야", "몇mb", "면모", "파라메터", "파람", "피처", "개요",
    "무거", "가벼", "놈이", "녀석", "몸집",
];
/// Judging a model, in a question about one.
pub(crate) const QUALITY: Words = &[
    "good", "accurate", "fast", "slow", "worth", "heavy", "light", "better", "strong", "reliable",
    "suitable", "enough", "괜찮", "쓸만", "정확", "성능", "빠른", "빨라", "느린", "느려", "가벼", "무거", "좋아", "좋은", "나빠",
    "어떤", "어때", "돌아가", "큰가", "큰지", "커?", "작은가", "크기", "용량", "무게", "얼마나", "big", "large", "small", "size",
];
pub(crate) const DATASETS: Words = &[
    "dataset*", "data set*", "what data", "which data", "my data", "데이터셋", "데이터", "데이타셋", "데이터세트",
    "the data", "data is there", "data is available", "data do i", "data do we", "data have i",
    "uploaded data",
    "data lying", "data have", "which sets", "데이터 뭐", "자료",
    "any data", "data uploaded", "data on the", "올려둔데이터", "올린데이터",
];
/// Looking at data, beside [`ANALYZE_PLAINLY`].
pub(crate) const ANALYZE: Words = &[
    "analysis", "look through", "scan*", "how many classes", "how many pictures", "how many samples",
    "how many files", "whats in", "what is in", "tell me about", "describe", "what does", "go through",
    "how big is", "overview", "quality", "확인", "봐달", "봐라", "보고싶", "요약", "뭐가들", "어떤지", "어때", "어떻게생", "괜찮은지",
    "뜯어", "구성", "이상없", "쓸만한지", "알려", "어떻게되어", "몇개", "둘러", "장씩", "뽑아", "상태", "괜찮", "any good", "good enough",
    "개수", "갯수", "비율", "skewed", "clean", "messy", "corrupt*", "broken", "duplicate*", "중복", "깨진",
    "label quality", "missing labels", "쓸만", "쓸수있는지", "문제", "healthy",
    "inside", "look alright", "look ok", "look okay", "look right", "look fine", "look good", "뭐들", "뭐있",
    "뭐가있", "들어있", "들었", "괜찮아", "쓸만해",
    "summary", "contents", "content", "내용",
];
pub(crate) const ANALYZE_PLAINLY: Words = &[
    "analyze*", "analyse*", "inspect*", "look at", "look into", "look over", "have a look", "take a look",
    "check", "examine*", "profile", "scan", "validate", "summarize", "summarise", "statistics", "stats",
    "distribution", "how many images", "how many photos", "explore", "review", "verify", "balanced",
    "audit", "diagnose", "imbalanced", "anything wrong", "sanity check", "살펴", "분석", "검사", "점검", "봐줘", "봐봐",
    "봐주", "들여다", "체크", "검증", "훑어", "몇장", "분포", "통계", "문제없", "문제있", "프로파일", "스캔", "진단", "조사", "파악", "품질",
    "균형", "확인해", "usable", "per class", "장수", "누락", "불균형", "gander", "butchers", "peek", "cast an eye",
    "eye over", "run your eye", "go over", "labels look", "labels are", "have a squint", "once over",
    "analysis", "look through", "count the", "count how many", "sniff", "poke around", "have a nose",
    "feast your eyes", "size up", "run through", "vet", "screen", "assess", "evaluate the data",
    "health check", "quality check", "report on the data", "breakdown", "break down", "any issues",
    "any problems", "problems with", "issues with", "wrong with", "훑", "검수", "뜯어봐", "쓸만한가", "멀쩡", "상태체크",
    "눈으로", "봐바", "봐보", "함봐", "한번봐", "몇장씩", "몇장이", "몇장들", "클래스별", "장수세",
];
/// Putting a path to use, so that a question with it is a wish.
pub(crate) const USING: Words = &[
    "use", "using", "instead", "switch*", "change*", "swap*", "써", "쓸", "쓰", "사용", "로해", "로할", "로가", "로하",
    "바꿔", "바꾸", "대신",
];
/// Asking for advice with no word for a model.
pub(crate) const ADVISE: Words = &[
    "recommend*", "추천", "suggest*", "뭘써야", "뭐가좋", "뭘쓰", "뭐쓰", "뭐써야", "뭐를쓰", "뭐로하는게", "무엇을쓰", "어떤걸쓰",
    "what should i use", "what works best", "what to use", "would you pick", "would you choose",
    "would you use", "would you go with", "should i pick", "should i choose", "should we use",
    "should i go with", "do you advise", "머쓰", "멀쓰", "머써", "멀써",
    "would you go for", "best bet", "what should i pick", "what should we pick", "what to go with",
    "what do you advise", "what would suit", "what suits", "whats best for", "what is best for",
    "which is best for", "뭐로할까", "뭘로할까", "뭐로하면", "뭘로하면", "뭐가나", "뭐가괜찮", "뭐가제일", "뭐가적당", "뭐가알맞", "어떤게나",
    "어떤게괜찮", "뭘고르", "골라줘", "골라줄",
];
