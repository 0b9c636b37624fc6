//! From words to a proposal: every value with its source, refusals in the user's words, and back to a draft.

use serde_json::{Value, json};
use trainyard_assistant::catalog::Runners;
use trainyard_assistant::proposal::{Refusal, draft_of, propose};
use trainyard_assistant::{Changed, Draft, Intent, Slot, catalog, interpret, reply};
use trainyard_events::TrainingConfig;
use trainyard_events::chat::Language;
use trainyard_events::config::{Augmentation, Device, Optimizer, Proposal, Source, Task};
use trainyard_events::dataset::{ClassProfile, DatasetProfile, SplitCounts};
use trainyard_events::reason::LabelFormat;

fn draft(turns: &[&str]) -> Draft {
    let mut draft = Draft::default();
    for said in turns {
        let turn = interpret(said, Some(&draft));
        assert!(turn.intent.describes(), "{said}: {:?}", turn.intent);
        draft.merge(&turn);
        draft.before = draft.before.then(turn.intent);
    }
    draft
}

fn digits() -> DatasetProfile {
    let counts = |train| SplitCounts { train, validation: 0, test: 0 };
    DatasetProfile {
        format: LabelFormat::ImageFolder,
        task: Task::Classify,
        images: counts(1_797),
        split: false,
        classes: (0..10)
            .map(|digit| ClassProfile { name: digit.to_string(), images: counts(180), objects: 180 })
            .collect(),
        width: [8, 8, 8],
        height: [8, 8, 8],
        grey: true,
        bytes: 1_000_000,
        content_hash: "0".repeat(64),
        warnings: Vec::new(),
        cautions: vec![],
        skipped: Vec::new(),
        skipped_files: 0,
        noted_files: 0,
        kinds: Vec::new(),
        noted: Vec::new(),
        boxes: None,
        histograms: None,
    }
}

#[test]
fn the_demo_conversation_becomes_a_proposal() {
    let mut draft = draft(&["resnet18로 숫자 이미지 분류 모델 만들어줘"]);
    let open = propose(&draft, None, Language::Korean, &Runners::default()).expect("nothing is out of range");
    assert_eq!(open.missing, ["dataset"]);
    assert_eq!(open.sources["model"], Source::Said);
    assert_eq!(open.sources["task"], Source::Implied("resnet18".to_owned()));

    draft.merge(&interpret(".tools/data/digits", Some(&draft)));
    let profile = digits();
    let whole = propose(&draft, Some(&profile), Language::Korean, &Runners::default())
        .expect("nothing is out of range");
    assert!(whole.missing.is_empty() && whole.warnings.is_empty(), "{whole:?}");
    assert_eq!(whole.config.dataset.as_deref(), Some(".tools/data/digits"));
    assert!(whole.config.image_size <= 32, "8 pixels are not blown up to 224");
    assert_eq!(whole.config.augmentation, Augmentation::Light);
    assert!(whole.config.problems().is_empty());
    assert_eq!(whole.hash, whole.config.hash());
    let card = reply::proposal(&whole, Language::Korean);
    assert!(card.contains(".tools/data/digits") && card.contains("시작해줘"), "{card}");

    let restored = draft_of(&whole);
    let approve = interpret("시작해줘", Some(&restored));
    assert_eq!(approve.intent, Intent::Approve);
    assert_eq!(propose(&restored, Some(&profile), Language::Korean, &Runners::default()), Ok(whole));
}

#[test]
fn relative_changes_start_from_what_was_shown() {
    let said = draft(&["train resnet18 on data/a"]);
    let shown =
        propose(&said, None, Language::English, &Runners::default()).expect("nothing is out of range");
    let half = interpret("halve the epochs", Some(&draft_of(&shown)));
    assert_eq!(half.slots.epochs, Some(i64::from(shown.config.epochs) / 2));
}

