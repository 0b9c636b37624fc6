//! What is left when an agent or a predictor dies by force: nothing that runs on.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod yard;

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use trainyard_bus::{Bus, BusConfig};
use trainyard_commands::system_clock;
use trainyard_events::JobEvent;
use trainyard_store::{Store, StoreConfig};
use trainyard_workers::WorkerConfig;
use yard::{Yard, eventually, is_running};

/// The folder in which an agent process finds its orders.
const ORDERS: &str = "AGENT_ORDERS";

/// Not a test: the agent that the test below starts as a process of its own, and kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as another test's process"]
async fn an_agent_process() {
    let folder = std::env::var_os(ORDERS).expect("it is started by a test");
    let text = std::fs::read_to_string(Path::new(&folder).join("orders")).unwrap();
    let [url, endpoint, region, access_key, secret_key, bucket] =
        text.lines().map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
    let bus = Bus::connect(BusConfig { url, replicas: 1 }).await.unwrap();
    let endpoint = Some(endpoint);
    let store = StoreConfig { endpoint, region, access_key, secret_key, bucket, path_style: true };
    let store = Store::connect(store).await.unwrap();
    let config = WorkerConfig {
        name: Some("process".to_owned()),
        pool: trainyard_events::fleet::Pool::Cpu,
        slots: 1,
        work_dir: Path::new(&folder).join("work"),
        trainer: yard::trainer(),
        threads: 1,
        predictor_environment: vec![],
    };
    trainyard_workers::run(bus, store, system_clock, config, Default::default()).await.unwrap();
}

fn start_agent_process(yard: &Yard, url: &str) -> Child {
    let store = &yard.store_config;
    let orders = [
        url,
        store.endpoint.as_deref().unwrap(),
        &store.region,
        &store.access_key,
        &store.secret_key,
        &store.bucket,
    ];
    std::fs::write(yard.folder.path().join("orders"), orders.join("\n")).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "an_agent_process"])
        .env(ORDERS, yard.folder.path())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_killed_takes_its_trainers_along() {
    let yard = Yard::new().await;
    let dataset = yard.dataset("stubborn").await;
    dataset.gate(1);
    let url = yard.nats.lock().await.url();
    let mut agent = start_agent_process(&yard, &url);
    let job = yard.job(&dataset, 3).await;
    let events = job.until(|event| matches!(event, JobEvent::EpochLogged { .. })).await;
    let pids = dataset.pids();
    assert_eq!(pids.len(), 2, "a trainer that ignores SIGTERM and prints nothing now, and its child");
    assert!(pids.iter().all(|pid| is_running(*pid)));

    agent.kill().unwrap();
    agent.wait().unwrap();
    eventually("the end of the trainer's processes", async || {
        pids.iter().all(|pid| !is_running(*pid)).then_some(())
    })
    .await;
    eventually("the lease's expiry", async || {
        yard.bus.leases().current().await.ok()?.is_empty().then_some(())
    })
    .await;

    // As the dispatcher would, and a worker of the same name goes on.
    let token = events.iter().find_map(JobEvent::token).unwrap();
    job.ask(trainyard_commands::job::JobCommand::LoseAttempt { token }).await;
    dataset.behave("steady");
    dataset.gate(3);
    let agent = yard.agent("process");
    job.offer().await;
    job.until(|event| matches!(event, JobEvent::Finished { .. })).await;
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_predictor_that_dies_comes_back_and_a_stopped_worker_takes_it_along() {
    let yard = Yard::new().await;
    let mut config = yard.config("serving");
    config.predictor_environment = vec![("TRAINYARD_NATS_URL".to_owned(), "nats://told".to_owned())];
    let agent = yard.agent_with(config);
    let served = || {
        let files = std::fs::read_dir(yard.folder.path().join("work")).into_iter().flatten().flatten();
        let files = files.filter_map(|file| {
            let pid = file.file_name().to_str()?.strip_prefix("served-")?.parse::<u32>().ok()?;
            (std::fs::read_to_string(file.path()).ok()? == "nats://told").then_some(pid)
        });
        files.collect::<Vec<u32>>()
    };
    let first = eventually("the predictor", async || served().first().copied()).await;
    kill(Pid::from_raw(first.cast_signed()), Signal::SIGKILL).unwrap();
    let second =
        eventually("another predictor", async || served().into_iter().find(|pid| *pid != first)).await;
    agent.leave().await;
    assert!(!is_running(second));
}
