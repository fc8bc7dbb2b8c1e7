//! Metadata is removed; the picture keeps every bit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{
    BEHIND_IHDR, Exif, SECRET, chunk, chunks, contains, encoded, insert, jpeg_exif, jpeg_with, pixels,
    progressive, read_by_image, restarting, riff_chunk, riff_chunks, sample, segment, segments, strip, vp8,
    vp8l, vp8x, webp,
};
use image::ImageFormat;
use perse_image_file::{MetadataKind, StripError, StripOptions, hide_exif, read_header};

/// Strips a file, whose pixels and profile must stay; gives what was removed, too.
fn stripped(file: &[u8]) -> (Vec<u8>, Vec<MetadataKind>) {
    let stripped = strip(file).unwrap().expect("there is something to remove");
    assert!(!contains(&stripped.bytes, SECRET), "{:?}", stripped.removed);
    assert_eq!(strip(&stripped.bytes), Ok(None), "once is enough");
    assert_eq!(read_header(&stripped.bytes), read_header(file));
    // Decoders refuse a file with a chunk that claims to be critical.
    if !contains(file, "PriV") {
        assert_eq!(pixels(&stripped.bytes), pixels(file));
        assert_eq!(read_by_image(&stripped.bytes), read_by_image(file));
    }
    (stripped.bytes, stripped.removed.iter().collect())
}

fn xmp(place: &str) -> Vec<u8> {
    [b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET", place.as_bytes(), b"</x:xmpmeta>"].concat()
}

fn icc_profile() -> Vec<u8> {
    (0..3000).map(|byte| byte as u8).collect()
}

#[test]
fn real_photos_keep_their_pixels() {
    for number in 1..=6 {
        let file = sample(number);
        assert!(contains(&file, b"\xFF\0"), "0xFF in the pixels");
        let tail = [&file[..], b"SECRET"].concat();
        let (bytes, _) = stripped(&insert(&tail, 2, &jpeg_exif(Exif { orientation: Some(1), ..Exif::FULL })));
        let expected = strip(&file).unwrap().map_or(file, |stripped| stripped.bytes);
        assert!(bytes == expected);
    }
}

#[test]
fn a_clean_file_is_left_alone() {
    let extended = webp(&[vp8x(0, 24, 20), vp8l()]);
    let clean = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP].map(encoded);
    for file in clean.into_iter().chain([progressive(), restarting(), webp(&[vp8()]), extended]) {
        assert_eq!(strip(&file), Ok(None));
    }
}

#[test]
fn jpeg_each_segment_by_its_kind() {
    use MetadataKind::{Comment, Exif as ExifKind, Gps, Iptc, Other, Thumbnail, Xmp};
    let upright = Exif { orientation: Some(1), ..Exif::default() };
    let cases = [
        (jpeg_exif(upright), vec![ExifKind]),
        (jpeg_exif(Exif { has_gps: true, ..upright }), vec![ExifKind, Gps]),
        (jpeg_exif(Exif { has_thumbnail: true, is_big_endian: true, ..upright }), vec![ExifKind, Thumbnail]),
        (segment(0xE1, b"Exif\0\0SECRET, not TIFF"), vec![ExifKind]),
        (segment(0xE1, &xmp("")), vec![Xmp]),
        (segment(0xE1, &xmp("<exif:GPSLatitude>")), vec![Gps, Xmp]),
        (
            segment(
                0xE1,
                &[
                    b"http://ns.adobe.com/xmp/extension/\0",
                    &[b'0'; 32][..],
                    &[0, 0, 0, 6, 0, 0, 0, 0],
                    b"SECRET",
                ]
                .concat(),
            ),
            vec![Xmp],
        ),
        (segment(0xE1, b"SECRET"), vec![Other]),
        (segment(0xED, b"Photoshop 3.0\08BIM\x04\x04\0\0SECRET"), vec![Iptc]),
        (segment(0xFE, b"SECRET"), vec![Comment]),
        (segment(0xFE, b""), vec![Comment]),
        (segment(0xE0, b"JFXX\0\x10SECRET"), vec![Thumbnail]),
        (segment(0xE2, b"MPF\0SECRET"), vec![Other]),
        (segment(0xE2, b"FPXR\0SECRET"), vec![Other]),
        (segment(0xEC, b"Ducky\0SECRET"), vec![Other]),
        (segment(0xEE, b"Made by SECRET"), vec![Other]),
        (segment(0xEB, b"JP\0\0SECRET"), vec![Other]),
        (segment(0xF0, b"SECRET"), vec![Other]),
    ];
    let clean = encoded(ImageFormat::Jpeg);
    let all: Vec<_> = cases.iter().map(|(segment, _)| segment.clone()).collect();
    for (segment, kinds) in cases {
        // An encoder of old decoders' extensions is not at hand.
        if segment[1] == 0xF0 {
            assert_eq!(strip(&jpeg_with(&[segment])).unwrap().unwrap().bytes, clean);
            continue;
        }
        assert_eq!(stripped(&jpeg_with(&[segment])), (clean.clone(), kinds));
    }
    let (bytes, kinds) = stripped(&jpeg_with(&all[..all.len() - 1]));
    assert_eq!(bytes, clean);
    assert_eq!(kinds, [ExifKind, Gps, Xmp, Iptc, Comment, Thumbnail, Other]);
}

