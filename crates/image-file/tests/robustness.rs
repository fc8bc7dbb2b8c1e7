//! Whatever the bytes are: an answer, no panic, and never a larger file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{
    BEHIND_IHDR, Exif, SECRET, chunk, contains, encoded, heif, insert, jpeg_exif, jpeg_with, progressive,
    restarting, riff_chunk, segment, strip, vp8l, vp8x, webp,
};
use image::ImageFormat;
use perse_image_file::read_header;
use proptest::{collection::vec, prelude::*, sample::select};

/// Files with as much as possible in them.
fn files() -> Vec<Vec<u8>> {
    let exif = Exif::FULL.block();
    let texts = [chunk(b"eXIf", &exif), chunk(b"tEXt", b"a\0SECRET"), chunk(b"gAMA", &[0, 0, 1, 1])].concat();
    let tail = b"\0\0\0\x18ftypmp42SECRET";
    let segments = [jpeg_exif(Exif::FULL), segment(0xFE, SECRET.as_bytes())].concat();
    vec![
        [&jpeg_with(&[jpeg_exif(Exif::FULL), segment(0xED, b"Photoshop 3.0\0SECRET")])[..], tail].concat(),
        insert(&progressive(), 2, &segments),
        insert(&restarting(), 2, &segments),
        [&insert(&encoded(ImageFormat::Png), BEHIND_IHDR, &texts)[..], tail].concat(),
        webp(&[vp8x(0x1C, 24, 20), vp8l(), riff_chunk(b"EXIF", &exif), riff_chunk(b"XMP ", b"SECRET.")]),
        heif(b"mif1\0\0\0\0avif", 24, 20, &[]),
        [b"BM", &[0; 12][..], &[40, 0, 0, 0, 24, 0, 0, 0, 20, 0, 0, 0]].concat(),
        b"GIF89a\x18\0\x14\0".to_vec(),
        exif,
    ]
}

/// Checks that hold for any bytes.
fn check(bytes: &[u8]) {
    let header = read_header(bytes);
    if let Ok(header) = header {
        assert!(header.width > 0 && header.height > 0);
    }
    if let Ok(Some(stripped)) = strip(bytes) {
        assert!(!stripped.removed.is_empty() || stripped.bytes.ends_with(b"\xFF\xD9"));
        assert!(stripped.bytes.len() <= bytes.len() + 64);
        assert_eq!(strip(&stripped.bytes), Ok(None));
        if let Ok(header) = header {
            assert_eq!(read_header(&stripped.bytes), Ok(header));
        }
    }
}

#[test]
fn every_beginning_of_a_file_is_answered() {
    for file in files() {
        for length in 0..=file.len() {
            check(&file[..length]);
        }
    }
}

#[test]
fn every_byte_may_be_wrong() {
    for mut file in files() {
        for at in 0..file.len() {
            for wrong in [0x00, 0x01, 0x7F, 0x80, 0xD9, 0xDA, 0xE1, 0xFE, 0xFF] {
                let right = std::mem::replace(&mut file[at], wrong);
                check(&file);
                file[at] = right;
            }
        }
    }
}

#[test]
fn lengths_that_go_round_the_address_space() {
    for length in [0, 1, u32::MAX - 12, u32::MAX - 8, u32::MAX - 1, u32::MAX, 1 << 31] {
        let [be, le] = [length.to_be_bytes(), length.to_le_bytes()];
        for file in files() {
            for at in 0..file.len().saturating_sub(4).min(400) {
                for bytes in [be, le] {
                    let mut file = file.clone();
                    file[at..at + 4].copy_from_slice(&bytes);
                    check(&file);
                }
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Damage {
    Flip(usize, u8),
    Cut(usize),
    Remove(usize, usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<usize>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, 1 << bit)),
        1 => any::<usize>().prop_map(Damage::Cut),
        1 => (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        2 => (any::<usize>(), vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (any::<usize>(), 1..400_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

fn apply(file: &mut Vec<u8>, damage: &Damage) {
    if file.is_empty() {
        return;
    }
    let place = |at: usize| at % file.len();
    match damage {
        Damage::Flip(at, bit) => {
            let at = place(*at);
            file[at] ^= bit;
        }
        Damage::Cut(at) => file.truncate(place(*at)),
        Damage::Remove(at, length) => {
            let at = place(*at);
            file.drain(at..(at + length).min(file.len()));
        }
        Damage::Insert(at, bytes) => *file = insert(file, place(*at), bytes),
        Damage::Repeat(at, length) => {
            let at = place(*at);
            let piece = file[at..(at + length).min(file.len())].to_vec();
            *file = insert(file, at, &piece);
        }
    }
}

/// A segment that must not stay, or an EXIF one.
fn any_segment() -> impl Strategy<Value = Vec<u8>> {
    let secret = vec(any::<u8>(), 0..30).prop_map(|noise| [&noise[..], b"SECRET", &noise].concat());
    let marker = prop_oneof![0xE1..=0xE1_u8, 0xE3..=0xED_u8, Just(0xEF), Just(0xFE)];
    let prefix = select(vec![&b""[..], b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"Photoshop 3.0\0"]);
    let fill = vec(Just(0xFF), 0..4);
    prop_oneof![
        3 => (fill, marker, prefix, secret)
            .prop_map(|(fill, marker, prefix, secret)| [fill, segment(marker, &[prefix, &secret].concat())].concat()),
        1 => (any::<bool>(), 0..10_u16, any::<bool>(), any::<bool>()).prop_map(
            |(is_big_endian, orientation, has_gps, has_thumbnail)| {
                jpeg_exif(Exif { is_big_endian, orientation: Some(orientation), has_gps, has_thumbnail })
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_answered(file in select(files()), damages in vec(damage(), 1..6)) {
        let mut file = file;
        for damage in &damages {
            apply(&mut file, damage);
        }
        check(&file);
    }

    #[test]
    fn noise_behind_a_signature_is_answered(
        signature in select(vec![&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1A\n", b"RIFF\x40\0\0\0WEBP", b"II*\0", b"MM\0*", b"BM",
            b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf\0\0\x01\0meta", b""]),
        noise in vec(prop_oneof![any::<u8>(), Just(0), Just(0xFF)], 0..300),
    ) {
        check(&[signature, &noise].concat());
    }

    #[test]
    fn no_secret_stays_in_a_valid_jpeg(
        segments in vec(any_segment(), 0..8),
        between in vec(any_segment(), 0..8),
        tail in vec(any::<u8>(), 0..40),
    ) {
        let clean = progressive();
        let mut file = clean.clone();
        let scans: Vec<_> = clean.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]).collect();
        for ((at, _), segment) in scans.iter().zip(&between).rev() {
            file = insert(&file, *at, segment);
        }
        file = insert(&file, 2, &segments.concat());
        file.extend(tail);
        check(&file);
        let stripped = strip(&file).unwrap().map_or(file, |stripped| stripped.bytes);
        prop_assert!(!contains(&stripped, SECRET));
        prop_assert!(stripped.ends_with(&clean[scans[0].0..]));
    }
}
