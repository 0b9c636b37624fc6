//! Why a job waits, for as long as the scheduler has not given a reason of its own.

use trainyard_events::fleet::WorkerRecord;
use trainyard_projections::JobFilter;
use trainyard_views::{DatasetStatus, JobRow, JobStatus};

use crate::error::ApiError;
use crate::extract::page;
use crate::gateway::Gateway;

/// The most jobs that are counted.
const COUNTED: u32 = 100;

/// `None` when the job does not wait to be dispatched, or says itself why.
pub(crate) async fn reason(gateway: &Gateway, job: &JobRow) -> Result<Option<String>, ApiError> {
    if job.status != JobStatus::Requested || job.waiting_reason.is_some() {
        return Ok(None);
    }
    let dataset = gateway.views.dataset(&job.tenant, job.dataset).await?;
    if dataset.is_some_and(|dataset| dataset.status == DatasetStatus::Pending) {
        return Ok(Some("its dataset is still being looked at".to_owned()));
    }
    let filter = JobFilter { status: vec![JobStatus::Requested], q: None, chat: None };
    let earlier = gateway.views.jobs(&job.tenant, &filter, page(Some(job.number), Some(COUNTED))).await?;
    let workers = gateway.hub.fleet().borrow().workers(&job.tenant);
    Ok(Some(in_words(job, &workers, earlier.rows.len())))
}

fn in_words(job: &JobRow, workers: &[WorkerRecord], earlier: usize) -> String {
    let fit = workers.iter().filter(|worker| !worker.draining && worker.pool.serves(job.config.device));
    let slots: u32 = fit.map(|worker| worker.slots).sum();
    let ahead = match earlier {
        0 => "it is the next of its tenant".to_owned(),
        1 => "1 job was asked for earlier and waits too".to_owned(),
        many if many >= COUNTED as usize => {
            format!("{COUNTED} jobs or more were asked for earlier and wait too")
        }
        many => format!("{many} jobs were asked for earlier and wait too"),
    };
    match slots {
        0 => format!("no worker is up that could take it; {ahead}"),
        1 => format!("the one slot of the fleet is taken; {ahead}"),
        many => format!("all {many} slots of the fleet are taken; {ahead}"),
    }
}
