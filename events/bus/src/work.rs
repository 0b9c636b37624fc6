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
/// What has rung is on its way into the stream: a question waits for so long until it is there, or others have taken it.
const RING_PATIENCE: Duration = Duration::from_millis(40);
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
    /// Messages that have rung and that nobody has been seen to take.
    rung: usize,
    /// It may have something that nobody has heard of.
    is_in_doubt: bool,
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
        self.queues.push(Queue { consumer, rings, rung: 0, is_in_doubt: true });
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
                    if let Ok(Some(rung)) = tokio::time::timeout(LOOK_AGAIN, self.bells.next()).await {
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
        rings.for_each(|queue| queue.rung += 1);
    }

    /// Any may have something that nobody has heard of.
    fn doubt(&mut self) {
        self.queues.iter_mut().for_each(|queue| queue.is_in_doubt = true);
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
        for queue in &mut self.queues {
            let Some(message) = queue.ask().await? else { continue };
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

impl Queue {
    /// What is there, or on its way there.
    async fn ask(&mut self) -> Result<Option<jetstream::Message>, BusError> {
        let message = match (self.rung, self.is_in_doubt) {
            (0, false) => return Ok(None),
            (0, true) => self.fetch(None).await?,
            _ => self.fetch(Some(RING_PATIENCE)).await?,
        };
        match message {
            // One more question tells whether there is another.
            Some(_) => (self.rung, self.is_in_doubt) = (self.rung.saturating_sub(1), true),
            None => (self.rung, self.is_in_doubt) = (0, false),
        }
        Ok(message)
    }

    /// The next one, once it is there; what is there now, without patience.
    async fn fetch(&self, patience: Option<Duration>) -> Result<Option<jetstream::Message>, BusError> {
        let ask = async {
            let mut messages = match patience {
                Some(patience) => self.consumer.batch().max_messages(1).expires(patience).messages().await,
                None => self.consumer.fetch().max_messages(1).messages().await,
            }
            .map_err(unavailable)?;
            messages.next().await.transpose().map_err(unavailable)
        };
        tokio::time::timeout(FETCH_TIMEOUT, ask)
            .await
            .map_err(|_| BusError::Unavailable("the work queue does not answer".to_owned()))?
    }
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
