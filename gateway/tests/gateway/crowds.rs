//! Many who ask at once, by mistake or on purpose: nobody takes what is others', neither by guessing tokens, nor by
//! opening sockets or connections, and a proxy's clients are told apart where it is trusted.

use std::net::{IpAddr, Ipv4Addr};

use futures::future::join_all;
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use trainyard_events::tenant::Role;
use trainyard_gateway::{Proxies, new_token};

use crate::house::{House, answer, until};
use crate::live::Socket;

/// Who asks from another address of this machine.
fn from(last: u8) -> Client {
    let address = IpAddr::from(Ipv4Addr::new(127, 0, 0, last));
    trainyard_fetch::client().local_address(address).build().expect("a client")
}

/// Tries tokens that nobody has until the gateway looks none of them up; how many it has looked up.
async fn guess(house: &House, client: &Client, headers: &[(&str, &str)]) -> usize {
    let url = house.url("/v1/whoami");
    let mut looked_up = 0;
    for _ in 0..800 {
        let mut request = client.get(&url).bearer_auth(new_token().0);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match request.send().await.expect("an answer").status() {
            StatusCode::UNAUTHORIZED => looked_up += 1,
            StatusCode::TOO_MANY_REQUESTS => return looked_up,
            other => panic!("{other}"),
        }
    }
    panic!("{looked_up} were looked up");
}

#[tokio::test]
async fn whoever_guesses_tokens_keeps_no_good_one_out() {
    let mut house = House::with(|config| config.recent_events = 1).await;
    let used = house.token("acme", Role::Viewer).await;
    let never_used = house.token("other", Role::Viewer).await;
    house.chat().await;
    // The next gateway hears of neither by what it reads of the log.
    house.close().await;
    house.open().await;
    // As soon as it answers it knows which tokens there are.
    until(async || match answer(house.request("", Method::GET, "/readyz")).await {
        (200, _) => Ok(()),
        other => Err(other),
    })
    .await;
    let client = trainyard_fetch::client().build().expect("a client");
    guess(&house, &client, &[]).await;
    for token in [&used, &never_used] {
        let (status, body) = house.ask(token, Method::GET, "/v1/whoami", None).await;
        assert_eq!(status, 200, "shown here for the first time: {body}");
    }
    let guessing = async {
        for _ in 0..10 {
            assert!(guess(&house, &client, &[]).await <= 260, "more than one address may try");
            join_all((0..10).map(|_| guess(&house, &client, &[]))).await;
        }
    };
    let working = async {
        for _ in 0..100 {
            for token in [&used, &never_used] {
                let (status, body) = house.ask(token, Method::GET, "/v1/whoami", None).await;
                assert_eq!(status, 200, "{body}");
            }
        }
        // One that is made meanwhile is known at once, and so is its socket.
        let admin = house.token("acme", Role::Admin).await;
        let new = Some(json!({ "name": "new", "role": "viewer" }));
        let (_, made) = house.ask(&admin, Method::POST, "/v1/tokens", new).await;
        Socket::open(&house, made["token"].as_str().expect("its text")).await;
    };
    tokio::join!(guessing, working);
    // Another address has its own share.
    assert!(guess(&house, &from(2), &[]).await >= 150);
}

