//! A file that grows, read while it does.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::fs::inotify;
use tokio::fs::File;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, DuplexStream};
use tokio::time::sleep;

use crate::end::End;
use crate::news;

/// When a file that is emptied is read too slowly, all but this of it is left out.
const REST_BYTES: u64 = 1024 * 1024;
/// How often it is seen how far behind the reader is.
const LOOK_BYTES: u64 = 4 * 1024 * 1024;
/// How soon a line is seen where the system tells of none.
const LOOK: Duration = Duration::from_millis(250);

/// How long a file may become, in bytes.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    /// Longer is an error.
    AtMost(u64),
    /// What was read of one that is longer is removed.
    EmptiedAt(u64),
}

/// Passes on what is in the file and what comes, until its writer has ended and all is passed on, or nobody reads any
/// more. No `end`: it has ended already.
pub(crate) async fn follow(
    path: &Path,
    length: Length,
    end: Option<&End>,
    mut to: DuplexStream,
) -> io::Result<()> {
    let mut file = tokio::fs::OpenOptions::new().read(true).append(true).open(path).await?;
    // Before the first read: what comes after it is told.
    let growth = Growth::of(path);
    let mut chunk = vec![0; 32 * 1024];
    let (mut passed, mut looked) = (0, 0);
    loop {
        // Before the read: what is written before the end is read after it.
        let is_over = end.is_none_or(End::is_over);
        let read = file.read(&mut chunk).await?;
        passed += read as u64;
        if to.write_all(&chunk[..read]).await.is_err() || (read == 0 && is_over) {
            return Ok(());
        }
        match length {
            Length::EmptiedAt(bytes) if passed > bytes && read == 0 => {
                file.set_len(0).await?;
                file.rewind().await?;
                (passed, looked) = (0, 0);
            }
            Length::EmptiedAt(bytes) if passed > looked + LOOK_BYTES => {
                looked = passed;
                let unread = file.metadata().await?.len().saturating_sub(passed);
                if unread > bytes || passed > 4 * bytes {
                    let rest = catch_up(&mut file, passed, unread).await?;
                    (passed, looked) = (0, 0);
                    // Nobody reading is seen at the next chunk.
                    let _ = to.write_all(&rest).await;
                }
            }
            Length::AtMost(bytes) if passed > bytes => {
                return Err(io::Error::other(format!("it is more than {bytes} bytes")));
            }
            _ => {}
        }
        if let (0, Some(end)) = (read, end) {
            tokio::select! {
                grown = growth.more() => grown?,
                over = end.wait() => over?,
            }
        }
    }
}

/// The end of a file of which `unread` bytes after the first `passed` are too many, under a word about the others. The
/// file is empty after that.
async fn catch_up(file: &mut File, passed: u64, unread: u64) -> io::Result<Vec<u8>> {
    let left_out = unread.saturating_sub(REST_BYTES);
    let mut rest = match left_out {
        0 => Vec::new(),
        _ => format!("\ntrainyard: {left_out} bytes were printed faster than they are read; left out\n")
            .into_bytes(),
    };
    file.seek(io::SeekFrom::Start(passed + left_out)).await?;
    (&mut *file).take(REST_BYTES).read_to_end(&mut rest).await?;
    file.set_len(0).await?;
    file.rewind().await?;
    Ok(rest)
}

/// Tells when a file is written to.
enum Growth {
    Told(AsyncFd<OwnedFd>),
    /// A system has few of what tells (`fs.inotify.max_user_instances`), and somebody else may have them all.
    Looked,
}

impl Growth {
    fn of(path: &Path) -> Growth {
        let told = || -> io::Result<AsyncFd<OwnedFd>> {
            let told = inotify::init(inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC)?;
            inotify::add_watch(&told, path, inotify::WatchFlags::MODIFY)?;
            news::of(told)
        };
        told().map(Growth::Told).unwrap_or_else(|error| {
            tracing::warn!(%error, "no inotify for {}: it is looked at again and again", path.display());
            Growth::Looked
        })
    }

    async fn more(&self) -> io::Result<()> {
        let Growth::Told(told) = self else {
            sleep(LOOK).await;
            return Ok(());
        };
        let mut ready = told.readable().await?;
        // What has happened is always the same.
        let mut events = [0; 4096];
        while rustix::io::read(told.get_ref(), &mut events).is_ok_and(|length| length > 0) {}
        ready.clear_ready();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_console_that_is_read_too_slowly_goes_on_with_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("console");
        let lines: String = (0..300_000).map(|number| format!("line {number}\n")).collect();
        std::fs::write(&path, &lines).unwrap();
        let mut file = tokio::fs::OpenOptions::new().read(true).append(true).open(&path).await.unwrap();
        let passed = 1_000_u64;
        let rest = catch_up(&mut file, passed, lines.len() as u64 - passed).await.unwrap();
        let rest = String::from_utf8(rest).unwrap();
        let left_out = lines.len() as u64 - passed - REST_BYTES;
        assert!(rest.starts_with(&format!("\ntrainyard: {left_out} bytes")), "{}", &rest[..80]);
        assert!(rest.ends_with("line 299998\nline 299999\n"));
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    }
}
