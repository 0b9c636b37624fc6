//! What was acknowledged is there after a crash, and what was not is not there by half. A full disk is said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use common::{BUCKET, Server, code, free_port, get, keys, listens, put};
use tempfile::TempDir;

const LIVES: u64 = 5;

#[tokio::test]
async fn a_crash_loses_nothing_that_was_acknowledged() {
    let mut server = Server::start().await;
    let client = server.client();
    let acknowledged = Mutex::new(Vec::new());
    let content = |key: &str| key.bytes().cycle().take(300_000).collect::<Vec<u8>>();
    for life in 0..LIVES {
        let writers = (0..4).map(|writer| {
            let (client, acknowledged) = (&client, &acknowledged);
            async move {
                for n in 0.. {
                    let key = format!("{writer}/{life}/{n}");
                    let sent = client.put_object().bucket(BUCKET).key(&key).body(content(&key).into());
                    if sent.send().await.is_err() {
                        return;
                    }
                    acknowledged.lock().unwrap().push(key);
                }
            }
        });
        let crash = async {
            tokio::time::sleep(Duration::from_millis(150 + 50 * life)).await;
            server.kill();
        };
        tokio::join!(futures::future::join_all(writers), crash);
        server.launch().await;
        assert_eq!(server.fresh(), 0, "what was being written is gone");
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() > 20, "{} were written", acknowledged.len());
    for key in &acknowledged {
        assert!(get(&client, key).await.is_some_and(|found| found == content(key)), "{key}");
    }
    // Those that were written and not acknowledged are whole as well.
    let mut token = None;
    loop {
        let page =
            client.list_objects_v2().bucket(BUCKET).set_continuation_token(token).send().await.unwrap();
        for key in page.contents().iter().filter_map(|object| object.key()) {
            assert!(get(&client, key).await.is_some_and(|found| found == content(key)), "{key}");
        }
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
}

/// The same as root, on a disk of 8 MiB.
#[tokio::test]
async fn a_full_disk_is_said_and_passes() {
    if !rustix::process::geteuid().is_root() {
        return println!("skipped: only root may mount a small disk");
    }
    let (folder, port) = (TempDir::with_prefix("trainyard-objects-").unwrap(), free_port());
    let script = format!(
        "mount -t tmpfs -o size=8m tmpfs . && cd \"$PWD\" && printf %s '{}' > keys.json && \
         exec '{}' store 127.0.0.1:{port}",
        keys(),
        env!("CARGO_BIN_EXE_trainyard-objects"),
    );
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &script]).current_dir(folder.path()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    listens(port).await;
    let client = common::client(port, common::SECRET);
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    put(&client, "kept", &[7; 1_000_000]).await;
    let large = || client.put_object().bucket(BUCKET).key("large").body(vec![1; 16_000_000].into()).send();
    for _ in 0..3 {
        assert_eq!(code(large().await), "InsufficientStorage");
    }
    assert_eq!(get(&client, "large").await, None);
    assert_eq!(get(&client, "kept").await, Some(vec![7; 1_000_000]));
    put(&client, "fits", &[8; 6_000_000]).await;
    assert_eq!(
        code(client.put_object().bucket(BUCKET).key("kept").body(vec![9; 2_000_000].into()).send().await),
        "InsufficientStorage"
    );
    assert_eq!(get(&client, "kept").await, Some(vec![7; 1_000_000]), "one that cannot be replaced stays");
    client.delete_object().bucket(BUCKET).key("fits").send().await.unwrap();
    put(&client, "kept", &[9; 2_000_000]).await;
    process.kill().unwrap();
    process.wait().unwrap();
}
