//! As much of HTTP as a peer and a gate need: one request a connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Request {
    pub(crate) method: String,
    /// With what is asked.
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    rows: Vec<String>,
}

/// `None` where the other side has hung up.
pub(crate) async fn request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        read(stream, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes.drain(..end).collect()).expect("a head is text");
    let mut rows: Vec<String> = head.trim_end().lines().map(str::to_owned).collect();
    let first = rows.remove(0);
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let length = rows.iter().find_map(|row| {
        let (name, value) = row.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
    });
    while bytes.len() < length.unwrap_or(0) {
        read(stream, &mut bytes).await?;
    }
    Some(Request { method, path, body: bytes, rows })
}

impl Request {
    /// Asks `there` the same, and returns the answer as it comes.
    pub(crate) async fn passed_on(&self, there: std::net::SocketAddr) -> Option<Vec<u8>> {
        let mut stream = TcpStream::connect(there).await.ok()?;
        let kept = self.rows.iter().filter(|row| !row.to_ascii_lowercase().starts_with("connection:"));
        let rows: String = kept.map(|row| format!("{row}\r\n")).collect();
        let head = format!("{} {} HTTP/1.1\r\n{rows}connection: close\r\n\r\n", self.method, self.path);
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(&self.body).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        Some(answer)
    }
}

async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut some = vec![0; 16 * 1024];
    let count = stream.read(&mut some).await.ok().filter(|count| *count > 0)?;
    bytes.extend(&some[..count]);
    Some(())
}
