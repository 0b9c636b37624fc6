//! The models that people have named: their versions, and what each alias names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::model::{ModelCard, Pick, Share};
use trainyard_events::{Aggregate, Event, ModelEvent, Recorded, TenantId};
use uuid::Uuid;

use crate::Quarantined;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelVersion {
    pub number: u32,
    pub card: ModelCard,
    /// Put away: no alias can name it.
    pub archived: bool,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub registered_at: OffsetDateTime,
}

/// What an alias names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Named {
    pub version: u32,
    /// The version before, where a roll back goes.
    pub former: Option<u32>,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub since: OffsetDateTime,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelRow {
    pub tenant: TenantId,
    pub id: Uuid,
    pub name: String,
    /// The oldest first.
    pub versions: Vec<ModelVersion>,
    pub aliases: BTreeMap<String, Named>,
    /// Of the images that it is asked about by its name, so many are kept for review.
    pub sampling: Share,
    /// Those kept until then are deleted.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub samples_deleted_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub registered_at: OffsetDateTime,
    /// Of the last change.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub at: OffsetDateTime,
    /// Set while its history has an event that cannot be read. By no fold: the reader of the log knows.
    pub quarantine: Option<Quarantined>,
    pub sequence: u64,
}

impl ModelRow {
    /// The version of that number.
    pub fn version(&self, number: u32) -> Option<&ModelVersion> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// What a version's number or an alias names now.
    pub fn picked(&self, pick: &Pick<'_>) -> Option<&ModelVersion> {
        match pick {
            Pick::Version(number) => self.version(*number),
            Pick::Alias(alias) => self.version(self.aliases.get(*alias)?.version),
        }
    }

    /// Folds one event into the row of its model, and says whether it counted.
    pub fn apply(row: &mut Option<ModelRow>, recorded: &Recorded) -> bool {
        let envelope = &recorded.envelope;
        let (Aggregate::Model(id), Event::Model(event)) = (&envelope.aggregate, &envelope.event) else {
            return false;
        };
        if row.as_ref().is_some_and(|row| recorded.sequence <= row.sequence) {
            return false;
        }
        if let ModelEvent::Registered { name, .. } = event {
            row.get_or_insert_with(|| ModelRow {
                tenant: envelope.tenant.clone(),
                id: *id,
                name: name.clone(),
                versions: Vec::new(),
                aliases: BTreeMap::new(),
                sampling: Share::default(),
                samples_deleted_at: None,
                registered_at: envelope.at,
                at: envelope.at,
                quarantine: None,
                sequence: 0,
            });
        }
        row.as_mut().is_some_and(|row| row.change(event, recorded))
    }

    fn change(&mut self, event: &ModelEvent, recorded: &Recorded) -> bool {
        let at = recorded.envelope.at;
        match event {
            ModelEvent::Registered { version, card, .. } => self.versions.push(ModelVersion {
                number: *version,
                card: ModelCard::clone(card),
                archived: false,
                registered_at: at,
            }),
            ModelEvent::Aliased { alias, version, former } => {
                let named = Named { version: *version, former: *former, since: at };
                self.aliases.insert(alias.clone(), named);
            }
            ModelEvent::AliasRemoved { alias } => drop(self.aliases.remove(alias)),
            ModelEvent::Archived { version } => self.put_away(*version, true),
            ModelEvent::Restored { version } => self.put_away(*version, false),
            ModelEvent::SamplingSet { share } => self.sampling = *share,
            ModelEvent::SamplesDeleted {} => self.samples_deleted_at = Some(at),
        }
        self.at = at;
        self.sequence = recorded.sequence;
        true
    }

    fn put_away(&mut self, number: u32, archived: bool) {
        for version in self.versions.iter_mut().filter(|version| version.number == number) {
            version.archived = archived;
        }
    }
}
