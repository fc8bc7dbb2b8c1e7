//! JPEG (ITU-T T.81 annex B): segments, and scans of entropy-coded data between them.

use std::ops::Range;

use crate::{
    HeaderError, MetadataKind, StripOptions, Stripped, bytes,
    exif::{self, Reduced},
    header::Size,
    rewriter::Rewriter,
};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const COM: u8 = 0xFE;

/// The name of an EXIF block. A byte follows that should be 0; some cameras write 0xFF, and browsers ignore it.
const EXIF: &[u8] = b"Exif\0";
const XMP: &[u8] = b"http://ns.adobe.com/";

pub(crate) fn header(bytes: &[u8]) -> Result<Size, HeaderError> {
    let mut segments = SegmentReader::new(bytes);
    let mut size = None;
    let mut orientation = None;
    loop {
        match segments.next() {
            Part::Segment { marker, range } => {
                let data = segments.data(&range);
                match marker {
                    // SOFn; C4, C8 and CC are other things.
                    0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                        let side = |at| bytes::be16(data, at).ok_or(HeaderError::Corrupt);
                        size = size.or(Some((side(3)?, side(1)?)));
                    }
                    0xE1 => orientation = orientation.or(exif_block(data).map(exif::orientation)),
                    SOS => break,
                    _ => {}
                }
            }
            Part::Junk => {}
            Part::Cut if size.is_none() => return Err(HeaderError::Truncated),
            _ => break,
        }
    }
    let (width, height) = size.ok_or(HeaderError::Corrupt)?;
    Ok((width.into(), height.into(), orientation.unwrap_or_default()))
}

/// Returns the EXIF block of a segment's data.
fn exif_block(data: &[u8]) -> Option<&[u8]> {
    data.strip_prefix(EXIF)?.get(1..)
}

/// Overwrites the name of every EXIF segment, so that no decoder sees one. Bytes that are no JPEG stay
/// as they are.
pub(crate) fn hide_exif(bytes: &mut [u8]) {
    let mut segments = SegmentReader::new(bytes);
    let mut blocks = Vec::new();
    loop {
        match segments.next() {
            Part::Segment { marker: 0xE1, range } if segments.data(&range).starts_with(EXIF) => {
                blocks.push(range.start + 4);
            }
            Part::Segment { .. } | Part::Junk => {}
            _ => break,
        }
    }
    for start in blocks {
        if let Some(name) = bytes.get_mut(start..start + EXIF.len()) {
            name.fill(0);
        }
    }
}

/// Returns `None` for a file damaged before its first scan.
pub(crate) fn strip(bytes: &[u8], options: StripOptions) -> Option<Option<Stripped>> {
    let mut rewriter = Rewriter::new(bytes, options);
    rewriter.keep(0..2);
    let mut segments = SegmentReader::new(bytes);
    let mut has_exif = false;
    let mut has_scan = false;
    loop {
        match segments.next() {
            Part::Segment { marker: 0xE1, range } if !has_exif && !has_scan => {
                match exif_block(segments.data(&range)) {
                    Some(block) => {
                        has_exif = true;
                        reduce_exif(block, range, &mut rewriter);
                    }
                    None => segment(0xE1, segments.data(&range), range, &mut rewriter),
                }
            }
            Part::Segment { marker, range } => segment(marker, segments.data(&range), range, &mut rewriter),
            Part::Scan(range) => {
                has_scan = true;
                rewriter.keep(range);
            }
            Part::Junk => rewriter.remove(MetadataKind::Other),
            Part::End(_) | Part::Cut if !has_scan => return None,
            Part::End(range) => {
                if range.end < bytes.len() {
                    rewriter.remove(MetadataKind::Trailing);
                }
                end(range, &mut rewriter);
                break;
            }
            Part::Cut => {
                if !segments.rest().is_empty() {
                    rewriter.remove(MetadataKind::Other);
                }
                end(0..0, &mut rewriter);
                break;
            }
        }
    }
    Some(rewriter.finish())
}

/// Keeps the marker of the end, or adds it: browsers show a file without it, but other decoders refuse it.
fn end(range: Range<usize>, rewriter: &mut Rewriter) {
    if range.is_empty() {
        rewriter.complete(&[0xFF, EOI]);
    } else {
        rewriter.keep(range);
    }
}

/// The first EXIF segment, of which the orientation stays.
fn reduce_exif(block: &[u8], range: Range<usize>, rewriter: &mut Rewriter) {
    match exif::reduce(block, rewriter) {
        Reduced::Same => rewriter.keep(range),
        Reduced::Orientation(least) => {
            rewriter.insert(b"\xFF\xE1\0\x22Exif\0\0");
            rewriter.insert(&least);
        }
        Reduced::Nothing => {}
    }
}

