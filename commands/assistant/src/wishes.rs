//! What people wish for that cannot be had by words, or not at all: each is said to be so instead of being dropped.

use crate::cues::Cues;

/// A wish that no sentence fulfils.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wish {
    MultiLabel,
    ClassWeights,
    FrozenLayers,
    MixedPrecision,
    Export,
    Rename,
    CrossValidation,
    SeveralGpus,
    Notify,
    Later,
    /// Settings that a page or a program changes by their fields, such as `momentum`.
    Field(&'static str),
}

type Words = &'static [&'static str];

#[rustfmt::skip]
const WISHES: &[(Wish, Words)] = &[
    (Wish::MultiLabel, &["multi label", "multilabel", "multiple labels per", "several labels per", "멀티라벨", "멀티레이블", "다중라벨", "다중레이블", "라벨여러개", "레이블여러개"]),
    (Wish::ClassWeights, &["class weight*", "weighted loss", "weight the classes", "balance the classes", "class balanc*", "focal loss", "oversampl*", "클래스가중치", "가중치를주", "클래스웨이트", "클래스균형", "불균형보정", "오버샘플링", "포컬로스"]),
    (Wish::FrozenLayers, &["freeze the", "freeze all", "freeze layer*", "frozen layer*", "freeze backbone", "frozen backbone", "freeze first", "linear prob*", "head only", "only the head", "last layer only", "only the last layer", "백본얼", "백본은얼", "백본을얼", "백본고정", "백본은고정", "백본을고정", "레이어고정", "레이어를고정", "레이어얼", "레이어를얼", "층을얼", "층고정", "헤드만학습", "마지막층만", "프리즈"]),
    (Wish::MixedPrecision, &["mixed precision", "fp16", "bf16", "half precision", "amp", "혼합정밀도", "반정밀도", "16비트"]),
    (Wish::Export, &["onnx", "torchscript", "tensorrt", "coreml", "tflite", "openvino", "오닉스", "온닉스", "텐서알티"]),
    (Wish::Rename, &["rename", "change the name", "call it something", "이름바꿔", "이름을바꿔", "이름변경", "이름을변경", "이름지어", "이름을붙여"]),
    (Wish::CrossValidation, &["cross valid*", "k fold", "kfold", "교차검증", "케이폴드"]),
    (Wish::SeveralGpus, &["multi gpu", "multiple gpus", "two gpus", "four gpus", "data parallel", "ddp", "멀티gpu", "gpu여러", "gpu두", "gpu네", "분산학습"]),
    (Wish::Notify, &["notify me", "email me", "send me a mail", "slack me", "ping me", "let me know when", "메일로알려", "메일보내", "슬랙으로", "알림보내", "끝나면알려", "끝나면연락", "끝나면말해"]),
    (Wish::Later, &["start it tomorrow", "start tomorrow", "start it tonight", "start tonight", "start at midnight", "schedule it for", "내일시작해", "밤에돌려", "밤에시작", "새벽에돌려", "예약해", "예약걸어"]),
    (Wish::Field("label_smoothing"), &["label smoothing", "라벨스무딩", "레이블스무딩"]),
    (Wish::Field("warmup_epochs"), &["warmup", "warm up", "웜업", "워밍업"]),
    (Wish::Field("schedule"), &["cosine schedule", "cosine lr", "cosine annealing", "one cycle", "onecycle", "lr schedul*", "스케줄러", "코사인", "원사이클"]),
    (Wish::Field("ema"), &["ema", "exponential moving average"]),
    (Wish::Field("augmentation"), &["augment*", "flip*", "mixup", "cutmix", "mosaic", "증강", "뒤집기", "어그멘"]),
];

/// What a training is to start from, where a turn says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// From published weights.
    Pretrained,
    /// From random ones.
    Scratch,
}

#[rustfmt::skip]
const SCRATCH: Words = &["from scratch", "random init*", "randomly initial*", "without pretrain*", "no pretrain*", "not pretrain*", "사전학습없이", "사전학습말고", "사전훈련없이", "처음부터학습", "랜덤초기화", "무작위초기화", "가중치없이"];
#[rustfmt::skip]
const PRETRAINED: Words = &["pretrain*", "pre train*", "imagenet weights", "coco weights", "transfer learn*", "fine tun*", "finetun*", "사전학습", "사전훈련", "프리트레인", "전이학습", "파인튜닝", "미리학습된", "이미지넷가중치"];

/// The narrower words first: they hold the others.
pub(crate) fn start(cues: &Cues) -> Option<Start> {
    match (cues.any(SCRATCH), cues.any(PRETRAINED)) {
        (true, _) => Some(Start::Scratch),
        (false, true) => Some(Start::Pretrained),
        (false, false) => None,
    }
}

/// The wishes of a turn, each once.
pub(crate) fn of(cues: &Cues) -> Vec<Wish> {
    // `이름을 flower로 바꿔줘`: what it is to be called stands between.
    let renamed = cues.any(&["이름을"]) && cues.any(&["로바꿔", "로변경", "로고쳐", "로수정"]);
    let said = |(wish, words): &&(Wish, Words)| cues.any(words) || *wish == Wish::Rename && renamed;
    WISHES.iter().filter(said).map(|(wish, _)| *wish).collect()
}
