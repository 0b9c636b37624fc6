//! What is said of the conversation itself.

use crate::lexicon::Words;

pub(crate) const INJECTION: Words = &[
    "ignore previous", "ignore all", "ignore the previous", "ignore the above", "ignore your", "ignore any",
    "ignore everything", "disregard*", "forget your instructions", "forget all previous", "system prompt",
    "system message", "your prompt", "your instructions", "jailbreak*", "developer mode", "you are now",
    "pretend you*", "pretend to*", "act as", "drop table", "api key*", "password*", "secret*",
    "credentials", "hidden prompt", "override your", "시스템프롬프트", "이전지시", "이전명령", "지시를무시", "지시사항을무시", "지시무시",
    "명령을무시", "명령은무시", "프롬프트를출력", "프롬프트를보여", "프롬프트알려", "역할극", "너는이제부터", "비밀번호", "앞의지시", "위의지시", "관리자권한",
    "규칙을무시", "탈옥", "지침을",
];
/// Compounds in which our words mean something else.
pub(crate) const ELSEWHERE: Words = &[
    "모델에이전시", "모델하우스", "모델학원", "모델지망", "모델워킹", "패션모델", "롤모델", "모델료", "피팅모델", "광고모델", "잡코리아", "내resume",
    "작업실", "작업복", "작업멘트", "훈련소", "예비군", "배치고사", "데이터요금", "데이터무제한", "이력서", "면접", "기차표", "기차역", "주식", "비트코인",
    "코인", "로또", "구독", "회원권", "적금", "택배", "혈액검사", "건강검진", "role model*", "fashion model*", "model train",
    "model trains", "model railway*", "model agency", "modeling agency", "modelling agency", "model home*",
    "model airplane*", "model plane*", "model kit*", "supermodel*", "model citizen", "next train",
    "train station*", "train ticket*", "train home", "by train", "train schedule", "train timetable",
    "personal trainer", "gym", "membership", "subscription*", "netflix", "reservation*", "appointment",
    "flight", "flights", "job interview*", "job offer*", "job market", "job hunt*", "cover letter",
    "dog training", "potty training", "weight training", "strength training", "bitcoin", "stock price*",
    "lottery", "batch of cookies", "data plan", "phone plan", "phone model*", "car model*", "laptop model*",
    "camera model*", "models of car*", "should i buy", "핸드폰모델", "휴대폰모델", "차모델", "자동차모델", "노트북모델", "폰모델",
    "카메라모델",
    "model of phone*", "model of car*", "model of laptop*", "model of camera*", "model of tv*", "무슨폰",
    "무슨차모델",
    "my resume", "my cv", "your resume",
    "your day", "your life", "your week", "your weekend", "you doing", "your mother", "your family",
    "your mum",
];
pub(crate) const RESET: Words = &[
    "start over", "start again from", "start from the beginning", "start from zero", "start anew",
    "start afresh", "start fresh", "fresh start", "reset", "begin again", "from the top",
    "clear everything", "clear the conversation", "clear this conversation", "clear the chat", "clear chat",
    "clear all", "wipe the", "wipe everything", "wipe it", "new conversation", "new chat", "new session",
    "clean slate", "forget everything", "restart the conversation", "restart this conversation",
    "back to square one", "restart from scratch", "start from scratch", "erase everything",
    "erase this conversation", "scratch everything", "from the very beginning", "restart our",
    "all over again", "처음부터다시", "처음부터하", "처음부터시작", "처음부터새", "처음부터가", "처음으로돌", "처음으로가", "처음으로되", "처음상태",
    "리셋", "초기화", "새로시작", "새로하자", "새로다시", "다시처음", "새대화", "다지우", "다지워", "대화지", "대화를지", "싹지", "싹다", "원점", "백지",
    "다시처음부터", "없던걸로하고처음", "모두지우", "모두지워", "전부지우", "전부지워", "대화내용삭제", "대화삭제", "다잊", "모두잊", "전부잊", "새로운대화",
    "갈아엎", "wipe this", "wipe our", "다없애", "모두없애", "다버리고",
    "blank page", "blank slate", "fresh page", "new page", "clean sheet", "백지상태",
    "from nothing", "the slate", "wipe the board", "square one", "tabula rasa", "start it all over",
    "begin afresh", "begin anew", "scrap everything", "싹밀", "밀고다시", "싹비우", "리부트", "다무시하고", "모두무시하고",
    "전부무시하고", "다까먹", "새판", "판을엎", "처음부터리", "처음부터갑", "없었던걸로하고처음", "다리셋",
];
/// Ending or beginning again, where [`CHAT`] is what ends.
pub(crate) const AFRESH: Words = &[
    "start*", "restart*", "begin*", "clear*", "wipe*", "reset*", "erase*", "delete*", "forget*", "scrap*",
    "drop*", "throw*", "지우", "지워", "지울", "삭제", "리셋", "초기화", "잊어", "잊고", "없애", "새로", "다시시작", "날려", "비우",
    "비워", "anew", "afresh", "첨부터",
    "날리", "밀고", "엎고",
];
pub(crate) const CHAT: Words = &[
    "conversation", "this chat", "our chat", "the chat", "chat history", "whole chat", "chat over",
    "everything over", "everything weve", "everything ive", "all weve", "all ive", "weve said", "ive said",
    "weve talked", "weve discussed", "everything we said", "all over", "all this", "all of this",
    "all of that", "all that", "all what", "what i said", "what we said", "all i said", "everything i said",
    "대화", "채팅", "한얘기", "한이야기", "했던얘기", "했던말", "한말", "얘기다", "나눈", "기록다", "지금까지건", "지금까지것", "지금까지거",
    "session", "whole thing", "this thing over", "the board", "our context", "the context", "첨부터", "새출발",
];
pub(crate) const HELP: Words = &[
    "help", "what can you", "what can i", "do you understand", "how do i use", "how do i start", "how do you work",
    "how does this work", "how does it work", "what do you do", "what are you able", "commands", "guide",
    "manual", "tutorial", "how to use", "what are you", "who are you", "usage", "what is this",
    "instructions", "get started", "getting started", "show me how", "what features", "capabilities",
    "examples", "example", "what else can", "how do i", "abilities", "how should i use", "where do i start",
    "what should i say", "what should i do", "도움", "헬프", "알아듣", "알아들", "뭘할수", "뭐할수", "뭐를할수", "무엇을할수", "뭐가가능", "어떤걸할수",
    "어떤것을할수", "무슨일을할수", "할수있는게", "할수있는것", "할수있는일", "할줄아", "사용법", "어떻게써", "어떻게쓰", "어떻게사용", "사용방법", "이용방법",
    "사용하는법", "쓰는법", "쓰는방법", "기능", "가이드", "매뉴얼", "설명서", "명령어", "어떻게하면돼", "어떻게하면되", "어떻게시작", "뭐부터", "뭘해줄수",
    "뭐해줄수", "해줄수있", "무엇을도와", "뭘도와", "도와줄수", "너는누구", "넌누구", "너뭐야", "너누구", "넌뭐", "뭐하는", "예시", "시작하는법", "뭐라고말",
    "도와줘", "도와주", "알려줄수있는", "어떻게해야", "어떡해", "my options", "할줄알", "어떤명령", "무슨명령", "명령을쓸", "뭐라고하면", "할수있는말",
    "시킬수있", "부탁할수있", "요청할수있", "물어볼수있", "할수있어뭐", "뭐뭐할수", "뭐뭐시킬", "뭘시킬", "뭐시킬", "무엇을시킬", "able to do",
    "able to request", "able to ask", "tool can do", "system can do", "can i ask", "can i request",
    "can i say", "can i do here", "i am new here", "im new here", "am new to this", "im new to this",
    "first time here", "explain me how", "give me a tour", "tour", "intro", "features", "what commands",
    "what do i type", "enumerate your", "처음인데어떻", "처음써", "어떻게말", "튜토리얼", "뭘말", "뭐라말",
    "im lost", "first time user", "what now", "newbie", "im stuck", "no idea what", "어떤걸시킬", "뭘부탁",
    "clueless", "walk me through", "show me around", "the ropes", "how does one begin", "where do i begin",
    "how do i begin", "what are my choices", "never used this", "never done this", "no clue",
    "what is possible", "whats possible", "possibilities", "what all can", "what sort of things",
    "what kinds of things", "what kind of things", "good for what", "what are you good", "what can this",
    "what can it do", "what can be done", "what does this do", "what does this app", "what does this tool",
    "how to begin", "how do we begin", "where to start", "where to begin", "what do i do",
    "where should i start", "뭘할줄", "무슨기능", "뭐시켜", "뭘시켜", "모르겠는데뭐", "어떻게하는건지", "하는법을모르", "뭐물어볼", "뭐가되는",
    "뭐가되나", "뭐되나", "뭐부터하", "뭐하는봇", "뭐하는데", "어떤기능", "할수있는지", "가능한지뭐", "가능한거", "가능한게",
    "this thing work", "does this work", "does it work", "how this works", "how it works", "어떻게돌아가는건",
    "쓰는거",
    "뭐하면", "뭐됨", "첨인데", "처음인데", "처음왔", "처음써보", "첨써",
    "학습은어떻게해", "학습은어떻게하", "학습어떻게해", "학습을어떻게해", "학습을어떻게하",
];
pub(crate) const THANKS: Words = &[
    "thank*", "고마", "감사", "hello", "hi", "안녕", "반가", "하이", "good morning", "good evening", "bye", "잘가",
    "수고",
];
pub(crate) const DEFINITION: Words = &[
    "뭐야", "뭔가요", "뭐예요", "뭐에요", "무엇인가", "뭔데", "뭔지", "what is", "whats", "what does", "how does", "meaning",
    "뜻이", "무슨뜻", "who", "when",
];