#[test]
fn jpeg_keeps_what_decoders_need() {
    let half = icc_profile().len() / 2;
    let icc = |number: u8, part: &[u8]| segment(0xE2, &[b"ICC_PROFILE\0", &[number, 2][..], part].concat());
    let kept = [
        icc(1, &icc_profile()[..half]),
        icc(2, &icc_profile()[half..]),
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01"),
        segment(0xDD, &[0, 0]),
    ];
    let clean = jpeg_with(&kept);
    let secret = segment(0xFE, b"SECRET");
    let file = jpeg_with(&kept.map(|kept| [secret.clone(), kept].concat()));
    assert_eq!(stripped(&file), (clean.clone(), vec![MetadataKind::Comment]));
    assert_eq!(read_by_image(&clean).1, Some(icc_profile()));
}

#[test]
fn adobe_keeps_its_colours_and_nothing_behind_them() {
    let adobe = b"Adobe\0\x64\0\0\0\0\x01";
    let file = jpeg_with(&[segment(0xEE, &[&adobe[..], b"SECRET"].concat())]);
    assert_eq!(stripped(&file), (jpeg_with(&[segment(0xEE, adobe)]), vec![MetadataKind::Other]));
}

#[test]
fn jfif_keeps_its_density_but_not_its_thumbnail() {
    let clean = encoded(ImageFormat::Jpeg);
    assert_eq!(segments(&clean)[0].0, 0xE0);
    let behind = 4 + 2 + segments(&clean)[0].1.len();
    let density = b"JFIF\0\x01\x02\x01\0\x48\0\x48";
    let with_thumbnail = segment(0xE0, &[density, &b"\x02\x01SECRET"[..]].concat());
    let file = [&clean[..2], &with_thumbnail, &clean[behind..]].concat();
    let (bytes, kinds) = stripped(&file);
    assert_eq!(segments(&bytes)[0], (0xE0, &b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0"[..]));
    assert_eq!(kinds, [MetadataKind::Thumbnail]);
}

#[test]
fn jpeg_scans_are_passed_over() {
    for clean in [progressive(), restarting()] {
        let scans: Vec<_> = clean
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| *pair == [0xFF, 0xDA])
            .map(|(at, _)| at)
            .collect();
        // Comments before each scan, with fill bytes and an application's segment.
        let mut file = clean.clone();
        for at in scans.iter().rev() {
            let between =
                [segment(0xFE, b"SECRET"), vec![0xFF; 5], segment(0xE1, b"SECRET\xFF\xDA")].concat();
            file = insert(&file, *at, &between);
        }
        assert_eq!(stripped(&file), (clean, vec![MetadataKind::Comment, MetadataKind::Other]));
    }
    assert!(progressive().windows(2).filter(|pair| *pair == [0xFF, 0xDA]).count() > 3);
    // Filled-up markers and zeros between segments.
    let clean = encoded(ImageFormat::Jpeg);
    let filled = insert(&clean, 2, b"\xFF\xFF\xFF");
    assert_eq!(strip(&filled), Ok(None));
    assert_eq!(strip(&insert(&clean, 2, b"\xFF")), Ok(None));
    let (bytes, kinds) = stripped(&[&filled[..], b"\0"].concat());
    assert_eq!((bytes, kinds), (clean, vec![MetadataKind::Trailing]));
}

#[test]
fn nothing_follows_after_the_end() {
    let video = b"\0\0\0\x18ftypmp42SECRET";
    let second = [&encoded(ImageFormat::Jpeg)[..], b"SECRET"].concat();
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        for tail in [&video[..], &second, b"SECRET", b"\0"] {
            let clean = encoded(format);
            let file = [&clean[..], tail].concat();
            assert_eq!(stripped(&file), (clean, vec![MetadataKind::Trailing]));
        }
    }
    // An announced orientation behind the end of the file does not count.
    let announced = webp(&[vp8x(0x08, 24, 20), vp8l()]);
    let file = [&announced[..], &riff_chunk(b"EXIF", &Exif::FULL.block())].concat();
    assert_eq!(read_header(&file).unwrap().orientation.exif(), 1);
    assert_eq!(strip(&file).unwrap().unwrap().bytes, webp(&[vp8x(0, 24, 20), vp8l()]));
    // Also where the end itself is missing, and another image begins.
    let clean = encoded(ImageFormat::Jpeg);
    let cut = &clean[..clean.len() - 2];
    let file = [cut, &second].concat();
    let stripped = strip(&file).unwrap().unwrap();
    assert_eq!(stripped.bytes, clean, "with the end that was missing");
    assert!(stripped.removed.contains(MetadataKind::Trailing));
}

