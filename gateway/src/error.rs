//! What a request is answered with when it cannot be granted: one form, in the language of whoever asks.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use trainyard_api::Code;
use trainyard_api::error::{Part, Problem, What};
use trainyard_bus::{AskError, BusError, FolderError, LogError};
use trainyard_commands::Rejection;
use trainyard_door::HandleError;
use trainyard_events::chat::Language;
use trainyard_events::folders::FolderRefusal;
use trainyard_events::prediction::PredictRefusal;
use trainyard_projections::ViewError;
use trainyard_store::StoreError;

/// What a client is told to wait before it tries again, in seconds.
const RETRY_AFTER_S: u16 = 2;

/// A problem on its way out of a handler.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError(pub(crate) Problem);

impl ApiError {
    pub(crate) fn not_found(what: What) -> ApiError {
        ApiError(Problem::NotFound { what })
    }

    pub(crate) fn internal(detail: impl Into<String>) -> ApiError {
        ApiError(Problem::Internal { detail: detail.into() })
    }

    /// Whether the same words, read again on the proposal that is open now, may be heard.
    pub(crate) fn is_overtaken(&self) -> bool {
        self.0.code() == Code::ProposalOvertaken
    }

    fn unavailable(part: Part, detail: String) -> ApiError {
        ApiError(Problem::Unavailable { part, detail })
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> ApiError {
        ApiError(problem)
    }
}

impl IntoResponse for ApiError {
    /// In English, with the problem beside it for [`in_language`]. The one place where a failure of the house is logged.
    fn into_response(self) -> Response {
        let ApiError(problem) = self;
        let answer = problem.answer(Language::English);
        let code = answer.error.code;
        let status = StatusCode::from_u16(code.status()).expect("codes have statuses of HTTP");
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), ?code, "{}", answer.error.message);
        }
        let mut response = (status, Json(answer)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("en"));
        match status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response.extensions_mut().insert(problem);
        response
    }
}

/// A refusal said again for those who prefer Korean; any other answer as it is.
pub(crate) fn in_language(mut response: Response, language: Language) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    if language == Language::Korean {
        let answer = serde_json::to_vec(&problem.answer(language)).expect("a refusal is plain data");
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("ko"));
        *response.body_mut() = Body::from(answer);
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-language"));
    response
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        ApiError(rejection.into())
    }
}

impl From<HandleError> for ApiError {
    fn from(error: HandleError) -> Self {
        match error {
            HandleError::Rejected(rejection) => rejection.into(),
            HandleError::Unavailable(detail) => ApiError::unavailable(Part::Log, detail),
            HandleError::Quarantined { sequence, reason } => Problem::Quarantined { sequence, reason }.into(),
            HandleError::IdTaken { .. } => Problem::KeyTaken.into(),
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
        match error {
            ViewError::Unavailable(detail) => ApiError::unavailable(Part::Views, detail),
            ViewError::NewerSchema => Problem::NewerViews.into(),
            ViewError::Broken(_) => ApiError::internal(error.to_string()),
        }
    }
}

impl From<BusError> for ApiError {
    fn from(error: BusError) -> Self {
        match error {
            BusError::Unavailable(detail) => ApiError::unavailable(Part::Bus, detail),
            _ => ApiError::internal(error.to_string()),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { key } => Problem::ArtifactGone { key }.into(),
            StoreError::Unavailable(detail) => ApiError::unavailable(Part::Store, detail),
            _ => ApiError::internal(error.to_string()),
        }
    }
}

impl From<AskError> for ApiError {
    fn from(error: AskError) -> Self {
        ApiError(match error {
            AskError::Refused(PredictRefusal::BadImage { message, flaws }) => {
                Problem::BadImage { detail: message, flaws }
            }
            AskError::Refused(PredictRefusal::BadModel { message }) => Problem::BadModel { detail: message },
            AskError::Refused(PredictRefusal::Busy { message }) => Problem::PredictorBusy { detail: message },
            AskError::NobodyThere => Problem::NoPredictor,
            AskError::TimedOut => Problem::PredictorTimedOut,
            AskError::TooLarge { limit } => Problem::ImageTooLarge { bytes_max: limit },
            AskError::Unavailable(detail) => Problem::Unavailable { part: Part::Predictors, detail },
        })
    }
}

impl From<FolderError> for ApiError {
    fn from(error: FolderError) -> Self {
        let away = |detail: String| Problem::Unavailable { part: Part::Workers, detail };
        ApiError(match error {
            FolderError::Refused(FolderRefusal::OutsideRoots { path }) => Problem::OutsideRoots { path },
            FolderError::Refused(FolderRefusal::NoFolder { path }) => Problem::NoSuchFolder { path },
            FolderError::Refused(FolderRefusal::NoFile { name }) => Problem::ImageChanged { name },
            FolderError::Refused(FolderRefusal::Unreadable { path, detail }) => {
                Problem::FolderUnreadable { path, detail }
            }
            FolderError::NobodyThere => Problem::NoWorker,
            FolderError::Refused(FolderRefusal::Busy) | FolderError::TimedOut => away(error.to_string()),
            FolderError::Unavailable(detail) => away(detail),
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::response::{IntoResponse, Response};
    use trainyard_commands::Rejection;
    use trainyard_door::HandleError;
    use trainyard_events::chat::Language;

    use super::{ApiError, in_language};

    async fn told(response: Response) -> String {
        let status = response.status();
        let retry = response.headers().get("retry-after").is_some();
        let language = response.headers()["content-language"].to_str().expect("a language").to_owned();
        let body = to_bytes(response.into_body(), 10_000).await.expect("a body in memory");
        format!("{status} retry={retry} {language} {}", String::from_utf8_lossy(&body))
    }

    async fn answer(error: ApiError) -> String {
        told(error.into_response()).await
    }

    #[tokio::test]
    async fn every_error_has_the_one_form() {
        let long = answer(Rejection::PromptTooLong { characters: 5_000 }.into()).await;
        insta::assert_snapshot!(long, @r#"422 Unprocessable Entity retry=false en {"error":{"code":"prompt_too_long","message":"the prompt has 5000 characters and 4000 is the most","next_step":"shorten the prompt"}}"#);
        let away = answer(HandleError::Unavailable("no leader".to_owned()).into()).await;
        insta::assert_snapshot!(away, @r#"503 Service Unavailable retry=true en {"error":{"code":"unavailable","message":"the event log is not available: no leader","next_step":"try again in a few seconds; /readyz says which part is away"}}"#);
        let none = answer(Rejection::NoSuchJob.into()).await;
        insta::assert_snapshot!(none, @r#"404 Not Found retry=false en {"error":{"code":"not_found","message":"there is no such job","next_step":"look at the list of jobs for what there is"}}"#);
    }

    #[tokio::test]
    async fn a_refusal_is_said_in_the_language_that_is_preferred() {
        let refused = || ApiError::from(Rejection::NoSuchJob).into_response();
        let korean = told(in_language(refused(), Language::Korean)).await;
        insta::assert_snapshot!(korean, @r#"404 Not Found retry=false ko {"error":{"code":"not_found","message":"없는 작업입니다","next_step":"작업 목록에서 확인하세요"}}"#);
        assert_eq!(told(in_language(refused(), Language::English)).await, told(refused()).await);
        let other = in_language("fine".into_response(), Language::Korean);
        assert_eq!(&to_bytes(other.into_body(), 100).await.expect("a body")[..], b"fine");
    }
}
