//! The question that is asked where a turn can be read in two ways, each with a sentence that says it plainly.

use trainyard_events::chat::Language;

use crate::slots::Intent;

/// Which of these is meant, nearest first.
pub fn question(readings: &[Intent], language: Language) -> String {
    let (first, english) = match language {
        Language::Korean => {
            ("어느 쪽인지 확실하지 않아 아무것도 하지 않았습니다. 이렇게 말씀해 주세요.", false)
        }
        Language::English => ("I am not sure what you mean, so I did nothing. Say one of these:", true),
    };
    let choice = |intent: &Intent| {
        let (korean_say, korean_what, english_say, english_what) = sentence(*intent);
        let (say, what) = if english { (english_say, english_what) } else { (korean_say, korean_what) };
        format!("- \"{say}\": {what}")
    };
    let lines: Vec<String> = std::iter::once(first.to_owned()).chain(readings.iter().map(choice)).collect();
    lines.join("\n")
}

/// What to say for an intent and what comes of it, in Korean and in English.
fn sentence(intent: Intent) -> (&'static str, &'static str, &'static str, &'static str) {
    match intent {
        Intent::Train => (
            "resnet18로 분류 모델 학습해줘",
            "새 학습을 제안합니다",
            "train a resnet18 classifier",
            "a new training is proposed",
        ),
        Intent::Adjust => (
            "에폭을 30으로 바꿔줘",
            "제안의 값을 바꿉니다",
            "set epochs to 30",
            "a value of the proposal changes",
        ),
        Intent::Dataset => (
            "데이터는 data/digits",
            "제안의 데이터셋을 정합니다",
            "the dataset is data/digits",
            "the proposal gets its dataset",
        ),
        Intent::Approve => {
            ("이대로 시작해줘", "제안을 승인하고 학습을 시작합니다", "approve it", "the training starts")
        }
        Intent::Reject => {
            ("제안 취소해줘", "제안을 버립니다", "reject the proposal", "the proposal is dropped")
        }
        Intent::Reset => (
            "대화 처음부터 다시 시작",
            "제안을 버리고 새로 시작합니다",
            "start over",
            "the proposal is dropped",
        ),
        Intent::Undo => (
            "방금 바꾼 거 되돌려줘",
            "마지막 변경을 되돌립니다",
            "undo the last change",
            "the last change is taken back",
        ),
        Intent::Status => (
            "진행 상황 알려줘",
            "작업이 어디까지 왔는지 봅니다",
            "how is the job going?",
            "how far the job is",
        ),
        Intent::Results => ("결과 보여줘", "측정값을 봅니다", "show the results", "the measurements"),
        Intent::Explain => (
            "왜 실패했는지 알려줘",
            "실패한 이유를 봅니다",
            "why did the job fail?",
            "why it failed or stopped",
        ),
        Intent::Cancel => ("작업 3 취소해줘", "그 작업을 멈춥니다", "cancel job 3", "that job is stopped"),
        Intent::Resume => {
            ("작업 3 이어서 학습해줘", "멈춘 작업을 이어 갑니다", "resume job 3", "the stopped job goes on")
        }
        Intent::Predict => (
            "작업 3 모델로 photo.jpg 예측해줘",
            "모델에 이미지를 물어봅니다",
            "predict photo.jpg with job 3",
            "how to ask the model about an image",
        ),
        Intent::AnalyzeDataset => (
            "data/digits 살펴봐줘",
            "데이터셋을 살펴봅니다",
            "look at data/digits",
            "the dataset is looked at",
        ),
        Intent::ListDatasets => {
            ("데이터셋 목록 보여줘", "아는 데이터셋을 봅니다", "list the datasets", "the datasets there are")
        }
        Intent::ListModels => {
            ("모델 목록 보여줘", "쓸 수 있는 모델을 봅니다", "list the models", "the models there are")
        }
        Intent::RecommendModel => (
            "어떤 모델이 좋을까?",
            "모델을 추천받습니다",
            "which model should I use?",
            "a model is recommended",
        ),
        Intent::ShowModel => {
            ("resnet50이 뭐야?", "모델을 설명합니다", "tell me about resnet50", "about a model")
        }
        Intent::CompareModels => (
            "resnet18이랑 resnet50 비교해줘",
            "모델을 비교합니다",
            "compare resnet18 and resnet50",
            "models side by side",
        ),
        Intent::ListJobs => ("내 작업 목록 보여줘", "작업을 봅니다", "list my jobs", "your jobs"),
        Intent::Deploy => {
            ("작업 3 배포해줘", "그 모델을 배포합니다", "deploy job 3", "that model is deployed")
        }
        Intent::Help | Intent::Unknown => ("도움말", "할 수 있는 일을 봅니다", "help", "what can be done"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draft, interpret};

    #[test]
    fn what_is_offered_is_read_as_what_it_says() {
        let mut open = Draft::default();
        open.merge(&interpret("resnet50으로 /data/flowers 50 에폭 학습해줘", None));
        for intent in Intent::ALL.into_iter().filter(|intent| *intent != Intent::Unknown) {
            let (korean, _, english, _) = sentence(intent);
            for say in [korean, english] {
                let draft = (!matches!(intent, Intent::Train)).then_some(&open);
                let read = interpret(say, draft);
                assert_eq!(read.intent, intent, "{say}: {:?}", read.unclear);
            }
        }
    }
}