/// As after a restart: from the proposals alone.
#[test]
fn what_changed_last_is_known_from_two_proposals() {
    let mut said = draft(&["train resnet18 on data/a, 30 epochs, batch 16"]);
    let first =
        propose(&said, None, Language::English, &Runners::default()).expect("nothing is out of range");
    let both = Changed::default().with(Slot::Epochs, false).with(Slot::BatchSize, false);
    assert_eq!(said.last.map(|last| last.with(Slot::Epochs, false).with(Slot::BatchSize, false)), Some(both));
    assert_eq!(interpret("50이랑 32로", Some(&said)).slots.epochs, Some(50));
    assert_eq!(interpret("50이랑 32로", Some(&said)).slots.batch_size, Some(32));
    said.merge(&interpret("40 epochs", Some(&said)));
    let second =
        propose(&said, None, Language::English, &Runners::default()).expect("nothing is out of range");
    let mut restored = draft_of(&second);
    restored.follow(&draft_of(&first));
    assert_eq!(restored.last, Some(Changed::default().with(Slot::Epochs, true)));
    assert_eq!(interpret("again by 10", Some(&restored)).slots.epochs, Some(50));
    assert_eq!(interpret("아니 35로", Some(&restored)).slots.epochs, Some(35));
}

#[test]
fn an_open_list_of_classes_is_edited() {
    let open = draft(&["detect cat, dog and bird in data/pets"]);
    for (said, classes) in [
        ("drop the bird", vec!["cat", "dog"]),
        ("add fish and swap dog for fox", vec!["cat", "fox", "bird", "fish"]),
        ("cat은 빼고 fox 추가해줘", vec!["dog", "bird", "fox"]),
        ("dog 대신 fox로", vec!["cat", "fox", "bird"]),
        ("only cats", vec!["cat"]),
        ("drop the batch size", vec![]),
        ("에폭 10 추가", vec![]),
    ] {
        assert_eq!(interpret(said, Some(&open)).slots.classes, classes, "{said}");
    }
}

#[test]
fn values_out_of_range_are_refused_in_the_users_words() {
    for (said, field, value) in [
        ("에폭 0으로 해줘", "epochs", "0"),
        ("에폭 -5로", "epochs", "-5"),
        ("에폭을 10^9로 해줘", "epochs", "1000000000"),
        ("epochs 2.5", "epochs", "2.5"),
        ("lr nan", "learning_rate", "nan"),
        ("learning rate 0", "learning_rate", "0"),
        ("batch size 100000", "batch_size", "100000"),
        ("이미지 크기 4", "image_size", "4"),
        ("image size 99999", "image_size", "99999"),
        ("patience 0", "patience", "0"),
        ("seed -1", "seed", "-1"),
    ] {
        let draft = draft(&["train resnet18 on data/a", said]);
        let refusal = propose(&draft, None, Language::Korean, &Runners::default()).expect_err(said);
        let Refusal::Values { problems } = &refusal else { panic!("{said}: {refusal:?}") };
        assert_eq!((problems[0].field, problems[0].said.as_str()), (field, value), "{said}");
        assert!(reply::refusal(&refusal, Language::Korean).contains(value), "{said}");
        assert!(reply::refusal(&refusal, Language::English).contains(value), "{said}");
    }
}

#[test]
fn a_detectors_images_have_whole_cells() {
    let odd = draft(&["train yolo11n on data/a", "image size 500"]);
    let refusal = propose(&odd, None, Language::English, &Runners::default()).expect_err("cells of 32 px");
    assert!(reply::refusal(&refusal, Language::English).contains("480, 512"), "{refusal:?}");
    let classifier = draft(&["train resnet18 on data/a", "image size 500"]);
    assert_eq!(
        propose(&classifier, None, Language::English, &Runners::default())
            .expect("any size")
            .config
            .image_size,
        500
    );
}

#[test]
fn a_bad_value_is_forgotten_once_a_good_one_is_said() {
    let draft = draft(&["train resnet18 on data/a", "epochs 2.5", "epochs 3"]);
    let proposal = propose(&draft, None, Language::English, &Runners::default()).expect("3 is fine");
    assert_eq!(proposal.config.epochs, 3);
}

#[test]
fn an_unknown_model_is_refused_with_the_nearest_names() {
    let draft = draft(&["train resnet19 on data/a"]);
    let refusal =
        propose(&draft, None, Language::English, &Runners::default()).expect_err("there is no resnet19");
    let Refusal::UnknownModel { named, nearest } = &refusal else { panic!("{refusal:?}") };
    assert_eq!(named, "resnet19");
    assert!(nearest.contains(&"resnet18"), "{nearest:?}");
}

