//! Predict calls: an image asked of whichever predictor is free, and its answer.

use std::pin::pin;
use std::time::Duration;

use async_nats::{Client, HeaderMap, Message, Request, RequestErrorKind, Subject};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use trainyard_events::prediction::{PredictAnswer, PredictRefusal, PredictRequest};
use trainyard_events::{limits, subject};

use crate::BusError;
use crate::error::unavailable;

/// Carries the [`PredictRequest`] beside the image.
const REQUEST_HEADER: &str = "predict-request";
const QUEUE_GROUP: &str = "predictors";
/// A predictor that has not answered by then may have died: one is asked again, once.
const AGAIN: Duration = Duration::from_secs(5);
/// Before one is asked again where none was there.
const BEFORE_NEXT: Duration = Duration::from_millis(250);
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

/// One image to answer.
pub struct PredictCall {
    pub request: PredictRequest,
    pub image: Bytes,
    client: Client,
    reply: Subject,
}

impl Predictors {
    pub(crate) fn new(client: Client) -> Predictors {
        Predictors { client }
    }

    /// The first answer. A predictor that dies with the question costs [`AGAIN`], and the next one answers.
    pub async fn ask(
        &self,
        request: &PredictRequest,
        image: Bytes,
        timeout: Duration,
    ) -> Result<PredictAnswer, AskError> {
        if image.len() > limits::IMAGE_BYTES {
            return Err(AskError::TooLarge { limit: limits::IMAGE_BYTES });
        }
        let first = self.ask_one(request, image.clone(), timeout);
        let Some(rest) = timeout.checked_sub(AGAIN) else { return first.await };
        let (mut first, mut second) = (pin!(first), pin!(self.ask_again(request, image, rest)));
        tokio::select! {
            outcome = &mut first => outcome,
            outcome = &mut second => match outcome {
                Ok(_) | Err(AskError::Refused(PredictRefusal::BadImage { .. } | PredictRefusal::BadModel { .. })) => outcome,
                // The first may be at it still.
                unanswered => match first.await {
                    Err(AskError::TimedOut) => unanswered,
                    outcome => outcome,
                },
            },
        }
    }

    /// After a while, of whoever is there by then.
    async fn ask_again(
        &self,
        request: &PredictRequest,
        image: Bytes,
        timeout: Duration,
    ) -> Result<PredictAnswer, AskError> {
        sleep(AGAIN).await;
        let deadline = Instant::now() + timeout;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.ask_one(request, image.clone(), rest).await {
                Err(AskError::NobodyThere) if rest > BEFORE_NEXT => sleep(BEFORE_NEXT).await,
                outcome => return outcome,
            }
        }
    }

    async fn ask_one(
        &self,
        request: &PredictRequest,
        image: Bytes,
        timeout: Duration,
    ) -> Result<PredictAnswer, AskError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            REQUEST_HEADER,
            serde_json::to_string(request).expect("a request is plain data, which always serialises"),
        );
        let question = Request::new().headers(headers).payload(image).timeout(Some(timeout));
        let reply =
            self.client.send_request(subject::PREDICT, question).await.map_err(|error| {
                match error.kind() {
                    RequestErrorKind::NoResponders => AskError::NobodyThere,
                    RequestErrorKind::TimedOut => AskError::TimedOut,
                    RequestErrorKind::MaxPayloadExceeded => {
                        AskError::TooLarge { limit: self.client.max_payload() }
                    }
                    _ => AskError::Unavailable(error.to_string()),
                }
            })?;
        let answer: Result<PredictAnswer, PredictRefusal> = serde_json::from_slice(&reply.payload)
            .map_err(|error| AskError::Unavailable(format!("the answer does not decode: {error}")))?;
        Ok(answer?)
    }

    /// Calls for this predictor, shared with all others. Ends when the bus is drained; after `stop`, with the last call that
    /// has come. One that is on its way from the server just then is lost, and who asked asks again.
    pub async fn serve(&self, stop: CancellationToken) -> Result<BoxStream<'static, PredictCall>, BusError> {
        let group = QUEUE_GROUP.to_owned();
        let mut messages = self.client.queue_subscribe(subject::PREDICT, group).await.map_err(unavailable)?;
        // The server pushes without asking: what is not taken from it soon would pile up as images in memory.
        let (waiting, calls) = mpsc::channel(WAITING_CALLS);
        let client = self.client.clone();
        tokio::spawn(async move {
            let mut is_stopping = false;
            loop {
                let message = tokio::select! {
                    _ = waiting.closed() => return,
                    () = stop.cancelled(), if !is_stopping => {
                        is_stopping = true;
                        if messages.drain().await.is_err() {
                            return;
                        }
                        continue;
                    }
                    message = messages.next() => message,
                };
                let Some(message) = message else { return };
                let Some(reply) = message.reply.clone() else { continue };
                let refused = match request_of(&message) {
                    Err(refusal) => answer(&client, reply, Err(refusal)).await,
                    Ok(request) => {
                        let call =
                            PredictCall { request, image: message.payload, client: client.clone(), reply };
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
