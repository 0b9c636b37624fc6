//! Children that live no longer than their owner.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::*;
use tempfile::tempdir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use trainyard_child::{Account, Attached, Exit, Program, Signal, Stop, former_life_is_over, sweep_after_us};

const FOLDER: &str = "CHILD_TEST_FOLDER";

async fn first_line(from: impl AsyncRead + Unpin) -> String {
    let mut line = String::new();
    tokio::time::timeout(DEADLINE, BufReader::new(from).read_line(&mut line)).await.unwrap().unwrap();
    line.trim().to_owned()
}

#[tokio::test]
async fn a_child_is_heard_and_how_it_ended_is_known() {
    let folder = tempdir().unwrap();
    let table = [
        ("echo out; echo err >&2", Exit::Code(0)),
        ("echo out; echo err >&2; exit 75", Exit::Code(75)),
        ("echo out; echo err >&2; kill -9 $$", Exit::Signal(9)),
        ("echo out; echo err >&2; kill -TERM $$", Exit::Signal(15)),
    ];
    for (text, exit) in table {
        let (mut child, out, err) = Attached::piped(&script(text, folder.path())).unwrap();
        assert_eq!((all(out).await, all(err).await), ("out\n".to_owned(), "err\n".to_owned()));
        assert_eq!(child.wait().await.unwrap(), exit, "{text}");
    }
    let (mut child, out, _err) = Attached::piped(&script("pwd; cat; umask", folder.path())).unwrap();
    assert_eq!(
        all(out).await,
        format!("{}\n0077\n", folder.path().display()),
        "no input, and nobody else reads"
    );
    assert_eq!(child.wait().await.unwrap(), Exit::Code(0));
}

#[tokio::test]
async fn a_program_that_cannot_be_started_says_so() {
    let folder = tempdir().unwrap();
    let missing = Program::new("/nowhere/program", vec![], folder.path());
    let (mut child, _out, err) = Attached::piped(&missing).unwrap();
    assert!(child.pid().await.is_err());
    let said = all(err).await;
    assert!(said.contains("/nowhere/program cannot be started: No such file"), "{said}");
    assert_eq!(child.wait().await.unwrap(), Exit::Code(127));
}

/// Not a test: it has secrets in its environment, and prints what its child sees.
#[tokio::test]
#[ignore = "runs as another test's process"]
async fn owner_with_secrets() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("it is started by a test"));
    let mut program = script("env", &folder);
    program.environment = trainyard_child::environment::training();
    program.environment.push(("TRAINYARD_TOLD".to_owned(), "yes".to_owned()));
    let mut child = Attached::logged(&program, File::create(folder.join("env")).unwrap()).unwrap();
    child.wait().await.unwrap();
}

