//! Looks at datasets: a verdict becomes a fact, with the manifest in the store, and pictures where they could be made.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use trainyard_bus::{Delivery, EventLog};
use trainyard_child::Backoff;
use trainyard_commands::dataset::{DatasetCommand, Verdict};
use trainyard_commands::{Command, Rejection, Request, State, derived_id};
use trainyard_data::files;
use trainyard_door::HandleError;
use trainyard_events::dataset::DatasetSource;
use trainyard_events::fleet::WorkMessage;
use trainyard_events::reason::{Advice, Cause, Reason, Unfit};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::{Inspection, LookStage};
use trainyard_events::{Actor, Aggregate, TenantId, limits};
use trainyard_store::StoreError;
use uuid::Uuid;

use crate::agent::Agent;
use crate::intake::Intake;
use crate::keep::NotKept;
use crate::look::{bad, look_into};
use crate::progress::Progress;
use crate::queue::settle;
use crate::samples::{self, LookFolder};
use crate::taken::{NotTaken, Taken};
use crate::why::system;
use crate::{keep, manifest, paths};

/// Crashes of the inspector after which the dataset counts as bad.
const TRIES: u64 = 3;
/// The list of a dataset's files.
const LIST_BYTES: u64 = 1 << 30;
const BEFORE_NEXT_TRY: Duration = Duration::from_secs(5);

/// One dataset to look at.
#[derive(Clone)]
struct Wanted {
    tenant: TenantId,
    dataset: Uuid,
    /// Sequence of the registration.
    inspection: u64,
    path: String,
    source: DatasetSource,
}

/// What to tell the queue.
enum Told {
    Done,
    Again(Duration),
}

/// Looks at the dataset that the message names, if that is still wanted.
pub(crate) async fn take(agent: Arc<Agent>, delivery: Delivery) {
    let WorkMessage::Inspect { tenant, dataset, inspection, path, .. } = delivery.message.clone() else {
        tracing::error!(message = ?delivery.message, "this does not belong on the queue of inspections");
        return settle(delivery.ack().await);
    };
    let wanted = Wanted { tenant, dataset, inspection, path, source: DatasetSource::Path };
    let Some(_looking) = Looking::begin(&agent, &wanted) else {
        // Asked again because it takes long: whoever looks already answers.
        return settle(delivery.ack().await);
    };
    let told = tokio::select! {
        told = answer(&agent, &wanted, delivery.deliveries) => told.unwrap_or_else(|error| {
            tracing::warn!(%dataset, %error, "the dataset's history cannot be used now");
            Told::Again(BEFORE_NEXT_TRY)
        }),
        never = stay_ours(&delivery) => never,
        () = agent.stop.cancelled() => Told::Again(Duration::ZERO),
    };
    settle(match told {
        Told::Done => delivery.ack().await,
        Told::Again(after) => delivery.again(after).await,
    });
}

/// A look of this agent that is under way.
struct Looking<'a> {
    agent: &'a Agent,
    key: (Uuid, u64),
}

impl<'a> Looking<'a> {
    /// `None` if there is one already.
    fn begin(agent: &'a Agent, wanted: &Wanted) -> Option<Looking<'a>> {
        let key = (wanted.dataset, wanted.inspection);
        agent.looks().insert(key).then_some(Looking { agent, key })
    }
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.agent.looks().remove(&self.key);
    }
}

async fn stay_ours(delivery: &Delivery) -> Told {
    loop {
        sleep(limits::COMMAND_ACK_WAIT / 3).await;
        settle(delivery.in_progress().await);
    }
}

async fn answer(agent: &Agent, wanted: &Wanted, deliveries: u64) -> Result<Told, HandleError> {
    let aggregate = Aggregate::Dataset(wanted.dataset);
    let opened = agent.door.open(&wanted.tenant, &aggregate).await?;
    let source = match opened.state() {
        State::Dataset(dataset)
            if dataset.verdict == Verdict::Pending && dataset.inspection == wanted.inspection =>
        {
            dataset.source.clone()
        }
        _ => return Ok(Told::Done),
    };
    let wanted = &Wanted { source, ..wanted.clone() };
    let found = match found(agent, wanted).await {
        Ok(found) => found,
        Err(NotYet::Store(error)) => {
            tracing::warn!(path = wanted.path, %error, "the manifest cannot be kept now; the look is tried again");
            return Ok(Told::Again(BEFORE_NEXT_TRY));
        }
        Err(NotYet::Log(error)) => return Err(error),
        Err(NotYet::Here(unfit, _)) if deliveries < TRIES => {
            tracing::warn!(dataset = %wanted.dataset, ?unfit, "the inspection failed; it is tried again");
            return Ok(Told::Again(BEFORE_NEXT_TRY));
        }
        Err(NotYet::Here(unfit, advice)) => {
            Found { result: bad(unfit, advice), artifacts: Vec::new(), manifest: None }
        }
    };
    record(agent, wanted, found).await
}

