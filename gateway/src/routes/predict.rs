//! `/inference/{job}/predict` and `/v1/models/{name}@{alias}/predict`: images to a deployed model, and what it sees.

use std::time::Instant;

use axum::Json;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use trainyard_api::place::{OfEndpoint, OfModelPick};
use trainyard_api::predict::{
    IMAGES, PredictAnswer, PredictForm, PredictImages, PredictQuery, PredictReply, PredictResult,
};
use trainyard_api::{Code, Problem};
use trainyard_events::chat::Language;
use trainyard_events::limits::{IMAGE_BYTES, REQUEST_BODY_BYTES};
use trainyard_events::prediction::{self, PredictRequest};
use trainyard_events::tenant::Role;
use trainyard_views::{EndpointRow, JobRow, JobStatus};

use crate::error::ApiError;
use crate::extract::{Body, Params, Place, Preferred};
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;
use crate::samples::{self, Sampling};

/// Images of one request that are asked about at a time.
const AT_ONCE: usize = 8;

/// What is wrong with one image and not with the others.
const OF_THE_IMAGE: [Code; 3] = [Code::NoImage, Code::BadImage, Code::TooLarge];

/// Why an image has no answer, whoever is asked.
const UNANSWERED: &[Code] = &[
    Code::NotDeployed,
    Code::NoImage,
    Code::BadImage,
    Code::ViewsBehind,
    Code::BadModel,
    Code::NoPredictor,
    Code::PredictorBusy,
    Code::PredictorTimedOut,
];

/// The number of the version that has answered.
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-trainyard-model-version");

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/inference/{job_id}/predict", "Ask a deployed model about images", predict)
            .needs(Role::Viewer)
            .at::<OfEndpoint>()
            .query::<PredictQuery>()
            .takes_form::<PredictForm>()
            .or_takes::<PredictImages>()
            .answers::<PredictReply>()
            .refuses(UNANSWERED)
            .refuses(&[Code::JobNotFinished]),
        Route::post(
            "/v1/models/{id}/predict",
            "Ask a version of a model, or what an alias names, about images",
            predict_by_name,
        )
        .needs(Role::Viewer)
        .at::<OfModelPick>()
        .query::<PredictQuery>()
        .takes_form::<PredictForm>()
        .or_takes::<PredictImages>()
        .answers::<PredictReply>()
        .refuses(UNANSWERED)
        .refuses(&[Code::NoSuchModelVersion]),
    ]
}

async fn predict(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfEndpoint { job_id }): Place<OfEndpoint>,
    Params(query): Params<PredictQuery>,
    Preferred(language): Preferred,
    request: Request,
) -> Result<Json<PredictReply>, ApiError> {
    let confidence = confidence(&query)?;
    let job = gateway.job(&identity, &job_id).await?;
    let weights = endpoint(&gateway, &identity, &job).await?.weights;
    let (tenant, rle) = (identity.tenant, query.rle);
    let request_of = PredictRequest { tenant, job: job.id, weights, confidence, rle };
    let question = Question { request: request_of, sampling: None };
    Ok(Json(reply(&gateway, &question, request, language).await?))
}

/// Of the version that is meant when the question comes: an alias that moves meanwhile takes nobody's answer away.
async fn predict_by_name(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfModelPick { id }): Place<OfModelPick>,
    Params(query): Params<PredictQuery>,
    Preferred(language): Preferred,
    request: Request,
) -> Result<([(HeaderName, HeaderValue); 1], Json<PredictReply>), ApiError> {
    let confidence = confidence(&query)?;
    let (row, version) = gateway.picked(&identity, &id).await?;
    let job = gateway.job(&identity, &version.card.job.to_string()).await?;
    endpoint(&gateway, &identity, &job).await?;
    let (model, sampling) = (row.id, Sampling::of(&row, version.number));
    let (counted, asked) = (gateway.metrics.predicted(model, version.number), Instant::now());
    let weights = version.card.export;
    let (tenant, rle) = (identity.tenant, query.rle);
    let question =
        Question { request: PredictRequest { tenant, job: job.id, weights, confidence, rle }, sampling };
    let replied = reply(&gateway, &question, request, language).await;
    let took = replied.is_ok().then(|| asked.elapsed());
    gateway.calls.asked((model, version.number), (gateway.clock)(), took);
    counted.answered(replied.as_ref().err().map(|ApiError(problem)| problem.code()));
    Ok(([(VERSION_HEADER, HeaderValue::from(version.number))], Json(replied?)))
}

/// As the predictor is to be asked.
fn confidence(query: &PredictQuery) -> Result<Option<f32>, Problem> {
    match query.confidence {
        Some(least) if !(0.01..=1.0).contains(&least) => {
            Err(Problem::BadQuery { detail: format!("confidence is {least}, and 0.01 to 1 is possible") })
        }
        least => Ok(least),
    }
}

