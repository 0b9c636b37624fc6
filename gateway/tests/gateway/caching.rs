//! What may be kept on its way: nothing that is of one reader or of one moment, and what is named by its hash for ever.

use reqwest::Method;
use trainyard_events::tenant::Role;

use crate::house::House;

async fn kept(house: &House, token: &str, method: Method, path: &str) -> String {
    let response = house.request(token, method, path).send().await.expect("an answer");
    let said = response.headers().get_all("cache-control").iter().map(|said| said.to_str().expect("text"));
    said.collect::<Vec<_>>().join(" + ")
}

#[tokio::test]
async fn answers_are_kept_by_nobody_and_files_by_who_may_see_them() {
    let house = House::new().await;
    let token = house.token("acme", Role::Admin).await;
    let job = house.finished_job().await;
    let of_job = format!("/v1/jobs/{job}");
    for path in [
        "/v1/jobs",
        &of_job,
        "/v1/whoami",
        "/v1/tokens",
        "/v1/activity",
        "/v1/workers",
        "/v1/models",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/v1/nothing",
        "/v1/jobs/0",
        "/assets/nothing.js",
    ] {
        for token in ["", "ty_wrong", &token] {
            assert_eq!(kept(&house, token, Method::GET, path).await, "no-store", "{path} with {token:?}");
        }
    }
    for (method, path) in [(Method::POST, "/v1/chats"), (Method::DELETE, "/v1/jobs"), (Method::PUT, "/")] {
        assert_eq!(kept(&house, &token, method.clone(), path).await, "no-store", "{method} {path}");
    }
    assert_eq!(
        kept(&house, "", Method::GET, "/").await,
        "no-cache",
        "the page asks whether it is the newest"
    );

    let listed = house.get(&format!("{of_job}/artifacts")).await;
    for artifact in listed["artifacts"].as_array().expect("artifacts") {
        let by_hash = artifact["url"].as_str().expect("a URL");
        let response = house.request(&token, Method::GET, by_hash).send().await.expect("an answer");
        assert_eq!(response.headers()["cache-control"], "private, max-age=31536000, immutable", "{by_hash}");
        assert_eq!(response.headers()["vary"], "authorization", "another token is another reader");
        let (by_role, _) = by_hash.split_once('?').expect("a query");
        assert_eq!(kept(&house, &token, Method::GET, by_role).await, "no-store", "{by_role} may change");
        for token in ["", "ty_wrong"] {
            assert_eq!(kept(&house, token, Method::GET, by_hash).await, "no-store", "a refusal is no file");
        }
        let other = format!("{by_role}?sha256={}", "0".repeat(64));
        assert_eq!(kept(&house, &token, Method::GET, &other).await, "no-store", "what is not there may come");
    }
}
