//! The other processes of a training on several devices: started by the first, told everything by it, and ended with it.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use trainyard_events::reason::Doing;
use trainyard_events::trainer::TrainerLine;
use trainyard_libtorch::Group;

use crate::failure::Failure;
use crate::train::Order;

/// Where a process finds those that it trains with.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// From 1; who starts the others is 0.
    pub rank: usize,
    pub meet: SocketAddr,
}

/// They end when this goes: what they hold, the first has too.
#[derive(Debug, Default)]
pub struct Followers(Vec<Follower>);

#[derive(Debug)]
struct Follower {
    child: Child,
    /// What it says of its end, once its mouth is closed.
    failure: Option<JoinHandle<Option<Failure>>>,
}

impl Followers {
    /// Starts `size - 1` of them with the same order, and waits until all have met. Nobody outside of this machine can come.
    pub fn gather(order: &Order, size: usize) -> Result<(Group, Followers), Failure> {
        let failed = |error| Failure::internal(Doing::StartProcesses, error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let meet = listener.local_addr().map_err(failed)?;
        let mut followers = Followers::default();
        for rank in 1..size {
            followers.0.push(Follower::start(order, Seat { rank, meet }).map_err(failed)?);
        }
        let group = Group::lead(listener, size).map_err(Failure::from);
        match group {
            Ok(group) => Ok((group, followers)),
            Err(failure) => Err(followers.explain(failure)),
        }
    }

    /// Why the training has failed: where the group broke, what was said by the one that broke it.
    pub fn explain(mut self, failure: Failure) -> Failure {
        if !failure.is_of_group() {
            return failure;
        }
        let mut told = self.0.iter_mut().filter_map(Follower::end);
        told.find(|told| !told.is_of_group()).unwrap_or(failure)
    }
}

impl Drop for Followers {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|follower| drop(follower.end()));
    }
}

impl Follower {
    fn start(order: &Order, seat: Seat) -> std::io::Result<Follower> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("train").arg("--spec").arg(&order.spec).arg("--work").arg(&order.work);
        if let Some(resume) = &order.resume {
            command.arg("--resume").arg(resume);
        }
        command.args(["--rank", &seat.rank.to_string(), "--meet", &seat.meet.to_string()]);
        Follower::of(command)
    }

    fn of(mut command: Command) -> std::io::Result<Follower> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let failure = child.stdout.take().map(|stdout| thread::spawn(move || last_failure(stdout)));
        Ok(Follower { child, failure })
    }

    /// Ends it where it has not ended by itself, and returns why it failed if it has.
    fn end(&mut self) -> Option<Failure> {
        let failure = self.failure.take()?;
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("a process of this training does not end: {error}");
        }
        failure.join().ok().flatten()
    }
}

fn last_failure(stdout: ChildStdout) -> Option<Failure> {
    let lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let told = lines.filter_map(|line| serde_json::from_str::<TrainerLine>(&line).ok());
    told.filter_map(Failure::told).last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use trainyard_events::job::FailureClass;
    use trainyard_events::reason::{Advice, Trouble};

    fn of_group() -> Failure {
        let because = Trouble::GroupBroken { text: "closed".to_owned() };
        Failure::new(FailureClass::Device, because, Advice::OtherWorker)
    }

    /// One that says these lines and ends.
    fn saying(lines: &[String]) -> Follower {
        let mut command = Command::new("printf");
        command.arg("%s\\n").args(lines);
        Follower::of(command).unwrap()
    }

    fn line(failure: &Failure) -> String {
        serde_json::to_string(&failure.line()).unwrap()
    }

    #[test]
    fn who_broke_the_group_is_believed_and_nobody_else() {
        let text = "not enough memory".to_owned();
        let why =
            Failure::new(FailureClass::OutOfMemory, Trouble::OutOfMemory { text }, Advice::SmallerBatch);
        let followers = || {
            let followers = [vec![line(&of_group())], vec!["no line".to_owned(), line(&why)], vec![]];
            Followers(followers.iter().map(|lines| saying(lines)).collect())
        };
        let own = Failure::internal(Doing::Finish, trainyard_events::reason::Cause::NoEpochRun);
        // What they have to say is said before their mouths are closed.
        let wait = |followers: Followers| {
            followers.0.iter().for_each(|one| while !one.failure.as_ref().unwrap().is_finished() {});
            followers
        };
        assert_eq!(wait(followers()).explain(of_group()), why);
        assert_eq!(wait(followers()).explain(own.clone()), own);
        assert_eq!(Followers::default().explain(of_group()), of_group());
    }
}
