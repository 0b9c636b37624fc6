//! One socket: who it is, what it has subscribed to, and the loop that sends as fast as its reader takes.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};
use trainyard_api::Problem;
use trainyard_api::live::ClientFrame;
use trainyard_events::chat::Language;
use trainyard_projections::UnknownTopic;

use super::frame;
use super::outbox::{Filled, Outbox};
use super::places::Place;
use super::subscribe;
use crate::client::Client;
use crate::error::ApiError;
use crate::extract::object;
use crate::gateway::Gateway;
use crate::identity::Identity;

/// The longest frame of a client, in bytes. Longer ones are answered with an error.
pub(crate) const SOCKET_FRAME_BYTES: usize = 16 * 1024;
/// Errors of a client after which its socket is closed.
const SOCKET_ERRORS: u32 = 16;
/// A socket that has not said who it is by then is closed.
const AUTH_DEADLINE: Duration = Duration::from_secs(10);
const PING_INTERVAL: Duration = Duration::from_secs(15);
/// A client that has said nothing for so long, pongs included, is gone.
const SILENCE: Duration = Duration::from_secs(45);
const WATERMARK_INTERVAL: Duration = Duration::from_secs(5);
/// A reader that has been behind for so long with a full queue is told to read anew.
pub(crate) const SLOW_AFTER: Duration = Duration::from_secs(5);
/// One frame that takes longer than this to leave ends the socket.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_secs(1);

/// What is written in one go.
type Batch = Vec<Message>;

