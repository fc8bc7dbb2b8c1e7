//! How often clients may log in: a token bucket for each network of clients.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Logins that a network may make at once.
pub(super) const BURST: f64 = 100.0;
/// Logins that a network may make each second after that.
pub(super) const PER_SECOND: f64 = 2.0;
/// Networks that are remembered. Beyond that, those that have made no login for long are forgotten.
const MAX_NETWORKS: usize = 10_000;

/// The buckets of one process, in memory.
#[derive(Default)]
pub(super) struct LoginBuckets(Mutex<HashMap<String, Bucket>>);

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

/// Returns how long it takes until a bucket that holds this little holds a login.
pub(super) fn wait(left: f64) -> Duration {
    Duration::from_secs_f64(((1.0 - left) / PER_SECOND).max(0.0))
}

impl LoginBuckets {
    /// Takes from a bucket, which may be overdrawn once; returns how long to wait otherwise.
    pub(super) fn take(&self, network: &str, cost: f64, now: Instant) -> Duration {
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
        bucket.left -= cost;
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LoginBuckets, MAX_NETWORKS};

    #[test]
    fn a_server_of_many_pages_is_served() {
        let (buckets, start) = (LoginBuckets::default(), Instant::now());
        let logins = |now| (0..1000).take_while(|_| buckets.take("a", 1.0, now).is_zero()).count();
        assert_eq!(logins(start), 100);
        assert_eq!(logins(start + Duration::from_secs(10)), 20);
    }

    #[test]
    fn an_overdrawn_bucket_says_how_long_to_wait() {
        let (buckets, start) = (LoginBuckets::default(), Instant::now());
        assert_eq!(buckets.take("a", 109.0, start), Duration::ZERO);
        assert_eq!(buckets.take("a", 1.0, start), Duration::from_secs(5));
        assert_eq!(buckets.take("b", 1.0, start), Duration::ZERO);
        assert_eq!(buckets.take("a", 1.0, start + Duration::from_secs(5)), Duration::ZERO);
    }

    #[test]
    fn networks_are_remembered_in_bounded_memory() {
        let (buckets, now) = (LoginBuckets::default(), Instant::now());
        for number in 0..2 * MAX_NETWORKS {
            buckets.take(&number.to_string(), 1.0, now);
        }
        assert!(buckets.0.lock().unwrap().len() <= MAX_NETWORKS);
    }
}
