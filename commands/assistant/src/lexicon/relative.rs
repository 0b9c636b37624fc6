//! Words of relative change.

pub(crate) const FACTORS: &[(&str, f64)] = &[
    ("halve", 0.5), ("half", 0.5), ("halved", 0.5), ("in half", 0.5), ("half as many", 0.5),
    ("half of", 0.5), ("a half", 0.5), ("절반", 0.5), ("반으로", 0.5), ("반만", 0.5), ("반토막", 0.5), ("절반만큼", 0.5),
    ("double", 2.0), ("doubled", 2.0), ("twice", 2.0), ("두 배", 2.0), ("두배", 2.0), ("갑절", 2.0), ("곱절", 2.0),
    ("더블", 2.0), ("반절", 0.5), ("반띵", 0.5), ("반의 반", 0.25), ("반에 반", 0.25), ("반의반", 0.25), ("triple", 3.0),
    ("thrice", 3.0), ("quadruple", 4.0), ("a quarter", 0.25), ("quarter", 0.25), ("a tenth", 0.1),
    ("one tenth", 0.1), ("a third", 1.0 / 3.0), ("one third", 1.0 / 3.0), ("two thirds", 2.0 / 3.0), ("one quarter", 0.25),
    ("three quarters", 0.75), ("a fifth", 0.2), ("one fifth", 0.2), ("two fifths", 0.4), ("a sixth", 1.0 / 6.0),
    ("an eighth", 0.125), ("one eighth", 0.125), ("a twentieth", 0.05), ("half as long", 0.5), ("twice as many", 2.0),
    ("twice as long", 2.0), ("order of magnitude", 10.0),
];
pub(crate) const UP: &[&str] = &[
    "늘려", "늘리", "늘린", "더해", "더하", "보태", "얹어", "올려", "올리", "높여", "높이", "키워", "키우", "추가", "더", "증가", "more", "increase", "raise",
    "add", "extend", "additional", "extra", "up", "higher", "bump", "longer", "larger",
];
pub(crate) const DOWN: &[&str] = &[
    "줄여", "줄이", "줄인", "낮춰", "낮추", "내려", "내리", "감소", "덜", "빼", "fewer", "less", "decrease", "reduce",
    "lower", "drop", "cut", "down", "smaller", "shorter",
    "다운", "shave", "subtract", "deduct", "knock", "trim", "깎아", "깎", "빼줘", "덜어",
];
