//! What tells a question about a setting from a wish for it. The mark U+E003 stands for a value.

use crate::lexicon::Words;

/// Asking for a fact, whatever else is said.
pub(crate) const ASKS_PLAINLY: Words = &[
    "how many", "how much", "who", "whos", "where is", "where are", "wheres", "when is", "when will", "what is", "whats",
    "what are", "what does", "what kind", "what type", "what \u{E003}", "which \u{E003}", "which is", "which one", "why \u{E003}",
    "why the", "why is", "why are", "why does", "why did", "why was", "difference", "how do i", "how does", "how to", "how hot",
    "how slow", "how fast", "how big", "how good", "how long", "how large", "how busy", "how powerful", "how old",
    "몇개", "몇대", "몇장", "몇기", "몇도", "몇이야", "몇인", "뭐야", "뭐예요", "뭐에요", "뭔가요", "뭔데", "뭔지", "뭐죠", "뭐지", "뭐임", "뭡니까",
    "무엇인", "무슨뜻", "무슨의미", "뜻이", "누가", "누구", "어디", "얼마나", "차이", "종류", "왜", "뭐가더", "뭐가나", "뭐가다", "어느게", "어떤게",
];
/// Asking for a fact, unless it is a wish.
pub(crate) const ASKS_FIRST: Words = &[
    "is", "are", "was", "were", "does", "did", "has", "have you", "have we", "do we", "do you", "do i", "any",
];
/// The same after a greeting.
pub(crate) const ASKS_OF_A_VALUE: Words = &[
    "is \u{E003}", "is a \u{E003}", "is the \u{E003}", "is my \u{E003}", "is our \u{E003}", "are \u{E003}", "are the \u{E003}",
    "are our \u{E003}", "is there", "are there", "do you have", "do we have", "do i have", "have you got", "have we got",
    "any \u{E003}",
];
/// How a thing is found to be, which Korean asks for with its ending alone.
pub(crate) const ASKS_KOREAN: Words = &[
    "있어", "있나", "있니", "있는지", "있습", "있을까", "있는거", "없어", "없나", "놀고", "노는", "비어", "비었", "남는", "남았", "남아", "사용중", "쓰는중",
    "쓰고있", "돌고있", "바빠", "바쁘", "바쁜", "충분", "부족", "빨라", "빠른", "빠를", "빠르", "느려", "느린", "느릴", "느리", "괜찮", "큰가", "큰거",
    "클까", "작은가", "작을까", "많은가", "많나", "많을까", "적은가", "적나", "적당", "나아", "나은", "낫", "나을",
];
/// How a Korean question ends without its mark.
pub(crate) const ENDS_ASKING: Words = &["나요", "니", "습니까", "을까", "을까요", "는지", "은가요", "은가", "나"];
/// How it ends after a word that asks.
pub(crate) const ENDS_PLAINLY: Words = &["있어", "있어요", "야", "예요", "에요", "죠", "알려줘", "알려주세요", "말해줘", "궁금해", "궁금해요", "궁금"];
/// A wish that is put as a question: "can you use the gpu?", `GPU로 돌려줄 수 있어?`.
pub(crate) const WISHES: Words = &[
    "can you", "can we", "can i", "can it", "could", "would", "please", "pls", "use", "switch*", "change*", "set", "make it",
    "run it", "do it", "put it", "instead", "rather", "possible", "a way", "any way", "any chance", "ok to", "okay to", "fine to",
    "alright to", "ok if", "okay if", "fine if", "alright if", "want", "id like", "mind", "줘", "줄래", "줄수", "줄거", "주세", "주실",
    "주시", "주라", "달라", "하자", "할까", "볼까", "해라", "할래", "할게", "바꿔", "바꾸", "바꿀", "변경", "돌려", "돌리", "돌릴", "로해", "로가", "로할",
    "로하", "써", "쓸", "쓰자", "쓰면", "쓰고싶", "쓰는게", "쓰게", "사용해", "사용하", "사용할", "가능", "되나", "되니", "되요", "돼", "될", "어때",
    "어떨", "어떠", "수있", "으면좋", "했으면", "건데", "는데",
    "인데", "니까", "거든",
];
/// An order beside a question: `얼마나 느린지 몰라도 CPU로 해줘`.
pub(crate) const ORDERS: Words = &[
    "why not", "why dont", "로해", "로하자", "로하고", "로할게", "로바꿔", "바꿔", "바꾸자", "변경해", "돌려줘", "돌리자", "돌려라", "하자", "가자", "써줘", "쓰자", "써봐", "로돌려",
    "안써", "안쓰", "안쓸", "안돌",
];
/// What may follow a question without answering it.
pub(crate) const AFTERTHOUGHTS: &[&str] = &[
    "thank", "thx", "just", "asking", "wondering", "curious", "고마", "감사", "궁금", "그냥궁금", "ㅋ", "ㅎ", "ㅠ", "알려", "말해",
];
