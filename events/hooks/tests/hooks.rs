//! Receivers that fail, are slow, lead elsewhere and die for a while, and a role that is killed: each event comes, in order for each job.

mod house;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use house::receiver::{Answer, Receiver};
use house::{HURRIED, House, PATIENT, lines, tenant};
use trainyard_commands::hook::HookCommand;
use trainyard_door::system_clock;
use trainyard_events::hook::{Form, Miss};
use trainyard_events::{Aggregate, Event, TenantEvent};
use trainyard_hooks::Patience;
use uuid::Uuid;

/// Not a test: what [`House::process`] runs.
#[tokio::test]
#[ignore = "a process that the tests here start and kill"]
async fn hooks_in_a_process_of_its_own() {
    house::tell_as_told().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_hook_is_for_comes_signed_in_order_and_nothing_of_others() {
    let (house, acme, rival) = (House::start().await, tenant("acme"), tenant("rival"));
    let (receiver, jobs) = (Receiver::willing().await, [Uuid::new_v4(), Uuid::new_v4()]);
    house.happen(&acme, jobs[0], "before there is a hook").await;
    let hook = house.add(&acme, Form::Json, &receiver.url(), &["job.*"]).await;
    let role = house.hooks(house.config(PATIENT)).await;
    let mut expected = Vec::new();
    for number in 0..20 {
        house.happen(&rival, jobs[number % 2], "a rival's").await;
        house.record(&acme, Aggregate::Tenant(acme.clone()), Event::Tenant(TenantEvent::Created {})).await;
        expected.push(house.happen(&acme, jobs[number % 2], &format!("number {number}")).await);
    }
    receiver.until(|got| got.len() >= 20).await;
    let place = house.place_is(&acme, hook, |place| place.taken == 20).await;
    assert!(place.waiting.is_empty() && place.silent_since.is_none());
    let (got, secret) = (receiver.got(), house.key.secret(&acme, hook).text());
    assert_eq!(got.len(), 20, "each once, where nothing fails");
    let now = system_clock().unix_timestamp();
    for got in &got {
        assert_eq!((got.path.as_str(), got.event["source"].as_str()), ("/hook", Some("acme")));
        assert_eq!(got.event["type"], "job.cancel_requested");
        assert_eq!(got.event["id"], got.headers["webhook-id"]);
        assert_eq!(got.headers["content-type"], "application/cloudevents+json");
        assert!(got.is_signed_with(&secret), "{got:?}");
        assert!(!got.is_signed_with(&house.key.secret(&rival, hook).text()));
        let second: i64 = got.headers["webhook-timestamp"].parse().expect("a second");
        assert!((now - second).abs() < 60, "{second}");
    }
    for (number, job) in jobs.iter().enumerate() {
        let of_job: Vec<Uuid> = expected.iter().copied().skip(number).step_by(2).collect();
        assert_eq!(lines(&got)[&format!("job/{job}")], of_job);
    }
    // Changed, it is for something else; removed, nothing comes and nothing is kept.
    let on = Some(vec!["tenant.*".to_owned()]);
    house.ask(&acme, HookCommand::Change { hook_id: hook, on, language: None, sealed: None }).await;
    house.happen(&acme, jobs[0], "no longer of interest").await;
    house.record(&acme, Aggregate::Tenant(acme.clone()), Event::Tenant(TenantEvent::Created {})).await;
    receiver.until(|got| got.last().is_some_and(|got| got.event["type"] == "tenant.created")).await;
    house.ask(&acme, HookCommand::Remove { hook_id: hook }).await;
    let forgotten = async { while house.place(&acme, hook).await.is_some() {} };
    tokio::time::timeout(house::SOON, forgotten).await.expect("nothing is kept of it");
    house.record(&acme, Aggregate::Tenant(acme.clone()), Event::Tenant(TenantEvent::Created {})).await;
    let watcher = house.add(&acme, Form::Json, &receiver.url(), &["job.*"]).await;
    let last = house.happen(&acme, jobs[1], "the last").await;
    receiver.until(|got| got.last().is_some_and(|got| got.id() == last)).await;
    assert_eq!(receiver.got().iter().filter(|got| got.event["type"] == "tenant.created").count(), 1);
    house.place_is(&acme, watcher, |place| place.taken == 1).await;
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_not_taken_holds_no_other_and_a_dead_receiver_no_other_hook() {
    let (house, acme, rival) = (House::start().await, tenant("acme"), tenant("rival"));
    let [bad, good] = [Uuid::new_v4(), Uuid::new_v4()];
    let poisoned = format!("job/{bad}");
    let picky =
        Receiver::start(move |got| Answer::Status(if got.event["subject"] == poisoned { 500 } else { 200 }))
            .await;
    let dead = Receiver::start(|_| Answer::Silence).await;
    let [theirs, ours] = [Receiver::willing().await, Receiver::willing().await];
    let picky_hook = house.add(&acme, Form::Json, &picky.url(), &["job.*"]).await;
    let dead_hook = house.add(&acme, Form::Json, &dead.url(), &["job.*"]).await;
    house.add(&acme, Form::Json, &ours.url(), &["job.*"]).await;
    house.add(&rival, Form::Json, &theirs.url(), &["job.*"]).await;
    let role = house.hooks(house.config(PATIENT)).await;
    let mut of_bad = Vec::new();
    for number in 0..6 {
        of_bad.push(house.happen(&acme, bad, &format!("{number}")).await);
        house.happen(&acme, good, &format!("{number}")).await;
        house.happen(&rival, bad, "a rival's").await;
    }
    ours.until(|got| got.len() == 12).await;
    theirs.until(|got| got.len() == 6).await;
    picky.until(|got| got.iter().filter(|got| got.is_taken).count() == 6).await;
    // Of the job that is not taken only the first was tried, again and again.
    picky.until(|got| got.iter().filter(|got| !got.is_taken).count() >= 4).await;
    assert!(picky.got().iter().filter(|got| !got.is_taken).all(|got| got.id() == of_bad[0]));
    dead.until(|got| got.len() >= 3).await;
    let place = house.place_is(&acme, dead_hook, |place| place.misses >= 3).await;
    assert_eq!(place.last.expect("a try").miss, Some(Miss::Silent));
    assert_eq!((place.taken, place.waiting.len()), (0, 12));
    // Once it is taken the rest follows, in order.
    picky.now(|_| Answer::Status(200));
    picky.until(|got| got.iter().filter(|got| got.is_taken).count() == 12).await;
    assert_eq!(lines(&picky.taken())[&format!("job/{bad}")], of_bad);
    house.place_is(&acme, picky_hook, |place| place.taken == 12 && place.waiting.is_empty()).await;
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_led_elsewhere_and_an_endless_answer_is_cut() {
    let (house, acme) = (House::start().await, tenant("acme"));
    let elsewhere = Receiver::willing().await;
    let there = elsewhere.url();
    let leading = Receiver::start(move |_| Answer::Redirect(there.clone())).await;
    let endless = Receiver::start(|_| Answer::Endless).await;
    let leading_hook = house.add(&acme, Form::Json, &leading.url(), &["job.*"]).await;
    let endless_hook = house.add(&acme, Form::Json, &endless.url(), &["job.*"]).await;
    let role = house.hooks(house.config(PATIENT)).await;
    let job = Uuid::new_v4();
    house.happen(&acme, job, "one").await;
    house.happen(&acme, job, "two").await;
    leading.until(|got| got.len() >= 2).await;
    let place = house.place_is(&acme, leading_hook, |place| place.misses >= 2).await;
    assert_eq!(place.last.expect("a try").miss, Some(Miss::Redirected { status: 307 }));
    // The status counts, and the next event comes over another connection.
    house.place_is(&acme, endless_hook, |place| place.taken == 2).await;
    assert!(elsewhere.got().is_empty(), "nobody follows");
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_dead_day_a_hook_is_paused_and_a_replay_sends_all_in_order() {
    let (house, acme) = (House::start().await, tenant("acme"));
    let receiver = Receiver::start(|_| Answer::Status(503)).await;
    let hook = house.add(&acme, Form::Json, &receiver.url(), &["job.*"]).await;
    let role = house.hooks(house.config(HURRIED)).await;
    let job = Uuid::new_v4();
    let mut expected = Vec::new();
    for number in 0..3 {
        expected.push(house.happen(&acme, job, &format!("{number}")).await);
    }
    let place = house.place_is(&acme, hook, |place| place.dead.len() == 1).await;
    assert_eq!(place.waiting.len(), 2, "what was not tried for a day waits");
    let paused = async { while house.history(&acme).await != ["hook.added", "hook.paused"] {} };
    tokio::time::timeout(house::SOON, paused).await.expect("it is paused, in the log");
    // Nothing is sent while it is paused, what happens waits, and a new life of the role keeps to that.
    role.end().await;
    let role = house.hooks(house.config(HURRIED)).await;
    expected.push(house.happen(&acme, job, "while it is paused").await);
    receiver.now(|_| Answer::Status(200));
    let tested = house.ask(&acme, HookCommand::Test { hook_id: hook }).await;
    let place = house.place_is(&acme, hook, |place| place.tested == tested).await;
    assert_eq!(place.test.expect("a test").miss, None, "a test is sent all the same");
    assert_eq!(lines(&receiver.taken()).len(), 1, "and nothing else");
    house.ask(&acme, HookCommand::Replay { hook_id: hook }).await;
    house.place_is(&acme, hook, |place| place.taken == 4 && place.dead.is_empty()).await;
    assert_eq!(lines(&receiver.taken())[&format!("job/{job}")], expected);
    // One that says that it is gone is paused at once.
    receiver.now(|_| Answer::Status(410));
    house.happen(&acme, job, "nobody is there").await;
    let gone = async { while house.history(&acme).await.last() != Some(&"hook.paused") {} };
    tokio::time::timeout(house::SOON, gone).await.expect("it is paused");
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_event_that_is_never_taken_becomes_a_dead_letter_and_the_next_goes_on() {
    let (house, acme) = (House::start().await, tenant("acme"));
    let receiver =
        Receiver::start(|got| Answer::Status(if got.reason() == "poison" { 422 } else { 200 })).await;
    let hook = house.add(&acme, Form::Json, &receiver.url(), &["job.*"]).await;
    let role = house.hooks(house.config(HURRIED)).await;
    let (job, other) = (Uuid::new_v4(), Uuid::new_v4());
    let poison = house.happen(&acme, job, "poison").await;
    let next = house.happen(&acme, job, "the next").await;
    // The receiver takes others all the while, so the hook is not paused.
    while receiver.taken().iter().all(|got| got.id() != next) {
        house.happen(&acme, other, "fine").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    house.place_is(&acme, hook, |place| place.dead.len() == 1 && place.waiting.is_empty()).await;
    assert_eq!(house.history(&acme).await, ["hook.added"]);
    receiver.now(|_| Answer::Status(200));
    house.ask(&acme, HookCommand::Replay { hook_id: hook }).await;
    receiver.until(|got| got.iter().any(|got| got.is_taken && got.id() == poison)).await;
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_is_killed_again_and_again_leaves_nothing_out_and_no_order_behind() {
    let (house, acme) = (House::start().await, tenant("acme"));
    static SENT: AtomicUsize = AtomicUsize::new(0);
    // Every third is not taken, and each takes its time.
    let receiver = Receiver::start(|_| {
        let number = SENT.fetch_add(1, Ordering::Relaxed);
        Answer::Status(if number % 3 == 2 { 500 } else { 200 })
    })
    .await;
    let hook = house.add(&acme, Form::Json, &receiver.url(), &["job.*"]).await;
    let jobs: Vec<Uuid> = (0..5).map(|_| Uuid::new_v4()).collect();
    let (mut expected, mut seen, mut moved) = (vec![Vec::new(); jobs.len()], 0, 0);
    for life in 0..5 {
        for number in 0..10 {
            let job = number % jobs.len();
            expected[job].push(house.happen(&acme, jobs[job], &format!("{life} {number}")).await);
        }
        let mut process = house.process();
        // Killed in the middle: some of these have come, or all of them and are not kept yet.
        let enough = seen + 3;
        receiver.until(|got| got.len() >= enough).await;
        process.kill();
        moved += usize::from(receiver.got().len() > seen);
        seen = receiver.got().len();
    }
    assert_eq!(moved, 5, "each life has sent something");
    let mut last = house.process();
    let all = |got: &[house::receiver::Got]| lines(got).values().map(Vec::len).sum::<usize>() == 50;
    receiver.until(|got| all(&got.iter().filter(|got| got.is_taken).cloned().collect::<Vec<_>>())).await;
    for (job, expected) in jobs.iter().zip(expected) {
        assert_eq!(lines(&receiver.taken())[&format!("job/{job}")], expected);
    }
    house.place_is(&acme, hook, |place| place.waiting.is_empty()).await;
    last.kill();
    // Where it is was kept: the next life sends what is new and nothing else.
    let before = receiver.got().len();
    receiver.now(|_| Answer::Status(200));
    let role = house.hooks(house.config(PATIENT)).await;
    let new = house.happen(&acme, jobs[0], "new").await;
    receiver.until(|got| got.len() > before).await;
    assert_eq!(receiver.got().iter().skip(before).map(house::receiver::Got::id).collect::<Vec<_>>(), [new]);
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_roles_one_stands_by_and_takes_over() {
    let (house, acme) = (House::start().await, tenant("acme"));
    let receiver = Receiver::willing().await;
    house.add(&acme, Form::Json, &receiver.url(), &["job.*"]).await;
    let mut first = house.process();
    let job = Uuid::new_v4();
    house.happen(&acme, job, "first").await;
    receiver.until(|got| got.len() == 1).await;
    let second = house.hooks(house.config(PATIENT)).await;
    for _ in 0..20 {
        house.happen(&acme, job, "with two").await;
    }
    receiver.until(|got| got.len() >= 21).await;
    assert_eq!(receiver.got().len(), 21, "only one of them sends");
    first.kill();
    let last = house.happen(&acme, job, "taken over").await;
    receiver.until(|got| got.last().is_some_and(|got| got.id() == last)).await;
    // One that is told to stop lets the next begin at once, and nothing comes twice.
    second.end().await;
    let before = receiver.got().len();
    let third = house.hooks(house.config(PATIENT)).await;
    let last = house.happen(&acme, job, "handed over").await;
    receiver.until(|got| got.len() > before).await;
    assert_eq!(receiver.got().iter().skip(before).map(house::receiver::Got::id).collect::<Vec<_>>(), [last]);
    third.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_that_leads_inside_or_was_sealed_elsewhere_sends_nothing_and_says_why() {
    let (house, acme) = (House::start().await, tenant("acme"));
    let receiver = Receiver::willing().await;
    let inside = format!("https://localhost:{}/", receiver.address.port());
    let inside_hook = house.add(&acme, Form::Json, &inside, &["job.*"]).await;
    let named = format!("http://[::1]:{}/", receiver.address.port());
    let named_hook = house.add(&acme, Form::Json, &named, &["job.*"]).await;
    let mail_hook = house.add(&acme, Form::Mail, "team@firma.kr", &["job.*"]).await;
    let hook_id = Uuid::new_v4();
    let sealed = trainyard_hooks::HooksKey::draw().seal(&acme, hook_id, &receiver.url());
    let (on, language) = (vec!["job.*".to_owned()], trainyard_events::chat::Language::Korean);
    house.ask(&acme, HookCommand::Add { hook_id, form: Form::Json, on, language, sealed }).await;
    let role = house.hooks(house.config(Patience { day: Duration::from_secs(2), ..HURRIED })).await;
    house.happen(&acme, Uuid::new_v4(), "secret").await;
    for (hook, miss) in [
        (inside_hook, Miss::NotPublic),
        (named_hook, Miss::NotPublic),
        (mail_hook, Miss::NoMailServer),
        (hook_id, Miss::Sealed),
    ] {
        let is = |place: &trainyard_hooks::Place| place.last.as_ref().is_some_and(|last| last.miss.is_some());
        assert_eq!(house.place_is(&acme, hook, is).await.last.expect("a try").miss, Some(miss));
    }
    let paused =
        async { while house.history(&acme).await.iter().filter(|it| **it == "hook.paused").count() < 4 {} };
    tokio::time::timeout(house::SOON, paused).await.expect("all are paused");
    assert!(receiver.got().is_empty());
    role.end().await;
}
