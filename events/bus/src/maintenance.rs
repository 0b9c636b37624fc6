//! What operators have taken out of work, for whoever works or shows it: folded from the log, and again with each fact.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use trainyard_events::{Admitted, Entry, Event, Maintenance, Quarantine, Recorded, subject};

use crate::link::Link;
use crate::ordered::{From, Ordered, Read};

struct Following {
    facts: Ordered,
    quarantine: Quarantine,
    now: Maintenance,
}

/// As it stands once all facts that there are have been read, then after each; goes on through outages for ever.
pub(crate) fn follow(link: Link) -> BoxStream<'static, Arc<Maintenance>> {
    let filter = subject::events_of("maintenance");
    let facts = Ordered::new(link, subject::EVENTS, filter, From::After(0));
    let following = Following { facts, quarantine: Quarantine::default(), now: Maintenance::default() };
    stream::unfold(following, |mut following| async move {
        let now = following.next().await;
        Some((now, following))
    })
    .boxed()
}

impl Following {
    async fn next(&mut self) -> Arc<Maintenance> {
        loop {
            let waiting = match self.facts.next().await {
                Read::Opened { waiting } => waiting,
                Read::Message(message) => {
                    let entry = Entry::read(message.sequence, &message.subject, &message.payload);
                    match self.quarantine.admit(entry) {
                        Admitted::Event(recorded) => self.take_in(&recorded),
                        Admitted::Released { events, .. } => {
                            events.iter().for_each(|recorded| self.take_in(recorded));
                        }
                        Admitted::Held { .. } | Admitted::Foreign => {}
                    }
                    message.waiting
                }
            };
            if waiting == 0 {
                return Arc::new(self.now.clone());
            }
        }
    }

    fn take_in(&mut self, recorded: &Recorded) {
        if let Event::Maintenance(event) = &recorded.envelope.event {
            self.now.evolve(event, recorded.sequence, &recorded.envelope);
        }
    }
}
