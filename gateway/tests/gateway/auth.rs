//! Who may do what: every route of the description, without a token, with too small a role, and from another tenant.

use reqwest::Method;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use trainyard_door::system_clock;
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::house::{House, WORKER, answer, until};
use crate::live::Socket;

struct Route {
    method: Method,
    path: String,
    role: Option<Role>,
}

/// The routes that the gateway says it has.
async fn routes(house: &House) -> Vec<Route> {
    let (_, document) = answer(house.request("", Method::GET, "/openapi.json")).await;
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let method = method.to_uppercase().parse().expect("a method");
            let role = serde_json::from_value(operation["x-role"].clone()).ok();
            routes.push(Route { method, path: path.clone(), role });
        }
    }
    assert!(routes.len() > 30, "{}", routes.len());
    routes
}

fn with_id(path: &str, id: &str) -> String {
    let path = path.replace("{id}", id).replace("{job_id}", id).replace("{name}", id);
    let path = path.replace("{alias}", "champion").replace("{number}", "1");
    path.replace("{role}", "weights").replace("{sequence}", "1")
}

/// A body that fits the route, so that nothing but the right to ask stands in the way.
fn body(path: &str) -> Option<Value> {
    match path {
        "/v1/chats/{id}/messages" => Some(json!({ "text": "help" })),
        "/v1/chats/{id}/approve" => Some(json!({ "hash": "x" })),
        "/v1/hooks" => Some(json!({ "address": "https://hooks.example/" })),
        "/v1/invitations" => Some(json!({ "name": "t", "role": "viewer" })),
        "/v1/tenants" => Some(json!({ "tenant": "fresh" })),
        "/v1/tokens" => Some(json!({ "name": "t", "role": "viewer" })),
        "/v1/quarantine/{sequence}/skip" => Some(json!({ "reason": "a test" })),
        "/v1/jobs" => Some(json!({ "model": "resnet18", "dataset": "data/digits" })),
        "/v1/datasets" => Some(json!({ "path": "data/digits" })),
        "/v1/registry/{name}/versions" => Some(json!({ "job": Uuid::nil().to_string() })),
        "/v1/registry/{name}/aliases/{alias}" => Some(json!({ "version": 1 })),
        "/v1/registry/{name}/sampling" => Some(json!({ "share": 0.5 })),
        "/v1/datasets/{id}/tags/{tag}" => Some(json!({ "version": 1 })),
        _ => Some(json!({})),
    }
}

#[tokio::test]
async fn every_route_asks_for_a_token_and_a_role() {
    let house = House::new().await;
    let viewer = house.token("acme", Role::Viewer).await;
    let editor = house.token("acme", Role::Editor).await;
    for Route { method, path, role } in routes(&house).await {
        let at = with_id(&path, &Uuid::new_v4().to_string());
        let Some(role) = role else { continue };
        for wrong in ["", "ty_wrong", "wrong", &format!("{viewer}x")] {
            // More than so many unknown tokens at once are told to wait.
            let (status, body) = until(async || {
                let (status, body) = answer(house.request(wrong, method.clone(), &at)).await;
                if status == 429 { Err(body) } else { Ok((status, body)) }
            })
            .await;
            assert_eq!(status, 401, "{method} {at} with {wrong:?}: {body}");
            assert!(body["error"]["next_step"].as_str().is_some_and(|step| !step.is_empty()), "{body}");
        }
        for (token, has) in [(&viewer, Role::Viewer), (&editor, Role::Editor)] {
            let request = house.request(token, method.clone(), &at);
            let writes = [Method::POST, Method::PUT, Method::PATCH].contains(&method);
            let request = if writes { request.json(&body(&path)) } else { request };
            let (status, body) = answer(request).await;
            assert_eq!(status == 403, has < role, "{method} {at} as {has:?}: {status} {body}");
        }
    }
}

