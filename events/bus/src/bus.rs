//! The connection, and what hangs on it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use bytes::Bytes;
use futures::stream::BoxStream;
use percent_encoding::percent_decode_str;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use trainyard_events::{Maintenance, subject};

use crate::error::{causes, unavailable};
use crate::link::Link;
use crate::past::{Kept, Past};
use crate::publish::Backoff;
use crate::said::Known;
use crate::{
    AccessNotes, BusError, Calls, Connections, Copied, Copier, Files, Fleet, Folders, HookFeed, Issuer,
    JetStreamLog, Leases, LoginRequest, Original, Predictors, Preferences, SaidKeys, ServerSaid,
    StreamFigures, TelemetryStream, TraceFeed, Trim, WorkQueue, dead, figures, keys, logins, maintenance,
    readers, rights, streams,
};

/// How long `connect` waits for a server before it gives up.
const CONNECT_DEADLINE: Duration = Duration::from_secs(30);
/// One request to JetStream; whoever needs an answer asks again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest pause between two tries to reconnect.
const RECONNECT_PAUSE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct BusConfig {
    /// `nats://user:password@host:port`, or several of them with commas between.
    pub url: String,
    /// Copies of every stream: 1 on a laptop, 3 in production.
    pub replicas: usize,
}

impl fmt::Debug for BusConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusConfig").field("url", &"(not shown)").field("replicas", &self.replicas).finish()
    }
}

/// A connection to NATS. Clones share it.
#[derive(Clone)]
pub struct Bus {
    link: Link,
    replicas: usize,
    /// For how long the feed is kept; zero is for ever.
    feed_age: Duration,
}

