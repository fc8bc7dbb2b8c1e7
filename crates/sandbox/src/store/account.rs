//! Whose users they are.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The name of an account. Each has its own private keys and its own users.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Account(String);

impl Account {
    /// The longest name, in characters.
    const MAX_CHARS: usize = 64;

    /// The name, as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Account {
    /// The account of the key that the server is started with.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl FromStr for Account {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let is_name = (1..=Self::MAX_CHARS).contains(&name.len())
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'));
        if is_name {
            Ok(Self(name.to_owned()))
        } else {
            Err("an account's name has 1 to 64 characters: a to z, 0 to 9, `-`, `_` and `.`")
        }
    }
}

impl TryFrom<String> for Account {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<Account> for String {
    fn from(account: Account) -> Self {
        account.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["default", "a", "shop-1_eu.test", &"x".repeat(64)] {
            assert_eq!(good.parse::<Account>().unwrap().as_str(), good);
        }
        for bad in ["", "A", "a b", "ä", "a/b", &"x".repeat(65)] {
            assert!(bad.parse::<Account>().is_err(), "{bad}");
        }
    }
}
