//! Logging in with a company's account at a real provider, which lies when it is told to.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_tungstenite::tungstenite::Message;
use trainyard_events::tenant::Role;
use trainyard_gateway::{GroupRight, LoginSettings};
use trainyard_login::LoginConfig;

use crate::house::{House, answer, until};
use crate::live::Socket;

/// The provider, a process of its own.
pub struct Provider {
    _child: Child,
    pub issuer: String,
    http: Client,
}

impl Provider {
    pub async fn start() -> Provider {
        let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/tools/oidc-provider");
        let mut command = Command::new(tool);
        command
            .arg("0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = tokio::time::timeout(Duration::from_secs(180), lines.next_line());
        let issuer = told.await.expect("it starts in time").unwrap().expect("it says where it is");
        let http = trainyard_fetch::client().redirect(Policy::none()).build().unwrap();
        Provider { _child: child, issuer, http }
    }

    pub async fn knows(&self, who: &str, groups: &[&str]) {
        let claims = json!({ "email": format!("{who}@acme.example"), "groups": groups });
        self.told(self.http.put(format!("{}/users/{who}", self.issuer)).json(&claims)).await;
    }

    /// How the next tokens are wrong; `None` is the truth.
    async fn lies(&self, lie: Option<&str>) {
        self.told(self.http.put(format!("{}/lie", self.issuer)).json(&json!({ "lie": lie }))).await;
    }

    async fn rotates(&self) {
        self.told(self.http.post(format!("{}/rotate", self.issuer))).await;
    }

    async fn told(&self, request: reqwest::RequestBuilder) {
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    /// Where the provider sends a browser to that `who` sits at.
    async fn authorizes(&self, there: &str, who: &str) -> String {
        let typed = self.http.post(there).header("content-type", "application/x-www-form-urlencoded");
        let answer = typed.body(format!("sub={who}")).send().await.unwrap();
        assert_eq!(answer.status(), 302, "{there}");
        text(answer.headers(), LOCATION.as_str())
    }
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers[name].to_str().unwrap().to_owned()
}

/// `name=value` of each cookie that is set, and all that is said of it.
fn cookies(response: &Response) -> Vec<(String, String)> {
    let set = response.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    set.map(|whole| (whole.split(';').next().unwrap().to_owned(), whole)).collect()
}

/// A house whose people log in at `provider`: `vision` are editors, and `leads` admins, of acme.
pub async fn house_of(provider: &Provider) -> House {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let public = format!("http://127.0.0.1:{port}");
    let right =
        |group: &str, role| GroupRight { group: group.to_owned(), tenant: "acme".parse().unwrap(), role };
    let login = LoginSettings {
        provider: LoginConfig {
            issuer: provider.issuer.parse().unwrap(),
            client_id: "trainyard".to_owned(),
            client_secret: Some("kept: by both".to_owned()),
            scopes: vec!["email".to_owned()],
            groups_claim: "groups".to_owned(),
            redirect: format!("{public}/v1/login/callback").parse().unwrap(),
        },
        groups: vec![right("vision", Role::Editor), right("leads", Role::Admin)],
        session: Duration::from_secs(12 * 3_600),
    };
    let house = House::with(|config| {
        config.listen.set_port(port);
        config.public_url = Some(public.parse().unwrap());
        config.login = Some(login.clone());
    });
    let house = house.await;
    house.token("acme", Role::Admin).await;
    house
}

/// A browser that is asked to log in: where it is sent, and what it keeps.
async fn begun(house: &House, provider: &Provider) -> (String, String) {
    let response = provider.http.get(house.url("/v1/login/company")).send().await.unwrap();
    assert_eq!(response.status(), 303);
    let [(kept, whole)] = &cookies(&response)[..] else { panic!("one cookie") };
    for said in ["HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/"] {
        assert!(whole.contains(said), "{whole}");
    }
    (text(response.headers(), LOCATION.as_str()), kept.clone())
}

async fn come_back(provider: &Provider, to: &str, kept: &str) -> Response {
    provider.http.get(to).header(COOKIE, kept).send().await.unwrap()
}

async fn code_of(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"]["code"].as_str().unwrap().to_owned())
}

/// The cookie of a session of `who`, or why there is none.
pub async fn log_in(house: &House, provider: &Provider, who: &str) -> Result<String, (u16, String)> {
    let (there, kept) = begun(house, provider).await;
    let back = provider.authorizes(&there, who).await;
    let response = come_back(provider, &back, &kept).await;
    if response.status() != 303 {
        return Err(code_of(response).await);
    }
    assert_eq!(text(response.headers(), LOCATION.as_str()), "/#session=company");
    let set = cookies(&response);
    assert!(set[0].1.starts_with("trainyard_login=; ") && set[0].1.contains("Max-Age=0"), "{set:?}");
    assert!(set[1].1.contains("HttpOnly; SameSite=Lax") && set[1].1.contains("Max-Age=43200"), "{set:?}");
    Ok(set[1].0.clone())
}

/// What is answered to a request with the session's cookie, from a page of `origin` if it is one.
async fn ask(
    house: &House,
    (method, path): (Method, &str),
    cookie: &str,
    origin: Option<&str>,
) -> (u16, Value) {
    let mut request =
        trainyard_fetch::client().build().unwrap().request(method, house.url(path)).header(COOKIE, cookie);
    if let Some(origin) = origin {
        request = request.header(ORIGIN, origin);
    }
    answer(request).await
}

#[tokio::test]
async fn a_person_logs_in_works_and_logs_out() {
    let provider = Provider::start().await;
    let house = house_of(&provider).await;
    provider.knows("kim", &["others", "vision"]).await;
    assert_eq!(answer(house.request("", Method::GET, "/v1/login")).await, (200, json!({ "company": true })));

    let cookie = log_in(&house, &provider, "kim").await.expect("a session");
    let (status, me) = ask(&house, (Method::GET, "/v1/whoami"), &cookie, None).await;
    assert_eq!((status, &me["tenant"], &me["role"]), (200, &json!("acme"), &json!("editor")), "{me}");
    assert_eq!((&me["token"]["name"], &me["token"]["session"]), (&json!("kim@acme.example"), &json!(true)));

    // It is a token like any other, and what is done with it is done in the person's name.
    let own = format!("http://{}", house.address);
    let (status, chat) = ask(&house, (Method::POST, "/v1/chats"), &cookie, Some(&own)).await;
    assert!(status < 300, "{chat}");
    let admin = house.token("acme", Role::Admin).await;
    let listed = until(async || {
        let (_, listed) = house.ask(&admin, Method::GET, "/v1/tokens", None).await;
        let rows = listed["tokens"].as_array().cloned().unwrap_or_default();
        rows.into_iter().find(|row| row["name"] == "kim@acme.example").ok_or(listed)
    });
    let row = listed.await;
    assert_eq!((&row["member"]["subject"], row["expires_at"].is_string()), (&json!("kim"), true), "{row}");

    // A page of another site changes nothing by what the browser sends for it, and neither does what says no origin.
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let (status, refused) = ask(&house, (Method::POST, "/v1/chats"), &cookie, origin).await;
        assert_eq!((status, &refused["error"]["code"]), (403, &json!("other_origin")), "{origin:?}");
    }

    let mut socket =
        Socket::connect(&house, &[("cookie", &*cookie), ("origin", &*own)]).await.expect("a socket");
    socket.send(json!({ "type": "auth", "token": "" })).await;
    assert_eq!(socket.next().await["type"], "ready");
    let evil = [("cookie", &*cookie), ("origin", "https://evil.example")];
    assert!(Socket::connect(&house, &evil).await.is_err(), "a page of another site opens no socket");

    let (status, left) = ask(&house, (Method::POST, "/v1/logout"), &cookie, Some(&own)).await;
    assert_eq!((status, &left["revoked"]), (200, &json!(true)), "{left}");
    let there = format!("{}/oauth2/end_session?client_id=trainyard", provider.issuer);
    assert_eq!(left["provider"], json!(there), "the browser logs out there too");
    assert_eq!(ask(&house, (Method::GET, "/v1/whoami"), &cookie, None).await.0, 401);
    while !matches!(socket.message().await, Message::Close(_)) {}

    // A token that is no session goes on.
    let (status, left) = house.ask(&admin, Method::POST, "/v1/logout", None).await;
    assert_eq!((status, &left["revoked"], &left["provider"]), (200, &json!(false), &json!(null)), "{left}");
    assert_eq!(house.ask(&admin, Method::GET, "/v1/whoami", None).await.0, 200);
}

#[tokio::test]
async fn no_answer_of_a_provider_is_believed_that_does_not_hold() {
    let provider = Provider::start().await;
    let house = house_of(&provider).await;
    provider.knows("kim", &["vision"]).await;
    log_in(&house, &provider, "kim").await.expect("the truth is believed");
    for lie in [
        "nonce",
        "no_nonce",
        "audience",
        "many_audiences",
        "authorized_party",
        "issuer",
        "expired",
        "future",
        "none",
        "hs256",
        "stranger",
        "impostor",
        "nobody",
        "tampered",
        "garbage",
    ] {
        provider.lies(Some(lie)).await;
        let refused = log_in(&house, &provider, "kim").await;
        assert_eq!(refused, Err((403, "login_refused".to_owned())), "{lie}");
    }
    provider.lies(None).await;
    // The keys that are known are old now, and the new ones are asked for.
    provider.rotates().await;
    log_in(&house, &provider, "kim").await.expect("a new key is the provider's too");

    // A code is good once, also with everything that the browser kept.
    let (there, kept) = begun(&house, &provider).await;
    let back = provider.authorizes(&there, "kim").await;
    assert_eq!(come_back(&provider, &back, &kept).await.status(), 303);
    let again = come_back(&provider, &back, &kept).await;
    assert_eq!(code_of(again).await, (403, "login_refused".to_owned()));

    // What another browser began is not this one's: neither its state, nor its code with this one's proof.
    let (there, _) = begun(&house, &provider).await;
    let (_, kept) = begun(&house, &provider).await;
    let back = provider.authorizes(&there, "kim").await;
    for cookie in [kept.as_str(), "trainyard_login=AAAA", "a=b"] {
        let refused = come_back(&provider, &back, cookie).await;
        assert_eq!(code_of(refused).await, (403, "login_refused".to_owned()), "{cookie}");
    }
    let (mine, kept) = begun(&house, &provider).await;
    let state = |address: &str| address.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let stolen = provider.authorizes(&there, "kim").await.replace(&state(&there), &state(&mine));
    let refused = come_back(&provider, &stolen, &kept).await;
    assert_eq!(code_of(refused).await, (403, "login_refused".to_owned()), "the code was another browser's");

    // A person who changes their mind, and a browser, which is told so on a page in its language.
    let url = format!("/v1/login/callback?error=access_denied&state={}", state(&mine));
    let denied = provider.http.get(house.url(&url)).header(COOKIE, &kept);
    let denied = denied.header("accept", "text/html").header("accept-language", "ko").send().await.unwrap();
    assert_eq!(denied.status(), 403);
    let page = denied.text().await.unwrap();
    assert!(page.contains("로그인이 거절되었습니다: access_denied"), "{page}");
}

#[tokio::test]
async fn who_has_no_group_or_was_removed_does_not_come_in() {
    let provider = Provider::start().await;
    let house = house_of(&provider).await;
    provider.knows("lee", &["sales"]).await;
    let refused = log_in(&house, &provider, "lee").await;
    assert_eq!(refused, Err((403, "no_group".to_owned())));

    provider.knows("lee", &["leads", "vision"]).await;
    let cookie = log_in(&house, &provider, "lee").await.expect("a session");
    let second = log_in(&house, &provider, "lee").await.expect("another, of another browser");
    let (_, me) = ask(&house, (Method::GET, "/v1/whoami"), &cookie, None).await;
    assert_eq!(me["role"], "admin", "the highest of both groups");
    let admin = house.token("acme", Role::Admin).await;
    let listed = until(async || {
        let (_, listed) = house.ask(&admin, Method::GET, "/v1/members", None).await;
        match listed["members"].as_array().map(Vec::as_slice) {
            Some([member]) => Ok(member.clone()),
            _ => Err(listed),
        }
    });
    let member = listed.await;
    assert_eq!((&member["name"], &member["removed"]), (&json!("lee@acme.example"), &json!(false)));
    let path = format!("/v1/members/{}", member["id"].as_str().expect("an id"));

    let (status, removed) = house.ask(&admin, Method::DELETE, &path, None).await;
    assert_eq!((status, &removed["sessions"]), (200, &json!(2)), "{removed}");
    for cookie in [&cookie, &second] {
        assert_eq!(ask(&house, (Method::GET, "/v1/whoami"), cookie, None).await.0, 401);
    }
    assert_eq!(log_in(&house, &provider, "lee").await, Err((403, "login_refused".to_owned())));
    let wait = format!("/v1/members?wait_for={}", removed["sequence"]);
    let listed = house.ask(&admin, Method::GET, &wait, None).await.1;
    assert_eq!(listed["members"][0]["removed"], json!(true), "{listed}");

    let restored = house.ask(&admin, Method::POST, &format!("{path}/restore"), None).await;
    assert_eq!(restored.0, 200, "{restored:?}");
    log_in(&house, &provider, "lee").await.expect("and comes in again");
}

#[tokio::test]
async fn a_platform_without_a_provider_says_so() {
    let house = House::new().await;
    assert_eq!(answer(house.request("", Method::GET, "/v1/login")).await, (200, json!({ "company": false })));
    for path in ["/v1/login/company", "/v1/login/callback?code=x&state=y"] {
        let (status, refused) = answer(house.request("", Method::GET, path)).await;
        assert_eq!((status, &refused["error"]["code"]), (404, &json!("not_found")), "{path}: {refused}");
    }
}

#[tokio::test]
async fn a_provider_that_is_away_is_named_and_asked_again() {
    let provider = Provider::start().await;
    let mut house = house_of(&provider).await;
    let there = provider.issuer.clone();
    drop(provider);
    house.close().await;
    house.open().await;
    let (status, refused) = answer(house.request("", Method::GET, "/v1/login/company")).await;
    assert_eq!((status, &refused["error"]["code"]), (503, &json!("unavailable")), "{refused}");
    assert!(refused["error"]["message"].as_str().is_some_and(|said| said.contains(&there)), "{refused}");
}
