//! Helpers of the tests: pictures, and files built byte by byte.

// Each test binary uses its own part, and all of them stop at the first surprise.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbaImage};
use perse_image_file::{StripError, StripOptions, Stripped};
use std::{fs, io::Cursor, path::Path};

/// In all that must not be in a stripped file.
pub const SECRET: &str = "SECRET";

/// A photo of the pinned npm package, 1 to 6.
pub fn sample(number: usize) -> Vec<u8> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/@vladmandic/face-api/demo");
    let path = demo.join(format!("sample{number}.jpg"));
    fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}. Run `npm install` in the project's root first.", path.display())
    })
}

/// A picture of 24 × 20 pixels in which no two pixels are alike.
pub fn picture() -> DynamicImage {
    RgbaImage::from_fn(24, 20, |x, y| image::Rgba([x as u8 * 10, y as u8 * 12, (x * y) as u8, 255 - x as u8]))
        .into()
}

/// The picture as a file, without any metadata.
pub fn encoded(format: ImageFormat) -> Vec<u8> {
    let picture = match format {
        ImageFormat::Jpeg => picture().to_rgb8().into(),
        _ => picture(),
    };
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// The picture as a JPEG of several scans.
pub fn progressive() -> Vec<u8> {
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    compress.set_size(24, 20);
    compress.set_progressive_mode();
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(picture().to_rgb8().as_raw()).unwrap();
    started.finish().unwrap()
}

/// A JPEG of three grey blocks, 24 × 8 pixels, with a restart marker after each.
pub fn restarting() -> Vec<u8> {
    let one_code = |class: u8| segment(0xC4, &[&[class, 1][..], &[0; 15], &[0]].concat());
    [
        vec![0xFF, 0xD8],
        segment(0xDB, &[&[0][..], &[1; 64]].concat()),
        segment(0xC0, &[8, 0, 8, 0, 24, 1, 1, 0x11, 0]),
        one_code(0x00),
        one_code(0x10),
        segment(0xDD, &[0, 1]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        b"\x3F\xFF\xD0\x3F\xFF\xD1\x3F\xFF\xD9".to_vec(),
    ]
    .concat()
}

/// The pixels of a file, as they are stored.
pub fn pixels(file: &[u8]) -> DynamicImage {
    image::load_from_memory(file).unwrap()
}

/// EXIF's number of the orientation that `image` reads, and the colour profile.
pub fn read_by_image(file: &[u8]) -> (u8, Option<Vec<u8>>) {
    let mut decoder =
        ImageReader::new(Cursor::new(file)).with_guessed_format().unwrap().into_decoder().unwrap();
    (decoder.orientation().unwrap().to_exif(), decoder.icc_profile().unwrap())
}

pub fn contains(file: &[u8], text: impl AsRef<[u8]>) -> bool {
    file.windows(text.as_ref().len()).any(|window| window == text.as_ref())
}

/// `file` with `bytes` put in at a place.
pub fn insert(file: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    [&file[..at], bytes, &file[at..]].concat()
}

/// An EXIF block.
#[derive(Clone, Copy, Default)]
pub struct Exif {
    pub is_big_endian: bool,
    pub orientation: Option<u16>,
    pub has_gps: bool,
    pub has_thumbnail: bool,
}

impl Exif {
    /// With everything in it.
    pub const FULL: Self =
        Self { is_big_endian: false, orientation: Some(6), has_gps: true, has_thumbnail: true };

    /// Header, a directory of make, orientation and GPS, the values, a directory of the thumbnail.
    pub fn block(self) -> Vec<u8> {
        let u16 = |value: u16| if self.is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let u32 = |value: u32| if self.is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let entry =
            |tag, kind, count, value: [u8; 4]| [&u16(tag)[..], &u16(kind), &u32(count), &value].concat();
        let make = b"SECRET camera, serial number 1234\0";
        let count = 1 + usize::from(self.orientation.is_some()) + usize::from(self.has_gps);
        let values = 8 + 2 + 12 * count + 4;
        let gps = values + make.len();
        let thumbnail = gps + if self.has_gps { 18 } else { 0 };

        let mut block = if self.is_big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
        block.extend(u32(8));
        block.extend(u16(count as u16));
        block.extend(entry(0x010F, 2, make.len() as u32, u32(values as u32)));
        if let Some(orientation) = self.orientation {
            let [a, b] = u16(orientation);
            block.extend(entry(0x0112, 3, 1, [a, b, 0, 0]));
        }
        if self.has_gps {
            block.extend(entry(0x8825, 4, 1, u32(gps as u32)));
        }
        block.extend(u32(if self.has_thumbnail { thumbnail as u32 } else { 0 }));
        block.extend(make);
        if self.has_gps {
            block.extend(u16(1));
            block.extend(entry(1, 2, 2, *b"N\0\0\0"));
            block.extend(u32(0));
        }
        if self.has_thumbnail {
            block.extend(u16(1));
            block.extend(entry(0x0201, 4, 1, u32(thumbnail as u32 + 18)));
            block.extend(u32(0));
            block.extend(b"\xFF\xD8SECRET thumbnail\xFF\xD9");
        }
        block
    }
}

/// A JPEG segment.
pub fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(data.len() as u16 + 2).to_be_bytes(), data].concat()
}