/// Why a socket ends.
#[derive(Debug)]
enum End {
    /// The client is gone.
    Gone,
    /// With a close code and the reason.
    Close(u16, &'static str),
}

/// Who has opened a socket, as far as its upgrade says.
pub(crate) struct Opener {
    pub(crate) client: Client,
    /// Known already if the upgrade carried a token.
    pub(crate) identity: Option<Identity>,
    /// The token of the browser's session, which an auth frame without one means.
    pub(crate) session: Option<String>,
    pub(crate) place: Place,
    /// What errors are told in, unless the client asks for another.
    pub(crate) language: Language,
}

/// Serves one socket until it ends.
pub(crate) async fn run(gateway: Gateway, socket: WebSocket, opener: Opener) {
    let _open = gateway.metrics.socket_opened();
    let (sink, mut frames) = socket.split();
    let (sender, queue) = mpsc::channel(1);
    let writing = gateway.tasks.spawn(write(gateway.clone(), sink, queue));
    let end = match greet(&gateway, &mut frames, &sender, opener).await {
        Ok(Greeted { identity, _place, language }) => {
            Session::new(gateway, identity, language).run(&mut frames, &sender).await
        }
        Err(end) => end,
    };
    if let End::Close(code, reason) = end {
        tracing::debug!(code, reason, "closing a socket");
        // A client that does not take this either is closed all the same.
        let _ = sender.send(vec![Message::Close(Some(CloseFrame { code, reason: reason.into() }))]).await;
    }
    drop(sender);
    if let Err(error) = writing.await {
        tracing::error!(%error, "the writer of a socket ended badly");
    }
}

/// Sends what it is given, one batch after the other, until there is no more or the client is gone.
async fn write(gateway: Gateway, mut sink: SplitSink<WebSocket, Message>, mut queue: mpsc::Receiver<Batch>) {
    while let Some(batch) = queue.recv().await {
        let frames = batch.len();
        match send(&mut sink, batch).await {
            Ok(()) => gateway.metrics.frames_sent(frames),
            Err(_) => return,
        }
    }
}

/// One system call for many frames; each has its time to leave.
async fn send(sink: &mut SplitSink<WebSocket, Message>, batch: Batch) -> Result<(), End> {
    for message in batch {
        in_time(sink.feed(message)).await?;
    }
    in_time(sink.flush()).await
}

async fn in_time(sending: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    tokio::time::timeout(SEND_TIMEOUT, sending).await.map_err(|_| End::Gone)?.map_err(|_| End::Gone)
}

/// A client that is known, in its place.
struct Greeted {
    identity: Identity,
    _place: Place,
    language: Language,
}

/// Waits for the client to say who it is, unless that is known.
async fn greet(
    gateway: &Gateway,
    frames: &mut SplitStream<WebSocket>,
    sender: &mpsc::Sender<Batch>,
    Opener { client, identity, session, place, language }: Opener,
) -> Result<Greeted, End> {
    if let Some(identity) = identity {
        return Ok(Greeted { identity, _place: place, language });
    }
    let first = tokio::select! {
        () = gateway.stop.cancelled() => return Err(away()),
        first = tokio::time::timeout(AUTH_DEADLINE, next_text(frames)) => first,
    };
    let text = first.map_err(|_| End::Close(close_code::POLICY, "no auth frame came"))??;
    let (answer, language) = match object(text.as_bytes()) {
        Ok(ClientFrame::Auth { token, language: asked }) => {
            let token = if token.is_empty() { session.unwrap_or_default() } else { token };
            let identity = gateway.let_in(client, &token).await;
            let placed =
                identity.and_then(|identity| Ok((gateway.places.named(place, &identity)?, identity)));
            (placed, asked.unwrap_or(language))
        }
        _ => (Err(Problem::NoAuthFrame.into()), language),
    };
    match answer {
        Ok((_place, identity)) => Ok(Greeted { identity, _place, language }),
        Err(ApiError(problem)) => {
            let refusal = Message::Text(frame::error(&problem, None, language).text);
            sender.send(vec![refusal]).await.map_err(|_| End::Gone)?;
            let code = problem.code();
            // Asking again with the same token helps where it is not about the token.
            let again = if code.status() == 401 { close_code::POLICY } else { close_code::AGAIN };
            Err(End::Close(again, code.name()))
        }
    }
}

async fn next_text(frames: &mut SplitStream<WebSocket>) -> Result<String, End> {
    loop {
        match frames.next().await {
            Some(Ok(Message::Text(text))) if text.len() <= SOCKET_FRAME_BYTES => return Ok(text.to_string()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Text(_) | Message::Binary(_))) => {
                return Err(End::Close(close_code::UNSUPPORTED, "the first frame must be a short JSON text"));
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
        }
    }
}

fn away() -> End {
    End::Close(close_code::AWAY, "the gateway is stopping; connect again")
}

/// A socket whose client is known.
struct Session {
    gateway: Gateway,
    identity: Identity,
    /// What errors are told in.
    language: Language,
    outbox: Outbox,
    errors: u32,
    /// When the client was last heard, pinged, and told a watermark.
    heard: Instant,
    pinged: Instant,
    told: Instant,
    /// Since when the queue has been too full to take what the ring has.
    behind: Option<Instant>,
}

impl Session {
    fn new(gateway: Gateway, identity: Identity, language: Language) -> Session {
        let now = Instant::now();
        let cursor = gateway.hub.ring().newest();
        let mut outbox = Outbox::new(identity.tenant.clone(), identity.role, gateway.resumes.clone(), cursor);
        outbox.push(frame::ready(&identity.tenant));
        Session {
            gateway,
            identity,
            language,
            outbox,
            errors: 0,
            heard: now,
            pinged: now,
            told: now,
            behind: None,
        }
    }

    async fn run(mut self, frames: &mut SplitStream<WebSocket>, sender: &mpsc::Sender<Batch>) -> End {
        match self.serve(frames, sender).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn serve(
        &mut self,
        frames: &mut SplitStream<WebSocket>,
        sender: &mpsc::Sender<Batch>,
    ) -> Result<std::convert::Infallible, End> {
        let hub = self.gateway.hub.clone();
        let stop = self.gateway.stop.clone();
        let mut news = hub.news_of(&self.identity.tenant);
        let (mut telemetry, mut fleet) = (hub.telemetry(), hub.fleet());
        let mut revoked = self.gateway.tokens.revocations();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            news.mark_unchanged();
            self.fill();
            tokio::select! {
                () = stop.cancelled() => return Err(away()),
                permit = sender.reserve(), if !self.outbox.is_empty() => {
                    let permit = permit.map_err(|_| End::Gone)?;
                    permit.send(self.outbox.batch().into_iter().map(Message::Text).collect());
                }
                // A client that does not read is not read either.
                message = frames.next(), if !self.outbox.is_full() => self.on_message(message).await?,
                changed = news.changed() => changed.map_err(|_| away())?,
                told = telemetry.recv() => if let Ok(told) = told {
                    self.outbox.tell(told);
                },
                changed = fleet.changed(), if self.outbox.has_workers() => {
                    changed.map_err(|_| away())?;
                    let seen = fleet.borrow_and_update().seen_by(&self.identity.tenant);
                    self.outbox.fleet(seen);
                }
                token = revoked.recv() => match token {
                    Ok(token) if token != self.identity.token_id => {}
                    // Ours, or one of too many at once to tell: whoever comes again is asked again.
                    _ => return Err(End::Close(close_code::POLICY, "the token may have been revoked")),
                },
                _ = tick.tick() => self.on_tick(sender)?,
            }
        }
    }

