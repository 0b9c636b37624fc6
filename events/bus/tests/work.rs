//! The work queue on a real server: once each, back when dropped, most urgent first, never lost for being unreadable.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use std::time::Duration;

use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use futures::StreamExt;
use servers::Servers;
use tokio::time::{Instant, timeout};
use trainyard_bus::{Bus, BusConfig, BusError, Delivery, WorkPuller};
use trainyard_events::config::{Priority, Task};
use trainyard_events::fleet::{Pool, Work, WorkMessage};
use trainyard_events::{limits, subject};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);
/// Long enough for a message to come that must not.
const SILENCE: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_id_twice_is_delivered_once() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let (message, id) = (train(Priority::Normal), Uuid::new_v4());
    bus.work().publish(&message, id).await.unwrap();
    bus.work().publish(&message, id).await.unwrap();
    let mut puller = puller(&bus).await;
    let delivery = next(&mut puller).await;
    assert_eq!((&delivery.message, delivery.deliveries), (&message, 1));
    delivery.ack().await.unwrap();
    nothing_comes(&mut puller).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_message_comes_back_and_an_acknowledged_one_does_not() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    bus.work().publish(&train(Priority::Normal), Uuid::new_v4()).await.unwrap();
    let (mut one, mut two) = (puller(&bus).await, puller(&bus).await);
    drop(next(&mut one).await);
    let again = next(&mut two).await;
    assert_eq!(again.deliveries, 2);
    again.in_progress().await.unwrap();
    again.again(Duration::from_millis(100)).await.unwrap();
    let third = next(&mut one).await;
    assert_eq!(third.deliveries, 3);
    third.ack().await.unwrap();
    nothing_comes(&mut two).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_most_urgent_class_comes_first_and_rings_at_once() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    for class in [Priority::Low, Priority::Normal, Priority::High, Priority::Low, Priority::High] {
        bus.work().publish(&train(class), Uuid::new_v4()).await.unwrap();
    }
    let mut puller = puller(&bus).await;
    let mut classes = Vec::new();
    for _ in 0..5 {
        let delivery = next(&mut puller).await;
        let WorkMessage::Train { class, .. } = delivery.message else {
            panic!("only trainings were published")
        };
        classes.push(class);
        delivery.ack().await.unwrap();
    }
    assert_eq!(classes, [Priority::High, Priority::High, Priority::Normal, Priority::Low, Priority::Low]);

    let waiting = tokio::spawn(async move { next(&mut puller).await.deliveries });
    bus.work().publish(&train(Priority::Low), Uuid::new_v4()).await.unwrap();
    assert_eq!(waiting.await.unwrap(), 1);
}

/// A worker with runners has a queue of each for each class: to ask all of them for every training would take longer than to begin it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_queue_that_has_rung_is_asked() {
    const MESSAGES: usize = 20;
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let stranger = servers.stranger().await;
    let mut asked = stranger.subscribe("$JS.API.CONSUMER.MSG.NEXT.COMMANDS.>").await.unwrap();
    let mut puller = puller(&bus).await;
    bus.work().publish(&train(Priority::Normal), Uuid::new_v4()).await.unwrap();
    next(&mut puller).await.ack().await.unwrap();
    let begun = Instant::now();
    while timeout(Duration::from_millis(100), asked.next()).await.is_ok() {}
    for _ in 0..MESSAGES {
        bus.work().publish(&train(Priority::Low), Uuid::new_v4()).await.unwrap();
        next(&mut puller).await.ack().await.unwrap();
    }
    let mut asks = 0;
    while timeout(Duration::from_millis(100), asked.next()).await.is_ok() {
        asks += 1;
    }
    // All are asked now and then, too.
    let rounds = begun.elapsed().as_secs() as usize / 2 + 2;
    assert!(
        asks <= 2 * MESSAGES + 3 * rounds,
        "{asks} questions for {MESSAGES} messages, in {rounds} rounds"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pools_and_kinds_of_work_do_not_mix() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let inspect = WorkMessage::Inspect {
        tenant: "ours".parse().unwrap(),
        dataset: Uuid::new_v4(),
        inspection: 1,
        path: "/data".to_owned(),
        task: Task::Classify,
        pool: Pool::Gpu,
    };
    bus.work().publish(&inspect, Uuid::new_v4()).await.unwrap();
    nothing_comes(&mut puller(&bus).await).await;
    let mut inspectors = bus.work().pull(Work::Inspect, Pool::Gpu, &[]).await.unwrap();
    assert_eq!(next(&mut inspectors).await.message, inspect);
}

