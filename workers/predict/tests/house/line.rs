//! A line to a server that lets so many bytes of answers through, and the rest once it is opened.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub struct Line {
    pub endpoint: String,
    open: watch::Sender<bool>,
}

impl Line {
    /// To `endpoint`, as an address of HTTP.
    pub async fn to(endpoint: &str, bytes: usize) -> Line {
        let (open, is_open) = watch::channel(false);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = endpoint.trim_start_matches("http://").to_owned();
        let left = Arc::new(AtomicUsize::new(bytes));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), left.clone(), is_open.clone()));
            }
        });
        Line { endpoint: format!("http://127.0.0.1:{port}"), open }
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

/// Until either end has enough of it.
async fn carry(
    client: TcpStream,
    server: String,
    left: Arc<AtomicUsize>,
    mut is_open: watch::Receiver<bool>,
) {
    let (mut questions, mut told) = client.into_split();
    let (mut answers, mut asked) = TcpStream::connect(server).await.unwrap().into_split();
    tokio::spawn(async move { copy(&mut questions, &mut asked).await });
    let mut block = vec![0; 16 << 10];
    while let Ok(length @ 1..) = answers.read(&mut block).await {
        let may_pass = |left: usize| left.checked_sub(length);
        if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, may_pass).is_err()
            && is_open.wait_for(|is_open| *is_open).await.is_err()
        {
            return;
        }
        if told.write_all(&block[..length]).await.is_err() {
            return;
        }
    }
}
