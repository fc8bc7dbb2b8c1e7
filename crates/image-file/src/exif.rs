//! The few things in an EXIF block (a TIFF structure, CIPA DC-008 §4.6) that matter here.

use crate::{MetadataKind, Orientation, bytes, rewriter::Rewriter};

const WIDTH: u16 = 0x0100;
const HEIGHT: u16 = 0x0101;
const ORIENTATION: u16 = 0x0112;
const GPS: u16 = 0x8825;

const SHORT: u16 = 3;
const LONG: u16 = 4;

const ENTRY: usize = 12;

/// The part of an EXIF block that goes into the stripped file.
pub(crate) enum Reduced {
    /// The block, which says the orientation and nothing else.
    Same,
    /// This instead of it.
    Orientation([u8; 26]),
    /// Nothing: the picture is upright.
    Nothing,
}

/// Reduces a block to the orientation, and notes what else was in it.
pub(crate) fn reduce(block: &[u8], rewriter: &mut Rewriter) -> Reduced {
    let tiff = Tiff::new(block);
    let orientation = tiff
        .as_ref()
        .filter(|_| rewriter.options.keep_orientation)
        .map(Tiff::orientation)
        .unwrap_or_default();
    let least = orientation_only(orientation);
    if orientation != Orientation::NoTransforms && block == least {
        return Reduced::Same;
    }
    rewriter.remove(MetadataKind::Exif);
    if let Some(tiff) = tiff {
        if tiff.entry(GPS).is_some() {
            rewriter.remove(MetadataKind::Gps);
        }
        if tiff.has_thumbnail() {
            rewriter.remove(MetadataKind::Thumbnail);
        }
    }
    if orientation == Orientation::NoTransforms { Reduced::Nothing } else { Reduced::Orientation(least) }
}

/// Notes that XMP does not stay, nor the place in it.
pub(crate) fn remove_xmp(xmp: &[u8], rewriter: &mut Rewriter) {
    rewriter.remove(MetadataKind::Xmp);
    const PLACE: &[u8] = b"GPSL";
    if xmp.windows(PLACE.len()).any(|window| window == PLACE) {
        rewriter.remove(MetadataKind::Gps);
    }
}

/// The orientation that a block says.
pub(crate) fn orientation(block: &[u8]) -> Orientation {
    Tiff::new(block).map(|tiff| tiff.orientation()).unwrap_or_default()
}

/// Width, height and orientation of a TIFF file; `None` if its first directory lacks them.
pub(crate) fn tiff_header(file: &[u8]) -> Option<(u32, u32, Orientation)> {
    let tiff = Tiff::new(file)?;
    let side = |tag| tiff.number(tiff.entry(tag)?);
    Some((side(WIDTH)?, side(HEIGHT)?, tiff.orientation()))
}

/// The block that says nothing but this.
fn orientation_only(orientation: Orientation) -> [u8; 26] {
    let mut block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    block[19] = orientation.exif();
    block
}

struct Tiff<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
    /// The entries of the first directory, 12 bytes each.
    entries: &'a [[u8; ENTRY]],
    /// Offset of the number of the next directory.
    next: usize,
}

impl<'a> Tiff<'a> {
    fn new(block: &'a [u8]) -> Option<Self> {
        // Some programs write JPEG's prefix in other files, too.
        let bytes = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
        let is_big_endian = match bytes.first_chunk()? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        let mut tiff = Self { bytes, is_big_endian, entries: &[], next: 0 };
        let start = tiff.u32(bytes, 4)? as usize;
        let count = tiff.u16(bytes, start)? as usize;
        let directory = bytes.get(start.checked_add(2)?..)?;
        // Those that are there, if the block was cut off.
        let entries = directory.as_chunks().0;
        tiff.entries = entries.get(..count).unwrap_or(entries);
        tiff.next = start.saturating_add(2 + ENTRY * count);
        Some(tiff)
    }

    fn orientation(&self) -> Orientation {
        // As browsers do it: one SHORT, or it does not count.
        self.entry(ORIENTATION)
            .filter(|entry| self.u16(*entry, 2) == Some(SHORT) && self.u32(*entry, 4) == Some(1))
            .and_then(|entry| Orientation::from_exif(self.u16(entry, 8)?))
            .unwrap_or_default()
    }

    /// Thumbnails are in a second directory.
    fn has_thumbnail(&self) -> bool {
        self.u32(self.bytes, self.next).is_some_and(|next| next != 0)
    }

    fn entry(&self, tag: u16) -> Option<&'a [u8; ENTRY]> {
        self.entries.iter().find(|entry| self.u16(*entry, 0) == Some(tag))
    }

    fn number(&self, entry: &[u8]) -> Option<u32> {
        match self.u16(entry, 2)? {
            SHORT => self.u16(entry, 8).map(u32::from),
            LONG => self.u32(entry, 8),
            _ => None,
        }
    }

    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        if self.is_big_endian { bytes::be16(bytes, at) } else { bytes::le16(bytes, at) }
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        if self.is_big_endian { bytes::be32(bytes, at) } else { bytes::le32(bytes, at) }
    }
}
