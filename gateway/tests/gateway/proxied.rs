//! Two gateways behind a proxy as it comes, under a path: a socket that loses one goes on at the other with exactly what it
//! missed, and the page finds everything that it is made of.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use reqwest::{Method, StatusCode, Url};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::house::{DEADLINE, House};
use crate::live::{Socket, remark};

const PUBLIC: &str = "https://train.example/yard";
const BELOW: &str = "/yard";

/// What a proxy does with the path that it serves a gateway under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    /// `location /yard/ { proxy_pass http://gateway/; }`
    Taken,
    /// `location /yard/ { proxy_pass http://gateway; }`
    Kept,
}

/// A proxy in front of one gateway at a time: it names the gateway as the host, as nginx does unless it is told otherwise.
struct Proxy {
    address: SocketAddr,
    gateway: Arc<Mutex<SocketAddr>>,
}

impl Proxy {
    async fn new(gateway: SocketAddr, path: Path) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (address, gateway) = (listener.local_addr().expect("an address"), Arc::new(Mutex::new(gateway)));
        let now = gateway.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.expect("a connection");
                let to = *now.lock().expect("nothing panics");
                tokio::spawn(pass_on(client, to, path));
            }
        });
        Proxy { address, gateway }
    }

    fn turn_to(&self, gateway: SocketAddr) {
        *self.gateway.lock().expect("nothing panics") = gateway;
    }

    fn url(&self, path: &str) -> Url {
        format!("http://{}{BELOW}{path}", self.address).parse().expect("a URL")
    }

    async fn socket(&self, token: &str) -> Socket {
        let origin = [("origin", "https://train.example")];
        let mut socket = Socket::connect_below(self.address, BELOW, &origin).await.expect("an upgrade");
        socket.send(json!({ "type": "auth", "token": token })).await;
        assert_eq!(socket.next().await["type"], "ready");
        socket
    }
}

/// One request of the connection, or a socket.
async fn pass_on(mut client: TcpStream, gateway: SocketAddr, path: Path) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).expect("a head is text");
    let (asked, headers) = head.split_once("\r\n").expect("a first line");
    let asked = match path {
        Path::Taken => asked.replacen(&format!(" {BELOW}/"), " /", 1),
        Path::Kept => asked.to_owned(),
    };
    let is_upgrade = headers.to_lowercase().contains("upgrade: websocket");
    let own = |line: &&str| {
        let line = line.to_lowercase();
        !line.starts_with("host:") && (is_upgrade || !line.starts_with("connection:"))
    };
    let mut told = vec![asked, format!("Host: {gateway}")];
    if !is_upgrade {
        told.push("Connection: close".to_owned());
    }
    told.extend(headers.lines().filter(own).filter(|line| !line.is_empty()).map(str::to_owned));
    let Ok(mut server) = TcpStream::connect(gateway).await else { return };
    server.write_all(format!("{}\r\n\r\n", told.join("\r\n")).as_bytes()).await.expect("an open connection");
    // Until either has left.
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

#[tokio::test]
async fn a_socket_resumes_on_the_other_gateway_with_exactly_the_gap() {
    for path in [Path::Taken, Path::Kept] {
        let house = House::with(|config| config.public_url = Some(PUBLIC.parse().expect("an address"))).await;
        let other = house.beside().await;
        let proxy = Proxy::new(house.address, path).await;
        let token = house.token("acme", Role::Viewer).await;
        let chat = Uuid::new_v4();
        let topic = format!("chat:{chat}");
        let mut socket = proxy.socket(&token).await;
        socket.subscribe(&topic).await;
        socket.next_of("initial").await;
        let seen = remark(&house, "acme", chat, "seen").await;
        let resume = loop {
            let event = socket.next_of("event").await;
            if event["event"]["sequence"] == seen {
                break event["resume"].clone();
            }
        };
        house.stop.cancel();
        proxy.turn_to(other);
        let mut missed = Vec::new();
        for number in 0..5 {
            missed.push(remark(&house, "acme", chat, &format!("missed {number}")).await);
            remark(&house, "acme", Uuid::new_v4(), "elsewhere").await;
        }
        let newest = *missed.last().expect("some");
        assert!(house.views.wait_for(newest, DEADLINE).await.expect("views"));
        let mut socket = proxy.socket(&token).await;
        socket.send(json!({ "type": "subscribe", "topic": topic, "resume": resume })).await;
        assert_eq!(socket.events_until(newest).await, missed, "{path:?}: the gap, once, in order");
        let watermark = socket.next().await;
        assert_eq!(watermark["type"], "watermark", "{path:?}: and nothing after it: {watermark}");
        let after = remark(&house, "acme", chat, "live again").await;
        assert_eq!(socket.next_of("event").await["event"]["sequence"], after);
    }
}

