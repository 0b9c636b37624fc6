//! Answers about datasets: which there are, and what is in one.

use trainyard_assistant::{Interpretation, catalog, reply};
use trainyard_events::chat::Exhibit;
use trainyard_events::config::Task;

use crate::answer::{Answer, told};
use crate::choices;
use crate::known::{Known, Look, Need};
use crate::thread::Thread;
use crate::words::{self, pick};

pub(crate) fn list(turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let (language, datasets) = (turn.language, known.datasets()?);
    if datasets.is_empty() {
        let text = pick(
            language,
            "아직 데이터셋이 없습니다. 경로를 말씀해 주세요. 예: \"data/digits 살펴봐줘\"",
            "There are no datasets yet. Name a path, such as \"look at data/digits\".",
        );
        return Ok(told(text, turn.intent));
    }
    let mut lines = vec![pick(language, "알고 있는 데이터셋입니다.", "The datasets I know:")];
    lines.extend(datasets.iter().map(|row| words::dataset_line(row, language)));
    let offered = choices::of_looks(datasets, language);
    Ok(told(lines.join("\n"), turn.intent).offering(offered))
}

pub(crate) fn analyze(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let open = thread.chat.open.as_ref().map(|open| &open.config);
    let named = turn.slots.dataset.clone().or_else(|| open?.dataset.clone());
    let Some(path) = named else {
        let offered = choices::of_datasets(Task::Classify, language, known)?;
        return Ok(told(reply::next(&["dataset".to_owned()], language), turn.intent).offering(offered));
    };
    let task = open.map_or(Task::Classify, |open| open.task);
    let look = known.look(&path, task, true)?;
    let (note, profile) = look.told(&path, language);
    let shown = match look {
        Look::Bad(_) => Vec::new(),
        Look::Good(_) | Look::Pending => vec![Exhibit::Dataset { path: path.clone() }],
    };
    let Some(profile) = profile else {
        let offered = choices::of_look(&path, language);
        return Ok(told(note, turn.intent).about_data(&path).showing(shown).offering(offered));
    };
    let model = &catalog::recommended(profile.task).id;
    let next = pick(
        language,
        format!("학습하려면 \"{model}로 {path} 학습해줘\"처럼 말씀해 주세요."),
        format!("To train on it, say what to train, such as \"train {model} on {path}\"."),
    );
    let text = note + &words::dataset_details(profile, language) + &next;
    let offered = choices::of_dataset(&path, model, language);
    Ok(told(text, turn.intent).about_data(&path).showing(shown).offering(offered))
}
