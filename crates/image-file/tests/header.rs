//! Type, size and orientation of every kind of file, from its header alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{
    BEHIND_IHDR, Exif, bmff_box, chunk, encoded, heif, insert, jpeg_exif, jpeg_with, progressive, restarting,
    riff_chunk, sample, segment, vp8, vp8l, vp8x, webp,
};
use image::ImageFormat;
use perse_image_file::{Header, HeaderError, Orientation};
use perse_protocol::ImageType;

fn upright(image_type: ImageType, width: u32, height: u32) -> Result<Header, HeaderError> {
    let orientation = Orientation::NoTransforms;
    Ok(Header { image_type, width, height, orientation, is_orientation_known: true })
}

/// Reads a header, whether its orientation is known or not.
fn read_header(bytes: &[u8]) -> Result<Header, HeaderError> {
    perse_image_file::read_header(bytes).map(|header| Header { is_orientation_known: true, ..header })
}

#[test]
fn what_browsers_forgive_is_read() {
    let mut exif = jpeg_exif(Exif { orientation: Some(6), ..Exif::FULL });
    // Some cameras end the name with this byte.
    exif[9] = 0xFF;
    // A length below 2 does not count itself.
    let no_length = b"\xFF\xE1\0\0".to_vec();
    for segments in [vec![exif.clone()], vec![no_length, exif]] {
        let file = jpeg_with(&segments);
        assert_eq!(read_header(&file).unwrap().orientation.exif(), 6);
        let stripped = common::strip(&file).unwrap().unwrap();
        assert_eq!(read_header(&stripped.bytes).unwrap().orientation.exif(), 6);
        assert!(!common::contains(&stripped.bytes, common::SECRET));
    }
}

#[test]
fn an_orientation_behind_the_pixels_is_unknown_until_it_is_read() {
    let is_known = |bytes: &[u8]| perse_image_file::read_header(bytes).unwrap().is_orientation_known;
    let exif = Exif { orientation: Some(6), ..Exif::FULL }.block();
    let png = encoded(ImageFormat::Png);
    let rotated = insert(&png, png.len() - 12, &chunk(b"eXIf", &exif));
    let webp_of = |flags| webp(&[vp8x(flags, 24, 20), vp8l(), riff_chunk(b"EXIF", &exif)]);
    for file in [rotated, webp_of(0x08)] {
        assert!(is_known(&file) && read_header(&file).unwrap().orientation.exif() == 6);
        assert!(!is_known(&file[..40]));
    }
    assert!(is_known(&png) && !is_known(&png[..png.len() - 1]));
    assert!(is_known(&webp_of(0)[..40]), "no EXIF is announced");
}

#[test]
fn files_of_encoders() {
    for number in 1..=6 {
        let file = sample(number);
        let (width, height) = image::ImageReader::new(std::io::Cursor::new(&file))
            .with_guessed_format()
            .unwrap()
            .into_dimensions()
            .unwrap();
        assert_eq!(read_header(&file), upright(ImageType::Jpeg, width, height));
    }
    assert_eq!(read_header(&encoded(ImageFormat::Jpeg)), upright(ImageType::Jpeg, 24, 20));
    assert_eq!(read_header(&progressive()), upright(ImageType::Jpeg, 24, 20));
    assert_eq!(read_header(&restarting()), upright(ImageType::Jpeg, 24, 8));
    assert_eq!(read_header(&encoded(ImageFormat::Png)), upright(ImageType::Png, 24, 20));
    assert_eq!(read_header(&encoded(ImageFormat::WebP)), upright(ImageType::WebP, 24, 20));
    assert_eq!(read_header(&webp(&[vp8()])), upright(ImageType::WebP, 1, 1));
    assert_eq!(read_header(&webp(&[vp8x(0, 24, 20), vp8l()])), upright(ImageType::WebP, 24, 20));
}

