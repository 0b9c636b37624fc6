//! Connections: HTTP/1.1, so many at once, and every request signed.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::folder::Folder;
use crate::service::Objects;

/// Others wait to be accepted.
const CONNECTIONS_MAX: usize = 512;
/// For the head of a request, from its connection's beginning or from the answer before it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// After an accept that failed, for want of file descriptors for one.
const PAUSE: Duration = Duration::from_millis(100);

/// What every request must be signed with.
#[derive(Deserialize)]
pub(crate) struct Keys {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

/// Serves until the listener fails.
pub(crate) async fn serve(at: SocketAddr, keys: Keys, folder: Folder) -> io::Result<()> {
    let listener = TcpListener::bind(at).await.map_err(|error| {
        let kind = error.kind();
        // `in use` are the words by which the platform picks another port.
        io::Error::new(kind, format!("{at}: {error}"))
    })?;
    let mut service = S3ServiceBuilder::new(Objects::new(folder));
    // With keys set and no rule of access of our own, what is not signed is refused.
    service.set_auth(SimpleAuth::from_single(keys.access_key, keys.secret_key));
    let service = service.build();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    tracing::info!("the store listens on {at}");
    loop {
        let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
        match listener.accept().await {
            Ok((stream, _)) => {
                let service = service.clone();
                tokio::spawn(async move {
                    converse(stream, service).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!("a connection is not accepted: {error}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, service: S3Service) {
    let _ = stream.set_nodelay(true);
    let mut connection = hyper::server::conn::http1::Builder::new();
    connection.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    if let Err(error) = connection.serve_connection(TokioIo::new(stream), service).await {
        // The client went away; it knows better than we why.
        tracing::debug!("a connection ended: {error}");
    }
}
