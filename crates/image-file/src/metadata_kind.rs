use std::fmt;

/// Kinds of data that a file can hold besides its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MetadataKind {
    /// EXIF: camera, serial numbers, time, the maker's notes.
    Exif,
    /// A location, in EXIF or XMP.
    Gps,
    /// XMP: descriptions by programs.
    Xmp,
    /// Photoshop's block, which holds IPTC: authors, captions, locations.
    Iptc,
    /// Comments, texts and times.
    Comment,
    /// A small copy of the image, perhaps from before it was cropped.
    Thumbnail,
    /// Bytes after the end of the image: another image, a video.
    Trailing,
    /// Other data that a decoder does not need.
    Other,
}

impl MetadataKind {
    /// Lists every kind, in the order of declaration.
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

    /// Returns the name that results report the kind by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exif => "exif",
            Self::Gps => "gps",
            Self::Xmp => "xmp",
            Self::Iptc => "iptc",
            Self::Comment => "comment",
            Self::Thumbnail => "thumbnail",
            Self::Trailing => "trailing",
            Self::Other => "other",
        }
    }
}

/// The kinds of metadata that were removed from a file.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed(u8);

impl Removed {
    /// Returns whether metadata of this kind was removed.
    #[must_use]
    pub fn contains(self, kind: MetadataKind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Returns whether nothing was removed.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Iterates over the kinds, in the order of [`MetadataKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = MetadataKind> {
        MetadataKind::ALL.into_iter().filter(move |&kind| self.contains(kind))
    }

    pub(crate) fn add(&mut self, kind: MetadataKind) {
        self.0 |= bit(kind);
    }
}

impl fmt::Debug for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

fn bit(kind: MetadataKind) -> u8 {
    1 << kind as u8
}
