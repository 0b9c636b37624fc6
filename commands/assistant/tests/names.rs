//! Data that is called by its name, and classes that no rule finds, are told by what stands around them.

use trainyard_assistant::interpret;

fn data(said: &str) -> Option<String> {
    interpret(said, None).slots.dataset
}

#[test]
fn data_is_called_by_its_name() {
    for (said, name) in [
        ("train resnet18 on tomato_rot", "tomato_rot"),
        ("yolo11n, hive_cam4, 640", "hive_cam4"),
        ("alright train resnet fifty on tractors", "tractors"),
        ("데이터셋은 감귤선별이야", "감귤선별"),
        ("분류 학습을 하려고 합니다. 자료는 knee_dog 입니다.", "knee_dog"),
        ("lake-algae에 어울리는 모델 추천해 주세요", "lake-algae"),
        ("shade_guide 데이터로 레즈넷 돌려줘", "shade_guide"),
        ("train resnet18 on cifar10", "cifar10"),
        ("데이터는 mnist로 하고 resnet18 학습", "mnist"),
    ] {
        assert_eq!(data(said).as_deref(), Some(name), "{said}");
    }
}

#[test]
fn what_only_stands_beside_data_is_no_name() {
    for said in [
        "train resnet18, the dataset is too small though",
        "데이터 증강은 끄고 학습해 줘",
        "resnet18 학습 batch_size 16, weight_decay 1e-4",
        "use yolo11n instead",
    ] {
        assert_eq!(data(said), None, "{said}");
    }
}

#[test]
fn classes_are_told_by_what_stands_around_them() {
    let turn = interpret("야 토끼 햄스터 구분하는 모델 학습해조", None);
    assert_eq!(turn.slots.classes, ["토끼", "햄스터"]);
}
