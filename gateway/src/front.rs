//! What stands before the router: it notes by whose connection a request came, and takes the path away that people reach
//! the gateway under.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::Router;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use crate::public::PublicUrl;

/// The other end of the connection: a client, or a proxy before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) app: Router,
    pub(crate) public_url: Option<PublicUrl>,
}

impl Front {
    /// Answers one request by `peer`'s connection.
    pub(crate) async fn answer(
        self,
        peer: IpAddr,
        mut request: Request<Incoming>,
    ) -> Result<Response, Infallible> {
        if let Some(below) = self.public_url.and_then(|url| url.below(request.uri())) {
            *request.uri_mut() = below;
        }
        request.extensions_mut().insert(Peer(peer));
        TowerToHyperService::new(self.app).call(request).await
    }
}
