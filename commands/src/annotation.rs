//! What people may say of a job: a change of some of it makes the whole anew, or is refused.

use trainyard_events::Annotation;
use trainyard_events::limits::{JOB_NOTE_CHARS, JOB_TAG_CHARS, JOB_TAGS, TITLE_CHARS};
use trainyard_events::reason::Rejection;

/// What is not given stays; what is empty is taken away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnnotationChange {
    pub title: Option<String>,
    /// All of them.
    pub tags: Option<Vec<String>>,
    pub note: Option<String>,
    pub archived: Option<bool>,
}

impl AnnotationChange {
    /// What is said of the job after this.
    pub(crate) fn of(&self, before: &Annotation) -> Result<Annotation, Rejection> {
        let mut after = before.clone();
        if let Some(text) = &self.title {
            after.title = title(text)?;
        }
        if let Some(given) = &self.tags {
            after.tags = tags(given)?;
        }
        if let Some(text) = &self.note {
            after.note = note(text)?;
        }
        after.archived = self.archived.unwrap_or(before.archived);
        Ok(after)
    }
}

/// One line, also of a conversation.
pub(crate) fn title(text: &str) -> Result<String, Rejection> {
    let title = text.trim();
    if title.chars().count() > TITLE_CHARS || title.chars().any(char::is_control) {
        return Err(Rejection::BadTitle);
    }
    Ok(title.to_owned())
}

fn tags(given: &[String]) -> Result<Vec<String>, Rejection> {
    let mut tags: Vec<String> = Vec::new();
    for tag in given {
        let is_long = tag.chars().count() > JOB_TAG_CHARS;
        if tag.is_empty() || is_long || tag.contains(|char: char| char.is_whitespace() || char.is_control()) {
            return Err(Rejection::BadJobTag { tag: tag.chars().take(JOB_TAG_CHARS).collect() });
        }
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
        if tags.len() > JOB_TAGS {
            return Err(Rejection::TooManyJobTags { limit: JOB_TAGS as u64 });
        }
    }
    Ok(tags)
}

/// Lines end as the browser's do not, with a line feed alone.
fn note(text: &str) -> Result<String, Rejection> {
    let note = text.replace("\r\n", "\n").trim_end().to_owned();
    let is_bad = |char: char| char.is_control() && char != '\n' && char != '\t';
    if note.chars().count() > JOB_NOTE_CHARS || note.contains(is_bad) {
        return Err(Rejection::BadJobNote);
    }
    Ok(note)
}
