//! How the platform lives and dies: no orphans, no two on one folder, and errors that name what to do.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use trainyard_local::{LocalConfig, LocalError, Platform, Server, Tools, harness};

const HOLDER_FOLDER: &str = "TRAINYARD_TEST_HOLDER_FOLDER";

/// Not a test: the process that `nothing_outlives_its_owner` starts and kills. It holds a platform and says its pids.
#[tokio::test]
#[ignore = "it runs until it is killed"]
async fn holder() {
    let data = PathBuf::from(std::env::var_os(HOLDER_FOLDER).expect("the test says where"));
    let platform = Platform::start(LocalConfig::new(data, harness::tools())).await.expect("starts");
    println!("\npids {:?}", Server::ALL.map(|server| platform.pid(server).expect("it runs")));
    panic!("{}", platform.failed().await);
}

fn start_holder(data: &Path) -> (Child, Vec<u32>) {
    let mut command = Command::new(std::env::current_exe().expect("a test has a path"));
    command
        .args(["--exact", "holder", "--ignored", "--nocapture"])
        .env(HOLDER_FOLDER, data)
        .stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let said = BufReader::new(child.stdout.take().expect("piped"));
    let line =
        said.lines().map_while(Result::ok).find(|line| line.starts_with("pids")).expect("it says the pids");
    let pids = line.trim_start_matches("pids [").trim_end_matches(']').split(", ");
    (child, pids.map(|pid| pid.parse().expect("a pid")).collect())
}

