//! PNG (ISO/IEC 15948 §5): a signature and chunks.

use std::ops::Range;

use crate::{
    HeaderError, MetadataKind, Orientation, StripOptions, Stripped, bytes,
    exif::{self, Reduced},
    rewriter::Rewriter,
};

const SIGNATURE: usize = 8;
/// Length and type before the data of a chunk, checksum behind it.
const HEAD: usize = 8;
const CHECKSUM: usize = 4;

/// Returns width, height and orientation; without the orientation if it may stand behind these bytes.
pub(crate) fn header(bytes: &[u8]) -> Result<(u32, u32, Option<Orientation>), HeaderError> {
    match bytes::array(bytes, SIGNATURE) {
        None => return Err(HeaderError::Truncated),
        Some(head) if head == *b"\0\0\0\x0DIHDR" => {}
        Some(_) => return Err(HeaderError::Corrupt),
    }
    let side = |at| bytes::be32(bytes, SIGNATURE + HEAD + at).ok_or(HeaderError::Truncated);
    Ok((side(0)?, side(4)?, orientation(bytes)))
}

fn orientation(bytes: &[u8]) -> Option<Orientation> {
    let mut at = SIGNATURE;
    loop {
        let chunk = Chunk::read(bytes, at)?;
        match &chunk.kind {
            b"eXIf" => return Some(exif::orientation(chunk.data)),
            b"IEND" => return Some(Orientation::NoTransforms),
            _ => at = chunk.range.end,
        }
    }
}

/// `None` if a chunk is cut off, or the last one is missing.
pub(crate) fn strip(bytes: &[u8], options: StripOptions) -> Option<Option<Stripped>> {
    let mut rewriter = Rewriter::new(bytes, options);
    rewriter.keep(0..SIGNATURE);
    let mut has_exif = false;
    let mut at = SIGNATURE;
    loop {
        let chunk = Chunk::read(bytes, at)?;
        at = chunk.range.end;
        match &chunk.kind {
            b"IEND" => {
                rewriter.keep(chunk.range);
                break;
            }
            b"eXIf" if !has_exif => {
                has_exif = true;
                match exif::reduce(chunk.data, &mut rewriter) {
                    Reduced::Same => rewriter.keep(chunk.range),
                    Reduced::Orientation(least) => insert_exif(&least, &mut rewriter),
                    Reduced::Nothing => {}
                }
            }
            // Colours, density: of one length, so that nothing hides in them.
            b"sRGB" | b"gAMA" | b"cICP" | b"pHYs" | b"cHRM" if is_length_fixed(&chunk) => {
                rewriter.keep(chunk.range);
            }
            // Colours, transparency, frames of an animation.
            b"tRNS" | b"iCCP" | b"mDCV" | b"cLLI" | b"sBIT" | b"bKGD" | b"acTL" | b"fcTL" | b"fdAT" => {
                rewriter.keep(chunk.range);
            }
            b"IHDR" | b"PLTE" | b"IDAT" => rewriter.keep(chunk.range),
            b"eXIf" => rewriter.remove(MetadataKind::Exif),
            b"iTXt" if chunk.data.starts_with(b"XML:com.adobe.xmp\0") => {
                exif::remove_xmp(chunk.data, &mut rewriter);
            }
            b"tEXt" | b"zTXt" | b"iTXt" | b"tIME" => rewriter.remove(MetadataKind::Comment),
            _ => rewriter.remove(MetadataKind::Other),
        }
    }
    if at < bytes.len() {
        rewriter.remove(MetadataKind::Trailing);
    }
    Some(rewriter.finish())
}

fn is_length_fixed(chunk: &Chunk<'_>) -> bool {
    let expected = match &chunk.kind {
        b"sRGB" => 1,
        b"pHYs" => 9,
        b"cHRM" => 32,
        _ => 4,
    };
    chunk.data.len() == expected
}

fn insert_exif(block: &[u8; 26], rewriter: &mut Rewriter) {
    rewriter.insert(&26_u32.to_be_bytes());
    rewriter.insert(b"eXIf");
    rewriter.insert(block);
    rewriter.insert(&crc(b"eXIf".iter().chain(block)).to_be_bytes());
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// All of it, from the length to the checksum.
    range: Range<usize>,
}

impl<'a> Chunk<'a> {
    fn read(bytes: &'a [u8], at: usize) -> Option<Self> {
        let start = at + HEAD;
        let length = bytes::be32(bytes, at)? as usize;
        let data = bytes.get(start..)?.get(..length)?;
        let end = start + length + CHECKSUM;
        (end <= bytes.len()).then_some(Self { kind: bytes::array(bytes, at + 4)?, data, range: at..end })
    }
}

/// The checksum of a chunk (annex D), bit by bit: it is taken of 30 bytes only.
fn crc<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    })
}
