//! The work queue: messages that say that something can be done, each given to one worker at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, AckKind};
use futures::stream::{BoxStream, SelectAll};
use futures::{FutureExt, StreamExt};
use trainyard_events::config::Priority;
use trainyard_events::fleet::{Pool, Work, WorkMessage};
use trainyard_events::subject;
use uuid::Uuid;

use crate::BusError;
use crate::dead::park;
use crate::error::unavailable;
use crate::link::Link;
use crate::publish::{Backoff, publish_surely};
use crate::streams::{classes, consumer_name, queue_of, queue_of_worker};

/// An answer to "is there work" takes no longer, or the server is gone.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// A new message rings at once; one that comes back after its worker died does not, so look this often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// What has rung is on its way into the stream, and mostly not there at the first look: there are so many, with a pause between
/// them that doubles.
const LOOKS_OF_A_RING: u8 = 6;
const LOOK_SOON: Duration = Duration::from_millis(1);
/// A message whose handler dropped it waits this long, lest it use up its deliveries in an instant.
const DROPPED_DELAY: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct WorkQueue {
    link: Link,
}

impl WorkQueue {
    pub(crate) fn new(link: Link) -> WorkQueue {
        WorkQueue { link }
    }

    /// Puts a message on the queue of its work, class and pool; the same `id` again within ten minutes does nothing.
    pub async fn publish(&self, message: &WorkMessage, id: Uuid) -> Result<(), BusError> {
        let subject = match message {
            WorkMessage::Train { class, pool, worker: Some(worker), .. } => {
                subject::command_of_worker(*class, *pool, worker)
            }
            WorkMessage::Train { class, pool, runner: Some(runner), .. } => {
                subject::command_of_runner(*class, *pool, runner)
            }
            WorkMessage::Train { class, pool, .. } => subject::command(Work::Train, *class, *pool),
            WorkMessage::Inspect { pool, .. } => subject::command(Work::Inspect, Priority::Normal, *pool),
        };
        let payload =
            serde_json::to_vec(message).expect("a work message is plain data, which always serialises");
        let bytes = payload.len();
        let message = PublishMessage::build().payload(payload.into()).message_id(id.to_string());
        publish_surely(&self.link.context, subject, message, bytes).await.map(drop)
    }

    /// Takes messages of one kind of work for one pool, of all its classes, and the trainings of these runners.
    pub async fn pull(&self, work: Work, pool: Pool, runners: &[String]) -> Result<WorkPuller, BusError> {
        let context = &self.link.context;
        let mut puller = WorkPuller::new(self.link.clone());
        for &class in classes(work) {
            let name = consumer_name(work, class, pool);
            let consumer =
                context.get_consumer_from_stream(name, subject::COMMANDS).await.map_err(unavailable)?;
            puller.add(consumer, subject::command(work, class, pool)).await?;
            for runner in runners {
                let consumer = queue_of(context, class, pool, runner).await?;
                puller.add(consumer, subject::command_of_runner(class, pool, runner)).await?;
            }
        }
        Ok(puller)
    }
}

/// Hands out work, the most urgent class first. Only queues that have rung are looked at, and all of them now and then.
pub struct WorkPuller {
    link: Link,
    /// A worker's own first, then the most urgent class.
    queues: Vec<Queue>,
    /// Each ring is the subject of a queue.
    bells: SelectAll<BoxStream<'static, Arc<str>>>,
    all_looked_at: Instant,
}

struct Queue {
    consumer: PullConsumer,
    rings: Arc<str>,
    /// Looks that it takes until it counts as empty.
    due: u8,
}

impl WorkPuller {
    fn new(link: Link) -> WorkPuller {
        WorkPuller { link, queues: Vec::new(), bells: SelectAll::new(), all_looked_at: Instant::now() }
    }

    /// Every publication passes its bell, too, on its way into the stream.
    async fn add(&mut self, consumer: PullConsumer, subject: String) -> Result<(), BusError> {
        let rings: Arc<str> = subject.as_str().into();
        let bell = self.link.context.client().subscribe(subject).await.map_err(unavailable)?;
        let named = rings.clone();
        self.bells.push(bell.map(move |_| named.clone()).boxed());
        self.queues.push(Queue { consumer, rings, due: 1 });
        Ok(())
    }

    /// And before all others the trainings that were decided for this worker, whatever they need.
    pub async fn with_own_queue(mut self, pool: Pool, worker: &str) -> Result<WorkPuller, BusError> {
        let consumer = queue_of_worker(&self.link.context, pool, worker).await?;
        self.add(consumer, subject::commands_of_worker(pool, worker)).await?;
        self.queues.rotate_right(1);
        Ok(self)
    }