#[test]
fn a_jpeg_that_was_cut_off_keeps_the_pixels_that_are_there() {
    let clean = progressive();
    let with_secret = jpeg_with(&[]);
    let scan = clean.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let begin = scan + 2 + usize::from(u16::from_be_bytes([clean[scan + 2], clean[scan + 3]]));
    for length in 2..clean.len() {
        let file = insert(&clean[..length], 2, &segment(0xFE, b"SECRET"));
        match strip(&file) {
            Err(error) => {
                assert_eq!(error, StripError::Corrupt);
                assert!(length < begin);
            }
            Ok(stripped) => {
                assert!(length >= begin);
                let bytes = stripped.unwrap().bytes;
                let pixels = bytes.strip_suffix(b"\xFF\xD9").expect("an end");
                // At most a segment that was begun is lost.
                assert!(clean.starts_with(pixels));
                assert!(pixels.len() >= begin && pixels.len() <= length);
            }
        }
    }
    assert_eq!(strip(&with_secret), Ok(None));
}

#[test]
fn every_orientation_stays() {
    for number in 1..=8 {
        for is_big_endian in [false, true] {
            let exif = Exif { is_big_endian, orientation: Some(number), ..Exif::FULL };
            let png = encoded(ImageFormat::Png);
            let files = [
                jpeg_with(&[jpeg_exif(exif), segment(0xE1, &xmp(""))]),
                insert(&png, BEHIND_IHDR, &chunk(b"eXIf", &exif.block())),
                insert(&png, png.len() - 12, &chunk(b"eXIf", &exif.block())),
                webp(&[vp8x(0x18, 24, 20), vp8l(), riff_chunk(b"EXIF", &exif.block())]),
            ];
            for file in files {
                let (bytes, kinds) = stripped(&file);
                assert_eq!(read_header(&bytes).unwrap().orientation.exif(), number as u8);
                assert_eq!(contains(&bytes, b"MM\0*"), number > 1);
                assert!(kinds.starts_with(&[MetadataKind::Exif, MetadataKind::Gps]));
                assert!(kinds.contains(&MetadataKind::Thumbnail));
                let bare = perse_image_file::strip(&file, StripOptions { keep_orientation: false })
                    .unwrap()
                    .unwrap()
                    .bytes;
                assert_eq!(read_header(&bare).unwrap().orientation.exif(), 1);
            }
        }
    }
}

