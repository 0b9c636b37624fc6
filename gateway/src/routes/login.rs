//! `/v1/login`, `/v1/login/company`, `/v1/login/callback` and `/v1/logout`: coming in with a company's account, and leaving.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use trainyard_api::Code;
use trainyard_api::login::{LoggedOut, LoginAnswer, LoginWays};
use trainyard_commands::Command;
use trainyard_commands::tenant::TenantCommand;
use trainyard_events::Aggregate;
use trainyard_events::tenant::Role;

use crate::cookies;
use crate::error::ApiError;
use crate::extract::{Params, Preferred};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::login::{LOGIN_LASTS, Opened};
use crate::public::PublicUrl;
use crate::route::{Access, Route};

/// What the page finds in its address when it is back from a login; a browser sends it nowhere.
const BACK: &str = "#session=company";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/v1/login", Access::Open, "How people come in here", ways)
            .answers::<LoginWays>()
            .refuses(&[Code::TooManyRequests]),
        Route::new(Method::GET, "/v1/login/company", Access::Open, "To the company's login", begin)
            .serves("text/html")
            .with(StatusCode::SEE_OTHER)
            .refuses(&[Code::NotFound, Code::TooManyRequests, Code::Unavailable]),
        Route::new(Method::GET, "/v1/login/callback", Access::Open, "Back from the company's login", finish)
            .query::<LoginAnswer>()
            .serves("text/html")
            .with(StatusCode::SEE_OTHER)
            .refuses(&[
                Code::NotFound,
                Code::LoginRefused,
                Code::NoGroup,
                Code::BadTokenName,
                Code::TokenNameTaken,
                Code::Refused,
                Code::TooManyRequests,
                Code::Unavailable,
            ]),
        Route::new(Method::POST, "/v1/logout", Access::Needs(Role::Viewer), "End this session", leave)
            .answers::<LoggedOut>()
            .refuses(&[Code::Refused]),
    ]
}

async fn ways(State(gateway): State<Gateway>) -> Json<LoginWays> {
    Json(LoginWays { company: gateway.login.is_some() })
}

async fn begin(State(gateway): State<Gateway>, headers: HeaderMap, language: Preferred) -> Response {
    let url = gateway.config.public_url.as_ref();
    let begun = async { gateway.login()?.begin((gateway.clock)()).await };
    match begun.await {
        Ok((there, kept)) => to(&there, [cookies::set_login(url, &kept, LOGIN_LASTS)]),
        Err(error) => told(error, &headers, language, url),
    }
}

async fn finish(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    language: Preferred,
    Params(answer): Params<LoginAnswer>,
) -> Response {
    let url = gateway.config.public_url.as_ref();
    // Whatever comes of it, it comes once.
    let forgotten = cookies::forget_login(url);
    match gateway.log_in(cookies::login(&headers), answer).await {
        Ok(Opened { text, lasts }) => {
            let page = format!("{}{BACK}", url.map_or_else(|| "/".to_owned(), PublicUrl::base));
            to(&page, [forgotten, cookies::set_session(url, &text, lasts)])
        }
        Err(error) => {
            let mut response = told(error, &headers, language, url);
            response.headers_mut().append(header::SET_COOKIE, forgotten);
            response
        }
    }
}

async fn leave(State(gateway): State<Gateway>, asker: Asker) -> Result<Response, ApiError> {
    let token_id = asker.identity.token_id;
    let revoked = asker.identity.member.is_some();
    let mut answer = LoggedOut { revoked, token_id, sequence: None, provider: None };
    if answer.revoked {
        let tenant = Aggregate::Tenant(asker.identity.tenant.clone());
        let revoke = Command::Tenant(TenantCommand::RevokeToken { token_id });
        let recorded = gateway.ask(&asker, "log out", tenant, revoke).await?.recorded();
        answer.sequence = recorded.map(|recorded| recorded.sequence);
        if let Some(login) = &gateway.login {
            answer.provider = login.leave().await;
        }
    }
    let forgotten = cookies::forget_session(gateway.config.public_url.as_ref());
    Ok((AppendHeaders([(header::SET_COOKIE, forgotten)]), Json(answer)).into_response())
}

fn to<const N: usize>(there: &str, set: [HeaderValue; N]) -> Response {
    let Ok(there) = HeaderValue::try_from(there) else {
        return ApiError::internal("the provider's address is none").into_response();
    };
    let cookies = set.map(|cookie| (header::SET_COOKIE, cookie));
    (StatusCode::SEE_OTHER, [(header::LOCATION, there)], AppendHeaders(cookies)).into_response()
}

/// A refusal, as a page where a person's browser asks: it has left the dashboard on its way.
fn told(
    error: ApiError,
    headers: &HeaderMap,
    Preferred(language): Preferred,
    url: Option<&PublicUrl>,
) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepts.contains("text/html") {
        return error.into_response();
    }
    let said = error.0.said(language);
    let status = error.into_response().status();
    let home = url.map_or_else(|| "/".to_owned(), PublicUrl::base);
    let [message, next] = [said.message, said.next_step].map(|text| escaped(&text));
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Trainyard</title><h1>Trainyard</h1><p>{message}</p>\
         <p>{next}</p><p><a href=\"{home}\">Trainyard</a></p>"
    );
    let policy = (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    (status, [policy], Html(page)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
