//! What is offered to choose from, each as a sentence that is read as exactly what it says.

use trainyard_assistant::{Intent, Slots, reply};
use trainyard_events::chat::{Choice, Language};
use trainyard_events::config::Task;
use trainyard_views::{DatasetRow, DatasetStatus, JobRow, JobStatus};

use crate::known::{Known, Need, Sought};
use crate::thread::Thread;
use crate::which;
use crate::words::{self, pick};

/// Datasets to choose from.
const OFFERED: usize = 3;

/// What there is to speak of in an example.
pub(crate) struct Here {
    /// The number of the job that was spoken of, or of the newest.
    job: Option<u64>,
    dataset: String,
    /// Whether a proposal is open.
    open: bool,
}

impl Here {
    pub(crate) fn of(thread: &Thread, known: &Known) -> Result<Here, Need> {
        let newest = known.jobs(Sought { status: Vec::new(), text: None, most: 1 })?.first();
        let spoken_of = thread.job_spoken_of().map(|id| known.job(&id.to_string())).transpose()?.flatten();
        let open = thread.chat.open.as_ref().and_then(|open| open.config.dataset.clone());
        let valid =
            || known.datasets().map(|rows| rows.iter().find(|row| row.status == DatasetStatus::Valid));
        let dataset = match open {
            Some(path) => path,
            None => valid()?.map_or_else(|| "data/digits".to_owned(), |row| row.path.clone()),
        };
        let job = spoken_of.or(newest).map(|job| job.number);
        Ok(Here { job, dataset, open: thread.chat.open.is_some() })
    }
}

/// Which of these is meant, nearest first.
pub(crate) fn of_readings(readings: &[(Intent, Slots)], here: &Here, language: Language) -> Vec<Choice> {
    readings.iter().filter_map(|(intent, slots)| choice(*intent, slots, here, language)).collect()
}

/// What may be asked or done next about this job.
pub(crate) fn of_job(intents: &[Intent], job: &JobRow, language: Language) -> Vec<Choice> {
    let offered = intents.iter().map(|intent| {
        let (_, korean, _, english) = sentence(*intent);
        Choice { say: which::sentence(*intent, job.number, language), what: pick(language, korean, english) }
    });
    offered.collect()
}

/// What may be asked next about a list of jobs: the newest that ended beside each other.
pub(crate) fn of_jobs(jobs: &[JobRow], language: Language) -> Vec<Choice> {
    let mut finished = jobs.iter().filter(|job| job.status == JobStatus::Finished).map(|job| job.number);
    let (Some(newer), Some(older)) = (finished.next(), finished.next()) else { return Vec::new() };
    let (_, korean, _, english) = sentence(Intent::CompareJobs);
    let say = pick(
        language,
        format!("{older}번이랑 {newer}번 비교해줘"),
        format!("compare job {older} and job {newer}"),
    );
    vec![Choice { say, what: pick(language, korean, english) }]
}

/// What may be said next about a dataset that is good.
pub(crate) fn of_dataset(path: &str, model: &str, language: Language) -> Vec<Choice> {
    let here = Here { job: None, dataset: path.to_owned(), open: false };
    let slots = Slots { model: Some(model.to_owned()), ..Slots::default() };
    choice(Intent::Train, &slots, &here, language).into_iter().collect()
}

/// What may be said next about a dataset that is still looked at, or that no training can use as it is.
pub(crate) fn of_look(path: &str, language: Language) -> Vec<Choice> {
    [Intent::AnalyzeDataset, Intent::ListDatasets]
        .into_iter()
        .filter_map(|intent| about_dataset(intent, path, language))
        .collect()
}

/// What may be asked next about a list of datasets: what is in the first ones.
pub(crate) fn of_looks(datasets: &[DatasetRow], language: Language) -> Vec<Choice> {
    let first = datasets.iter().take(OFFERED);
    first.filter_map(|row| about_dataset(Intent::AnalyzeDataset, &row.path, language)).collect()
}

fn about_dataset(intent: Intent, path: &str, language: Language) -> Option<Choice> {
    let here = Here { job: None, dataset: path.to_owned(), open: false };
    choice(intent, &Slots::default(), &here, language)
}

/// The datasets that are known to be good, those for the task first.
pub(crate) fn of_datasets(task: Task, language: Language, known: &Known) -> Result<Vec<Choice>, Need> {
    let good = known.datasets()?.iter().filter(|row| row.status == DatasetStatus::Valid);
    let of_other_task = |row: &&DatasetRow| row.profile.as_ref().is_none_or(|profile| !profile.serves(task));
    let mut rows: Vec<&DatasetRow> = good.collect();
    rows.sort_by_key(of_other_task);
    let offered = rows.into_iter().take(OFFERED).map(|row| Choice {
        say: pick(language, format!("데이터는 {}", row.path), format!("the dataset is {}", row.path)),
        what: words::dataset_line(row, language).trim_start_matches("- ").to_owned(),
    });
    Ok(offered.collect())
}

