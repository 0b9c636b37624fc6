//! A guard without a program: it removes a folder when its owner has ended, and with it whoever works there.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::line::{Line, is_held};
use crate::program::guard;

/// Servers that lose their owner have 10 s at most to leave.
const WAIT: Timespec = Timespec { tv_sec: 15, tv_nsec: 0 };
const TRIES: u32 = 3;

/// While it lives, the folder stays.
#[derive(Debug)]
pub struct Sweeper {
    _line: Line,
}

/// Has `folder` removed when this process has ended, however it ends, and so have all that work below it.
///
/// # Errors
/// When the guard cannot be started.
pub fn sweep_after_us(folder: &Path) -> io::Result<Sweeper> {
    let (line, guards) = Line::new()?;
    let mut command = guard(&["sweep".into(), folder.into()])?;
    command.stdin(Stdio::from(guards)).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    // Nobody waits for it: it ends after us.
    command.spawn()?;
    Ok(Sweeper { _line: line })
}

pub(crate) fn sweep(mut arguments: impl Iterator<Item = OsString>) -> Result<(), String> {
    let folder = arguments.next().ok_or("the guard is told of no folder")?;
    let folder = Path::new(&folder);
    // Let go, or asked anything at all.
    is_held(true);
    let mut removed = Ok(());
    // Again, should somebody have come to work there meanwhile.
    for _ in 0..TRIES {
        for end in ends_below(folder) {
            let _ = poll(&mut [PollFd::new(&end, PollFlags::IN)], Some(&WAIT));
        }
        removed = fs::remove_dir_all(folder);
        if removed.is_ok() {
            break;
        }
    }
    removed.map_err(|error| format!("{} cannot be removed: {error}", folder.display()))
}

/// Of every process that works in the folder or below it.
fn ends_below(folder: &Path) -> Vec<OwnedFd> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let below = processes.filter(|process| {
        fs::read_link(process.path().join("cwd")).is_ok_and(|works_in| works_in.starts_with(folder))
    });
    let pids = below.filter_map(|process| Pid::from_raw(process.file_name().to_str()?.parse().ok()?));
    pids.filter_map(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()).collect()
}
