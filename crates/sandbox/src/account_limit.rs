//! Bounds the uploads of one account that an instance works on, so that no account takes all of it.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{error::Failure, store::Account};

/// The pending uploads of each account.
pub(crate) struct AccountLimit {
    most: Option<NonZeroUsize>,
    pending: Arc<Mutex<HashMap<Account, usize>>>,
}

/// An upload that counts until this is dropped.
pub(crate) struct AccountPermit {
    account: Account,
    pending: Arc<Mutex<HashMap<Account, usize>>>,
}

impl AccountLimit {
    /// Lets each account have so many uploads at once; any number without.
    pub(crate) fn new(most: Option<NonZeroUsize>) -> Self {
        Self { most, pending: Arc::default() }
    }

    /// Counts an upload of an account.
    ///
    /// # Errors
    ///
    /// `rate_limited` while the account has as many as it may.
    pub(crate) fn acquire(&self, account: &Account) -> Result<AccountPermit, Failure> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let count = pending.entry(account.clone()).or_default();
        if self.most.is_some_and(|most| *count >= most.get()) {
            return Err(Failure::rate_limited());
        }
        *count += 1;
        Ok(AccountPermit { account: account.clone(), pending: Arc::clone(&self.pending) })
    }
}

impl Drop for AccountPermit {
    fn drop(&mut self) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        match pending.get_mut(&self.account) {
            Some(count) if *count > 1 => *count -= 1,
            // Accounts without uploads take no memory.
            _ => drop(pending.remove(&self.account)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use perse_protocol::Code;

    use super::{Account, AccountLimit};

    #[test]
    fn an_account_has_its_uploads_and_others_have_theirs() {
        let limit = AccountLimit::new(NonZeroUsize::new(2));
        let (one, other) = (Account::default(), "shop".parse().unwrap());
        let first = limit.acquire(&one).unwrap();
        let second = limit.acquire(&one).unwrap();
        assert_eq!(limit.acquire(&one).err().unwrap().code(), Code::RateLimited);
        drop(limit.acquire(&other).unwrap());
        drop(first);
        let third = limit.acquire(&one).unwrap();
        assert!(limit.acquire(&one).is_err());
        drop((second, third));
        assert!(limit.pending.lock().unwrap().is_empty());
        let unlimited = AccountLimit::new(None);
        assert_eq!((0..1000).map_while(|_| unlimited.acquire(&one).ok()).collect::<Vec<_>>().len(), 1000);
    }
}
