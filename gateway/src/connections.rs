//! From a listening port to requests: so many connections at once, and each has so long for the head of its next request.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::connection::Connection;
use crate::metrics::{ConnectionMetrics, Cut};

/// From the first moment that a request could come to the end of its head. So an idle connection is kept as long.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// What is read of a connection before somebody wants it; a longer head is refused.
const READ_AHEAD_BYTES: usize = 64 * 1024;
/// Before the next try when the machine has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// What a listener is given and held to.
#[derive(Clone)]
pub(crate) struct Connections {
    /// Open at once.
    pub(crate) most: usize,
    pub(crate) metrics: ConnectionMetrics,
    pub(crate) stop: CancellationToken,
    /// What must have ended before the listener's owner has.
    pub(crate) tasks: TaskTracker,
}

impl Connections {
    /// Accepts until told to stop. What is accepted by then is answered to its end.
    pub(crate) async fn accept(self, listener: TcpListener, app: Router) {
        let mut room =
            Room { connections: &self, places: Arc::new(Semaphore::new(self.most)), was_full: false };
        while let Some((tcp, place)) = self.stop.run_until_cancelled(next(&listener, &mut room)).await {
            self.tasks.spawn(answer(self.clone(), tcp, place, app.clone()));
        }
    }
}

struct Room<'a> {
    connections: &'a Connections,
    places: Arc<Semaphore>,
    /// When the last place was asked for.
    was_full: bool,
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
}

/// The next connection, once there is a place for it. Until then it waits in the kernel's queue.
async fn next(listener: &TcpListener, room: &mut Room<'_>) -> (TcpStream, OwnedSemaphorePermit) {
    let place = room.place().await;
    loop {
        match listener.accept().await {
            Ok((tcp, _)) => return (tcp, place),
            Err(error) if is_of_the_client(&error) => debug!(%error, "a client left before it was let in"),
            Err(error) => {
                warn!(%error, "no connection can be accepted; trying again");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers request after request until the client leaves, is cut off, or all is to stop.
async fn answer(own: Connections, tcp: TcpStream, place: OwnedSemaphorePermit, app: Router) {
    let connection = Connection::new(tcp, own.metrics.clone(), place);
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(READ_AHEAD_BYTES)
        .serve_connection(TokioIo::new(connection), TowerToHyperService::new(app))
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
