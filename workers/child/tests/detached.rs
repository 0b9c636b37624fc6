//! Children that outlive their owner for a while.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use common::*;
use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncBufReadExt, BufReader};
use trainyard_child::{Detached, Exit, Program};

const FOLDER: &str = "CHILD_TEST_FOLDER";
const SCRIPT: &str = "CHILD_TEST_SCRIPT";

const ALONE: Duration = Duration::from_secs(4);

fn spawn(text: &str, folder: &Path) -> Detached {
    Detached::spawn(script(text, folder), folder, ALONE).unwrap()
}

/// Not a test: it starts a detached child and waits to be killed.
#[tokio::test]
#[ignore = "runs until it is killed"]
async fn owner() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("it is started by a test"));
    let script = std::env::var_os(SCRIPT).unwrap();
    let _child = spawn(script.to_str().unwrap(), &folder);
    std::future::pending::<()>().await;
}

/// A child that has said its pid, and its owner.
struct Scene {
    folder: TempDir,
    owner: Child,
    pid: u32,
}

impl Scene {
    async fn new(text: &str) -> Scene {
        let folder = tempdir().unwrap();
        let text = format!("echo $$; {text}");
        let owner = start_test("owner", &[(FOLDER, folder.path().into()), (SCRIPT, text.into())]);
        let said = folder.path().join("said");
        let pid = || fs::read_to_string(&said).ok()?.lines().next()?.parse().ok();
        eventually("the child's first word", || pid().is_some()).await;
        eventually("the guard's note", || folder.path().join("family").exists()).await;
        let pid = pid().unwrap();
        Scene { folder, owner, pid }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn go(&self) {
        fs::write(self.path().join("go"), "").unwrap();
    }
}

const WAITS: &str = "echo to people >&2; while [ ! -e go ]; do sleep 0.02; done; echo last; exit 7";

#[tokio::test]
async fn a_child_is_adopted_and_its_end_is_awaited_though_it_is_nobodys_child() {
    let mut scene = Scene::new(WAITS).await;
    kill_9(&mut scene.owner);
    let found = Detached::find(scene.path()).expect("it runs");
    let (said, console) = (found.said(), found.console());
    let wait = tokio::time::timeout(Duration::from_millis(200), found.wait());
    assert!(wait.await.is_err() && is_running(scene.pid));
    scene.go();
    assert_eq!(found.wait().await.unwrap(), Exit::Code(7));
    assert_eq!(all(said).await, format!("{}\nlast\n", scene.pid), "from the beginning to the end");
    assert_eq!(all(console).await, "to people\n");
    assert_eq!(found.wait().await.unwrap(), Exit::Code(7), "and again");
}

#[tokio::test]
async fn a_child_is_alone_no_longer_than_it_may_be_and_that_counts_anew_each_time() {
    let mut scene = Scene::new("while :; do sleep 0.02; done").await;
    kill_9(&mut scene.owner);
    let mut begun = Instant::now();
    for _ in 0..2 {
        eventually("half of the time", || begun.elapsed() > ALONE / 2).await;
        let mut owner = start_test("next_owner", &[(FOLDER, scene.path().into())]);
        eventually("the adoption", || fs::remove_file(scene.path().join("adopted")).is_ok()).await;
        kill_9(&mut owner);
        begun = Instant::now();
    }
    // With its time from the first owner's death it would be dead now.
    eventually("half of the time", || begun.elapsed() > ALONE * 3 / 4).await;
    assert!(is_running(scene.pid), "{:?}", begun.elapsed());
    eventually("the end", || !is_running(scene.pid)).await;
    assert!(begun.elapsed() >= ALONE * 9 / 10, "{:?}", begun.elapsed());

    let mut scene = Scene::new("while :; do sleep 0.02; done").await;
    kill_9(&mut scene.owner);
    let _held = Detached::find(scene.path()).expect("it runs");
    tokio::time::sleep(ALONE + Duration::from_secs(1)).await;
    assert!(is_running(scene.pid), "somebody holds it");
}

/// Not a test: it adopts the child and waits to be killed.
#[tokio::test]
#[ignore = "runs until it is killed"]
async fn next_owner() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("it is started by a test"));
    let _child = Detached::find(&folder).expect("it runs");
    fs::write(folder.join("adopted"), "").unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn the_end_of_a_child_is_known_to_who_comes_later() {
    let mut scene = Scene::new(WAITS).await;
    let guard = parent(scene.pid);
    kill_9(&mut scene.owner);
    scene.go();
    eventually("the guard's end", || !is_running(guard)).await;
    let found = Detached::find(scene.path()).expect("its end is known");
    assert_eq!(found.wait().await.unwrap(), Exit::Code(7));
    assert_eq!(all(found.said()).await, format!("{}\nlast\n", scene.pid));
    // What hears nobody does no harm.
    found.reins().leave();
    found.reins().kill();
}

