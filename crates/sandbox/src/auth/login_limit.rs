//! Limits the logins of each address, so that a key cannot be guessed.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use perse_protocol::Code;

use crate::error::Failure;

/// Logins that an address may make at once.
const BURST: f64 = 100.0;
/// Logins that an address may make each second after that.
const PER_SECOND: f64 = 2.0;
/// Cost of a wrong key, in logins: ten guesses, then one every five seconds.
const WRONG_KEY_COST: f64 = 10.0;
/// Addresses that are remembered. Beyond that, those that have made no login for long are forgotten.
const MAX_ADDRESSES: usize = 10_000;

/// A token bucket for each address (IPv6: for each /64 network, which one host may own).
#[derive(Default)]
pub(crate) struct LoginLimit(Mutex<HashMap<IpAddr, Bucket>>);

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

impl LoginLimit {
    /// Counts a login before its key is looked at. An unknown address is not limited: the router was called
    /// without a socket.
    ///
    /// # Errors
    ///
    /// [`Code::RateLimited`] with the seconds to wait as `Retry-After`.
    pub(crate) fn check(&self, address: Option<IpAddr>, now: Instant) -> Result<(), Failure> {
        let wait = address.map_or(Duration::ZERO, |address| self.take(address, 1.0, now));
        if wait.is_zero() { Ok(()) } else { Err(Failure::rate_limited(wait)) }
    }

    /// Refuses an address that has guessed too often, without counting anything.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub(crate) fn peek(&self, address: Option<IpAddr>, now: Instant) -> Result<(), Failure> {
        let wait = address.map_or(Duration::ZERO, |address| self.take(address, 0.0, now));
        if wait.is_zero() { Ok(()) } else { Err(Failure::rate_limited(wait)) }
    }

    /// Counts a wrong key.
    pub(crate) fn punish(&self, address: Option<IpAddr>, now: Instant) {
        if let Some(address) = address {
            // The login itself was counted before.
            self.take(address, WRONG_KEY_COST - 1.0, now);
        }
    }

    /// Takes from an address's bucket, which may be overdrawn once; returns how long to wait otherwise.
    fn take(&self, address: IpAddr, cost: f64, now: Instant) -> Duration {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_ADDRESSES {
            buckets.retain(|_, bucket| bucket.refilled(now).left < BURST);
        }
        if buckets.len() >= MAX_ADDRESSES {
            // All of them are guessing: better to forget them than to grow.
            buckets.clear();
        }
        let bucket = buckets.entry(network(address)).or_insert(Bucket { left: BURST, at: now });
        *bucket = bucket.refilled(now);
        if bucket.left < 1.0 {
            return Duration::from_secs_f64((1.0 - bucket.left) / PER_SECOND);
        }
        bucket.left -= cost;
        Duration::ZERO
    }
}

/// Returns what is limited as one: an IPv4 address, or the /64 network of an IPv6 one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

impl Failure {
    fn rate_limited(wait: Duration) -> Self {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        Self::from(Code::RateLimited).with_status(StatusCode::TOO_MANY_REQUESTS).retry_after(seconds)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LoginLimit, MAX_ADDRESSES};

    #[test]
    fn ten_wrong_keys_and_then_one_every_five_seconds() {
        let (limit, start) = (LoginLimit::default(), Instant::now());
        let attacker = "203.0.113.7".parse().ok();
        let guess = |now| {
            limit.check(attacker, now)?;
            limit.punish(attacker, now);
            Ok::<_, crate::error::Failure>(())
        };
        let guesses = |now| (0..1000).take_while(|_| guess(now).is_ok()).count();
        assert_eq!(guesses(start), 10);
        assert_eq!(guesses(start + Duration::from_secs(60)), 10);
        assert_eq!((60..110).map(|second| guesses(start + Duration::from_secs(second))).sum::<usize>(), 10);
        // Another address is not concerned, and neither is a right key of this one for long.
        assert!(limit.check("203.0.113.8".parse().ok(), start).is_ok());
        assert!(limit.check(attacker, start + Duration::from_secs(120)).is_ok());
    }

    #[test]
    fn a_server_of_many_pages_is_served() {
        let (limit, start) = (LoginLimit::default(), Instant::now());
        let address = "127.0.0.1".parse().ok();
        let logins = |now| (0..1000).take_while(|_| limit.check(address, now).is_ok()).count();
        assert_eq!(logins(start), 100);
        assert_eq!(logins(start + Duration::from_secs(10)), 20);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_ipv4_is_itself() {
        let (limit, now) = (LoginLimit::default(), Instant::now());
        for host in 0..100 {
            limit.check(format!("2001:db8::{host:x}").parse().ok(), now).unwrap();
        }
        assert!(limit.check("2001:db8::ffff".parse().ok(), now).is_err());
        assert!(limit.check("2001:db8:0:1::1".parse().ok(), now).is_ok());
        for _ in 0..100 {
            limit.check("::ffff:192.0.2.1".parse().ok(), now).unwrap();
        }
        assert!(limit.check("192.0.2.1".parse().ok(), now).is_err());
        assert!(limit.check("192.0.2.2".parse().ok(), now).is_ok());
        assert!((0..1000).all(|_| limit.check(None, now).is_ok()));
    }

    #[test]
    fn addresses_are_remembered_in_bounded_memory() {
        let (limit, now) = (LoginLimit::default(), Instant::now());
        for number in 0..2 * u32::try_from(MAX_ADDRESSES).unwrap() {
            let _ = limit.check(Some(std::net::Ipv4Addr::from_bits(number).into()), now);
        }
        assert!(limit.0.lock().unwrap().len() <= MAX_ADDRESSES);
    }
}
