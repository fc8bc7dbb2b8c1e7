//! JPEG (ITU-T T.81 annex B): segments, and scans of entropy-coded data between them.

use std::ops::Range;

use crate::{
    HeaderError, Kind, Stripped,
    edit::Edit,
    exif::{self, Reduced},
    header::Size,
    read,
};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const COM: u8 = 0xFE;

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/";

pub(crate) fn header(bytes: &[u8]) -> Result<Size, HeaderError> {
    let mut walk = Walk::new(bytes);
    let mut size = None;
    let mut orientation = None;
    loop {
        match walk.next() {
            Piece::Segment { marker, range } => {
                let data = walk.data(&range);
                match marker {
                    // SOFn; C4, C8 and CC are other things.
                    0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                        let side = |at| read::be16(data, at).ok_or(HeaderError::Corrupt);
                        size = size.or(Some((side(3)?, side(1)?)));
                    }
                    0xE1 => orientation = orientation.or(data.strip_prefix(EXIF).map(exif::orientation)),
                    SOS => break,
                    _ => {}
                }
            }
            Piece::Junk => {}
            Piece::Cut if size.is_none() => return Err(HeaderError::Truncated),
            _ => break,
        }
    }
    let (width, height) = size.ok_or(HeaderError::Corrupt)?;
    Ok((width.into(), height.into(), orientation.unwrap_or_default()))
}

/// Takes the name from every EXIF segment, so that no decoder sees one. Bytes that are no JPEG stay
/// as they are.
pub(crate) fn hide_exif(bytes: &mut [u8]) {
    let mut walk = Walk::new(bytes);
    let mut blocks = Vec::new();
    while let Piece::Segment { marker, range } = walk.next() {
        if marker == 0xE1 && walk.data(&range).starts_with(EXIF) {
            blocks.push(range.start + 4);
        }
    }
    for start in blocks {
        if let Some(name) = bytes.get_mut(start..start + EXIF.len()) {
            name.fill(0);
        }
    }
}

/// `None` if it is damaged before its first scan.
pub(crate) fn strip(bytes: &[u8], keeps_orientation: bool) -> Option<Option<Stripped>> {
    let mut edit = Edit::new(bytes, keeps_orientation);
    edit.keep(0..2);
    let mut walk = Walk::new(bytes);
    let mut has_exif = false;
    let mut has_scan = false;
    loop {
        match walk.next() {
            Piece::Segment { marker: 0xE1, range } if !has_exif && !has_scan => {
                match walk.data(&range).strip_prefix(EXIF) {
                    Some(block) => {
                        has_exif = true;
                        reduce_exif(block, range, &mut edit);
                    }
                    None => segment(0xE1, walk.data(&range), range, &mut edit),
                }
            }
            Piece::Segment { marker, range } => segment(marker, walk.data(&range), range, &mut edit),
            Piece::Scan(range) => {
                has_scan = true;
                edit.keep(range);
            }
            Piece::Junk => edit.remove(Kind::Other),
            Piece::End(_) | Piece::Cut if !has_scan => return None,
            Piece::End(range) => {
                if range.end < bytes.len() {
                    edit.remove(Kind::Trailing);
                }
                edit.keep(range);
                break;
            }
            Piece::Cut => {
                if !walk.rest().is_empty() {
                    edit.remove(Kind::Other);
                }
                break;
            }
        }
    }
    Some(edit.finish())
}

/// The first EXIF segment, of which the orientation stays.
fn reduce_exif(block: &[u8], range: Range<usize>, edit: &mut Edit) {
    match exif::reduce(block, edit) {
        Reduced::Same => edit.keep(range),
        Reduced::Orientation(least) => {
            edit.insert(b"\xFF\xE1\0\x22Exif\0\0");
            edit.insert(&least);
        }
        Reduced::Nothing => {}
    }
}

/// Any other segment: it stays if a decoder has need of it.
fn segment(marker: u8, data: &[u8], range: Range<usize>, edit: &mut Edit) {
    match marker {
        // Frames, tables, scans.
        0xC0..=0xDF => edit.keep(range),
        // JFIF: density, and perhaps a thumbnail behind it.
        0xE0 if data.starts_with(b"JFIF\0") => jfif(data, range, edit),
        0xE0 if data.starts_with(b"JFXX\0") => edit.remove(Kind::Thumbnail),
        0xE1 if data.starts_with(EXIF) => edit.remove(Kind::Exif),
        0xE1 if data.starts_with(XMP) => exif::remove_xmp(data, edit),
        0xE2 if data.starts_with(b"ICC_PROFILE\0") => edit.keep(range),
        0xED if data.starts_with(b"Photoshop ") => edit.remove(Kind::Iptc),
        0xEE if data.starts_with(b"Adobe") => adobe(data, range, edit),
        COM => edit.remove(Kind::Comment),
        _ => edit.remove(Kind::Other),
    }
}

