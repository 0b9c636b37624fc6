//! Words for model families and sizes.

/// Letters of a family, enough to tell a misspelt or unknown member from an ordinary word.
pub(crate) const FAMILIES: &[&str] = &[
    "yolo", "resnet", "efficientnet", "mobilenet", "vit", "convnext", "densenet", "vgg", "inception",
    "swin", "rtdetr", "resnext", "deit", "beit", "mnasnet", "ghostnet", "nasnet", "xception", "dino",
    "maxvit", "regnet", "squeezenet", "shufflenet", "rtmdet",
];
/// What the file of a model's weights ends in.
pub(crate) const WEIGHTS: &[&str] = &[
    ".pt", ".pth", ".onnx", ".safetensors", ".yaml", ".yml", ".bin",
];
/// Names of families that are also ordinary words, and name a model only with its size: 비트코인.
pub(crate) const SIZED_ONLY: &[&str] = &["비트"];
pub(crate) const SIZES: &[&str] = &[
    "nano", "small", "medium", "large", "x large", "extra large", "xl", "tiny", "base", "나노", "스몰", "미디엄",
    "미디움", "라지", "엑스라지", "엑스 라지", "타이니", "베이스", "라쥐",
];
/// What says that models are compared.
pub(crate) const COMPARED: &[&str] = &[
    "비교", "차이", "compare", "comparison", "difference", "versus", "vs",
];
/// After what the name of a model ends in.
pub(crate) const VERSIONS: &[&str] = &[
    "version", "variant", "model", "flavour", "flavor", "size", "버전", "모델", "짜리", "사이즈 모델",
];
pub(crate) const BIGGER: &[&str] = &[
    "더 크게", "한 단계 크게", "one size up", "a size up", "up a size", "bigger", "larger", "next size up",
    "heavier", "stronger", "more powerful", "size up", "더 큰", "더큰", "큰 모델", "큰 걸로", "큰 거로", "큰거로", "큰걸로",
    "한 단계 큰", "한 단계 위", "한 단계 올", "한 단계만 올", "한 단계 높", "한 단계 키", "한 단계 bigger", "한 단계 업", "더 무거운", "좀 큰", "조금 큰",
    "beefier", "chunkier", "meatier", "hefty", "heftier", "weightier", "한 치수 큰", "한 급 위", "한 등급 위", "윗급",
    "상위 모델", "한 단계 올린", "한 체급 위", "묵직한",
];
pub(crate) const SMALLER: &[&str] = &[
    "더 작게", "한 단계 작게", "one size down", "a size down", "down a size", "smaller", "lighter",
    "next size down", "less heavy", "size down", "faster model", "더 작은", "더작은", "작은 모델", "작은 걸로", "작은 거로",
    "작은거로", "작은걸로", "한 단계 작은", "한 단계 아래", "한 단계 낮", "한 단계만 낮", "한 단계 내", "한 단계만 내", "한 단계 줄", "한 단계 smaller", "한 단계 다운", "더 가벼운", "가벼운 모델", "좀 작은", "조금 작은",
    "slimmer", "leaner", "tinier", "skinnier", "less powerful", "more compact", "compact one", "한 치수 작은",
    "한 급 아래", "한 등급 아래", "아랫급", "하위 모델", "더 라이트", "날렵한",
];

/// Verbs before a word of size that say how something is, and words that say how much so.
pub(crate) const LOOKS: &[&str] = &[
    "is", "are", "was", "were", "look", "looks", "looked", "looking", "seem", "seems", "appear", "appears", "get", "gets", "too", "so", "very", "pretty",
    "quite", "really", "rather", "fairly", "they're", "theyre", "isn't", "aren't",
];
/// What a word of size is said of where it is a model's.
pub(crate) const SIZED_NOUNS: &[&str] = &[
    "model", "models", "one", "ones", "version", "variant", "flavour", "flavor", "network", "net", "backbone", "architecture", "weights", "member", "family",
    "size", "yolo", "resnet", "efficientnet", "mobilenet", "vit", "convnext", "모델", "걸", "거", "것", "놈", "녀석", "버전", "네트워크", "백본", "쪽", "애", "사이즈",
    "크기", "욜로", "레즈넷", "신경망", "급", "체급", "단계",
];
/// English words that may follow a word of size and are no noun that it describes.
pub(crate) const BESIDE_SIZES: &[&str] = &[
    "please", "pls", "instead", "then", "now", "for", "and", "with", "on", "at", "this", "is", "would", "will", "should", "sounds", "seems", "to", "or", "not", "but",
    "because", "since", "so", "if", "again", "first", "too", "as", "thanks", "ok", "okay", "fine", "works", "enough", "by", "in", "from", "rather", "maybe", "though",
    "actually", "it", "than", "will", "do", "does", "can", "could", "may", "might", "that", "there", "here", "up", "down", "still", "also", "only", "just", "after",
    "before", "when", "while", "like", "mate", "i", "we", "you", "the", "a", "my", "has", "was", "over", "next", "be", "yes", "no", "perhaps", "using", "use", "go",
    "of", "make", "let", "lets", "let's", "more",
];
/// How the form of a Korean verb ends that leads to a noun.
pub(crate) const ADNOMINAL: &[char] = &['은', '큰', '운'];

/// What a runner's name before a model's is.
pub(crate) const RUNNERS: &[&str] = &["timm", "torchvision", "transformers", "ultralytics", "openmmlab", "libreyolo"];

/// Between the models of several trainings.
pub(crate) const JOINED: &[&str] = &["and", "&", "+", ",", "와", "과", "랑", "이랑", "하고", "및", "그리고", "and also", ", and"];
/// What says that each of the models named is to be trained.
pub(crate) const EACH: &[&str] = &[
    "each", "both", "all three", "all four", "separately", "one by one", "one after the other", "둘다", "셋다", "각각", "각자", "하나씩", "한개씩", "따로",
    "차례로", "두개", "세개", "두가지", "세가지",
];
