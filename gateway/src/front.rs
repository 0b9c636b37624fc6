//! What stands before the router: it notes by whose connection a request came.

use std::net::IpAddr;

use axum::Router;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

/// The other end of the connection: a client, or a proxy before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Answers one request by `peer`'s connection.
pub(crate) async fn answer(
    app: Router,
    peer: IpAddr,
    mut request: Request<Incoming>,
) -> Result<Response, std::convert::Infallible> {
    request.extensions_mut().insert(Peer(peer));
    TowerToHyperService::new(app).call(request).await
}
