//! The address of a client that comes through a proxy.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::serve::PeerAddress;

/// Replaces a trusted proxy's address by the one that it names in `X-Forwarded-For`.
pub(crate) async fn forwarded(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    if let Some(&PeerAddress(peer)) = request.extensions().get() {
        let client = proxies.client(peer, request.headers());
        request.extensions_mut().insert(PeerAddress(client));
    }
    next.run(request).await
}

/// The networks of proxies whose word is taken.
#[derive(Clone)]
pub(crate) struct Proxies(pub(crate) std::sync::Arc<[IpNet]>);

impl Proxies {
    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// Returns the last address that no trusted proxy has: those before it are only what the client says.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let named = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')).map(str::trim);
        let mut client = peer;
        for name in named {
            if !self.contain(client) {
                break;
            }
            // A proxy that names no address stands for its client.
            let Ok(address) = name.parse() else { break };
            client = address;
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::Proxies;

    fn client(peer: &str, lines: &[&str]) -> String {
        let proxies = ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"].map(|network| network.parse().unwrap());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        Proxies(proxies.into()).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_word_of_a_trusted_proxy_is_taken_and_no_other() {
        assert_eq!(client("10.1.2.3", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("::ffff:10.1.2.3", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("fd00::1", &["2001:db8::7"]), "2001:db8::7");
        // Not a proxy of ours: it may say what it likes.
        assert_eq!(client("198.51.100.1", &["203.0.113.7"]), "198.51.100.1");
        assert_eq!(client("10.1.2.3", &[]), "10.1.2.3");
        // The part before the proxies' own is the client's word.
        assert_eq!(client("10.1.2.3", &["1.1.1.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("10.1.2.3", &["1.1.1.1", "203.0.113.7, 192.0.2.1"]), "203.0.113.7");
        assert_eq!(client("10.1.2.3", &["unknown"]), "10.1.2.3");
        assert_eq!(client("10.1.2.3", &["203.0.113.7, nonsense, 192.0.2.1"]), "192.0.2.1");
    }
}
