//! A receiver over plain HTTP that answers as it is told, and checks signatures by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use super::SOON;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    pub(crate) event: Value,
    /// Whether it was answered with a 2xx.
    pub(crate) is_taken: bool,
}

impl Got {
    pub(crate) fn id(&self) -> Uuid {
        self.headers["webhook-id"].parse().expect("the id of an event")
    }

    pub(crate) fn reason(&self) -> &str {
        self.event["data"]["reason"].as_str().unwrap_or_default()
    }

    /// As the specification says, written anew with another library.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let mut signed =
            format!("{}.{}.", self.headers["webhook-id"], self.headers["webhook-timestamp"]).into_bytes();
        signed.extend(&self.body);
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        let signature = self.headers["webhook-signature"].strip_prefix("v1,").expect("version 1");
        ring::hmac::verify(&key, &signed, &STANDARD.decode(signature).expect("base64")).is_ok()
    }
}

pub(crate) enum Answer {
    Status(u16),
    Redirect(String),
    /// Says nothing at all.
    Silence,
    /// Begins a body that never ends.
    Endless,
}

type Rule = Box<dyn FnMut(&Got) -> Answer + Send>;

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    rule: Arc<Mutex<Rule>>,
}

impl Receiver {
    pub(crate) async fn start(rule: impl FnMut(&Got) -> Answer + Send + 'static) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let rule: Rule = Box::new(rule);
        let receiver = Receiver { address, got: Arc::default(), rule: Arc::new(Mutex::new(rule)) };
        let (got, rule) = (receiver.got.clone(), receiver.rule.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, got.clone(), rule.clone()));
            }
        });
        receiver
    }

    pub(crate) async fn willing() -> Receiver {
        Receiver::start(|_| Answer::Status(204)).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn now(&self, rule: impl FnMut(&Got) -> Answer + Send + 'static) {
        *self.rule.lock().expect("nobody panics") = Box::new(rule);
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().expect("nobody panics").clone()
    }

    pub(crate) fn taken(&self) -> Vec<Got> {
        self.got().into_iter().filter(|got| got.is_taken).collect()
    }

    /// Waits until what came is enough.
    pub(crate) async fn until(&self, is_enough: impl Fn(&[Got]) -> bool) {
        let waiting = async {
            while !is_enough(&self.got()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let outcome = tokio::time::timeout(SOON, waiting).await;
        assert!(
            outcome.is_ok(),
            "{:?} came",
            self.got().iter().map(|got| got.event.clone()).collect::<Vec<_>>()
        );
    }
}

async fn serve(mut stream: TcpStream, got: Arc<Mutex<Vec<Got>>>, rule: Arc<Mutex<Rule>>) {
    let mut bytes = Vec::new();
    while let Some(mut request) = request(&mut stream, &mut bytes).await {
        let answer = rule.lock().expect("nobody panics")(&request);
        request.is_taken = matches!(answer, Answer::Status(200..300) | Answer::Endless);
        got.lock().expect("nobody panics").push(request);
        let text = match answer {
            Answer::Status(status) => format!("HTTP/1.1 {status} As Told\r\ncontent-length: 2\r\n\r\nok"),
            Answer::Redirect(to) => {
                format!("HTTP/1.1 307 There\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
            }
            Answer::Endless => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
            Answer::Silence => String::new(),
        };
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
        if text.is_empty() {
            // Until the other side has had enough.
            let _closed = stream.read(&mut [0; 1]).await;
            return;
        }
        if text.contains("chunked") {
            let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
            return;
        }
    }
}

async fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Got> {
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break bytes.drain(..end + 4).collect::<Vec<u8>>();
        }
        read(stream, bytes).await?;
    };
    let head = String::from_utf8(head).expect("a head is text");
    let mut rows = head.trim_end().lines();
    let path = rows.next()?.split(' ').nth(1)?.to_owned();
    let headers: BTreeMap<String, String> = rows
        .filter_map(|row| row.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers["content-length"].parse().expect("a length");
    while bytes.len() < length {
        read(stream, bytes).await?;
    }
    let body: Vec<u8> = bytes.drain(..length).collect();
    let event = serde_json::from_slice(&body).unwrap_or_default();
    Some(Got { path, headers, body, event, is_taken: false })
}

async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut some = [0; 8192];
    let count = stream.read(&mut some).await.ok().filter(|count| *count > 0)?;
    bytes.extend(&some[..count]);
    Some(())
}
