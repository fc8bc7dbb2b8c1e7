//! What each name has met, in bounded memory and without a token in it.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

use axum::http::HeaderValue;
use serde::Serialize;

/// So many names are remembered; one more, and the oldest is forgotten.
const NAMES: usize = 10_000;
/// So many different tokens are told apart of each.
const TOKENS: usize = 1000;

/// The names that are remembered.
#[derive(Default)]
pub(super) struct Names(Mutex<Known>);

#[derive(Default)]
struct Known {
    names: HashMap<String, Name>,
    /// The same names, the oldest first.
    ages: VecDeque<String>,
    /// Its keys are random and never leave it: a hash tells nothing of a token.
    hash: RandomState,
}

#[derive(Default)]
struct Name {
    requests: u64,
    authorized: u64,
    tokens: HashSet<u64>,
}

/// The answer of `GET /faults/{name}`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Met {
    requests: u64,
    tokens: usize,
    authorized: u64,
}

impl Names {
    /// Counts a request, and says how many there were before it.
    pub(super) fn meet(&self, name: &str, authorization: Option<&HeaderValue>) -> u64 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let token = authorization.map(|value| known.hash.hash_one(value.as_bytes()));
        if !known.names.contains_key(name) {
            if known.ages.len() == NAMES
                && let Some(oldest) = known.ages.pop_front()
            {
                known.names.remove(&oldest);
            }
            known.ages.push_back(name.to_owned());
        }
        let name = known.names.entry(name.to_owned()).or_default();
        if let Some(token) = token {
            name.authorized += 1;
            if name.tokens.len() < TOKENS {
                name.tokens.insert(token);
            }
        }
        name.requests += 1;
        name.requests - 1
    }

    /// What a name has met, which may be nothing.
    pub(super) fn met(&self, name: &str) -> Met {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.names.get(name).map_or_else(Met::default, |name| Met {
            requests: name.requests,
            tokens: name.tokens.len(),
            authorized: name.authorized,
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::{Met, NAMES, Names, TOKENS};

    #[test]
    fn the_oldest_name_is_forgotten() {
        let names = Names::default();
        for number in 0..NAMES {
            assert_eq!(names.meet(&number.to_string(), None), 0);
        }
        assert_eq!(names.meet("0", None), 1);
        assert_eq!(names.meet("one more", None), 0);
        assert_eq!(names.met("0"), Met::default());
        assert_eq!(names.met("1").requests, 1);
        let known = names.0.lock().unwrap();
        assert_eq!((known.names.len(), known.ages.len()), (NAMES, NAMES));
    }

    #[test]
    fn tokens_are_told_apart_but_not_for_ever() {
        let names = Names::default();
        let meet = |token: String| names.meet("a", Some(&HeaderValue::from_str(&token).unwrap()));
        meet("Bearer one".to_owned());
        meet("Bearer two".to_owned());
        meet("Bearer one".to_owned());
        names.meet("a", None);
        assert_eq!(names.met("a"), Met { requests: 4, tokens: 2, authorized: 3 });
        for number in 0..TOKENS {
            meet(format!("Bearer {number}"));
        }
        assert_eq!(names.met("a").tokens, TOKENS);
    }
}
