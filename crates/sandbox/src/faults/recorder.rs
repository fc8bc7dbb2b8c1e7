//! Counts the requests of each name, in bounded memory and without a token in it.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

use axum::http::HeaderValue;
use serde::Serialize;

/// Largest number of names; with one more the oldest is forgotten.
const NAMES: usize = 10_000;
/// Largest number of tokens that are told apart for each name.
const TOKENS: usize = 1000;

/// The names that are remembered.
#[derive(Default)]
pub(super) struct Recorder(Mutex<Known>);

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

/// The response of `GET /faults/{name}`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    requests: u64,
    tokens: usize,
    authorized: u64,
}

impl Recorder {
    /// Counts a request, and says how many there were before it.
    pub(super) fn record(&self, name: &str, authorization: Option<&HeaderValue>) -> u64 {
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

    /// Returns the counts of a name, which may be zero.
    pub(super) fn counts(&self, name: &str) -> Counts {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.names.get(name).map_or_else(Counts::default, |name| Counts {
            requests: name.requests,
            tokens: name.tokens.len(),
            authorized: name.authorized,
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::{Counts, NAMES, Recorder, TOKENS};

    #[test]
    fn the_oldest_name_is_forgotten() {
        let names = Recorder::default();
        for number in 0..NAMES {
            assert_eq!(names.record(&number.to_string(), None), 0);
        }
        assert_eq!(names.record("0", None), 1);
        assert_eq!(names.record("one more", None), 0);
        assert_eq!(names.counts("0"), Counts::default());
        assert_eq!(names.counts("1").requests, 1);
        let known = names.0.lock().unwrap();
        assert_eq!((known.names.len(), known.ages.len()), (NAMES, NAMES));
    }

    #[test]
    fn tokens_are_told_apart_but_not_for_ever() {
        let names = Recorder::default();
        let record = |token: String| names.record("a", Some(&HeaderValue::from_str(&token).unwrap()));
        record("Bearer one".to_owned());
        record("Bearer two".to_owned());
        record("Bearer one".to_owned());
        names.record("a", None);
        assert_eq!(names.counts("a"), Counts { requests: 4, tokens: 2, authorized: 3 });
        for number in 0..TOKENS {
            record(format!("Bearer {number}"));
        }
        assert_eq!(names.counts("a").tokens, TOKENS);
    }
}