/// A file of a few bytes that promises a picture of this size.
fn bombs() -> Vec<(Vec<u8>, ImageType, u32, u32)> {
    let (width, height) = (100_000_u32, 99_999_u32);
    let short = u16::MAX.to_le_bytes();
    let max = u32::from(u16::MAX);
    let be = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let le = [width.to_le_bytes(), height.to_le_bytes()].concat();
    let avif = heif(b"avif\0\0\0\0avifmif1", width, height, &[]);
    let heic = heif(b"heic\0\0\0\0mif1heic", width, height, &[]);
    let tiff = [
        b"II*\0\x08\0\0\0\x02\0\0\x01\x04\0\x01\0\0\0",
        &width.to_le_bytes()[..],
        b"\x01\x01\x04\0\x01\0\0\0",
        &height.to_le_bytes(),
        &[0; 4],
    ]
    .concat();
    let png = [&b"\x89PNG\r\n\x1A\n"[..], &chunk(b"IHDR", &[&be[..], b"\x08\x02\0\0\0"].concat())].concat();
    vec![
        ([b"\xFF\xD8", &segment(0xC2, b"\x08\xFF\xFF\xFF\xFF\x03")[..]].concat(), ImageType::Jpeg, max, max),
        (png, ImageType::Png, width, height),
        (webp(&[vp8x(0, width, height)]), ImageType::WebP, width, height),
        (webp(&[riff_chunk(b"VP8L", b"\x2F\xFF\xFF\xFF\x0F")]), ImageType::WebP, 16_384, 16_384),
        (
            webp(&[riff_chunk(b"VP8 ", b"\0\0\0\x9D\x01\x2A\xFF\xFF\xFF\xFF")]),
            ImageType::WebP,
            16_383,
            16_383,
        ),
        ([b"GIF89a", &short[..], &short].concat(), ImageType::Gif, max, max),
        ([b"BM", &[0; 12][..], b"\x28\0\0\0", &le].concat(), ImageType::Bmp, width, height),
        (tiff, ImageType::Tiff, width, height),
        (avif, ImageType::Avif, width, height),
        (heic, ImageType::Heic, width, height),
    ]
}

#[test]
fn the_size_is_known_before_anything_is_decoded() {
    for (file, image_type, width, height) in bombs() {
        let header = read_header(&file).unwrap();
        assert_eq!(Ok(header), upright(image_type, width, height));
        assert_eq!(header.pixels(), u64::from(width) * u64::from(height));
        assert!(file.len() < 300, "{image_type:?}: {} bytes", file.len());
    }
}

#[test]
fn the_beginning_of_a_file_says_all_or_that_it_is_too_short() {
    for (file, image_type, width, height) in bombs() {
        let mut was_enough = false;
        for length in 0..=file.len() {
            match read_header(&file[..length]) {
                Ok(header) => {
                    was_enough = true;
                    assert_eq!(Ok(header), upright(image_type, width, height));
                }
                Err(error) => {
                    assert!(!was_enough, "{image_type:?} {length}: {error}");
                    let expected: &[_] = match length {
                        0 => &[HeaderError::Empty],
                        1..16 => &[HeaderError::NotAnImage, HeaderError::Truncated],
                        _ => &[HeaderError::Truncated],
                    };
                    assert!(expected.contains(&error), "{image_type:?} {length}: {error}");
                }
            }
        }
        assert!(was_enough);
    }
}

#[test]
fn every_orientation_in_both_byte_orders() {
    for number in 1..=8 {
        for is_big_endian in [false, true] {
            let exif = Exif { is_big_endian, orientation: Some(number), ..Exif::FULL };
            let png = insert(&encoded(ImageFormat::Png), BEHIND_IHDR, &chunk(b"eXIf", &exif.block()));
            let webp = webp(&[vp8x(0x08, 24, 20), vp8l(), riff_chunk(b"EXIF", &exif.block())]);
            for file in [jpeg_with(&[jpeg_exif(exif)]), png, webp] {
                let header = read_header(&file).unwrap();
                assert_eq!(header.orientation, Orientation::from_exif(number).unwrap());
                assert_eq!(u16::from(header.orientation.exif()), number);
                assert_eq!((header.width, header.height), (24, 20));
                let expected = if number >= 5 { (20, 24) } else { (24, 20) };
                assert_eq!(header.upright_size(), expected);
            }
        }
    }
}

