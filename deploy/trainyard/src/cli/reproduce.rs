//! `trainyard reproduce`: trains again what a certificate says, and tells where the two part.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};
use trainyard_api::certificate::{Certificate, Parting, Statement};
use trainyard_api::chats::Changes;
use trainyard_api::jobs::{Fork, Ordered};
use trainyard_events::chat::Language;

use crate::cli::client::Client;
use crate::cli::{certificate, print_json, watch};
use crate::language::pick;
use crate::out::{line, note};

pub(crate) async fn run(
    client: &Client,
    file: &Path,
    settings: Vec<(String, Value)>,
    json: bool,
) -> Result<()> {
    let language = client.language;
    let (first, _) = certificate::read(file, language).await?;
    let ordered = order(client, &first, settings).await?;
    let job = ordered.job.id.to_string();
    if !json {
        line(pick(language, format!("다시 학습합니다(작업 {job})"), format!("training again as job {job}")));
    }
    watch::run(client, &job, json).await?;
    let answer = client.get::<Certificate>(&format!("/v1/jobs/{job}/certificate")).await?;
    let again = &answer.statement;
    let parting = first.parting(again);
    let said = parting.as_ref().map(|parting| words(parting, language));
    if json {
        print_json(&json!({ "equal": parting.is_none(), "job": job, "differs": said }))?;
    }
    let Some(said) = said else {
        if !json {
            let (epochs, weights) =
                (again.epochs.len(), again.weights.first().map_or("-", |one| &one.sha256));
            line(pick(
                language,
                format!("같습니다. {epochs} 에폭의 측정값과 가중치({weights})가 모두 같습니다"),
                format!("equal: the measurements of all {epochs} epochs, and the weights ({weights})"),
            ));
        }
        return Ok(());
    };
    for why in elsewhere(&first, again, language) {
        note(why);
    }
    bail!(said)
}

/// The same training: anew, or from the checkpoint that it went on from.
async fn order(client: &Client, first: &Statement, settings: Vec<(String, Value)>) -> Result<Ordered> {
    let Value::Object(mut fields) = serde_json::to_value(&first.config)? else { bail!("no configuration") };
    fields.remove("continues");
    let options: Map<String, Value> = first.config.options.clone().into_iter().collect();
    fields.insert("options".to_owned(), Value::Object(options));
    let known: Vec<String> = fields.keys().cloned().collect();
    for (name, value) in settings {
        // The name of an option may stand for one.
        match known.contains(&name) {
            true => fields[&name] = value,
            false => fields["options"][&name] = value,
        }
    }
    let answer = match &first.config.continues {
        Some(from) => {
            let fork = Fork { epoch: None, step: Some(from.checkpoint.step), set: Changes(fields) };
            client.post::<Ordered>(&format!("/v1/jobs/{}/fork", from.job), &fork).await?
        }
        None => client.post::<Ordered>("/v1/jobs", &fields).await?,
    };
    Ok(answer.into_said())
}

fn words(parting: &Parting, language: Language) -> String {
    let value = |value: &Option<f64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    match parting {
        Parting::Dataset { was, is } => pick(
            language,
            format!("데이터셋이 다릅니다. 인증서의 목록은 {was}, 이번 목록은 {is}입니다"),
            format!("it is another dataset: the manifest was {was} and is {is}"),
        ),
        Parting::Epoch { epoch, measurement, was, is } => {
            let (was, is) = (value(was), value(is));
            pick(
                language,
                format!("{epoch} 에폭부터 다릅니다. {measurement}: 인증서 {was}, 이번 {is}"),
                format!("epoch {epoch} is the first that differs: {measurement} was {was} and is {is}"),
            )
        }
        Parting::Length { was, is } => pick(
            language,
            format!("에폭 수가 다릅니다. 인증서는 {was} 에폭까지, 이번에는 {is} 에폭까지입니다"),
            format!("it ended after epoch {is}, and after epoch {was} before"),
        ),
        Parting::Weights { was, is } => pick(
            language,
            format!("측정값은 모두 같지만 가중치가 다릅니다. 인증서 {was}, 이번 {is}"),
            format!("all measurements agree, and the weights differ: {was} before and {is} now"),
        ),
    }
}

/// What else was different, which may be why.
fn elsewhere(first: &Statement, again: &Statement, language: Language) -> Vec<String> {
    let (Some(was), Some(is)) = (first.attempts.last(), again.attempts.last()) else { return Vec::new() };
    let none = || "-".to_owned();
    let threads = |by: &trainyard_api::certificate::TrainedBy| by.resolved.get("threads").cloned();
    let mut facts = vec![
        (pick(language, "장치", "device"), Some(was.device.clone()), Some(is.device.clone())),
        (pick(language, "학습기", "trainer"), was.trainer.clone(), is.trainer.clone()),
        (pick(language, "스레드", "threads"), threads(was), threads(is)),
        (
            pick(language, "설정", "configuration"),
            Some(first.config_hash.clone()),
            Some(again.config_hash.clone()),
        ),
    ];
    facts.retain(|(_, was, is)| was != is);
    let said = |(name, was, is): (&str, Option<String>, Option<String>)| {
        let (was, is) = (was.unwrap_or_else(none), is.unwrap_or_else(none));
        pick(language, format!("{name}: 그때 {was}, 지금 {is}"), format!("{name}: {was} then, {is} now"))
    };
    facts.into_iter().map(said).collect()
}
