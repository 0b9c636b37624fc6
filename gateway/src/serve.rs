//! From a free port to a drained gateway.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use trainyard_bus::{Bus, BusError, EventLog, LogError};
use trainyard_door::Door;
use trainyard_events::Recorded;

use crate::certificates::{CERTIFICATE_KEY, Signer};
use crate::config::{GatewayConfig, Services};
use crate::connections::Connections;
use crate::erasure;
use crate::fetched::Images;
use crate::front::Front;
use crate::gateway::{DIFFS_AT_ONCE, Gateway, Shared};
use crate::live::hub::Hub;
use crate::live::places::{Most, Places};
use crate::live::resume::Resumes;
use crate::login::Login;
use crate::logins;
use crate::metrics::HttpMetrics;
use crate::model_calls;
use crate::router::router;
use crate::routes;
use crate::samples::Samples;
use crate::tls::{Tls, TlsError};
use crate::tokens::Tokens;
use crate::worker_files;

/// How long the log may take to answer when the gateway starts.
const START_DEADLINE: Duration = Duration::from_secs(30);
const START_PAUSE: Duration = Duration::from_millis(250);
/// How long requests and sockets may take to end when it stops.
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);
/// The keys' names on the bus.
const RESUME_KEY: &str = "resume";
const READERS_KEY: &str = "readers";
const LOGIN_KEY: &str = "login";
/// How often the place of the views is looked at.
const POSITION_INTERVAL: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error("{listen} cannot be listened on ({source}): stop what holds it, or choose another address")]
    Bind { listen: SocketAddr, source: std::io::Error },
    #[error("the gateway cannot start without the event log: {0}")]
    Bus(#[from] BusError),
    #[error("the gateway cannot speak TLS: {0}")]
    Tls(#[from] TlsError),
    /// The log holds what this binary cannot read.
    #[error("the gateway cannot follow the event log: {0}")]
    Log(#[from] LogError),
}

/// An address that is ours already, before anything else is started.
#[derive(Debug)]
pub struct Listener {
    config: GatewayConfig,
    tcp: TcpListener,
    tls: Option<Tls>,
    address: SocketAddr,
}

impl Listener {
    /// With the port that was chosen, if the configuration left it open.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Takes the address, and reads the certificate.
pub async fn bind(config: GatewayConfig) -> Result<Listener, GatewayError> {
    let tls = config.tls.clone().map(Tls::open).transpose()?;
    let listen = config.listen;
    let failed = |source| GatewayError::Bind { listen, source };
    let tcp = TcpListener::bind(listen).await.map_err(failed)?;
    let address = tcp.local_addr().map_err(failed)?;
    Ok(Listener { config, tcp, tls, address })
}

/// Answers until told to stop, then lets what runs end.
pub async fn serve(
    listener: Listener,
    services: Services,
    stop: CancellationToken,
) -> Result<(), GatewayError> {
    let stop = stop.child_token();
    let Some(gateway) = start(listener.config, services, &stop).await? else { return Ok(()) };
    let app = router(gateway.clone(), routes::all());
    let connections = Connections {
        most: gateway.config.connections,
        per_address: gateway.config.connections_per_address,
        proxies: gateway.config.trusted_proxies.clone(),
        metrics: gateway.metrics.connections.clone(),
        tls: listener.tls.clone(),
        stop: stop.clone(),
        tasks: gateway.tasks.clone(),
    };
    let front = Front { app, public_url: gateway.config.public_url.clone() };
    gateway.tasks.spawn(connections.accept(listener.tcp, front));
    info!(address = %listener.address, "the gateway serves");
    let following = async {
        if stop.run_until_cancelled(hold(&gateway)).await.is_some() {
            let each = |recorded: &Recorded| {
                gateway.metrics.event_followed(recorded.sequence);
                gateway.tokens.take_in(recorded);
            };
            gateway.hub.follow_events(gateway.bus.log(), stop.clone(), each).await;
        }
    };
    let background = async {
        tokio::join!(
            gateway.hub.follow_telemetry(&gateway.bus),
            gateway.hub.follow_fleet(&gateway.bus),
            watch_position(&gateway),
            erasure::watch(&gateway),
            logins::serve(&gateway),
            model_calls::tell(&gateway),
            async {
                match listener.tls {
                    Some(tls) => tls.watch().await,
                    None => std::future::pending().await,
                }
            }
        )
    };
    tokio::select! {
        () = following => {}
        _ = background => {}
    }
    stop.cancel();
    gateway.tasks.close();
    if tokio::time::timeout(DRAIN_DEADLINE, gateway.tasks.wait()).await.is_err() {
        warn!("requests were still running {} s after the stop; cutting them off", DRAIN_DEADLINE.as_secs());
    }
    Ok(())
}

/// Learns what the views keep back of histories that cannot be read, however long they are away: the ring begins in the
/// middle of the log.
async fn hold(gateway: &Gateway) {
    loop {
        match gateway.views.quarantine().await {
            Ok(quarantine) => return gateway.hub.hold(&quarantine),
            Err(error) => warn!(%error, "the views do not say what they keep back, trying again"),
        }
        tokio::time::sleep(START_PAUSE).await;
    }
}

/// `None` if told to stop meanwhile.
async fn start(
    config: GatewayConfig,
    services: Services,
    stop: &CancellationToken,
) -> Result<Option<Gateway>, GatewayError> {
    let (stream, newest, [resume_key, readers_key, login_key, certificate_key]) = tokio::select! {
        () = stop.cancelled() => return Ok(None),
        found = log_now(&services.bus) => found?,
    };
    let metrics = HttpMetrics::register(&services.metrics);
    let most = Most {
        all: config.sockets,
        of_tenant: config.sockets_per_tenant,
        of_token: config.sockets_per_token,
        of_address: config.sockets_per_address,
    };
    Ok(Some(Gateway(Arc::new(Shared {
        door: Door::new(services.bus.log(), services.clock),
        places: Places::new(most),
        hub: Arc::new(Hub::new(newest, config.recent_events)),
        resumes: Resumes::new(&resume_key, stream),
        tokens: Tokens::new(services.clock),
        access_notes: Default::default(),
        login: config.login.clone().map(|settings| Login::new(settings, login_key)),
        shelf: Default::default(),
        certificates: Signer::new(&certificate_key),
        images: Images::new(config.image_hosts.clone()),
        manifests: Default::default(),
        rooms: Default::default(),
        diffs: Semaphore::new(DIFFS_AT_ONCE),
        worker_files: Semaphore::new(worker_files::AT_ONCE),
        calls: Default::default(),
        samples: Samples::register(&services.metrics),
        started_at: (services.clock)(),
        clock: services.clock,
        logins: services.logins,
        hooks: services.hooks,
        readers_key,
        bus: services.bus,
        views: services.views,
        store: services.store,
        assistant: services.assistant,
        registry: services.metrics,
        metrics,
        config,
        stop: stop.clone(),
        tasks: TaskTracker::new(),
    }))))
}

/// Which log it is, its newest event, and the keys that sign places in it, name readers' consumers, seal logins and sign certificates:
/// the same for every gateway of the platform, so that a socket resumes on any of them.
async fn log_now(bus: &Bus) -> Result<(String, u64, [[u8; 32]; 4]), GatewayError> {
    let deadline = Instant::now() + START_DEADLINE;
    loop {
        let found = async {
            let (stream, newest) = (bus.stream_id().await?, bus.log().last_sequence().await?);
            let mut keys = [[0; 32]; 4];
            for (key, name) in keys.iter_mut().zip([RESUME_KEY, READERS_KEY, LOGIN_KEY, CERTIFICATE_KEY]) {
                *key = bus.key(name).await?;
            }
            Ok::<_, GatewayError>((stream, newest, keys))
        };
        match found.await {
            Err(
                GatewayError::Bus(BusError::Unavailable(_)) | GatewayError::Log(LogError::Unavailable(_)),
            ) if Instant::now() < deadline => {}
            outcome => return outcome,
        }
        tokio::time::sleep(START_PAUSE).await;
    }
}

/// Learns which tokens there are as soon as the views can say, and notes how far the views are, for ever.
async fn watch_position(gateway: &Gateway) {
    let mut tick = tokio::time::interval(POSITION_INTERVAL);
    let mut learnt = false;
    loop {
        tick.tick().await;
        if !learnt {
            learnt = match gateway.tokens.learn(&gateway.views).await {
                Ok(()) => true,
                Err(error) => {
                    warn!("tokens are strangers until the views can be asked: {}", error.0);
                    false
                }
            };
        }
        match gateway.views.position().await {
            Ok(position) => {
                gateway.tokens.forget_until(position.sequence);
                gateway.metrics.views_at(position.sequence, gateway.hub.ring().newest());
            }
            Err(error) => warn!(%error, "the views do not say where they are"),
        }
    }
}