/// Any other segment: it stays if a decoder has need of it.
fn segment(marker: u8, data: &[u8], range: Range<usize>, rewriter: &mut Rewriter) {
    match marker {
        // Frames, tables, scans.
        0xC0..=0xDF => rewriter.keep(range),
        // JFIF: density, and perhaps a thumbnail behind it.
        0xE0 if data.starts_with(b"JFIF\0") => jfif(data, range, rewriter),
        0xE0 if data.starts_with(b"JFXX\0") => rewriter.remove(MetadataKind::Thumbnail),
        0xE1 if data.starts_with(EXIF) => rewriter.remove(MetadataKind::Exif),
        0xE1 if data.starts_with(XMP) => exif::remove_xmp(data, rewriter),
        0xE2 if data.starts_with(b"ICC_PROFILE\0") => rewriter.keep(range),
        0xED if data.starts_with(b"Photoshop ") => rewriter.remove(MetadataKind::Iptc),
        0xEE if data.starts_with(b"Adobe") => adobe(data, range, rewriter),
        COM => rewriter.remove(MetadataKind::Comment),
        _ => rewriter.remove(MetadataKind::Other),
    }
}

/// JFIF (ITU-T T.871 §10.1): version and density stay, but not the thumbnail behind them.
fn jfif(data: &[u8], range: Range<usize>, rewriter: &mut Rewriter) {
    match data.split_at_checked(12) {
        Some((_, [0, 0])) => rewriter.keep(range),
        Some((density, [_, _, ..])) => {
            rewriter.remove(MetadataKind::Thumbnail);
            rewriter.insert(&[0xFF, 0xE0, 0, 16]);
            rewriter.insert(density);
            rewriter.insert(&[0, 0]);
        }
        _ => rewriter.remove(MetadataKind::Other),
    }
}

/// Adobe (ITU-T T.872 §6.5.3): which colours the components are, and nothing behind it.
fn adobe(data: &[u8], range: Range<usize>, rewriter: &mut Rewriter) {
    match data.split_at_checked(12) {
        Some((_, [])) => rewriter.keep(range),
        Some((colours, _)) => {
            rewriter.remove(MetadataKind::Other);
            rewriter.insert(&[0xFF, 0xEE, 0, 14]);
            rewriter.insert(colours);
        }
        None => rewriter.remove(MetadataKind::Other),
    }
}

enum Part {
    /// Marker, length and data; `range` begins with the marker's 0xFF.
    Segment { marker: u8, range: Range<usize> },
    /// Entropy-coded data with its restart markers, up to the next marker of another kind.
    Scan(Range<usize>),
    /// Bytes between segments that decoders skip.
    Junk,
    /// The end of the image: the range of its EOI marker, empty where another image begins instead.
    End(Range<usize>),
    /// The bytes end without an end of the image, perhaps within a segment.
    Cut,
}

struct SegmentReader<'a> {
    bytes: &'a [u8],
    at: usize,
    is_in_scan: bool,
}

impl<'a> SegmentReader<'a> {
    /// Begins behind the SOI marker.
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 2, is_in_scan: false }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Returns the data of a segment, behind its marker and length.
    fn data(&self, segment: &Range<usize>) -> &'a [u8] {
        self.bytes.get(segment.start + 4..segment.end).unwrap_or_default()
    }

    fn next(&mut self) -> Part {
        let start = self.at;
        if self.is_in_scan {
            self.is_in_scan = false;
            self.at += scan_length(self.rest());
            return Part::Scan(start..self.at);
        }
        let rest = self.rest();
        let Some(first) = rest.first() else { return Part::Cut };
        if *first != 0xFF {
            self.at += rest.iter().position(|&byte| byte == 0xFF).unwrap_or(rest.len());
            return Part::Junk;
        }
        // Any number of 0xFF may fill the space before a marker.
        let Some(fill) = rest.iter().position(|&byte| byte != 0xFF) else { return Part::Cut };
        let start = start + fill - 1;
        let Some(&marker) = rest.get(fill) else { return Part::Cut };
        match marker {
            EOI => Part::End(start..start + 2),
            SOI => Part::End(start..start),
            // No marker at all, and those that stand alone.
            0x00 | 0x01 | 0xD0..=0xD7 => {
                self.at = start + 2;
                Part::Junk
            }
            _ => {
                // A length below 2 does not count itself.
                let length = usize::from(bytes::be16(self.bytes, start + 2).unwrap_or_default()).max(2);
                let end = start + 2 + length;
                if end > self.bytes.len() {
                    return Part::Cut;
                }
                self.at = end;
                self.is_in_scan = marker == SOS;
                Part::Segment { marker, range: start..end }
            }
        }
    }
}

/// Returns the length of entropy-coded data. Within it 0xFF is followed by 0 or is part of a restart marker.
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
