//! Clients that take their time, by mistake or on purpose: they are cut off, and nobody else waits for them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use trainyard_events::tenant::Role;

use crate::house::{DEADLINE, House, answer, until};

/// A head that never ends, and one whose body has yet to come.
const HEAD: &str = "GET /v1/jobs HTTP/1.1\r\nhost: trainyard\r\nx-slow: ";

fn head_of_a_body(token: &str) -> String {
    format!(
        "POST /v1/datasets HTTP/1.1\r\nhost: trainyard\r\nauthorization: Bearer {token}\r\ncontent-length: 5000\r\n\r\n"
    )
}

/// Sends `begin` and then one byte a second until it is hung up on; what it was answered, and after how long.
async fn trickle(address: SocketAddr, begin: String) -> (String, Duration) {
    let (mut from, mut to) = TcpStream::connect(address).await.expect("a connection").into_split();
    to.write_all(begin.as_bytes()).await.expect("an open connection");
    let begun = Instant::now();
    let sending = tokio::spawn(async move {
        while to.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let mut answer = Vec::new();
    // A connection that is reset has ended as well.
    let _ =
        tokio::time::timeout(DEADLINE * 2, from.read_to_end(&mut answer)).await.expect("it is hung up on");
    sending.abort();
    (String::from_utf8_lossy(&answer).into_owned(), begun.elapsed())
}

async fn metrics(house: &House) -> String {
    let (_, metrics) = answer(house.request("", Method::GET, "/metrics")).await;
    metrics.as_str().expect("text").to_owned()
}

/// Waits until so many connections are open besides the one that asks.
async fn more_are_open_than(few: usize, house: &House) {
    until(async || {
        let metrics = metrics(house).await;
        let open = metrics.lines().find_map(|line| line.strip_prefix("trainyard_connections_open "));
        let open = open.and_then(|open| open.parse::<usize>().ok());
        if open.is_some_and(|open| open > few) { Ok(()) } else { Err(metrics) }
    })
    .await;
}

#[tokio::test]
async fn two_hundred_clients_of_a_byte_a_second_keep_nobody_from_an_answer() {
    let mut house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    let begins = (0..200).map(|one| if one % 2 == 0 { HEAD.to_owned() } else { head_of_a_body(&token) });
    let slow: Vec<_> = begins.map(|begin| tokio::spawn(trickle(house.address, begin))).collect();
    more_are_open_than(200, &house).await;
    for _ in 0..50 {
        let begun = Instant::now();
        house.get("/v1/jobs").await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    for (one, slow) in join_all(slow).await.into_iter().enumerate() {
        let (answered, lasted) = slow.expect("it ends well");
        assert!(lasted < DEADLINE, "{lasted:?}: {answered}");
        if one % 2 == 0 {
            assert_eq!(answered, "", "no request, no answer");
        } else {
            assert!(answered.starts_with("HTTP/1.1 408") && answered.contains("too_slow"), "{answered}");
        }
    }
    // A client of ours that was idle meanwhile may be among them.
    let metrics = metrics(&house).await;
    for waiting_for in ["head", "body"] {
        let name = format!("trainyard_clients_cut_total{{waiting_for=\"{waiting_for}\"}} ");
        let cut = metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse::<u32>().ok());
        assert!(cut.is_some_and(|cut| (100..110).contains(&cut)), "{metrics}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_gateway_that_is_full_of_slow_clients_has_room_again_soon() {
    let mut house = House::with(|config| config.connections = 8).await;
    let begun = Instant::now();
    let slow: Vec<_> = (0..12).map(|_| tokio::spawn(trickle(house.address, HEAD.to_owned()))).collect();
    let metrics = until(async || {
        let metrics = metrics(&house).await;
        if metrics.contains("trainyard_connections_full_total 0") { Err(metrics) } else { Ok(metrics) }
    })
    .await;
    assert!(metrics.contains("trainyard_connections_full_total"), "{metrics}");
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    for slow in slow {
        slow.await.expect("it ends well");
    }
    // One in the middle of its head does not hold up the end.
    let last = tokio::spawn(trickle(house.address, HEAD.to_owned()));
    more_are_open_than(1, &house).await;
    house.close().await;
    last.await.expect("it ends well");
}

#[tokio::test]
async fn a_large_body_may_come_through_a_slow_line() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    let body = format!("{{\"path\":\"data/digits\"{}}}", " ".repeat(600 * 1024));
    let head = format!(
        "POST /v1/datasets HTTP/1.1\r\nhost: trainyard\r\nauthorization: Bearer {token}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut client = TcpStream::connect(house.address).await.expect("a connection");
    client.write_all(head.as_bytes()).await.expect("an open connection");
    let begun = Instant::now();
    for chunk in body.as_bytes().chunks(50 * 1024) {
        client.write_all(chunk).await.expect("an open connection");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let mut answered = String::new();
    client.read_to_string(&mut answered).await.expect("an answer");
    assert!(answered.starts_with("HTTP/1.1 202"), "{answered}");
    assert!(begun.elapsed() > Duration::from_secs(11), "longer than a head may take: {:?}", begun.elapsed());
}
