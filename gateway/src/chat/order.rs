//! A training asked for without words: a proposal of the fields given, approved in the same breath.

use serde_json::{Map, Value};
use trainyard_api::Problem;
use trainyard_api::jobs::{NewJob, Ordered};
use trainyard_assistant::{Draft, Slots, catalog, proposal, reply};
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::{Command, Rejection};
use trainyard_events::chat::{Interpreter, Language};
use trainyard_events::config::{Proposal, Source};
use trainyard_events::dataset::DatasetProfile;
use trainyard_events::reason::ConfigProblem;
use trainyard_events::{Aggregate, TrainingConfig};

use super::approval;
use super::dataset::{Look, look};
use crate::error::ApiError;
use crate::extract::whole;
use crate::gateway::Gateway;
use crate::idempotency::Asker;

/// What is left out of the new job is recommended, what is unknown is refused.
pub(crate) async fn order(
    gateway: &Gateway,
    asker: &Asker,
    NewJob(fields): NewJob,
    language: Language,
) -> Result<Ordered, ApiError> {
    let fields = whole_fields(fields);
    let first = proposed(&fields, None, language)?;
    if let Some(reason) = approval::not_trainable(&first.config) {
        return Err(approval::cannot_train(reason));
    }
    if !first.missing.is_empty() {
        return Err(Rejection::ProposalIncomplete { missing: first.missing }.into());
    }
    let path = first.config.dataset.clone().unwrap_or_default();
    let proposal = match look(gateway, asker, &path, first.config.task, false).await? {
        Look::Good(profile) => proposed(&fields, Some(&profile), language)?,
        // Without what the data would recommend. A dataset that is no good fails its job, and says why there.
        Look::Pending | Look::Bad { .. } => first,
    };
    let reply = reply::proposal(&proposal, language);
    settle(gateway, asker, proposal, reply, language).await
}

/// Fields as they were written, numbers as whole as they are.
pub(super) fn whole_fields(fields: Map<String, Value>) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name, whole(value))).collect()
}

/// Proposes in a conversation of its own, and approves.
pub(super) async fn settle(
    gateway: &Gateway,
    asker: &Asker,
    proposal: Proposal,
    reply: String,
    language: Language,
) -> Result<Ordered, ApiError> {
    let chat = asker.id("chat");
    let propose = ChatCommand::ProposeConfig {
        proposal: Box::new(proposal.clone()),
        base: None,
        interpreter: Interpreter::Grammar,
        reply,
    };
    let recorded =
        gateway.ask(asker, "proposal", Aggregate::Chat(chat), Command::Chat(propose)).await?.recorded();
    // Asked for again, the proposal is the one of the first time.
    let proposal = match recorded.map(|recorded| recorded.envelope.event) {
        Some(trainyard_events::Event::Chat(trainyard_events::ChatEvent::ConfigProposed {
            proposal, ..
        })) => proposal,
        _ => proposal,
    };
    let (job, sequence) = approval::approve_at_once(gateway, asker, chat, &proposal.hash, language).await?;
    Ok(Ordered { job, proposal, sequence })
}

/// Values that no configuration can have.
fn cannot_be(refusal: &proposal::Refusal) -> Problem {
    let said = |language| reply::refusal(refusal, language);
    Problem::CannotBe { english: said(Language::English), korean: said(Language::Korean) }
}

/// The proposal of what the fields say, every one of them as given.
pub(super) fn proposed(
    fields: &Map<String, Value>,
    profile: Option<&DatasetProfile>,
    language: Language,
) -> Result<Proposal, ApiError> {
    let bad = |error: serde_json::Error| ApiError::from(Problem::BadFields { detail: error.to_string() });
    if fields.contains_key("continues") {
        return Err(Problem::ContinuesGiven.into());
    }
    let known = |name: &String| name != "models" && name != "input" && name != "job";
    let stated: Map<String, Value> = fields
        .iter()
        .filter(|(name, value)| known(name) && !value.is_null())
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    let slots: Slots = serde_json::from_value(Value::Object(stated)).map_err(bad)?;
    let draft = Draft { slots, ..Draft::default() };
    let mut proposal = proposal::propose(&draft, profile, language).map_err(|refusal| cannot_be(&refusal))?;
    let mut config = serde_json::to_value(&proposal.config).map_err(bad)?;
    for (name, value) in fields {
        config[name] = value.clone();
        proposal.sources.insert(name.clone(), Source::Said);
    }
    let config: TrainingConfig = serde_json::from_value(config).map_err(bad)?;
    if let Some(name) = config.unread.keys().next() {
        return Err(bad(serde::de::Error::custom(format!("unknown field `{name}`"))));
    }
    let mut problems = config.problems();
    if let Some(model) = catalog::find(&config.model).filter(|model| model.task != config.task) {
        let (does, asked) = (model.task, config.task);
        problems.push(ConfigProblem::ModelOfOtherTask { model: model.id.clone(), does, asked });
    }
    if !problems.is_empty() {
        return Err(Rejection::BadConfig { problems }.into());
    }
    Ok(Proposal { hash: config.hash(), config, ..proposal })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use trainyard_api::Code;

    use super::{Language, proposed};

    #[test]
    fn fields_are_taken_as_given_or_refused() {
        let ask = |fields: Value| {
            let fields = fields.as_object().cloned().expect("an object");
            let proposed = proposed(&fields, None, Language::Korean);
            proposed.map_err(|error| error.0.code())
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
            (json!({ "model": "resnet18", "surprise": 1 }), Code::BadRequest),
            (json!({ "model": "resnet18", "dataset": "d", "continues": null }), Code::BadRequest),
            (json!({ "model": "resnet18", "epochs": "many" }), Code::BadRequest),
            (json!({ "model": "resnet18", "models": ["resnet18"] }), Code::BadRequest),
            (json!({ "model": "resnet19000" }), Code::BadConfig),
            (json!({ "model": "resnet18", "epochs": 0 }), Code::BadConfig),
            (
                json!({ "model": "resnet18", "epochs": 0, "image_size": 1, "batch_size": 0, "seed": -1 }),
                Code::BadConfig,
            ),
            (
                json!({ "model": "resnet18", "patience": 0, "learning_rate": 99, "classes": ["a", "a"] }),
                Code::BadConfig,
            ),
            (json!({ "model": "resnet18", "dataset": "d".repeat(9_999) }), Code::BadConfig),
            (
                json!({ "model": "resnet18", "momentum": 7, "weight_decay": -1, "warmup_epochs": 999 }),
                Code::BadConfig,
            ),
            (json!({ "model": "resnet18", "label_smoothing": 1, "initial_weights": "" }), Code::BadConfig),
            (json!({ "model": "resnet18", "learning_rate": -1 }), Code::BadConfig),
            (json!({ "model": "resnet18", "task": "detect" }), Code::BadConfig),
        ] {
            assert_eq!(ask(fields.clone()).err(), Some(code), "{fields}");
        }
    }
}
