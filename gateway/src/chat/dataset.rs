//! A look at a dataset by the fleet, awaited for a moment, so that a proposal can use what was found.

use std::time::Duration;

use trainyard_bus::EventLog;
use trainyard_commands::dataset::{DatasetCommand, Verdict};
use trainyard_commands::{Command, State};
use trainyard_conversation::{Look, Looked};
use trainyard_door::Handled;
use trainyard_events::dataset::{DatasetSource, parted};
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
        Verdict::Unknown => None,
        Verdict::Pending => Some(Look::Pending),
        Verdict::Good(profile) => Some(Look::Good(profile.clone())),
        Verdict::Bad(bad) => Some(Look::Bad(bad.clone())),
    })
}
