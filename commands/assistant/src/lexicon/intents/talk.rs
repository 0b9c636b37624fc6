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
