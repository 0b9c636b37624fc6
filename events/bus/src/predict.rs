//! Predict calls: an image asked of whichever predictor is free, and its answer.

use std::pin::pin;
use std::time::Duration;

use async_nats::{Client, HeaderMap, Message, StatusCode, Subject};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep, timeout_at};
use trainyard_events::prediction::{PredictAnswer, PredictRefusal, PredictRequest};
use trainyard_events::{limits, subject};

use crate::BusError;
use crate::error::unavailable;

/// Carries the [`PredictRequest`] beside the image.
const REQUEST_HEADER: &str = "predict-request";
/// On a request: who asks knows signs of life. On a reply: it is one, and no answer.
const SIGN_HEADER: &str = "predict-working";
/// Between two signs of life of a predictor that works on a call.
const SIGN: Duration = Duration::from_secs(1);
/// A predictor that has given a sign and is silent for this long has died: the next is asked.
const SILENCE: Duration = Duration::from_secs(4);
/// Before predictors are asked again of which none is there since one has died.
const BEFORE_NEXT: Duration = Duration::from_millis(250);
const QUEUE_GROUP: &str = "predictors";
/// Calls that wait inside one predictor, images and all; any more are told that it is busy.
const WAITING_CALLS: usize = 32;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Refused(#[from] PredictRefusal),
    /// No predictor runs.
    #[error("no predictor is running; start one with `trainyard up` or a worker")]
    NobodyThere,
    #[error("no predictor answered in time")]
    TimedOut,
    #[error("the image is more than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("predictors cannot be reached now: {0}")]
    Unavailable(String),
}

#[derive(Clone)]
pub struct Predictors {
    client: Client,
}

/// What came back from one predictor.
enum Heard {
    Answer(Result<PredictAnswer, PredictRefusal>),
    /// It had begun.
    Died,
    Nobody,
    /// Until the time was over.
    Nothing,
}

/// One image to answer.
pub struct PredictCall {
    pub request: PredictRequest,
    pub image: Bytes,
    client: Client,
    reply: Subject,
    /// Whether who asks knows signs of life.
    wants_signs: bool,
}

impl Predictors {
    pub(crate) fn new(client: Client) -> Predictors {
        Predictors { client }
    }

    /// The answer of one of them. If that one dies while it works, another is asked, until the time is over.
    pub async fn ask(
        &self,
        request: &PredictRequest,
        image: Bytes,
        timeout: Duration,
    ) -> Result<PredictAnswer, AskError> {
        if image.len() > limits::IMAGE_BYTES {
            return Err(AskError::TooLarge { limit: limits::IMAGE_BYTES });
        }
        let most = self.client.max_payload();
        if image.len() > most {
            return Err(AskError::TooLarge { limit: most });
        }
        let mut headers = HeaderMap::new();
        headers.insert(
            REQUEST_HEADER,
            serde_json::to_string(request).expect("a request is plain data, which always serialises"),
        );
        headers.insert(SIGN_HEADER, "1");
        let deadline = Instant::now() + timeout;
        let mut has_died = false;
        loop {
            match self.ask_one(&headers, &image, deadline).await? {
                Heard::Answer(answer) => return Ok(answer?),
                Heard::Died => has_died = true,
                Heard::Nobody if has_died && Instant::now() + BEFORE_NEXT < deadline => {
                    sleep(BEFORE_NEXT).await
                }
                Heard::Nobody => return Err(AskError::NobodyThere),
                Heard::Nothing => return Err(AskError::TimedOut),
            }
        }
    }