#[tokio::test]
async fn an_adopted_child_hears_and_is_dead_when_it_is_dropped() {
    let mut scene = Scene::new("trap 'echo asked' TERM; while :; do sleep 0.02; done").await;
    kill_9(&mut scene.owner);
    let found = Detached::find(scene.path()).expect("it runs");
    let mut said = BufReader::new(found.said()).lines();
    said.next_line().await.unwrap();
    found.reins().leave();
    assert_eq!(said.next_line().await.unwrap().as_deref(), Some("asked"));
    drop(found);
    assert!(!is_running(scene.pid));
    assert!(Detached::find(scene.path()).is_none(), "how it ended nobody says");
}

#[tokio::test]
async fn a_child_whose_guard_was_killed_too_does_not_run_on() {
    let mut scene = Scene::new("while :; do sleep 0.02; done").await;
    let guard = parent(scene.pid);
    kill_9(&mut scene.owner);
    signal(guard, "KILL");
    eventually("the guard's end", || !is_running(guard)).await;
    assert!(is_running(scene.pid), "it is an orphan");
    assert!(Detached::find(scene.path()).is_none());
    eventually("the orphan's end", || !is_running(scene.pid)).await;

    let folder = tempdir().unwrap();
    let child = spawn("echo $$; sleep 1000", folder.path());
    let mut said = BufReader::new(child.said()).lines();
    let pid = said.next_line().await.unwrap().unwrap().parse().unwrap();
    eventually("the guard's note", || folder.path().join("family").exists()).await;
    signal(parent(pid), "KILL");
    assert_eq!(child.wait().await.unwrap(), Exit::Signal(9));
    eventually("its end", || !is_running(pid)).await;
}

#[tokio::test]
async fn a_stranger_with_a_childs_pid_is_left_alone() {
    let folder = tempdir().unwrap();
    assert!(Detached::find(folder.path()).is_none(), "there is nothing");
    let mut stranger = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
    let pid = stranger.id();
    fs::write(folder.path().join("family"), format!("{pid} 1 / {pid} 1")).unwrap();
    assert!(Detached::find(folder.path()).is_none());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(is_running(pid));
    kill_9(&mut stranger);
}

#[tokio::test]
async fn a_program_that_cannot_be_started_says_so_on_its_console() {
    let folder = tempdir().unwrap();
    let missing = Program::new("/nowhere", vec![], folder.path());
    let child = Detached::spawn(missing, folder.path(), ALONE).unwrap();
    assert_eq!(child.wait().await.unwrap(), Exit::Code(127));
    let said = all(child.console()).await;
    assert!(said.contains("/nowhere cannot be started: No such file"), "{said}");
}

#[tokio::test]
async fn a_fast_talker_is_heard_to_the_end() {
    let folder = tempdir().unwrap();
    let child = spawn("seq 1 200000; seq 1 5 >&2", folder.path());
    let (said, console) = tokio::join!(all(child.said()), all(child.console()));
    assert_eq!(said.lines().count(), 200_000);
    assert!(said.ends_with("\n200000\n"));
    assert_eq!(console.lines().count(), 5);
    assert_eq!(child.wait().await.unwrap(), Exit::Code(0));
    let private = |name: &str| {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(folder.path().join(name)).unwrap().permissions(),
        );
        mode & 0o077 == 0
    };
    assert!(["said", "console", "exit", "family", "line"].into_iter().all(private));
}
