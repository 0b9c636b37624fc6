//! The guard: a small process between an owner and a program. It starts the program in a process group of its own, and
//! ends that group, and whatever else the program has started, when the program has ended, when it is asked to, or when
//! nobody has held the line for long enough.
//!
//! It is the parent of the program and of every orphan below it, so that no pid that it signals can be a stranger's, and
//! its own end means that nothing of all that is left. It stands outside the group: a signal for the group does not reach
//! it. No async runtime here: a guard is one thread that sleeps.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Child, ExitCode};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process, kill_process_group, set_child_subreaper, wait,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::environment::write_privately;
use crate::exit::Exit;
use crate::family::Family;
use crate::line::{self, is_held, say};
use crate::orders::Orders;
use crate::program::{VERB, we_guard};
use crate::start::start;
use crate::sweep::sweep;
use crate::watch::Watch;
use crate::who::Who;

/// To be called first thing in the `main` of a program that starts children: when it was started as a guard, this does
/// the guard's work and returns how it went.
pub fn if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|verb| verb == VERB) {
        return Some(main(arguments));
    }
    we_guard();
    None
}

/// Does a guard's work, as `arguments` say.
pub fn main(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let done = match arguments.next() {
        Some(verb) if verb == "run" => {
            Orders::read(arguments).and_then(|orders| run(&orders).map_err(|error| error.to_string()))
        }
        Some(verb) if verb == "sweep" => sweep(arguments),
        _ => Err("this is started by Trainyard itself, to guard its children".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("trainyard guard: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(orders: &Orders) -> io::Result<()> {
    ignore_signals()?;
    write_privately();
    set_child_subreaper(Some(getpid()))?;
    line::listen()?;
    if !is_held(false) {
        return Ok(());
    }
    let exit = match start(orders) {
        Ok(child) => watch(orders, child)?,
        Err(error) => {
            eprintln!("trainyard guard: {} cannot be started: {error}", orders.path.display());
            Some(Exit::NOT_STARTED)
        }
    };
    for path in &orders.litter {
        // It may well have removed it itself.
        let _ = std::fs::remove_file(path);
    }
    let Some(exit) = exit else { return Ok(()) };
    say(&exit.to_string());
    orders.exit.as_ref().map_or(Ok(()), |path| note(path, &exit.to_string()))
}

/// Whoever tells the child to leave may tell all of a service: a guard stays until its work is done. The child gets back
/// what it expects, since a handler does not outlive `exec`.
fn ignore_signals() -> io::Result<()> {
    let never_read = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
        signal_hook::flag::register(signal, never_read.clone())?;
    }
    Ok(())
}

/// Returns how the program ended, when nothing is left of it; `None` when nobody wants to know.
fn watch(orders: &Orders, mut child: Child) -> io::Result<Option<Exit>> {
    let leader = Pid::from_child(&child);
    introduce(orders, leader);
    let was_killed = Watch::new(orders, leader).and_then(Watch::until_ended);
    // Whatever went wrong: it does not run on. Its pid is its own until it is waited for, and so is that of its group.
    let _ = kill_process_group(leader, Signal::KILL);
    let status = child.wait()?;
    end_the_rest();
    was_killed.map(|was_killed| (!was_killed).then(|| status.into()))
}

/// Says who runs, for the owner and for who comes after it.
fn introduce(orders: &Orders, leader: Pid) {
    // One that has ended already need not be found again.
    let (Some(guard), Some(leader)) = (Who::now(getpid()), Who::now(leader)) else { return };
    let family = Family { guard, leader };
    if let Some(Err(error)) = orders.noted.as_ref().map(|path| note(path, &family.to_string())) {
        eprintln!("trainyard guard: who runs cannot be noted, so no later life will find it: {error}");
    }
    say(&family.to_string());
}

/// Ends the orphans that came to us: of the group, and of those who have left it.
fn end_the_rest() {
    // Without this list nobody else can be ended, and waiting for them might take for ever.
    while let Ok(children) = std::fs::read_to_string("/proc/thread-self/children") {
        for pid in children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)) {
            let _ = kill_process(pid, Signal::KILL);
        }
        match wait(WaitOptions::empty()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Whole or not at all.
fn note(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    std::fs::write(&beside, text)?;
    std::fs::rename(beside, path)
}
