//! What NATS and Postgres hold, asked by the projector for whoever watches them, so that they need no exporters.

use std::fmt::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use trainyard_bus::{Bus, StreamFigures};
use trainyard_projections::{DatabaseFigures, Views};

/// How often they are asked.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What was heard last; of a server that does not answer nothing is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerFigures(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    streams: Vec<StreamFigures>,
    database: Option<DatabaseFigures>,
}

impl ServerFigures {
    /// Asks again and again, until told to stop.
    pub(crate) async fn watch(self, bus: Bus, views: Views, stop: CancellationToken) {
        let mut look = tokio::time::interval(LOOK_AGAIN);
        while stop.run_until_cancelled(look.tick()).await.is_some() {
            let (streams, database) = tokio::join!(bus.streams(), views.figures());
            let unknown =
                |error: &dyn std::fmt::Display| debug!(%error, "a server does not say what it holds");
            self.show(Heard {
                streams: streams.inspect_err(|error| unknown(error)).unwrap_or_default(),
                database: database.inspect_err(|error| unknown(error)).ok(),
            });
        }
    }

    fn show(&self, heard: Heard) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = heard;
    }
}

impl Collector for ServerFigures {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        of_streams(&mut encoder, &heard.streams)?;
        heard.database.as_ref().map_or(Ok(()), |database| of_database(&mut encoder, database))
    }
}

fn of_streams(encoder: &mut DescriptorEncoder, streams: &[StreamFigures]) -> Result<(), Error> {
    type Figure = fn(&StreamFigures) -> u64;
    let shown: [(&str, &str, Figure); 5] = [
        ("nats_stream_messages", "Messages in the stream", |stream| stream.messages),
        ("nats_stream_bytes", "What the stream takes on the disk", |stream| stream.bytes),
        ("nats_stream_last_sequence", "Its newest message, ever", |stream| stream.last_sequence),
        ("nats_stream_consumers", "Who reads it, by consumers", |stream| stream.consumers),
        ("nats_stream_replicas_behind", "Members without its newest messages", |stream| {
            stream.replicas_behind
        }),
    ];
    for (name, help, figure) in shown {
        let kind = ConstGauge::new(0u64).metric_type();
        let mut family = encoder.encode_descriptor(name, help, None, kind)?;
        for stream in streams {
            let gauge = ConstGauge::new(figure(stream));
            gauge.encode(family.encode_family(&[("stream", &*stream.stream)])?)?;
        }
    }
    Ok(())
}

fn of_database(encoder: &mut DescriptorEncoder, database: &DatabaseFigures) -> Result<(), Error> {
    let gauges = [
        ("postgres_connections", "Clients of the server", database.connections),
        ("postgres_connections_max", "Clients that it takes", database.connections_max),
    ];
    for (name, help, value) in gauges {
        let gauge = ConstGauge::new(value);
        gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
    }
    let size = ConstGauge::new(database.bytes);
    let help = "What the database of the views takes on the disk";
    size.encode(encoder.encode_descriptor("postgres_size", help, Some(&Unit::Bytes), size.metric_type())?)?;
    let (longest, help) = (database.longest_transaction_seconds, "The oldest transaction that is open");
    let longest = ConstGauge::new(longest);
    let (name, unit) = ("postgres_longest_transaction", Some(&Unit::Seconds));
    longest.encode(encoder.encode_descriptor(name, help, unit, longest.metric_type())?)?;
    let deadlocks = count(database.deadlocks);
    let help = "Transactions that waited for each other";
    deadlocks.encode(encoder.encode_descriptor(
        "postgres_deadlocks",
        help,
        None,
        deadlocks.metric_type(),
    )?)?;
    let kind = count(0).metric_type();
    let mut ended =
        encoder.encode_descriptor("postgres_transactions", "Transactions that ended", None, kind)?;
    for (outcome, value) in [("committed", database.committed), ("rolled_back", database.rolled_back)] {
        count(value).encode(ended.encode_family(&[("outcome", outcome)])?)?;
    }
    let mut read = encoder.encode_descriptor("postgres_blocks_read", "Blocks that were read", None, kind)?;
    for (from, value) in [("disk", database.blocks_from_disk), ("memory", database.blocks_from_memory)] {
        count(value).encode(read.encode_family(&[("from", from)])?)?;
    }
    Ok(())
}

/// Postgres counts in signed numbers.
fn count(value: i64) -> ConstCounter<u64> {
    ConstCounter::new(value.try_into().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;

    fn shown(figures: &ServerFigures) -> String {
        let (mut registry, mut text) = (Registry::default(), String::new());
        registry.register_collector(Box::new(figures.clone()));
        encode(&mut text, &registry).expect("a string takes any text");
        text
    }

    #[test]
    fn what_was_heard_is_shown_and_nothing_of_who_is_silent() {
        let figures = ServerFigures::default();
        let stream = StreamFigures {
            stream: "EVENTS".to_owned(),
            messages: 7,
            bytes: 700,
            last_sequence: 9,
            consumers: 2,
            replicas_behind: 1,
        };
        let database = DatabaseFigures {
            bytes: 1_000,
            connections: 5,
            connections_max: 100,
            committed: 40,
            rolled_back: 2,
            deadlocks: 0,
            blocks_from_disk: 3,
            blocks_from_memory: 997,
            longest_transaction_seconds: 0.5,
        };
        figures.show(Heard { streams: vec![stream], database: Some(database) });
        let text = shown(&figures);
        for line in [
            "nats_stream_messages{stream=\"EVENTS\"} 7",
            "nats_stream_replicas_behind{stream=\"EVENTS\"} 1",
            "postgres_size_bytes 1000",
            "postgres_transactions_total{outcome=\"rolled_back\"} 2",
            "postgres_blocks_read_total{from=\"memory\"} 997",
            "postgres_longest_transaction_seconds 0.5",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        figures.show(Heard::default());
        let text = shown(&figures);
        assert!(!text.contains("EVENTS") && !text.contains("postgres"), "{text}");
    }
}
