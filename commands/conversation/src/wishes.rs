//! What cannot be had, and the nearest thing that can.

use trainyard_assistant::{Wish, reply};
use trainyard_events::chat::Language;

use crate::words::pick;

/// A sentence for each wish.
pub(crate) fn said(wishes: &[Wish], language: Language) -> String {
    let sentences: Vec<String> = wishes.iter().map(|wish| sentence(*wish, language)).collect();
    sentences.join("\n")
}

fn sentence(wish: Wish, language: Language) -> String {
    let (korean, english) = match wish {
        Wish::MultiLabel => (
            "이미지 하나에 라벨을 여러 개 붙이는 분류는 할 수 없습니다. 물체마다 상자가 있다면 탐지(\"yolo11n으로 탐지 학습해줘\")가 가장 가깝습니다.",
            "An image has one label here: multi-label classification cannot be trained. With a box for each object, detection is nearest (\"train yolo11n\").",
        ),
        Wish::ClassWeights => (
            "클래스 가중치는 줄 수 없습니다. 적은 클래스의 이미지를 더 모으거나, 클래스별 재현율을 결과에서 확인하세요.",
            "Classes cannot be weighted. Nearest: more images of the rare classes, and the recall of each class in the results.",
        ),
        Wish::FrozenLayers => (
            "말로는 층을 고정할 수 없습니다. 러너의 모델이면 `--set freeze=backbone`처럼 옵션으로 고정합니다. 낮은 학습률(\"학습률 0.0001\")도 가깝습니다.",
            "Layers are not frozen by words. A runner's model takes it as an option (`--set freeze=backbone`); a low rate is near, too (\"learning rate 0.0001\").",
        ),
        Wish::MixedPrecision => (
            "말로는 정밀도를 고를 수 없습니다. 러너의 모델이면 `--set precision=bf16`처럼 옵션으로 고릅니다. 메모리가 모자라면 배치나 이미지 크기를 줄이세요(\"배치 16\").",
            "The precision is not chosen by words. A runner's model takes it as an option (`--set precision=bf16`). If memory is short, take a smaller batch or image size (\"batch size 16\").",
        ),
        Wish::Export => (
            "끝난 작업은 `model.onnx`와 가중치를 남깁니다. 작업 페이지에서 내려받거나 `trainyard export 3`으로 받으세요. 다른 형식은 거기서 바꿀 수 있습니다.",
            "A finished job leaves `model.onnx` and its weights: download them on the job's page, or with `trainyard export 3`. Other formats are made from those.",
        ),
        Wish::Rename => (
            "작업은 번호로 부르며 이름을 붙일 수 없습니다. \"작업 3\"처럼 말씀해 주세요.",
            "Jobs go by number and have no names. Say it as \"job 3\".",
        ),
        Wish::CrossValidation => (
            "교차 검증은 할 수 없습니다. 시드를 바꿔 여러 번 학습하고(\"시드 7로 하나 더\") 비교할 수 있습니다.",
            "There is no cross-validation. Nearest: train again with another seed (\"one more with seed 7\") and compare.",
        ),
        Wish::SeveralGpus => (
            "작업 하나는 장치 하나에서 학습합니다. 여러 작업을 나란히 돌릴 수는 있습니다.",
            "A job trains on one device. Several jobs can run beside each other.",
        ),
        Wish::Notify => (
            "대화로 알림을 보낼 수 없습니다. 작업 페이지가 바로 바뀌고, 프로그램은 `GET /v1/feed`가 알려 주는 피드에서 끝난 작업을 들을 수 있습니다.",
            "I cannot notify you from here. The job's page is live, and a program can follow the feed that `GET /v1/feed` names.",
        ),
        Wish::Later => (
            "시작 시각을 예약할 수 없습니다. 제안은 열린 채로 남으니 그때 \"시작해줘\"라고 하시거나, 우선순위를 낮출 수 있습니다.",
            "A start cannot be scheduled. The proposal stays open: say \"start\" then, or give it a low priority now.",
        ),
        Wish::Field(field) => {
            let label = reply::label(field, language);
            return pick(
                language,
                format!("{label} 값은 말로 바꾸지 않습니다. 제안 카드의 설정에서 바꿀 수 있습니다."),
                format!(
                    "The {label} is not changed by words: change it in the settings on the proposal's card."
                ),
            );
        }
    };
    pick(language, korean, english)
}
