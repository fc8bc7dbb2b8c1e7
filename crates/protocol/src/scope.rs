//! Scopes of a session token.

/// A kind of call. `POST /login` accepts several, separated by spaces, as `scope`; a token that was issued
/// with some of them is refused elsewhere. Without `scope`, a token is good for every call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Detect faces.
    Detect,
    /// Compare two photos, or a photo and an enrolled user.
    Compare,
    /// Enrol a new user.
    Enrol,
    /// List, update and delete enrolled users.
    Users,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Detect, Self::Compare, Self::Enrol, Self::Users];

    /// The scope's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Detect => "detect",
            Self::Compare => "compare",
            Self::Enrol => "enrol",
            Self::Users => "users",
        }
    }

    /// Returns the scope of a name, if it is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn every_scope_is_found_by_its_own_name() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
        }
        assert_eq!(Scope::parse("all"), None);
    }
}
