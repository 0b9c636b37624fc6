//! `trainyard job N --title ... --tag ... --note ...`: what people say of a job.

use anyhow::Result;
use trainyard_api::jobs::{JobAnswer, JobChanged, JobPatch};

use crate::args::Annotation;
use crate::cli::client::Client;
use crate::cli::print_json;
use crate::language::pick;
use crate::out::line;

pub(super) async fn run(client: &Client, job: &str, said: Annotation, json: bool) -> Result<()> {
    let path = format!("/v1/jobs/{job}");
    // Tags are all of them or none: what is added or removed is so of those that it has.
    let tags = if said.tag.is_empty() && said.untag.is_empty() {
        None
    } else {
        let known = client.get::<JobAnswer>(&path).await?.job.annotation.tags.clone();
        Some(tags(known, &said))
    };
    let archived = (said.archive || said.restore).then_some(said.archive);
    let patch = JobPatch { title: said.title, tags, note: said.note, archived };
    let answer = client.patch::<JobChanged>(&path, &patch).await?;
    if json {
        return print_json(&answer.json);
    }
    line(pick(client.language, format!("작업 {job}: 바꿨습니다"), format!("job {job} is changed")));
    Ok(())
}

fn tags(mut known: Vec<String>, said: &Annotation) -> Vec<String> {
    known.extend(said.tag.iter().cloned());
    known.retain(|tag| !said.untag.contains(tag));
    known
}

#[cfg(test)]
mod tests {
    use super::{Annotation, tags};

    #[test]
    fn tags_are_added_and_removed() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let said = Annotation { tag: words("b c"), untag: words("a"), ..Annotation::default() };
        assert_eq!(tags(words("a b"), &said), words("b b c"), "the platform keeps each once");
        assert!(!said.is_empty() && Annotation::default().is_empty());
    }
}