#[test]
fn an_orientation_that_is_none_is_upright() {
    let orientation = |jpeg: &[u8]| read_header(jpeg).unwrap().orientation;
    for number in [None, Some(0), Some(9), Some(0x0600)] {
        let exif = Exif { orientation: number, ..Exif::FULL };
        assert_eq!(orientation(&jpeg_with(&[jpeg_exif(exif)])), Orientation::NoTransforms);
    }
    // The first block counts.
    let [first, second] =
        [3, 6].map(|number| jpeg_exif(Exif { orientation: Some(number), ..Exif::default() }));
    assert_eq!(orientation(&jpeg_with(&[first, second])), Orientation::Rotate180);
    // Another type or count than one SHORT, as in browsers.
    let block = Exif { orientation: Some(6), ..Exif::default() }.block();
    let at = block.windows(2).position(|tag| tag == [0x12, 0x01]).unwrap();
    for place in [at + 2, at + 4] {
        let mut block = block.clone();
        block[place] = 2;
        let exif = segment(0xE1, &[b"Exif\0\0", &block[..]].concat());
        assert_eq!(orientation(&jpeg_with(&[exif])), Orientation::NoTransforms);
    }
    // A WebP file that does not announce its EXIF.
    let exif = riff_chunk(b"EXIF", &Exif::FULL.block());
    for file in [webp(&[vp8x(0, 24, 20), vp8l(), exif.clone()]), webp(&[vp8l(), exif])] {
        assert_eq!(orientation(&file), Orientation::NoTransforms);
    }
}

#[test]
fn jpegs_that_are_unusual_but_valid() {
    // Fill bytes before the marker, a thumbnail with a frame of its own, the frame far behind.
    let thumbnail = segment(0xE1, &encoded(ImageFormat::Jpeg));
    let far = vec![segment(0xE2, &[0xFF; 65_533]); 20].concat();
    let frame = segment(0xC9, b"\x08\0\x14\0\x18\x01\x01\x11\0");
    let file = [b"\xFF\xD8\xFF\xFF", &thumbnail[..], &far, b"\xFF\xFF\xFF", &frame].concat();
    assert_eq!(read_header(&file), upright(ImageType::Jpeg, 24, 20));
    // The size may come after the pixels (DNL); no browser reads that.
    let file = [b"\xFF\xD8", &segment(0xC0, b"\x08\0\0\0\x18\x01\x01\x11\0")[..]].concat();
    assert_eq!(read_header(&file), Err(HeaderError::Corrupt));
}

#[test]
fn bitmaps_of_every_header() {
    let bmp = |header: &[u8]| [b"BM", &[0; 12][..], header].concat();
    let file = bmp(b"\x0C\0\0\0\x18\0\x14\0");
    assert_eq!(read_header(&file), upright(ImageType::Bmp, 24, 20));
    // Rows from the top.
    let file = bmp(b"\x7C\0\0\0\x18\0\0\0\xEC\xFF\xFF\xFF");
    assert_eq!(read_header(&file), upright(ImageType::Bmp, 24, 20));
    let file = bmp(b"\x28\0\0\0\x18\0\0\0\0\0\0\x80");
    assert_eq!(read_header(&file), upright(ImageType::Bmp, 24, 1 << 31));
    assert_eq!(read_header(b"BM stands for nothing here."), Err(HeaderError::Corrupt));
}

#[test]
fn avif_and_heic_by_their_brands() {
    let image_type = |brands: &[u8]| read_header(&heif(brands, 24, 20, &[])).map(|header| header.image_type);
    assert_eq!(image_type(b"mif1\0\0\0\0mif1avifmiaf"), Ok(ImageType::Avif));
    assert_eq!(image_type(b"mif1\0\0\0\0mif1heic"), Ok(ImageType::Heic));
    assert_eq!(image_type(b"msf1\0\0\0\0avis"), Ok(ImageType::Avif));
    assert_eq!(image_type(b"mp42\0\0\0\0isom"), Err(HeaderError::NotAnImage));
}

