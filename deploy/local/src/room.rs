//! Room on a server's disk: without any a server dies again and again, or lives and writes no more.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use nix::sys::statvfs::statvfs;
use tokio::time::sleep;

use crate::service::Service;

/// With less than this no server is expected to live.
const ROOM_BYTES_MIN: u64 = 16 * 1024 * 1024;
/// With less than this a write may have failed already.
const FULL_BYTES_MAX: u64 = 1024 * 1024;
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Of a log, at once; what a server says in half a second is less.
const NEWS_BYTES_MAX: u64 = 256 * 1024;

/// Whether a server that writes at `home` has room to live.
pub(crate) fn is_there(home: &Path) -> bool {
    bytes(home) >= ROOM_BYTES_MIN
}

/// What is left for us. A disk that cannot be asked counts as an empty one.
fn bytes(home: &Path) -> u64 {
    statvfs(home).map_or(u64::MAX, |disk| disk.blocks_available() * disk.fragment_size())
}

/// Resolves when the server writes no more until it is started anew, and there is room to do so.
pub(crate) async fn must_start_anew(service: &Service) {
    let Service { program, log, stuck: Some(words) } = service else { return std::future::pending().await };
    let mut read_to = length(log);
    // Where its log is on the same disk, there may be no room for those words either.
    while !news(log, &mut read_to).contains(words) && bytes(&program.folder) >= FULL_BYTES_MAX {
        sleep(LOOK_AGAIN).await;
    }
    if !is_there(&program.folder) {
        tracing::error!(disk = %program.folder.display(), "the disk of a local server is full: make room");
    }
    while !is_there(&program.folder) {
        sleep(LOOK_AGAIN).await;
    }
}

fn length(log: &Path) -> u64 {
    std::fs::metadata(log).map_or(0, |about| about.len())
}

/// The whole lines that were written to the log since it was read the last time.
fn news(log: &Path, read_to: &mut u64) -> String {
    let mut text = Vec::new();
    let mut read = || -> std::io::Result<()> {
        let mut file = std::fs::File::open(log)?;
        file.seek(SeekFrom::Start(*read_to))?;
        file.take(NEWS_BYTES_MAX).read_to_end(&mut text).map(drop)
    };
    if read().is_err() {
        // Later, then.
        return String::new();
    }
    text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
    *read_to += text.len() as u64;
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use trainyard_child::Program;

    use crate::supervise::Supervised;
    use crate::{Server, harness};

    use super::*;

    #[tokio::test]
    async fn a_server_that_says_that_it_writes_no_more_is_started_anew() {
        let home = harness::folder();
        // Well at first, and stuck when it is told to be; the words that it said in an earlier life do not count.
        let script = "echo alive >&2; while [ ! -e stuck ]; do sleep 0.1; done; \
                      rm stuck; echo 'stream E critical write error' >&2; exec sleep 1000";
        let mut program = Program::new("/bin/sh", vec!["-c".into(), script.into()], &home);
        program.stop.grace = Duration::from_secs(1);
        let service = Service { program, log: home.join("log"), stuck: Some("critical write error") };
        let server = Supervised::start(Server::Nats, service);
        let mut pid = life_after(&server, None).await;
        // More often than a server may die quickly: that it was stuck does not speak against it.
        for _ in 0..7 {
            std::fs::write(home.join("stuck"), "").unwrap();
            pid = life_after(&server, Some(pid)).await;
        }
        sleep(LOOK_AGAIN * 3).await;
        assert_eq!(server.pid(), Some(pid), "then it is left alone");
        server.stop().await.unwrap();
    }

    /// The pid of the next life.
    async fn life_after(server: &Supervised, last: Option<u32>) -> u32 {
        let begun = std::time::Instant::now();
        loop {
            match server.pid() {
                Some(pid) if Some(pid) != last => return pid,
                now => assert!(begun.elapsed() < Duration::from_secs(20), "{now:?}"),
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}
