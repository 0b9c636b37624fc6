//! Images that are named by their address, from hosts that the operator allows.

use std::io::{Read, Write};
use std::net::TcpListener;

use bytes::Bytes;
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use trainyard_events::limits::IMAGE_BYTES;
use trainyard_events::prediction::{PredictAnswer, Prediction};
use trainyard_events::tenant::Role;
use trainyard_fetch::Allowed;

use crate::house::House;

/// A server of photos: what it has, where it leads away, what it has not and what is too large.
fn photos() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut asked, mut chunk) = (Vec::new(), [0; 1_024]);
            while !asked.ends_with(b"\r\n\r\n") {
                let read = stream.read(&mut chunk).unwrap();
                asked.extend_from_slice(&chunk[..read]);
            }
            let asked = String::from_utf8(asked).unwrap();
            let (head, body) = match asked.split(' ').nth(1).unwrap() {
                "/a.jpg" => ("200 OK".to_owned(), b"an image".to_vec()),
                "/away" => (format!("302 Found\r\nlocation: http://{}/a.jpg", host_of(&asked)), Vec::new()),
                "/large.jpg" => ("200 OK".to_owned(), vec![0; IMAGE_BYTES + 1]),
                _ => ("404 Not Found".to_owned(), Vec::new()),
            };
            let length = body.len();
            let head = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            // Who has heard enough hangs up.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    host
}

fn host_of(asked: &str) -> &str {
    let host = asked.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("it is said").trim()
}

async fn ask(house: &House, token: &str, images: &[String]) -> (u16, Value) {
    house.ask(token, Method::POST, "/inference/1/predict", Some(json!({ "images": images }))).await
}

async fn answering(house: &House) {
    let mut calls = house.bus.predictors().serve(CancellationToken::new()).await.expect("a predictor");
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            assert_eq!(call.image, Bytes::from_static(b"an image"));
            let predictions = vec![Prediction::of("7", 0.75)];
            let seen = PredictAnswer {
                predictions,
                width: 8,
                height: 9,
                milliseconds: 1.5,
                batch: 1,
                anomaly: None,
            };
            call.answer(Ok(seen)).await.expect("the bus is up");
        }
    });
}

#[tokio::test]
async fn images_come_from_where_the_operator_allows_and_from_nowhere_else() {
    let host = photos();
    let allowed = Allowed { tenant: Some("acme".parse().unwrap()), what: host.clone() };
    let house = House::with(|config| config.image_hosts = vec![allowed.clone()]).await;
    house.finished_job().await;
    house.post("/v1/jobs/1/deploy", json!({})).await;
    answering(&house).await;
    let token = house.token("acme", Role::Viewer).await;

    let elsewhere = photos();
    let port = host.rsplit(':').next().unwrap();
    let images = [
        format!("http://{host}/a.jpg"),
        format!("http://{host}/away"),
        format!("http://{host}/none.jpg"),
        format!("http://{host}/large.jpg"),
        format!("http://{elsewhere}/a.jpg"),
        format!("http://localhost:{port}/a.jpg"),
        "https://example.com/a.jpg".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://".to_owned(),
        "YW4gaW1hZ2U=".to_owned(),
    ];
    let (status, answered) = ask(&house, &token, &images).await;
    assert_eq!(status, 200, "{answered}");
    let results = answered["results"].as_array().expect("results");
    let seen = |at: usize| results[at]["predictions"][0]["class"].clone();
    assert_eq!((seen(0), seen(9)), (json!("7"), json!("7")), "{answered}");
    let said = |at: usize| results[at]["error"]["message"].as_str().unwrap_or_default();
    assert!(said(1).contains("answers 302") && said(2).contains("answers 404"), "{answered}");
    assert_eq!(results[3]["error"]["code"], "too_large", "{answered}");
    for at in 4..9 {
        assert!(said(at).starts_with("no image is fetched from"), "{}: {}", images[at], results[at]);
    }
}

#[tokio::test]
async fn where_no_host_is_allowed_nothing_is_fetched() {
    let host = photos();
    let house = House::new().await;
    house.finished_job().await;
    house.post("/v1/jobs/1/deploy", json!({})).await;
    answering(&house).await;
    let token = house.token("acme", Role::Viewer).await;
    let (_, answered) = ask(&house, &token, &[format!("http://{host}/a.jpg")]).await;
    let refused = &answered["results"][0]["error"];
    assert_eq!(refused["code"], "bad_image", "{answered}");
    assert!(refused["next_step"].as_str().unwrap_or_default().contains("TRAINYARD_IMAGE_HOSTS"), "{refused}");
}