#[test]
fn a_model_that_is_not_trainable_now_is_proposed_with_a_warning() {
    let draft = draft(&["yolo11n-cls로 data/a 학습해줘"]);
    let proposal =
        propose(&draft, None, Language::Korean, &Runners::default()).expect("it is in the catalog");
    assert!(proposal.warnings.iter().any(|warning| warning.contains("resnet34")), "{:?}", proposal.warnings);
    let model = catalog::find("yolo11n-cls").expect("it is in the catalog");
    assert!(catalog::trainable_now(model, &Runners::default()).is_err());
    for task in [Task::Classify, Task::Detect, Task::Segment, Task::Pose] {
        assert!(catalog::trainable_now(catalog::recommended(task), &Runners::default()).is_ok(), "{task}");
    }
}

#[test]
fn who_has_good_ones_only_is_proposed_a_memory_of_them() {
    for (said, language, task) in [
        (
            "find defects, I only have good images. they are in data/caps",
            Language::English,
            "anomaly detection",
        ),
        ("정상 사진만 있어요, data/caps 로 불량 찾는 모델 만들어줘", Language::Korean, "이상 탐지"),
    ] {
        let proposal = propose(&draft(&[said]), None, language, &Runners::default()).expect("it is whole");
        let config = &proposal.config;
        assert_eq!((config.task, config.model.as_str()), (Task::Anomaly, "patchcore-resnet18"), "{said}");
        assert_eq!((config.epochs, config.augmentation), (1, Augmentation::None));
        let card = reply::proposal(&proposal, language);
        assert!(card.contains(task) && card.contains("trainyard runners install anomaly"), "{card}");
        let idle = reply::label("learning_rate", language);
        assert!(
            !card.contains(&format!("- {idle}")),
            "no rate is told of what goes through no gradient: {card}"
        );
    }
}

/// A few hundred photos of 400 pixels with boxes of one class.
fn trees() -> DatasetProfile {
    let mut profile = digits();
    profile.task = Task::Detect;
    profile.images.train = 300;
    profile.classes.truncate(1);
    (profile.width, profile.height) = ([400; 3], [300; 3]);
    profile
}

#[test]
fn a_short_training_of_a_detector_is_adamws_and_a_long_one_the_published() {
    let propose = |said: &str, profile: &DatasetProfile| {
        let proposal = propose(&draft(&[said]), Some(profile), Language::English, &Runners::default());
        proposal.expect("nothing is out of range")
    };
    let Proposal { config, warnings, .. } = propose("train yolo11n on data/a", &trees());
    assert_eq!((config.optimizer, config.learning_rate, config.image_size), (Optimizer::Adamw, 0.002, 416));
    assert_eq!(warnings, [""; 0], "it can be trained now");
    let config = propose("train yolo11n on data/a with sgd", &trees()).config;
    assert_eq!((config.optimizer, config.learning_rate), (Optimizer::Sgd, 0.01));
    let mut many = trees();
    many.images.train = 30_000;
    let config = propose("train yolo11n on data/a", &many).config;
    assert_eq!((config.optimizer, config.learning_rate, config.momentum), (Optimizer::Sgd, 0.01, 0.937));
    for size in ["s", "m", "l", "x"] {
        assert!(catalog::find(&format!("yolo11{size}")).is_some_and(|model| model.native));
    }
}

#[test]
fn a_batch_fits_what_is_left_when_a_part_validates() {
    let mut profile = digits();
    let of_each = |train| SplitCounts { train, validation: 0, test: 0 };
    profile.classes.truncate(2);
    profile.classes.iter_mut().for_each(|class| class.images = of_each(12));
    (profile.images, profile.split) = (of_each(24), false);
    let proposal =
        propose(&draft(&["resnet18 on data/a"]), Some(&profile), Language::English, &Runners::default())
            .expect("nothing is out of range");
    // Of 12 images 2 are set aside, and never more than 3.
    assert_eq!(proposal.config.batch_size, 18);
}

