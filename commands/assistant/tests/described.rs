//! A word of size that tells how something looks chooses no model; one that is said of the model does.

use trainyard_assistant::interpret_conversation;

const ORDER: &str = "train yolo11n to detect cats and dogs on data/pets for 30 epochs";

/// The model that the second turn chooses.
fn model(said: &str) -> Option<String> {
    interpret_conversation(&[ORDER, said]).pop().and_then(|turn| turn.spec.model)
}

#[test]
fn what_looks_small_chooses_no_model() {
    for said in [
        "The gulls are tiny from the tower, so use image size 1280",
        "the cracks look small at that height, image size 960",
        "batch 4 please because my card is small",
        "batch 8, our server is large but shared",
        "image size 1024 for the small rivets",
        "we have large pictures of tiny parts, image size 1280",
        "더 작은 물체도 잡아야 하니까 이미지 크기 1280으로",
        "조금 큰 결함만 있으니 이미지 크기 320으로",
        "좀 작은 나사라서 해상도 960으로 해줘",
        "smaller objects matter more, image size 1280",
    ] {
        assert_eq!(model(said), None, "{said}");
    }
}

#[test]
fn a_size_of_the_model_chooses_it() {
    for (said, id) in [
        ("use the small one", "yolo11s"),
        ("medium please", "yolo11m"),
        ("go with the large version instead", "yolo11l"),
        ("let's try small for now", "yolo11s"),
        ("switch to nano and batch 8", "yolo11n"),
        ("a bigger model please", "yolo11s"),
        ("더 큰 모델로 해줘", "yolo11s"),
        ("한 단계 큰 걸로 바꿔줘", "yolo11s"),
        ("미디움으로 가자", "yolo11m"),
        ("스몰로 바꿔줘", "yolo11s"),
    ] {
        assert_eq!(model(said).as_deref(), Some(id), "{said}");
    }
}