impl Bus {
    /// Connects within half a minute, or says why not. Once connected it reconnects for ever.
    pub async fn connect(config: BusConfig) -> Result<Bus, BusError> {
        if !matches!(config.replicas, 1 | 3) {
            return Err(BusError::Config(format!("{} replicas; 1 and 3 are possible", config.replicas)));
        }
        let (servers, user) = servers(&config.url)?;
        let deadline = Instant::now() + CONNECT_DEADLINE;
        let mut backoff = Backoff::default();
        loop {
            let (interrupted, interruptions) = watch::channel(0);
            match options(interrupted, user.clone()).connect(&servers[..]).await {
                Ok(client) => {
                    let context = ContextBuilder::new().timeout(REQUEST_TIMEOUT).build(client);
                    let link =
                        Link { context, interruptions, past: Kept::nowhere(), said: Some(Known::default()) };
                    return Ok(Bus { link, replicas: config.replicas, feed_age: streams::FEED_AGE });
                }
                Err(error) => match error.kind() {
                    ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                        return Err(BusError::Refused);
                    }
                    _ if Instant::now() >= deadline => {
                        return Err(BusError::Unavailable(format!(
                            "no NATS server answers: {}",
                            causes(&error)
                        )));
                    }
                    _ => backoff.wait().await,
                },
            }
        }
    }

    /// The same, and whatever it reads of the log is read there where it has left the stream.
    pub fn with_past(self, past: Arc<dyn Past>) -> Bus {
        Bus { link: Link { past: Kept::by(past), ..self.link }, ..self }
    }

    /// The same, and what people have said stays sealed as it is stored: for roles that have no use for it, and no right to its keys.
    pub fn sealed(self) -> Bus {
        Bus { link: Link { said: None, ..self.link }, ..self }
    }

    /// The same, and a feed that it makes or brings up to date keeps what it copies for so long, or for ever.
    pub fn keeping_feed(self, age: Option<Duration>) -> Bus {
        Bus { feed_age: age.unwrap_or_default(), ..self }
    }

    /// The first event of the log of which the feed still has a copy. It has one of each message, at that message's place.
    pub async fn feed_begins(&self) -> Result<u64, BusError> {
        let feed = self.link.context.get_stream(subject::FEED).await.map_err(unavailable)?;
        let state = &feed.cached_info().state;
        Ok(if state.messages == 0 { state.last_sequence + 1 } else { state.first_sequence })
    }

    /// Creates whatever is missing of streams, consumers and buckets, and brings the rest up to date. Any number of
    /// processes may do so at once.
    pub async fn ensure(&self) -> Result<(), BusError> {
        streams::ensure(&self.link.context, self.replicas, self.feed_age).await
    }

    /// Waits until everything is there, and creates it where it is not. Where it is, this needs no right to change it.
    pub async fn expect(&self) -> Result<(), BusError> {
        if streams::are_there(&self.link.context).await? { Ok(()) } else { self.ensure().await }
    }

    pub fn log(&self) -> JetStreamLog {
        JetStreamLog::new(self.link.clone())
    }

    /// The keys of what people have said.
    pub fn said(&self) -> SaidKeys {
        SaidKeys::new(self.link.clone())
    }

    pub fn trim(&self) -> Trim {
        Trim::new(self.link.clone())
    }

    pub fn work(&self) -> WorkQueue {
        WorkQueue::new(self.link.clone())
    }

    pub fn leases(&self) -> Leases {
        Leases::new(self.link.clone())
    }

    pub fn fleet(&self) -> Fleet {
        Fleet::new(self.link.clone())
    }

    pub fn telemetry(&self) -> TelemetryStream {
        TelemetryStream::new(self.link.clone())
    }

    /// Copies the log for others to read. `make` says how an event looks there; it has to say the same of the same event at
    /// all times.
    pub fn copier<M>(&self, make: M) -> Copier<M>
    where
        M: Fn(Original<'_>) -> Copied + Send,
    {
        Copier::new(self.link.clone(), make)
    }

    /// Makes the consumers that readers ask for, for as long as there is a connection.
    pub async fn make_consumers(&self) -> Result<(), BusError> {
        readers::make_consumers(&self.link.context.client()).await
    }

    /// Those who want to log in with a token, and have `issuer` vouch for what they may. One role of the platform answers; of
    /// several, one answers each.
    pub async fn logins(&self, issuer: Issuer) -> Result<BoxStream<'static, LoginRequest>, BusError> {
        logins::requests(&self.link.context.client(), issuer).await
    }

    /// Who is connected to the readers' account, as a user of the servers' own account may ask.
    pub fn connections(&self) -> Connections {
        Connections::new(self.link.context.client())
    }

    /// What operators have taken out of work: as it stands, and again with each change; for ever.
    pub fn maintenance(&self) -> BoxStream<'static, Arc<Maintenance>> {
        maintenance::follow(self.link.clone())
    }

    pub fn hooks(&self) -> HookFeed {
        HookFeed::new(self.link.clone())
    }

    pub fn access_notes(&self) -> AccessNotes {
        AccessNotes::new(self.link.clone())
    }

    pub fn traces(&self) -> TraceFeed {
        TraceFeed::new(self.link.clone())
    }

    pub fn predictors(&self) -> Predictors {
        Predictors::new(self.link.context.client())
    }

    pub fn folders(&self) -> Folders {
        Folders::new(self.link.context.client())
    }

    pub fn files(&self) -> Files {
        Files::new(self.link.context.client())
    }

    pub fn preferences(&self) -> Preferences {
        Preferences::new(self.link.clone())
    }

    pub fn calls(&self) -> Calls {
        Calls::new(self.link.clone())
    }

    /// Parks a message of `stream` with the reason why. Only then may it be given up where it came from.
    pub async fn park(&self, stream: &str, payload: Bytes, reason: &str) -> Result<(), BusError> {
        dead::park(&self.link, stream, payload, reason).await
    }

    /// How many messages lie on DEAD, advisories that wait to be answered among them.
    pub async fn dead_letters(&self) -> Result<u64, BusError> {
        let stream = self.link.context.get_stream(subject::DEAD).await.map_err(unavailable)?;
        Ok(stream.cached_info().state.messages)
    }

    /// How much lies in each stream, the dead letters' among them.
    pub async fn streams(&self) -> Result<Vec<StreamFigures>, BusError> {
        figures::of_all(&self.link.context).await
    }

    /// Parks every message of the work queue that the server has given up, and takes it off the queue; for ever,
    /// through outages. One role of the platform does this; more do no harm.
    pub async fn bury(&self) {
        dead::bury(&self.link).await;
    }

    /// Whether the role that buries is there, which is the dispatcher. One that has died is missed at once, one that was
    /// frozen after half a minute.
    pub async fn is_attended(&self) -> Result<bool, BusError> {
        dead::is_attended(&self.link).await
    }

    /// The key called `name`, 32 random bytes: the same for every process of the platform, made by the first that asks.
    pub async fn key(&self, name: &str) -> Result<[u8; 32], BusError> {
        keys::key(&self.link, name).await
    }

    /// What the server itself says, its clock included; nothing is made or changed on it.
    pub async fn server(&self) -> ServerSaid {
        figures::of_server(&self.link.context).await
    }

    pub fn is_connected(&self) -> bool {
        self.link.context.client().connection_state() == State::Connected
    }

    /// Whether the log has a leader that answers: what readiness asks.
    pub async fn ping(&self) -> Result<(), BusError> {
        self.stream_id().await.map(drop)
    }

    /// Names this very log: it changes when the log is another one, and with it every sequence.
    pub async fn stream_id(&self) -> Result<String, BusError> {
        let stream = self.link.context.get_stream(subject::EVENTS).await.map_err(unavailable)?;
        Ok(format!("{}-{:x}", subject::EVENTS, stream.cached_info().created.unix_timestamp_nanos()))
    }

    /// Sends what is still to be sent and closes the connection.
    pub async fn drain(&self) {
        let client = self.link.context.client();
        // Draining is only begun here: whoever ended right after it would take answers along that are not sent yet.
        if !matches!(timeout(REQUEST_TIMEOUT, client.flush()).await, Ok(Ok(()))) {
            tracing::warn!("not all that was said to NATS was sent before the end");
        }
        if let Err(error) = client.drain().await {
            tracing::debug!(%error, "the connection to NATS was already closed");
        }
    }
}

