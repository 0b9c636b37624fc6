//! A proposal of fields as a page or a program gives them: no sentence is made for the purpose.

use serde_json::{Map, Value};
use trainyard_assistant::catalog::{NotTrainable, Runners};
use trainyard_assistant::{Draft, Slots, catalog, proposal, reply};
use trainyard_commands::Rejection;
use trainyard_events::TrainingConfig;
use trainyard_events::chat::Language;
use trainyard_events::config::{Proposal, Source};
use trainyard_events::dataset::DatasetProfile;
use trainyard_events::options;
use trainyard_events::reason::ConfigProblem;

use crate::known::{Known, Look, Need};
use crate::proposing::not_trainable;

/// Why there can be no proposal of these fields.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    /// Their names or kinds, in the words of whoever reads JSON.
    Fields {
        detail: String,
    },
    /// Only the platform writes what a training continues.
    ContinuesGiven,
    /// Values that no configuration can have.
    CannotBe {
        english: String,
        korean: String,
    },
    NotTrainable(NotTrainable),
    Refused(Rejection),
}

/// The proposal of a training that is asked for by its fields, and could begin at once. What is left out is recommended.
pub fn ordered(
    fields: &Map<String, Value>,
    language: Language,
    known: &Known,
) -> Result<Result<Proposal, Unfit>, Need> {
    let could_begin = of_fields(fields, None, language, &known.runners).and_then(|first| {
        if let Some(reason) = not_trainable(&first.config, &known.runners) {
            return Err(Unfit::NotTrainable(reason));
        }
        match first.missing.is_empty() {
            true => Ok(()),
            false => Err(Unfit::Refused(Rejection::ProposalIncomplete { missing: first.missing })),
        }
    });
    match could_begin {
        Ok(()) => after_a_look(fields, language, known),
        Err(unfit) => Ok(Err(unfit)),
    }
}

fn after_a_look(
    fields: &Map<String, Value>,
    language: Language,
    known: &Known,
) -> Result<Result<Proposal, Unfit>, Need> {
    let first = match of_fields(fields, None, language, &known.runners) {
        Ok(first) => first,
        Err(unfit) => return Ok(Err(unfit)),
    };
    let Some(path) = &first.config.dataset else { return Ok(Ok(first)) };
    Ok(match known.look(path, first.config.task, false)? {
        Look::Good(profile) => of_fields(fields, Some(profile), language, &known.runners),
        // Without what the data would recommend. A dataset that is no good fails its job, and says why there.
        Look::Pending | Look::Bad { .. } => Ok(first),
    })
}

/// The open proposal with other values: those given are taken as they are, what was said before stays, and the rest is
/// recommended anew.
pub fn changed(
    open: &Proposal,
    given: Map<String, Value>,
    language: Language,
    known: &Known,
) -> Result<Result<Proposal, Unfit>, Need> {
    let mut fields = said(open);
    // Another model may be for another task.
    if given.contains_key("model") && !given.contains_key("task") {
        fields.remove("task");
    }
    fields.extend(given);
    after_a_look(&fields, language, known)
}

/// The values that somebody has given so far.
fn said(open: &Proposal) -> Map<String, Value> {
    let config = serde_json::to_value(&open.config).unwrap_or_default();
    let is_said = |name: &String| matches!(open.sources.get(name), Some(Source::Said));
    let Value::Object(fields) = config else { return Map::new() };
    fields.into_iter().filter(|(name, _)| is_said(name) && name != "continues").collect()
}

/// Values that no configuration can have.
fn cannot_be(refusal: &proposal::Refusal) -> Unfit {
    let said = |language| reply::refusal(refusal, language);
    Unfit::CannotBe { english: said(Language::English), korean: said(Language::Korean) }
}

/// The proposal of what the fields say, every one of them as given.
fn of_fields(
    fields: &Map<String, Value>,
    profile: Option<&DatasetProfile>,
    language: Language,
    runners: &Runners,
) -> Result<Proposal, Unfit> {
    let bad = |error: serde_json::Error| Unfit::Fields { detail: error.to_string() };
    if fields.contains_key("continues") {
        return Err(Unfit::ContinuesGiven);
    }
    let known = |name: &String| name != "models" && name != "input" && name != "job";
    let stated: Map<String, Value> = fields
        .iter()
        .filter(|(name, value)| known(name) && !value.is_null())
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    let slots: Slots = serde_json::from_value(Value::Object(stated)).map_err(bad)?;
    let draft = Draft { slots, ..Draft::default() };
    let mut proposal =
        proposal::propose(&draft, profile, language, runners).map_err(|refusal| cannot_be(&refusal))?;
    let mut config = serde_json::to_value(&proposal.config).map_err(bad)?;
    for (name, value) in fields {
        config[name] = value.clone();
        proposal.sources.insert(name.clone(), Source::Said);
    }
    let config = checked(config, runners)?;
    Ok(Proposal { hash: config.hash(), config, ..proposal })
}