#[test]
fn a_jpeg_prefix_is_understood_in_other_files() {
    let prefixed = [b"Exif\0\0", &Exif::FULL.block()[..]].concat();
    let webp = webp(&[vp8x(0x18, 24, 20), vp8l(), riff_chunk(b"EXIF", &prefixed)]);
    for file in [webp, insert(&encoded(ImageFormat::Png), BEHIND_IHDR, &chunk(b"eXIf", &prefixed))] {
        let bytes = strip(&file).unwrap().unwrap().bytes;
        assert_eq!(read_header(&bytes).unwrap().orientation.exif(), 6);
        assert_eq!(read_by_image(&bytes).0, 6);
    }
}

#[test]
fn exif_is_hidden_in_the_beginning_alone() {
    let file = jpeg_with(&[jpeg_exif(Exif { orientation: Some(6), ..Exif::FULL })]);
    let (mut beginning, rest) = (file[..file.len() / 2].to_vec(), &file[file.len() / 2..]);
    hide_exif(&mut beginning);
    let hidden = [&beginning, rest].concat();
    assert_eq!(read_header(&hidden).unwrap().orientation.exif(), 1);
    assert_eq!(hidden.len(), file.len());
    let changed = hidden.iter().zip(&file).filter(|(new, old)| new != old).count();
    assert_eq!(changed, 4, "the letters of the name, and nothing else");

    // A stray byte between two segments hides nothing from the decoders, and nothing from this.
    let exif = jpeg_exif(Exif { orientation: Some(6), ..Exif::FULL });
    let mut stray = jpeg_with(&[segment(0xFE, b"note"), b"\0".to_vec(), exif]);
    assert_eq!(read_header(&stray).unwrap().orientation.exif(), 6);
    hide_exif(&mut stray);
    assert_eq!(read_header(&stray).unwrap().orientation.exif(), 1);

    let mut png = encoded(ImageFormat::Png);
    hide_exif(&mut png);
    assert_eq!(png, encoded(ImageFormat::Png));
}

#[test]
fn the_orientation_alone_is_nothing_to_remove() {
    let file = jpeg_with(&[jpeg_exif(Exif { orientation: Some(8), ..Exif::FULL })]);
    let (bytes, _) = stripped(&file);
    let (marker, data) = segments(&bytes)[0];
    assert_eq!((marker, data.len()), (0xE1, 32));
    // A second block is one too many.
    let twice = insert(&bytes, 2, &segment(marker, data));
    assert_eq!(stripped(&twice), (bytes, vec![MetadataKind::Exif]));
}

