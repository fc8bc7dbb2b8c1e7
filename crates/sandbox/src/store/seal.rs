//! Encrypts descriptors, so that a stolen database, backup or disk holds no readable face.

use std::{fmt, str::FromStr};

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, KeyInit, Payload},
};
use sha2::{Digest, Sha256};

use super::Account;

/// Length of a data key, in bytes.
const KEY_BYTES: usize = 32;
/// Length of a nonce of XChaCha20, in bytes: long enough that random ones do not meet.
const NONCE_BYTES: usize = 24;
/// Length of the name that is stored beside what a key has sealed, in bytes.
const ID_BYTES: usize = 8;

/// A key of XChaCha20-Poly1305. Its `Debug` form shows its id alone.
#[derive(Clone)]
pub struct DataKey {
    cipher: XChaCha20Poly1305,
    id: [u8; ID_BYTES],
}

impl DataKey {
    fn new(key: [u8; KEY_BYTES]) -> Self {
        let hash = Sha256::new().chain_update(b"perse data key id").chain_update(key).finalize();
        Self {
            cipher: XChaCha20Poly1305::new(&key.into()),
            id: *hash.first_chunk().unwrap_or(&[0; ID_BYTES]),
        }
    }

    /// The id that names the key, and reveals nothing of it.
    pub(super) fn id(&self) -> &[u8] {
        &self.id
    }

    /// Encrypts the descriptor of a user. Returns a random nonce and the ciphertext; `None` if the system has no
    /// random numbers.
    pub(super) fn seal(&self, account: &Account, user_token: &str, descriptor: &[u8]) -> Option<Vec<u8>> {
        let nonce = XNonce::try_generate().ok()?;
        let aad = owner(account, user_token);
        let sealed = self.cipher.encrypt(&nonce, Payload { msg: descriptor, aad: &aad }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts the descriptor of a user; `None` for what this key did not seal for this user.
    pub(super) fn open(&self, account: &Account, user_token: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let aad = owner(account, user_token);
        self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad }).ok()
    }
}

/// Binds a sealed descriptor to its user: a row that is copied to another one does not open.
fn owner(account: &Account, user_token: &str) -> Vec<u8> {
    // An account's name has no such byte.
    [account.as_str().as_bytes(), b"\0", user_token.as_bytes()].concat()
}

impl FromStr for DataKey {
    type Err = &'static str;

    /// Reads 64 hexadecimal digits, as `openssl rand -hex 32` makes them.
    fn from_str(digits: &str) -> Result<Self, Self::Err> {
        let error = "a data key is 64 hexadecimal digits: make one with `openssl rand -hex 32`";
        let mut key = [0; KEY_BYTES];
        if digits.len() != 2 * KEY_BYTES || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(error);
        }
        for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = str::from_utf8(pair).map_err(|_| error)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| error)?;
        }
        Ok(Self::new(key))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(")?;
        self.id.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::{Account, DataKey};

    #[test]
    fn what_is_sealed_opens_with_its_key_for_its_user_alone() {
        let (key, other) = (key('a'), key('b'));
        let account = Account::default();
        let sealed = key.seal(&account, "user", b"a face").unwrap();
        assert_eq!(key.open(&account, "user", &sealed).unwrap(), b"a face");
        assert_ne!(sealed, key.seal(&account, "user", b"a face").unwrap(), "nonces differ");
        assert!(!sealed.windows(6).any(|window| window == b"a face"));
        assert!(other.open(&account, "user", &sealed).is_none());
        assert!(key.open(&account, "another", &sealed).is_none());
        assert!(key.open(&"shop".parse().unwrap(), "user", &sealed).is_none());
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(key.open(&account, "user", &changed).is_none());
        }
        assert!(key.open(&account, "user", &sealed[..20]).is_none());
    }

    /// The example of draft-irtf-cfrg-xchacha-03, A.3.1, so that other libraries can open what this one sealed.
    #[test]
    fn the_cipher_is_that_of_the_draft() {
        use chacha20poly1305::{
            XChaCha20Poly1305, XNonce,
            aead::{Aead, KeyInit, Payload},
        };
        let key: [u8; 32] = std::array::from_fn(|index| 0x80 + index as u8);
        let nonce: [u8; 24] = std::array::from_fn(|index| 0x40 + index as u8);
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let text =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
            sunscreen would be it.";
        let sealed = XChaCha20Poly1305::new(&key.into())
            .encrypt(&XNonce::from(nonce), Payload { msg: text, aad: &aad })
            .unwrap();
        assert_eq!(sealed[..8], [0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b]);
        let tag =
            [0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49];
        assert_eq!(sealed[sealed.len() - 16..], tag);
    }

    #[test]
    fn a_key_is_64_digits_and_is_not_shown() {
        let key = key('a');
        assert!(!format!("{key:?}").contains("aaaa"), "{key:?}");
        for bad in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(66), &"ä".repeat(32)] {
            assert!(bad.parse::<DataKey>().is_err(), "{bad}");
        }
    }

    fn key(digit: char) -> DataKey {
        digit.to_string().repeat(64).parse().unwrap()
    }
}
