//! WebP (RFC 9649 §2): a RIFF file of chunks.

use std::ops::Range;

use crate::{
    HeaderError, MetadataKind, Orientation, StripOptions, Stripped, bytes,
    exif::{self, Reduced},
    rewriter::Rewriter,
};

/// "RIFF", size, "WEBP".
const FILE_HEAD: usize = 12;
/// Type and length before the data of a chunk.
const HEAD: usize = 8;

/// Offset of the flags of the extended format, whose chunk is always the first.
const FLAGS: usize = FILE_HEAD + HEAD;
const HAS_XMP: u8 = 0x04;
const HAS_EXIF: u8 = 0x08;

/// Returns width, height and orientation; without the orientation if it stands behind these bytes.
pub(crate) fn header(bytes: &[u8]) -> Result<(u32, u32, Option<Orientation>), HeaderError> {
    let (width, height) = size(bytes)?;
    let whole = file(bytes);
    let file = whole.unwrap_or(bytes);
    if !has_exif(flags(file)) {
        return Ok((width, height, Some(Orientation::NoTransforms)));
    }
    let mut at = FILE_HEAD;
    while let Some(chunk) = Chunk::read(file, at) {
        if chunk.kind == *b"EXIF" {
            return Ok((width, height, Some(exif::orientation(chunk.data))));
        }
        at = chunk.range.end;
    }
    Ok((width, height, whole.map(|_| Orientation::NoTransforms)))
}

/// Width and height, by the first chunk.
fn size(bytes: &[u8]) -> Result<(u32, u32), HeaderError> {
    let kind = bytes::array(bytes, FILE_HEAD).ok_or(HeaderError::Truncated)?;
    let length = bytes::le32(bytes, FILE_HEAD + 4).ok_or(HeaderError::Truncated)?;
    let least = if kind == *b"VP8L" { 5 } else { 10 };
    if length < least {
        return Err(HeaderError::Corrupt);
    }
    let data = bytes.get(FLAGS..FLAGS + least as usize).ok_or(HeaderError::Truncated)?;
    match (&kind, data) {
        // Flags, then 24 bits for each side less 1.
        (b"VP8X", &[_, _, _, _, a, b, c, d, e, f]) => {
            Ok((1 + u32::from_le_bytes([a, b, c, 0]), 1 + u32::from_le_bytes([d, e, f, 0])))
        }
        // RFC 6386 §9.1: a tag of 3 bytes, a start code, 14 bits for each side.
        (b"VP8 ", &[_, _, _, 0x9D, 0x01, 0x2A, a, b, c, d]) => {
            let side = |bytes| u32::from(u16::from_le_bytes(bytes) & 0x3FFF);
            Ok((side([a, b]), side([c, d])))
        }
        // RFC 9649 §3.4: a signature, 14 bits for each side less 1.
        (b"VP8L", &[0x2F, a, b, c, d]) => {
            let bits = u32::from_le_bytes([a, b, c, d]);
            Ok((1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)))
        }
        _ => Err(HeaderError::Corrupt),
    }
}

/// `None` if it is not as long as it says, or a chunk is not.
pub(crate) fn strip(bytes: &[u8], options: StripOptions) -> Option<Option<Stripped>> {
    let file = file(bytes)?;
    if file.len() < FILE_HEAD {
        return None;
    }
    let mut rewriter = Rewriter::new(bytes, options);
    rewriter.keep(0..FILE_HEAD);
    if file.len() < bytes.len() {
        rewriter.remove(MetadataKind::Trailing);
    }
    let flags = flags(file);
    // Without the flag decoders do not look for EXIF.
    let mut may_reduce = has_exif(flags);
    let mut flags = flags.map(|flags| flags & !(HAS_EXIF | HAS_XMP));
    let mut at = FILE_HEAD;
    while at < file.len() {
        let chunk = Chunk::read(file, at)?;
        let is_first = at == FILE_HEAD;
        at = chunk.range.end;
        match &chunk.kind {
            b"VP8X" if !is_first => rewriter.remove(MetadataKind::Other),
            b"VP8X" | b"VP8 " | b"VP8L" | b"ALPH" | b"ICCP" | b"ANIM" | b"ANMF" => {
                keep(&chunk, &mut rewriter);
            }
            b"EXIF" if may_reduce => {
                may_reduce = false;
                match exif::reduce(chunk.data, &mut rewriter) {
                    Reduced::Same => keep(&chunk, &mut rewriter),
                    Reduced::Orientation(least) => {
                        rewriter.insert(b"EXIF\x1A\0\0\0");
                        rewriter.insert(&least);
                    }
                    Reduced::Nothing => continue,
                }
                flags = flags.map(|flags| flags | HAS_EXIF);
            }
            b"EXIF" => rewriter.remove(MetadataKind::Exif),
            b"XMP " => exif::remove_xmp(chunk.data, &mut rewriter),
            _ => rewriter.remove(MetadataKind::Other),
        }
    }
    Some(rewriter.finish().map(|mut stripped| {
        let size = (stripped.bytes.len() - 8) as u32;
        set(&mut stripped.bytes, 4, size.to_le_bytes());
        if let Some(flags) = flags {
            set(&mut stripped.bytes, FLAGS, [flags]);
        }
        stripped
    }))
}

/// The bytes without what follows after the file's end; `None` if it ends before.
fn file(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(..(bytes::le32(bytes, 4)? as usize).checked_add(8)?)
}

fn set<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    if let Some(field) = bytes.get_mut(at..at + N) {
        field.copy_from_slice(&value);
    }
}

fn has_exif(flags: Option<u8>) -> bool {
    flags.is_some_and(|flags| flags & HAS_EXIF != 0)
}

fn keep(chunk: &Chunk, rewriter: &mut Rewriter) {
    rewriter.keep(chunk.range.clone());
    if chunk.range.len() % 2 == 1 {
        rewriter.insert(&[0]);
    }
}

/// The flags of the extended format; `None` in the simple one.
fn flags(file: &[u8]) -> Option<u8> {
    let first = Chunk::read(file, FILE_HEAD)?;
    if first.kind == *b"VP8X" { first.data.first().copied() } else { None }
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// All of it, with the padding to an even length, which the last one of a file may lack.
    range: Range<usize>,
}

impl<'a> Chunk<'a> {
    fn read(file: &'a [u8], at: usize) -> Option<Self> {
        let start = at + HEAD;
        let length = bytes::le32(file, at + 4)? as usize;
        let data = file.get(start..)?.get(..length)?;
        let end = (start + length.next_multiple_of(2)).min(file.len());
        Some(Self { kind: bytes::array(file, at)?, data, range: at..end })
    }
}