/// JFIF (ITU-T T.871 §10.1): version and density stay, but not the thumbnail behind them.
fn jfif(data: &[u8], range: Range<usize>, edit: &mut Edit) {
    match data.split_at_checked(12) {
        Some((_, [0, 0])) => edit.keep(range),
        Some((density, [_, _, ..])) => {
            edit.remove(Kind::Thumbnail);
            edit.insert(&[0xFF, 0xE0, 0, 16]);
            edit.insert(density);
            edit.insert(&[0, 0]);
        }
        _ => edit.remove(Kind::Other),
    }
}

/// Adobe (ITU-T T.872 §6.5.3): which colours the components are, and nothing behind it.
fn adobe(data: &[u8], range: Range<usize>, edit: &mut Edit) {
    match data.split_at_checked(12) {
        Some((_, [])) => edit.keep(range),
        Some((colours, _)) => {
            edit.remove(Kind::Other);
            edit.insert(&[0xFF, 0xEE, 0, 14]);
            edit.insert(colours);
        }
        None => edit.remove(Kind::Other),
    }
}

enum Piece {
    /// Marker, length and data; `range` begins with the marker's 0xFF.
    Segment { marker: u8, range: Range<usize> },
    /// Entropy-coded data with its restart markers, up to the next marker of another kind.
    Scan(Range<usize>),
    /// Bytes between segments that decoders pass over.
    Junk,
    /// The end of the image: the range of its EOI marker, empty where another image begins instead.
    End(Range<usize>),
    /// The bytes end without an end of the image, perhaps within a segment.
    Cut,
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    is_in_scan: bool,
}

impl<'a> Walk<'a> {
    /// Begins behind the SOI marker.
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 2, is_in_scan: false }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// What is in a segment behind marker and length.
    fn data(&self, segment: &Range<usize>) -> &'a [u8] {
        self.bytes.get(segment.start + 4..segment.end).unwrap_or_default()
    }

    fn next(&mut self) -> Piece {
        let start = self.at;
        if self.is_in_scan {
            self.is_in_scan = false;
            self.at += scan_length(self.rest());
            return Piece::Scan(start..self.at);
        }
        let rest = self.rest();
        let Some(first) = rest.first() else { return Piece::Cut };
        if *first != 0xFF {
            self.at += rest.iter().position(|&byte| byte == 0xFF).unwrap_or(rest.len());
            return Piece::Junk;
        }
        // Any number of 0xFF may fill the space before a marker.
        let Some(fill) = rest.iter().position(|&byte| byte != 0xFF) else { return Piece::Cut };
        let start = start + fill - 1;
        let Some(&marker) = rest.get(fill) else { return Piece::Cut };
        match marker {
            EOI => Piece::End(start..start + 2),
            SOI => Piece::End(start..start),
            // No marker at all, and those that stand alone.
            0x00 | 0x01 | 0xD0..=0xD7 => {
                self.at = start + 2;
                Piece::Junk
            }
            _ => {
                let length = read::be16(self.bytes, start + 2).unwrap_or_default() as usize;
                let end = start + 2 + length;
                if length < 2 || end > self.bytes.len() {
                    return Piece::Cut;
                }
                self.at = end;
                self.is_in_scan = marker == SOS;
                Piece::Segment { marker, range: start..end }
            }
        }
    }
}

/// How far entropy-coded data goes. Within it 0xFF is followed by 0 or is part of a restart marker.
fn scan_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(found) = rest.iter().position(|&byte| byte == 0xFF) else { return bytes.len() };
        let marker = rest.get(found..).unwrap_or_default().iter().position(|&byte| byte != 0xFF);
        let Some(fill) = marker else { return bytes.len() };
        if !matches!(rest.get(found + fill), Some(0x00 | 0xD0..=0xD7)) {
            return at + found;
        }
        at += found + fill + 1;
    }
}
