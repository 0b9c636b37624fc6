//! What can go wrong, drawn from a seed.

use std::fmt;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use trainyard_local::Server;

use super::Plan;
use super::links::Silence;

const HOUR_S: i64 = 3_600;
/// Longer than a lease, and than members of NATS wait for a leader of whom they hear nothing.
const PAST_LEASE: Duration = Duration::from_secs(14);

/// One thing that goes wrong. Whatever is killed comes back by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// SIGKILL to a server.
    KillServer(Server),
    /// SIGSTOP, and SIGCONT after so long.
    FreezeServer(Server, Duration),
    KillRole(String),
    /// Long enough, a frozen worker comes back as a zombie whose lease has run out.
    FreezeRole(String, Duration),
    /// The same of a worker that trains just then.
    FreezeTraining(Duration),
    /// SIGTERM: the role leaves in good order.
    TerminateRole(String),
    /// SIGKILL to one of the trainers, if one runs.
    KillTrainer,
    /// Every connection to the server closes.
    Cut(Server),
    /// The next message in either direction arrives by half, and its connection closes.
    Truncate(Server),
    /// One member of NATS and the others hear nothing of each other, or one side nothing of the other, for so long.
    Partition(usize, Silence, Duration),
    /// The artifact store answers that its disk is full, for so long.
    FillStore(Duration),
    /// No room is left on the disk of a server, for so long.
    FillDisk(Server, Duration),
    /// The wall clock of a role is wrong by so many seconds, for so long, without a warning at either end.
    StepClock(String, i64, Duration),
    /// Every message takes `by` longer for `lasting`.
    Slow {
        server: Server,
        by: Duration,
        lasting: Duration,
    },
    /// Half of the roles leave in good order and come back as the release before this one, for so long.
    OlderRelease(Duration),
}

impl Fault {
    /// The kind, for tables.
    pub fn kind(&self) -> String {
        match self {
            Fault::KillServer(server) => format!("kill {server}"),
            Fault::FreezeServer(server, _) => format!("freeze {server}"),
            Fault::KillRole(role) => format!("kill {}", without_number(role)),
            Fault::FreezeRole(role, _) => format!("freeze {}", without_number(role)),
            Fault::FreezeTraining(_) => "freeze worker".to_owned(),
            Fault::TerminateRole(role) => format!("terminate {}", without_number(role)),
            Fault::KillTrainer => "kill trainer".to_owned(),
            Fault::Cut(server) => format!("cut {server}"),
            Fault::Truncate(server) => format!("truncate {server}"),
            Fault::Partition(_, silence, _) => format!("partition of nats, {silence}"),
            Fault::FillStore(_) => format!("fill {}", Server::S3),
            Fault::FillDisk(server, _) => format!("fill disk of {server}"),
            Fault::StepClock(role, ..) => format!("step clock of {}", without_number(role)),
            Fault::Slow { server, .. } => format!("slow {server}"),
            Fault::OlderRelease(_) => "change to the older release and back".to_owned(),
        }
    }

    /// What every run suffers, whatever its seed draws.
    pub(super) fn certain(plan: &Plan) -> Vec<Fault> {
        let (short, long) = (Duration::from_secs(2), Duration::from_secs(8));
        let mut certain = vec![
            Fault::OlderRelease(PAST_LEASE),
            Fault::StepClock("worker-1".to_owned(), HOUR_S, long),
            Fault::StepClock("dispatcher-1".to_owned(), -HOUR_S, long),
            Fault::FreezeRole("projector-1".to_owned(), PAST_LEASE),
            Fault::KillRole("gateway-1".to_owned()),
            Fault::FreezeTraining(PAST_LEASE),
            Fault::KillRole("feed-1".to_owned()),
            Fault::FillDisk(Server::Nats, short),
            Fault::KillRole("feed-2".to_owned()),
            Fault::FillDisk(Server::Postgres, short),
            Fault::FreezeRole("dispatcher-1".to_owned(), PAST_LEASE),
            Fault::FillDisk(Server::S3, short),
        ];
        if plan.cluster {
            certain.extend([
                Fault::Partition(0, Silence::Both, PAST_LEASE),
                Fault::Partition(1, Silence::Outward, long),
                Fault::Partition(2, Silence::Inward, long),
            ]);
        }
        certain
    }

    /// Any of them, on any of the roles.
    pub(super) fn draw(random: &mut StdRng, plan: &Plan, roles: &[String]) -> Fault {
        let server = Server::ALL[random.random_range(0..Server::ALL.len())];
        let role = roles[random.random_range(0..roles.len())].clone();
        let short = Duration::from_millis(random.random_range(300..4_000));
        match random.random_range(0..21) {
            0 => Fault::KillServer(server),
            1 => Fault::FreezeServer(server, short),
            2..4 => Fault::KillRole(role),
            4 => Fault::FreezeRole(role, if random.random() { short } else { PAST_LEASE }),
            5 => Fault::FreezeTraining(PAST_LEASE),
            6 => Fault::TerminateRole(role),
            7 | 8 => Fault::KillTrainer,
            9 => Fault::Cut(server),
            10 => Fault::Truncate(server),
            11 => Fault::FillStore(short),
            12 => Fault::FillDisk(Server::Nats, short),
            13 => Fault::FillDisk(Server::Postgres, short),
            14 => Fault::FillDisk(Server::S3, short),
            15 => Fault::StepClock(role, if random.random() { HOUR_S } else { -HOUR_S }, short * 3),
            16 => Fault::FreezeServer(server, PAST_LEASE),
            17 => Fault::OlderRelease(short * 4),
            18 | 19 if plan.cluster => {
                let silence = [Silence::Both, Silence::Outward, Silence::Inward][random.random_range(0..3)];
                Fault::Partition(random.random_range(0..3), silence, short * 4)
            }
            _ => Fault::Slow { server, by: Duration::from_millis(80), lasting: short },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::FreezeServer(_, lasting)
            | Fault::Slow { lasting, .. }
            | Fault::FillDisk(_, lasting)
            | Fault::FreezeTraining(lasting)
            | Fault::OlderRelease(lasting)
            | Fault::FillStore(lasting) => write!(out, "{} for {lasting:?}", self.kind()),
            Fault::Partition(member, _, lasting) => {
                write!(out, "{} of member {member} for {lasting:?}", self.kind())
            }
            Fault::StepClock(role, by, lasting) => {
                write!(out, "step clock of {role} by {by} s for {lasting:?}")
            }
            Fault::FreezeRole(role, lasting) => write!(out, "freeze {role} for {lasting:?}"),
            Fault::KillRole(role) => write!(out, "kill {role}"),
            Fault::TerminateRole(role) => write!(out, "terminate {role}"),
            _ => out.write_str(&self.kind()),
        }
    }
}

fn without_number(role: &str) -> &str {
    role.trim_end_matches(|char: char| char.is_ascii_digit() || char == '-')
}
