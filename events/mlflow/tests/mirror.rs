//! A copy that is begun at once, killed and cut off again and again, and one that is begun late, are the same.

mod house;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use house::copy::{Copy, get, post};
use house::gate::{Gate, Weather};
use house::peer::Peer;
use house::story::{Happening, event, requested, story, tenants};
use house::{House, until};
use serde_json::json;
use trainyard_events::Aggregate;
use uuid::Uuid;

/// Not a test: what [`House::process`] runs.
#[tokio::test]
#[ignore = "a process that the tests here start and kill"]
async fn mirroring_in_a_process_of_its_own() {
    house::mirror_as_told().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn begun_late_is_begun_at_once() {
    let (early, late) = (Peer::start().await, Peer::start().await);
    Box::pin(the_same(early.address, late.address, 15, 12)).await;
}

/// `make test-mlflow` starts two servers and says where they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs two MLflow servers"]
#[expect(clippy::disallowed_methods, reason = "the servers are started outside")]
async fn begun_late_is_begun_at_once_on_real_servers() {
    let server = |name: &str| -> SocketAddr {
        std::env::var(name).expect("make test-mlflow says where").parse().expect("an address")
    };
    let (early, late) = (server("MLFLOW_TEST_EARLY"), server("MLFLOW_TEST_LATE"));
    the_facts(early).await;
    Box::pin(the_same(early, late, 15, 12)).await;
}

/// The scenario: one copy goes through everything while the jobs run, the other is made at the end.
async fn the_same(early: SocketAddr, late: SocketAddr, jobs: usize, epochs: u32) {
    let (mut house, gate) = (House::start().await, Gate::before(early).await);
    let (story, begun) = (story(jobs, epochs), Instant::now());
    let events = story.len();
    gate.now(Weather::Foul);
    let mut process = house.process(&gate.url());
    let mut kills = 0;
    for (number, happening) in story.into_iter().enumerate() {
        let (tenant, aggregate, event): Happening = happening;
        house.record(&tenant, aggregate, event).await;
        match number % 60 {
            20 => gate.now(Weather::Away),
            40 => gate.now(Weather::Foul),
            _ => {}
        }
        if number % 25 == 24 {
            // Somewhere in the middle of what it does.
            let (asked, some) = (gate.asked(), rand::random_range(1..25));
            until("it asks on", async || gate.asked() >= asked + some).await;
            process.kill();
            kills += 1;
            process = house.process(&gate.url());
        }
    }
    let role = house.role(&format!("http://{late}")).await;
    gate.now(Weather::Fair);
    let end = Instant::now() + house::SOON;
    let (copy, expected) = loop {
        let (copy, expected) = (Copy::of(early).await, Copy::of(late).await);
        let is_whole = expected.versions() == 2 * jobs / 5 && counted(&expected) == Some(jobs);
        if (is_whole && copy == expected) || Instant::now() > end {
            break (copy, expected);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for (of, run) in &expected.runs {
        assert_eq!(copy.runs.get(of), Some(run), "{of:?}");
    }
    for (of, model) in &expected.models {
        assert_eq!(copy.models.get(of), Some(model), "{of}");
    }
    assert_eq!((counted(&copy), copy.versions(), copy.runs.len()), (Some(jobs), 2 * jobs / 5, jobs));
    assert!(copy.twice.is_empty() && copy == expected, "{:?}", copy.twice);
    let (points, versions) = (expected.points(), expected.versions());
    println!(
        "{events} events of {jobs} jobs, {kills} kills, {} requests: {points} points and {versions} versions alike after {:?}",
        gate.asked(),
        begun.elapsed()
    );
    role.end().await;
    process.kill();
}

/// How many runs there are, where they are in the states that their jobs are in: of five two are finished, one failed, one was
/// cancelled and one trains on.
fn counted(copy: &Copy) -> Option<usize> {
    let count = |status: &str| copy.runs.values().filter(|run| run.status == status).count();
    let [finished, failed, killed, running] = ["FINISHED", "FAILED", "KILLED", "RUNNING"].map(count);
    ((finished, failed, killed) == (2 * running, running, running)).then_some(5 * running)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_holds_no_other_and_comes_when_it_is_taken() {
    let (mut house, peer) = (House::start().await, Peer::start().await);
    let [acme, _] = tenants();
    let [bad, good] = [Uuid::new_v4(), Uuid::new_v4()];
    peer.poison(bad);
    let role = house.role(&format!("http://{}", peer.address)).await;
    for (number, job) in [bad, good].into_iter().enumerate() {
        let job = Aggregate::Job(job);
        let asked = event(&job, "job.requested", &requested(number, 3));
        house.record(&acme, job, asked).await;
    }
    role.shows("mlflow_refused 1").await;
    let run = |copy: &Copy, job: Uuid| {
        let params =
            copy.runs.get(&("trainyard/acme".to_owned(), job.to_string())).map(|run| run.params.len());
        params.unwrap_or_default()
    };
    until("the other is told", async || run(&Copy::of(peer.address).await, good) > 100).await;
    role.shows("mlflow_behind 0").await;
    assert_eq!(run(&Copy::of(peer.address).await, bad), 0);
    peer.heal();
    role.shows("mlflow_refused 0").await;
    assert!(run(&Copy::of(peer.address).await, bad) > 100);
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_a_person_has_deleted_comes_back_while_its_job_goes_on() {
    let (mut house, peer) = (House::start().await, Peer::start().await);
    let ([acme, _], job) = (tenants(), Uuid::new_v4());
    let role = house.role(&format!("http://{}", peer.address)).await;
    let aggregate = Aggregate::Job(job);
    let asked = event(&aggregate, "job.requested", &requested(0, 3));
    house.record(&acme, aggregate.clone(), asked).await;
    until("it is there", async || Copy::of(peer.address).await.runs.len() == 1).await;
    peer.delete_runs_of(job);
    let cancelled = event(&aggregate, "job.cancelled", &json!({ "token": null }));
    house.record(&acme, aggregate, cancelled).await;
    let is_whole = async || {
        let copy = Copy::of(peer.address).await;
        copy.runs.values().any(|run| run.status == "KILLED" && run.params.len() > 100)
    };
    until("it is back, with all that it had", is_whole).await;
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_life_tells_only_what_is_new() {
    let (mut house, peer) = (House::start().await, Peer::start().await);
    let gate = Gate::before(peer.address).await;
    for (tenant, aggregate, event) in story(10, 6) {
        house.record(&tenant, aggregate, event).await;
    }
    let role = house.role(&gate.url()).await;
    let place = async || {
        let found = post(peer.address, "experiments/search", json!({})).await;
        found.to_string().contains(&format!(r#""value":"{}""#, house.newest().await))
    };
    until("the place is kept", place).await;
    role.end().await;
    let before = gate.asked();
    let role = house.role(&gate.url()).await;
    let ([acme, _], job) = (tenants(), Aggregate::Job(Uuid::new_v4()));
    let asked = event(&job, "job.requested", &requested(0, 3));
    house.record(&acme, job, asked).await;
    until("the new one is told", async || Copy::of(peer.address).await.runs.len() == 11).await;
    // To tell the ten others again takes more than 40.
    assert!(gate.asked() - before < 20, "{} requests", gate.asked() - before);
    role.end().await;
}

/// What the copy relies on, asked of a real server.
async fn the_facts(server: SocketAddr) {
    let made =
        post(server, "experiments/create", json!({ "name": format!("facts {}", Uuid::new_v4()) })).await;
    let experiment = made["experiment_id"].clone();
    let tag = json!([{ "key": "trainyard.job", "value": "a" }]);
    let body = json!({ "experiment_id": experiment, "run_name": "1 m", "start_time": 1_767_225_600_000_i64, "tags": tag });
    let run = post(server, "runs/create", body).await["run"]["info"]["run_id"].clone();
    let id = run.as_str().expect("an id");
    let metric = |value: f64, timestamp: i64| json!({ "key": "train/loss", "value": value, "timestamp": timestamp, "step": 1 });
    let log = |params: serde_json::Value, metrics: serde_json::Value| {
        let body = json!({ "run_id": run, "params": params, "metrics": metrics });
        async move { post(server, "runs/log-batch", body).await }
    };
    // The same point is one point, in one request and in two; another time or value is another.
    let twice = json!([metric(0.5, 7), metric(0.5, 7)]);
    assert_eq!(log(json!([]), twice.clone()).await, json!({}));
    assert_eq!(log(json!([]), twice).await, json!({}));
    assert_eq!(log(json!([]), json!([metric(0.5, 8), metric(0.25, 7)])).await, json!({}));
    let history = get(server, "metrics/get-history", &[("run_id", id), ("metric_key", "train/loss")]).await;
    assert_eq!(history["metrics"].as_array().expect("points").len(), 3);
    // The same param is taken again, another value of it is not.
    let param = |value: &str| json!([{ "key": "p", "value": value }]);
    assert_eq!(log(param("x"), json!([])).await, json!({}));
    assert_eq!(log(param("x"), json!([])).await, json!({}));
    assert_eq!(log(param("y"), json!([])).await["error_code"], "INVALID_PARAMETER_VALUE");
    // A key that is none, and a run that was deleted.
    let odd = json!([{ "key": "mAP50(B)", "value": 1.0, "timestamp": 1, "step": 1 }]);
    assert_eq!(log(json!([]), odd).await["error_code"], "INVALID_PARAMETER_VALUE");
    let search = json!({ "experiment_ids": [experiment], "filter": "tags.`trainyard.job` = 'a'", "run_view_type": "ACTIVE_ONLY" });
    assert_eq!(post(server, "runs/search", search.clone()).await["runs"].as_array().map(Vec::len), Some(1));
    post(server, "runs/delete", json!({ "run_id": run })).await;
    assert!(log(param("x"), json!([])).await["error_code"].is_string());
    assert!(post(server, "runs/search", search).await["runs"].as_array().is_none_or(Vec::is_empty));
    post(server, "experiments/delete", json!({ "experiment_id": experiment })).await;
}
