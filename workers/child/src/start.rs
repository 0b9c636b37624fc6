//! A guard starts its program.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::orders::Orders;

/// In a process group of its own, in our folder, with our output.
pub(crate) fn start(orders: &Orders) -> io::Result<Child> {
    match command(orders, &orders.path).spawn() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && orders.account.is_some() => {
            // The account may have no way to the program. We have, and an open file is a way.
            let program = File::open(&orders.path)?;
            let open = format!("/proc/self/fd/{}", program.as_raw_fd());
            command(orders, Path::new(&open)).arg0(&orders.path).spawn()
        }
        outcome => outcome,
    }
}

fn command(orders: &Orders, path: &Path) -> Command {
    let mut command = Command::new(path);
    command.args(&orders.arguments).stdin(Stdio::null()).process_group(0);
    if let Some(account) = orders.account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}
