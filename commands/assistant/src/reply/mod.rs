//! What the user reads, in Korean or English.

mod card;

pub use card::{label, next, proposal, value};

use trainyard_events::chat::Language;
use trainyard_events::config::{Proposal, Task};

use crate::catalog::{self, Model, NotTrainable, Runners};
use crate::problems::{OutOfRange, Refusal, Warning};
use trainyard_words::particle::{Particle, with_particle};

pub(crate) fn pick(language: Language, korean: impl Into<String>, english: impl Into<String>) -> String {
    match language {
        Language::Korean => korean.into(),
        Language::English => english.into(),
    }
}

pub fn task(task: Task, language: Language) -> &'static str {
    match (task, language) {
        (Task::Classify, Language::Korean) => "이미지 분류",
        (Task::Detect, Language::Korean) => "객체 탐지",
        (Task::Segment, Language::Korean) => "세그멘테이션",
        (Task::Pose, Language::Korean) => "자세 추정",
        (Task::Anomaly, Language::Korean) => "이상 탐지",
        (Task::Classify, Language::English) => "image classification",
        (Task::Detect, Language::English) => "object detection",
        (Task::Segment, Language::English) => "segmentation",
        (Task::Pose, Language::English) => "pose estimation",
        (Task::Anomaly, Language::English) => "anomaly detection",
    }
}

/// A warning as a sentence.
pub fn warning(warning: &Warning, language: Language) -> String {
    match warning {
        Warning::NotTrainable(reason) => not_trainable(reason, language),
        Warning::OneGpuTrains { runner, gpus } => pick(
            language,
            format!("{runner}은(는) GPU 한 장에서 학습합니다. {gpus}장을 차지해도 나머지는 놀게 됩니다."),
            format!("{runner} computes on one GPU: of the {gpus} that it would keep, the others stand idle."),
        ),
        Warning::NoPretrained { model } => pick(
            language,
            format!(
                "{model}의 공개된 사전 학습 가중치를 알지 못해 처음부터 학습합니다. 파일이 있으면 초기 가중치에 경로를 적어 주세요."
            ),
            format!(
                "No pretrained weights are known for {model}, so it starts from scratch. If you have a file, give its path \
                 as the initial weights."
            ),
        ),
        Warning::HighRate { rate } => pick(
            language,
            format!("학습률 {rate}은 높은 편이라 발산할 수 있습니다."),
            format!("A learning rate of {rate} is high: training may diverge."),
        ),
        Warning::ManyEpochs { epochs } => pick(
            language,
            format!("{epochs} 에폭은 오래 걸립니다. 조기 종료(patience)를 함께 쓰는 것을 권합니다."),
            format!("{epochs} epochs take long; consider early stopping (patience)."),
        ),
        Warning::OtherTask { data, model } => pick(
            language,
            format!(
                "이 데이터셋의 라벨은 {}용인데 모델은 {}입니다.",
                task(*data, language),
                task(*model, language)
            ),
            format!(
                "The dataset is labelled for {}, but the model does {}.",
                task(*data, language),
                task(*model, language)
            ),
        ),
        Warning::BatchAboveImages { batch, images } => pick(
            language,
            format!("배치 {batch}가 학습 이미지 {images}장보다 큽니다."),
            format!("A batch of {batch} is larger than the {images} training images."),
        ),
        Warning::UnknownClasses { unknown, has } => pick(
            language,
            format!("데이터셋에 없는 클래스: {}. 있는 클래스: {}.", unknown.join(", "), has.join(", ")),
            format!("Not in the dataset: {}. It has: {}.", unknown.join(", "), has.join(", ")),
        ),
    }
}

/// Why a model cannot be trained now, and what to choose.
pub fn not_trainable(reason: &NotTrainable, language: Language) -> String {
    let listed = |instead: &str| instead.replace(" or ", ", ");
    match reason {
        NotTrainable::Planned { id, instead } => pick(
            language,
            format!(
                "{} 아직 학습할 수 없습니다(지원 예정). 지금 시작하려면 {} 중에서 골라 주세요.",
                with_particle(id, Particle::Topic),
                listed(instead)
            ),
            format!("{id} cannot be trained yet (it is planned). To start now, choose {instead}."),
        ),
        NotTrainable::NeedsRunner { id, runner, install, instead } => pick(
            language,
            format!(
                "{} {runner} 러너가 있어야 하는데 지금 가진 작업자가 없습니다. 작업자에서 `trainyard runners install {install}`을 \
                 실행하거나, 지금 시작하려면 {} 중에서 골라 주세요.",
                with_particle(id, Particle::Topic),
                listed(instead)
            ),
            format!(
                "{id} needs the {runner} runner, which no worker has. `trainyard runners install {install}` on one, or \
                 choose {instead} to start now."
            ),
        ),
    }
}

/// Why nothing was proposed, and what would be right.
pub fn refusal(refusal: &Refusal, language: Language) -> String {
    match refusal {
        Refusal::NoRunner { runner, named } => pick(
            language,
            format!(
                "지금 켜진 작업자 가운데 {runner} 러너가 있는 곳이 없어 {named} 모델을 학습할 수 없습니다. 작업자의 기기에서 `trainyard runners install {runner}`을 실행한 다음 다시 말씀해 주세요."
            ),
            format!(
                "No worker that is up has the runner {runner}, so {named} cannot be trained now. Run `trainyard runners install {runner}` on a worker's machine, and say it again."
            ),
        ),
        Refusal::NotOfRunner { runner, named, nearest } => pick(
            language,
            format!(
                "{runner} 러너에는 {named} 모델이 없습니다. 혹시 {} 가운데 하나인가요? 전체 목록: `trainyard models --runner {runner}`",
                nearest.join(", ")
            ),
            format!(
                "The runner {runner} has no model {named}. Did you mean one of {}? All of them: `trainyard models --runner {runner}`",
                nearest.join(", ")
            ),
        ),
        Refusal::UnknownModel { named, nearest } => pick(
            language,
            format!("{named} 모델은 모릅니다. 혹시 {} 가운데 하나인가요?", nearest.join(", ")),
            format!("I know no model called {named}. Did you mean one of {}?", nearest.join(", ")),
        ),
        Refusal::Values { problems } => {
            problems.iter().map(|problem| out_of_range(problem, language)).collect::<Vec<_>>().join("\n")
        }
    }
}

