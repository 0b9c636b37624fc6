//! Each part of the platform can do its work with the rights of its own NATS user, and nothing else.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use trainyard_bus::{
    AskError, Bus, BusConfig, Copied, EventLog, FilePart, FolderError, LeaseChange, Part, Rights,
};
use trainyard_events::calls::CallsOfGateway;
use trainyard_events::config::Priority;
use trainyard_events::fleet::{Lease, Pool, Work, WorkMessage};
use trainyard_events::folders::{FileRequest, FolderRefusal, FolderRequest};
use trainyard_events::hook::Pause;
use trainyard_events::job::JobEvent;
use trainyard_events::prediction::{PredictRefusal, PredictRequest};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::{LookStage, LookTold, Looked, StepMeasurement, Telemetry};
use trainyard_events::{Actor, Aggregate, Envelope, Event as Fact, HookEvent, TenantId};
use trainyard_local::NatsUser;
use trainyard_local::harness::{self, TestNats};
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(10);

async fn server() -> TestNats {
    let user = |part: Part| {
        let Rights { publish, subscribe } = part.rights();
        NatsUser { name: part.name().to_owned(), publish, subscribe }
    };
    let server = harness::nats_with(&Part::ALL.map(user)).await;
    bus(&server, server.url()).await.ensure().await.unwrap();
    server
}

async fn bus(server: &TestNats, url: String) -> Bus {
    Bus::connect(BusConfig { url, replicas: server.servers() }).await.unwrap()
}

async fn bus_of(server: &TestNats, part: Part) -> Bus {
    bus(server, server.urls_of(part.name()).join(",")).await
}

fn tenant() -> TenantId {
    "acme".parse().unwrap()
}

fn fact(job: Uuid, reason: &str) -> Envelope {
    Envelope {
        event_id: Uuid::new_v4(),
        tenant: tenant(),
        aggregate: Aggregate::Job(job),
        command_id: Uuid::new_v4(),
        correlation_id: Uuid::new_v4(),
        causation_id: None,
        actor: Actor::User("test".to_owned()),
        at: time::OffsetDateTime::UNIX_EPOCH,
        sealed: None,
        event: Fact::Job(JobEvent::CancelRequested { reason: reason.to_owned(), because: vec![] }),
    }
}

