//! What a gateway is told, and what it is given to work with.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use trainyard_assistant::Assistant;
use trainyard_bus::Bus;
use trainyard_door::Clock;
use trainyard_projections::Views;
use trainyard_store::Store;

use crate::client::Proxies;
use crate::metrics::Metrics;

/// Sockets open at once, unless told otherwise.
const SOCKETS: usize = 4_096;
/// Connections open at once, unless told otherwise: all those sockets, and half as many requests beside them.
const CONNECTIONS: usize = 6_144;
/// Connections of one address at once, unless told otherwise. Proxies that are trusted may have all there are.
const CONNECTIONS_PER_ADDRESS: usize = 1_024;
/// Sockets of all tokens of a tenant at once, and of one token, unless told otherwise.
const SOCKETS_PER_TENANT: usize = 1_024;
const SOCKETS_PER_TOKEN: usize = 256;
/// Sockets of one address that have yet to say who they are, unless told otherwise.
const SOCKETS_PER_ADDRESS: usize = 64;
/// Events kept in memory for sockets that join or come back, unless told otherwise.
const RECENT_EVENTS: usize = 8_192;
/// What a predict call may take, unless told otherwise: the first one loads the model.
const PREDICT_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct GatewayConfig {
    pub listen: SocketAddr,
    /// As people reach it from outside, such as `https://train.example`; pages from there may open sockets.
    pub public_url: Option<String>,
    /// Signs resume tokens. Kept with the data, so that readers can go on after a restart.
    pub resume_key: [u8; 32],
    /// Connections open at once, those of websockets included. Beyond that, clients wait for one to close.
    pub connections: usize,
    /// Of them those of one address, unless it is a trusted proxy's. Beyond that, connections are refused.
    pub connections_per_address: usize,
    /// Who is believed when it says for whom it asks.
    pub trusted_proxies: Proxies,
    /// Websockets open at once.
    pub sockets: usize,
    pub sockets_per_tenant: usize,
    pub sockets_per_token: usize,
    /// While they have not said who they are.
    pub sockets_per_address: usize,
    /// The newest events, kept in memory for sockets that join or come back: at most so many, and at most 32 MiB.
    pub recent_events: usize,
    pub predict_timeout: Duration,
}

impl GatewayConfig {
    pub fn new(listen: SocketAddr, resume_key: [u8; 32]) -> GatewayConfig {
        GatewayConfig {
            listen,
            public_url: None,
            resume_key,
            connections: CONNECTIONS,
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            trusted_proxies: Proxies::default(),
            sockets: SOCKETS,
            sockets_per_tenant: SOCKETS_PER_TENANT,
            sockets_per_token: SOCKETS_PER_TOKEN,
            sockets_per_address: SOCKETS_PER_ADDRESS,
            recent_events: RECENT_EVENTS,
            predict_timeout: PREDICT_TIMEOUT,
        }
    }
}

impl fmt::Debug for GatewayConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayConfig")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("resume_key", &"(not shown)")
            .field("connections", &self.connections)
            .field("connections_per_address", &self.connections_per_address)
            .field("trusted_proxies", &self.trusted_proxies)
            .field("sockets", &self.sockets)
            .field("sockets_per_tenant", &self.sockets_per_tenant)
            .field("sockets_per_token", &self.sockets_per_token)
            .field("sockets_per_address", &self.sockets_per_address)
            .field("recent_events", &self.recent_events)
            .field("predict_timeout", &self.predict_timeout)
            .finish()
    }
}

/// The other rooms of the house.
#[derive(Clone)]
pub struct Services {
    pub bus: Bus,
    pub views: Views,
    pub store: Store,
    /// Who reads what people say.
    pub assistant: Assistant,
    pub clock: Clock,
    pub metrics: Metrics,
}