/// What is decided for one worker comes to nobody else, of every class, also when it was there first, and rings at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_has_a_queue_of_its_own() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let to = |class, name: &str| match train(class) {
        WorkMessage::Train { tenant, job, dispatch, class, pool, runner, .. } => {
            WorkMessage::Train { tenant, job, dispatch, class, pool, runner, worker: Some(name.to_owned()) }
        }
        WorkMessage::Inspect { .. } => panic!("it is a training"),
    };
    let own = async |name: &str| puller(&bus).await.with_own_queue(Pool::Cpu, name).await.unwrap();
    let early = to(Priority::Low, "gpu-3");
    bus.work().publish(&early, Uuid::new_v4()).await.unwrap();
    let (mut ours, mut other, mut nobody) = (own("gpu-3").await, own("gpu-4").await, puller(&bus).await);
    let first = next(&mut ours).await;
    assert_eq!(first.message, early);
    first.ack().await.unwrap();
    let (late, anybodys) = (to(Priority::High, "gpu-3"), train(Priority::Normal));
    bus.work().publish(&late, Uuid::new_v4()).await.unwrap();
    let second = next(&mut ours).await;
    assert_eq!(second.message, late);
    // Given back, it comes again, however often, and to nobody else.
    second.again(Duration::ZERO).await.unwrap();
    let again = next(&mut ours).await;
    assert_eq!((&again.message, again.deliveries), (&late, 2));
    again.ack().await.unwrap();
    nothing_comes(&mut other).await;
    nothing_comes(&mut nobody).await;
    bus.work().publish(&anybodys, Uuid::new_v4()).await.unwrap();
    let taken = next(&mut other).await;
    assert_eq!(taken.message, anybodys, "and the queue of all is theirs too");
    taken.ack().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_goes_to_the_dead() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let stranger = async_nats::jetstream::new(servers.stranger().await);
    let subject = subject::command(Work::Train, Priority::High, Pool::Cpu);
    stranger.publish(subject, "no work".into()).await.unwrap().await.unwrap();
    let good = train(Priority::Low);
    bus.work().publish(&good, Uuid::new_v4()).await.unwrap();

    let delivery = next(&mut puller(&bus).await).await;
    assert_eq!(delivery.message, good, "the unreadable one does not stand in the way");
    delivery.ack().await.unwrap();

    let dead = stranger.get_stream(subject::DEAD).await.unwrap();
    let parked = dead.get_last_raw_message_by_subject(&subject::dead(subject::COMMANDS)).await.unwrap();
    assert_eq!(parked.payload, "no work");
    assert!(parked.headers.get("reason").unwrap().as_str().contains("expected"));
    let left = stranger.get_stream(subject::COMMANDS).await.unwrap().cached_info().state.messages;
    assert_eq!(left, 0, "and it is gone from the queue");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_puller_lives_through_a_restart() {
    let mut servers = Servers::start().await;
    let bus = servers.bus().await;
    let mut puller = puller(&bus).await;
    let waiting = tokio::spawn(async move { next(&mut puller).await.message.clone() });
    servers.kill(0).await;
    servers.restart(0).await;
    let message = train(Priority::Normal);
    bus.work().publish(&message, Uuid::new_v4()).await.unwrap();
    assert_eq!(waiting.await.unwrap(), message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setting_up_again_changes_nothing_and_repairs_what_was_changed() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    bus.work().publish(&train(Priority::Normal), Uuid::new_v4()).await.unwrap();
    let (id, other) = (bus.stream_id().await.unwrap(), servers.bus().await);
    let (one, two) = tokio::join!(bus.ensure(), other.ensure());
    one.unwrap();
    two.unwrap();
    let stranger = async_nats::jetstream::new(servers.stranger().await);
    let mut config = stranger.get_stream(subject::EVENTS).await.unwrap().cached_info().config.clone();
    config.max_age = Duration::from_secs(3_600);
    stranger.update_stream(&config).await.unwrap();
    bus.ensure().await.unwrap();
    let events = stranger.get_stream(subject::EVENTS).await.unwrap();
    assert_eq!(events.cached_info().config.max_age, Duration::ZERO, "events never expire");
    assert_eq!(bus.stream_id().await.unwrap(), id, "and the stream is the same one");
    next(&mut puller(&bus).await).await.ack().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_set_up_is_told_at_once() {
    let servers = Servers::single().await;
    let stranger = async_nats::jetstream::new(servers.stranger().await);
    let queue = async_nats::jetstream::stream::Config {
        name: subject::EVENTS.to_owned(),
        retention: async_nats::jetstream::stream::RetentionPolicy::WorkQueue,
        ..Default::default()
    };
    stranger.create_stream(queue).await.unwrap();
    let bus = Bus::connect(BusConfig { url: servers.url(), replicas: 1 }).await.unwrap();
    let refused = bus.ensure().await.unwrap_err();
    assert!(matches!(&refused, BusError::Config(why) if why.contains("EVENTS")), "{refused}");
    let bus = Bus::connect(BusConfig { url: servers.url(), replicas: 3 }).await.unwrap();
    let refused = bus.ensure().await.unwrap_err();
    assert!(matches!(&refused, BusError::Config(why) if why.contains("replicas")), "{refused}");
}

/// A message that was given out in vain too often is parked with its reason, and leaves the queue.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_finishes_goes_to_the_dead() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let stranger = async_nats::jetstream::new(servers.stranger().await);
    let message = give_up_a_training(&bus, &stranger).await;
    let undertaker = undertaker(&bus);
    let parked = parked(&stranger).await;
    assert_eq!(serde_json::from_slice::<WorkMessage>(&parked.payload).unwrap(), message);
    let emptied = timeout(PATIENCE, async {
        while stranger.get_stream(subject::COMMANDS).await.unwrap().cached_info().state.messages > 0 {}
    });
    emptied.await.expect("it leaves the queue");
    undertaker.abort();
}

/// Somebody else's consumer gives up an event: nothing of that is ours, also where the streams are still as an older
/// version has set them up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_third_partys_consumer_gives_up_is_let_be() {
    for of_an_older_version in [false, true] {
        let servers = Servers::start().await;
        let bus = servers.bus().await;
        let stranger = async_nats::jetstream::new(servers.stranger().await);
        if of_an_older_version {
            widen(&stranger).await;
        }
        let event =
            subject::event(&"ours".parse().unwrap(), &trainyard_events::Aggregate::Job(Uuid::new_v4()));
        stranger.publish(event, "{}".into()).await.unwrap().await.unwrap();
        give_up_once(&stranger, subject::EVENTS, "reports").await;
        let advisories = on_dead(&stranger).await;
        assert_eq!(advisories, u64::from(of_an_older_version), "a foreign consumer raises no alert");

        // Ours comes after it, so that what is done about it has been done by then.
        give_up_a_training(&bus, &stranger).await;
        let undertaker = undertaker(&bus);
        parked(&stranger).await;
        undertaker.abort();
        let dead = stranger.get_stream(subject::DEAD).await.unwrap();
        let of_events = dead.get_last_raw_message_by_subject(&subject::dead(subject::EVENTS)).await;
        assert!(of_events.is_err(), "the event is parked: {of_events:?}");
        assert_eq!(on_dead(&stranger).await, advisories + 2, "our message, and the advisory about it");
    }
}

