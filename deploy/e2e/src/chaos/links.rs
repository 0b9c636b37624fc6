//! The ways on which the members of NATS reach each other, so that one of them can be cut off from the others, in one direction
//! or in both.

use std::fmt;
use std::net::SocketAddr;

use anyhow::Result;
use tokio::net::TcpListener;
use trainyard_local::harness::Way;

use super::proxy::{Direction, Proxy};

/// What does not come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Neither what the member says nor what it is told.
    Both,
    /// What the member says.
    Outward,
    /// What the member is told.
    Inward,
}

impl fmt::Display for Silence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Silence::Both => "both ways",
            Silence::Outward => "outward",
            Silence::Inward => "inward",
        })
    }
}

pub(super) struct Links {
    /// Each with the members that dial and are dialled.
    ways: Vec<([usize; 2], Proxy)>,
    /// Listens and answers nobody: members tell each other of this address, where else they would soon talk past the ways.
    _nowhere: TcpListener,
}

impl Links {
    /// Between members that listen on these ports. Returns what each of them is told.
    pub(super) async fn lay(ports: [u16; 3]) -> Result<(Links, [Way; 3])> {
        let nowhere = TcpListener::bind("127.0.0.1:0").await?;
        let told = nowhere.local_addr()?.port();
        let mut ways = Vec::new();
        let mut told_to = [(); 3].map(|()| Way { others: Vec::new(), told });
        for (from, way) in told_to.iter_mut().enumerate() {
            for (to, port) in ports.into_iter().enumerate().filter(|(to, _)| *to != from) {
                let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], port))).await?;
                way.others.push(proxy.address.port());
                ways.push(([from, to], proxy));
            }
        }
        Ok((Links { ways, _nowhere: nowhere }, told_to))
    }

    /// From here on nothing comes through in these directions, until `heal`.
    pub(super) fn cut(&self, member: usize, silence: Silence) {
        self.each(member, silence, Proxy::hold);
    }

    /// What was said meanwhile arrives late, as a network delivers it that had lost its way.
    pub(super) fn heal(&self, member: usize, silence: Silence) {
        self.each(member, silence, Proxy::release);
    }

    fn each(&self, member: usize, silence: Silence, change: fn(&Proxy, Direction)) {
        for ([from, to], proxy) in &self.ways {
            let (outward, inward) = match member {
                dials if dials == *from => (Direction::There, Direction::Back),
                dialled if dialled == *to => (Direction::Back, Direction::There),
                _ => continue,
            };
            if silence != Silence::Inward {
                change(proxy, outward);
            }
            if silence != Silence::Outward {
                change(proxy, inward);
            }
        }
    }
}
