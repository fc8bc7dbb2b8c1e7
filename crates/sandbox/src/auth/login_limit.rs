//! Limits the logins of each network of clients, so that a key cannot be guessed. The store counts them, so that
//! several servers on one database count together.

use std::net::{IpAddr, Ipv6Addr};

use crate::{error::Failure, store::Store};

/// Cost of a wrong key, in logins: ten guesses, then one every five seconds.
const WRONG_KEY_COST: f64 = 10.0;

/// Counts a login before its key is looked at. An unknown address is not limited: the router was called
/// without a socket.
///
/// # Errors
///
/// `rate_limited` with the seconds to wait as `Retry-After`.
pub(super) async fn check(store: &Store, address: Option<IpAddr>) -> Result<(), Failure> {
    take(store, address, 1.0).await
}

/// Refuses an address that has guessed too often, without counting anything.
///
/// # Errors
///
/// As [`check`].
pub(super) async fn peek(store: &Store, address: Option<IpAddr>) -> Result<(), Failure> {
    take(store, address, 0.0).await
}

/// Counts a wrong key.
///
/// # Errors
///
/// When the store fails: a wrong key is not told before it was counted.
pub(super) async fn punish(store: &Store, address: Option<IpAddr>) -> Result<(), Failure> {
    let Some(address) = address else { return Ok(()) };
    // The login itself was counted before.
    store.take_logins(&network(address), WRONG_KEY_COST - 1.0).await.map(drop)
}

async fn take(store: &Store, address: Option<IpAddr>, cost: f64) -> Result<(), Failure> {
    let Some(address) = address else { return Ok(()) };
    let wait = store.take_logins(&network(address), cost).await?;
    if wait.is_zero() {
        Ok(())
    } else {
        Err(Failure::rate_limited().retry_after(wait.as_secs_f64().ceil().max(1.0) as u64))
    }
}

/// Returns what is limited as one: an IPv4 address, or the /64 network of an IPv6 one, which one host may own.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).to_string(),
        address => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_network_of_ipv6_is_one_address_and_ipv4_is_itself() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
