//! What becomes of trainers and predictors when their agent dies by force: it adopts them when it comes back, and if it
//! does not, nothing runs on.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod yard;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use trainyard_bus::{Bus, BusConfig};
use trainyard_commands::job::JobCommand;
use trainyard_door::system_clock;
use trainyard_events::reason::Reason;
use trainyard_events::{ConsoleLines, JobEvent, limits};
use trainyard_store::{Store, StoreConfig};
use trainyard_workers::WorkerConfig;
use uuid::Uuid;
use yard::{Dataset, TestJob, Yard, epochs, eventually, is_running};

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
        giving: Default::default(),
        labels: Default::default(),
        work_dir: Path::new(&folder).join("work"),
        trainer: yard::trainer(),
        inspector: yard::trainer(),
        runners: Path::new(&folder).join("runners"),
        hub: Default::default(),
        predictor: yard::trainer(),
        threads: 1,
        dataset_roots: vec![trainyard_workers::Root { tenant: None, path: "/".into() }],
        sources: Default::default(),
        cache_bytes: 1 << 30,
        trainer_silence: limits::TRAINER_SILENCE,
        predictor_environment: vec![],
    };
    trainyard_workers::run(bus, store, system_clock, Default::default(), config, Default::default())
        .await
        .unwrap();
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

/// An agent process in the middle of a job, after its first epoch.
struct Scene {
    yard: Yard,
    url: String,
    dataset: Dataset,
    agent: Child,
}

impl Scene {
    async fn new(behaviour: &str) -> Scene {
        let yard = Yard::new().await;
        let dataset = yard.dataset(behaviour).await;
        dataset.gate(1);
        let url = yard.nats.lock().await.url();
        let agent = start_agent_process(&yard, &url);
        Scene { yard, url, dataset, agent }
    }

    async fn job(&self, epochs: u32) -> TestJob<'_> {
        let job = self.yard.job(&self.dataset, epochs).await;
        job.until(|event| matches!(event, JobEvent::EpochLogged { .. })).await;
        job
    }

    fn kill_agent(&mut self) {
        self.agent.kill().unwrap();
        self.agent.wait().unwrap();
    }

    fn start_agent(&mut self) {
        self.agent = start_agent_process(&self.yard, &self.url);
    }

    async fn until_dead(&self) {
        let pids = self.dataset.pids();
        assert!(!pids.is_empty());
        eventually("the end of the trainer's processes", async || {
            pids.iter().all(|pid| !is_running(*pid)).then_some(())
        })
        .await;
    }

    /// The folder of the one attempt that there is.
    fn attempt(&self) -> PathBuf {
        let below = |path: PathBuf| std::fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
        below(below(self.yard.folder.path().join("work/jobs")))
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.agent.kill();
        let _ = self.agent.wait();
    }
}

fn attempts(events: &[JobEvent]) -> usize {
    events.iter().filter(|event| matches!(event, JobEvent::AttemptStarted { .. })).count()
}

fn is_finished(event: &JobEvent) -> bool {
    matches!(event, JobEvent::Finished { .. })
}