    /// Waits for work, through every outage. Dropped half-way, a message that was on its way comes back later.
    pub async fn next(&mut self) -> Delivery {
        let mut backoff = Backoff::default();
        loop {
            match self.look().await {
                Ok(Some(delivery)) => return delivery,
                Ok(None) => {
                    backoff = Backoff::default();
                    let most = self.queues.iter().map(|queue| queue.due).max().unwrap_or(0);
                    let patience = match most {
                        0 => LOOK_AGAIN,
                        due => LOOK_SOON * (1 << LOOKS_OF_A_RING.saturating_sub(due + 1)),
                    };
                    if let Ok(Some(rung)) = tokio::time::timeout(patience, self.bells.next()).await {
                        self.hear(&rung);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot look for work; trying again");
                    self.doubt();
                    backoff.wait().await;
                }
            }
        }
    }

    fn hear(&mut self, rung: &str) {
        let rings = self.queues.iter_mut().filter(|queue| *queue.rings == *rung);
        rings.for_each(|queue| queue.due = LOOKS_OF_A_RING);
    }

    /// Any may have something that nobody has heard of.
    fn doubt(&mut self) {
        self.queues.iter_mut().for_each(|queue| queue.due = queue.due.max(1));
        self.all_looked_at = Instant::now();
    }

    /// Asks once each that may have something, in order.
    async fn look(&mut self) -> Result<Option<Delivery>, BusError> {
        while let Some(Some(rung)) = self.bells.next().now_or_never() {
            self.hear(&rung);
        }
        if self.all_looked_at.elapsed() >= LOOK_AGAIN {
            self.doubt();
        }
        for queue in self.queues.iter_mut().filter(|queue| queue.due > 0) {
            let Some(message) = fetch(&queue.consumer).await? else {
                queue.due -= 1;
                continue;
            };
            // One more tells whether there is another.
            queue.due = 1;
            match serde_json::from_slice(&message.payload) {
                Ok(work) => return Ok(Some(Delivery::new(work, message))),
                Err(error) => {
                    park(&self.link, subject::COMMANDS, message.payload.clone(), &error.to_string()).await?;
                    message.double_ack_with(AckKind::Term).await.map_err(unavailable)?;
                }
            }
        }
        Ok(None)
    }
}

async fn fetch(consumer: &PullConsumer) -> Result<Option<jetstream::Message>, BusError> {
    let ask = async {
        let mut messages = consumer.fetch().max_messages(1).messages().await.map_err(unavailable)?;
        messages.next().await.transpose().map_err(unavailable)
    };
    tokio::time::timeout(FETCH_TIMEOUT, ask)
        .await
        .map_err(|_| BusError::Unavailable("the work queue does not answer".to_owned()))?
}

/// One message in one worker's hands. Dropped without a word, it goes back to the queue.
pub struct Delivery {
    pub message: WorkMessage,
    /// How often it was given to anybody, this time included.
    pub deliveries: u64,
    raw: Option<jetstream::Message>,
}

impl Delivery {
    fn new(message: WorkMessage, raw: jetstream::Message) -> Delivery {
        let deliveries = raw.info().map_or(1, |info| info.delivered.max(1) as u64);
        Delivery { message, deliveries, raw: Some(raw) }
    }

    /// Done: it never comes again. The server has confirmed that when this returns `Ok`.
    pub async fn ack(mut self) -> Result<(), BusError> {
        self.take().double_ack().await.map_err(unavailable)
    }

    /// Not now: it comes again, to anybody, after a while.
    pub async fn again(mut self, after: Duration) -> Result<(), BusError> {
        self.take().ack_with(AckKind::Nak(Some(after))).await.map_err(unavailable)
    }

    /// Still at it: another [`trainyard_events::limits::COMMAND_ACK_WAIT`] from now.
    pub async fn in_progress(&self) -> Result<(), BusError> {
        match &self.raw {
            Some(raw) => raw.ack_with(AckKind::Progress).await.map_err(unavailable),
            None => Ok(()),
        }
    }

    fn take(&mut self) -> jetstream::Message {
        self.raw.take().expect("only `ack` and `again` take it, and both consume the delivery")
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        let (Some(raw), Ok(runtime)) = (self.raw.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move {
            if let Err(error) = raw.ack_with(AckKind::Nak(Some(DROPPED_DELAY))).await {
                tracing::debug!(%error, "a dropped message comes back only when its time is up");
            }
        });
    }
}
