//! A model: what people call it, its versions, each of one finished job, and the aliases that name one of them.

use std::collections::BTreeMap;

use trainyard_events::dataset::is_name;
use trainyard_events::model::{ModelCard, Share, is_alias};
use trainyard_events::reason::Rejection;
use trainyard_events::{ModelEvent, limits};

use crate::endpoint::ROLES;

#[derive(Clone, Debug, PartialEq)]
pub enum ModelCommand {
    /// The same export again is the same version.
    Register {
        name: String,
        card: Box<ModelCard>,
    },
    /// Whether the version answers at its endpoint, who asks has to see to.
    Alias {
        alias: String,
        version: u32,
    },
    /// Back to the version that the alias named before, which the asker knows as `to`.
    RollBack {
        alias: String,
        to: u32,
    },
    RemoveAlias {
        alias: String,
    },
    Archive {
        version: u32,
    },
    Restore {
        version: u32,
    },
    /// Of what it is asked about, keep so much for review.
    Sample {
        share: Share,
    },
    DeleteSamples,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub name: String,
    pub versions: BTreeMap<u32, Version>,
    pub aliases: BTreeMap<String, Named>,
    pub sampling: Share,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub card: ModelCard,
    pub archived: bool,
}

/// What an alias names, and named before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    pub version: u32,
    pub former: Option<u32>,
}

impl Model {
    pub fn evolve(&mut self, event: &ModelEvent) {
        match event {
            ModelEvent::Registered { name, version, card } => {
                self.name.clone_from(name);
                let version_of = Version { card: ModelCard::clone(card), archived: false };
                self.versions.insert(*version, version_of);
            }
            ModelEvent::Aliased { alias, version, former } => {
                self.aliases.insert(alias.clone(), Named { version: *version, former: *former });
            }
            ModelEvent::AliasRemoved { alias } => drop(self.aliases.remove(alias)),
            ModelEvent::Archived { version } => self.put_away(*version, true),
            ModelEvent::Restored { version } => self.put_away(*version, false),
            ModelEvent::SamplingSet { share } => self.sampling = *share,
            ModelEvent::SamplesDeleted {} => {}
        }
    }

    fn put_away(&mut self, number: u32, archived: bool) {
        if let Some(version) = self.versions.get_mut(&number) {
            version.archived = archived;
        }
    }

    /// The version that was made of this export, if it is one already.
    pub fn of_export(&self, sha256: &str) -> Option<u32> {
        let made_of = |version: &&Version| version.card.export.sha256 == sha256;
        self.versions.iter().find(|(_, version)| made_of(version)).map(|(number, _)| *number)
    }

    pub fn decide(&self, command: &ModelCommand) -> Result<Option<ModelEvent>, Rejection> {
        if let ModelCommand::Register { name, card } = command {
            return self.register(name, card);
        }
        if self.versions.is_empty() {
            return Err(Rejection::NoSuchModel);
        }
        match command {
            ModelCommand::Register { .. } => Ok(None),
            ModelCommand::Alias { alias, version } => self.alias(alias, *version),
            ModelCommand::RollBack { alias, to } => self.roll_back(alias, *to),
            ModelCommand::RemoveAlias { alias } => {
                self.named(alias)?;
                Ok(Some(ModelEvent::AliasRemoved { alias: alias.clone() }))
            }
            ModelCommand::Archive { version } => self.archive(*version),
            ModelCommand::Restore { version } => {
                let is_archived = self.version(*version)?.archived;
                Ok(is_archived.then_some(ModelEvent::Restored { version: *version }))
            }
            ModelCommand::Sample { share } => {
                Ok((*share != self.sampling).then_some(ModelEvent::SamplingSet { share: *share }))
            }
            ModelCommand::DeleteSamples => Ok(Some(ModelEvent::SamplesDeleted {})),
        }
    }

    fn register(&self, name: &str, card: &ModelCard) -> Result<Option<ModelEvent>, Rejection> {
        if !is_name(name) {
            return Err(Rejection::BadModelName);
        }
        if !ROLES.contains(&card.export.role.as_str()) {
            return Err(Rejection::NoWeights);
        }
        if self.of_export(&card.export.sha256).is_some() {
            return Ok(None);
        }
        if self.versions.len() >= limits::MODEL_VERSIONS {
            return Err(Rejection::TooManyModelVersions { limit: limits::MODEL_VERSIONS as u64 });
        }
        // Versions are put away and never taken out, so the newest has the highest number there was.
        let version = self.versions.last_key_value().map_or(1, |(newest, _)| newest + 1);
        Ok(Some(ModelEvent::Registered { name: name.to_owned(), version, card: Box::new(card.clone()) }))
    }

    fn alias(&self, alias: &str, version: u32) -> Result<Option<ModelEvent>, Rejection> {
        if !is_alias(alias) {
            return Err(Rejection::BadAlias);
        }
        if self.version(version)?.archived {
            return Err(Rejection::ModelVersionArchived { version });
        }
        let before = self.aliases.get(alias);
        match before {
            Some(named) if named.version == version => return Ok(None),
            None if self.aliases.len() >= limits::MODEL_ALIASES => {
                return Err(Rejection::TooManyAliases { limit: limits::MODEL_ALIASES as u64 });
            }
            _ => {}
        }
        let former = before.map(|named| named.version);
        Ok(Some(ModelEvent::Aliased { alias: alias.to_owned(), version, former }))
    }

    fn roll_back(&self, alias: &str, to: u32) -> Result<Option<ModelEvent>, Rejection> {
        match self.named(alias)?.former {
            None => Err(Rejection::NoFormerVersion { alias: alias.to_owned() }),
            Some(former) if former != to => Err(Rejection::MovedOn),
            Some(former) => self.alias(alias, former),
        }
    }

    fn archive(&self, version: u32) -> Result<Option<ModelEvent>, Rejection> {
        let is_archived = self.version(version)?.archived;
        if let Some((alias, _)) = self.aliases.iter().find(|(_, named)| named.version == version) {
            return Err(Rejection::ModelVersionNamed { version, alias: alias.clone() });
        }
        Ok((!is_archived).then_some(ModelEvent::Archived { version }))
    }

    fn version(&self, number: u32) -> Result<&Version, Rejection> {
        self.versions.get(&number).ok_or(Rejection::NoSuchModelVersion { version: number })
    }

    fn named(&self, alias: &str) -> Result<&Named, Rejection> {
        self.aliases.get(alias).ok_or_else(|| Rejection::NoSuchAlias { alias: alias.to_owned() })
    }
}
