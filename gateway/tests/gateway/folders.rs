//! What is in the workers' folders is asked of one of them, for the tenant whose token it is.

use std::time::Duration;

use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use trainyard_events::folders::{Folder, FolderAnswer, FolderRefusal, FolderRequest};
use trainyard_events::tenant::Role;

use crate::house::{House, until};

async fn ask(house: &House, tenant: &str, query: &str) -> (u16, Value) {
    let token = house.token(tenant, Role::Editor).await;
    house.ask(&token, Method::GET, &format!("/v1/roots{query}"), None).await
}

/// A worker with one folder for `acme`, which has its troubles.
async fn worker(house: &House) {
    let mut calls = house.bus.folders().serve().await.expect("a subscription");
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            let answer = answered(&call.request);
            call.answer(answer).await.expect("the bus is up");
        }
    });
}

fn answered(FolderRequest { tenant, path }: &FolderRequest) -> Result<FolderAnswer, FolderRefusal> {
    let named = path.clone().unwrap_or_default();
    match named.as_str() {
        "/data/gone" => Err(FolderRefusal::NoFolder { path: named }),
        "/data/closed" => {
            Err(FolderRefusal::Unreadable { path: named, detail: "permission denied".to_owned() })
        }
        "/data/hangs" => Err(FolderRefusal::Busy),
        _ if tenant.as_str() != "acme" => Err(FolderRefusal::OutsideRoots { path: named }),
        _ => Ok(FolderAnswer {
            path: path.clone(),
            parent: None,
            images: 7,
            more_images: true,
            folders: vec![Folder {
                name: "긁힘 & <b>".to_owned(),
                path: "/data/긁힘 & <b>".to_owned(),
                images: 7,
                more_images: true,
            }],
            left_out: 1,
        }),
    }
}

#[tokio::test]
async fn folders_are_shown_as_a_worker_tells_of_them_or_it_is_said_why_not() {
    let house = House::new().await;
    let (status, nobody) = ask(&house, "acme", "").await;
    assert_eq!((status, &nobody["error"]["code"]), (503, &json!("no_worker")), "{nobody}");
    worker(&house).await;
    let shown = until(async || {
        let (status, shown) = ask(&house, "acme", "").await;
        if status == 200 { Ok(shown) } else { Err(shown) }
    })
    .await;
    assert_eq!((&shown["path"], &shown["folders"][0]["name"]), (&Value::Null, &json!("긁힘 & <b>")));
    let (_, below) = ask(&house, "acme", "?path=%2Fdata%2F%EA%B8%81%ED%9E%98").await;
    assert_eq!((&below["path"], &below["more_images"]), (&json!("/data/긁힘"), &json!(true)));

    for (tenant, query, status, code) in [
        ("globex", "?path=/data", 422, "bad_path"),
        ("acme", "?path=/data/gone", 404, "not_found"),
        ("acme", "?path=/data/closed", 409, "refused"),
        ("acme", "?path=/data/hangs", 503, "unavailable"),
        ("acme", "?folder=/data", 400, "bad_request"),
    ] {
        let (found, body) = ask(&house, tenant, query).await;
        assert_eq!((found, &body["error"]["code"]), (status, &json!(code)), "{query}: {body}");
    }
    let viewer = house.token("acme", Role::Viewer).await;
    assert_eq!(house.ask(&viewer, Method::GET, "/v1/roots", None).await.0, 403);
}

#[tokio::test]
async fn a_worker_that_says_nothing_is_not_waited_for_for_ever() {
    let house = House::new().await;
    let _silent = house.bus.folders().serve().await.expect("a subscription");
    house.bus.ping().await.expect("the bus is up");
    let asked = tokio::time::timeout(Duration::from_secs(10), ask(&house, "acme", "?path=/data"));
    let (status, body) = asked.await.expect("an answer in time");
    assert_eq!((status, &body["error"]["code"]), (503, &json!("unavailable")), "{body}");
}
