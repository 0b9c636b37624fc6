//! What a collector has been given when everything is over: one trace for each request, each span once and the same, whoever was
//! killed or away meanwhile.

mod house;
mod story;

use std::collections::BTreeSet;
use std::time::Duration;

use house::{House, Receiver};
use story::{JOB, READY, SAID, SPANS, TOKENS, TURNS, story};
use uuid::Uuid;

/// Not a test: what [`House::process`] runs.
#[tokio::test]
#[ignore = "a process that the tests here start and kill"]
async fn traces_in_a_process_of_its_own() {
    house::trace_as_told().await;
}

/// All lines of the story, first steps among them, sorted.
fn expected() -> Vec<String> {
    let steps =
        ["80..", "130.."].map(|times| format!("job.first_step {times} in job.attempt by trainyard-worker"));
    let lines: BTreeSet<String> = SPANS.iter().map(|line| (*line).to_owned()).chain(steps).collect();
    lines.into_iter().collect()
}

/// Writes one event of the story, and what is measured after it.
async fn write(house: &House, number: usize, envelope: &trainyard_events::Envelope) {
    assert_eq!(house.write(envelope).await, number as u64);
    if let Some(attempt) = READY.iter().position(|ready| *ready == number) {
        house.step(JOB, TOKENS[attempt], 1).await;
        house.step(JOB, TOKENS[attempt], 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prompt_is_followed_from_the_socket_to_the_first_step_and_to_the_end() {
    let (house, collector) = (House::start().await, Receiver::start(|| 200).await);
    let stop = house.role(&collector, "authorization=Bearer%20of-the-collector").await;
    house.is_followed().await;
    for (index, envelope) in story().iter().enumerate() {
        write(&house, index + 1, envelope).await;
        if index + 1 == READY[0] {
            // It is told when it happens, and not when the first epoch is over.
            let stepped = |got: &[house::Got]| got.iter().any(|got| got.body.contains("job.first_step"));
            collector.until(stepped).await;
        }
    }
    collector.until(|_| collector.lines() == expected()).await;
    let traces: BTreeSet<String> = collector
        .got()
        .iter()
        .flat_map(|got| house::spans_of(&got.body))
        .map(|(_, span)| span["traceId"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(
        traces,
        TURNS.map(|turn| turn.simple().to_string()).into(),
        "the id of a trace is the correlation's"
    );
    for got in collector.got() {
        assert!(got.head.starts_with("post /v1/traces "), "{}", got.head);
        assert!(got.head.contains("content-type: application/json"), "{}", got.head);
        assert!(got.head.contains("authorization: bearer of-the-collector"), "{}", got.head);
        assert!(!got.body.contains(SAID) && !got.body.contains("laptop"), "{}", got.body);
    }
    assert!(collector.spans().values().all(|forms| forms.len() == 1));
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_two_at_once_and_a_collector_that_is_away_change_nothing() {
    let (house, collector) = (House::start().await, Receiver::start(|| 503).await);
    let mut first = house.process(&collector);
    house.is_followed().await;
    let (story, mut numbered) = (story(), 0);
    let mut write_some = async |count: usize| {
        for envelope in story.iter().skip(numbered).take(count) {
            numbered += 1;
            write(&house, numbered, envelope).await;
        }
    };
    write_some(5).await;
    // Away for several tries, and the role dies meanwhile.
    collector.until(|got| got.len() >= 3).await;
    first.kill();
    let mut both = [house.process(&collector), house.process(&collector)];
    write_some(6).await;
    // Every other answer comes to nothing, and one of the two dies with its work half done.
    let mut asked = 0;
    collector.now(move || {
        asked += 1;
        if asked % 2 == 0 { 200 } else { 502 }
    });
    collector.until(|got| got.iter().any(|got| got.is_taken)).await;
    both[0].kill();
    write_some(4).await;
    let mut third = house.process(&collector);
    both[1].kill();
    write_some(100).await;
    collector.until(|_| collector.lines() == expected()).await;
    // Whatever was under way when somebody died has come again by now.
    third.kill();
    let spans = collector.spans();
    assert_eq!(spans.len(), expected().len(), "{spans:#?}");
    for (id, forms) in &spans {
        assert_eq!(forms.len(), 1, "{id} came in several forms: {forms:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_collector_never_takes_holds_nothing() {
    let (house, collector) = (House::start().await, Receiver::start(|| 400).await);
    let stop = house.role(&collector, "").await;
    house.is_followed().await;
    let story = story();
    for (index, envelope) in story.iter().take(4).enumerate() {
        write(&house, index + 1, envelope).await;
    }
    collector.until(|got| got.iter().any(|got| got.body.contains("chat.propose"))).await;
    collector.now(|| 200);
    for (index, envelope) in story.iter().enumerate().skip(4) {
        write(&house, index + 1, envelope).await;
    }
    // The rest of the story, and nothing of what was refused.
    collector.until(|_| collector.lines().iter().any(|line| line.starts_with("job 62"))).await;
    assert!(!collector.got().iter().any(|got| got.is_taken && got.body.contains("chat.propose")));
    stop.cancel();
}

/// Of a past job's first step nothing is known when its telemetry is gone; the rest is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_began_before_anybody_looked_is_told_from_there_on() {
    let (house, collector) = (House::start().await, Receiver::start(|| 200).await);
    let story = story();
    for (index, envelope) in story.iter().take(READY[1]).enumerate() {
        assert_eq!(house.write(envelope).await, index as u64 + 1);
    }
    let stop = house.role(&collector, "").await;
    house.is_followed().await;
    // Somebody else's measurements are none of this attempt's.
    house.step(JOB, TOKENS[0], 7).await;
    house.step(Uuid::from_u128(99), TOKENS[1], 7).await;
    for (index, envelope) in story.iter().enumerate().skip(READY[1]) {
        write(&house, index + 1, envelope).await;
    }
    let ends = |lines: &[String]| lines.iter().any(|line| line.starts_with("job 62"));
    collector.until(|_| ends(&collector.lines())).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let names: Vec<String> =
        collector.lines().iter().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect();
    assert_eq!(names, ["job", "job.attempt", "job.epoch", "job.finish"]);
    stop.cancel();
}
