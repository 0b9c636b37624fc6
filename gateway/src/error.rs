//! What a request is answered with when it cannot be granted: one form, and always what to do next.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use trainyard_bus::{AskError, BusError, LogError};
use trainyard_commands::Rejection;
use trainyard_door::HandleError;
use trainyard_events::prediction::PredictRefusal;
use trainyard_events::tenant::Role;
use trainyard_projections::ViewError;
use trainyard_words::english;

/// What a client is told to wait before it tries again, in seconds.
const RETRY_AFTER_S: u16 = 2;
/// The code of a change to a proposal that another message was faster to change.
const OVERTAKEN: &str = "proposal_overtaken";

/// `{"error": {"code", "message", "next_step"}}` under a status.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    next_step: String,
}

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        next_step: impl Into<String>,
    ) -> ApiError {
        ApiError { status, code, message: message.into(), next_step: next_step.into() }
    }

    pub(crate) fn bad_request(message: impl Into<String>, next_step: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "bad_request", message, next_step)
    }

    pub(crate) fn unauthorized(message: &str) -> ApiError {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            message,
            "send the header `Authorization: Bearer ty_...`; `trainyard token create NAME` makes one",
        )
    }

    pub(crate) fn token_expired() -> ApiError {
        let next_step = "ask an admin of your tenant for another";
        ApiError::new(StatusCode::UNAUTHORIZED, "token_expired", "this token has expired", next_step)
    }

    pub(crate) fn forbidden(needed: Role) -> ApiError {
        let role = format!("{needed:?}").to_lowercase();
        ApiError::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            format!("this needs a token with the role {role}"),
            "ask an admin of your tenant for one",
        )
    }

    /// Of another tenant or of nobody: the same answer.
    pub(crate) fn not_found(what: &str) -> ApiError {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no such {what}"),
            format!("look at the list of {what}s for what there is"),
        )
    }

    pub(crate) fn conflict(
        code: &'static str,
        message: impl Into<String>,
        next_step: impl Into<String>,
    ) -> ApiError {
        ApiError::new(StatusCode::CONFLICT, code, message, next_step)
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> ApiError {
        let next_step = "try again in a few seconds; /readyz says which part is away";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message, next_step)
    }

    pub(crate) fn internal(message: impl Into<String>) -> ApiError {
        let next_step = "look at the gateway's log, then report it";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message, next_step)
    }

    /// Asking again with the same token does not help.
    pub(crate) fn is_about_the_token(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn as_json(&self) -> Value {
        let ApiError { code, message, next_step, .. } = self;
        json!({ "error": { "code": code, "message": message, "next_step": next_step } })
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// Whether the same words, read again on the proposal that is open now, may be heard.
    pub(crate) fn is_overtaken(&self) -> bool {
        self.code == OVERTAKEN
    }

    /// What of it a Korean page would have to show in English.
    #[cfg(test)]
    pub(crate) fn not_in_korean(&self) -> Vec<&str> {
        let texts = [&self.message, &self.next_step].into_iter().map(String::as_str);
        texts.filter(|text| !crate::korean::knows(text)).collect()
    }
}

impl IntoResponse for ApiError {
    /// The one place where a failure of the house is logged.
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            tracing::error!(status = self.status.as_u16(), code = self.code, "{}", self.message);
        }
        let mut response = (self.status, Json(self.as_json())).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        let (status, code, next_step) = match &rejection {
            Rejection::PromptEmpty => (unprocessable, "prompt_empty", "say what you want to train"),
            Rejection::PromptTooLong { .. } => (unprocessable, "prompt_too_long", "shorten the prompt"),
            Rejection::PromptUnreadable { .. } => {
                (unprocessable, "prompt_unreadable", "send text without control characters")
            }
            Rejection::NoOpenProposal => (
                StatusCode::CONFLICT,
                "no_open_proposal",
                "describe a training in a message of this chat first",
            ),
            Rejection::ProposalChanged => (
                StatusCode::CONFLICT,
                "proposal_changed",
                "read the chat's open proposal and approve its hash",
            ),
            Rejection::ProposalOvertaken => (StatusCode::CONFLICT, OVERTAKEN, "say it once more"),
            Rejection::ProposalIncomplete { .. } => {
                (unprocessable, "proposal_incomplete", "give what is missing, then approve")
            }
            Rejection::BadConfig { .. } => (unprocessable, "bad_config", "correct the values that are named"),
            Rejection::BadPath => (unprocessable, "bad_path", "name a path that the workers can read"),
            Rejection::NoSuchDataset => return ApiError::not_found("dataset"),
            Rejection::NoSuchJob => return ApiError::not_found("job"),
            Rejection::NoSuchToken => return ApiError::not_found("token"),
            Rejection::NoSuchTenant => return ApiError::not_found("tenant"),
            Rejection::JobAlreadyEnded { .. } => {
                (StatusCode::CONFLICT, "job_already_ended", "nothing is left to stop; start another job")
            }
            Rejection::NotDeployed => {
                (StatusCode::CONFLICT, "not_deployed", "deploy it with POST /v1/jobs/{id}/deploy")
            }
            Rejection::BadTokenName => (unprocessable, "bad_token_name", "give the token another name"),
            Rejection::TokenNameTaken => {
                (StatusCode::CONFLICT, "token_name_taken", "give the token another name")
            }
            Rejection::ExpiresInThePast => {
                (unprocessable, "expires_in_the_past", "send a time that is still to come, or none")
            }
            Rejection::TooLarge { .. } => (unprocessable, "too_large", "make it smaller"),
            _ => (StatusCode::CONFLICT, "refused", "read it again and decide anew"),
        };
        ApiError::new(status, code, english(&rejection), next_step)
    }
}

