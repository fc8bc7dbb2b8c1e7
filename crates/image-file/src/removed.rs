use std::fmt;

/// What a file can hold besides its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// EXIF: camera, serial numbers, time, the maker's notes.
    Exif,
    /// A place on earth, in EXIF or XMP.
    Gps,
    /// XMP: what programs wrote about the picture.
    Xmp,
    /// Photoshop's block, which holds IPTC: authors, captions, places.
    Iptc,
    /// Comments, texts and times.
    Comment,
    /// A small copy of the picture, perhaps of what it was before it was cropped.
    Thumbnail,
    /// What follows after the end of the picture: another picture, a video.
    Trailing,
    /// Whatever else a decoder has no need of.
    Other,
}

impl Kind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 8] = [
        Self::Exif,
        Self::Gps,
        Self::Xmp,
        Self::Iptc,
        Self::Comment,
        Self::Thumbnail,
        Self::Trailing,
        Self::Other,
    ];
}

/// The kinds of what was removed from a file.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed(u8);

impl Removed {
    /// Whether something of this kind was removed.
    #[must_use]
    pub fn contains(self, kind: Kind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Whether nothing was removed.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in the order of [`Kind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |&kind| self.contains(kind))
    }

    pub(crate) fn add(&mut self, kind: Kind) {
        self.0 |= bit(kind);
    }
}

impl fmt::Debug for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

fn bit(kind: Kind) -> u8 {
    1 << kind as u8
}
