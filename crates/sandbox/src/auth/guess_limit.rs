//! Limits the wrong keys of each network of clients, so that a key cannot be guessed; right keys are not limited. The
//! store counts, so that several servers on one database count together.

use std::net::{IpAddr, Ipv6Addr};

use crate::{error::Failure, store::Store};

/// Refuses an address that has sent too many wrong keys, before its key is looked at. An unknown address is not
/// limited: the router was called without a socket.
///
/// # Errors
///
/// `rate_limited` with the seconds to wait as `Retry-After`.
pub(super) async fn check(store: &Store, address: Option<IpAddr>) -> Result<(), Failure> {
    take(store, address, 0.0).await
}

/// Counts a wrong key.
///
/// # Errors
///
/// When the store fails, or the limit was reached in the meantime: what is wrong is not told before it was counted.
pub(super) async fn punish(store: &Store, address: Option<IpAddr>) -> Result<(), Failure> {
    take(store, address, 1.0).await
}

async fn take(store: &Store, address: Option<IpAddr>, count: f64) -> Result<(), Failure> {
    let Some(address) = address else { return Ok(()) };
    let wait = store.take_guess(&network(address), count).await?;
    if wait.is_zero() {
        return Ok(());
    }
    Err(Failure::rate_limited().retry_after(wait.as_secs_f64().ceil().max(1.0) as u64))
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
