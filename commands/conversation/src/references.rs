//! What "that dataset", "digits" and "one more" stand for, from the conversation and from what there is.

use trainyard_assistant::{Intent, Interpretation};
use trainyard_events::dataset::{is_name, is_tag, parted, tagged};
use trainyard_views::{DatasetRow, DatasetStatus};

use crate::known::{Known, Need};
use crate::registry;
use crate::thread::Thread;

/// The shortest name of a dataset that is looked for among the words.
const NAME_CHARS: usize = 3;

/// The turn with its dataset by path, where it calls it by name or points at it, and with the model that people have named.
pub(crate) fn resolved(
    thread: &Thread,
    words: &str,
    turn: &Interpretation,
    known: &Known,
) -> Result<Interpretation, Need> {
    let mut turn = turn.clone();
    // What nobody has named yet is named by the words themselves.
    let names_itself = turn.intent == Intent::RegisterModel && turn.slots.name.is_some();
    if (turn.intent.of_versions() || turn.intent == Intent::RegisterModel) && !names_itself {
        let model = registry::named(words, known.models()?);
        turn.slots.name = model.map(|model| model.name.clone()).or(turn.slots.name.take());
        return Ok(turn);
    }
    let may_name = matches!(
        turn.intent,
        Intent::Train
            | Intent::Adjust
            | Intent::Dataset
            | Intent::AnalyzeDataset
            | Intent::RecommendModel
            | Intent::ListDatasets
            | Intent::Unknown
    );
    if !may_name || turn.unclear {
        return Ok(turn);
    }
    if let Some(said) = turn.slots.dataset.take() {
        turn.slots.dataset = Some(called(said, known)?);
        return Ok(turn);
    }
    let named = match thread.dataset_spoken_of().filter(|_| turn.same_data) {
        Some(path) => Some(path.to_owned()),
        None => named(words, &turn, known)?,
    };
    if let Some(path) = named {
        turn.slots.dataset = Some(path);
        if matches!(turn.intent, Intent::Unknown | Intent::ListDatasets) {
            // Nothing else was understood: the data of what is open, or of a training that begins.
            turn.intent = Intent::Dataset;
        }
    }
    Ok(turn)
}

/// A name as people call it is the one good dataset that is called so; a path stays, and so does what nobody knows.
fn called(said: String, known: &Known) -> Result<String, Need> {
    if tagged(&said).is_some() {
        return Ok(known.tagged(&said)?.map_or(said.clone(), str::to_owned));
    }
    let (name_said, version) = parted(&said);
    if !is_name(name_said) {
        return Ok(said);
    }
    let low = name_said.to_lowercase();
    let is_meant = |row: &&DatasetRow| row.status == DatasetStatus::Valid && name(row).to_lowercase() == low;
    let mut meant = known.datasets()?.iter().chain(&known.archived).filter(is_meant);
    let row = meant.next().filter(|_| meant.next().is_none());
    Ok(match row {
        Some(_) if version.is_some() => said,
        Some(row) => pinned(row, &low),
        None => said,
    })
}

/// The one good dataset whose name is among the words, and is no class of the turn.
fn named(words: &str, turn: &Interpretation, known: &Known) -> Result<Option<String>, Need> {
    let low = words.to_lowercase();
    let parts: Vec<&str> =
        low.split(|c: char| !is_of_a_name(c)).filter(|part| part.len() >= NAME_CHARS).collect();
    if parts.is_empty() || turn.intent == Intent::ListDatasets {
        return Ok(None);
    }
    let is_meant = |row: &&DatasetRow| {
        let name = name(row).to_lowercase();
        let is_class = turn.slots.classes.iter().any(|class| class.to_lowercase() == name);
        // A particle is written right behind a name, so one of other letters stands anywhere.
        let is_said = parts.contains(&name.as_str()) || !name.is_ascii() && low.contains(&name);
        row.status == DatasetStatus::Valid && !is_class && is_said
    };
    let mut meant = known.datasets()?.iter().chain(&known.archived).filter(is_meant);
    Ok(meant.next().filter(|_| meant.next().is_none()).map(|row| pinned(row, &low)))
}

/// What is in the store is named by its version, said by number or tag, or newest: a proposal means the same tomorrow.
fn pinned(row: &DatasetRow, words: &str) -> String {
    let Some(newest) = row.versions.last().filter(|newest| newest.stored) else { return row.path.clone() };
    let behind = words.split_once(&format!("{}@", row.path.to_lowercase())).map(|(_, rest)| rest);
    let digits = behind.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    let said = digits.and_then(|digits| digits.parse().ok());
    let is_there = |number: &u32| row.versions.iter().any(|version| version.number == *number);
    let number = behind.and_then(|words| tag_said(row, words)).or(said.filter(is_there));
    match (number, behind.map(tag_alike)) {
        // One that it does not have is for the look to refuse.
        (None, Some(unknown)) if is_tag(unknown) && !unknown.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{}@{unknown}", row.path)
        }
        (number, _) => format!("{}@{}", row.path, number.unwrap_or(newest.number)),
    }
}

/// What `words` begin with, as far as it could be a tag.
fn tag_alike(words: &str) -> &str {
    let end = words.find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-'));
    words[..end.unwrap_or(words.len())].trim_end_matches('.')
}

/// The version of the longest tag that `words` begin with: a particle may stand right behind it.
fn tag_said(row: &DatasetRow, words: &str) -> Option<u32> {
    let said = row.tags.iter().filter(|(tag, _)| is_tag(tag) && words.starts_with(&tag.to_lowercase()));
    said.max_by_key(|(tag, _)| tag.len()).map(|(_, version)| *version)
}

/// How people call it: by the end of its path.
fn name(row: &DatasetRow) -> &str {
    row.path.trim_end_matches('/').rsplit('/').next().unwrap_or(&row.path)
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}
