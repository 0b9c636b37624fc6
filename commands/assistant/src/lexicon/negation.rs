//! Words that deny what stands beside them.

pub(crate) const PARTICLES: &[&str] = &[
    "으로", "로", "은", "는", "을", "를", "이", "가", "도", "번", "회", "에폭", "에포크", "epochs", "epoch", "픽셀", "px", "장",
    "모델", "쪽", "정도", "에서는", "이면", "면",
];
pub(crate) const AFTER: &[&str] = &[
    "너무", "별로", "보다는", "보단", "말고", "말구", "대신", "아니라", "아니고", "아닌", "빼고", "제외", "is too", "are too",
    "too few", "too many", "too much", "too big", "too large", "too small", "too little", "too low",
    "too high", "too long", "is not enough", "are not enough", "isn't enough", "isnt enough", "not enough",
    "is overkill", "is nuts", "is crazy", "is silly", "is mad", "is ridiculous", "is excessive", "is insane", "is a lot", "is way", "is wild", "is a bit", "seems", "sounds", "feels", "없이", "쓰지", "사용하지", "하지 말", "안 쓰", "안 써", "싫",
    "돌리지", "필요 없",
];
pub(crate) const BEFORE: &[&str] = &[
    "not", "dont", "don't", "no", "without", "instead of", "rather than", "never", "avoid", "do not",
    "isn't",
    "off",
];
pub(crate) const BETWEEN: &[&str] = &[
    "on", "the", "a", "an", "with", "using", "use", "my", "at", "for", "run", "in", "want", "it",
];