#[test]
fn the_dataset_shapes_what_was_not_said() {
    let draft = draft(&["resnet18 on data/a with adam on cpu"]);
    let mut profile = digits();
    (profile.images.train, profile.split) = (20, true);
    let proposal = propose(&draft, Some(&profile), Language::English, &Runners::default())
        .expect("nothing is out of range");
    assert_eq!(proposal.config.batch_size, 20, "no batch is larger than the data");
    assert_eq!((proposal.config.optimizer, proposal.config.device), (Optimizer::Adam, Device::Cpu));
    assert!(proposal.config.learning_rate <= 0.001, "Adam's rate is far below SGD's");
    profile.task = Task::Detect;
    let proposal = propose(&draft, Some(&profile), Language::English, &Runners::default())
        .expect("nothing is out of range");
    assert_eq!(proposal.warnings.len(), 1, "{:?}", proposal.warnings);
}

#[test]
fn every_model_of_the_catalog_is_found_by_its_names_and_gets_a_lawful_proposal() {
    for model in catalog::all() {
        let turn = interpret(&format!("train {} on data/a", model.id), None);
        assert_eq!(turn.slots.model.as_deref(), Some(model.id.as_str()));
        assert_eq!(turn.slots.task, Some(model.task));
        let mut draft = Draft::default();
        draft.merge(&turn);
        let proposal = propose(&draft, None, Language::English, &Runners::default())
            .expect("every model has lawful defaults");
        assert_eq!(proposal.config.problems(), [], "{}", model.id);
        assert_eq!(catalog::all().iter().filter(|other| other.id == model.id).count(), 1);
    }
}

fn with_timm() -> Runners {
    let description = json!({
        "protocol": 2, "runner": "timm", "version": "1.0", "licence": "Apache-2.0", "resume": "exact",
        "precisions": ["fp32"], "devices": ["cpu"],
        "models": [
            { "id": "convnextv2_atto", "task": "classify", "image_size": 224, "parameters": 3_708_400,
              "pretrained": [{ "name": "fcmae", "source": "hf://timm/convnextv2_atto.fcmae/model.safetensors",
                               "licence": "CC-BY-NC-4.0" }] },
            { "id": "efficientnet_b0", "task": "classify", "image_size": 224 },
            { "id": "resnet18", "task": "classify", "image_size": 224 },
        ],
        "options": {
            "freeze": { "about": "what does not learn", "type": "choice", "choices": ["none", "backbone"], "default": "none" },
            "layer_decay": { "about": "by layer", "type": "number", "low": 0.5, "high": 1.0, "default": 1.0 },
        },
    });
    Runners::new([serde_json::from_value(description).expect("a description")])
}

#[test]
fn gpus_that_would_stand_idle_are_told_of() {
    let idle = |said: &str| {
        let proposal = propose(&draft(&[said]), None, Language::English, &with_timm());
        let warnings = proposal.expect("nothing is out of range").warnings;
        warnings.iter().any(|warning| warning.starts_with("timm computes on one GPU"))
    };
    assert!(idle("train convnextv2_atto on data/a on two H100s"));
    assert!(!idle("train convnextv2_atto on data/a on an H100"));
    assert!(!idle("train resnet18 on data/a on two H100s"), "our own trainer takes both");
}

#[test]
fn a_model_of_a_runner_is_proposed_with_who_trains_it() {
    let proposed = |said: &str, runners: &Runners| {
        propose(&draft(&[said]), None, Language::English, runners).expect("nothing is out of range")
    };
    let own = |proposal: &Proposal| (proposal.config.model.clone(), proposal.config.runner.clone());
    let timm = || Some("timm".to_owned());
    // One that the catalog names and our own trainer does not have.
    let known = proposed("train efficientnet b0 on data/a", &with_timm());
    assert_eq!(own(&known), ("efficientnet_b0".to_owned(), timm()));
    assert_eq!(
        (known.warnings.len(), known.config.initial_weights),
        (0, None),
        "no weights are known for it"
    );
    let nobody = proposed("train efficientnet b0 on data/a", &Runners::default());
    assert_eq!((own(&nobody).1, nobody.warnings.len()), (None, 1));
    // One that only the runner names, with weights to start from.
    let only = proposed("train convnextv2_atto on data/a", &with_timm());
    assert_eq!(own(&only), ("convnextv2_atto".to_owned(), timm()));
    assert_eq!(only.config.initial_weights.as_deref(), Some("pretrained"));
    assert!(
        matches!(only.sources.get("initial_weights"), Some(Source::Recommended(_))),
        "{:?}",
        only.sources
    );
    assert!(only.missing.is_empty(), "{:?}", only.missing);
    assert_eq!(
        (only.config.optimizer, only.config.learning_rate),
        (Optimizer::Adamw, 3e-4),
        "published weights"
    );
    let card = reply::proposal(&only, Language::English);
    assert!(card.contains("- runner: timm") && card.contains("- initial weights: pretrained"), "{card}");
    assert_eq!(propose(&draft_of(&only), None, Language::English, &with_timm()), Ok(only));
    // Ours stays ours.
    assert_eq!(own(&proposed("train resnet18 on data/a", &with_timm())), ("resnet18".to_owned(), None));
}

