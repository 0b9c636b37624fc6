//! So many times what stands, in words: of a setting that is named, or of the one that has the number which is said.

use trainyard_assistant::reader::complete_proposal;
use trainyard_assistant::{Intent, Slots, interpret};

/// What is heard beside a proposal of 50 epochs and a batch of 32; what is asked about is asked with the values that were heard.
fn heard(said: &str) -> Slots {
    let mut open = complete_proposal();
    (open.slots.epochs, open.slots.batch_size) = (Some(50), Some(32));
    let turn = interpret(said, Some(&open));
    let adjusts = |(intent, _): &(Intent, Slots)| *intent == Intent::Adjust;
    turn.nearest.into_iter().find(adjusts).map_or(turn.slots, |(_, slots)| slots)
}

#[test]
fn a_factor_in_words_is_of_what_stands() {
    for (said, values) in [
        ("50번은 모자라다 아이가. 두 배로 해라", (Some(100), None)),
        ("50이면 좀 적네요. 세 배로 해주세요", (Some(150), None)),
        ("32는 너무 커, 반으로 줄여줘", (None, Some(16))),
        ("배치를 두 배로 하고 에폭은 세 배로", (Some(150), Some(64))),
        ("에폭을 네 배로 늘려줘", (Some(200), None)),
        ("배치 사이즈는 네 배", (None, Some(128))),
        ("50 epochs is on the low side. double it", (Some(100), None)),
        ("50 is too few, triple that", (Some(150), None)),
        ("32 is too much, make it half", (None, Some(16))),
        ("double the epochs and halve the batch", (Some(100), Some(16))),
        ("cut the epochs by a fifth", (Some(40), None)),
        ("raise the batch by a quarter", (None, Some(40))),
        ("reduce the epochs by half", (Some(25), None)),
        ("cut the epochs to a fifth", (Some(10), None)),
        ("에폭을 5분의 1만큼 줄여줘", (Some(40), None)),
        ("에폭을 5분의 1로 줄여줘", (Some(10), None)),
    ] {
        let slots = heard(said);
        assert_eq!((slots.epochs, slots.batch_size), values, "{said}");
    }
}

#[test]
fn a_value_that_is_no_factor_is_the_value() {
    for (said, values) in [
        ("에폭 두 번만 돌려줘", (Some(2), None)),
        ("50번은 적다. 80번으로 해라", (Some(80), None)),
        ("배치 16으로", (None, Some(16))),
        ("두 배우를 구분하고 싶은데 에폭은 70으로", (Some(70), None)),
        ("오늘따라 차가 두 배로 막혀서 늦었네. 배치는 8로", (None, Some(8))),
        ("this gpu is twice as fast as the old one, so 64 epochs", (Some(64), None)),
        ("50 is too few, 80 will do", (Some(80), None)),
        ("two epochs only", (Some(2), None)),
        ("batch of 8", (None, Some(8))),
        ("the double doors are class one, 40 epochs", (Some(40), None)),
    ] {
        let slots = heard(said);
        assert_eq!((slots.epochs, slots.batch_size), values, "{said}");
    }
}