pub(crate) fn of_tasks(language: Language) -> Vec<Choice> {
    let tasks = [Task::Classify, Task::Detect, Task::Segment, Task::Pose, Task::Anomaly];
    let offered = tasks.map(|task| Choice {
        say: reply::task(task, language).to_owned(),
        what: pick(language, "제안의 작업 종류를 정합니다", "the proposal gets its task"),
    });
    offered.into()
}

/// The question with its choices, for those who see no buttons.
pub(crate) fn listed(question: String, choices: &[Choice]) -> String {
    let lines = choices.iter().map(|choice| format!("\n- \"{}\": {}", choice.say, choice.what));
    question + &lines.collect::<String>()
}

/// Where a turn is not clear enough to do anything.
pub(crate) fn unclear(language: Language) -> String {
    pick(
        language,
        "어느 쪽인지 확실하지 않아 아무것도 하지 않았습니다. 이 가운데 하나로 말씀해 주세요.",
        "I am not sure what you mean, so I did nothing. Say one of these:",
    )
}

/// Where a turn is not understood.
pub(crate) fn not_understood(language: Language) -> String {
    pick(
        language,
        "무슨 뜻인지 알아듣지 못했습니다. 혹시 이런 뜻인가요? \"도움말\"이라고 하시면 할 수 있는 일을 보여 드립니다.",
        "I did not understand that. Did you mean one of these? Say \"help\" to see what I can do.",
    )
}

fn choice(intent: Intent, slots: &Slots, here: &Here, language: Language) -> Option<Choice> {
    let named = slots.job.clone().or(here.job.map(|number| number.to_string()));
    let of_a_proposal =
        matches!(intent, Intent::Approve | Intent::Reject | Intent::Undo | Intent::Adjust | Intent::Dataset);
    if of_a_proposal && !here.open {
        return None;
    }
    let needs_a_job = matches!(
        intent,
        Intent::Cancel | Intent::Resume | Intent::Deploy | Intent::Predict | Intent::RegisterModel
    );
    if needs_a_job && named.is_none() {
        return None;
    }
    let job = named.unwrap_or_default();
    let dataset = slots.dataset.as_ref().unwrap_or(&here.dataset);
    let model = slots.model.as_deref().unwrap_or("resnet18");
    let image = slots.input.as_deref().unwrap_or("photo.jpg");
    let (korean, what_korean, english, what_english) = sentence(intent);
    let (say, what) = match language {
        Language::Korean => (korean, what_korean),
        Language::English => (english, what_english),
    };
    let values = values(slots, language);
    let say = match (intent, language) {
        (Intent::Adjust, Language::Korean) if !values.is_empty() => format!("{values}로 바꿔줘"),
        (Intent::Adjust, Language::English) if !values.is_empty() => format!("set {values}"),
        (Intent::CompareModels, _) => say.to_owned(),
        _ => say
            .replace("JOB", &job)
            .replace("DATASET", dataset)
            .replace("IMAGE", image)
            .replace("MODEL", model),
    };
    Some(Choice { say: say.replace("  ", " ").trim().to_owned(), what: what.to_owned() })
}

