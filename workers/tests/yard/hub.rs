//! A server of one file on loopback, which answers as it is told: as hubs and their enemies do.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What it answers to the next request.
#[derive(Clone, Debug)]
pub enum Does {
    Gives,
    /// The connection is cut after so many bytes.
    Cuts(usize),
    /// After so many bytes nothing more comes.
    Hangs(usize),
    Says(u16),
    LeadsTo(String),
}

/// A server of one file, and what has been asked of it.
pub struct TestHub {
    pub address: String,
    does: Arc<Mutex<VecDeque<Does>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TestHub {
    pub fn new(content: impl Into<Vec<u8>>, does: impl IntoIterator<Item = Does>) -> TestHub {
        let content = content.into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let does = Arc::new(Mutex::new(does.into_iter().collect::<VecDeque<_>>()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let hub = TestHub { address, does: does.clone(), asked: asked.clone() };
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let head: Vec<String> = BufReader::new(&stream)
                    .lines()
                    .map(Result::unwrap)
                    .take_while(|line| !line.is_empty())
                    .collect();
                let next = does.lock().unwrap().pop_front().unwrap_or(Does::Says(500));
                // Who asked may have been cut.
                let _ = stream.write_all(&answer(&content, &head, &next));
                asked.lock().unwrap().push(head.join("\n").to_lowercase());
                if matches!(next, Does::Hangs(_)) {
                    held.push(stream);
                }
            }
        });
        hub
    }

    pub fn then(&self, does: Does) {
        self.does.lock().unwrap().push_back(does);
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(content: &[u8], head: &[String], does: &Does) -> Vec<u8> {
    let from = head.iter().find_map(|line| {
        let line = line.to_lowercase();
        line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse::<usize>().ok()
    });
    let whole = |status: &str, body: &[u8], more: &str| {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n");
        [head.as_bytes(), body].concat()
    };
    match (does, from) {
        (Does::Gives, Some(from)) => {
            let last = content.len() - 1;
            whole(
                "206 Partial Content",
                &content[from..],
                &format!("Content-Range: bytes {from}-{last}/{}\r\nETag: \"one\"\r\n", content.len()),
            )
        }
        (Does::Gives, None) => whole("200 OK", content, "ETag: \"one\"\r\n"),
        (Does::Cuts(after) | Does::Hangs(after), _) => {
            let mut answer = whole("200 OK", content, "ETag: \"one\"\r\n");
            answer.truncate(answer.len() - content.len() + after);
            answer
        }
        (Does::Says(status), _) => whole(&format!("{status} No"), b"", ""),
        (Does::LeadsTo(there), _) => whole("302 Found", b"", &format!("Location: {there}\r\n")),
    }
}