#[test]
fn avif_and_heic_are_turned_by_their_properties() {
    let irot = |turns| bmff_box(b"irot", &[turns]);
    let imir = |axis| bmff_box(b"imir", &[axis]);
    // As libavif and libheif write them for each orientation of EXIF.
    let cases = [
        (1, vec![]),
        (2, vec![imir(1)]),
        (3, vec![irot(2)]),
        (4, vec![imir(0)]),
        (5, vec![irot(1), imir(0)]),
        (6, vec![irot(3)]),
        (7, vec![irot(3), imir(0)]),
        (8, vec![irot(1)]),
        // The same in another way.
        (4, vec![irot(2), imir(1)]),
        (5, vec![irot(3), imir(1)]),
        (7, vec![irot(1), imir(1)]),
    ];
    for (number, properties) in cases {
        let header = read_header(&heif(b"avif\0\0\0\0mif1", 24, 20, &properties)).unwrap();
        assert_eq!(header.orientation.exif(), number);
        assert_eq!((header.width, header.height), (24, 20));
    }
}

#[test]
fn long_ids_and_long_boxes() {
    let ispe = bmff_box(b"ispe", &[0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 20]);
    let ipco = bmff_box(b"ipco", &[vec![bmff_box(b"free", b""); 199].concat(), ispe].concat());
    let ipma = bmff_box(b"ipma", b"\x01\0\0\x01\0\0\0\x01\0\x01\0\x02\x01\x80\xC8");
    let iprp = bmff_box(b"iprp", &[ipco, ipma].concat());
    let pitm = bmff_box(b"pitm", b"\x01\0\0\0\0\x01\0\x02");
    let meta = [&[0; 4][..], &pitm, &iprp].concat();
    let ftyp = bmff_box(b"ftyp", b"heic\0\0\0\0");
    let long = [b"\0\0\0\x01meta", &(meta.len() as u64 + 16).to_be_bytes()[..], &meta].concat();
    let to_the_end = [b"\0\0\0\0meta", &meta[..]].concat();
    for meta in [long, to_the_end] {
        assert_eq!(read_header(&[&ftyp[..], &meta].concat()), upright(ImageType::Heic, 24, 20));
    }
    let endless = [&ftyp[..], b"\0\0\0\x01meta\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"].concat();
    assert_eq!(read_header(&endless), Err(HeaderError::Truncated));
    let empty = [&ftyp[..], &bmff_box(b"meta", &[0; 4])].concat();
    assert_eq!(read_header(&empty), Err(HeaderError::Corrupt));
}

#[test]
fn what_is_no_image() {
    assert_eq!(read_header(b""), Err(HeaderError::Empty));
    for file in
        [&b"%PDF-1.7"[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"RIFF\0\0\0\0WAVE", &[0; 64]]
    {
        assert_eq!(read_header(file), Err(HeaderError::NotAnImage));
    }
    let no_header_first = [&b"\x89PNG\r\n\x1A\n"[..], &chunk(b"IDAT", b"")].concat();
    assert_eq!(read_header(&no_header_first), Err(HeaderError::Corrupt));
    assert_eq!(read_header(&webp(&[riff_chunk(b"JUNK", &[0; 20])])), Err(HeaderError::Corrupt));
    let no_start_code = webp(&[riff_chunk(b"VP8 ", &[0; 10])]);
    assert_eq!(read_header(&no_start_code), Err(HeaderError::Corrupt));
    let no_columns = insert(b"\xFF\xD8", 2, &segment(0xC0, b"\x08\0\x14\0\0\x01"));
    assert_eq!(read_header(&no_columns), Err(HeaderError::Corrupt));
}
