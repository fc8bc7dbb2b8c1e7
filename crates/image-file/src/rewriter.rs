use std::ops::Range;

use crate::{MetadataKind, Removed, StripOptions, Stripped};

/// Writes a new file from ranges of an older one, in their order, and new bytes between them. Adjacent
/// ranges are copied at once; nothing is copied until the files differ.
pub(crate) struct Rewriter<'a> {
    source: &'a [u8],
    copy: Vec<u8>,
    /// The range that is kept, but not copied yet.
    pending: Range<usize>,
    removed: Removed,
    is_completed: bool,
    pub(crate) options: StripOptions,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(source: &'a [u8], options: StripOptions) -> Self {
        Self {
            source,
            copy: Vec::new(),
            pending: 0..0,
            removed: Removed::default(),
            is_completed: false,
            options,
        }
    }

    /// Keeps a range of the source.
    pub(crate) fn keep(&mut self, range: Range<usize>) {
        if range.start == self.pending.end {
            self.pending.end = range.end;
        } else {
            self.flush();
            self.pending = range;
        }
    }

    /// Inserts new bytes.
    pub(crate) fn insert(&mut self, bytes: &[u8]) {
        self.flush();
        self.copy.extend_from_slice(bytes);
    }

    /// Reports metadata of this kind as removed.
    pub(crate) fn remove(&mut self, kind: MetadataKind) {
        self.removed.add(kind);
    }

    /// Inserts the missing end of a file.
    pub(crate) fn complete(&mut self, end: &[u8]) {
        self.is_completed = true;
        self.insert(end);
    }

    /// Returns the new file; `None` if nothing was removed and the file was complete.
    pub(crate) fn finish(mut self) -> Option<Stripped> {
        if self.removed.is_empty() && !self.is_completed {
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
