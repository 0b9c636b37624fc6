//! Growing pauses between tries, with jitter, so that those who failed together do not come back together.

use std::time::Duration;

/// Twice as long each time.
const DOUBLINGS_MAX: u32 = 16;

/// The pauses between tries at one thing.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    tries: u32,
}

impl Backoff {
    pub const fn new(first: Duration, longest: Duration) -> Backoff {
        Backoff { first, longest, tries: 0 }
    }

    /// Pauses: half the time at least, and all of it at most.
    pub async fn wait(&mut self) {
        let pause = self.pause();
        self.tries = self.tries.saturating_add(1);
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
    }

    /// Tries so far that a pause followed.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// What went well for long enough begins with the first pause again.
    pub fn reset(&mut self) {
        self.tries = 0;
    }

    fn pause(&self) -> Duration {
        self.first.saturating_mul(1 << self.tries.min(DOUBLINGS_MAX)).min(self.longest)
    }
}

/// For a server that is away for a moment.
impl Default for Backoff {
    fn default() -> Backoff {
        Backoff::new(Duration::from_millis(100), Duration::from_secs(3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pauses_grow_to_the_longest_and_begin_again() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(1), ms(5));
        for most in [1, 2, 4, 5, 5].map(ms) {
            assert_eq!(backoff.pause(), most);
            let begun = std::time::Instant::now();
            backoff.wait().await;
            assert!(begun.elapsed() >= most / 2, "{most:?}: {:?}", begun.elapsed());
        }
        assert_eq!(backoff.tries(), 5);
        backoff.reset();
        assert_eq!((backoff.tries(), backoff.pause()), (0, ms(1)));
    }
}
