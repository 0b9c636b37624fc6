//! What a gateway is told, and what it is given to work with.

use std::net::SocketAddr;
use std::time::Duration;

use trainyard_assistant::Assistant;
use trainyard_bus::Bus;
use trainyard_door::Clock;
use trainyard_events::TenantId;
use trainyard_fetch::Allowed;
use trainyard_projections::Views;
use trainyard_store::Store;

use crate::client::Proxies;
use crate::hooks::HookAccess;
use crate::login::LoginSettings;
use crate::logins::Logins;
use crate::metrics::Metrics;
use crate::public::PublicUrl;
use crate::tls::TlsFiles;

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

#[derive(Clone, Debug)]
pub struct GatewayConfig {
    pub listen: SocketAddr,
    /// Its own certificate, where it speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// As people reach it from outside: pages from there may open sockets, and its path is taken away from what is asked.
    pub public_url: Option<PublicUrl>,
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
    /// The newest events, kept in memory for sockets that join or come back: at most so many, and at most 64 MiB with
    /// the frames that are made of them.
    pub recent_events: usize,
    pub predict_timeout: Duration,
    /// `host` or `host:port` that images may be fetched from to be predicted on.
    pub image_hosts: Vec<Allowed>,
    /// How people log in with a company's account, if they do; the public URL says where they come back to.
    pub login: Option<LoginSettings>,
    /// The tenant whose admins make and close tenants, drain workers and pause the queue.
    pub operators: Option<TenantId>,
}

impl GatewayConfig {
    pub fn new(listen: SocketAddr) -> GatewayConfig {
        GatewayConfig {
            listen,
            tls: None,
            public_url: None,
            connections: CONNECTIONS,
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            trusted_proxies: Proxies::default(),
            sockets: SOCKETS,
            sockets_per_tenant: SOCKETS_PER_TENANT,
            sockets_per_token: SOCKETS_PER_TOKEN,
            sockets_per_address: SOCKETS_PER_ADDRESS,
            recent_events: RECENT_EVENTS,
            predict_timeout: PREDICT_TIMEOUT,
            image_hosts: Vec::new(),
            login: None,
            operators: None,
        }
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
    /// Where readers may log in.
    pub logins: Option<Logins>,
    /// How hooks are kept, where they may be had.
    pub hooks: Option<HookAccess>,
    pub metrics: Metrics,
}
