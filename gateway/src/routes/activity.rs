//! `/v1/activity`: everything that happened to the tenant, newest first, or in order after a sequence.

use axum::extract::State;
use serde_json::Value;
use trainyard_api::Problem;
use trainyard_api::activity::{ActivityQuery, EventPage, PublicEvent};
use trainyard_events::{Aggregate, limits};
use trainyard_projections::{ActivityFilter, Page, Rows};

use crate::error::ApiError;
use crate::extract::{Params, page};
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::readers::hidden_from;
use crate::route::Route;
use crate::told::Told;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read("/v1/activity", "What happened, newest first; with `after`, in order", list)
            .query::<ActivityQuery>()
            .answers::<EventPage>(),
    ]
}

/// `next` is the `before` of the next page, or the `after` of one in order.
async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(params): Params<ActivityQuery>,
) -> Result<Told<EventPage>, ApiError> {
    let aggregate = params.aggregate.map(|text| text.parse::<Aggregate>()).transpose();
    let aggregate = aggregate.map_err(|error| Problem::BadAggregate { detail: error.to_string() })?;
    match (params.after, aggregate) {
        (Some(after), Some(aggregate)) => {
            history(&gateway, &identity, vec![aggregate], after, params.limit).await
        }
        (Some(after), None) => in_order(&gateway, &identity, after, params.limit).await,
        (None, aggregate) => {
            let aggregates = aggregate.into_iter().collect();
            let filter = ActivityFilter { aggregates, after: None, without: hidden_from(identity.role) };
            let page = page(params.before, params.limit);
            let Rows { rows, next } = gateway.views.activity(&identity.tenant, &filter, page).await?;
            Ok(Told(public(rows, next)))
        }
    }
}

/// One page of the events about some aggregates after `after`, oldest first.
pub(super) async fn history(
    gateway: &Gateway,
    identity: &Identity,
    aggregates: Vec<Aggregate>,
    after: u64,
    limit: Option<u32>,
) -> Result<Told<EventPage>, ApiError> {
    let filter = ActivityFilter { aggregates, after: Some(after), without: hidden_from(identity.role) };
    let Rows { rows, next } = gateway.views.history(&identity.tenant, &filter, rows(limit)).await?;
    Ok(Told(public(rows, next)))
}

fn public(events: Vec<Value>, next: Option<u64>) -> EventPage {
    EventPage { events: events.into_iter().map(PublicEvent).collect(), next }
}

/// Everything after `after`, oldest first. The view is read in windows of sequences, each of which fits a page; they
/// widen while all there is belongs to other tenants.
async fn in_order(
    gateway: &Gateway,
    identity: &Identity,
    after: u64,
    limit: Option<u32>,
) -> Result<Told<EventPage>, ApiError> {
    let (page_rows, wanted) = (u64::from(limits::PAGE_ROWS), rows(limit) as usize);
    let newest = gateway.views.position().await?.sequence;
    let (mut seen, mut window, mut found) = (after, page_rows, Vec::new());
    // One more than wanted tells that another page follows.
    while found.len() <= wanted && seen < newest {
        let without = hidden_from(identity.role);
        let filter = ActivityFilter { aggregates: Vec::new(), after: Some(seen), without };
        let until = seen.saturating_add(window);
        let page = Page::new(Some(until.saturating_add(1)), limits::PAGE_ROWS);
        let Rows { rows, next } = gateway.views.activity(&identity.tenant, &filter, page).await?;
        if next.is_some() {
            window = page_rows;
            continue;
        }
        window = if rows.is_empty() { window.saturating_mul(4) } else { page_rows };
        found.extend(rows.into_iter().rev());
        seen = until;
    }
    Ok(Told(first(found, limit)))
}

fn rows(limit: Option<u32>) -> u32 {
    limit.unwrap_or(limits::PAGE_ROWS).clamp(1, limits::PAGE_ROWS)
}

/// One page of events that are in order, and where the next one begins.
fn first(mut events: Vec<Value>, limit: Option<u32>) -> EventPage {
    let wanted = rows(limit) as usize;
    let more = events.len() > wanted;
    events.truncate(wanted);
    let next = events.last().filter(|_| more).and_then(|last| last["sequence"].as_u64());
    public(events, next)
}
