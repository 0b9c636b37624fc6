//! `/v1/jobs/{id}/console`: the newest lines that a job's trainer has printed, as far as they are known.

use axum::Json;
use axum::extract::State;
use trainyard_api::Code;
use trainyard_api::console::{ConsoleFrom, ConsoleQuery, ConsoleTold};
use trainyard_api::place::OfJob;
use trainyard_events::limits;

use crate::console::{Console, newest};
use crate::error::ApiError;
use crate::extract::{Params, Place};
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;

/// Of a console that was kept as a file, its last bytes: enough for all lines of an answer, unless they are very long.
const FILE_END_BYTES: u64 = 512 * 1024;

pub(super) fn routes() -> Vec<Route> {
    let summary = "The newest lines of the job's console, numbered; a number that is missing was left out";
    vec![
        Route::read("/v1/jobs/{id}/console", summary, console)
            .at::<OfJob>()
            .query::<ConsoleQuery>()
            .answers::<ConsoleTold>()
            .refuses(&[Code::ArtifactGone]),
    ]
}

async fn console(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfJob { id }): Place<OfJob>,
    Params(query): Params<ConsoleQuery>,
) -> Result<Json<ConsoleTold>, ApiError> {
    let job = gateway.job(&identity, &id).await?;
    let wanted = query.limit.map_or(limits::CONSOLE_LINES, |limit| limit as usize);
    let limit = wanted.clamp(1, limits::CONSOLE_LINES);
    let mut live = Console::default();
    let stream = gateway.bus.telemetry();
    stream.each_console(&identity.tenant, job.id, |lines| live.push(lines)).await?;
    let kept = newest(&job.artifacts).filter(|(token, _)| job.status.is_terminal() && *token >= live.token);
    let Some((token, artifact)) = kept else { return Ok(Json(live.told(ConsoleFrom::Telemetry, limit))) };
    let end = gateway.store.get_end(&artifact.key, artifact.bytes, FILE_END_BYTES).await?;
    Ok(Json(Console::of_file(token, &end).told(ConsoleFrom::Artifact, limit)))
}
