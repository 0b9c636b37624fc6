//! Pure: whose history nobody is likely to need soon.

use trainyard_events::{DatasetEvent, EndpointEvent, Event, JobEvent};

/// Whether an aggregate may leave the log's stream once nothing has happened to it for a while; `newest` is the last thing that did.
///
/// It is a question of speed and of nothing else: a history reads the same wherever it lies, and may go on from there. So a
/// conversation has ended whenever nobody speaks in it, whatever its jobs do, and a job of which something was said long ago and
/// nothing has happened since.
pub(crate) fn has_ended(newest: &Event) -> bool {
    match newest {
        Event::Job(event) => {
            matches!(
                event,
                JobEvent::Finished { .. }
                    | JobEvent::Failed { .. }
                    | JobEvent::Cancelled { .. }
                    | JobEvent::Annotated { .. }
            )
        }
        Event::Chat(_) => true,
        Event::Dataset(event) => matches!(event, DatasetEvent::Deleted { .. }),
        Event::Endpoint(event) => matches!(event, EndpointEvent::Withdrawn { .. }),
        // Asked for all the time, or read by those who know only the stream; and few.
        Event::Model(_) | Event::Tenant(_) | Event::Hook(_) | Event::Maintenance(_) | Event::Log(_) => false,
    }
}
