//! What the views say, in sentences of the user's language, each with figures and a next step.

mod dataset;
mod job;
mod results;
mod talk;

use trainyard_events::chat::Language;
use trainyard_words::{Words, said};

pub(crate) use dataset::{dataset_bad, dataset_details, dataset_found, dataset_line, dataset_pending};
pub(crate) use job::{explain, job_line, state, status};
pub use results::Report;
pub(crate) use results::results;
pub(crate) use talk::{consequence, small_talk};

pub(crate) fn pick(language: Language, korean: impl Into<String>, english: impl Into<String>) -> String {
    match language {
        Language::Korean => korean.into(),
        Language::English => english.into(),
    }
}

pub(crate) fn no_jobs(language: Language) -> String {
    pick(
        language,
        "아직 작업이 없습니다. 무엇을 학습할지 말씀해 주세요. 예: \"resnet18로 data/digits 학습해줘\"",
        "There are no jobs yet. Tell me what to train, such as \"train resnet18 on data/digits\".",
    )
}

/// Said where the proposal before went on from a checkpoint.
pub(crate) fn from_the_start(language: Language) -> String {
    pick(
        language,
        "설정이 바뀌면 체크포인트에서 이어 갈 수 없어서, 처음부터 학습하는 제안입니다.\n",
        "With other values nothing goes on from a checkpoint: this proposal begins at the start.\n",
    )
}

/// Said where nothing was open and the values of the last approval are taken up.
pub(crate) fn once_more(language: Language) -> String {
    pick(
        language,
        "이 대화에서 마지막으로 승인한 설정에서 바꿨습니다.\n",
        "These are the values approved last in this conversation, changed as you say.\n",
    )
}

/// Said where several trainings are ordered at once.
pub(crate) fn one_at_a_time(first: &str, others: &[String], language: Language) -> String {
    let next = others.first().map_or("", String::as_str);
    let others = others.join(", ");
    pick(
        language,
        format!(
            "한 번에 하나씩 제안합니다. 먼저 {first}, 다음은 {others}입니다. 이 제안을 시작한 다음 \"같은 설정으로 {next} 하나 더\"라고 말씀해 주세요.\n"
        ),
        format!(
            "One at a time: this is {first}; {others} comes after it. Once it has been started, say \"one more with {next}\".\n"
        ),
    )
}

/// Reasons in the middle of a sentence: without a full stop of their own.
fn because(reasons: &(impl Words + ?Sized), language: Language) -> String {
    said(reasons, language).trim_end_matches('.').to_owned()
}

/// ` data/digits`, or nothing.
pub(crate) fn glued(path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| format!(" {path}"))
}