    /// Queues what the ring has, and notes whether the client keeps up.
    fn fill(&mut self) {
        let ring = self.gateway.hub.ring();
        match self.outbox.fill(&ring) {
            Filled::UpToDate => self.behind = None,
            Filled::Behind => {
                let since = *self.behind.get_or_insert_with(Instant::now);
                if since.elapsed() >= SLOW_AFTER {
                    self.outbox.give_up(ring.newest(), "this client reads too slowly");
                    self.behind = None;
                }
            }
            Filled::Lost => {
                self.outbox.give_up(ring.newest(), "this client was too far behind");
                self.behind = None;
            }
        }
    }

    async fn on_message(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard = Instant::now();
        match message {
            Some(Ok(Message::Text(text))) if text.len() > SOCKET_FRAME_BYTES => {
                self.error(&Problem::FrameTooLarge { bytes_max: SOCKET_FRAME_BYTES }, None)
            }
            Some(Ok(Message::Text(text))) => self.on_frame(&text).await,
            Some(Ok(Message::Binary(_))) => self.error(&Problem::NotText, None),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        }
    }

    async fn on_frame(&mut self, text: &str) -> Result<(), End> {
        let outcome = match object(text.as_bytes()) {
            Ok(ClientFrame::Auth { .. }) => return Ok(()),
            Ok(ClientFrame::Subscribe { topic, resume }) => subscribe::subscribe(
                &self.gateway,
                &self.identity,
                &mut self.outbox,
                &topic,
                resume.as_deref(),
            )
            .await
            .map_err(|not| (Problem::from(not), Some(topic))),
            Ok(ClientFrame::Unsubscribe { topic }) => match topic.parse() {
                Ok(channel) => {
                    self.outbox.remove(channel);
                    Ok(())
                }
                Err(UnknownTopic(_)) => Err((Problem::UnknownTopic { topic: topic.clone() }, Some(topic))),
            },
            Err(error) => Err((Problem::BadFrame { detail: error.to_string() }, None)),
        };
        match outcome {
            Ok(()) => Ok(()),
            Err((problem, topic)) => self.error(&problem, topic),
        }
    }

    fn error(&mut self, problem: &Problem, topic: Option<String>) -> Result<(), End> {
        self.outbox.push(frame::error(problem, topic, self.language));
        self.errors += 1;
        if self.errors >= SOCKET_ERRORS {
            return Err(End::Close(close_code::POLICY, "too many frames with errors"));
        }
        Ok(())
    }

    fn on_tick(&mut self, sender: &mpsc::Sender<Batch>) -> Result<(), End> {
        let now = Instant::now();
        if now - self.heard > SILENCE {
            return Err(End::Close(close_code::POLICY, "no answer to pings"));
        }
        if self.gateway.tokens.is_valid(&self.identity).is_err() {
            return Err(End::Close(close_code::POLICY, "the token has expired"));
        }
        if now - self.pinged > PING_INTERVAL {
            self.pinged = now;
            // If there is no room for it, the client is being sent something anyway.
            let _ = sender.try_send(vec![Message::Ping(bytes::Bytes::new())]);
        }
        if now - self.told > WATERMARK_INTERVAL && !self.outbox.is_full() {
            self.told = now;
            self.outbox.watermark();
        }
        Ok(())
    }
}
