//! Models that people have named, for every door alike: what a version is made of, which of them answers, and who uses it.

use trainyard_api::Problem;
use trainyard_commands::endpoint::ROLES;
use trainyard_commands::model::{Model, ModelCommand};
use trainyard_commands::{Command, Rejection, State};
use trainyard_events::model::{ModelCard, Pick, picked};
use trainyard_events::{Aggregate, Event, ModelEvent, TenantId};
use trainyard_views::{JobRow, JobStatus, ModelRow, ModelVersion};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::{deployment, export_card};

/// Where an alias has gone.
pub(crate) struct Moved {
    pub(crate) version: u32,
    pub(crate) former: Option<u32>,
    /// The sequences of the events that let it answer and that moved the alias, where there had to be any.
    pub(crate) deployed: Option<u64>,
    pub(crate) sequence: Option<u64>,
}

impl Gateway {
    /// The tenant's model of that name.
    pub(crate) async fn model(&self, identity: &Identity, name: &str) -> Result<ModelRow, ApiError> {
        let tenant = &identity.tenant;
        let found = self.caught_up(|| async { Ok(self.views.model(tenant, id(tenant, name)).await?) });
        found.await?.ok_or_else(|| Problem::from(Rejection::NoSuchModel).into())
    }

    /// What is written as `NAME@VERSION` or `NAME@ALIAS`.
    pub(crate) async fn picked(
        &self,
        identity: &Identity,
        written: &str,
    ) -> Result<(ModelRow, ModelVersion), ApiError> {
        let tenant = &identity.tenant;
        let unknown = || Problem::NoSuchModelVersion { written: written.to_owned() };
        let (name, pick) = picked(written).ok_or_else(unknown)?;
        let look = || async {
            let row = self.views.model(tenant, id(tenant, name)).await?;
            Ok(row.and_then(|row| row.picked(&pick).cloned().map(|version| (row, version))))
        };
        Ok(self.caught_up(look).await?.ok_or_else(unknown)?)
    }
}

pub(crate) fn id(tenant: &TenantId, name: &str) -> Uuid {
    match Aggregate::model_called(tenant, name) {
        Aggregate::Model(id) => id,
        _ => Uuid::nil(),
    }
}

/// Makes the job's export a version of the model. Returns its number, and the sequence of the event if it is a new one.
pub(crate) async fn register(
    gateway: &Gateway,
    asker: &Asker,
    name: &str,
    job: &JobRow,
) -> Result<(u32, Option<u64>), ApiError> {
    let card = card(gateway, job).await?;
    let sha256 = card.export.sha256.clone();
    let aggregate = Aggregate::model_called(&asker.identity.tenant, name);
    let register = ModelCommand::Register { name: name.to_owned(), card: Box::new(card) };
    let handled = gateway.ask(asker, "register", aggregate, Command::Model(register)).await?;
    if let Some(recorded) = handled.recorded() {
        gateway.shown(recorded.sequence).await?;
        if let Event::Model(ModelEvent::Registered { version, .. }) = recorded.envelope.event {
            return Ok((version, Some(recorded.sequence)));
        }
    }
    let version = of_log(gateway, asker, name).await?.of_export(&sha256);
    let version = version.ok_or_else(|| ApiError::internal("what is registered has no number"))?;
    Ok((version, None))
}

async fn card(gateway: &Gateway, job: &JobRow) -> Result<ModelCard, ApiError> {
    let number = job.number;
    match job.status {
        JobStatus::Finished => {}
        status => return Err(Problem::NoModel { number, status }.into()),
    }
    let of_role = |role: &str| job.artifacts.iter().find(|artifact| artifact.role == role).cloned();
    let export = ROLES.into_iter().find_map(of_role).ok_or(Rejection::NoWeights)?;
    let told = export_card::read(&gateway.store, &export).await?;
    let config = &job.config;
    Ok(ModelCard {
        job: job.id,
        weights: of_role("weights"),
        export,
        task: config.task,
        model: config.model.clone(),
        runner: config.runner.clone(),
        licence: told.as_ref().and_then(|card| card.licence.clone()),
        classes: job.classes.clone(),
        preprocessing: told.as_ref().map(|card| card.preprocessing.clone()),
        output: told.and_then(|card| card.output),
        dataset: config.dataset.clone(),
        dataset_hash: job.dataset_hash.clone(),
        config_hash: job.config_hash.clone(),
        measurements: job.best.clone().unwrap_or_default(),
    })
}