#[tokio::test]
async fn every_part_can_do_its_work() {
    let server = server().await;
    let all: [Bus; Part::ALL.len()] =
        futures::future::join_all(Part::ALL.map(|part| bus_of(&server, part))).await.try_into().ok().unwrap();
    for bus in &all {
        bus.expect().await.unwrap();
        bus.ping().await.unwrap();
    }
    let [gateway, projector, dispatcher, worker, feed, webhooks, auditor, archiver, mlflow, traces] = all;
    // Traces are made of what happens from here on.
    assert!(traces.traces().batch().await.unwrap().is_empty());
    // The log: three write, all read, in both ways.
    let job = Uuid::new_v4();
    let mut last = 0;
    for writer in [&gateway, &dispatcher, &worker].into_iter().cycle().take(12) {
        last = writer.log().append(&fact(job, "why not"), last).await.unwrap();
    }
    for reader in [&gateway, &projector, &dispatcher, &worker, &auditor, &archiver, &mlflow] {
        let log = reader.log();
        assert_eq!(log.history(&tenant(), &Aggregate::Job(job), 0).await.unwrap().len(), 12);
        assert_eq!(log.last_sequence().await.unwrap(), last);
        let followed: Vec<_> = log.follow(0).await.unwrap().take(12).collect().await;
        assert!(followed.iter().all(Result::is_ok));
    }
    // The queue.
    let puller = worker.work().pull(Work::Train, Pool::Cpu, &[]).await.unwrap();
    let mut puller = puller.with_own_queue(Pool::Cpu, "worker-1").await.unwrap();
    let message = WorkMessage::Train {
        tenant: tenant(),
        job,
        dispatch: last,
        class: Priority::Normal,
        pool: Pool::Cpu,
        runner: None,
        worker: None,
    };
    dispatcher.work().publish(&message, Uuid::new_v4()).await.unwrap();
    let delivery = tokio::time::timeout(SOON, puller.next()).await.unwrap();
    delivery.again(Duration::ZERO).await.unwrap();
    tokio::time::timeout(SOON, puller.next()).await.unwrap().ack().await.unwrap();
    let WorkMessage::Train { tenant: whose, job, dispatch, class, pool, runner, .. } = message else {
        panic!()
    };
    let worker_of = Some("worker-1".to_owned());
    let message = WorkMessage::Train { tenant: whose, job, dispatch, class, pool, runner, worker: worker_of };
    dispatcher.work().publish(&message, Uuid::new_v4()).await.unwrap();
    tokio::time::timeout(SOON, puller.next()).await.unwrap().ack().await.unwrap();
    // Leases, and who hears of them.
    let mut heard = [gateway.leases().watch(), dispatcher.leases().watch()];
    let lease = Lease { tenant: tenant(), worker: "one".to_owned(), token: last };
    let revision = worker.leases().acquire(job, &lease).await.unwrap();
    worker.leases().renew(job, &lease, revision).await.unwrap();
    for changes in &mut heard {
        let held = async { while !matches!(changes.next().await, Some(LeaseChange::Held { .. })) {} };
        tokio::time::timeout(SOON, held).await.unwrap();
    }
    assert!(gateway.fleet().list().await.unwrap().is_empty());
    assert!(!gateway.is_attended().await.unwrap());
    // Telemetry.
    let mut followed = gateway.telemetry().follow_all().await.unwrap();
    // The answer comes after the subscription has.
    gateway.ping().await.unwrap();
    let step = StepMeasurement {
        epoch: 1,
        step: 1,
        steps: 1,
        losses: [("loss".to_owned(), 1.0)].into(),
        learning_rate: 0.1,
        images_per_second: 1.0,
        data_wait_ms: 0.0,
        gpu_mib: None,
        memory_mib: None,
    };
    worker.telemetry().publish(&tenant(), job, &Telemetry { token: last, step }).await.unwrap();
    tokio::time::timeout(SOON, followed.next()).await.unwrap().unwrap();
    assert_eq!(gateway.telemetry().history(&tenant(), job, 5).await.unwrap().len(), 1);
    // Predictions, answered into an inbox that is the gateway's alone.
    let mut calls = worker.predictors().serve(CancellationToken::new()).await.unwrap();
    let answering = tokio::spawn(async move {
        let call = calls.next().await.unwrap();
        call.answer(Err(PredictRefusal::busy("as told"))).await.unwrap();
    });
    let key = "jobs/weights".to_owned();
    let weights = Artifact { role: "weights".to_owned(), key, sha256: String::new(), bytes: 1 };
    let request = PredictRequest { tenant: tenant(), job, weights, confidence: None, rle: false };
    // The server may not have heard of the predictor yet.
    let answer = loop {
        match gateway.predictors().ask(&request, vec![1].into(), SOON).await.unwrap_err() {
            AskError::NobodyThere => {}
            answer => break answer.to_string(),
        }
    };
    assert!(answer.contains("as told"), "{answer}");
    answering.await.unwrap();
    // And what is in the worker's folders.
    let mut calls = worker.folders().serve().await.unwrap();
    let answering = tokio::spawn(async move {
        calls.next().await.unwrap().answer(Err(FolderRefusal::Busy)).await.unwrap();
    });
    let request = FolderRequest { tenant: tenant(), path: None };
    let answer = loop {
        match gateway.folders().ask(&request, SOON).await.unwrap_err() {
            FolderError::NobodyThere => {}
            answer => break answer.to_string(),
        }
    };
    assert!(answer.contains("do not answer in time"), "{answer}");
    answering.await.unwrap();
    // Files in them, some bytes at a time.
    let part = FilePart { whole: 9, content: vec![0, 255, 10].into() };
    let (mut calls, given) = (worker.files().serve().await.unwrap(), part.clone());
    let answering = tokio::spawn(async move {
        calls.next().await.unwrap().answer(Ok(given)).await.unwrap();
        let name = "a.png".to_owned();
        calls.next().await.unwrap().answer(Err(FolderRefusal::NoFile { name })).await.unwrap();
    });
    let (path, name) = ("/data".to_owned(), "a.png".to_owned());
    let request = FileRequest { tenant: tenant(), path, name, offset: 6 };
    let got = loop {
        match gateway.files().ask(&request, SOON).await {
            Err(FolderError::NobodyThere) => {}
            got => break got.unwrap(),
        }
    };
    assert_eq!(got, part);
    let refused = gateway.files().ask(&request, SOON).await.unwrap_err().to_string();
    assert!(refused.contains("no file a.png"), "{refused}");
    answering.await.unwrap();
    // How far a look is: the newest word.
    for images in 0..3 {
        let looked = Looked { stage: LookStage::Read, images, of: 3 };
        worker.telemetry().publish_look(&tenant(), job, &LookTold { inspection: 7, looked }).await.unwrap();
    }
    assert_eq!(gateway.telemetry().look(&tenant(), job).await.unwrap().unwrap().looked.images, 2);
    assert_eq!(gateway.telemetry().look(&"rival".parse().unwrap(), job).await.unwrap(), None);
    // How models are asked, and how people want their pages.
    let calls = CallsOfGateway { since: time::OffsetDateTime::UNIX_EPOCH, versions: [].into() };
    for of in [1, 2, 1] {
        gateway.calls().keep(job, Uuid::from_u128(of), &calls).await.unwrap();
    }
    assert_eq!(gateway.calls().of(job).await.unwrap(), [calls.clone(), calls]);
    assert_eq!(gateway.calls().of(Uuid::nil()).await.unwrap(), []);
    assert_eq!(gateway.preferences().of(job).await.unwrap(), None);
    gateway.preferences().keep(job, "{}".into()).await.unwrap();
    assert_eq!(gateway.preferences().of(job).await.unwrap(), Some("{}".into()));
    // What others read: copied by one, which makes their consumers, too.
    let copier = feed.copier(|original| {
        let id = original.sequence.to_string();
        let subject = "trainyard.feed.acme.job.cancel_requested.7".to_owned();
        Copied { subject, id, payload: original.payload.clone() }
    });
    let mut progress = copier.progress();
    tokio::spawn(copier.run());
    let all = progress.wait_for(|progress| progress.copied == last);
    tokio::time::timeout(SOON, all).await.unwrap().unwrap();
    let making = feed.make_consumers();
    assert!(tokio::time::timeout(Duration::from_millis(100), making).await.is_err(), "it goes on");
    // Hooks: what happens, how far each is, and that one is paused.
    let mut followed = webhooks.hooks().follow(&tenant(), 0);
    let told = tokio::time::timeout(SOON, followed.next()).await.unwrap().unwrap();
    assert_eq!(webhooks.hooks().at(&tenant(), told.place).await.unwrap().unwrap().payload, told.payload);
    assert!(webhooks.hooks().at(&"rival".parse().unwrap(), told.place).await.unwrap().is_none());
    assert_eq!(webhooks.hooks().place_of(told.place).await.unwrap(), told.place);
    webhooks.hooks().keep("acme.7", "{}".into(), 0).await.unwrap();
    assert!(gateway.hooks().kept("acme.7").await.unwrap().1.is_some());
    webhooks.hooks().forget("acme.7").await.unwrap();
    assert!(gateway.hooks().kept("acme.7").await.unwrap().1.is_none());
    let paused = HookEvent::Paused { hook_id: job, why: Pause::DeadDay };
    let (aggregate, event) = (Aggregate::Hooks(tenant()), Fact::Hook(paused));
    let paused = Envelope { aggregate, event, ..fact(job, "nobody listens") };
    webhooks.log().append(&paused, 0).await.unwrap();
    // Traces: what has happened, and when an attempt has first been measured.
    let told = traces.traces().batch().await.unwrap();
    assert_eq!(
        told.iter().map(|told| told.entry.sequence()).collect::<Vec<_>>(),
        (1..=12).collect::<Vec<_>>()
    );
    for told in &told {
        told.hold().await.unwrap();
        told.done().await.unwrap();
    }
    assert!(traces.traces().batch().await.unwrap().is_empty());
    assert!(traces.telemetry().first(&tenant(), job, last, 0).await.unwrap().found.is_some());
    // A key that gateways share.
    assert_eq!(gateway.key("resume").await.unwrap(), gateway.key("resume").await.unwrap());
    // What is kept elsewhere leaves the log, all of a history but its end.
    let trim = archiver.trim();
    assert!(trim.is_possible().await.unwrap());
    let [of] = trim.candidates().await.unwrap().try_into().unwrap();
    let newest = trim.newest(&of).await.unwrap();
    assert_eq!((newest.sequence, newest.before), (last, Some(last - 1)));
    assert_eq!(trim.before(&of, newest.sequence).await.unwrap(), 11);
    assert_eq!(trim.before(&of, newest.sequence).await.unwrap(), 0);
    assert!(trim.candidates().await.unwrap().is_empty());
    // What cannot be read is parked.
    for parker in [&dispatcher, &worker] {
        parker.park("COMMANDS", b"?".as_slice().into(), "a test").await.unwrap();
    }
}

