//! Numbers in words, and what is counted.

pub(crate) const ENGLISH: &[(&str, f64)] = &[
    ("zero", 0.0), ("one", 1.0), ("two", 2.0), ("three", 3.0), ("four", 4.0), ("five", 5.0), ("six", 6.0),
    ("seven", 7.0), ("eight", 8.0), ("nine", 9.0), ("ten", 10.0), ("eleven", 11.0), ("twelve", 12.0),
    ("thirteen", 13.0), ("fourteen", 14.0), ("fifteen", 15.0), ("sixteen", 16.0), ("seventeen", 17.0),
    ("eighteen", 18.0), ("nineteen", 19.0), ("twenty", 20.0), ("thirty", 30.0), ("forty", 40.0),
    ("fourty", 40.0), ("fifty", 50.0), ("sixty", 60.0), ("seventy", 70.0), ("eighty", 80.0),
    ("ninety", 90.0), ("hundred", 100.0), ("thousand", 1000.0), ("a hundred", 100.0),
    ("a thousand", 1000.0), ("one thousandth", 1e-3), ("a thousandth", 1e-3), ("one hundredth", 1e-2), ("a hundredth", 1e-2),
    ("one ten thousandth", 1e-4), ("a ten thousandth", 1e-4), ("dozen", 12.0), ("a dozen", 12.0), ("half a dozen", 6.0), ("a couple of", 2.0),
];
pub(crate) const KOREAN: &[(&str, f64)] = &[
    ("하나", 1.0), ("한", 1.0), ("둘", 2.0), ("두", 2.0), ("셋", 3.0), ("세", 3.0), ("넷", 4.0), ("네", 4.0),
    ("다섯", 5.0), ("여섯", 6.0), ("일곱", 7.0), ("여덟", 8.0), ("아홉", 9.0), ("열", 10.0), ("스물", 20.0),
    ("스무", 20.0), ("서른", 30.0), ("마흔", 40.0), ("쉰", 50.0), ("예순", 60.0), ("일흔", 70.0), ("여든", 80.0),
    ("아흔", 90.0), ("영", 0.0), ("공", 0.0), ("일", 1.0), ("이", 2.0), ("삼", 3.0), ("사", 4.0), ("오", 5.0),
    ("육", 6.0), ("륙", 6.0), ("칠", 7.0), ("팔", 8.0), ("구", 9.0), ("십", 10.0), ("백", 100.0), ("천", 1000.0),
];
/// "To be" after the value of a name: `시드는 칠이고`.
pub(crate) const COPULAS: &[&str] = &[
    "이고", "이구", "이야", "야", "이에요", "이예요", "예요", "이요", "입니다", "이다", "인데", "이며", "임", "으로요", "로요",
];
/// What leads to an exponent.
pub(crate) const RAISED: &[&str] = &[
    "^", "**", "to the power of", "to the power", "to the",
];
/// What is counted, straight after a number.
pub(crate) const COUNTERS: &[&str] = &[
    "번", "회", "배", "에폭", "에포크", "에퐄", "이폭", "개", "장", "픽셀", "퍼센트", "세대", "바퀴", "차례", "epoch", "epochs",
    "px",
];
