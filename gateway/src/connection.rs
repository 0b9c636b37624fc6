//! One connection: counted while it is open, and cut when its client takes nothing of an answer for too long.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;

use crate::client::Client;
use crate::counts::Held;
use crate::metrics::{ConnectionMetrics, Cut, Open};

/// A client that takes nothing for so long, while there is something for it, is gone.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) struct Connection {
    tcp: TcpStream,
    metrics: ConnectionMetrics,
    /// Since nothing more could be sent.
    stuck: Option<Pin<Box<Sleep>>>,
    _open: Open,
    _place: Place,
}

/// Of all, and of its address unless that is a proxy's.
pub(crate) struct Place {
    pub(crate) _of_all: OwnedSemaphorePermit,
    pub(crate) _of_address: Option<Held<Client>>,
}

impl Connection {
    pub(crate) fn new(tcp: TcpStream, metrics: ConnectionMetrics, place: Place) -> Connection {
        // Frames are small and must leave at once. Where that cannot be had they only leave later.
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "a connection collects what it sends");
        }
        let _open = metrics.opened();
        Connection { tcp, metrics, stuck: None, _open, _place: place }
    }

    /// The first byte that its client sends, left where it is; `None` from one that leaves without a word.
    pub(crate) async fn first(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        Ok((self.tcp.peek(&mut first).await? > 0).then_some(first[0]))
    }

    /// What came of sending, unless nothing has come of it for too long.
    fn in_time<T>(&mut self, cx: &mut Context<'_>, sent: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.stuck = None;
            return sent;
        }
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(tokio::time::sleep(UNREAD_TIMEOUT)));
        ready!(stuck.as_mut().poll(cx));
        self.stuck = None;
        self.metrics.cut(Cut::Unread);
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.in_time(cx, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.tcp).poll_write_vectored(cx, pieces);
        self.in_time(cx, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::sync::Semaphore;
    use tokio::time::Instant;

    use super::*;
    use crate::metrics::Metrics;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_nothing_is_cut_and_gives_its_place_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (tcp, _) = listener.accept().await.unwrap();
        let (registry, places) = (Metrics::default(), Arc::new(Semaphore::new(1)));
        let place = Place { _of_all: places.clone().acquire_owned().await.unwrap(), _of_address: None };
        let mut connection = Connection::new(tcp, ConnectionMetrics::register(&registry), place);
        let begun = Instant::now();
        let error = loop {
            match connection.write_all(&[0; 64 * 1024]).await {
                Ok(()) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= UNREAD_TIMEOUT, "{:?}", begun.elapsed());
        assert!(registry.encode().unwrap().contains(r#"clients_cut_total{waiting_for="reading"} 1"#));
        assert_eq!(places.available_permits(), 0);
        drop((connection, client));
        assert_eq!(places.available_permits(), 1);
        assert!(registry.encode().unwrap().contains("trainyard_connections_open 0"));
    }
}