/// What came of a look, in the store.
struct Found {
    result: Inspection,
    artifacts: Vec<Artifact>,
    manifest: Option<Artifact>,
}

/// Why there is no verdict yet.
enum NotYet {
    /// It is the fault of the inspector, of this machine or of somebody who is away, and not the dataset's.
    Here(Unfit, Advice),
    Store(StoreError),
    Log(HandleError),
}

impl NotYet {
    fn inspector(unfit: Unfit) -> NotYet {
        NotYet::Here(unfit, Advice::RepairAndRegister)
    }
}

/// What the inspector finds, with what it leaves in the store.
async fn found(agent: &Agent, wanted: &Wanted) -> Result<Found, NotYet> {
    let only = |result| Found { result, artifacts: Vec::new(), manifest: None };
    let progress = Progress::begin(agent, &wanted.tenant, wanted.dataset, wanted.inspection);
    let folder = LookFolder::create(&agent.config.work_dir)
        .map_err(|error| NotYet::inspector(Unfit::InspectorNotStarted { cause: system(&error) }))?;
    let Taken { tree, archive } = match had(agent, wanted, folder.path()).await? {
        Ok(taken) => taken,
        Err((unfit, advice)) => return Ok(only(bad(unfit, advice))),
    };
    progress.at(LookStage::Read, 0, 0);
    let read_so_far = |images, of| progress.at(LookStage::Read, images, of);
    let seen = look_into(&agent.config, &tree, archive.as_deref(), folder.path(), read_so_far);
    let seen = seen.await.map_err(NotYet::inspector)?;
    if let Inspection::Bad { because, advice, .. } = &seen.verdict {
        return match (&because[..], &advice[..]) {
            // Not the archive's fault: another machine may have room.
            ([Reason::Unfit(unfit @ Unfit::DiskUnusable { .. })], [advice]) => {
                Err(NotYet::Here(unfit.clone(), advice.clone()))
            }
            _ => Ok(only(seen.verdict)),
        };
    }
    // The content first: a version without it would promise what there is not.
    if let (Some(manifest), Some(_)) = (&seen.manifest, wanted.source.address()) {
        let places = (tree.as_path(), folder.path());
        let quota = bytes_quota(agent, &wanted.tenant).await?;
        let kept = |images, of| progress.at(LookStage::Keep, images, of);
        match keep::images(&agent.store, &wanted.tenant, manifest, places, (quota, agent.clock), kept).await {
            Ok(()) => {}
            Err(NotKept::Store(error)) => return Err(NotYet::Store(error)),
            Err(NotKept::NoRoom { used, asked, limit }) => {
                return Ok(only(bad(Unfit::NoBytesLeft { used, asked, limit }, Advice::FreeBytes)));
            }
        }
    }
    let manifest = match &seen.manifest {
        Some(file) => Some(manifest::keep(&agent.store, wanted.dataset, file).await.map_err(NotYet::Store)?),
        None => None,
    };
    let of = (wanted.dataset, wanted.inspection);
    let artifacts = samples::keep(&agent.store, of, folder.path(), &seen.drawn).await;
    Ok(Found { result: seen.verdict, artifacts, manifest })
}

/// What the tenant's datasets may take up in the store, by what the log says now.
async fn bytes_quota(agent: &Agent, tenant: &TenantId) -> Result<Option<u64>, NotYet> {
    let opened = agent.door.open(tenant, &Aggregate::Tenant(tenant.clone())).await.map_err(NotYet::Log)?;
    Ok(match opened.state() {
        State::Tenant(tenant) => tenant.dataset_bytes,
        _ => None,
    })
}