#[tokio::test]
async fn what_is_another_tenants_is_as_what_is_not_there() {
    let house = House::new().await;
    let job = house.finished_job().await;
    house.post("/v1/registry/line3/versions", json!({ "job": job.to_string() })).await;
    let row = house.get(&format!("/v1/jobs/{job}")).await;
    let chat = row["job"]["chat"].as_str().expect("a chat").to_owned();
    let dataset = row["job"]["dataset"].as_str().expect("a dataset").to_owned();
    let admin = house.token("acme", Role::Admin).await;
    let tokens = house.ask(&admin, Method::GET, "/v1/tokens", None).await.1;
    let token = tokens["tokens"][0]["token_id"].as_str().expect("a token").to_owned();

    let stranger = house.token("other", Role::Admin).await;
    let mut compared = 0;
    for Route { method, path, .. } in
        routes(&house).await.into_iter().filter(|route| route.path.contains('{'))
    {
        let theirs = match path.split('/').nth(2) {
            Some("chats") if !path.ends_with("/said") => &*chat,
            Some("datasets") => &dataset,
            Some("tokens") => &token,
            Some("registry") => "line3",
            // The stranger has spoken under that id meanwhile: it is a conversation of their own, and what they erase is theirs.
            Some("chats") => continue,
            // Whose name is theirs is no secret, and who is no operator is told nothing else.
            Some("models" | "tenants") => continue,
            Some("workers") => WORKER,
            _ => &job.to_string(),
        };
        let ask = async |id: &str| {
            let request = house.request(&stranger, method.clone(), &with_id(&path, id));
            let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(&method);
            let request = if has_body { request.json(&body(&path)) } else { request };
            let (status, mut body) = answer(request).await;
            body.as_object_mut().map(|body| body.remove("sequence"));
            (status, body)
        };
        let (of_another, of_nobody) = (ask(theirs).await, ask(&Uuid::new_v4().to_string()).await);
        assert_eq!(of_another, of_nobody, "{method} {path}");
        // Every id is a conversation of the tenant's own, but nothing is called something in which nobody has spoken.
        let needs_words = (&method, &*path) == (&Method::PATCH, "/v1/chats/{id}");
        let own = path.starts_with("/v1/chats/") && !needs_words || path.ends_with("/said");
        // Who is no operator is told that, whichever worker it is about.
        let unseen = if path.starts_with("/v1/workers/") { 403 } else { 404 };
        assert_eq!(of_another.0 == unseen, !own, "{method} {path}: {of_another:?}");
        compared += 1;
    }
    assert!(compared >= 14, "{compared}");
    for list in ["jobs", "chats", "datasets"] {
        let (_, body) = house.ask(&stranger, Method::GET, &format!("/v1/{list}"), None).await;
        let rows = body[list].as_array().expect("rows");
        assert!(rows.iter().all(|row| row["tenant"] == "other"), "{list}: {body}");
    }
    let (_, seen) = house.ask(&stranger, Method::GET, "/v1/activity?after=0", None).await;
    let seen = seen["events"].as_array().expect("events");
    assert!(!seen.is_empty() && seen.iter().all(|event| event["tenant"] == "other"), "{seen:?}");
    let by_number = house.ask(&stranger, Method::GET, "/v1/jobs/1", None).await;
    assert_eq!(by_number.0, 404, "{by_number:?}");
}

#[tokio::test]
async fn a_token_lives_from_its_answer_to_its_revocation() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let new = Some(json!({ "name": "ci", "role": "editor" }));
    let (status, made) = house.ask(&admin, Method::POST, "/v1/tokens", new).await;
    assert_eq!(status, 201, "{made}");
    let token = made["token"].as_str().expect("its text");
    let (_, me) = house.ask(token, Method::GET, "/v1/whoami", None).await;
    assert_eq!(
        (&me["tenant"], &me["role"], &me["token"]["name"]),
        (&json!("acme"), &json!("editor"), &json!("ci"))
    );
    let path = format!("/v1/tokens?wait_for={}", made["sequence"]);
    let (_, listed) = house.ask(&admin, Method::GET, &path, None).await;
    assert!(
        listed["tokens"].as_array().expect("tokens").iter().any(|row| row["token_id"] == made["token_id"])
    );
    assert!(!listed.to_string().contains("sha256"), "{listed}");

    let path = format!("/v1/tokens/{}", made["token_id"].as_str().expect("its id"));
    let (status, revoked) = house.ask(&admin, Method::DELETE, &path, None).await;
    assert_eq!(status, 200, "{revoked}");
    let (status, body) = house.ask(token, Method::GET, "/v1/whoami", None).await;
    assert_eq!(status, 401, "at once: {body}");

    let (_, other) = house.ask(&admin, Method::GET, "/v1/activity", None).await;
    assert!(!other.to_string().contains("sha256"), "hashes stay inside");
}

