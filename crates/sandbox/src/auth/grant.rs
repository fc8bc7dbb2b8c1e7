//! Scopes of a session token.

use perse_protocol::{Code, Scope};
use serde::{Deserialize, Serialize};

use crate::{error::Failure, store::Account};

/// The account whose token it is, and the scopes and the user that it is restricted to; both are optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// Names of [`Scope`]s, separated by spaces, as in RFC 6749 §3.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_token: Option<String>,
    /// The default one's where none is named, as in tokens that a page's own server signs.
    #[serde(default)]
    account: Account,
}

impl Grant {
    /// # Errors
    ///
    /// [`Code::InvalidRequest`] for a scope that is unknown, and for no scope at all.
    pub(crate) fn new(
        account: Account,
        scope: Option<String>,
        user_token: Option<String>,
    ) -> Result<Self, Failure> {
        if let Some(scope) = &scope {
            let mut names = scope.split(' ');
            if names.any(|name| Scope::parse(name).is_none()) {
                let known = Scope::ALL.map(Scope::as_str).join(", ");
                let message =
                    format!("The field scope takes one or several of {known}, separated by spaces.");
                return Err(Failure::because(Code::InvalidRequest, message));
            }
        }
        Ok(Self { scope, user_token, account })
    }

    /// Restricts a token of the default account to these scopes.
    pub(crate) fn of(scopes: &[Scope]) -> Self {
        let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        Self { scope: Some(names.join(" ")), ..Self::default() }
    }

    /// All that a private key of an account may do.
    pub(crate) fn of_account(account: Account) -> Self {
        Self { account, ..Self::default() }
    }

    /// The account whose users a request may reach.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// # Errors
    ///
    /// [`Code::RequestRefused`] with 403.
    pub(crate) fn check_scope(&self, needed: Scope) -> Result<(), Failure> {
        let is_granted =
            self.scope.as_deref().is_none_or(|scope| scope.split(' ').any(|name| name == needed.as_str()));
        if is_granted {
            Ok(())
        } else {
            Err(Failure::refused("The session token is not good for this call."))
        }
    }

    /// Checks that the token is good for this user; `None` stands for all users, or a new one.
    ///
    /// # Errors
    ///
    /// [`Code::RequestRefused`] with 403.
    pub(crate) fn check_user(&self, user_token: Option<&str>) -> Result<(), Failure> {
        let is_granted = self.user_token.is_none() || self.user_token.as_deref() == user_token;
        if is_granted {
            Ok(())
        } else {
            Err(Failure::refused("The session token is good for another user only."))
        }
    }
}

/// The scope that a route needs.
pub(crate) trait Needs {
    const SCOPE: Scope;
}

macro_rules! needs {
    ($($name:ident),+) => {$(
        /// A route that needs the scope of this name.
        pub(crate) enum $name {}

        impl Needs for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )+};
}

needs!(Detect, Compare, Enrol, Users);

#[cfg(test)]
mod tests {
    use perse_protocol::Scope;

    use super::{Account, Grant};

    fn grant(scope: &str) -> Grant {
        Grant::new(Account::default(), Some(scope.to_owned()), None).unwrap()
    }

    #[test]
    fn a_scope_opens_its_own_calls() {
        for scope in Scope::ALL {
            assert!(Grant::default().check_scope(scope).is_ok());
            let is_open = |of: &Grant| of.check_scope(scope).is_ok();
            assert_eq!(is_open(&grant("detect")), scope == Scope::Detect);
            assert_eq!(is_open(&grant("enrol users")), matches!(scope, Scope::Enrol | Scope::Users));
            assert!(!is_open(&Grant { scope: Some(String::new()), ..Grant::default() }));
        }
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for scope in ["", " ", "all", "detect,compare", "detect  compare", "Detect", "detect\n"] {
            assert!(Grant::new(Account::default(), Some(scope.to_owned()), None).is_err(), "{scope:?}");
        }
    }

    #[test]
    fn a_user_opens_its_own_calls() {
        let any = Grant::default();
        assert!(any.check_user(None).is_ok() && any.check_user(Some("one")).is_ok());
        let one = Grant::new(Account::default(), None, Some("one".to_owned())).unwrap();
        assert!(one.check_user(Some("one")).is_ok());
        assert!(one.check_user(Some("other")).is_err() && one.check_user(None).is_err());
    }
}
