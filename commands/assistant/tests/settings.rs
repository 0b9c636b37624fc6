//! Which setting a number is for is told by what stands around it.

use trainyard_assistant::reader::complete_proposal;
use trainyard_assistant::{Slots, interpret};

fn check(said: &str, expected: &Slots) {
    let slots = interpret(said, Some(&complete_proposal())).slots;
    let numbers = Slots {
        epochs: slots.epochs,
        batch_size: slots.batch_size,
        image_size: slots.image_size,
        learning_rate: slots.learning_rate,
        seed: slots.seed,
        patience: slots.patience,
        momentum: slots.momentum,
        weight_decay: slots.weight_decay,
        ..Slots::default()
    };
    assert_eq!(&numbers, expected, "{said}");
}

#[test]
fn a_name_on_either_side_takes_its_number() {
    let both = Slots { learning_rate: Some(0.01), batch_size: Some(64), ..Slots::default() };
    check("change to lr 0.01, 64 batch", &both);
    check("batch 64 and a learning rate of 0.01 please", &both);
    check("배치는 64로 하고 학습률은 0.01로 해줘", &both);
    let terse = Slots { patience: Some(20), seed: Some(7), ..Slots::default() };
    check("pat 20 seed 7", &terse);
    check("seed=7 patience=20", &terse);
}

#[test]
fn what_is_counted_tells_without_a_name() {
    let passes = |epochs| Slots { epochs: Some(epochs), ..Slots::default() };
    check("have it go over all the pictures 25 times", &passes(25));
    check("전체를 서른다섯 번 보게 해주세요", &passes(35));
    check("한 번에 32장씩 넣어줘", &Slots { batch_size: Some(32), ..Slots::default() });
    let patience = Slots { patience: Some(6), ..Slots::default() };
    check("stop early if nothing improves for 6 epochs", &patience);
}

#[test]
fn of_two_for_one_setting_the_last_is_meant() {
    let batch = |size| Slots { batch_size: Some(size), ..Slots::default() };
    check("batch 128... no, 64", &batch(64));
    check("배치 128로... 아 메모리 모자라지, 64로 해줘", &batch(64));
    check("last time we had batch 64, now batch 16", &batch(16));
    check("make the batch 32 not 64", &batch(32));
    check("batch 128 no 64", &batch(64));
    check("배치는 32, 64 말고", &batch(32));
    let patience = Slots { patience: Some(20), ..Slots::default() };
    check("set patience to 20, not 15", &patience);
    check("not 15, patience 20", &patience);
}

#[test]
fn what_sets_nothing_is_given_to_no_setting() {
    check("사진은 300장 있고요, 에폭은 40으로 해주세요", &Slots { epochs: Some(40), ..Slots::default() });
    check("there are 12 classes. make the epochs 40", &Slots { epochs: Some(40), ..Slots::default() });
}

#[test]
fn a_variant_that_is_dictated_is_read_and_a_bone_is_none() {
    let named = |said: &str| interpret(said, None).slots.model;
    for (said, model) in [
        ("train an efficientnet b two on data/tiles", "efficientnet_b2"),
        ("train an efficientnet b zero on data/tiles", "efficientnet_b0"),
        ("efficientnet bone fracture classifier on data/xray", "efficientnet_b0"),
    ] {
        assert_eq!(named(said).as_deref(), Some(model), "{said}");
    }
}

#[test]
fn a_resnet_is_named_in_short_by_who_trains_many() {
    let named = |said: &str| interpret(said, None).slots.model;
    for (said, model) in [
        ("r50 224 bs64 lr3e-4 adamw 50ep /data/flowers", "resnet50"),
        ("rn18, 30ep, data/digits", "resnet18"),
        ("R101로 data/flowers 분류 학습해줘", "resnet101"),
    ] {
        assert_eq!(named(said).as_deref(), Some(model), "{said}");
    }
    for said in ["train on /data/r50/images with 5 epochs", "data/r-18 분류 학습해줘", "r 50 에폭만 돌려줘"]
    {
        assert_eq!(named(said), None, "{said}");
    }
}
