//! The body of a request: it keeps coming, however slow the line, or the request is over.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// While a body is waited for, each stretch of this length brings so many bytes, or its end. The largest body may take
/// an hour.
const STRETCH: Duration = Duration::from_secs(10);
const STRETCH_BYTES: usize = SLOWEST_BYTES_PER_SECOND * STRETCH.as_secs() as usize;
pub(crate) const SLOWEST_BYTES_PER_SECOND: usize = 4 * 1024;

/// How the body of one request comes. Clones are of the same request.
#[derive(Clone)]
pub(crate) struct Pace(Arc<Mutex<Heard>>);

struct Heard {
    at: Instant,
    is_too_slow: bool,
}

impl Pace {
    pub(crate) fn new() -> Pace {
        Pace(Arc::new(Mutex::new(Heard { at: Instant::now(), is_too_slow: false })))
    }

    /// When something of the body came last; at first when the request did.
    pub(crate) fn heard(&self) -> Instant {
        self.with(|heard| heard.at)
    }

    pub(crate) fn is_too_slow(&self) -> bool {
        self.with(|heard| heard.is_too_slow)
    }

    /// The same body, which ends with an error when it comes too slowly. Whoever reads it does so without a pause.
    pub(crate) fn keep(&self, body: Body) -> Body {
        if body.is_end_stream() {
            return body;
        }
        Body::new(Paced { body, pace: self.clone(), stretch: None, bytes: 0 })
    }

    fn with<T>(&self, look: impl FnOnce(&mut Heard) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Paced {
    body: Body,
    pace: Pace,
    /// From the first moment that it had to be waited for.
    stretch: Option<Pin<Box<Sleep>>>,
    /// In this stretch.
    bytes: usize,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        if let Poll::Ready(frame) = frame {
            if let Some(Ok(frame)) = &frame {
                this.bytes += frame.data_ref().map_or(0, Bytes::len);
                this.pace.with(|heard| heard.at = Instant::now());
            }
            return Poll::Ready(frame);
        }
        let stretch = this.stretch.get_or_insert_with(|| Box::pin(tokio::time::sleep(STRETCH)));
        while stretch.as_mut().poll(cx).is_ready() {
            if this.bytes < STRETCH_BYTES {
                this.pace.with(|heard| heard.is_too_slow = true);
                let error = io::Error::new(io::ErrorKind::TimedOut, "the body comes too slowly");
                return Poll::Ready(Some(Err(axum::Error::new(error))));
            }
            this.bytes = 0;
            stretch.as_mut().reset(Instant::now() + STRETCH);
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;
    use trainyard_events::limits;

    use super::*;

    /// What arrives of a body that brings `bytes` every so many seconds.
    async fn arrives(chunk: usize, every_s: u64, chunks: usize) -> Option<usize> {
        let chunks = stream::unfold(0, move |sent| async move {
            if sent == chunks {
                return None;
            }
            tokio::time::sleep(Duration::from_secs(every_s)).await;
            Some((Ok::<_, Infallible>(Bytes::from(vec![0; chunk])), sent + 1))
        });
        let pace = Pace::new();
        let read = axum::body::to_bytes(pace.keep(Body::from_stream(chunks)), usize::MAX).await;
        assert_eq!(read.is_err(), pace.is_too_slow());
        read.ok().map(|bytes| bytes.len())
    }

    #[tokio::test(start_paused = true)]
    async fn the_largest_body_comes_through_a_slow_line_and_a_trickle_does_not() {
        let begun = Instant::now();
        let largest = limits::REQUEST_BODY_BYTES;
        assert_eq!(arrives(8 * 1024, 1, largest / (8 * 1024)).await, Some(largest));
        assert!(begun.elapsed() > Duration::from_secs(30 * 60), "{:?}", begun.elapsed());
        let begun = Instant::now();
        assert_eq!(arrives(1, 1, 1_000).await, None);
        assert_eq!(arrives(STRETCH_BYTES * 3, 20, 3).await, None, "much at first pays for no silence");
        assert!(begun.elapsed() < STRETCH * 4, "{:?}", begun.elapsed());
        assert_eq!(arrives(100, 8, 1).await, Some(100), "a short one has a stretch for all of it");
        assert_eq!(arrives(0, 8, 0).await, Some(0));
    }
}
