//! Pure: a model of ours as a registered model of MLflow, folded from its history.

use std::collections::{BTreeMap, BTreeSet};

use trainyard_events::model::ModelCard;
use trainyard_events::{Event, ModelEvent, Recorded, TenantId};
use uuid::Uuid;

use crate::names::{TAG_CHARS, alias, cut};
use crate::run::{OURS, link};
use crate::server::Texts;

/// The tag of a version that was put away.
pub(crate) const ARCHIVED: &str = "trainyard.archived";

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Empty before it has a version.
    pub(crate) name: String,
    pub(crate) versions: BTreeMap<u32, Version>,
    pub(crate) aliases: BTreeMap<String, u32>,
    /// Every alias that there has ever been: those that others have made in MLflow stay.
    pub(crate) ours: BTreeSet<String>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Version {
    pub(crate) job: Uuid,
    pub(crate) source: String,
    pub(crate) archived: bool,
    tags: Texts,
}

impl Model {
    /// Takes in the next event of the model. `bucket` is where its files are.
    pub(crate) fn take(&mut self, recorded: &Recorded, bucket: &str) {
        let Event::Model(event) = &recorded.envelope.event else { return };
        match event {
            ModelEvent::Registered { name, version, card } => {
                self.name = registered(&recorded.envelope.tenant, name);
                self.versions.insert(*version, Version::of(*version, card, bucket));
            }
            ModelEvent::Aliased { alias: said, version, .. } => {
                self.ours.insert(alias(said));
                self.aliases.insert(alias(said), *version);
            }
            ModelEvent::AliasRemoved { alias: said } => drop(self.aliases.remove(&alias(said))),
            ModelEvent::Archived { version } => self.put_away(*version, true),
            ModelEvent::Restored { version } => self.put_away(*version, false),
            ModelEvent::SamplingSet { .. } | ModelEvent::SamplesDeleted {} => {}
        }
    }

    fn put_away(&mut self, version: u32, archived: bool) {
        if let Some(version) = self.versions.get_mut(&version) {
            version.archived = archived;
        }
    }
}

impl Version {
    fn of(number: u32, card: &ModelCard, bucket: &str) -> Version {
        let said = [
            ("version", Some(number.to_string())),
            ("job", Some(card.job.to_string())),
            ("sha256", Some(card.export.sha256.clone())),
            ("task", Some(card.task.to_string())),
            ("model", Some(card.model.clone())),
            ("config_hash", Some(card.config_hash.clone())),
            ("dataset", card.dataset.clone()),
            ("dataset_hash", card.dataset_hash.clone()),
            ("runner", card.runner.clone()),
            ("licence", card.licence.clone()),
            ("weights", card.weights.as_ref().map(|weights| link(weights, bucket))),
        ];
        let tag = |(name, value): (&str, Option<String>)| {
            let value = value.filter(|value| !value.is_empty())?;
            Some((format!("{OURS}{name}"), cut(&value, TAG_CHARS)))
        };
        let tags = said.into_iter().filter_map(tag).collect();
        Version { job: card.job, source: link(&card.export, bucket), archived: false, tags }
    }

    pub(crate) fn tags(&self) -> Texts {
        let mut tags = self.tags.clone();
        tags.insert(ARCHIVED.to_owned(), self.archived.to_string());
        tags
    }
}

/// The name of a model on a server that all tenants share. A tenant has no dot in its name.
fn registered(tenant: &TenantId, name: &str) -> String {
    format!("{tenant}.{name}")
}