/// What an HTML page names, as a browser finds it: relative to what the page says it is relative to.
fn named(page: &Url, html: &str) -> BTreeSet<Url> {
    let values = |attribute: &str| {
        let begins = format!("{attribute}=\"");
        let parts = html.split(begins.as_str()).skip(1);
        parts.filter_map(|part| part.split_once('"')).map(|(value, _)| value.to_owned()).collect::<Vec<_>>()
    };
    let base = html.split_once("<base href=\"").and_then(|(_, rest)| rest.split_once('"'));
    let base = base.map_or(page.clone(), |(base, _)| page.join(base).expect("a URL"));
    let files = values("src").into_iter().chain(values("href")).filter(|value| !value.ends_with('/'));
    files.map(|value| base.join(&value).expect("a URL")).collect()
}

#[tokio::test]
async fn the_page_and_all_it_is_made_of_load_below_the_path() {
    let public = House::with(|config| config.public_url = Some(PUBLIC.parse().expect("an address"))).await;
    let unnamed = House::new().await;
    // Without a public URL a gateway sees nothing of a path that is taken away, and needs not.
    for (house, path) in [(&public, Path::Taken), (&public, Path::Kept), (&unnamed, Path::Taken)] {
        let proxy = Proxy::new(house.address, path).await;
        let client = trainyard_fetch::client().build().expect("a client");
        let get = async |url: Url| {
            let response = client.get(url.clone()).send().await.expect("an answer");
            (response.status(), response.headers().clone(), response.text().await.expect("text"))
        };
        for page in ["/", "/jobs", "/jobs/7?at=3", "/talk/01890a5d-ac96-774b-bcce-b302099a8057"] {
            let url = proxy.url(page);
            let (status, headers, html) = get(url.clone()).await;
            assert_eq!(status, StatusCode::OK, "{path:?} {page}: {html}");
            assert!(headers["content-security-policy"].to_str().expect("text").contains("base-uri 'self'"));
            let files = named(&url, &html);
            assert!(files.len() >= 2, "{html}");
            for file in files {
                assert!(file.path().starts_with("/yard/"), "{path:?} {page}: {file} lies elsewhere");
                let (status, _, text) = get(file.clone()).await;
                assert_eq!(status, StatusCode::OK, "{path:?} {page}: {file}");
                assert!(file.path().ends_with(".html") || !text.contains("<!doctype"), "{file} is the index");
            }
        }
        let token = house.token("acme", Role::Viewer).await;
        let me = client.request(Method::GET, proxy.url("/v1/whoami")).bearer_auth(&token).send().await;
        assert_eq!(me.expect("an answer").status(), StatusCode::OK);
        assert_eq!(get(proxy.url("/v1/nothing")).await.0, StatusCode::NOT_FOUND);
        assert_eq!(get(proxy.url("/assets/nothing.js")).await.0, StatusCode::NOT_FOUND);
    }
    // By itself a gateway serves both: what is asked below the path, and what is asked without it.
    for path in ["/yard", "/yard/jobs/7", "/jobs/7", "/yard/openapi.json", "/openapi.json"] {
        let response = public.request("", Method::GET, path).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
    let (_, document) = public.ask("", Method::GET, "/yard/openapi.json", None).await;
    assert_eq!(document["servers"], json!([{ "url": "./" }]));
}

#[tokio::test]
async fn an_endpoint_is_told_by_its_public_address() {
    let house = House::with(|config| config.public_url = Some(PUBLIC.parse().expect("an address"))).await;
    let job = house.finished_job().await;
    let deployed = house.post(&format!("/v1/jobs/{job}/deploy"), json!({})).await;
    assert_eq!(deployed["endpoint"]["url"], format!("{PUBLIC}/inference/{job}/predict"));
}