/// The dataset on this machine, wherever it comes from; an inner error is the dataset's.
async fn had(
    agent: &Agent,
    wanted: &Wanted,
    folder: &Path,
) -> Result<Result<Taken, (Unfit, Advice)>, NotYet> {
    let lies_at = |tree| Taken { tree, archive: None };
    Ok(match &wanted.source {
        DatasetSource::Archive { .. } | DatasetSource::Bucket { .. } => {
            let (sources, store, tenant) = (&agent.config.sources, &agent.store, &wanted.tenant);
            match (Intake { sources, store, tenant, folder }).take(&wanted.source).await {
                Err(NotTaken::Passing(unfit, advice)) => return Err(NotYet::Here(*unfit, advice)),
                Err(NotTaken::Unfit(unfit, advice)) => Err((*unfit, advice)),
                Ok(taken) => Ok(taken),
            }
        }
        DatasetSource::Files { list } => {
            let tree = folder.join("files");
            let fetched = fetched(agent, wanted, list, &tree).await?;
            fetched.map(|()| lies_at(tree)).map_err(|unfit| (unfit, Advice::UploadAgain))
        }
        DatasetSource::Path => {
            let path = paths::allowed(&wanted.path, &wanted.tenant, &agent.config.dataset_roots);
            path.map(lies_at).map_err(|unfit| match unfit {
                Unfit::OutsideRoots { .. } => (unfit, Advice::UploadOrAllow),
                unfit => (unfit, Advice::RegisterElsewhere),
            })
        }
    })
}

/// Puts the files of a list below `tree`; an inner error is the list's.
async fn fetched(
    agent: &Agent,
    wanted: &Wanted,
    list: &Artifact,
    tree: &Path,
) -> Result<Result<(), Unfit>, NotYet> {
    let text = agent.store.get_bytes(&list.key, LIST_BYTES).await;
    let text = match text {
        Ok(text) => text,
        Err(error) if error.may_pass() => return Err(NotYet::Store(error)),
        Err(error) => return Ok(Err(Unfit::FilesMissing { cause: Cause::said(error.to_string()) })),
    };
    let files = match files::read(&text[..]) {
        Ok(files) => files,
        Err(error) => return Ok(Err(Unfit::FilesMissing { cause: Cause::said(error.to_string()) })),
    };
    let files = files.into_iter().map(|file| (file.name, file.sha256)).collect();
    match agent.cache(&wanted.tenant).lay_out(files, tree).await {
        Ok(()) => Ok(Ok(())),
        Err(error @ StoreError::Missing { .. }) => {
            Ok(Err(Unfit::FilesMissing { cause: Cause::said(error.to_string()) }))
        }
        Err(error) => Err(NotYet::Store(error)),
    }
}

/// Writes the verdict, however long the bus is away.
async fn record(agent: &Agent, wanted: &Wanted, found: Found) -> Result<Told, HandleError> {
    let Found { mut result, artifacts, mut manifest } = found;
    let aggregate = Aggregate::Dataset(wanted.dataset);
    let since = agent.log.history(&wanted.tenant, &aggregate, wanted.inspection.saturating_sub(1)).await?;
    let Some(registered) = since.into_iter().next() else { return Ok(Told::Done) };
    let cause = registered.envelope;
    let mut backoff = Backoff::default();
    loop {
        let request = Request {
            id: derived_id(cause.event_id, "inspection"),
            tenant: wanted.tenant.clone(),
            aggregate: aggregate.clone(),
            actor: Actor::Worker(agent.name.clone()),
            correlation_id: cause.correlation_id,
            causation_id: Some(cause.event_id),
            command: Command::Dataset(DatasetCommand::RecordInspection {
                inspection: wanted.inspection,
                result: result.clone(),
                artifacts: artifacts.clone(),
                manifest: manifest.clone(),
            }),
        };
        match agent.door.handle(request).await {
            Ok(_) => return Ok(Told::Done),
            Err(HandleError::Unavailable(_)) => backoff.wait().await,
            Err(HandleError::Rejected(Rejection::TooLarge { bytes, limit }))
                if matches!(result, Inspection::Good { .. }) =>
            {
                result = bad(Unfit::ProfileTooLarge { bytes, limit }, Advice::FewerClasses);
                manifest = None;
            }
            Err(HandleError::Rejected(rejection)) => {
                tracing::info!(dataset = %wanted.dataset, %rejection, "the verdict is not wanted");
                return Ok(Told::Done);
            }
            Err(error) => return Err(error),
        }
    }
}