#[test]
fn a_child_sees_none_of_our_settings_and_what_it_is_given() {
    let folder = tempdir().unwrap();
    let environment = [
        (FOLDER, folder.path().into()),
        ("TRAINYARD_S3_SECRET_KEY", "hunter2".into()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2".into()),
        ("UNSUSPICIOUS", "kept".into()),
    ];
    let status = start_test("owner_with_secrets", &environment).wait().unwrap();
    assert!(status.success());
    let seen = fs::read_to_string(folder.path().join("env")).unwrap();
    assert!(seen.contains("UNSUSPICIOUS=kept\n") && seen.contains("TRAINYARD_TOLD=yes\n"), "{seen}");
    assert!(
        seen.contains("OMP_WAIT_POLICY=PASSIVE\n") && seen.contains("MALLOC_TOP_PAD_=67108864\n"),
        "{seen}"
    );
    assert!(!seen.contains("hunter2"), "{seen}");
}

#[tokio::test]
async fn nothing_is_left_of_a_group_that_has_ended_nor_of_those_who_left_it() {
    let folder = tempdir().unwrap();
    // One stays in the group, one leaves it, and one has left it and lost its parent besides.
    let text = "sleep 1000 & echo $!; setsid sleep 1000 & echo $!; \
                (setsid sh -c 'echo $$; exec sleep 1000' &); sleep 0.3; exit 4";
    let (mut child, out, _err) = Attached::piped(&script(text, folder.path())).unwrap();
    let begun = Instant::now();
    assert_eq!(child.wait().await.unwrap(), Exit::Code(4));
    assert!(begun.elapsed() < DEADLINE);
    let pids: Vec<u32> = all(out).await.lines().map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(pids.len(), 3);
    assert!(!pids.iter().any(|pid| is_running(*pid)), "dead already when its end is told");
}

#[tokio::test]
async fn a_child_that_is_dropped_is_dead() {
    let folder = tempdir().unwrap();
    let text = "trap '' TERM; sleep 1000 & echo $! $$; wait";
    let (child, out, _err) = Attached::piped(&script(text, folder.path())).unwrap();
    let pids = first_line(out).await;
    let pids: Vec<u32> = pids.split(' ').map(|pid| pid.parse().unwrap()).collect();
    assert!(pids.iter().all(|pid| is_running(*pid)));
    drop(child);
    assert!(!pids.iter().any(|pid| is_running(*pid)));
}

#[tokio::test]
async fn a_guard_withstands_what_its_group_and_its_service_are_told() {
    let folder = tempdir().unwrap();
    let text =
        "trap '' TERM INT HUP QUIT; for s in TERM INT HUP QUIT; do kill -$s 0; done; echo told; sleep 1000";
    let (mut child, out, _err) = Attached::piped(&script(text, folder.path())).unwrap();
    assert_eq!(first_line(out).await, "told");
    let pid = child.pid().await.unwrap();
    let guard = parent(pid);
    for told in ["TERM", "INT", "HUP", "QUIT"] {
        signal(guard, told);
    }
    child.line().leave();
    assert!(is_running(guard) && is_running(pid), "and the child ignores it");
    drop(child);
    assert!(!is_running(pid) && !is_running(guard));
}

#[tokio::test]
async fn a_child_gets_back_the_signals_that_its_guard_ignores() {
    let folder = tempdir().unwrap();
    for (told, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        // No shell around it, which would have its own mind about signals.
        let program = Program::new("/bin/sleep", vec!["1000".into()], folder.path());
        let (mut child, _out, _err) = Attached::piped(&program).unwrap();
        let pid = child.pid().await.unwrap();
        signal(pid, told);
        assert_eq!(child.wait().await.unwrap(), Exit::Signal(number));
    }
}

#[tokio::test]
async fn a_guard_is_one_thread_that_sleeps_and_holds_no_pipe_of_its_child() {
    let folder = tempdir().unwrap();
    let text = "exec >/dev/null 2>&1; sleep 1000";
    let (mut child, out, err) = Attached::piped(&script(text, folder.path())).unwrap();
    assert_eq!(
        (all(out).await, all(err).await),
        (String::new(), String::new()),
        "an end while the child lives"
    );
    let pid = child.pid().await.unwrap();
    assert!(is_running(pid));
    let guard = parent(pid);
    assert_eq!(status(guard, "Threads"), 1);
    let (own_kib, all_kib) = (status(guard, "RssAnon"), status(guard, "VmRSS"));
    println!("a guard takes {own_kib} KiB of its own, {all_kib} KiB in all");
    assert!(own_kib < 1024, "{own_kib} KiB");
    let wakes = || status(guard, "voluntary_ctxt_switches");
    let before = wakes();
    tokio::time::sleep(Duration::from_secs(1)).await;
    // On a busy machine it may just be on its way to sleep.
    let often = wakes() - before;
    assert!(often <= 2, "it looks again and again: {often} times in a second");
}

#[tokio::test]
async fn a_child_is_asked_to_stop_and_killed_when_it_does_not() {
    let folder = tempdir().unwrap();
    let mut polite =
        script("trap 'echo bye; exit 5' INT; echo up; while :; do sleep 0.05; done", folder.path());
    polite.stop = Stop { signal: Signal::Interrupt, grace: DEADLINE };
    let (mut child, out, _err) = Attached::piped(&polite).unwrap();
    let mut out = BufReader::new(out);
    let mut line = String::new();
    out.read_line(&mut line).await.unwrap();
    let begun = Instant::now();
    assert_eq!(child.stop().await.unwrap(), Exit::Code(5));
    assert!(begun.elapsed() < DEADLINE, "it left by itself");
    assert_eq!(all(out).await, "bye\n");

    let mut stubborn = script("trap '' INT; echo up; while :; do sleep 0.05; done", folder.path());
    stubborn.stop = Stop { signal: Signal::Interrupt, grace: Duration::from_millis(300) };
    let (mut child, out, _err) = Attached::piped(&stubborn).unwrap();
    first_line(out).await;
    let begun = Instant::now();
    assert_eq!(child.stop().await.unwrap(), Exit::Signal(9));
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_guard_that_is_killed_takes_its_child_along() {
    let folder = tempdir().unwrap();
    let (mut child, _out, _err) = Attached::piped(&script("sleep 1000", folder.path())).unwrap();
    let pid = child.pid().await.unwrap();
    signal(parent(pid), "KILL");
    assert_eq!(child.wait().await.unwrap(), Exit::Signal(9));
    eventually("the end of a child without a guard", || !is_running(pid)).await;
}

/// Not a test: it starts one child after the other until it is killed.
#[tokio::test]
#[ignore = "runs until it is killed"]
async fn busy_owner() {
    let mut kept = Vec::new();
    loop {
        let text = "trap '' TERM; sleep 1000 & setsid sleep 1000 & wait";
        kept.push(Attached::piped(&script(text, Path::new("/"))).unwrap());
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_owner_may_be_killed_at_any_moment() {
    const OWNERS: u64 = 24;
    let folder = tempdir().unwrap();
    let mark = folder.path().display().to_string();
    let mut most = 0;
    for number in 0..OWNERS {
        let mut owner = start_test("busy_owner", &[(FOLDER, folder.path().into())]);
        // The first ones while they start, the last ones in the middle of starting children.
        let pause = Duration::from_millis(5 * number);
        let begun = Instant::now();
        eventually("a child", || begun.elapsed() > pause).await;
        most = most.max(with_mark(&mark).len());
        kill_9(&mut owner);
    }
    println!("up to {most} processes were there at once");
    assert!(most >= 6, "there was something to end");
    eventually("the end of every child of a killed owner", || with_mark(&mark).is_empty()).await;
}

#[tokio::test]
async fn a_former_life_is_waited_for_and_its_litter_is_removed() {
    let folder = tempdir().unwrap();
    let (noted, litter) = (folder.path().join("noted"), folder.path().join("litter"));
    assert!(former_life_is_over(&noted, DEADLINE).await.unwrap(), "there was none");
    let mut program = script("echo up; while [ ! -e leave ]; do sleep 0.05; done", folder.path());
    (program.noted, program.litter) = (Some(noted.clone()), vec![litter.clone()]);
    fs::write(&litter, "").unwrap();
    let (mut child, _out, _err) = Attached::piped(&program).unwrap();
    child.pid().await.unwrap();
    assert!(!former_life_is_over(&noted, Duration::from_millis(100)).await.unwrap());
    fs::write(folder.path().join("leave"), "").unwrap();
    assert!(former_life_is_over(&noted, DEADLINE).await.unwrap());
    assert!(!litter.exists());
    assert_eq!(child.wait().await.unwrap(), Exit::Code(0));

    // A stranger has the numbers by now.
    let us = std::process::id();
    fs::write(&noted, format!("{us} 1 / {us} 1")).unwrap();
    assert!(former_life_is_over(&noted, DEADLINE).await.unwrap());
}

/// Not a test: it wants its folder removed, and starts a child in it that takes its time to leave.
#[tokio::test]
#[ignore = "runs until it is killed"]
async fn owner_of_a_folder() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("it is started by a test"));
    let _sweeper = sweep_after_us(&folder).unwrap();
    let mut program =
        script("trap 'sleep 0.5; touch last; exit' TERM; while :; do sleep 0.05; done", &folder);
    program.stop.grace = DEADLINE;
    let mut child = Attached::piped(&program).unwrap().0;
    child.pid().await.unwrap();
    fs::write(folder.join("up"), "").unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_folder_is_removed_after_its_owner_and_after_those_who_work_there() {
    let parent = tempdir().unwrap();
    let folder = parent.path().join("scratch");
    fs::create_dir(&folder).unwrap();
    let mut owner = start_test("owner_of_a_folder", &[(FOLDER, folder.clone().into())]);
    eventually("the child", || folder.join("up").exists()).await;
    kill_9(&mut owner);
    eventually("the end of the folder", || !folder.exists()).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!folder.exists(), "nobody was left to make it again");
}

fn we_are_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

#[tokio::test]
async fn a_child_of_another_account_needs_no_way_to_its_folder_and_its_program() {
    if !we_are_root() {
        println!("skipped: only root may become somebody else");
        return;
    }
    let closed = tempdir().unwrap();
    fs::set_permissions(closed.path(), PermissionsExt::from_mode(0o700)).unwrap();
    let (own, secret) = (closed.path().join("own"), closed.path().join("secret"));
    let program = closed.path().join("cat");
    fs::copy("/bin/cat", &program).unwrap();
    fs::create_dir(&own).unwrap();
    fs::write(&secret, "of somebody else").unwrap();
    fs::set_permissions(&secret, PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(own.join("file"), "its own").unwrap();
    chown(&own, Some(61_999), Some(61_999)).unwrap();
    let read = async |path: &Path| {
        let mut child = Program::new(&program, vec![path.into()], &own);
        child.account = Some(Account { uid: 61_999, gid: 61_999 });
        let (mut child, out, _err) = Attached::piped(&child).unwrap();
        let said = all(out).await;
        (said, child.wait().await.unwrap())
    };
    assert_eq!(read(Path::new("file")).await, ("its own".to_owned(), Exit::Code(0)));
    assert_eq!(read(&secret).await, (String::new(), Exit::Code(1)));
    assert_eq!(read(Path::new("../secret")).await, (String::new(), Exit::Code(1)));
}