#[tokio::test]
async fn a_token_opens_nothing_from_its_end_on() {
    let mut house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let end = (system_clock() + time::Duration::seconds(3)).format(&Rfc3339).expect("a time");
    let new = json!({ "name": "visitor", "role": "viewer", "expires_at": end });
    let (status, made) = house.ask(&admin, Method::POST, "/v1/tokens", Some(new.clone())).await;
    assert_eq!(status, 201, "{made}");
    let token = made["token"].as_str().expect("its text").to_owned();
    let (status, me) = house.ask(&token, Method::GET, "/v1/whoami", None).await;
    assert_eq!((status, me["token"]["expires_at"].is_string()), (200, true), "{me}");
    let mut socket = Socket::open(&house, &token).await;

    let refused = until(async || match house.ask(&token, Method::GET, "/v1/whoami", None).await {
        (401, body) => Ok(body),
        other => Err(other),
    })
    .await;
    assert_eq!(refused["error"]["code"], "token_expired", "{refused}");
    assert!(matches!(socket.message().await, Message::Close(Some(close)) if close.code == CloseCode::Policy));
    let bearer = format!("Bearer {token}");
    let refused = Socket::connect(&house, &[("authorization", &bearer)]).await.err();
    assert!(matches!(&refused, Some(Error::Http(response)) if response.status() == 401), "{refused:?}");
    let path = format!("/v1/tokens?wait_for={}", made["sequence"]);
    let (_, listed) = house.ask(&admin, Method::GET, &path, None).await;
    let row = listed["tokens"].as_array().expect("tokens").iter().find(|row| row["name"] == "visitor");
    assert_eq!(row.expect("it is listed")["expires_at"], me["token"]["expires_at"], "{listed}");
    // A gateway that has never heard of it knows from the views.
    house.close().await;
    house.open().await;
    let (status, refused) = house.ask(&token, Method::GET, "/v1/whoami", None).await;
    assert_eq!((status, &refused["error"]["code"]), (401, &json!("token_expired")), "{refused}");

    let (status, past) = house.ask(&admin, Method::POST, "/v1/tokens", Some(new)).await;
    assert_eq!((status, &past["error"]["code"]), (422, &json!("expires_in_the_past")), "{past}");
    for bad in ["soon", "9999-12-31T23:59:59-01:00"] {
        let new = Some(json!({ "name": "bad", "role": "viewer", "expires_at": bad }));
        assert_eq!(house.ask(&admin, Method::POST, "/v1/tokens", new).await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_name_is_of_one_valid_token_only() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let make = async |tenant: &str, name: &str| {
        let admin = house.token(tenant, Role::Admin).await;
        let new = Some(json!({ "name": name, "role": "editor" }));
        house.ask(&admin, Method::POST, "/v1/tokens", new).await
    };
    let (status, first) = make("acme", "ci").await;
    assert_eq!(status, 201, "{first}");
    for alike in ["ci", "CI "] {
        let (status, refused) = make("acme", alike).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("token_name_taken")), "{refused}");
    }
    assert_eq!(make("other", "ci").await.0, 201, "names are a tenant's own");
    assert_eq!(make("acme", "ci\u{1b}[2J").await.0, 422);
    let path = format!("/v1/tokens/{}", first["token_id"].as_str().expect("its id"));
    assert_eq!(house.ask(&admin, Method::DELETE, &path, None).await.0, 200);
    assert_eq!(make("acme", "ci").await.0, 201, "a revoked one has given its name back");
}