/// As long as the message cannot be taken off the queue its advisory comes again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_off_the_queue_is_parked_once() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let stranger = async_nats::jetstream::new(servers.stranger().await);
    give_up_a_training(&bus, &stranger).await;
    let mut queue = stranger.get_stream(subject::COMMANDS).await.unwrap().cached_info().config.clone();
    queue.deny_delete = true;
    stranger.update_stream(&queue).await.unwrap();
    let undertaker = undertaker(&bus);
    parked(&stranger).await;
    let dead = stranger.get_stream(subject::DEAD).await.unwrap();
    let advisory = dead.get_raw_message(1).await.unwrap();
    stranger.publish(advisory.subject.clone(), advisory.payload.clone()).await.unwrap().await.unwrap();
    let told = timeout(PATIENCE, async {
        while dead.consumer_info("undertaker").await.unwrap().num_ack_pending < 2 {}
    });
    told.await.expect("it is told again");
    let twice = timeout(SILENCE, async { while on_dead(&stranger).await <= 3 {} }).await;
    assert!(twice.is_err(), "besides the advisory, told twice, it is there twice");
    undertaker.abort();
}

/// Publishes a training and gives it out in vain until the server gives it up.
async fn give_up_a_training(bus: &Bus, stranger: &async_nats::jetstream::Context) -> WorkMessage {
    let message = train(Priority::Normal);
    bus.work().publish(&message, Uuid::new_v4()).await.unwrap();
    let consumer: PullConsumer =
        stranger.get_consumer_from_stream("train-normal-cpu", subject::COMMANDS).await.unwrap();
    let mut messages = consumer.stream().max_messages_per_batch(1).messages().await.unwrap();
    let before = on_dead(stranger).await;
    for delivery in 1..=limits::COMMAND_DELIVERIES {
        let given = timeout(PATIENCE, messages.next()).await.expect("it comes again").unwrap().unwrap();
        assert_eq!(given.info().unwrap().delivered, delivery);
        given.ack_with(AckKind::Nak(None)).await.unwrap();
    }
    // It is given up when somebody asks for it once more.
    tokio::select! {
        given = messages.next() => panic!("it is given out again: {given:?}"),
        given_up = timeout(PATIENCE, async { while on_dead(stranger).await == before {} }) => {
            given_up.expect("the server tells");
        }
    }
    message
}