#[tokio::test]
async fn routes_without_a_token_are_for_every_address_alike() {
    let house = House::new().await;
    let quiet = from(4);
    let (mut stream, _) = refusal(&house, 3).await;
    // As fast as they can be read, one behind the other.
    let (mut reader, mut writer) = stream.split();
    let asking = async {
        let ask = "GET /healthz HTTP/1.1\r\nhost: trainyard\r\n\r\n".repeat(3_000);
        let last = "GET /healthz HTTP/1.1\r\nhost: trainyard\r\nconnection: close\r\n\r\n";
        writer.write_all([ask.as_str(), last].concat().as_bytes()).await.expect("an open connection");
    };
    let mut told = String::new();
    let (read, ()) = tokio::join!(reader.read_to_string(&mut told), asking);
    read.expect("answers");
    let count = |status: &str| told.matches(&format!("HTTP/1.1 {status}")).count();
    assert!(count("200") >= 500 && count("429") > 0, "{} and {}", count("200"), count("429"));
    assert_eq!(quiet.get(house.url("/healthz")).send().await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn nobody_takes_all_sockets() {
    let house = House::with(|config| {
        config.sockets = 16;
        config.sockets_per_tenant = 6;
        config.sockets_per_token = 4;
        config.sockets_per_address = 3;
    })
    .await;
    let viewer = house.token("acme", Role::Viewer).await;
    let bearer = format!("Bearer {viewer}");
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(Socket::open(&house, &viewer).await);
    }
    let refused = Socket::connect(&house, &[("authorization", &bearer)]).await.err();
    assert!(matches!(&refused, Some(Error::Http(response)) if response.status() == 429), "{refused:?}");
    let mut fifth = Socket::connect(&house, &[]).await.expect("nobody knows yet whose it is");
    fifth.send(json!({ "type": "auth", "token": viewer })).await;
    let error = fifth.next().await;
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("too_many_sockets")), "{error}");
    assert!(matches!(fifth.message().await, Message::Close(Some(close)) if close.code == CloseCode::Again));

    // Another token of the tenant has what is left of the tenant's, and another tenant its own.
    let editor = house.token("acme", Role::Editor).await;
    let bearer_of_editor = format!("Bearer {editor}");
    for _ in 0..2 {
        open.push(Socket::open(&house, &editor).await);
    }
    let refused = Socket::connect(&house, &[("authorization", &bearer_of_editor)]).await.err();
    assert!(matches!(&refused, Some(Error::Http(response)) if response.status() == 429), "{refused:?}");
    open.push(Socket::open(&house, &house.token("other", Role::Viewer).await).await);

    // Those who do not say who they are.
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(Socket::connect(&house, &[]).await.expect("an upgrade"));
    }
    let refused = Socket::connect(&house, &[]).await.err();
    assert!(matches!(&refused, Some(Error::Http(response)) if response.status() == 429), "{refused:?}");
    let mut other = Socket::connect(
        &house,
        &[("authorization", &format!("Bearer {}", house.token("other", Role::Viewer).await))],
    )
    .await
    .expect("they are in nobody's way");
    assert_eq!(other.next().await["type"], "ready");

    // A place is given back when its socket ends.
    drop(open);
    until(async || Socket::connect(&house, &[("authorization", &bearer)]).await.map(drop)).await;
}

/// What a connection from the address is told before it is hung up on, or nothing if it is let in.
async fn refusal(house: &House, last: u8) -> (TcpStream, String) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into()).expect("an address of this machine");
    let mut stream = socket.connect(house.address).await.expect("a connection");
    let mut told = vec![0; 4_096];
    // One that is let in is answered; one that is not is told so without having asked.
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: trainyard\r\n\r\n").await.ok();
    let length = stream.read(&mut told).await.unwrap_or(0);
    told.truncate(length);
    let told = String::from_utf8_lossy(&told).into_owned();
    let told = if told.starts_with("HTTP/1.1 200") { String::new() } else { told };
    (stream, told)
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_a_trusted_proxy_all() {
    let house = House::with(|config| {
        config.connections_per_address = 4;
        config.trusted_proxies = Proxies::parse(&["127.0.0.9".to_owned()]).expect("an address");
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..4 {
        let (stream, told) = refusal(&house, 5).await;
        assert_eq!(told, "");
        open.push(stream);
    }
    let (_, told) = refusal(&house, 5).await;
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 429 "), "{told}");
    let metrics = answer(house.request("", Method::GET, "/metrics")).await.1;
    let metrics = metrics.as_str().expect("text");
    assert!(metrics.contains("trainyard_connections_refused_total 1"), "{metrics}");
    for last in [6, 9, 9, 9, 9, 9, 9, 9, 9] {
        let (stream, told) = refusal(&house, last).await;
        assert_eq!(told, "", "127.0.0.{last}");
        open.push(stream);
    }
    open.remove(0);
    until(async || match refusal(&house, 5).await {
        (_, told) if told.is_empty() => Ok(()),
        (_, told) => Err(told),
    })
    .await;
}

#[tokio::test]
async fn clients_of_a_trusted_proxy_are_told_apart_and_others_cannot_pretend() {
    let house = House::with(|config| {
        config.trusted_proxies = Proxies::parse(&["127.0.0.7/32".to_owned()]).expect("a network");
    })
    .await;
    let proxy = from(7);
    let as_client = |address: &'static str| [("x-forwarded-for", address)];
    guess(&house, &proxy, &as_client("198.51.100.1")).await;
    assert!(guess(&house, &proxy, &as_client("198.51.100.2")).await >= 150, "a client of its own");
    assert!(guess(&house, &proxy, &[("forwarded", "for=198.51.100.3")]).await >= 150);
    assert!(guess(&house, &proxy, &as_client("9.9.9.9, 198.51.100.3")).await < 100, "what it wrote itself");
    // Somebody else says what they like: it counts for where they are.
    let stranger = from(8);
    guess(&house, &stranger, &as_client("198.51.100.4")).await;
    assert!(guess(&house, &stranger, &as_client("198.51.100.5")).await < 100);
    assert!(
        guess(&house, &proxy, &as_client("198.51.100.4")).await >= 150,
        "who was named in vain pays nothing"
    );
}
