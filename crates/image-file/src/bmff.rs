//! AVIF and HEIC: items and their properties, in the boxes of ISO/IEC 14496-12 and 23008-12.

use crate::{HeaderError, Orientation, bytes, header::Size};

/// The primary item's size and turn.
pub(crate) fn header(bytes: &[u8]) -> Result<Size, HeaderError> {
    let meta = child(bytes, b"meta").ok_or(HeaderError::Truncated)?;
    primary_item(meta).ok_or(HeaderError::Corrupt)
}

fn primary_item(meta: &[u8]) -> Option<Size> {
    let meta = meta.get(VERSION..)?;
    let pitm = child(meta, b"pitm")?;
    let item = id(pitm, VERSION, pitm.first()? > &0)?;
    let iprp = child(meta, b"iprp")?;
    let properties = child(iprp, b"ipco")?;

    let mut size = None;
    let mut turns = 0;
    let mut mirror = 0;
    let indices =
        Boxes(iprp).filter(|(kind, _)| kind == b"ipma").find_map(|(_, ipma)| indices(ipma, item))?;
    for index in indices {
        let Some((kind, data)) = Boxes(properties).nth(index.wrapping_sub(1)) else { continue };
        match &kind {
            b"ispe" => size = Some((bytes::be32(data, VERSION)?, bytes::be32(data, VERSION + 4)?)),
            b"irot" => turns = data.first()? & 3,
            b"imir" => mirror = 1 + (data.first()? & 1),
            _ => {}
        }
    }
    let (width, height) = size?;
    Some((width, height, orientation(turns, mirror)?))
}

/// Quarter turns anticlockwise, then no mirroring (0), of top and bottom (1) or left and right (2).
fn orientation(turns: u8, mirror: u8) -> Option<Orientation> {
    const EXIF: [[u16; 4]; 3] = [[1, 8, 3, 6], [4, 5, 2, 7], [2, 7, 4, 5]];
    Orientation::from_exif(*EXIF.get(usize::from(mirror))?.get(usize::from(turns))?)
}

/// Version and flags, with which many boxes begin.
const VERSION: usize = 4;

/// Which properties an item has, counted from 1: 255 at most, each 32,767 at most.
fn indices(ipma: &[u8], item: u32) -> Option<impl Iterator<Item = usize>> {
    let [version, _, _, flags] = bytes::array(ipma, 0)?;
    let has_long_id = version > 0;
    let width = if flags & 1 == 1 { 2 } else { 1 };
    let mut entries = bytes::be32(ipma, VERSION)?;
    let mut rest = ipma.get(VERSION + 4..)?;
    loop {
        entries = entries.checked_sub(1)?;
        let found = id(rest, 0, has_long_id)?;
        let (&count, behind) = rest.get(if has_long_id { 4 } else { 2 }..)?.split_first()?;
        let (associations, behind) = behind.split_at_checked(width * usize::from(count))?;
        if found == item {
            // The highest bit says whether the property is essential.
            return Some(associations.chunks(width).map(|association| match *association {
                [high, low] => usize::from(u16::from_be_bytes([high & 0x7F, low])),
                [low] => usize::from(low & 0x7F),
                _ => 0,
            }));
        }
        rest = behind;
    }
}

fn id(bytes: &[u8], at: usize, is_long: bool) -> Option<u32> {
    if is_long { bytes::be32(bytes, at) } else { bytes::be16(bytes, at).map(u32::from) }
}

/// Returns the content of the first box of this kind.
fn child<'a>(boxes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    Boxes(boxes).find(|(found, _)| found == kind).map(|(_, data)| data)
}

/// Kinds and contents of boxes, as long as they are whole.
struct Boxes<'a>(&'a [u8]);

impl<'a> Iterator for Boxes<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = bytes::array(self.0, 4)?;
        let (head, length) = match bytes::be32(self.0, 0)? {
            0 => (8, self.0.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(bytes::array(self.0, 8)?)).ok()?),
            length => (8, length as usize),
        };
        let (whole, behind) = self.0.split_at_checked(length)?;
        self.0 = behind;
        Some((kind, whole.get(head..)?))
    }
}
