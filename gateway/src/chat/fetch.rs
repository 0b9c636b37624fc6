//! What a conversation needs to know, fetched from views, log, store and fleet.

use trainyard_api::Problem;
use trainyard_bus::EventLog;
use trainyard_conversation::{Known, Need, Place, Report, Sought};
use trainyard_events::{Aggregate, limits};
use trainyard_projections::{JobFilter, Page};
use trainyard_views::JobRow;

use super::{dataset, outlook};
use crate::deployment::public_base;
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::waiting;

/// What one turn may ask to know.
const NEEDS: usize = 32;
/// Datasets that an answer may name.
const DATASETS: u32 = 10;
/// Models that people have named, among which an answer looks for the one that is meant.
const MODELS: u32 = 100;
/// The largest report that an answer reads.
const REPORT_BYTES: u64 = 4 * 1024 * 1024;

/// What every turn knows from the start.
pub(super) async fn known(gateway: &Gateway, asker: &Asker) -> Known {
    let place = Place { url: public_base(gateway), who: asker.identity.name.clone(), now: (gateway.clock)() };
    Known { runners: gateway.runners().await, ..Known::at(place) }
}

/// Decides on what is known, after fetching what has to be known first.
pub(super) async fn informed<T>(
    gateway: &Gateway,
    asker: &Asker,
    known: &mut Known,
    decide: impl Fn(&Known) -> Result<T, Need>,
) -> Result<T, ApiError> {
    for _ in 0..NEEDS {
        match decide(known) {
            Ok(decided) => return Ok(decided),
            Err(need) => Box::pin(learn(gateway, asker, known, need)).await?,
        }
    }
    Err(ApiError::internal(format!("a turn needs to know more than {NEEDS} things")))
}

async fn learn(gateway: &Gateway, asker: &Asker, known: &mut Known, need: Need) -> Result<(), ApiError> {
    let tenant = &asker.identity.tenant;
    match need {
        Need::Job(named) => {
            let found = job(gateway, asker, &named).await?;
            known.job.insert(named, found);
        }
        Need::Jobs(sought) => {
            let Sought { status, text, most } = sought.clone();
            let filter = JobFilter { status, q: text, ..JobFilter::default() };
            let page = gateway.views.jobs(tenant, &filter, Page::new(None, most)).await?;
            known.jobs.insert(sought, page.rows);
        }
        Need::Waiting(job) => {
            let told = waiting::told(gateway, *job).await?;
            known.waiting.insert(told.id, told);
        }
        Need::History(job) => {
            let history = gateway.bus.log().history(tenant, &Aggregate::Job(job), 0).await?;
            known.histories.insert(job, history);
        }
        Need::Epochs(job) => {
            let epochs = gateway.views.epochs(tenant, job, limits::EPOCHS).await?;
            known.epochs.insert(job, epochs);
        }
        Need::Report(key) => {
            let found = report(gateway, &key).await;
            known.reports.insert(key, found);
        }
        Need::Stored(key) => {
            let stored = gateway.store.has(&key).await?;
            known.stored.insert(key, stored);
        }
        Need::Datasets => {
            let page = || Page::new(None, DATASETS);
            known.datasets = Some(gateway.views.datasets(tenant, false, None, page()).await?.rows);
            known.archived = gateway.views.datasets(tenant, true, None, page()).await?.rows;
        }
        Need::Models => {
            let look = || async {
                Ok(Some(gateway.views.models(tenant, None, Page::new(None, MODELS)).await?.rows))
            };
            // What is done to them is decided on what the log has by now.
            known.models = Some(gateway.after_the_log(look).await?.unwrap_or_default());
        }
        Need::Expected(config) => {
            known.expected = Some(outlook::expected(gateway, tenant, &config).await?);
        }
        Need::Look(looked) => {
            let look = dataset::look(gateway, asker, &looked).await?;
            known.looks.insert(looked, look);
        }
        Need::Tagged(written) => {
            let pinned = dataset::pinned(gateway, asker, &written).await?.ok();
            known.tagged.insert(written, pinned);
        }
        Need::News { path, since } => {
            let news = dataset::news(gateway, asker, &path, since).await?;
            known.news.insert((path, since), news);
        }
    }
    Ok(())
}

async fn job(gateway: &Gateway, asker: &Asker, named: &str) -> Result<Option<JobRow>, ApiError> {
    match gateway.job(&asker.identity, named).await {
        Ok(job) => Ok(Some(job)),
        Err(ApiError(Problem::NotFound { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A report that is not there or cannot be read leaves the answer without its classes.
async fn report(gateway: &Gateway, key: &str) -> Option<Report> {
    let bytes = gateway.store.get_bytes(key, REPORT_BYTES).await;
    let read = bytes
        .map_err(|error| error.to_string())
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
    read.inspect_err(|error| tracing::warn!(key, error, "a report cannot be read")).ok()
}