pub fn jpeg_exif(exif: Exif) -> Vec<u8> {
    segment(0xE1, &[b"Exif\0\0", &exif.block()[..]].concat())
}

/// A JPEG of the picture with segments behind its SOI marker.
pub fn jpeg_with(segments: &[Vec<u8>]) -> Vec<u8> {
    insert(&encoded(ImageFormat::Jpeg), 2, &segments.concat())
}

/// Marker and data of the segments of a JPEG up to its first scan.
pub fn segments(jpeg: &[u8]) -> Vec<(u8, &[u8])> {
    let mut at = 2;
    let mut segments = Vec::new();
    loop {
        assert_eq!(jpeg[at], 0xFF);
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        segments.push((jpeg[at + 1], &jpeg[at + 4..at + 2 + length]));
        if jpeg[at + 1] == 0xDA {
            return segments;
        }
        at += 2 + length;
    }
}

/// A PNG chunk.
pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let crc = kind.iter().chain(data).fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    });
    [&(data.len() as u32).to_be_bytes()[..], kind, data, &(!crc).to_be_bytes()].concat()
}

/// Offset of the chunk behind IHDR.
pub const BEHIND_IHDR: usize = 8 + 25;

/// Kinds and data of the chunks of a PNG.
pub fn chunks(png: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut at = 8;
    let mut chunks = Vec::new();
    while at < png.len() {
        let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        let (kind, data) = (png[at + 4..at + 8].try_into().unwrap(), &png[at + 8..at + 8 + length]);
        assert_eq!(png[at..at + 12 + length], chunk(&kind, data), "checksum");
        chunks.push((kind, data));
        at += 12 + length;
    }
    chunks
}

/// A chunk of a RIFF file.
pub fn riff_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let padding = &[0][..data.len() % 2];
    [kind, &(data.len() as u32).to_le_bytes()[..], data, padding].concat()
}

/// A WebP file of these chunks.
pub fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    riff_chunk(b"RIFF", &[b"WEBP", &chunks.concat()[..]].concat())
}

/// Kinds and data of the chunks of a WebP file.
pub fn riff_chunks(webp: &[u8]) -> Vec<([u8; 4], &[u8])> {
    assert_eq!(u32::from_le_bytes(webp[4..8].try_into().unwrap()) as usize, webp.len() - 8);
    let mut at = 12;
    let mut chunks = Vec::new();
    while at < webp.len() {
        let length = u32::from_le_bytes(webp[at + 4..at + 8].try_into().unwrap()) as usize;
        chunks.push((webp[at..at + 4].try_into().unwrap(), &webp[at + 8..at + 8 + length]));
        at += 8 + length + length % 2;
    }
    chunks
}

/// The first chunk of the extended format.
pub fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let side = |side: u32| (side - 1).to_le_bytes();
    riff_chunk(b"VP8X", &[&[flags, 0, 0, 0][..], &side(width)[..3], &side(height)[..3]].concat())
}

/// The picture, losslessly: the chunk of its bitstream.
pub fn vp8l() -> Vec<u8> {
    let file = encoded(ImageFormat::WebP);
    let [(kind, data)] = riff_chunks(&file)[..] else { panic!("one chunk") };
    assert_eq!(&kind, b"VP8L");
    riff_chunk(b"VP8L", data)
}

/// One pixel, lossily.
pub fn vp8() -> Vec<u8> {
    riff_chunk(b"VP8 ", b"\x30\x01\0\x9D\x01\x2A\x01\0\x01\0\x0E\xC0\xFE\x25\xA4\0\x03\x70\0\0\0\0")
}

/// A box of AVIF and HEIC.
pub fn bmff_box(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&(data.len() as u32 + 8).to_be_bytes()[..], kind, data].concat()
}

/// A file whose primary item, the second one, has these properties besides its size, after a thumbnail.
pub fn heif(brands: &[u8], width: u32, height: u32, properties: &[Vec<u8>]) -> Vec<u8> {
    let ispe = |width: u32, height: u32| {
        bmff_box(b"ispe", &[[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat())
    };
    let ipco = bmff_box(b"ipco", &[&ispe(160, 120), &ispe(width, height)[..], &properties.concat()].concat());
    let mut ipma = b"\0\0\0\0\0\0\0\x02\0\x01\x01\x81".to_vec();
    ipma.extend([0, 2, 1 + properties.len() as u8]);
    ipma.extend((0..=properties.len()).map(|index| 0x80 | (2 + index as u8)));
    let iprp = bmff_box(b"iprp", &[ipco, bmff_box(b"ipma", &ipma)].concat());
    let pitm = bmff_box(b"pitm", &[0, 0, 0, 0, 0, 2]);
    let meta = bmff_box(b"meta", &[vec![0; 4], pitm, iprp].concat());
    [bmff_box(b"ftyp", brands), bmff_box(b"free", &[0; 5]), meta, bmff_box(b"mdat", &[0; 9])].concat()
}

/// Strips a file with the default options.
pub fn strip(file: &[u8]) -> Result<Option<Stripped>, StripError> {
    perse_image_file::strip(file, StripOptions::default())
}