impl From<HandleError> for ApiError {
    fn from(error: HandleError) -> Self {
        match error {
            HandleError::Rejected(rejection) => rejection.into(),
            HandleError::Unavailable(_) => ApiError::unavailable(error.to_string()),
            HandleError::Quarantined { .. } => ApiError::conflict(
                "quarantined",
                error.to_string(),
                "nothing can be done with it until this platform is upgraded or the event is skipped",
            ),
            HandleError::IdTaken { .. } => ApiError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "this Idempotency-Key belongs to another request",
                "send another key with another request, and the same key only with the same one",
            ),
        }
    }
}

impl From<LogError> for ApiError {
    fn from(error: LogError) -> Self {
        HandleError::from(error).into()
    }
}

impl From<ViewError> for ApiError {
    fn from(error: ViewError) -> Self {
        if error.is_transient() {
            ApiError::unavailable(error.to_string())
        } else {
            ApiError::internal(error.to_string())
        }
    }
}

impl From<BusError> for ApiError {
    fn from(error: BusError) -> Self {
        match error {
            BusError::Unavailable(_) => ApiError::unavailable(error.to_string()),
            _ => ApiError::internal(error.to_string()),
        }
    }
}

impl From<AskError> for ApiError {
    fn from(error: AskError) -> Self {
        let message = error.to_string();
        let busy = |code, next_step: &str| {
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, message.clone(), next_step)
        };
        match error {
            AskError::Refused(PredictRefusal::BadImage(_)) => ApiError::new(
                StatusCode::BAD_REQUEST,
                "bad_image",
                message,
                "send a JPEG, PNG, WebP or BMP image in the multipart field `image`",
            ),
            AskError::Refused(PredictRefusal::BadModel(_)) => ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "bad_model",
                message,
                "look at the predictor's log, then deploy the job again",
            ),
            AskError::Refused(PredictRefusal::Busy(_)) => busy("predictor_busy", "try again in a moment"),
            AskError::NobodyThere => {
                busy("no_predictor", "start one with `trainyard up` or `trainyard worker`")
            }
            AskError::TimedOut => busy("predictor_timed_out", "try again; the first image loads the model"),
            AskError::TooLarge { .. } => too_large(message),
            AskError::Unavailable(_) => ApiError::unavailable(message),
        }
    }
}