#[test]
fn png_each_chunk_by_its_kind() {
    use MetadataKind::{Comment, Exif as ExifKind, Gps, Other, Xmp};
    let upright = Exif { orientation: Some(1), has_gps: true, ..Exif::default() };
    let cases = [
        (chunk(b"eXIf", &upright.block()), vec![ExifKind, Gps]),
        (chunk(b"tEXt", b"Author\0SECRET"), vec![Comment]),
        (chunk(b"zTXt", b"Comment\0\0SECRET"), vec![Comment]),
        (chunk(b"iTXt", b"Title\0\0\0\0\0SECRET"), vec![Comment]),
        (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRET"), vec![Xmp]),
        (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRET exif:GPSLongitude"), vec![Gps, Xmp]),
        (chunk(b"tIME", &[7, 233, 1, 2, 3, 4, 5]), vec![Comment]),
        (chunk(b"prVt", b"SECRET"), vec![Other]),
        (chunk(b"caBX", b"SECRET"), vec![Other]),
        // It claims to be critical, and no decoder knows it.
        (chunk(b"PriV", b"SECRET"), vec![Other]),
    ];
    let clean = encoded(ImageFormat::Png);
    for (chunk, kinds) in cases {
        for at in [BEHIND_IHDR, clean.len() - 12] {
            assert_eq!(stripped(&insert(&clean, at, &chunk)), (clean.clone(), kinds.clone()));
        }
    }
}

#[test]
fn png_keeps_what_decoders_need() {
    // The profile: a name, compression 0, a zlib stream of one stored block.
    let profile = icc_profile();
    let length = profile.len() as u16;
    let (a, b) = profile.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let zlib = [
        &b"\x78\x01\x01"[..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        &profile,
        &(b << 16 | a).to_be_bytes(),
    ]
    .concat();
    let kept = [
        chunk(b"iCCP", &[b"p\0\0", &zlib[..]].concat()),
        chunk(b"gAMA", &45_455_u32.to_be_bytes()),
        chunk(b"cHRM", &[0; 32]),
        chunk(b"cICP", &[12, 13, 0, 1]),
        chunk(b"sBIT", &[8; 4]),
        chunk(b"pHYs", b"\0\0\x0B\x13\0\0\x0B\x13\x01"),
        chunk(b"bKGD", &[0; 6]),
        // An animation of one frame, which is the picture.
        chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]),
        chunk(b"fcTL", &[&[0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 20][..], &[0; 8], &[0, 1, 0, 1, 0, 0]].concat()),
    ];
    let clean = insert(&encoded(ImageFormat::Png), BEHIND_IHDR, &kept.concat());
    assert_eq!(strip(&clean), Ok(None));
    let secret = chunk(b"tEXt", b"Author\0SECRET");
    let file = insert(
        &encoded(ImageFormat::Png),
        BEHIND_IHDR,
        &kept.map(|kept| [secret.clone(), kept].concat()).concat(),
    );
    assert_eq!(stripped(&file), (clean.clone(), vec![MetadataKind::Comment]));
    assert_eq!(read_by_image(&clean).1, Some(profile));
}

#[test]
fn a_palette_and_its_transparency_stay() {
    // Two pixels of a palette of two colours, in a stored block.
    let idat = b"\x78\x01\x01\x02\0\xFD\xFF\0\x40\0\x42\0\x41";
    let png = |secret: &[u8]| {
        [
            &b"\x89PNG\r\n\x1A\n"[..],
            &chunk(b"IHDR", b"\0\0\0\x02\0\0\0\x01\x01\x03\0\0\0"),
            &chunk(b"PLTE", &[255, 0, 0, 0, 255, 0]),
            &chunk(b"tRNS", &[128]),
            secret,
            &chunk(b"IDAT", idat),
            &chunk(b"IEND", b""),
        ]
        .concat()
    };
    assert_eq!(stripped(&png(&chunk(b"tEXt", b"a\0SECRET"))).0, png(b""));
    assert_eq!(pixels(&png(b"")).to_rgba8().as_raw()[..], [255, 0, 0, 128, 0, 255, 0, 255]);
}

#[test]
fn the_orientation_has_a_right_checksum() {
    let file = insert(&encoded(ImageFormat::Png), BEHIND_IHDR, &chunk(b"eXIf", &Exif::FULL.block()));
    let (bytes, _) = stripped(&file);
    let kinds: Vec<_> = chunks(&bytes).iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds[..2], [*b"IHDR", *b"eXIf"]);
}