/// `에폭 20, 배치 크기 16`, of the numbers that a reading states.
fn values(slots: &Slots, language: Language) -> String {
    let numbers = [
        ("epochs", slots.epochs.map(|value| value.to_string())),
        ("image_size", slots.image_size.map(|value| value.to_string())),
        ("batch_size", slots.batch_size.map(|value| value.to_string())),
        ("learning_rate", slots.learning_rate.map(|value| value.to_string())),
        ("seed", slots.seed.map(|value| value.to_string())),
    ];
    let stated = numbers.into_iter().filter_map(|(field, value)| Some((field, value?)));
    let words = stated.map(|(field, value)| match language {
        Language::Korean => format!("{} {value}", reply::label(field, language)),
        Language::English => format!("{} to {value}", reply::label(field, language)),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What to say for an intent and what comes of it, in Korean and in English.
fn sentence(intent: Intent) -> (&'static str, &'static str, &'static str, &'static str) {
    match intent {
        Intent::Train => (
            "MODEL로 DATASET 학습해줘",
            "새 학습을 제안합니다",
            "train MODEL on DATASET",
            "a new training is proposed",
        ),
        Intent::Adjust => (
            "에폭을 30으로 바꿔줘",
            "제안의 값을 바꿉니다",
            "set epochs to 30",
            "a value of the proposal changes",
        ),
        Intent::Dataset => (
            "데이터는 DATASET",
            "제안의 데이터셋을 정합니다",
            "the dataset is DATASET",
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
        Intent::Cancel => {
            ("작업 JOB 취소해줘", "그 작업을 멈춥니다", "cancel job JOB", "that job is stopped")
        }
        Intent::Resume => (
            "작업 JOB 이어서 학습해줘",
            "멈춘 작업을 이어 갑니다",
            "resume job JOB",
            "the stopped job goes on",
        ),
        Intent::Predict => (
            "작업 JOB 모델로 IMAGE 예측해줘",
            "모델에 이미지를 물어봅니다",
            "predict IMAGE with job JOB",
            "how to ask the model about an image",
        ),
        Intent::AnalyzeDataset => {
            ("DATASET 살펴봐줘", "데이터셋을 살펴봅니다", "look at DATASET", "the dataset is looked at")
        }
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
        Intent::ShowModel => ("MODEL 설명해줘", "모델을 설명합니다", "tell me about MODEL", "about a model"),
        Intent::CompareModels => (
            "resnet18이랑 resnet50 비교해줘",
            "모델을 비교합니다",
            "compare resnet18 and resnet50",
            "models side by side",
        ),
        Intent::CompareJobs => {
            ("1번이랑 2번 비교해줘", "작업을 나란히 봅니다", "compare job 1 and job 2", "jobs side by side")
        }
        Intent::ListJobs => ("내 작업 목록 보여줘", "작업을 봅니다", "list my jobs", "your jobs"),
        Intent::Deploy => {
            ("작업 JOB 배포해줘", "그 모델을 배포합니다", "deploy job JOB", "that model is deployed")
        }
        Intent::RegisterModel => (
            "작업 JOB 모델 등록해줘",
            "그 모델에 이름을 붙여 등록합니다",
            "register the model of job JOB",
            "that model is registered under a name",
        ),
        Intent::Promote => (
            "최신 버전을 production으로 승격해줘",
            "그 버전이 운영에서 답합니다",
            "promote the latest version to production",
            "that version answers in production",
        ),
        Intent::RollBack => (
            "운영을 이전 버전으로 되돌려줘",
            "이전 버전이 다시 답합니다",
            "roll production back to the previous version",
            "the version before answers again",
        ),
        Intent::ShowVersions => (
            "지금 운영에 있는 버전 알려줘",
            "어느 버전이 답하는지 봅니다",
            "which version is in production?",
            "which version answers",
        ),
        Intent::CompareVersions => (
            "버전 1이랑 버전 2 비교해줘",
            "버전을 나란히 봅니다",
            "compare version 1 and version 2",
            "versions side by side",
        ),
        Intent::Help | Intent::Unknown => ("도움말", "할 수 있는 일을 봅니다", "help", "what can be done"),
    }
}

#[cfg(test)]
mod tests {
    use trainyard_assistant::{Draft, interpret};

    use super::*;

    #[test]
    fn what_is_offered_is_read_as_what_it_says() {
        let mut open = Draft::default();
        open.merge(&interpret("resnet50으로 /data/flowers 50 에폭 학습해줘", None));
        let here = Here { job: Some(3), dataset: "data/digits".to_owned(), open: true };
        for intent in Intent::ALL.into_iter().filter(|intent| *intent != Intent::Unknown) {
            for language in [Language::Korean, Language::English] {
                let offered = choice(intent, &Slots::default(), &here, language).expect("there is a job");
                let draft = (!matches!(intent, Intent::Train)).then_some(&open);
                let read = interpret(&offered.say, draft);
                assert_eq!(read.intent, intent, "{offered:?}: {:?}", read.nearest);
            }
        }
    }

    #[test]
    fn the_values_that_were_said_are_offered_and_read_back() {
        let mut open = Draft::default();
        open.merge(&interpret("resnet50으로 /data/flowers 50 에폭 학습해줘", None));
        let here = Here { job: None, dataset: "data/digits".to_owned(), open: true };
        let slots =
            Slots { epochs: Some(200), batch_size: Some(16), learning_rate: Some(0.002), ..Slots::default() };
        for language in [Language::Korean, Language::English] {
            let offered = choice(Intent::Adjust, &slots, &here, language).expect("it needs no job");
            assert_eq!(interpret(&offered.say, Some(&open)).slots, slots, "{offered:?}");
            assert_eq!(choice(Intent::Cancel, &slots, &here, language), None, "there is no job to stop");
        }
    }
}
