//! Where a list of classes begins and ends within what is said around it.

use trainyard_assistant::{interpret, interpret_conversation};

fn classes(said: &str) -> Vec<String> {
    interpret(said, None).slots.classes
}

#[test]
fn what_is_said_around_a_list_is_no_class() {
    for (said, expected) in [
        ("갯벌 사진에서 게하고 조개 찾는 모델 학습해줘", &["게", "조개"][..]),
        ("어 그 창고 영상에서 지게차랑 라벨이랑 찾아내는 모델 학습해 줘", &["지게차", "라벨"]),
        ("옥상에 실금하고 누수하고 찾는 모델로 학습하려고 하는데 에폭은 오십", &["실금", "누수"]),
        (
            "잎 사진 보고 녹병, 벌레, 마름 이래 세 개 잡아내는 탐지 모델 학습시키도고",
            &["녹병", "벌레", "마름"],
        ),
        ("분류 모델 하나 해보쇼. 클래스는 참돔, 감성돔, 돌돔 요렇게 세 개여", &["참돔", "감성돔", "돌돔"]),
        ("세그멘테이션 학습\n클래스: 논, 밭, 도로\n데이터셋 /data/fields", &["논", "밭", "도로"]),
        ("음 어 까치랑 음 비둘기 구분하는 모델 학습해줘", &["까치", "비둘기"]),
        (
            "train something that can detect uh scooters and bollards in street footage",
            &["scooters", "bollards"],
        ),
        ("classify um ripe, er, unripe and uh rotten mangoes, train it", &["ripe", "unripe", "rotten"]),
        ("segement moss and algae with yolo11s-seg on /data/pond", &["moss", "algae"]),
    ] {
        assert_eq!(classes(said), expected, "{said}");
    }
}

#[test]
fn a_list_without_anything_around_it_is_read_as_before() {
    for (said, expected) in [
        ("개하고 고양이하고 구분하는 모델 학습해줘", &["개", "고양이"][..]),
        ("정상과 불량으로 분류하는 모델 학습해줘", &["정상", "불량"]),
        ("라벨은 새우, 게, 조개. 탐지 모델 학습해줘", &["새우", "게", "조개"]),
        ("참치, 고등어, 갈치 이렇게 세 가지를 분류하는 모델 학습해줘", &["참치", "고등어", "갈치"]),
        ("포도로 만든 와인 사진 분류기 학습해줘", &[]),
        ("도로에서 사람 탐지 모델 학습해줘", &[]),
        (
            "a recycling classifier with 4 classes: cans, glass, paper, metal, train it",
            &["cans", "glass", "paper", "metal"],
        ),
        ("train a classifier for cats and dogs", &["cats", "dogs"]),
        ("detect helmets and vests in site photos, train yolo11n", &["helmets", "vests"]),
        ("train a model with classes: umbrella, ermine, hum", &["umbrella", "ermine", "hum"]),
    ] {
        assert_eq!(classes(said), expected, "{said}");
    }
}

/// Three nouns or more that are set apart alike are a list wherever they stand, and what is no noun is none.
#[test]
fn a_list_that_nothing_announces_is_read() {
    for (said, expected) in [
        (
            "성벽 사진에서 담쟁이, 누수, 파손을 화소 단위로 나눠서 칠하는 분할 학습이요",
            &["담쟁이", "누수", "파손"][..],
        ),
        ("조개 사진 분류기(바지락, 꼬막, 홍합) 학습해줘", &["바지락", "꼬막", "홍합"]),
        ("도장면 분류 학습 부탁드려요. 흐름 / 기포 / 먼지, 모델은 resnet18", &["흐름", "기포", "먼지"]),
        ("train resnet34 on larch, spruce, yew and fir", &["larch", "spruce", "yew", "fir"]),
        (
            "can you set up training to sort buns, rolls and loaves (classification)",
            &["buns", "rolls", "loaves"],
        ),
        (
            "1) detector, yolo11n\n2) crate, trolley, ladder\n3) yard/cams.yaml",
            &["crate", "trolley", "ladder"],
        ),
        (
            "나사사진으로둥근머리,접시머리,육각머리분류하는모델만들어주세요",
            &["둥근머리", "접시머리", "육각머리"],
        ),
        ("class는 low하고 high하고 over, resnet18로 분류 학습", &["low", "high", "over"]),
        ("마 볼트랑 너트랑 와셔 갈라내는 분류 모델 하나 맹글어 도", &["볼트", "너트", "와셔"]),
        (
            "목욕탕 영상에서 목욕하는 손님과 물에 들어간 손님을 탐지하는 모델 학습해줘",
            &["목욕하는 손님", "물에 들어간 손님"],
        ),
        (
            "train resnet18 to classify red apples green apples and rotten apples for ten epochs",
            &["red apples", "green apples", "rotten apples"],
        ),
        (
            "라벨: 정상(1,200장), 소켓 파손(310장), 유리 깨짐(95장)\n분류 학습",
            &["정상", "소켓 파손", "유리 깨짐"],
        ),
        ("'진품'이랑 '가품' 분류 학습해줘", &["진품", "가품"]),
        ("classes는 pine, cedar, larch 이고요 분류 학습해줘", &["pine", "cedar", "larch"]),
        ("train to classify our labels into sharp, faded and torn", &["sharp", "faded", "torn"]),
        (
            "task: segment\nnames:\n  0: ridge\n  1: mud flow\n  2: scree\nepochs: 9",
            &["ridge", "mud flow", "scree"],
        ),
        ("train a classifier that tells ripe plums from rotten plums", &["ripe plums", "rotten plums"]),
        ("분류 학습 빠르게, 정확하게, 싸게 부탁해요", &[]),
        ("oops, pose, not detection", &[]),
        ("well, okay, segmentation then, train it", &[]),
        ("train a classifier quickly, cheaply and well please", &[]),
        ("I only have good castings, so anomaly detection it is", &[]),
    ] {
        assert_eq!(classes(said), expected, "{said}");
    }
}

/// What the second turn makes of a list of two.
fn edited(said: &str) -> Vec<String> {
    let order = "은행나무, 단풍나무 두 클래스로 분류 모델 학습해줘";
    interpret_conversation(&[order, said]).pop().map(|turn| turn.spec.classes).unwrap_or_default()
}

#[test]
fn who_wants_a_class_is_no_part_of_it() {
    for (said, added) in [
        ("아이들이 벚나무도 넣자고 하네요. 클래스에 벚나무 추가해 주세요", "벚나무"),
        ("팀장님이 소나무도 넣자고 합니다. 소나무 추가해줘", "소나무"),
        ("고객사가 전나무도 넣어 달래요", "전나무"),
        ("생각보다 많네요. 버드나무도 추가해줘", "버드나무"),
        ("종이 상자도 추가해줘", "종이 상자"),
        ("원숭이도 넣어줘", "원숭이"),
        ("느티나무 추가", "느티나무"),
    ] {
        assert_eq!(edited(said), ["은행나무", "단풍나무", added], "{said}");
    }
}