fn out_of_range(problem: &OutOfRange, language: Language) -> String {
    let (name, said, range) =
        (label(problem.field, language), &problem.said, problem.range.replace("..", " ~ "));
    pick(
        language,
        format!(
            "{name} {}는 학습할 수 없습니다. 가능한 값: {range}. 다시 말씀해 주세요.",
            with_particle(said, Particle::Direction)
        ),
        format!("{name} {said} will not do; it must be {range}. Please say it again."),
    )
}

pub fn help(language: Language) -> String {
    pick(
        language,
        "말로 비전 모델을 학습시킬 수 있습니다.\n\
         - 학습: \"resnet18로 숫자 이미지 분류 모델 만들어줘\", \"데이터는 data/digits에 있어\", \"에폭 20으로 바꿔줘\", \"시작해줘\"\n\
         - 작업: \"내 작업 목록\", \"작업 7 진행률은?\", \"7번 작업 취소해줘\", \"왜 실패했어?\", \"7번 작업 이어서 학습해줘\"\n\
         - 결과: \"작업 3 혼동 행렬 보여줘\", \"3번 모델로 ./a.jpg 예측해줘\"\n\
         - 데이터와 모델: \"data/digits 살펴봐줘\", \"어떤 모델을 쓸 수 있어?\", \"모델 추천해줘\"",
        "I train vision models from what you say.\n\
         - Train: \"make a digit classifier with resnet18\", \"the data is in data/digits\", \"make it 20 epochs\", \"start\"\n\
         - Jobs: \"list my jobs\", \"how is job 7 doing?\", \"stop job 7\", \"why did it fail?\", \"resume job 7\"\n\
         - Results: \"show the confusion matrix of job 3\", \"predict ./a.jpg with model 3\"\n\
         - Data and models: \"look at data/digits\", \"which models are there?\", \"recommend a model\"",
    )
}

pub fn unknown(language: Language) -> String {
    pick(
        language,
        "무슨 뜻인지 알아듣지 못했습니다. \"도움말\"이라고 하시면 할 수 있는 일을 보여 드립니다.",
        "I did not understand that. Say \"help\" to see what I can do.",
    )
}

/// The proposal as it was before.
pub fn undone(before: &Proposal, named: &[&str], language: Language) -> String {
    let labels = named.iter().map(|name| label(name, language)).collect::<Vec<_>>().join(", ");
    let first = match named {
        [] => pick(language, "마지막 변경을 되돌렸습니다.", "I took the last change back."),
        _ => pick(
            language,
            format!("{} 바꾸기 전으로 되돌렸습니다.", with_particle(&labels, Particle::Object)),
            format!("I put {labels} back to what it was."),
        ),
    };
    format!("{first}\n{}", proposal(before, language))
}

pub fn nothing_to_undo(language: Language) -> String {
    pick(
        language,
        "되돌릴 변경이 없습니다. 그 값은 처음 그대로입니다.",
        "There is nothing to take back: that is as it was at first.",
    )
}

pub fn approved(language: Language) -> String {
    pick(language, "승인했습니다. 학습 작업을 만들었습니다.", "Approved. The training job is on its way.")
}

pub fn rejected(language: Language) -> String {
    pick(
        language,
        "제안을 버렸습니다. 새로 원하는 것을 말씀해 주세요.",
        "I dropped the proposal. Tell me what you want instead.",
    )
}

pub fn reset(language: Language) -> String {
    pick(language, "처음부터 다시 시작합니다. 무엇을 학습할까요?", "We start over. What shall we train?")
}

/// There is no proposal to approve, reject or change.
pub fn nothing_open(language: Language) -> String {
    pick(
        language,
        "열려 있는 제안이 없습니다. 먼저 무엇을 학습할지 말씀해 주세요. 예: \"resnet18로 분류 모델 만들어줘\"",
        "There is no open proposal. First tell me what to train, such as \"train resnet18 on data/digits\".",
    )
}

/// One model, for `show_model`.
pub fn model(model: &Model, runners: &Runners, language: Language) -> String {
    let parameters = model.parameters.map_or_else(
        || pick(language, "알 수 없음", "unknown"),
        |count| format!("{:.1} M", count as f64 / 1e6),
    );
    let runs = if catalog::trainable_now(model, runners).is_ok() {
        pick(language, "지금 학습할 수 있음", "trainable now")
    } else {
        pick(language, "지금은 학습할 수 없음", "not trainable now")
    };
    pick(
        language,
        format!(
            "{}: {} 모델 ({}). 파라미터 {parameters}, 기본 이미지 크기 {} px, 라이선스 {}. {runs}.",
            model.id,
            task(model.task, language),
            model.family,
            model.image_size,
            model.licence
        ),
        format!(
            "{}: {} model ({}). {parameters} parameters, default image size {} px, licence {}; {runs}.",
            model.id,
            task(model.task, language),
            model.family,
            model.image_size,
            model.licence
        ),
    )
}
