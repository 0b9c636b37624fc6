//! What a request is answered with when it cannot be granted: one form, in the language of whoever asks.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use trainyard_api::error::{Part, Problem, What};
use trainyard_api::{Code, Said};
use trainyard_bus::{AskError, BusError, LogError};
use trainyard_commands::Rejection;
use trainyard_door::HandleError;
use trainyard_events::chat::Language;
use trainyard_events::limits;
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
        ApiError(refused(&rejection))
    }
}

/// What a rule refuses: its code, and its words in both languages.
fn refused(rejection: &Rejection) -> Problem {
    let (code, next_step, korean) = match rejection {
        Rejection::NoSuchDataset => return Problem::NotFound { what: What::Dataset },
        Rejection::NoSuchJob => return Problem::NotFound { what: What::Job },
        Rejection::NoSuchToken => return Problem::NotFound { what: What::Token },
        Rejection::NoSuchTenant => return Problem::NotFound { what: What::Tenant },
        Rejection::PromptEmpty => (
            Code::PromptEmpty,
            "say what you want to train",
            Said::new("메시지가 비어 있습니다", "무엇을 학습할지 말씀하세요"),
        ),
        Rejection::PromptTooLong(chars) => (
            Code::PromptTooLong,
            "shorten the prompt",
            Said::new(
                format!("메시지가 {chars}자입니다. {}자까지 보낼 수 있습니다", limits::PROMPT_CHARS),
                "메시지를 줄이세요",
            ),
        ),
        Rejection::PromptUnreadable(char) => (
            Code::PromptUnreadable,
            "send text without control characters",
            Said::new(
                format!("메시지에 저장할 수 없는 제어 문자(U+{char:04X})가 있습니다"),
                "그 문자를 지우고 다시 보내세요",
            ),
        ),
        Rejection::NoOpenProposal => (
            Code::NoOpenProposal,
            "describe a training in a message of this chat first",
            Said::new("승인하거나 취소할 제안이 없습니다", "먼저 이 대화에서 학습할 내용을 말씀하세요"),
        ),
        Rejection::ProposalChanged => (
            Code::ProposalChanged,
            "read the chat's open proposal and approve its hash",
            Said::new("보시던 제안이 그사이에 바뀌었습니다", "대화에서 새 제안을 확인한 뒤 승인하세요"),
        ),
        Rejection::ProposalOvertaken => (
            Code::ProposalOvertaken,
            "say it once more",
            Said::new("그사이에 다른 메시지가 제안을 바꾸었습니다", "한 번 더 말씀하세요"),
        ),
        Rejection::ProposalIncomplete(missing) => (
            Code::ProposalIncomplete,
            "give what is missing, then approve",
            Said::new(
                format!("아직 정하지 않은 값이 있습니다: {}", missing.join(", ")),
                "빠진 값을 알려 주신 뒤 승인하세요",
            ),
        ),
        Rejection::BadConfig(problems) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            let korean = format!("이 설정으로는 학습할 수 없습니다: {}", problems.join("; "));
            (
                Code::BadConfig,
                "correct the values that are named",
                Said::new(korean, "위에 적힌 값을 고치세요"),
            )
        }
        Rejection::BadPath => (
            Code::BadPath,
            "name a path that the workers can read",
            Said::new(
                format!(
                    "데이터셋의 경로는 1자에서 {}자까지이고 제어 문자가 없어야 합니다",
                    limits::PATH_CHARS
                ),
                "작업자가 읽을 수 있는 폴더의 경로를 적으세요",
            ),
        ),
        Rejection::JobAlreadyEnded(how) => (
            Code::JobAlreadyEnded,
            "nothing is left to stop; start another job",
            Said::new(
                match *how {
                    "finished" => "이미 완료된 작업입니다",
                    "failed" => "이미 실패한 작업입니다",
                    _ => "이미 취소된 작업입니다",
                },
                "더 멈출 것이 없습니다. 필요하면 새 작업을 시작하세요",
            ),
        ),
        Rejection::NotDeployed => (
            Code::NotDeployed,
            "deploy it with POST /v1/jobs/{id}/deploy",
            Said::new("배포하지 않은 모델입니다", "작업 화면에서 배포할 수 있습니다"),
        ),
        Rejection::BadTokenName => (
            Code::BadTokenName,
            "give the token another name",
            Said::new("토큰의 이름은 1자에서 64자까지이고 제어 문자가 없어야 합니다", "다른 이름을 적으세요"),
        ),
        Rejection::TokenNameTaken => (
            Code::TokenNameTaken,
            "give the token another name",
            Said::new(
                "유효한 토큰 가운데 같은 이름이 있습니다. 그 토큰을 폐기하거나 다른 이름을 쓰세요",
                "다른 이름을 적으세요",
            ),
        ),
        Rejection::ExpiresInThePast => (
            Code::ExpiresInThePast,
            "send a time that is still to come, or none",
            Said::new("토큰의 만료 시각이 이미 지났습니다", "앞으로 올 시각을 보내거나 비워 두세요"),
        ),
        Rejection::TooLarge(event) => (
            Code::TooLarge,
            "make it smaller",
            Said::new(format!("내용이 너무 큽니다({event})"), "내용을 줄이세요"),
        ),
        Rejection::NoWeights => (
            Code::Refused,
            "read it again and decide anew",
            Said::new("작업의 결과에 가중치가 없습니다", "지금 상태를 확인한 뒤 다시 정하세요"),
        ),
        // Only workers and policies meet the others.
        _ => (
            Code::Refused,
            "read it again and decide anew",
            Said::new(
                format!("지금은 그렇게 할 수 없습니다({rejection})"),
                "지금 상태를 확인한 뒤 다시 정하세요",
            ),
        ),
    };
    Problem::Refused { code, english: Said::new(rejection.to_string(), next_step), korean }
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
            AskError::Refused(PredictRefusal::BadImage(detail)) => Problem::BadImage { detail },
            AskError::Refused(PredictRefusal::BadModel(detail)) => Problem::BadModel { detail },
            AskError::Refused(PredictRefusal::Busy(detail)) => Problem::PredictorBusy { detail },
            AskError::NobodyThere => Problem::NoPredictor,
            AskError::TimedOut => Problem::PredictorTimedOut,
            AskError::TooLarge { limit } => Problem::ImageTooLarge { bytes_max: limit },
            AskError::Unavailable(detail) => Problem::Unavailable { part: Part::Predictors, detail },
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
        let long = answer(Rejection::PromptTooLong(5_000).into()).await;
        insta::assert_snapshot!(long, @r#"422 Unprocessable Entity retry=false en {"error":{"code":"prompt_too_long","message":"the prompt has 5000 characters and 4000 is the most: shorten it","next_step":"shorten the prompt"}}"#);
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