/// Has the alias name this version, which answers before it does.
pub(crate) async fn promote(
    gateway: &Gateway,
    asker: &Asker,
    (name, alias): (&str, &str),
    version: u32,
) -> Result<Moved, ApiError> {
    let model = of_log(gateway, asker, name).await?;
    let command = ModelCommand::Alias { alias: alias.to_owned(), version };
    move_to(gateway, asker, &model, (alias, version), command).await
}

/// Has the alias name the version that it named before.
pub(crate) async fn roll_back(
    gateway: &Gateway,
    asker: &Asker,
    (name, alias): (&str, &str),
) -> Result<Moved, ApiError> {
    let model = of_log(gateway, asker, name).await?;
    // Without a former version the decision says why not.
    let to = model.aliases.get(alias).and_then(|named| named.former).unwrap_or(0);
    let command = ModelCommand::RollBack { alias: alias.to_owned(), to };
    move_to(gateway, asker, &model, (alias, to), command).await
}

async fn move_to(
    gateway: &Gateway,
    asker: &Asker,
    model: &Model,
    (alias, version): (&str, u32),
    command: ModelCommand,
) -> Result<Moved, ApiError> {
    // What would be refused lets nothing answer.
    model.decide(&command)?;
    let former = model.aliases.get(alias).map(|named| named.version);
    let mut deployed = None;
    if let Some(known) = model.versions.get(&version) {
        let job = gateway.job(&asker.identity, &known.card.job.to_string()).await?;
        deployed = deployment::deploy(gateway, asker, &job).await?;
    }
    let aggregate = Aggregate::model_called(&asker.identity.tenant, &model.name);
    let handled = gateway.ask(asker, "alias", aggregate, Command::Model(command)).await?;
    let mut moved = Moved { version, former, deployed, sequence: None };
    if let Some(recorded) = handled.recorded() {
        gateway.shown(recorded.sequence).await?;
        moved.sequence = Some(recorded.sequence);
        if let Event::Model(ModelEvent::Aliased { version, former, .. }) = recorded.envelope.event {
            (moved.version, moved.former) = (version, former);
        }
    }
    Ok(moved)
}

/// What the log says of a model, which may be that there is none.
pub(crate) async fn of_log(gateway: &Gateway, asker: &Asker, name: &str) -> Result<Model, ApiError> {
    let tenant = &asker.identity.tenant;
    let opened = gateway.door.open(tenant, &Aggregate::model_called(tenant, name)).await?;
    match opened.state() {
        State::Model(model) => Ok(Model::clone(model)),
        _ => Ok(Model::default()),
    }
}

/// Weights to start from as they are written, with the number of the version that an alias names at this moment: what is
/// proposed means the same when the alias has moved. Anything but a model is left as it is.
pub(crate) async fn pinned(
    gateway: &Gateway,
    asker: &Asker,
    written: &str,
) -> Result<Result<String, Rejection>, ApiError> {
    let Some((name, pick)) = picked(written) else { return Ok(Ok(written.to_owned())) };
    let model = of_log(gateway, asker, name).await?;
    if model.versions.is_empty() {
        return Ok(Err(Rejection::NoSuchModel));
    }
    let version = match pick {
        Pick::Version(version) => version,
        Pick::Alias(alias) => match model.aliases.get(alias) {
            Some(named) => named.version,
            None => return Ok(Err(Rejection::NoSuchAlias { alias: alias.to_owned() })),
        },
    };
    Ok(match model.versions.get(&version) {
        None => Err(Rejection::NoSuchModelVersion { version }),
        Some(known) if known.card.weights.is_none() => Err(Rejection::NoWeights),
        Some(_) => Ok(format!("{name}@{version}")),
    })
}
