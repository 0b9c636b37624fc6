//! Answers about models: which there are, one or several beside each other, and which to take for the data at hand.

use trainyard_assistant::catalog::{self, Model, Runners};
use trainyard_assistant::proposal::{self, Refusal};
use trainyard_assistant::{Draft, Interpretation, Slots, reply};
use trainyard_events::chat::Language;
use trainyard_events::config::{Source, Task};
use trainyard_events::dataset::DatasetProfile;
use trainyard_words::particle::{Particle, with_particle};

use crate::known::{Known, Need};
use crate::thread::Thread;
use crate::words::{self, pick};

/// Models of a list in an answer.
const LISTED: usize = 10;

pub(crate) fn list(task: Option<Task>, language: Language, runners: &Runners) -> String {
    let mut models = catalog::search("", task);
    models.sort_by_key(|model| catalog::trainable_now(model, runners).is_err());
    let mut lines = vec![pick(
        language,
        format!("모델 {}개가 있습니다. 지금 학습할 수 있는 것부터입니다.", models.len()),
        format!("There are {} models, those that can be trained now first.", models.len()),
    )];
    lines.extend(
        models.iter().take(LISTED).map(|model| format!("- {}", reply::model(model, runners, language))),
    );
    if models.len() > LISTED {
        let rest = models.len() - LISTED;
        lines.push(pick(
            language,
            format!("그 밖에 {rest}개는 `trainyard models`로 볼 수 있습니다."),
            format!("`trainyard models` lists the other {rest}."),
        ));
    }
    lines.push(pick(
        language,
        "고르기 어려우면 \"모델 추천해줘\"라고 하세요.",
        "If you cannot choose, say \"recommend a model\".",
    ));
    lines.join("\n")
}

/// One model, or several beside each other.
pub(crate) fn show(turn: &Interpretation, runners: &Runners) -> String {
    let language = turn.language;
    let names: Vec<&String> = turn.slots.models.iter().chain(&turn.slots.model).collect();
    if names.is_empty() {
        return list(turn.slots.task, language, runners);
    }
    let named = |name: &str| catalog::find(name).or_else(|| runners.find(name));
    let line = |name: &&String| match named(name) {
        Some(model) => reply::model(model, runners, language),
        None => {
            let nearest = catalog::nearest(name, 3);
            reply::refusal(&Refusal::UnknownModel { named: (*name).clone(), nearest }, language)
        }
    };
    let mut lines: Vec<String> = names.iter().map(line).collect();
    let known: Vec<&Model> = names.iter().filter_map(|name| named(name)).collect();
    lines.extend(heavier(&known, language));
    lines.extend(next(&known, None, runners, language));
    lines.join("\n")
}

/// How much larger the largest is than the smallest.
fn heavier(models: &[&Model], language: Language) -> Option<String> {
    let sized = || models.iter().filter_map(|model| model.parameters.map(|count| (count, model.id.as_str())));
    let ((least, small), (most, large)) = (sized().min()?, sized().max()?);
    let times = most as f64 / least as f64;
    (small != large).then(|| {
        pick(
            language,
            format!("{large}의 파라미터는 {small}의 {times:.1}배라, 더 정확할 수 있지만 느리고 메모리를 더 씁니다."),
            format!("{large} has {times:.1} times the parameters of {small}: it may be more accurate, but is slower and takes more memory."),
        )
    })
}

/// What to say to train one of them, or why none can be.
fn next(models: &[&Model], path: Option<&str>, runners: &Runners, language: Language) -> Option<String> {
    if let Some(model) = models.iter().find(|model| catalog::trainable_now(model, runners).is_ok()) {
        let id = &model.id;
        return Some(pick(
            language,
            format!(
                "학습하려면 \"{}{} 학습해줘\"라고 하세요.",
                with_particle(id, Particle::Direction),
                words::glued(path)
            ),
            format!(
                "To train it, say \"train {id}{}\".",
                path.map_or(String::new(), |path| format!(" on {path}"))
            ),
        ));
    }
    let reason = catalog::trainable_now(models.first()?, runners).err()?;
    Some(reply::not_trainable(&reason, language))
}

/// The model for the task, with the settings that suit the data where it is known.
pub(crate) fn recommend(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<String, Need> {
    let language = turn.language;
    let open = thread.chat.open.as_ref().map(|open| &open.config);
    let path = turn.slots.dataset.as_ref().or(open.and_then(|open| open.dataset.as_ref()));
    let asked = turn.slots.task.or(open.map(|open| open.task));
    let (note, profile) = match path {
        None => (String::new(), None),
        Some(path) => known.look(path, asked.unwrap_or(Task::Classify), false)?.told(path, language),
    };
    let Some(task) = asked.or(profile.as_ref().map(|profile| profile.task)) else {
        return Ok(note + &reply::next(&["task".to_owned()], language));
    };
    let model = catalog::recommended(task);
    let mut text = pick(
        language,
        format!(
            "{note}{}에는 {} 추천합니다.\n",
            reply::task(task, language),
            with_particle(&model.id, Particle::Object)
        ),
        format!("{note}For {} I recommend {}.\n", reply::task(task, language), model.id),
    );
    text.push_str(&reply::model(model, &known.runners, language));
    if let Some(profile) = profile {
        text.push_str(&settings(task, profile, language).unwrap_or_default());
    }
    text.extend(
        next(&[model], path.map(String::as_str), &known.runners, language).map(|next| format!("\n{next}")),
    );
    Ok(text)
}

/// The values that the data speaks for, each with its reason.
fn settings(task: Task, profile: &DatasetProfile, language: Language) -> Option<String> {
    let draft = Draft { slots: Slots { task: Some(task), ..Slots::default() }, ..Draft::default() };
    let proposal = proposal::propose(&draft, Some(profile), language, &Runners::default()).ok()?;
    let config = &proposal.config;
    let values = [
        ("image_size", format!("{} px", config.image_size)),
        ("epochs", config.epochs.to_string()),
        ("batch_size", config.batch_size.to_string()),
    ];
    let told = values.iter().map(|(field, value)| {
        let because = match proposal.sources.get(*field) {
            Some(Source::Recommended(because)) => format!(" ({because})"),
            _ => String::new(),
        };
        format!("\n- {}: {value}{because}", reply::label(field, language))
    });
    let head = pick(language, "이 데이터에 맞춘 값:", "What suits this data:");
    Some(format!("\n{head}{}", told.collect::<String>()))
}