fn is_running(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

async fn wait_until(limit: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn psql(url: &str, sql: &str) -> String {
    let program = harness::tools().postgres.join("bin/psql");
    let output = Command::new(program).args(["-XAt", "-c", sql, url]).output().expect("psql runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outlives_its_owner_and_the_folder_goes_on() {
    let data = harness::folder();
    let (mut owner, pids) = start_holder(&data);
    assert!(pids.iter().all(|pid| is_running(*pid)));
    owner.kill().expect("SIGKILL reaches it");
    owner.wait().expect("it is dead");

    // Starting at once waits for the servers that are still on their way out.
    let config = LocalConfig::new(&data, harness::tools());
    let platform =
        Platform::start_only(config, &[Server::Postgres]).await.expect("the lock died with its holder");
    assert!(!is_running(pids[1]), "the old Postgres is gone before the new one starts");
    wait_until(Duration::from_secs(10), "every server is gone", || !pids.iter().any(|pid| is_running(*pid)))
        .await;
    assert_eq!(psql(&platform.urls().postgres, "SELECT current_database()"), "trainyard");
    let log = std::fs::read_to_string(data.join("logs/postgres.log")).expect("there is a log");
    assert!(log.contains("database system is shut down") && !log.contains("not properly shut down"), "{log}");
    platform.stop().await.expect("stops");
}

#[tokio::test]
async fn a_folder_has_one_platform() {
    let config = LocalConfig::new(harness::folder(), harness::tools());
    let first = Platform::start_only(config.clone(), &[Server::Nats]).await.expect("starts");
    let second =
        Platform::start_only(config.clone(), &[Server::Nats]).await.map(|_| ()).expect_err("it is in use");
    assert!(second.to_string().contains(&std::process::id().to_string()), "{second}");
    first.stop().await.expect("stops");
    Platform::start_only(config, &[Server::Nats]).await.expect("starts").stop().await.expect("stops");
}

#[tokio::test]
async fn a_newer_format_is_left_alone() {
    let data = harness::folder();
    std::fs::write(data.join("version"), "3\n").expect("writes");
    let error =
        Platform::start(LocalConfig::new(&data, harness::tools())).await.map(|_| ()).expect_err("newer");
    assert!(matches!(error, LocalError::NewerFormat { ref found, known: 2, .. } if found == "3"), "{error}");
}

#[tokio::test]
async fn the_objects_of_a_former_store_are_not_lost_from_sight() {
    let data = harness::folder();
    let (former, version) = (data.join("s3"), data.join("version"));
    std::fs::create_dir(&former).expect("writes");
    std::fs::write(&version, "1\n").expect("writes");
    std::fs::write(former.join("trainyard_7.dat"), [7; 100]).expect("writes");
    let config = LocalConfig::new(&data, harness::tools());
    let error = Platform::start_only(config.clone(), &[Server::S3]).await.map(|_| ()).expect_err("refused");
    assert!(matches!(error, LocalError::FormerStore { ref home } if home.ends_with("s3")), "{error}");
    assert_eq!(std::fs::read_to_string(&version).expect("reads"), "1\n", "the older release goes on");
    assert!(!data.join("credentials.json").exists(), "nothing is written");

    std::fs::rename(&former, data.join("s3.kept")).expect("moves");
    Platform::start_only(config, &[Server::S3]).await.expect("starts").stop().await.expect("stops");
    assert_eq!(std::fs::read_to_string(&version).expect("reads"), "2\n", "the older release does not");
}

#[tokio::test]
async fn a_port_that_was_asked_for_and_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = taken.local_addr().expect("bound").port();
    let mut config = LocalConfig::new(harness::folder(), harness::tools());
    config.ports.nats = Some(port);
    let error = Platform::start(config).await.map(|_| ()).expect_err("taken");
    assert!(
        matches!(error, LocalError::PortTaken { server: Server::Nats, port: named } if named == port),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_only_dies_is_given_up_with_its_last_words() {
    let data = harness::folder();
    let dies = data.join("dies");
    std::fs::write(&dies, "#!/bin/sh\necho cannot go on >&2\nexit 3\n").expect("writes");
    std::fs::set_permissions(&dies, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("executable");
    let tools = Tools { nats_server: dies, ..harness::tools() };
    let error = Platform::start_only(LocalConfig::new(data.join("data"), tools), &[Server::Nats]).await;
    let error = error.map(|_| ()).expect_err("it cannot run");
    assert!(matches!(error, LocalError::GaveUp { server: Server::Nats, .. }), "{error}");
    assert!(error.to_string().contains("cannot go on"), "{error}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let file = harness::folder().join("file");
    std::fs::write(&file, "").expect("writes");
    let error = Platform::start(LocalConfig::new(file.join("data"), harness::tools()))
        .await
        .map(|_| ())
        .expect_err("no");
    assert!(matches!(error, LocalError::Io { ref path, .. } if path.ends_with("file/data")), "{error}");
}

#[test]
fn missing_tools_say_how_to_get_them() {
    let error = Tools::find(Path::new("/nonexistent")).expect_err("nothing is there");
    assert!(error.to_string().contains("make tools"), "{error}");
}

/// Root meets this in a container, where its home is private: Postgres then runs as somebody who can enter neither the
/// data folder nor the folder of the programs.
#[tokio::test]
async fn postgres_runs_from_and_in_folders_that_only_root_can_enter() {
    let private = harness::folder();
    std::fs::set_permissions(&private, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("private");
    let mut tools = harness::tools();
    let copied = Command::new("cp")
        .arg("-R")
        .args([&tools.postgres, &private.join("postgres")])
        .status()
        .expect("cp runs");
    assert!(copied.success());
    tools.postgres = private.join("postgres");
    let config = LocalConfig::new(private.join("data"), tools);

    let platform = Platform::start_only(config.clone(), &[Server::Postgres]).await.expect("starts");
    psql(&platform.urls().postgres, "CREATE TABLE kept (id int)");
    platform.stop().await.expect("stops");
    let platform = Platform::start_only(config, &[Server::Postgres]).await.expect("starts again");
    assert_eq!(psql(&platform.urls().postgres, "SELECT count(*) FROM kept"), "0");

    let pid = platform.pid(Server::Postgres).expect("it runs");
    let program = std::fs::read_link(format!("/proc/{pid}/exe")).expect("it runs");
    platform.stop().await.expect("stops");
    let data = private.join("data/postgres").canonicalize().expect("it is there");
    let programs = program.ancestors().nth(2).expect("postgres/bin/postgres").to_path_buf();
    for outside in [data, programs].iter().filter(|path| !path.starts_with(&private)) {
        std::fs::remove_dir_all(outside).expect("what lies outside the folder can be removed");
    }
}