/// Name and password.
type User = (String, String);

/// Takes the addresses apart: the client library ignores a user in them, and logs them as they are.
fn servers(urls: &str) -> Result<(Vec<ServerAddr>, Option<User>), BusError> {
    // Not the address itself: it may hold a password.
    let bad = |_| BusError::Config("the NATS URL is not nats://[user:password@]host:port".to_owned());
    let (mut servers, mut user) = (Vec::new(), None);
    for url in urls.split(',') {
        let mut url = url.trim().parse::<ServerAddr>().map_err(bad)?.into_inner();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        if !url.username().is_empty() {
            user = Some((decoded(url.username()), decoded(url.password().unwrap_or_default())));
        }
        url.set_username("")
            .and(url.set_password(None))
            .map_err(|()| std::io::Error::other("no host"))
            .map_err(bad)?;
        servers.push(ServerAddr::from_url(url).map_err(bad)?);
    }
    Ok((servers, user))
}

fn options(interrupted: watch::Sender<u64>, user: Option<User>) -> ConnectOptions {
    let interrupted = Arc::new(interrupted);
    let options = match user {
        Some((name, password)) => {
            let inbox = is_plain(&name).then(|| rights::inbox(&name));
            let options = ConnectOptions::with_user_and_password(name, password);
            match inbox {
                Some(inbox) => options.custom_inbox_prefix(inbox),
                None => options,
            }
        }
        None => ConnectOptions::new(),
    };
    options
        .name("trainyard")
        .reconnect_delay_callback(|attempts| {
            let pause = Duration::from_millis(25).saturating_mul(1 << attempts.min(10)).min(RECONNECT_PAUSE);
            pause.mul_f64(rand::random_range(0.0..1.0))
        })
        .event_callback(move |event| {
            let interrupted = interrupted.clone();
            async move {
                match event {
                    Event::Disconnected | Event::SlowConsumer(_) => {
                        tracing::warn!(%event, "messages on their way from NATS may be lost; reading again");
                        interrupted.send_modify(|count| *count += 1);
                    }
                    Event::ServerError(_) | Event::ClientError(_) => tracing::warn!(%event, "NATS"),
                    _ => tracing::debug!(%event, "NATS"),
                }
            }
        })
}

/// Whether it can be a word of a subject.
fn is_plain(name: &str) -> bool {
    name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
}