#[test]
fn options_are_checked_against_what_the_runner_says() {
    let runners = with_timm();
    let config = propose(&draft(&["train efficientnet b0 on data/a"]), None, Language::English, &runners)
        .expect("nothing is out of range")
        .config;
    let problems = |runner: Option<&str>, options: Value| {
        let options = serde_json::from_value(options).expect("an object");
        let runner = runner.map(str::to_owned);
        runners.problems(&TrainingConfig { runner, options, ..config.clone() }).len()
    };
    assert_eq!(problems(Some("timm"), json!({ "freeze": "backbone", "layer_decay": 1 })), 0);
    assert_eq!(problems(Some("timm"), json!({ "freeze": "head", "layer_decay": 0.4, "drop": 1 })), 3);
    assert_eq!(problems(Some("timm"), json!({ "freeze": true, "layer_decay": "0.9" })), 2);
    assert_eq!(problems(None, json!({ "freeze": "backbone", "precision": "bf16", "mixup": 0.2 })), 0, "ours");
    assert_eq!(problems(None, json!({ "drop": 0.7, "precision": "int4", "cutmix": 2 })), 3);
    assert_eq!(problems(Some("away"), json!({ "anything": 1 })), 0, "nothing is known of it");
}

#[test]
fn where_a_training_starts_is_said_in_words() {
    let weights = |turns: &[&str], runners: &Runners| {
        let proposal =
            propose(&draft(turns), None, Language::English, runners).expect("nothing is out of range");
        (proposal.config.initial_weights, proposal.warnings.len())
    };
    let pretrained = || Some("pretrained".to_owned());
    let none = Runners::default();
    assert_eq!(weights(&["train resnet18 on data/a"], &none), (None, 0));
    assert_eq!(weights(&["fine-tune a pretrained resnet18 on data/a"], &none), (pretrained(), 0));
    let tuned = draft(&["fine-tune a pretrained resnet18 on data/a"]);
    let tuned = propose(&tuned, None, Language::English, &none).expect("nothing is out of range").config;
    assert_eq!((tuned.optimizer, tuned.learning_rate), (Optimizer::Adamw, 3e-4), "what they know is kept");
    assert_eq!(
        weights(&["resnet18로 data/a 학습해줘", "사전학습 가중치로 바꿔줘"], &none),
        (pretrained(), 0)
    );
    assert_eq!(weights(&["train yolo11n pretrained on data/a"], &none), (None, 1), "nobody publishes ours");
    assert_eq!(weights(&["train convnextv2_atto from scratch on data/a"], &with_timm()), (None, 0));
    assert_eq!(weights(&["convnextv2_atto를 사전학습 없이 data/a로 학습해줘"], &with_timm()), (None, 0));
}

#[test]
fn a_model_may_be_called_by_its_runner() {
    let said = |said: &str| {
        propose(&draft(&[said]), None, Language::English, &with_timm())
            .map(|made| (made.config.model, made.config.runner))
    };
    let atto = Ok(("convnextv2_atto".to_owned(), Some("timm".to_owned())));
    assert_eq!(said("train timm/convnextv2_atto on data/a"), atto);
    assert_eq!(said("timm/convnextv2_atto로 data/a 학습해줘"), atto);
    assert!(matches!(said("train timm/no_such_net on data/a"), Err(Refusal::NotOfRunner { .. })));
    let none =
        propose(&draft(&["train timm/no_such_net on data/a"]), None, Language::English, &Runners::default());
    assert!(matches!(none, Err(Refusal::NoRunner { .. })), "{none:?}");
}
