//! From a listening port to requests: so many connections at once, and each has so long for the head of its next request.

use std::convert::Infallible;
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};
use trainyard_api::Problem;
use trainyard_events::chat::Language;

use crate::client::{Client, Proxies};
use crate::connection::{Connection, Place};
use crate::counts::{Counts, Held};
use crate::front::Front;
use crate::metrics::{ConnectionMetrics, Cut};
use crate::tls::{Greeted, Tls, led_to_tls};

/// From the first moment that a request could come to the end of its head. So an idle connection is kept as long.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// What is read of a connection before somebody wants it; a longer head is refused.
const READ_AHEAD_BYTES: usize = 64 * 1024;
/// Between two words in the log about addresses that have too many connections.
const WARN_INTERVAL: Duration = Duration::from_secs(60);
/// Before the next try when the machine has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// What a listener is given and held to.
#[derive(Clone)]
pub(crate) struct Connections {
    /// Open at once.
    pub(crate) most: usize,
    /// Of one address.
    pub(crate) per_address: usize,
    /// But not of these.
    pub(crate) proxies: Proxies,
    pub(crate) metrics: ConnectionMetrics,
    /// Where it is spoken here.
    pub(crate) tls: Option<Tls>,
    pub(crate) stop: CancellationToken,
    /// What must have ended before the listener's owner has.
    pub(crate) tasks: TaskTracker,
}

impl Connections {
    /// Accepts until told to stop. What is accepted by then is answered to its end.
    pub(crate) async fn accept(self, listener: TcpListener, front: Front) {
        let mut room = Room {
            connections: &self,
            places: Arc::new(Semaphore::new(self.most)),
            addresses: Counts::default(),
            was_full: false,
            warned_at: None,
        };
        while let Some((tcp, peer, place)) = self.stop.run_until_cancelled(next(&listener, &mut room)).await {
            self.tasks.spawn(answer(self.clone(), tcp, peer, place, front.clone()));
        }
    }
}

struct Room<'a> {
    connections: &'a Connections,
    places: Arc<Semaphore>,
    addresses: Counts<Client>,
    /// When the last place was asked for.
    was_full: bool,
    /// When an address was last said to have too many.
    warned_at: Option<Instant>,
}

impl Room<'_> {
    async fn place(&mut self) -> OwnedSemaphorePermit {
        let is_full = self.places.available_permits() == 0;
        if is_full {
            self.connections.metrics.full();
        }
        if is_full && !self.was_full {
            warn!(open = self.connections.most, "no more connections are taken until one closes");
        }
        self.was_full = is_full;
        self.places.clone().acquire_owned().await.expect("nobody closes the semaphore")
    }

    /// The address's place, if it may have one more; a proxy needs none.
    fn of_address(&mut self, peer: IpAddr) -> Result<Option<Held<Client>>, TooMany> {
        let Connections { per_address, proxies, metrics, .. } = self.connections;
        if proxies.trusts(peer) {
            return Ok(None);
        }
        if let Some(held) = self.addresses.take(&peer.into(), *per_address) {
            return Ok(Some(held));
        }
        metrics.refused();
        if self.warned_at.is_none_or(|at| at.elapsed() >= WARN_INTERVAL) {
            self.warned_at = Some(Instant::now());
            warn!(%peer, per_address, "an address has as many connections as it may; name it in trusted_proxies if it is a proxy");
        }
        Err(TooMany)
    }
}

/// An address has as many connections as it may.
struct TooMany;

/// The next connection, once there is a place for it. Until then it waits in the kernel's queue.
async fn next(listener: &TcpListener, room: &mut Room<'_>) -> (TcpStream, IpAddr, Place) {
    let of_all = room.place().await;
    loop {
        match listener.accept().await {
            Ok((tcp, peer)) => match room.of_address(peer.ip()) {
                Ok(of_address) => {
                    return (tcp, peer.ip(), Place { _of_all: of_all, _of_address: of_address });
                }
                Err(TooMany) => refuse(tcp, room.connections.per_address),
            },
            Err(error) if is_of_the_client(&error) => debug!(%error, "a client left before it was let in"),
            Err(error) => {
                warn!(%error, "no connection can be accepted; trying again");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Says why before it hangs up, to who listens.
fn refuse(tcp: TcpStream, most: usize) {
    let answer = Problem::TooManyConnections { most }.answer(Language::English);
    let body = serde_json::to_string(&answer).expect("a refusal is plain data");
    let head = "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\ncache-control: no-store";
    let answer = format!("{head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    // The first bytes of a connection find room. A client that takes them no more is gone, which was wanted.
    let told = tcp.into_std().and_then(|mut tcp| tcp.write_all(answer.as_bytes()));
    debug!(?told, "a connection is refused");
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// What requests come by.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for T {}

async fn answer(own: Connections, tcp: TcpStream, peer: IpAddr, place: Place, front: Front) {
    let connection = Connection::new(tcp, own.metrics.clone(), place);
    let by_front = service_fn(|request| front.clone().answer(peer, request));
    let Some(tls) = &own.tls else { return speak(&own, connection, by_front).await };
    match tokio::time::timeout(HEAD_TIMEOUT, tls.greet(connection)).await {
        Ok(Ok(Greeted::Safely(stream))) => speak(&own, stream, by_front).await,
        Ok(Ok(Greeted::InTheClear(connection))) => speak(&own, connection, service_fn(led_to_tls)).await,
        Ok(Err(error)) => debug!(%error, "a client and we do not agree on TLS"),
        Err(_) => own.metrics.cut(Cut::Head),
    }
}

/// Answers request after request until the client leaves, is cut off, or all is to stop.
async fn speak<S>(own: &Connections, stream: impl Stream, service: S)
where
    S: HttpService<Incoming, ResBody = Body, Error = Infallible>,
{
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(READ_AHEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = own.stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    match ended {
        Err(error) if error.is_timeout() => own.metrics.cut(Cut::Head),
        Err(error) => debug!(%error, "a connection broke"),
        Ok(()) => {}
    }
}