    async fn ask_one(
        &self,
        headers: &HeaderMap,
        image: &Bytes,
        deadline: Instant,
    ) -> Result<Heard, AskError> {
        let unavailable = |error: &dyn std::fmt::Display| AskError::Unavailable(error.to_string());
        let inbox = self.client.new_inbox();
        let mut replies = self.client.subscribe(inbox.clone()).await.map_err(|error| unavailable(&error))?;
        let (headers, image) = (headers.clone(), image.clone());
        let asked = self.client.publish_with_reply_and_headers(subject::PREDICT, inbox, headers, image).await;
        asked.map_err(|error| unavailable(&error))?;
        let mut signed = None;
        loop {
            let until = signed.map_or(deadline, |signed: Instant| deadline.min(signed + SILENCE));
            let Ok(reply) = timeout_at(until, replies.next()).await else {
                return Ok(if until < deadline { Heard::Died } else { Heard::Nothing });
            };
            let reply = reply.ok_or_else(|| unavailable(&"the connection was closed"))?;
            if reply.status == Some(StatusCode::NO_RESPONDERS) {
                return Ok(Heard::Nobody);
            }
            if reply.headers.as_ref().is_some_and(|headers| headers.get(SIGN_HEADER).is_some()) {
                signed = Some(Instant::now());
                continue;
            }
            return serde_json::from_slice(&reply.payload)
                .map(Heard::Answer)
                .map_err(|error| unavailable(&format!("the answer does not decode: {error}")));
        }
    }

    /// Calls for this predictor, shared with all others; ends when the bus is drained.
    pub async fn serve(&self) -> Result<BoxStream<'static, PredictCall>, BusError> {
        let group = QUEUE_GROUP.to_owned();
        let mut messages = self.client.queue_subscribe(subject::PREDICT, group).await.map_err(unavailable)?;
        // The server pushes without asking: what is not taken from it soon would pile up as images in memory.
        let (waiting, calls) = mpsc::channel(WAITING_CALLS);
        let client = self.client.clone();
        tokio::spawn(async move {
            loop {
                let message = tokio::select! {
                    _ = waiting.closed() => return,
                    message = messages.next() => message,
                };
                let Some(message) = message else { return };
                let Some(reply) = message.reply.clone() else { continue };
                let refused = match request_of(&message) {
                    Err(refusal) => answer(&client, reply, Err(refusal)).await,
                    Ok(request) => {
                        let wants_signs =
                            message.headers.is_some_and(|headers| headers.get(SIGN_HEADER).is_some());
                        let (image, client) = (message.payload, client.clone());
                        let call = PredictCall { request, image, client, reply, wants_signs };
                        match waiting.try_send(call) {
                            Ok(()) => Ok(()),
                            Err(full) => full.into_inner().answer(Err(busy())).await,
                        }
                    }
                };
                if let Err(error) = refused {
                    tracing::warn!(%error, "a predict call could not be refused; its caller will time out");
                }
            }
        });
        Ok(stream::unfold(calls, |mut calls| async { calls.recv().await.map(|call| (call, calls)) }).boxed())
    }
}

impl PredictCall {
    pub async fn answer(self, result: Result<PredictAnswer, PredictRefusal>) -> Result<(), BusError> {
        answer(&self.client, self.reply, result).await
    }

    /// Answers with what comes of `work`, and says meanwhile that it is being worked on.
    pub async fn answer_when(
        self,
        work: impl Future<Output = Result<PredictAnswer, PredictRefusal>>,
    ) -> Result<(), BusError> {
        let mut work = pin!(work);
        let mut signs = interval(SIGN);
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                _ = signs.tick(), if self.wants_signs => self.sign().await,
            }
        };
        self.answer(result).await
    }

    async fn sign(&self) {
        let mut headers = HeaderMap::new();
        headers.insert(SIGN_HEADER, "1");
        // Without it who asks waits longer, and no worse.
        let _ = self.client.publish_with_headers(self.reply.clone(), headers, Bytes::new()).await;
    }
}

async fn answer(
    client: &Client,
    reply: Subject,
    result: Result<PredictAnswer, PredictRefusal>,
) -> Result<(), BusError> {
    let payload = serde_json::to_vec(&result).expect("an answer is plain data, which always serialises");
    client.publish(reply, payload.into()).await.map_err(unavailable)
}

fn request_of(message: &Message) -> Result<PredictRequest, PredictRefusal> {
    let header = message.headers.as_ref().and_then(|headers| headers.get(REQUEST_HEADER));
    let json = header.map_or("", |header| header.as_str());
    serde_json::from_str(json).map_err(|error| {
        PredictRefusal::bad_model(format!(
            "the request does not decode, so its sender is of another version: {error}"
        ))
    })
}

fn busy() -> PredictRefusal {
    PredictRefusal::busy(format!("{WAITING_CALLS} calls wait already; try again in a moment"))
}