/// A configuration with other values. The name of an option may stand beside those of fields.
pub(crate) fn with_fields(
    before: &TrainingConfig,
    given: &Map<String, Value>,
    runners: &Runners,
) -> Result<TrainingConfig, Unfit> {
    if given.contains_key("continues") {
        return Err(Unfit::ContinuesGiven);
    }
    let ours = options::ours_for(before.task);
    let mut config = serde_json::to_value(before).unwrap_or_default();
    for (name, value) in given {
        let place = if ours.contains_key(name) { &mut config["options"] } else { &mut config };
        place[name] = value.clone();
    }
    checked(config, runners)
}

/// As a configuration, if it can be one.
fn checked(config: Value, runners: &Runners) -> Result<TrainingConfig, Unfit> {
    let bad = |error: serde_json::Error| Unfit::Fields { detail: error.to_string() };
    let config: TrainingConfig = serde_json::from_value(config).map_err(bad)?;
    let asked = config.resources.iter().flat_map(|asked| asked.unread.keys());
    if let Some(name) = config.unread.keys().chain(asked).next() {
        return Err(bad(serde::de::Error::custom(format!("unknown field `{name}`"))));
    }
    let mut problems = config.problems();
    problems.extend(runners.problems(&config));
    if let Some(model) = catalog::find(&config.model).filter(|model| model.task != config.task) {
        let (does, asked) = (model.task, config.task);
        problems.push(ConfigProblem::ModelOfOtherTask { model: model.id.clone(), does, asked });
    }
    if !problems.is_empty() {
        return Err(Unfit::Refused(Rejection::BadConfig { problems }));
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_taken_as_given_or_refused() {
        let ask = |fields: Value| {
            let fields = fields.as_object().cloned().expect("an object");
            of_fields(&fields, None, Language::Korean, &Runners::default()).map_err(|unfit| match unfit {
                Unfit::Fields { .. } | Unfit::ContinuesGiven => "bad_request",
                Unfit::CannotBe { .. } | Unfit::Refused(Rejection::BadConfig { .. }) => "bad_config",
                other => panic!("{other:?}"),
            })
        };
        let full = ask(
            json!({ "model": "resnet18", "dataset": "d", "epochs": 3, "momentum": 0.5, "patience": null }),
        );
        let full = full.expect("a whole configuration");
        assert_eq!((full.config.epochs, full.config.momentum, full.config.patience), (3, 0.5, None));
        assert_eq!((full.hash, full.missing), (full.config.hash(), vec![]));
        assert_eq!(
            ask(json!({ "model": "resnet18" })).map(|made| made.missing),
            Ok(vec!["dataset".to_owned()])
        );
        for (fields, code) in [
            (json!({ "model": "resnet18", "surprise": 1 }), "bad_request"),
            (json!({ "model": "resnet18", "resources": { "gpux": 1 } }), "bad_request"),
            (json!({ "model": "resnet18", "resources": { "gpus": 9 } }), "bad_config"),
            (json!({ "model": "resnet18", "device": "cpu", "resources": { "gpu": "H100" } }), "bad_config"),
            (json!({ "model": "resnet18", "dataset": "d", "continues": null }), "bad_request"),
            (json!({ "model": "resnet18", "epochs": "many" }), "bad_request"),
            (json!({ "model": "resnet18", "models": ["resnet18"] }), "bad_request"),
            (json!({ "model": "resnet19000" }), "bad_config"),
            (json!({ "model": "resnet18", "epochs": 0 }), "bad_config"),
            (
                json!({ "model": "resnet18", "epochs": 0, "image_size": 1, "batch_size": 0, "seed": -1 }),
                "bad_config",
            ),
            (
                json!({ "model": "resnet18", "patience": 0, "learning_rate": 99, "classes": ["a", "a"] }),
                "bad_config",
            ),
            (json!({ "model": "resnet18", "dataset": "d".repeat(9_999) }), "bad_config"),
            (
                json!({ "model": "resnet18", "momentum": 7, "weight_decay": -1, "warmup_epochs": 999 }),
                "bad_config",
            ),
            (json!({ "model": "resnet18", "label_smoothing": 1, "initial_weights": "" }), "bad_config"),
            (json!({ "model": "resnet18", "learning_rate": -1 }), "bad_config"),
            (json!({ "model": "resnet18", "task": "detect" }), "bad_config"),
        ] {
            assert_eq!(ask(fields.clone()).err(), Some(code), "{fields}");
        }
    }
}