/// 413, for bodies and images.
pub(crate) fn too_large(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message, "send less")
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::response::IntoResponse;
    use trainyard_bus::{AskError, BusError};
    use trainyard_commands::Rejection;
    use trainyard_door::HandleError;
    use trainyard_events::job::Status;
    use trainyard_events::prediction::PredictRefusal;
    use trainyard_events::tenant::Role;
    use trainyard_projections::ViewError;
    use trainyard_store::StoreError;

    use super::{ApiError, too_large};

    async fn answer(error: ApiError) -> String {
        let response = error.into_response();
        let status = response.status();
        let retry = response.headers().get("retry-after").is_some();
        let body = to_bytes(response.into_body(), 10_000).await.expect("a body in memory");
        format!("{status} retry={retry} {}", String::from_utf8_lossy(&body))
    }

    #[tokio::test]
    async fn every_error_has_the_one_form() {
        let long = answer(Rejection::PromptTooLong { characters: 5_000 }.into()).await;
        insta::assert_snapshot!(long, @r#"422 Unprocessable Entity retry=false {"error":{"code":"prompt_too_long","message":"the prompt has 5000 characters and 4000 is the most: shorten it","next_step":"shorten the prompt"}}"#);
        let away = answer(HandleError::Unavailable("no leader".to_owned()).into()).await;
        insta::assert_snapshot!(away, @r#"503 Service Unavailable retry=true {"error":{"code":"unavailable","message":"the event log is not available: no leader","next_step":"try again in a few seconds; /readyz says which part is away"}}"#);
        let none = answer(Rejection::NoSuchJob.into()).await;
        insta::assert_snapshot!(none, @r#"404 Not Found retry=false {"error":{"code":"not_found","message":"there is no such job","next_step":"look at the list of jobs for what there is"}}"#);
    }

    /// One of each that people are refused with.
    fn rejections() -> Vec<Rejection> {
        let all = vec![
            Rejection::PromptEmpty,
            Rejection::PromptTooLong { characters: 5_000 },
            Rejection::PromptUnreadable { character: 7 },
            Rejection::NoOpenProposal,
            Rejection::ProposalChanged,
            Rejection::ProposalOvertaken,
            Rejection::ProposalIncomplete { missing: vec!["dataset".into()] },
            Rejection::ProposalIncomplete { missing: vec!["dataset".into(), "model".into()] },
            Rejection::BadPath,
            Rejection::NoSuchDataset,
            Rejection::NoSuchJob,
            Rejection::JobAlreadyEnded { status: Status::Finished },
            Rejection::JobAlreadyEnded { status: Status::Failed },
            Rejection::JobAlreadyEnded { status: Status::Cancelled },
            Rejection::NoWeights,
            Rejection::NotDeployed,
            Rejection::NoSuchToken,
            Rejection::NoSuchTenant,
            Rejection::BadTokenName,
            Rejection::TokenNameTaken,
            Rejection::ExpiresInThePast,
            Rejection::QuotaUsedUp { slots: 2 },
            Rejection::GpuHoursUsedUp { hours: 10 },
            Rejection::TooLarge { bytes: 70_000, limit: 65_536 },
        ];
        for rejection in &all {
            // A new one belongs in the list above, or here if only workers and policies meet it.
            match rejection {
                Rejection::StaleInspection
                | Rejection::NotWaiting { .. }
                | Rejection::MovedOn
                | Rejection::SlotStillHeld
                | Rejection::NotOffered
                | Rejection::StaleToken { .. }
                | Rejection::EpochOutOfOrder { .. }
                | Rejection::TooManyEpochs { .. }
                | Rejection::CheckpointBehind { .. }
                | Rejection::CancelNotRequested
                | Rejection::AttemptStillRunning
                | Rejection::NotAReport
                | Rejection::NotFinite { .. }
                | Rejection::WrongAggregate => panic!("nobody sees {rejection}"),
                Rejection::PromptEmpty
                | Rejection::PromptTooLong { .. }
                | Rejection::PromptUnreadable { .. }
                | Rejection::NoOpenProposal
                | Rejection::ProposalChanged
                | Rejection::ProposalOvertaken
                | Rejection::ProposalIncomplete { .. }
                | Rejection::BadConfig { .. }
                | Rejection::BadPath
                | Rejection::NoSuchDataset
                | Rejection::NoSuchJob
                | Rejection::JobAlreadyEnded { .. }
                | Rejection::NoWeights
                | Rejection::NotDeployed
                | Rejection::NoSuchToken
                | Rejection::NoSuchTenant
                | Rejection::BadTokenName
                | Rejection::TokenNameTaken
                | Rejection::ExpiresInThePast
                | Rejection::QuotaUsedUp { .. }
                | Rejection::GpuHoursUsedUp { .. }
                | Rejection::TooLarge { .. } => {}
            }
        }
        all
    }

    #[test]
    fn every_error_that_people_meet_has_its_korean() {
        let why = || "no leader".to_owned();
        let refused = |refusal| ApiError::from(AskError::Refused(refusal));
        let mut errors: Vec<ApiError> = rejections().into_iter().map(ApiError::from).collect();
        errors.extend([Role::Viewer, Role::Editor, Role::Admin].map(ApiError::forbidden));
        errors.extend(
            ["dataset", "job", "token", "tenant", "artifact", "model", "chat"].map(ApiError::not_found),
        );
        errors.extend(
            [
                HandleError::Unavailable(why()),
                HandleError::Quarantined { sequence: 7, reason: why() },
                HandleError::IdTaken { sequence: 7 },
            ]
            .map(ApiError::from),
        );
        errors.extend(
            [ViewError::Unavailable(why()), ViewError::NewerSchema, ViewError::Broken(why())]
                .map(ApiError::from),
        );
        errors.extend([
            BusError::Unavailable(why()).into(),
            StoreError::Missing { key: "jobs/7/weights".into() }.into(),
            StoreError::Unavailable(why()).into(),
            StoreError::TooLarge { key: "jobs/7/console".into(), bytes: 9, limit: 8 }.into(),
            refused(PredictRefusal::BadImage("the image is not an image: it holds text".into())),
            refused(PredictRefusal::BadModel("the weights are named without a SHA-256".into())),
            refused(PredictRefusal::Busy("32 images wait already; try again in a moment".into())),
            AskError::NobodyThere.into(),
            AskError::TimedOut.into(),
            AskError::TooLarge { limit: 8 }.into(),
            AskError::Unavailable(why()).into(),
            too_large("the body has more than 7 bytes"),
        ]);
        for error in &errors {
            assert_eq!(error.not_in_korean(), Vec::<&str>::new(), "{error:?}");
        }
    }
}
