//! Names of the numeric slots.

use crate::slots::Slot;

/// Names of the slots. Those with `false` name a slot only right before a number (`이미지 640`).
pub(crate) const KEYS: &[(&str, Slot, bool)] = &[
    ("epochs", Slot::Epochs, true), ("epoch", Slot::Epochs, true), ("epocs", Slot::Epochs, true),
    ("epoches", Slot::Epochs, true), ("epohcs", Slot::Epochs, true), ("epcohs", Slot::Epochs, true),
    ("에폭", Slot::Epochs, true), ("애폭", Slot::Epochs, true), ("이폭", Slot::Epochs, true), ("에푝", Slot::Epochs, true), ("에포크", Slot::Epochs, true), ("에퐄", Slot::Epochs, true),
    ("이포크", Slot::Epochs, true), ("에포치", Slot::Epochs, true), ("에폭스", Slot::Epochs, true),
    ("학습 횟수", Slot::Epochs, true), ("반복 횟수", Slot::Epochs, true), ("에폭 수", Slot::Epochs, true),
    ("에포크 수", Slot::Epochs, true), ("number of epochs", Slot::Epochs, true), ("passes", Slot::Epochs, true),
    ("rounds", Slot::Epochs, true), ("ep", Slot::Epochs, false), ("num epochs", Slot::Epochs, true),
    ("n epochs", Slot::Epochs, true), ("max epochs", Slot::Epochs, true),
    ("image size", Slot::ImageSize, true), ("img size", Slot::ImageSize, true),
    ("imgsz", Slot::ImageSize, true), ("imgsize", Slot::ImageSize, true),
    ("input size", Slot::ImageSize, true), ("resolution", Slot::ImageSize, true),
    ("image resolution", Slot::ImageSize, true), ("input resolution", Slot::ImageSize, true),
    ("이미지 크기", Slot::ImageSize, true), ("이미지 사이즈", Slot::ImageSize, true), ("입력 크기", Slot::ImageSize, true),
    ("입력 사이즈", Slot::ImageSize, true), ("입력 이미지 크기", Slot::ImageSize, true),
    ("입력 이미지", Slot::ImageSize, false), ("해상도", Slot::ImageSize, true), ("이미지", Slot::ImageSize, false),
    ("사진 크기", Slot::ImageSize, true), ("image", Slot::ImageSize, false), ("images", Slot::ImageSize, false),
    ("사이즈", Slot::ImageSize, false), ("크기", Slot::ImageSize, false), ("size", Slot::ImageSize, false),
    ("batch size", Slot::BatchSize, true), ("batches", Slot::BatchSize, true),
    ("batch", Slot::BatchSize, true), ("bs", Slot::BatchSize, true), ("mini batch", Slot::BatchSize, true),
    ("mini batch size", Slot::BatchSize, true), ("배치 사이즈", Slot::BatchSize, true),
    ("배치 크기", Slot::BatchSize, true), ("배치", Slot::BatchSize, true), ("배취", Slot::BatchSize, true), ("베치", Slot::BatchSize, true),
    ("베치 사이즈", Slot::BatchSize, true), ("베치사이주", Slot::BatchSize, true), ("미니 배치", Slot::BatchSize, true),
    ("뱃치", Slot::BatchSize, true), ("배치 싸이즈", Slot::BatchSize, true), ("seed", Slot::Seed, true),
    ("시드", Slot::Seed, true), ("난수", Slot::Seed, false), ("씨드", Slot::Seed, true),
    ("patience", Slot::Patience, true), ("인내심", Slot::Patience, true), ("인내", Slot::Patience, true), ("참을성", Slot::Patience, true), ("페이션스", Slot::Patience, true), ("조기 종료", Slot::Patience, true),
    ("조기 중단", Slot::Patience, true), ("얼리 스탑", Slot::Patience, true), ("얼리 스토핑", Slot::Patience, true),
    ("얼리 스타핑", Slot::Patience, true), ("early stopping", Slot::Patience, true),
];
pub(crate) const MORE_KEYS: &[(&str, Slot, bool)] = &[
    ("early stop", Slot::Patience, true), ("stop early", Slot::Patience, true),
    ("learning rate", Slot::LearningRate, true), ("lr", Slot::LearningRate, true),
    ("lr0", Slot::LearningRate, true), ("learningrate", Slot::LearningRate, true),
    ("학습률", Slot::LearningRate, true), ("학습율", Slot::LearningRate, true),
    ("러닝 레이트", Slot::LearningRate, true), ("런닝 레이트", Slot::LearningRate, true),
    ("러닝 레잇", Slot::LearningRate, true), ("학습 속도", Slot::LearningRate, true),
    ("엘알", Slot::LearningRate, true), ("step size", Slot::LearningRate, true),
    ("이미지 해상도", Slot::ImageSize, true), ("입력 해상도", Slot::ImageSize, true), ("랜덤 시드", Slot::Seed, true),
    ("random seed", Slot::Seed, true), ("사진 사이즈", Slot::ImageSize, true), ("입력", Slot::ImageSize, false),
    ("weight decay", Slot::WeightDecay, true), ("weightdecay", Slot::WeightDecay, true), ("weight_decay", Slot::WeightDecay, true),
    ("wd", Slot::WeightDecay, true), ("decay", Slot::WeightDecay, false), ("가중치 감쇠", Slot::WeightDecay, true),
    ("웨이트 디케이", Slot::WeightDecay, true), ("웨잇 디케이", Slot::WeightDecay, true), ("감쇠", Slot::WeightDecay, false),
    ("momentum", Slot::Momentum, true), ("mom", Slot::Momentum, true), ("모멘텀", Slot::Momentum, true), ("모멘텀 값", Slot::Momentum, true), ("모멘텀을", Slot::Momentum, false),
    ("input", Slot::ImageSize, false), ("img", Slot::ImageSize, false),
];
/// What says that training gets no better, with a number of epochs near it.
pub(crate) const PLATEAU: &[&str] = &[
    "개선이 없", "개선 없", "개선되지 않", "개선이 안", "좋아지지 않", "나아지지 않", "향상이 없", "향상 없", "향상되지 않", "안 좋아지", "안 나아지",
    "안 오르", "오르지 않", "나아지는 게 없", "변화가 없", "변화 없", "without improvement", "without improving",
    "without any improvement", "no improvement", "no progress", "not improving", "doesn't improve",
    "does not improve", "stops improving", "nothing improves", "nothing gets better", "doesn't get better",
    "not getting better", "does not get better", "stops getting better", "stays flat", "plateaus", "제자리면",
    "정체되면", "그대로면", "개선 안", "참았다가",
];
/// What a value is taken back with, before another.
pub(crate) const CORRECTIONS: &[&str] = &[
    "아니다", "아니", "아냐", "아니지", "아니야", "아니아니", "정정", "아차", "아참", "잠깐만", "잠깐", "잠만", "노노", "no wait",
    "wait no", "no", "nope", "sorry", "actually", "i mean", "i meant", "scratch that", "correction",
    "make that", "make it", "no make it", "or rather", "oops", "my bad", "no sorry", "sorry no",
    "no actually", "actually no",
];
/// What leaves a slot as it is.
pub(crate) const KEEPS: &[&str] = &[
    "그대로", "유지", "놔두", "냅두", "건드리지", "keep", "keeping", "leave", "leaving", "same", "unchanged",
    "untouched", "stays", "as is",
];
/// Verbs that lead from one change to the next.
pub(crate) const CONNECTIVES: &[&str] = &[
    "하고", "두고", "놓고", "바꾸고", "맞추고", "설정하고", "변경하고", "주고", "가고", "쓰고", "잡고", "해주고", "해 주고", "해주시고", "해 주시고",
    "하시고", "돌리고", "조정하고", "수정하고", "정하고",
];
/// Phrases whose "up", "down", "more" and "less" change nothing.
pub(crate) const IDIOMS: &[&str] = &[
    "no less than", "no more than", "not more than", "not less than", "more than", "less than", "up to",
    "spin up", "set up", "start up", "hurry up", "list up", "wake up", "end up", "fire up", "line up",
    "boot up", "follow up", "sign up", "look up", "pick up", "back up", "up and running", "whats up",
    "what's up", "shut down", "break down", "slow down", "write down", "more about", "tell me more",
    "once more", "more info", "more details", "one more time", "no more", "더 이상", "clean up", "speed up",
    "cook up", "whip up", "폴더", "캘린더", "바인더", "인코더", "디코더", "리더", "오더", "스파이더",
];
