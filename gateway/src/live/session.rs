//! One socket: who it is, what it has subscribed to, and the loop that sends as fast as its reader takes.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use super::frame::{self, ClientFrame, Outgoing};
use super::outbox::{Filled, Outbox};
use super::places::Place;
use super::subscribe;
use crate::client::Client;
use crate::gateway::Gateway;
use crate::tokens::Identity;

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

/// Why a socket ends.
#[derive(Debug)]
enum End {
    /// The client is gone.
    Gone,
    /// With a close code and the reason.
    Close(u16, &'static str),
}

/// Serves one socket until it ends. `identity` is known already if the upgrade carried a token.
pub(crate) async fn run(
    gateway: Gateway,
    socket: WebSocket,
    client: Client,
    identity: Option<Identity>,
    place: Place,
) {
    let _open = gateway.metrics.socket_opened();
    let (sink, mut frames) = socket.split();
    let (sender, queue) = mpsc::channel(1);
    let writing = gateway.tasks.spawn(write(gateway.clone(), sink, queue));
    let known = match identity {
        Some(identity) => Ok((identity, place)),
        None => greet(&gateway, &mut frames, &sender, client, place).await,
    };
    let end = match known {
        Ok((identity, _place)) => Session::new(gateway, identity).run(&mut frames, &sender).await,
        Err(end) => end,
    };
    if let End::Close(code, reason) = end {
        tracing::debug!(code, reason, "closing a socket");
        // A client that does not take this either is closed all the same.
        let _ = sender.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    }
    drop(sender);
    if let Err(error) = writing.await {
        tracing::error!(%error, "the writer of a socket ended badly");
    }
}

/// Sends what it is given, one frame after the other, until there is no more or the client is gone.
async fn write(
    gateway: Gateway,
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<Message>,
) {
    while let Some(message) = queue.recv().await {
        match tokio::time::timeout(SEND_TIMEOUT, sink.send(message)).await {
            Ok(Ok(())) => gateway.metrics.frame_sent(),
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

/// Waits for the client to say who it is.
async fn greet(
    gateway: &Gateway,
    frames: &mut SplitStream<WebSocket>,
    sender: &mpsc::Sender<Message>,
    client: Client,
    place: Place,
) -> Result<(Identity, Place), End> {
    let first = tokio::select! {
        () = gateway.stop.cancelled() => return Err(away()),
        first = tokio::time::timeout(AUTH_DEADLINE, next_text(frames)) => first,
    };
    let text = first.map_err(|_| End::Close(close_code::POLICY, "no auth frame came"))??;
    let answer = match serde_json::from_str(&text) {
        Ok(ClientFrame::Auth { token }) => {
            let identity = gateway.tokens.identify(&gateway.views, client, &token).await;
            identity.and_then(|identity| Ok((gateway.places.named(place, &identity)?, identity)))
        }
        _ => Err(crate::error::ApiError::unauthorized(
            "the first frame must be {\"type\":\"auth\",\"token\":...}",
        )),
    };
    match answer {
        Ok((place, identity)) => Ok((identity, place)),
        Err(error) => {
            if let Outgoing::Text(text) = frame::error(error.code(), error.message(), None) {
                sender.send(Message::text(text)).await.map_err(|_| End::Gone)?;
            }
            let again = if error.is_about_the_token() { close_code::POLICY } else { close_code::AGAIN };
            Err(End::Close(again, error.code()))
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
    fn new(gateway: Gateway, identity: Identity) -> Session {
        let now = Instant::now();
        let cursor = gateway.hub.ring().newest();
        let mut outbox = Outbox::new(identity.tenant.clone(), identity.role, gateway.resumes.clone(), cursor);
        outbox.push(frame::ready(&identity.tenant));
        Session { gateway, identity, outbox, errors: 0, heard: now, pinged: now, told: now, behind: None }
    }

    async fn run(mut self, frames: &mut SplitStream<WebSocket>, sender: &mpsc::Sender<Message>) -> End {
        match self.serve(frames, sender).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn serve(
        &mut self,
        frames: &mut SplitStream<WebSocket>,
        sender: &mpsc::Sender<Message>,
    ) -> Result<std::convert::Infallible, End> {
        let hub = self.gateway.hub.clone();
        let stop = self.gateway.stop.clone();
        let (mut newest, mut telemetry, mut fleet) = (hub.newest(), hub.telemetry(), hub.fleet());
        let mut revoked = self.gateway.tokens.revocations();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            newest.mark_unchanged();
            self.fill();
            tokio::select! {
                () = stop.cancelled() => return Err(away()),
                permit = sender.reserve(), if !self.outbox.is_empty() => {
                    let permit = permit.map_err(|_| End::Gone)?;
                    if let Some(text) = self.outbox.next() {
                        permit.send(Message::text(text));
                    }
                }
                // A client that does not read is not read either.
                message = frames.next(), if !self.outbox.is_full() => self.on_message(message).await?,
                changed = newest.changed() => changed.map_err(|_| away())?,
                told = telemetry.recv() => if let Ok(told) = told {
                    self.outbox.tell(told);
                },
                changed = fleet.changed(), if self.outbox.has_workers() => {
                    changed.map_err(|_| away())?;
                    let rows = fleet.borrow_and_update().rows(&self.identity.tenant);
                    self.outbox.fleet(rows);
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
            Some(Ok(Message::Text(text))) if text.len() > SOCKET_FRAME_BYTES => self.error(
                "frame_too_large",
                &format!("a frame has at most {SOCKET_FRAME_BYTES} bytes"),
                None,
            ),
            Some(Ok(Message::Text(text))) => self.on_frame(&text).await,
            Some(Ok(Message::Binary(_))) => self.error("bad_frame", "frames are JSON text", None),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        }
    }

    async fn on_frame(&mut self, text: &str) -> Result<(), End> {
        let outcome = match serde_json::from_str(text) {
            Ok(ClientFrame::Auth { .. }) => return Ok(()),
            Ok(ClientFrame::Subscribe { topic, resume }) => subscribe::subscribe(
                &self.gateway,
                &self.identity,
                &mut self.outbox,
                &topic,
                resume.as_deref(),
            )
            .await
            .map_err(|error| (error.code(), error.to_string(), Some(topic))),
            Ok(ClientFrame::Unsubscribe { topic }) => match topic.parse() {
                Ok(channel) => {
                    self.outbox.remove(channel);
                    Ok(())
                }
                Err(unknown) => Err(("unknown_topic", unknown.to_string(), Some(topic))),
            },
            Err(error) => {
                Err(("bad_frame", format!("the frame is not one this gateway knows: {error}"), None))
            }
        };
        match outcome {
            Ok(()) => Ok(()),
            Err((code, message, topic)) => self.error(code, &message, topic.as_deref()),
        }
    }

    fn error(&mut self, code: &str, message: &str, topic: Option<&str>) -> Result<(), End> {
        self.outbox.push(frame::error(code, message, topic));
        self.errors += 1;
        if self.errors >= SOCKET_ERRORS {
            return Err(End::Close(close_code::POLICY, "too many frames with errors"));
        }
        Ok(())
    }

    fn on_tick(&mut self, sender: &mpsc::Sender<Message>) -> Result<(), End> {
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
            let _ = sender.try_send(Message::Ping(bytes::Bytes::new()));
        }
        if now - self.told > WATERMARK_INTERVAL && !self.outbox.is_full() {
            self.told = now;
            self.outbox.watermark();
        }
        Ok(())
    }
}
