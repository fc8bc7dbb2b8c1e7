use std::ops::Range;

use crate::{Kind, Removed, Stripped};

/// A file in the making out of an older one: pieces that stay, in their order, and new ones between
/// them. Pieces that lie side by side are copied at once, and none before something differs.
pub(crate) struct Edit<'a> {
    source: &'a [u8],
    copy: Vec<u8>,
    /// What stays, but is not in `copy` yet.
    pending: Range<usize>,
    removed: Removed,
    /// Whether the orientation stays.
    pub(crate) keeps_orientation: bool,
}

impl<'a> Edit<'a> {
    pub(crate) fn new(source: &'a [u8], keeps_orientation: bool) -> Self {
        Self { source, copy: Vec::new(), pending: 0..0, removed: Removed::default(), keeps_orientation }
    }

    /// This piece stays.
    pub(crate) fn keep(&mut self, piece: Range<usize>) {
        if piece.start == self.pending.end {
            self.pending.end = piece.end;
        } else {
            self.flush();
            self.pending = piece;
        }
    }

    /// These bytes are new.
    pub(crate) fn insert(&mut self, bytes: &[u8]) {
        self.flush();
        self.copy.extend_from_slice(bytes);
    }

    /// Something of this kind does not stay.
    pub(crate) fn remove(&mut self, kind: Kind) {
        self.removed.add(kind);
    }

    /// The new file; `None` if nothing was removed.
    pub(crate) fn finish(mut self) -> Option<Stripped> {
        if self.removed.is_empty() {
            return None;
        }
        self.flush();
        Some(Stripped { bytes: self.copy, removed: self.removed })
    }

    fn flush(&mut self) {
        if self.copy.capacity() == 0 {
            self.copy.reserve_exact(self.source.len() + 64);
        }
        let pending = self.pending.clone();
        self.copy.extend_from_slice(self.source.get(pending).unwrap_or_default());
        self.pending.start = self.pending.end;
    }
}
