//! Nouns that people sort, by kind, and qualities they tell apart: enough to read lists written with spaces alone.

/// Nouns of one kind; a list with spaces alone is one only when all its words are of one kind.
pub(crate) const NOUNS: &[&[&str]] = &[
    &[
        "고양이", "강아지", "개", "토끼", "새", "말", "소", "돼지", "닭", "오리", "양", "염소", "사자",
        "호랑이", "곰", "원숭이", "코끼리", "기린", "늑대", "여우", "햄스터", "거북이", "물고기", "쥐",
        "다람쥐", "펭귄", "cat", "dog", "rabbit", "bird", "horse", "cow", "pig", "cats", "dogs", "rabbits",
        "birds",
    ],
    &[
        "자동차", "차", "차량", "승용차", "버스", "트럭", "오토바이", "자전거", "기차", "비행기", "배",
        "보행자", "사람", "택시", "킥보드", "신호등", "표지판", "car", "truck", "bus", "person", "bicycle",
        "bike", "motorcycle", "pedestrian", "cars", "trucks", "buses",
    ],
    &[
        "사과", "바나나", "오렌지", "포도", "배", "딸기", "수박", "복숭아", "귤", "레몬", "감", "망고",
        "파인애플", "토마토", "apple", "banana", "orange", "grape", "apples", "bananas", "oranges",
    ],
    &[
        "정상", "불량", "양품", "불량품", "비정상", "양호", "결함", "이상", "합격", "불합격", "ok", "ng",
        "스크래치", "찍힘", "오염", "크랙", "균열없음",
    ],
    &[
        "플라스틱", "유리", "종이", "캔", "비닐", "금속", "고철", "일반쓰레기", "음식물", "페트병", "스티로폼",
        "plastic", "glass", "paper", "metal",
    ],
    &[
        "장미", "튤립", "해바라기", "민들레", "데이지", "백합", "코스모스", "벚꽃", "rose", "tulip", "daisy",
        "sunflower",
    ],
    &[
        "남자", "여자", "남성", "여성", "아이", "어른", "노인", "어린이", "성인",
    ],
    &[
        "맑음", "흐림", "비", "눈", "안개", "낮", "밤", "봄", "여름", "가을", "겨울",
    ],
    &[
        "가위", "바위", "보", "빨강", "파랑", "노랑", "초록", "검정", "하양", "흰색", "빨간색", "파란색",
        "노란색", "초록색", "검은색",
    ],
];
/// Qualities of one noun, told apart.
pub(crate) const CONTRASTS: &[&str] = &[
    "healthy", "diseased", "sick", "ripe", "unripe", "good", "bad", "defective", "normal", "abnormal",
    "damaged", "undamaged", "intact", "broken", "fresh", "rotten", "open", "closed", "clean", "dirty",
    "empty", "full", "male", "female", "real", "fake", "benign", "malignant", "wet", "dry", "cracked",
    "uncracked", "rusty", "scratched", "flawed", "flawless", "faulty", "working", "positive", "negative",
    "infected", "uninfected", "edible", "poisonous", "red", "green", "blue", "yellow", "big", "small",
    "hot", "cold", "cloudy", "sunny",
    "sharp", "blurry", "blurred", "focused", "smooth", "rough", "hard", "soft", "raw", "cooked", "young",
    "old", "tall", "short", "thin", "thick", "light", "dark", "bright", "dim", "loose", "tight", "bent",
    "straight", "sealed", "unsealed", "masked", "unmasked", "worn", "new", "used", "legal", "illegal", "safe",
    "unsafe", "dangerous", "occupied", "vacant", "free", "taken", "alive", "dead", "awake", "asleep", "happy",
    "sad", "angry", "neutral", "pure", "mixed", "organic", "synthetic", "natural", "artificial", "indoor",
    "outdoor", "day", "night", "spam", "genuine", "counterfeit", "authentic", "forged", "original", "copied",
    "polished", "unpolished", "painted", "unpainted", "washed", "unwashed", "drunk", "sober", "calm", "stormy",
    "clear", "rainy", "foggy", "snowy", "left", "right", "front", "back", "top", "bottom", "upright", "fallen",
    "folded", "unfolded", "mature", "immature", "fertile", "infertile", "burnt", "unburnt", "toasted",
    "frozen", "thawed", "crooked", "aligned", "misaligned", "tidy", "messy", "acceptable", "unacceptable",
    "pregnant", "ok", "defect", "sweet", "sour", "spicy", "mild",
];
/// Second words of names of two words: "license plate", "traffic light".
pub(crate) const SECONDS: &[&str] = &[
    "plate", "plates", "light", "lights", "sign", "signs", "hat", "hats", "box", "truck", "tree", "belt",
    "vest", "vests", "mask", "bottle", "cup", "phone", "cone", "cones", "bag", "bus", "worker", "case",
    "can", "board", "card", "driver", "hydrant", "jacket", "crossing", "bear", "ball", "racket", "glass",
    "chair", "table", "oven", "lane", "line", "part", "parts", "leaf", "leaves", "seed", "bean", "fish",
    "cell", "cells",
];
/// Nouns that the last of a list often carries for all: "oak, pine and birch leaves".
pub(crate) const HEADS: &[&str] = &[
    "leaves", "leaf", "flowers", "flower", "trees", "tree", "fruits", "fruit", "images", "photos",
    "pictures", "cells", "parts", "bottles", "products", "species", "scans", "x-rays", "samples", "plants",
    "breeds", "faces",
];
