//! `/inference/{job}/predict`: one image to a deployed model, and what it sees.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::http::StatusCode;
use bytes::Bytes;
use trainyard_api::place::OfEndpoint;
use trainyard_api::predict::{PredictAnswer, PredictForm};
use trainyard_api::{Code, Problem};
use trainyard_events::limits;
use trainyard_events::prediction::PredictRequest;
use trainyard_events::tenant::Role;
use trainyard_views::{JobRow, JobStatus};

use crate::error::ApiError;
use crate::extract::Place;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;

/// Why an image has no answer.
const UNANSWERED: &[Code] = &[
    Code::NotDeployed,
    Code::JobNotFinished,
    Code::NoImage,
    Code::BadImage,
    Code::ViewsBehind,
    Code::BadModel,
    Code::NoPredictor,
    Code::PredictorBusy,
    Code::PredictorTimedOut,
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/inference/{job_id}/predict", "Ask a deployed model about an image", predict)
            .needs(Role::Viewer)
            .at::<OfEndpoint>()
            .takes_form::<PredictForm>()
            .answers::<PredictAnswer>()
            .refuses(UNANSWERED),
    ]
}

async fn predict(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfEndpoint { job_id }): Place<OfEndpoint>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<PredictAnswer>, ApiError> {
    let job = gateway.job(&identity, &job_id).await?;
    let deployed = gateway.caught_up(|| async {
        let endpoint = gateway.views.endpoint(&identity.tenant, job.id).await?;
        Ok(endpoint.filter(|endpoint| endpoint.deployed))
    });
    let endpoint = deployed.await?.ok_or_else(|| not_deployed(&job))?;
    let image = image(form.map_err(|_| Problem::NotAForm)?).await?;
    let request = PredictRequest { tenant: identity.tenant, job: job.id, weights: endpoint.weights };
    let answer = gateway.bus.predictors().ask(&request, image, gateway.config.predict_timeout).await?;
    let trainyard_events::prediction::PredictAnswer { predictions, width, height, milliseconds, .. } = answer;
    Ok(Json(PredictAnswer { predictions, width, height, milliseconds }))
}

fn not_deployed(job: &JobRow) -> Problem {
    let number = job.number;
    match job.status {
        JobStatus::Finished => Problem::NotDeployed { number },
        status => Problem::NoModel { number, status },
    }
}

/// The content of the field `image`.
async fn image(mut form: Multipart) -> Result<Bytes, ApiError> {
    let limit = limits::IMAGE_BYTES;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("image") {
            continue;
        }
        let mut image = Vec::new();
        let mut size = 0;
        // Read to its end even when it is too large: a sender who is cut off may never see the answer.
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            size += chunk.len();
            if size <= limit {
                image.extend_from_slice(&chunk);
            }
        }
        if size > limit {
            return Err(Problem::ImageTooLarge { bytes_max: limit }.into());
        }
        return if image.is_empty() { Err(Problem::EmptyImage.into()) } else { Ok(image.into()) };
    }
    Err(Problem::NoImageField.into())
}

fn broken(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::BodyTooLarge { bytes_max: limits::REQUEST_BODY_BYTES };
    }
    Problem::BrokenForm { detail: error.body_text() }
}
