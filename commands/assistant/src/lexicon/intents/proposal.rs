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
pub(crate) const CHANGE: Words = &[
    "change*", "switch*", "instead", "actually", "make it", "set", "update", "adjust", "swap*", "replace*",
    "modify", "rather", "use", "lets use", "lower", "raise", "increase", "decrease", "reduce", "바꿔", "바꾸",
    "바꿀", "변경", "수정", "고쳐", "교체", "말고", "대신", "아니라", "로해줘", "로하자", "조정", "설정", "늘려", "줄여", "낮춰", "올려", "갈아",
    "내려", "키워", "맞춰",
];