async fn endpoint(gateway: &Gateway, identity: &Identity, job: &JobRow) -> Result<EndpointRow, ApiError> {
    let deployed = gateway.caught_up(|| async {
        let endpoint = gateway.views.endpoint(&identity.tenant, job.id).await?;
        Ok(endpoint.filter(|endpoint| endpoint.deployed))
    });
    deployed.await?.ok_or_else(|| not_deployed(job).into())
}

/// What is asked about each image, and whether some of them are kept.
struct Question {
    request: PredictRequest,
    sampling: Option<Sampling>,
}

async fn reply(
    gateway: &Gateway,
    question: &Question,
    request: Request,
    language: Language,
) -> Result<PredictReply, ApiError> {
    let Sent { mut images, is_one } = sent(request).await?;
    if is_one && let Some(image) = images.pop() {
        return Ok(PredictReply::One(ask(gateway, question, image).await?));
    }
    // Those with an address are fetched when it is their turn, so that only so many are in memory.
    let answers = stream::iter(images).map(|image| ask(gateway, question, image)).buffered(AT_ONCE);
    let results = answers.map(|answer| match answer {
        Ok(seen) => Ok(PredictResult::Seen(seen)),
        Err(ApiError(problem)) if OF_THE_IMAGE.contains(&problem.code()) => {
            Ok(PredictResult::Bad { error: problem.answer(language).error })
        }
        Err(of_all) => Err(of_all),
    });
    Ok(PredictReply::All { results: results.try_collect().await? })
}

/// `image` may have a problem already.
async fn ask(gateway: &Gateway, question: &Question, image: Image) -> Result<PredictAnswer, ApiError> {
    let image = match image? {
        Named::Here(image) => image,
        Named::At(address) => checked(gateway.images.fetch(&question.request.tenant, &address).await?)?,
    };
    let (predictors, timeout) = (gateway.bus.predictors(), gateway.config.predict_timeout);
    let answer = predictors.ask(&question.request, image.clone(), timeout).await?;
    let prediction::PredictAnswer { predictions, width, height, milliseconds, anomaly, .. } = answer;
    let answer = PredictAnswer { predictions, width, height, milliseconds, anomaly };
    if let Some(sampling) = question.sampling {
        samples::offer(gateway, sampling, image, answer.clone());
    }
    Ok(answer)
}

fn not_deployed(job: &JobRow) -> Problem {
    let number = job.number;
    match job.status {
        JobStatus::Finished => Problem::NotDeployed { number },
        status => Problem::NoModel { number, status },
    }
}

/// What was sent as an image, or what is wrong with it.
type Image = Result<Named, Problem>;

enum Named {
    Here(Bytes),
    At(String),
}

struct Sent {
    images: Vec<Image>,
    /// A form with one image, which is answered without the others that there are not.
    is_one: bool,
}

/// A form with fields `image`, or JSON.
async fn sent(request: Request) -> Result<Sent, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_json = kind.is_some_and(|kind| kind.starts_with("application/json"));
    let images = if is_json {
        let Body(PredictImages { images }) = Body::from_request(request, &()).await?;
        images.into_iter().take(IMAGES + 1).map(of_json).collect()
    } else {
        of_form(Multipart::from_request(request, &()).await.map_err(|_| Problem::NotAForm)?).await?
    };
    match images.len() {
        0 => Err(Problem::NoImageField.into()),
        count if count > IMAGES => Err(Problem::TooManyImages { images_max: IMAGES }.into()),
        count => Ok(Sent { images, is_one: count == 1 && !is_json }),
    }
}

/// No base64 has a colon.
fn of_json(image: String) -> Image {
    if image.contains("://") {
        return Ok(Named::At(image));
    }
    let decoded = STANDARD.decode(image).map_err(|_| Problem::NotBase64)?;
    checked(decoded.into()).map(Named::Here)
}

/// The contents of the fields `image`.
async fn of_form(mut form: Multipart) -> Result<Vec<Image>, ApiError> {
    let mut images = Vec::new();
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("image") {
            continue;
        }
        let mut image = Vec::new();
        let mut size = 0;
        // Read to its end even when it is too large: a sender who is cut off may never see the answer.
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            size += chunk.len();
            if size <= IMAGE_BYTES && images.len() < IMAGES {
                image.extend_from_slice(&chunk);
            }
        }
        // Of one that is too many, nothing is kept.
        if images.len() <= IMAGES {
            images.push(if size > IMAGE_BYTES {
                Err(TOO_LARGE)
            } else {
                checked(image.into()).map(Named::Here)
            });
        }
    }
    Ok(images)
}

const TOO_LARGE: Problem = Problem::ImageTooLarge { bytes_max: IMAGE_BYTES };

fn checked(image: Bytes) -> Result<Bytes, Problem> {
    match image.len() {
        0 => Err(Problem::EmptyImage),
        length if length > IMAGE_BYTES => Err(TOO_LARGE),
        _ => Ok(image),
    }
}

fn broken(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::BodyTooLarge { bytes_max: REQUEST_BODY_BYTES };
    }
    Problem::BrokenForm { detail: error.body_text() }
}
