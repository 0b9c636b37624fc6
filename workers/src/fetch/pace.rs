//! How fast a file has to come: a server that gives a byte now and then would hold a worker for as long as it likes.

use std::time::Duration;

use tokio::time::Instant;

/// So many bytes at least in each window of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    pub(crate) bytes_min: u64,
    pub(crate) window: Duration,
}

/// Of a server's: 64 KiB a second, on average over a minute.
pub(crate) const PACE: Pace = Pace { bytes_min: 60 * (64 << 10), window: Duration::from_secs(60) };

/// What came in the window that is under way. Only the time counts in which somebody is listened to.
pub(crate) struct Watch {
    pace: Pace,
    since: Instant,
    /// Of the window, before `since`.
    spent: Duration,
    bytes: u64,
}

impl Watch {
    pub(crate) fn begin(pace: Pace) -> Watch {
        Watch { pace, since: Instant::now(), spent: Duration::ZERO, bytes: 0 }
    }

    pub(crate) fn pause(&mut self) {
        self.spent += self.since.elapsed();
    }

    pub(crate) fn resume(&mut self) {
        self.since = Instant::now();
    }

    /// Takes in what came, and says whether it comes fast enough.
    pub(crate) fn came(&mut self, bytes: u64) -> bool {
        self.bytes += bytes;
        if self.spent + self.since.elapsed() < self.pace.window {
            return true;
        }
        let is_enough = self.bytes >= self.pace.bytes_min;
        *self = Watch::begin(self.pace);
        is_enough
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_window_needs_its_bytes_and_time_alone_is_not_slow() {
        let (mut watch, second) = (Watch::begin(PACE), Duration::from_secs(1));
        for _ in 0..59 {
            advance(second).await;
            assert!(watch.came(64 << 10));
        }
        watch.pause();
        advance(600 * second).await;
        watch.resume();
        advance(second).await;
        assert!(watch.came(64 << 10), "nobody was listened to for ten minutes, and the rest was fast enough");
        advance(59 * second).await;
        assert!(watch.came(1), "the window is not over");
        advance(second).await;
        assert!(!watch.came(1));
    }
}
