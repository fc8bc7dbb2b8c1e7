//! Token buckets of wrong keys, one for each network of clients: so a key cannot be guessed.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Wrong keys that a network may send at once.
pub(super) const BURST: f64 = 10.0;
/// Wrong keys that it may send each second after that.
pub(super) const PER_SECOND: f64 = 0.2;
/// Networks that are remembered. Beyond that, those that have sent no wrong key for long are forgotten.
const MAX_NETWORKS: usize = 10_000;

/// The buckets of one process, in memory.
#[derive(Default)]
pub(super) struct GuessBuckets(Mutex<HashMap<String, Bucket>>);

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    /// The bucket as it is now.
    fn refilled(self, now: Instant) -> Self {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        Self { left: seconds.mul_add(PER_SECOND, self.left).min(BURST), at: now }
    }
}

/// Returns how long it takes until a bucket that holds this little holds a guess.
pub(super) fn wait(left: f64) -> Duration {
    Duration::from_secs_f64(((1.0 - left) / PER_SECOND).max(0.0))
}

impl GuessBuckets {
    /// Takes a number of guesses, which may be 0, from a bucket; or returns how long to wait until it holds one.
    pub(super) fn take(&self, network: &str, count: f64, now: Instant) -> Duration {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_NETWORKS {
            buckets.retain(|_, bucket| bucket.refilled(now).left < BURST);
        }
        if buckets.len() >= MAX_NETWORKS {
            // All of them are guessing: better to forget them than to grow.
            buckets.clear();
        }
        let bucket = buckets.entry(network.to_owned()).or_insert(Bucket { left: BURST, at: now });
        *bucket = bucket.refilled(now);
        if bucket.left < 1.0 {
            return wait(bucket.left);
        }
        bucket.left -= count;
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{GuessBuckets, MAX_NETWORKS};

    #[test]
    fn ten_wrong_keys_and_then_one_every_five_seconds() {
        let (buckets, start) = (GuessBuckets::default(), Instant::now());
        let guesses = |now| (0..1000).take_while(|_| buckets.take("a", 1.0, now).is_zero()).count();
        assert_eq!(guesses(start), 10);
        assert_eq!(buckets.take("a", 0.0, start), Duration::from_secs(5));
        assert_eq!((1..=60).map(|second| guesses(start + Duration::from_secs(second))).sum::<usize>(), 12);
        // Another network is not concerned, and neither is a right key of this one for long.
        assert!(buckets.take("b", 0.0, start).is_zero());
        assert!((0..1000).all(|_| buckets.take("a", 0.0, start + Duration::from_secs(65)).is_zero()));
    }

    #[test]
    fn networks_are_remembered_in_bounded_memory() {
        let (buckets, now) = (GuessBuckets::default(), Instant::now());
        for number in 0..2 * MAX_NETWORKS {
            buckets.take(&number.to_string(), 1.0, now);
        }
        assert!(buckets.0.lock().unwrap().len() <= MAX_NETWORKS);
    }
}