/// A consumer of somebody else's that takes one message once and cannot use it.
async fn give_up_once(stranger: &async_nats::jetstream::Context, stream: &str, name: &str) {
    let config = pull::Config {
        durable_name: Some(name.to_owned()),
        ack_policy: AckPolicy::Explicit,
        max_deliver: 1,
        ..pull::Config::default()
    };
    let consumer: PullConsumer = stranger.create_consumer_on_stream(config, stream).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    let given = timeout(PATIENCE, messages.next()).await.expect("it comes").unwrap().unwrap();
    given.ack_with(AckKind::Nak(None)).await.unwrap();
    assert!(timeout(SILENCE, messages.next()).await.is_err(), "it is given up");
}

/// The stream and the consumer of advisories as they were set up until this was mended.
async fn widen(stranger: &async_nats::jetstream::Context) {
    let everybody = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>".to_owned();
    let dead = stranger.get_stream(subject::DEAD).await.unwrap();
    let mut config = dead.cached_info().config.clone();
    config.subjects = vec![subject::ALL_DEAD.to_owned(), everybody.clone()];
    stranger.update_stream(&config).await.unwrap();
    let undertaker = pull::Config {
        durable_name: Some("undertaker".to_owned()),
        filter_subject: everybody,
        ack_policy: AckPolicy::Explicit,
        ack_wait: limits::COMMAND_ACK_WAIT,
        ..pull::Config::default()
    };
    stranger.create_consumer_on_stream(undertaker, subject::DEAD).await.unwrap();
}

fn undertaker(bus: &Bus) -> tokio::task::JoinHandle<()> {
    let bus = bus.clone();
    tokio::spawn(async move { bus.bury().await })
}

async fn on_dead(stranger: &async_nats::jetstream::Context) -> u64 {
    stranger.get_stream(subject::DEAD).await.unwrap().cached_info().state.messages
}

/// The message of the queue that is parked, as soon as one is.
async fn parked(stranger: &async_nats::jetstream::Context) -> async_nats::jetstream::message::StreamMessage {
    let dead = stranger.get_stream(subject::DEAD).await.unwrap();
    let parked = timeout(PATIENCE, async {
        loop {
            match dead.get_last_raw_message_by_subject(&subject::dead(subject::COMMANDS)).await {
                Ok(parked) => return parked,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    parked.await.expect("it is parked")
}

/// Whether a dispatcher is there shows by its undertaker, at once when it comes and when it goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undertaker_that_has_gone_is_missed() {
    let servers = Servers::start().await;
    let (bus, dispatcher) = (servers.bus().await, servers.bus().await);
    let attended = async |wanted: bool| {
        let change = async { while bus.is_attended().await.unwrap() != wanted {} };
        timeout(PATIENCE, change).await.unwrap_or_else(|_| panic!("it never was {wanted}"));
    };
    assert!(!bus.is_attended().await.unwrap(), "nobody is there yet");
    for _ in 0..2 {
        let undertaker = tokio::spawn({
            let dispatcher = dispatcher.clone();
            async move { dispatcher.bury().await }
        });
        attended(true).await;
        undertaker.abort();
        attended(false).await;
    }
}

fn train(class: Priority) -> WorkMessage {
    WorkMessage::Train {
        tenant: "ours".parse().unwrap(),
        job: Uuid::new_v4(),
        dispatch: 7,
        class,
        pool: Pool::Cpu,
        runner: None,
        worker: None,
    }
}

async fn puller(bus: &Bus) -> WorkPuller {
    bus.work().pull(Work::Train, Pool::Cpu, &[]).await.unwrap()
}

async fn next(puller: &mut WorkPuller) -> Delivery {
    timeout(PATIENCE, puller.next()).await.expect("work comes")
}

async fn nothing_comes(puller: &mut WorkPuller) {
    assert!(timeout(SILENCE, puller.next()).await.is_err(), "something came");
}
