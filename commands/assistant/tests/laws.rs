//! Laws of the grammar on any input: it never panics, stays within its steps, repeats itself exactly, and invents nothing.

use nix::time::{ClockId, clock_gettime};
use proptest::prelude::*;
use trainyard_assistant::{Changed, Draft, Intent, Slot, Slots, interpret, interpret_conversation};
use trainyard_events::limits;
use unicode_normalization::UnicodeNormalization;

/// Pieces that mean something, so that random sentences reach deep into the grammar.
const PIECES: [&str; 55] = [
    "resnet18",
    "yolo11n-seg",
    "욜로 11",
    "레즈넷",
    "에폭",
    "epochs",
    "배치",
    "batch size",
    "학습률",
    "lr",
    "1e-4",
    "50",
    "-5",
    "오십",
    "백",
    "번",
    "두 배로",
    "halve",
    "말고",
    "not",
    "instead of",
    "data/x",
    "./데이터/불량 검사",
    "s3://a/b",
    "C:\\a\\b",
    "~/x",
    "\"/a b/c\"",
    "클래스는",
    "classes:",
    "고양이",
    "강아지",
    "와",
    "랑",
    ",",
    "and",
    "분류",
    "detect",
    "작업 7",
    "job #3",
    "취소",
    "시작해줘",
    "왜",
    "?",
    "640x640",
    "더 큰",
    "nano",
    "=",
    "으로",
    "빼고",
    "추가",
    "대신",
    "add",
    "drop",
    "swap",
    "again by",
];

fn sentence() -> impl Strategy<Value = String> {
    proptest::collection::vec((proptest::sample::select(&PIECES[..]), any::<bool>()), 0..24).prop_map(
        |pieces| {
            pieces
                .into_iter()
                .map(|(piece, spaced)| if spaced { format!("{piece} ") } else { piece.to_owned() })
                .collect()
        },
    )
}

/// The text as the grammar reads it, for looking slots up in.
fn readable(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    };
    text.nfc().map(narrow).flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

/// An open proposal that a turn may edit: two classes, and a number changed last.
fn open_with_classes() -> Draft {
    let classes = vec!["고양이".to_owned(), "dog".to_owned()];
    let slots = Slots { classes, epochs: Some(30), ..Slots::default() };
    Draft { slots, last: Some(Changed::default().with(Slot::Epochs, true)), ..Draft::default() }
}

/// `오십번` is job 50: the text says that very number in words.
fn is_spoken(job: &str, said: &str) -> bool {
    said.match_indices('번').any(|(counter, _)| {
        let starts = said[..counter].char_indices().map(|(start, _)| start);
        starts.filter_map(|start| in_words(&said[start..counter])).any(|number| number.to_string() == job)
    })
}

/// A number of nothing but Sino-Korean words.
fn in_words(words: &str) -> Option<u32> {
    let (mut whole, mut digit) = (0, None);
    for word in words.chars() {
        match "일이삼사오육칠팔구".chars().position(|known| known == word) {
            Some(position) => digit = Some(position as u32 + 1),
            None => {
                let unit = match word {
                    '십' => 10,
                    '백' => 100,
                    _ => return None,
                };
                whole += digit.take().unwrap_or(1) * unit;
            }
        }
    }
    Some(whole + digit.unwrap_or(0))
}

fn lawful(text: &str) -> Result<(), TestCaseError> {
    let first = interpret(text, None);
    prop_assert_eq!(&first, &interpret(text, None), "interpretation is not deterministic");
    let open = Draft::default();
    let again = interpret(text, Some(&open));
    let said = readable(text);
    for turn in [&first, &again] {
        let slots = &turn.slots;
        let job = slots.job.iter().filter(|job| !is_spoken(job, &said));
        let strings = slots.classes.iter().chain(&slots.dataset).chain(&slots.input).chain(job);
        for slot in strings {
            prop_assert!(said.contains(&readable(slot)), "{:?} is not in {:?}", slot, text);
            prop_assert!(!slot.trim().is_empty() && slot.trim() == slot, "{:?} is not trimmed", slot);
        }
    }
    let listed = open_with_classes();
    for class in &interpret(text, Some(&listed)).slots.classes {
        prop_assert!(!class.is_empty() && class.trim() == class, "{:?} is not trimmed", class);
        let known = listed.slots.classes.contains(class) || said.contains(&readable(class));
        prop_assert!(known, "{:?} is neither listed nor in {:?}", class, text);
    }
    let mut draft = Draft::default();
    draft.merge(&first);
    let merged = draft.clone();
    draft.merge(&trainyard_assistant::Interpretation { intent: Intent::Adjust, ..first });
    prop_assert_eq!(merged.missing(), draft.missing(), "saying it twice changed what is missing");
    Ok(())
}