#[test]
fn webp_each_chunk_by_its_kind() {
    use MetadataKind::{Exif as ExifKind, Gps, Other, Xmp};
    let upright = Exif { orientation: Some(1), has_gps: true, ..Exif::default() };
    let cases = [
        (0x08, riff_chunk(b"EXIF", &upright.block()), vec![ExifKind, Gps]),
        (0x00, riff_chunk(b"EXIF", b"SECRET"), vec![ExifKind]),
        (0x04, riff_chunk(b"XMP ", b"SECRET!"), vec![Xmp]),
        (0x04, riff_chunk(b"XMP ", b"SECRET exif:GPSLatitude"), vec![Gps, Xmp]),
        (0x00, riff_chunk(b"ABCD", b"SECRET"), vec![Other]),
        (0x00, vp8x(0x08, 24, 20), vec![Other]),
    ];
    for (flags, chunk, kinds) in cases {
        let clean = webp(&[vp8x(0x30, 24, 20), riff_chunk(b"ICCP", &icc_profile()), vp8l()]);
        let file =
            webp(&[vp8x(0x30 | flags, 24, 20), riff_chunk(b"ICCP", &icc_profile()), vp8l(), chunk.clone()]);
        assert_eq!(stripped(&file), (clean.clone(), kinds.clone()));
        assert_eq!(read_by_image(&clean).1, Some(icc_profile()));
        // In the simple format, lossless and lossy.
        for picture in [vp8l(), vp8()] {
            let file = webp(&[picture.clone(), chunk.clone()]);
            let bytes = strip(&file).unwrap().unwrap().bytes;
            assert_eq!(bytes, webp(&[picture]));
            pixels(&bytes);
        }
    }
}

#[test]
fn webp_keeps_transparency_and_animation() {
    let alpha = riff_chunk(b"ALPH", b"\0\x80");
    let file = webp(&[vp8x(0x18, 1, 1), alpha.clone(), vp8(), riff_chunk(b"EXIF", &Exif::FULL.block())]);
    let (bytes, _) = stripped(&file);
    let kinds: Vec<_> = riff_chunks(&bytes).iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [*b"VP8X", *b"ALPH", *b"VP8 ", *b"EXIF"]);
    assert_eq!(riff_chunks(&bytes)[0].1[0], 0x18);

    let frame =
        riff_chunk(b"ANMF", &[&[0, 0, 0, 0, 0, 0, 23, 0, 0, 19, 0, 0, 9, 0, 0, 2][..], &vp8l()].concat());
    let animation = [riff_chunk(b"ANIM", &[0; 6]), frame.clone(), frame];
    let clean = webp(&[&[vp8x(0x12, 24, 20)], &animation[..]].concat());
    let file = webp(&[&[vp8x(0x16, 24, 20)], &animation[..], &[riff_chunk(b"XMP ", b"SECRET")]].concat());
    assert_eq!(stripped(&file), (clean, vec![MetadataKind::Xmp]));
}

#[test]
fn a_missing_padding_byte_is_put_in() {
    let mut file =
        webp(&[vp8x(0x04, 24, 20), riff_chunk(b"XMP ", b"SECRET"), vp8l(), riff_chunk(b"ICCP", b"odd")]);
    file.pop();
    let size = file.len() as u32 - 8;
    file[4..8].copy_from_slice(&size.to_le_bytes());
    let bytes = strip(&file).unwrap().unwrap().bytes;
    assert_eq!(bytes, webp(&[vp8x(0, 24, 20), vp8l(), riff_chunk(b"ICCP", b"odd")]));
}

#[test]
fn what_cannot_be_stripped() {
    for file in [&b""[..], b"GIF89a\x01\0\x01\0", b"BM", b"%PDF-1.7", b"\0\0\0\x18ftypheic"] {
        assert_eq!(strip(file), Err(StripError::Unsupported));
    }
    for file in [&b"\xFF\xD8\xFF"[..], b"\xFF\xD8\xFF\xD9", b"\xFF\xD8\xFF\xD8\xFF\xD9"] {
        assert_eq!(strip(file), Err(StripError::Corrupt));
    }
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let file = encoded(format);
        for length in 12..file.len() {
            assert_eq!(strip(&file[..length]), Err(StripError::Corrupt), "{format:?} {length}");
        }
    }
}
