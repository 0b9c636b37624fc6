//! Which named model, version and alias a turn means, or what to ask instead.

use trainyard_assistant::{Intent, Interpretation, Pick};
use trainyard_events::chat::{Choice, Language};
use trainyard_views::{ModelRow, ModelVersion};
use trainyard_words::particle::Particle::Topic;
use trainyard_words::particle::with_particle;

use super::told::{line, sentence};
use crate::answer::Question;
use crate::choices;
use crate::known::{Known, Need};
use crate::thread::Thread;
use crate::words::pick;

/// Models or versions to choose from in one question.
const CHOICES: usize = 4;
/// The shortest name that is looked for among words whatever spaces and hyphens stand within it.
const LOOSE_CHARS: usize = 4;
/// What people call one and the same alias.
const SAME: [&[&str]; 2] = [&["production", "prod", "prd", "live", "운영"], &["staging", "stage", "stg"]];

/// What was asked for, or what to say instead.
pub(super) type Meant<T> = Result<T, Question>;

/// The longest name of a model that is among the words.
pub(crate) fn named<'k>(words: &str, models: &'k [ModelRow]) -> Option<&'k ModelRow> {
    let (low, loose) = (words.to_lowercase(), key(words));
    let is_said = |model: &&ModelRow| {
        let (name, key) = (model.name.to_lowercase(), key(&model.name));
        let alone = |(at, said): (usize, &str)| {
            let within = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            let before = low[..at].chars().next_back().is_some_and(|c| within(c) || c.is_alphanumeric());
            !before && !low[at + said.len()..].chars().next().is_some_and(within)
        };
        low.match_indices(&name).any(alone) || key.chars().count() >= LOOSE_CHARS && loose.contains(&key)
    };
    models.iter().filter(is_said).max_by_key(|model| model.name.chars().count())
}

fn key(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The model: by its name, as the only one, by the job that was spoken of, or as the only one with the alias.
pub(super) fn model<'k>(
    thread: &Thread,
    turn: &Interpretation,
    known: &'k Known,
) -> Result<Meant<&'k ModelRow>, Need> {
    let (models, language) = (known.models()?, turn.language);
    if models.is_empty() {
        return Ok(Err(none_yet(language).into()));
    }
    if let Some(name) = &turn.slots.name {
        let called = models.iter().find(|model| model.name.to_lowercase() == name.to_lowercase());
        let unknown = || {
            let head = pick(
                language,
                format!("등록된 모델 가운데 {} 없습니다. 이 가운데 하나인가요?", with_particle(name, Topic)),
                format!("No model is registered as {name}. Is it one of these?"),
            );
            question(head, turn, models)
        };
        return Ok(called.ok_or_else(unknown));
    }
    let having =
        |model: &&ModelRow| turn.slots.alias.as_ref().is_some_and(|said| alias(model, said).is_some());
    let mut with_alias = models.iter().filter(having);
    let only_one = with_alias.next().filter(|_| with_alias.next().is_none());
    let meant = match models {
        [only] => Some(only),
        _ => spoken_of(thread, models).map(|(model, _)| model).or(only_one),
    };
    let which = || question(pick(language, "어느 모델인가요?", "Which model do you mean?"), turn, models);
    Ok(meant.ok_or_else(which))
}

/// The version that was made of the job that was spoken of last.
pub(super) fn spoken_of<'k>(
    thread: &Thread,
    models: &'k [ModelRow],
) -> Option<(&'k ModelRow, &'k ModelVersion)> {
    let job = thread.job_spoken_of()?;
    models.iter().find_map(|model| {
        let version = model.versions.iter().rev().find(|version| version.card.job == job);
        version.map(|version| (model, version))
    })
}

