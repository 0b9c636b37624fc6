//! A look at a dataset by the fleet, awaited for a moment, so that a proposal can use what was found.

use std::time::Duration;

use trainyard_bus::EventLog;
use trainyard_commands::dataset::{Bad, Dataset, DatasetCommand, Verdict};
use trainyard_commands::{Command, State};
use trainyard_conversation::{Look, Looked};
use trainyard_door::Handled;
use trainyard_events::dataset::{DatasetSource, is_name, parted, tagged};
use trainyard_events::reason::{Advice, Rejection, Unfit};
use trainyard_events::{Aggregate, DatasetEvent, Event, Recorded};

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;

/// How long an answer waits for the fleet.
const LOOK_WAIT: Duration = Duration::from_secs(8);

/// What is known of a dataset; if nothing is, or if asked to look again, the fleet looks.
pub(super) async fn look(
    gateway: &Gateway,
    asker: &Asker,
    Looked { path, task, again }: &Looked,
) -> Result<Look, ApiError> {
    if let Some(bad) = unusable(gateway, asker, path).await? {
        return Ok(Look::Bad(Box::new(bad)));
    }
    let dataset = Aggregate::dataset_at(&asker.identity.tenant, path);
    if !*again && let Some(known) = known(gateway, asker, &dataset).await? {
        return Ok(known);
    }
    let (name, _) = parted(path);
    // What was uploaded is looked at where it lies, and what has an address is fetched from there.
    let source = match gateway.door.open(&asker.identity.tenant, &dataset).await?.state() {
        State::Dataset(dataset) if dataset.source != DatasetSource::Path => dataset.source.clone(),
        _ => DatasetSource::at(name, None).unwrap_or_default(),
    };
    let register = DatasetCommand::Register { path: name.to_owned(), task: *task, source, again: true };
    let handled = gateway.ask(asker, "dataset", dataset.clone(), Command::Dataset(register)).await?;
    let since = match handled {
        Handled::Recorded(registered) => registered.sequence,
        // Somebody has asked already and not been answered.
        Handled::AlreadySo => match gateway.door.open(&asker.identity.tenant, &dataset).await?.state() {
            State::Dataset(dataset) => dataset.inspection,
            _ => 0,
        },
    };
    wait(gateway, asker, &dataset, since, since).await;
    Ok(known(gateway, asker, &dataset).await?.unwrap_or(Look::Pending))
}

/// The dataset as it is written, with the number of the version that a tag names at this moment: what is proposed means the
/// same when the tag has moved. Refused is what no job may be begun on.
pub(super) async fn pinned(
    gateway: &Gateway,
    asker: &Asker,
    written: &str,
) -> Result<Result<String, Rejection>, ApiError> {
    let (name, tag) = tagged(written).map_or((written, None), |(name, tag)| (name, Some(tag)));
    let dataset = of_log(gateway, asker, name).await?;
    if dataset.archived.is_some() {
        return Ok(Err(Rejection::DatasetArchived));
    }
    // Where no dataset is called so, it is a folder with a name like that.
    let Some(tag) = tag.filter(|_| dataset.verdict != Verdict::Unknown) else {
        return Ok(Ok(written.to_owned()));
    };
    let version = dataset.tags.get(tag).map(|version| format!("{name}@{version}"));
    Ok(version.ok_or_else(|| Rejection::NoSuchTag { tag: tag.to_owned() }))
}

/// Why no job can be begun on what is called so, whatever is in it.
async fn unusable(gateway: &Gateway, asker: &Asker, written: &str) -> Result<Option<Bad>, ApiError> {
    let (name, tag) = tagged(written).map_or((parted(written).0, None), |(name, tag)| (name, Some(tag)));
    let dataset = of_log(gateway, asker, name).await?;
    let (unfit, advice) = match (&dataset.verdict, tag) {
        _ if dataset.archived.is_some() => (Unfit::DatasetArchived, Advice::RestoreDataset),
        (Verdict::Deleted, _) if is_name(name) => (Unfit::DatasetDeleted, Advice::AddDatasetAgain),
        (Verdict::Unknown, _) | (_, None) => return Ok(None),
        (_, Some(tag)) => {
            let (tag, tags) = (tag.to_owned(), dataset.tags.into_keys().collect());
            (Unfit::NoSuchTag { tag, tags }, Advice::NameOtherTag)
        }
    };
    Ok(Some(Bad { because: vec![unfit.into()], advice: vec![advice], ..Bad::default() }))
}

async fn of_log(gateway: &Gateway, asker: &Asker, name: &str) -> Result<Dataset, ApiError> {
    let tenant = &asker.identity.tenant;
    let opened = gateway.door.open(tenant, &Aggregate::dataset_at(tenant, name)).await?;
    match opened.state() {
        State::Dataset(dataset) => Ok(Dataset::clone(dataset)),
        _ => Ok(Dataset::default()),
    }
}

/// What has been found at `path` after `since`; a look that is under way is waited for.
pub(super) async fn news(
    gateway: &Gateway,
    asker: &Asker,
    path: &str,
    since: u64,
) -> Result<Option<Look>, ApiError> {
    let dataset = Aggregate::dataset_at(&asker.identity.tenant, path);
    if let Some(Look::Pending) = known(gateway, asker, &dataset).await? {
        wait(gateway, asker, &dataset, since, 0).await;
    }
    let history = gateway.bus.log().history(&asker.identity.tenant, &dataset, since).await?;
    if history.iter().any(|recorded| is_verdict(recorded, 0)) {
        return known(gateway, asker, &dataset).await;
    }
    Ok(None)
}

/// Until the fleet has answered, after `after`, a registration at `since` or later; or as long as an answer may take.
async fn wait(gateway: &Gateway, asker: &Asker, dataset: &Aggregate, after: u64, since: u64) {
    let tenant = &asker.identity.tenant;
    let ours =
        |recorded: &Recorded| recorded.envelope.aggregate == *dataset && recorded.envelope.tenant == *tenant;
    gateway.hub.wait(after, LOOK_WAIT, |recorded| is_verdict(recorded, since) && ours(recorded)).await;
}

/// On the registration at `since` or a later one.
fn is_verdict(recorded: &Recorded, since: u64) -> bool {
    match &recorded.envelope.event {
        Event::Dataset(
            DatasetEvent::Validated { inspection, .. } | DatasetEvent::Rejected { inspection, .. },
        ) => *inspection >= since,
        _ => false,
    }
}

/// As the log has it; `None` if nobody has ever asked.
async fn known(gateway: &Gateway, asker: &Asker, dataset: &Aggregate) -> Result<Option<Look>, ApiError> {
    let opened = gateway.door.open(&asker.identity.tenant, dataset).await?;
    let State::Dataset(dataset) = opened.state() else { return Ok(None) };
    Ok(match &dataset.verdict {
        Verdict::Unknown | Verdict::Deleted => None,
        Verdict::Pending => Some(Look::Pending),
        Verdict::Good(profile) => Some(Look::Good(profile.clone())),
        Verdict::Bad(bad) => Some(Look::Bad(bad.clone())),
    })
}
