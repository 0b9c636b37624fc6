//! How a fault is inflicted on a fleet, and taken away again.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::RngExt;
use rand::rngs::StdRng;
use tokio::time::sleep;
use trainyard_local::Server;

use super::disk::Disk;
use super::fault::Fault;
use super::fleet::{Fleet, TRAINER};
use super::processes::{self, freeze};
use super::proxy::Proxy;
use super::role::Role;
use crate::{binary, previous};

impl Fleet {
    /// Lets it happen, and returns when it is over. False when there was nothing that it could happen to.
    pub(super) async fn suffer(&self, fault: &Fault, random: &mut StdRng) -> bool {
        let role = |name: &String| self.roles.iter().find(|role| role.name == *name);
        match fault {
            Fault::KillServer(server) => {
                self.servers.pid(*server, random).is_some_and(|pid| kill(pid, Signal::SIGKILL).is_ok())
            }
            Fault::FreezeServer(server, lasting) => freeze(self.servers.pid(*server, random), *lasting).await,
            Fault::KillRole(name) => role(name).is_some_and(|role| role.signal(Signal::SIGKILL)),
            Fault::TerminateRole(name) => role(name).is_some_and(|role| role.signal(Signal::SIGTERM)),
            Fault::FreezeRole(name, lasting) => {
                freeze(role(name).and_then(Role::pid).map(Pid::from_raw), *lasting).await
            }
            // Nobody trained when it was to begin.
            Fault::FreezeTraining(_) => false,
            Fault::KillTrainer => self.kill_trainer(random),
            Fault::Cut(server) => self.network(*server, Proxy::cut),
            Fault::Truncate(server) => self.network(*server, Proxy::truncate),
            Fault::Partition(member, silence, lasting) => {
                let Some(links) = self.servers.links() else { return false };
                links.cut(*member, *silence);
                sleep(*lasting).await;
                links.heal(*member, *silence);
                true
            }
            Fault::FillStore(lasting) => {
                self.network(Server::S3, |proxy| proxy.fill(true));
                sleep(*lasting).await;
                self.network(Server::S3, |proxy| proxy.fill(false))
            }
            Fault::FillDisk(server, lasting) => match self.servers.disk(*server) {
                Some(disk) => full_for(disk, *lasting).await,
                None => false,
            },
            Fault::StepClock(name, by_s, lasting) => {
                let stepped = std::fs::write(self.clock(name), by_s.to_string()).is_ok();
                sleep(*lasting).await;
                stepped && std::fs::write(self.clock(name), "0").is_ok()
            }
            Fault::Slow { server, by, lasting } => {
                self.network(*server, |proxy| proxy.delay(*by));
                sleep(*lasting).await;
                self.network(*server, |proxy| proxy.delay(Duration::ZERO))
            }
            Fault::OlderRelease(lasting) => {
                let (Ok(older), Ok(ours)) = (previous(), binary("trainyard")) else { return false };
                self.older().for_each(|role| role.become_program(&older));
                sleep(*lasting).await;
                self.older().for_each(|role| role.become_program(&ours));
                true
            }
        }
    }

    /// The fault with the role that it happens to, which for some is known only when it happens.
    pub(super) fn aimed(&self, fault: Fault) -> Fault {
        let Fault::FreezeTraining(lasting) = fault else { return fault };
        let trains = |role: &&Role| {
            let own = self.path().join(&role.name).join("");
            role.name.starts_with("worker") && !processes::named(&own, TRAINER).is_empty()
        };
        match self.roles.iter().find(trains) {
            Some(role) => Fault::FreezeRole(role.name.clone(), lasting),
            None => fault,
        }
    }

    fn network(&self, server: Server, suffers: impl Fn(&Proxy)) -> bool {
        self.servers.before(server).for_each(suffers);
        true
    }

    fn kill_trainer(&self, random: &mut StdRng) -> bool {
        let trainers = self.trainers();
        if trainers.is_empty() {
            return false;
        }
        let chosen = trainers[random.random_range(0..trainers.len())];
        kill(Pid::from_raw(chosen), Signal::SIGKILL).is_ok()
    }

    /// The half of a fleet that may be of the release before this one: every second of the roles that it had.
    fn older(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter().filter(|Role { name, .. }| {
            let (role, number) = name.rsplit_once('-').unwrap_or((name, ""));
            let is_second = number.parse::<usize>().is_ok_and(|number| number % 2 == 0);
            is_second && ["gateway", "projector", "dispatcher", "worker"].contains(&role)
        })
    }
}

/// False when it could not be filled, or not be emptied again.
async fn full_for(disk: &Disk, lasting: Duration) -> bool {
    let filled = disk.fill().is_ok();
    sleep(lasting).await;
    disk.make_room().is_ok() && filled
}