/// Of each message that is kept of the job's console: the life of the agent, and how often the trainer's greeting is in it.
async fn hellos(yard: &Yard, job: Uuid) -> Vec<(Uuid, usize)> {
    let mut told = Vec::new();
    let is_hello = |line: &&String| line.contains("hello from the console");
    let hear = |lines: ConsoleLines| told.push((lines.run, lines.lines.iter().filter(is_hello).count()));
    yard.bus.telemetry().each_console(&yard.tenant, job, hear).await.unwrap();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_started_again_goes_on_with_its_trainer() {
    let mut scene = Scene::new("steady").await;
    let id = scene.job(5).await.id;
    for epoch in [2, 3] {
        scene.kill_agent();
        // Nobody listens to this epoch.
        scene.dataset.gate(epoch);
        let checkpoint = scene.attempt().join(format!("work/step-{:04}.json", 10 * epoch));
        eventually("an epoch without an agent", async || checkpoint.exists().then_some(())).await;
        let dead = Instant::now();
        scene.start_agent();
        let job = TestJob { yard: &scene.yard, id, runner: None };
        job.until(|event| matches!(event, JobEvent::EpochLogged { epoch: heard, .. } if *heard == epoch))
            .await;
        println!("epoch {epoch} was heard {:?} after the start", dead.elapsed());
    }
    // The rest of it, too.
    scene.kill_agent();
    scene.dataset.gate(5);
    let end = scene.attempt().join("exit");
    eventually("the trainer's end without an agent", async || end.exists().then_some(())).await;
    let earlier = hellos(&scene.yard, id).await;
    scene.start_agent();
    let job = TestJob { yard: &scene.yard, id, runner: None };
    let events = job.until(is_finished).await;
    assert_eq!((attempts(&events), epochs(&events)), (1, vec![1, 2, 3, 4, 5]), "{events:?}");
    assert_eq!(scene.dataset.pids().len(), 1, "one and the same trainer");
    let Some(JobEvent::Finished { artifacts, .. }) = events.last() else { panic!("{events:?}") };
    let roles: Vec<&str> = artifacts.iter().map(|artifact| artifact.role.as_str()).collect();
    assert_eq!(roles, ["report", "weights", "console"]);
    let console = scene.yard.store.get_bytes(&artifacts[2].key, 10_000).await.unwrap();
    assert!(String::from_utf8_lossy(&console).contains("from the console"), "all of it, from the beginning");
    // A console is told beside the job: its last lines may come after the end.
    let told = eventually("the console, as its last life tells it", async || {
        let told = hellos(&scene.yard, id).await;
        let newest = told.last()?.0;
        (earlier.iter().all(|(run, _)| *run != newest) && told.iter().any(|(_, hellos)| *hellos > 0))
            .then_some(told)
    })
    .await;
    let newest = told.last().expect("it was told").0;
    assert!(told.iter().all(|(run, _)| *run == newest), "what an earlier life told is replaced: {told:?}");
    assert_eq!(told.iter().map(|(_, hellos)| hellos).sum::<usize>(), 1, "said once: {told:?}");
    let jobs = scene.yard.folder.path().join("work/jobs");
    eventually("a work folder without attempts", async || {
        std::fs::read_dir(&jobs).ok()?.next().is_none().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_that_came_while_the_agent_was_away_is_granted() {
    let mut scene = Scene::new("steady").await;
    let id = scene.job(3).await.id;
    scene.kill_agent();
    let job = TestJob { yard: &scene.yard, id, runner: None };
    job.ask(JobCommand::RequestCancel { because: vec![Reason::said("enough")] }).await;
    scene.start_agent();
    let job = TestJob { yard: &scene.yard, id, runner: None };
    let events = job.until(|event| matches!(event, JobEvent::Cancelled { .. })).await;
    assert_eq!(attempts(&events), 1);
    scene.until_dead().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_trainer_died_with_its_agent_is_lost_at_once() {
    let mut scene = Scene::new("steady").await;
    let job = scene.job(3).await;
    // An epoch without its checkpoint would be trained, and told, again.
    job.until(|event| matches!(event, JobEvent::CheckpointCommitted { .. })).await;
    let id = job.id;
    scene.kill_agent();
    // As a machine does that is turned off: nobody is left to note how it ended.
    let family = std::fs::read_to_string(scene.attempt().join("family")).unwrap();
    let (guard, leader) = family.split_once(" / ").unwrap();
    let pid = |who: &str| Pid::from_raw(who.split(' ').next().unwrap().parse().unwrap());
    kill(pid(guard), Signal::SIGKILL).unwrap();
    killpg(pid(leader), Signal::SIGKILL).unwrap();
    let begun = Instant::now();
    scene.start_agent();
    let job = TestJob { yard: &scene.yard, id, runner: None };
    job.until(|event| matches!(event, JobEvent::AttemptLost { .. })).await;
    println!("lost {:?} after the start", begun.elapsed());
    assert!(begun.elapsed() < limits::LEASE / 2, "and not by its lease: {:?}", begun.elapsed());
    scene.dataset.gate(3);
    job.offer().await;
    let events = job.until(is_finished).await;
    assert_eq!((attempts(&events), epochs(&events)), (2, vec![1, 2, 3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trainer_whose_job_is_anothers_by_now_is_killed() {
    let mut scene = Scene::new("stubborn").await;
    let job = scene.job(3).await;
    let (id, events) = (job.id, job.events().await);
    scene.kill_agent();
    let token = events.iter().find_map(JobEvent::token).unwrap();
    let job = TestJob { yard: &scene.yard, id, runner: None };
    job.ask(JobCommand::LoseAttempt { token }).await;
    assert!(scene.dataset.pids().iter().all(|pid| is_running(*pid)));
    let begun = Instant::now();
    scene.start_agent();
    scene.until_dead().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "and not by its guard: {:?}", begun.elapsed());
    assert_eq!(scene.dataset.pids().len(), 2, "the trainer and its child");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trainer_whose_agent_does_not_come_back_is_ended_by_its_guard() {
    let mut scene = Scene::new("stubborn").await;
    scene.job(3).await;
    assert_eq!(
        scene.dataset.pids().len(),
        2,
        "a trainer that ignores SIGTERM and prints nothing, and its child"
    );
    scene.kill_agent();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(scene.dataset.pids().iter().all(|pid| is_running(*pid)), "an agent may still come back");
    scene.until_dead().await;
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