#[test]
fn a_class_that_is_called_by_a_number_keeps_its_words() {
    for text in [
        "클래스는 오십번resnet18batch size",
        "클래스는 오십번, 육십번",
        "오십번, 육십번 구분하는 모델 만들어줘",
    ] {
        lawful(text).unwrap();
    }
    assert_eq!(interpret("클래스는 오십번resnet18batch size", None).slots.classes, ["오십번"]);
    assert_eq!(interpret("오십번 작업 취소해줘", None).slots.job.as_deref(), Some("50"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        lawful(&text)?;
    }

    #[test]
    fn every_plane_is_read(text in proptest::collection::vec(any::<char>(), 0..120)) {
        lawful(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn sentences_of_our_own_words_are_read(text in sentence()) {
        lawful(&text)?;
    }

    #[test]
    fn conversations_are_read(turns in proptest::collection::vec(sentence(), 0..6)) {
        let first = interpret_conversation(&turns);
        prop_assert_eq!(first.len(), turns.len());
        prop_assert_eq!(first, interpret_conversation(&turns));
    }

    #[test]
    fn numbers_are_those_that_the_text_says(text in sentence()) {
        let turn = interpret(&text, None);
        // Relative changes need something to be relative to: without it, every number is written there.
        let said: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        for number in [turn.slots.epochs, turn.slots.seed, turn.slots.patience, turn.slots.batch_size].into_iter().flatten() {
            let worded = said.contains(['십', '백', '일', '이', '오', '배', '번']) || said.contains("halve") || said.contains("and");
            let digits = number.unsigned_abs().to_string();
            if worded {
                continue;
            }
            prop_assert!(said.contains(&digits) || said.contains("1e-4"), "{number} is not in {text:?}");
        }
    }

    #[test]
    fn what_acts_is_never_left_to_a_language_model(text in sentence()) {
        let turn = interpret(&text, None);
        let acts = turn.intent.acts();
        prop_assert!(!acts || turn.sure, "{text:?} is {:?} and not sure", turn.intent);
    }

    #[test]
    fn decomposed_hangul_means_the_same(text in sentence()) {
        let decomposed: String = text.nfd().collect();
        prop_assume!(decomposed.chars().count() <= limits::PROMPT_CHARS);
        prop_assert_eq!(interpret(&text, None), interpret(&decomposed, None));
    }
}

/// What is longer than a prompt is not read at all, however long it is: the work is bounded by `PROMPT_CHARS`.
#[test]
fn what_is_too_long_is_unknown() {
    for piece in ["a", "에폭 ", "/", "data/x ", "1", "😀", "resnet18 말고 ", "\u{0301}"] {
        let text = piece.repeat(1_000_000 / piece.len());
        let turn = interpret(&text, None);
        assert_eq!(turn.intent, Intent::Unknown);
        assert!(turn.slots.is_empty());
    }
}

/// Every plane of Unicode, a block at a time, alone and inside a sentence.
#[test]
fn every_character_is_read() {
    let all: Vec<char> = ('\u{0}'..=char::MAX).collect();
    for (index, block) in all.chunks(limits::PROMPT_CHARS / 2).enumerate() {
        let text: String = block.iter().collect();
        assert!(lawful(&text).is_ok(), "block {index}");
        // A full pass of the sentence for every block would take minutes and find no more.
        if index % 16 == 0 {
            assert!(lawful(&format!("resnet18로 {text} 에폭 10")).is_ok(), "block {index} in a sentence");
        }
    }
}

/// Seconds that this thread has worked: what it waits for a busy machine is not in it.
fn worked() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("Linux knows this clock");
    time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9
}

/// Four times the text takes four times the work, not sixteen times: measured on itself, so that a slow machine changes
/// nothing.
#[test]
fn no_repeat_is_quadratic() {
    let open = open_with_classes();
    let time = |piece: &str, length: usize| {
        let text: String = piece.chars().cycle().take(length).collect();
        let runs = (0..9).map(|_| {
            let start = worked();
            interpret(&text, None);
            interpret(&text, Some(&open));
            worked() - start
        });
        runs.fold(f64::INFINITY, f64::min)
    };
    interpret("warm up resnet18", None);
    for piece in [
        "에폭 10 ",
        "resnet ",
        "/a ",
        "와 ",
        "1,000,",
        "\"",
        "a or b ",
        "no ",
        "고양이, ",
        "일",
        "클래스 ",
        "a",
        "put ",
        "add x ",
        "dog 빼고 ",
        "the ",
        "십의 ",
        "10^",
        "ten to the ",
        "job 3 no ",
        "a-a 작업 ",
        "is it done ",
    ] {
        let (part, whole) = (time(piece, limits::PROMPT_CHARS / 4), time(piece, limits::PROMPT_CHARS));
        assert!(whole < 10.0 * part + 1e-3, "{piece:?}: {part} s, four times as long {whole} s");
    }
}

/// Repeats that make careless grammars quadratic, at the longest length that is read.
#[test]
fn pathological_repeats_are_read() {
    for piece in [
        "a",
        "1",
        "1,000,",
        "일",
        "백",
        "십",
        "/a ",
        "\"",
        "'",
        "a/",
        "와 ",
        "에폭 ",
        "not ",
        "no ",
        "resnet ",
        "욜로 ",
        "- ",
        "x1",
        "(",
        "인지 ",
        "고양이, ",
        "vs a ",
        "클래스 ",
    ] {
        let text: String = piece.chars().cycle().take(limits::PROMPT_CHARS).collect();
        assert!(lawful(&text).is_ok(), "{piece:?}");
    }
}
