//! `/inference/{job}/predict`: one image to a deployed model, and what it sees.

use axum::Json;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Value, json};
use trainyard_bus::AskError;
use trainyard_events::limits;
use trainyard_events::prediction::PredictRequest;
use trainyard_events::tenant::Role;
use trainyard_views::{JobRow, JobStatus};

use crate::error::{ApiError, too_large};
use crate::gateway::Gateway;
use crate::route::Route;
use crate::tokens::Identity;

pub(super) fn routes() -> Vec<Route> {
    let form = json!({
        "type": "object",
        "required": ["image"],
        "properties": { "image": { "type": "string", "format": "binary" } },
    });
    vec![
        Route::post("/inference/{job_id}/predict", "Ask a deployed model about an image", predict)
            .needs(Role::Viewer)
            .body(form),
    ]
}

async fn predict(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path(reference): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<Value>, ApiError> {
    let job = gateway.job(&identity, &reference).await?;
    let endpoint = gateway.views.endpoint(&identity.tenant, job.id).await?;
    let endpoint = endpoint.filter(|endpoint| endpoint.deployed).ok_or_else(|| not_deployed(&job))?;
    let image = image(form.map_err(|_| no_image("the body is not a multipart form"))?).await?;
    let request = PredictRequest { tenant: identity.tenant, job: job.id, weights: endpoint.weights };
    let answer = gateway.bus.predictors().ask(&request, image, gateway.config.predict_timeout).await?;
    Ok(Json(json!({
        "predictions": answer.predictions,
        "width": answer.width,
        "height": answer.height,
        "milliseconds": answer.milliseconds,
    })))
}

fn not_deployed(job: &JobRow) -> ApiError {
    let number = job.number;
    match job.status {
        JobStatus::Finished => ApiError::conflict(
            "not_deployed",
            format!("the model of job {number} is not deployed"),
            format!("deploy it with POST /v1/jobs/{number}/deploy"),
        ),
        status => {
            let status = format!("{status:?}").to_lowercase();
            let next_step = if status == "failed" || status == "cancelled" {
                "it will never have a model; choose a finished job".to_owned()
            } else {
                format!("wait until it has finished, then deploy it with POST /v1/jobs/{number}/deploy")
            };
            ApiError::conflict(
                "job_not_finished",
                format!("job {number} has no model: it is {status}"),
                next_step,
            )
        }
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
            return Err(AskError::TooLarge { limit }.into());
        }
        return if image.is_empty() { Err(no_image("the field `image` is empty")) } else { Ok(image.into()) };
    }
    Err(no_image("the form has no field `image`"))
}

fn no_image(message: &str) -> ApiError {
    let next_step = "send a file as multipart form data, such as `curl -F image=@photo.jpg`";
    ApiError::new(StatusCode::BAD_REQUEST, "no_image", message, next_step)
}

fn broken(error: MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large(format!("the body has more than {} bytes", limits::REQUEST_BODY_BYTES));
    }
    no_image(&format!("the multipart form is broken: {}", error.body_text()))
}