/// The version: by its number, by another alias, by how good or new it is, by the job that was spoken of, or the only one.
pub(super) fn version<'k>(
    thread: &Thread,
    turn: &Interpretation,
    model: &'k ModelRow,
    known: &'k Known,
) -> Result<Meant<&'k ModelVersion>, Need> {
    let language = turn.language;
    let there = || model.versions.iter().filter(|version| !version.archived);
    let numbered = match (&turn.from, &turn.slots.versions[..]) {
        (Some(from), []) => match alias(model, from) {
            Some(found) => Some(model.aliases[found].version),
            None => return Ok(Err(no_such_alias(model, from, language).into())),
        },
        (_, [number]) => Some(*number),
        _ => None,
    };
    let meant = match (numbered, turn.which) {
        (Some(number), _) => model.version(number),
        (None, Some(Pick::Latest)) => there().next_back(),
        (None, Some(which)) => by_measure(which, model, known)?,
        (None, None) if turn.slots.versions.is_empty() => {
            let spoken_of = spoken_of(thread, std::slice::from_ref(model)).map(|(_, version)| version);
            let mut all = there();
            spoken_of.or_else(|| all.next().filter(|_| all.next().is_none()))
        }
        _ => None,
    };
    if let Some(version) = meant {
        return Ok(Ok(version));
    }
    let head = match numbered {
        Some(number) => pick(
            language,
            format!("{}에 v{number} 버전은 없습니다. 이 가운데 하나인가요?", model.name),
            format!("{} has no version {number}. Is it one of these?", model.name),
        ),
        None => pick(
            language,
            format!("{}의 어느 버전인가요?", model.name),
            format!("Which version of {} do you mean?", model.name),
        ),
    };
    let alias = turn.slots.alias.clone().unwrap_or_else(|| "production".to_owned());
    let alias = self::alias(model, &alias).map_or(alias.clone(), str::to_owned);
    let mut choices = Vec::new();
    for version in there().rev().take(CHOICES) {
        let say = sentence(turn.intent, &model.name, &[version.number], &alias, language);
        choices.push(Choice { say, what: line(model, version, known, language)? });
    }
    Ok(Err(Question { text: choices::listed(head, &choices), choices }))
}

/// The version that did best or worst by the measurement that decided for the newest one.
fn by_measure<'k>(which: Pick, model: &'k ModelRow, known: &Known) -> Result<Option<&'k ModelVersion>, Need> {
    let there = || model.versions.iter().filter(|version| !version.archived);
    let Some(newest) = there().next_back() else { return Ok(None) };
    let job = known.job(&newest.card.job.to_string())?;
    let Some(measure) = job.and_then(|job| job.primary.as_ref()) else { return Ok(None) };
    let value = |version: &&ModelVersion| version.card.measurements.get(measure).copied();
    let measured = there().filter(|version| value(version).is_some_and(f64::is_finite));
    let order = |one: &&ModelVersion, other: &&ModelVersion| {
        value(one).unwrap_or_default().total_cmp(&value(other).unwrap_or_default())
    };
    Ok(match which {
        Pick::Worst => measured.min_by(order),
        _ => measured.max_by(order),
    })
}

/// The alias of the model that is called so.
pub(super) fn alias<'m>(model: &'m ModelRow, said: &str) -> Option<&'m str> {
    let same = SAME.iter().find(|same| same.contains(&said)).copied().unwrap_or_default();
    let is_meant =
        |alias: &&String| alias.eq_ignore_ascii_case(said) || same.contains(&alias.to_lowercase().as_str());
    model.aliases.keys().find(is_meant).map(String::as_str)
}

pub(super) fn no_such_alias(model: &ModelRow, said: &str, language: Language) -> String {
    let there: Vec<&str> = model.aliases.keys().map(String::as_str).collect();
    let (korean, english) = match there.is_empty() {
        true => ("아직 별칭이 없습니다.".to_owned(), "It has no alias yet.".to_owned()),
        false => (format!("있는 별칭: {}.", there.join(", ")), format!("It has {}.", there.join(", "))),
    };
    let name = &model.name;
    pick(
        language,
        format!("{name}에 별칭 {} 없습니다. {korean}", with_particle(said, Topic)),
        format!("{name} has no alias {said}. {english}"),
    )
}

/// Which of these models, each as a sentence that does what was asked to it.
pub(super) fn question(head: String, turn: &Interpretation, models: &[ModelRow]) -> Question {
    let language = turn.language;
    let offered = models.iter().take(CHOICES).filter_map(|model| {
        let versions = match &turn.slots.versions[..] {
            [] if turn.intent == Intent::RollBack => Vec::new(),
            [] => vec![model.versions.iter().rev().find(|version| !version.archived)?.number],
            said => said.to_vec(),
        };
        let alias = turn.slots.alias.as_deref().unwrap_or("production");
        let say = sentence(turn.intent, &model.name, &versions, alias, language);
        let count = model.versions.len();
        let what = pick(language, format!("버전 {count}개"), format!("{count} versions"));
        Some(Choice { say, what: format!("{}, {what}", model.name) })
    });
    let choices: Vec<Choice> = offered.collect();
    Question { text: choices::listed(head, &choices), choices }
}

pub(super) fn none_yet(language: Language) -> String {
    pick(
        language,
        "아직 등록된 모델이 없습니다. 끝난 작업의 모델에 이름을 붙여 등록하세요. 예: \"작업 3을 tree-detector로 등록해줘\"",
        "No model is registered yet. Give the model of a finished job a name, such as \"register job 3 as tree-detector\".",
    )
}
