//! GPUs are asked for in words, beside whatever else a turn says, and stay asked for.

use trainyard_assistant::catalog::Runners;
use trainyard_assistant::proposal::{draft_of, propose};
use trainyard_assistant::{Draft, Slots, interpret};
use trainyard_events::chat::Language;

/// A proposal that is open.
fn open() -> Draft {
    let slots = Slots {
        model: Some("resnet18".to_owned()),
        dataset: Some("data/digits".to_owned()),
        ..Slots::default()
    };
    Draft { slots, ..Draft::default() }
}

fn asked(words: &str, open: Option<&Draft>) -> Option<String> {
    interpret(words, open).slots.resources.map(|asked| asked.to_string())
}

#[test]
fn an_open_proposal_is_given_gpus() {
    for (words, expected) in [
        ("H100 두 장으로", "2 x H100"),
        ("H100 2장으로 바꿔줘", "2 x H100"),
        ("use two A100s", "2 x A100"),
        ("train it on 4x H100", "4 x H100"),
        ("GPU 4장으로 바꿔줘", "4 x GPU"),
        ("메모리 40기가 이상 GPU로 해줘", "1 x GPU, 40 GB"),
        ("rtx4090으로 바꿔줘", "1 x RTX 4090"),
    ] {
        assert_eq!(asked(words, Some(&open())).as_deref(), Some(expected), "{words}");
    }
}

#[test]
fn a_training_is_described_with_its_gpus() {
    let words = "resnet18 data/digits 30 에폭 배치 16, A100 네 장으로 학습해줘";
    let turn = interpret(words, None);
    assert_eq!(turn.slots.resources.map(|asked| asked.to_string()).as_deref(), Some("4 x A100"));
    assert_eq!((turn.slots.epochs, turn.slots.batch_size), (Some(30), Some(16)));
    let words = "train resnet18 on data/digits for 30 epochs with batch 4 on the gpu";
    assert_eq!(asked(words, None), None);
}

#[test]
fn what_asks_for_none_is_left_alone() {
    for words in ["gpu로 해줘", "배치 4 GPU로", "H100 말고 cpu로", "not on the H100", "gpu 0번 말고"]
    {
        assert_eq!(asked(words, Some(&open())), None, "{words}");
    }
}

#[test]
fn what_was_asked_for_stays_until_it_is_changed() {
    let mut draft = open();
    draft.merge(&interpret("H100 두 장으로", Some(&draft)));
    let runners = Runners::default();
    let shown = propose(&draft, None, Language::Korean, &runners).expect("it can be");
    assert_eq!(shown.config.gpus(), 2);
    assert!(shown.warnings.is_empty(), "our own trainer takes both");
    let mut draft = draft_of(&shown);
    draft.merge(&interpret("에폭 50으로 바꿔줘", Some(&draft)));
    draft.merge(&interpret("메모리 80기가 이상 GPU로 해줘", Some(&draft)));
    let shown = propose(&draft, None, Language::Korean, &runners).expect("it can be");
    assert_eq!(shown.config.resources.expect("they stay").to_string(), "2 x H100, 80 GB");
}