/// A connection as one user that hears what the server refuses.
async fn refused(server: &TestNats, user: &str) -> (Client, mpsc::UnboundedReceiver<String>) {
    let url = server.urls().remove(0).parse::<ServerAddr>().unwrap().into_inner();
    let password = url.password().unwrap().to_owned();
    let (tell, told) = mpsc::unbounded_channel();
    let options =
        ConnectOptions::with_user_and_password(user.to_owned(), password).event_callback(move |event| {
            let tell = tell.clone();
            async move {
                if let Event::ServerError(error) = event {
                    let _ = tell.send(error.to_string());
                }
            }
        });
    let address = format!("nats://127.0.0.1:{}", url.port().unwrap());
    (options.connect(address).await.unwrap(), told)
}

async fn is_refused(told: &mut mpsc::UnboundedReceiver<String>, subject: &str) {
    let said = tokio::time::timeout(SOON, told.recv()).await;
    let said = said.unwrap_or_else(|_| panic!("{subject} is allowed")).unwrap();
    assert!(said.to_lowercase().contains("permissions violation") && said.contains(subject), "{said}");
}

#[tokio::test]
async fn no_part_can_do_anothers() {
    let server = server().await;
    let everything = [
        "$JS.API.STREAM.DELETE.EVENTS",
        "$JS.API.STREAM.UPDATE.EVENTS",
        "$JS.API.STREAM.PURGE.EVENTS",
        "$JS.API.STREAM.MSG.DELETE.EVENTS",
        "$JS.API.STREAM.CREATE.OTHER",
        "$JS.API.CONSUMER.DURABLE.CREATE.COMMANDS.train-high-cpu",
        "$JS.API.STREAM.DELETE.KV_leases",
        "$JS.API.STREAM.PURGE.KV_keys",
        "$JS.API.STREAM.MSG.DELETE.KV_keys",
        "$JS.API.CONSUMER.CREATE.KV_keys.mine",
    ];
    let others: &[(Part, &[&str], &[&str])] = &[
        (
            Part::Worker,
            &[
                "trainyard.event.acme.tenant.acme",
                "trainyard.event.acme.chat.7",
                "trainyard.event.acme.endpoint.7",
                "trainyard.command.train.high.cpu",
                "$JS.API.CONSUMER.CREATE.COMMANDS.mine",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.GET.KV_said",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
                "$KV.keys.resume",
                "_INBOX.gateway.guess",
            ],
            &["_INBOX.gateway.>", "_INBOX.>", "trainyard.event.>", ">"],
        ),
        (
            Part::Dispatcher,
            &[
                "trainyard.event.acme.endpoint.7",
                "$KV.leases.7",
                "$KV.fleet.7",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.GET.KV_said",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
                "$KV.keys.resume",
                "trainyard.predict",
                "trainyard.folders",
            ],
            &["_INBOX.worker.>", "trainyard.predict", "trainyard.folders"],
        ),
        (
            Part::Projector,
            &[
                "trainyard.event.acme.job.7",
                "trainyard.command.train.high.cpu",
                "$KV.leases.7",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
                "$KV.keys.resume",
                "trainyard.dead.events",
            ],
            &["trainyard.telemetry.>", "trainyard.predict", "trainyard.folders"],
        ),
        (
            Part::Feed,
            &[
                "trainyard.event.acme.job.7",
                "trainyard.command.train.high.cpu",
                "trainyard.telemetry.acme.job.7",
                "$KV.leases.7",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.GET.KV_said",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
                "$JS.API.STREAM.DELETE.FEED",
                "$JS.API.STREAM.UPDATE.FEED",
            ],
            &["trainyard.telemetry.>", "$SYS.REQ.USER.AUTH", "_INBOX.gateway.>"],
        ),
        (
            Part::Webhooks,
            &[
                "trainyard.event.acme.job.7",
                "trainyard.event.acme.tenant.acme",
                "trainyard.feed.acme.job.finished.7",
                "trainyard.command.train.high.cpu",
                "trainyard.telemetry.acme.job.7",
                "$KV.leases.7",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
                "$JS.API.STREAM.PURGE.KV_hooks",
            ],
            &["trainyard.telemetry.>", "$SYS.REQ.USER.AUTH", "_INBOX.gateway.>"],
        ),
        (
            Part::Auditor,
            &[
                "trainyard.event.acme.job.7",
                "trainyard.event.acme.tenant.acme",
                "trainyard.feed.acme.job.finished.7",
                "trainyard.command.train.high.cpu",
                "trainyard.telemetry.acme.job.7",
                "$KV.leases.7",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.GET.KV_said",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
                "$JS.API.STREAM.PURGE.EVENTS",
                "$JS.API.STREAM.MSG.GET.KV_hooks",
            ],
            &["trainyard.telemetry.>", "$SYS.REQ.USER.AUTH", "_INBOX.gateway.>"],
        ),
        (
            Part::Archiver,
            &[
                "trainyard.event.acme.job.7",
                "trainyard.feed.acme.job.finished.7",
                "trainyard.command.train.high.cpu",
                "$KV.leases.7",
                "$JS.API.STREAM.PURGE.FEED",
                "$JS.API.STREAM.PURGE.COMMANDS",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
            ],
            &["trainyard.event.>", "trainyard.telemetry.>", "$SYS.REQ.USER.AUTH", "_INBOX.gateway.>"],
        ),
        (
            Part::Mlflow,
            &[
                "trainyard.event.acme.job.7",
                "trainyard.event.acme.tenant.acme",
                "trainyard.feed.acme.job.finished.7",
                "trainyard.command.train.high.cpu",
                "trainyard.telemetry.acme.job.7",
                "$KV.leases.7",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.GET.KV_said",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
                "$JS.API.STREAM.PURGE.EVENTS",
                "$JS.API.STREAM.MSG.GET.KV_hooks",
            ],
            &["trainyard.telemetry.>", "$SYS.REQ.USER.AUTH", "_INBOX.gateway.>"],
        ),
        (
            Part::Traces,
            &[
                "trainyard.event.acme.job.7",
                "trainyard.feed.acme.job.finished.7",
                "trainyard.command.train.high.cpu",
                "trainyard.telemetry.acme.job.7",
                "$KV.leases.7",
                "$KV.hooks.acme.7",
                "$JS.API.STREAM.MSG.GET.KV_keys",
                "$JS.API.STREAM.MSG.GET.KV_said",
                "$JS.API.STREAM.MSG.DELETE.KV_said",
                "$KV.said.acme.7.7.0",
                "$JS.ACK.EVENTS.mine.1.1.1.1.1",
            ],
            &["trainyard.telemetry.>", "$SYS.REQ.USER.AUTH", "_INBOX.gateway.>"],
        ),
        (
            Part::Gateway,
            &[
                "$KV.hooks.acme.7",
                "trainyard.feed.acme.job.finished.7",
                "trainyard.command.train.high.cpu",
                "$KV.leases.7",
                "trainyard.telemetry.acme.job.7",
            ],
            &["trainyard.predict", "trainyard.folders", "_INBOX.worker.>"],
        ),
    ];
    let admin = bus(&server, server.url()).await;
    for (part, publish, subscribe) in others {
        let (client, mut told) = refused(&server, part.name()).await;
        // The archiver's one right that nobody else has.
        let may = |subject: &str| *part == Part::Archiver && subject == "$JS.API.STREAM.PURGE.EVENTS";
        for subject in everything.iter().filter(|subject| !may(subject)).chain(*publish) {
            client.publish(*subject, "{}".into()).await.unwrap();
            is_refused(&mut told, subject).await;
        }
        for subject in *subscribe {
            let _kept = client.subscribe(*subject).await.unwrap();
            is_refused(&mut told, subject).await;
        }
    }
    assert_eq!(admin.log().last_sequence().await.unwrap(), 0, "nothing was written");
    admin.ping().await.unwrap();
}
