//! Whatever is inserted into a file is removed, and its pixels stay, by two independent decoders.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{chunk, encoded, progressive, restarting, segment};
use image::ImageFormat;
use perse_image_file::{StripOptions, strip};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Returns the pixels by `zune-jpeg` and `png`, in Rust; `None` if they refuse the file.
fn by_image(file: &[u8]) -> Option<Vec<u8>> {
    image::load_from_memory(file).ok().map(|image| image.to_rgba8().into_raw())
}

/// Returns the pixels by libjpeg, in C; `None` if it refuses the file.
fn by_libjpeg(file: &[u8]) -> Option<Vec<u8>> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut started = mozjpeg::Decompress::new_mem(file).ok()?.rgb().ok()?;
        let pixels: Vec<[u8; 3]> = started.read_scanlines().ok()?;
        Some(pixels.concat())
    }))
    .ok()
    .flatten()
}

/// Returns where a segment can begin, from behind SOI to before EOI, and where the first scan begins.
fn boundaries(jpeg: &[u8]) -> (Vec<usize>, usize) {
    let (mut found, mut at, mut first_scan) = (vec![2], 2, usize::MAX);
    while jpeg[at + 1] != 0xD9 {
        let is_scan = jpeg[at + 1] == 0xDA;
        if is_scan {
            first_scan = first_scan.min(at);
        }
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        while is_scan && (jpeg[at] != 0xFF || matches!(jpeg[at + 1], 0 | 0xD0..=0xD7)) {
            at += 1;
        }
        found.push(at);
    }
    (found, first_scan)
}

#[test]
fn jpeg_segments_of_every_kind_at_every_place() {
    let payloads: [&[u8]; 14] = [
        b"",
        b"\x01",
        b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0",
        b"JFIF\0",
        b"JFXX\0\x10",
        b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0",
        b"Adobe\0d\0\0\0\0\0",
        b"Adobe\0d\0\0\0\0\x01",
        b"Adobe\0d\0\0\0\0\x02 and more",
        b"Adobe",
        b"ICC_PROFILE\0\x01\x01abc",
        b"http://ns.adobe.com/xap/1.0/\0<x/>",
        b"Photoshop 3.0\08BIM",
        b"PRIVATE and long, with \xFF\xD8\xFF\xDA inside",
    ];
    let markers = (0xC0..=0xFE).filter(|marker| !(0xD0..=0xDA).contains(marker)).chain([0x02, 0xBF]);
    let (mut compared, mut misread) = (0, 0);
    for file in [encoded(ImageFormat::Jpeg), progressive(), restarting()] {
        let clean = by_image(&file);
        let (places, first_scan) = boundaries(&file);
        for (at, marker) in places.iter().flat_map(|&at| markers.clone().map(move |marker| (at, marker))) {
            for payload in payloads {
                let mut changed = file.clone();
                changed.splice(at..at, segment(marker, payload));
                let Ok(Some(stripped)) = strip(&changed, StripOptions::default()) else { continue };
                let what = || format!("FF{marker:02X} {} at {at}", payload.escape_ascii());
                if let Some(before) = by_libjpeg(&changed) {
                    compared += 1;
                    assert_eq!(by_libjpeg(&stripped.bytes), Some(before), "{}", what());
                }
                let (before, after) = (by_image(&changed), by_image(&stripped.bytes));
                if before.is_some() && before != after {
                    // zune-jpeg 0.5 stops at a segment behind a scan, where libjpeg goes on. Without the segment
                    // it sees the picture.
                    assert!(at > first_scan, "{}", what());
                    assert_eq!(after, clean, "{}", what());
                    misread += 1;
                }
            }
        }
    }
    assert!(compared > 5_000 && misread > 0, "{compared} compared, {misread} misread by zune-jpeg");
}

#[test]
fn png_chunks_of_every_kind_at_every_place() {
    let kinds = [
        b"tEXt", b"iTXt", b"zTXt", b"tIME", b"sPLT", b"hIST", b"pHYs", b"gIFg", b"gIFx", b"oFFs", b"sCAL",
        b"dSIG", b"eXIf", b"prVt", b"PriV", b"caBX", b"cpIp", b"iDOT", b"vpAg", b"orNT",
    ];
    let file = encoded(ImageFormat::Png);
    let clean = by_image(&file);
    let (mut at, mut places) = (8, Vec::new());
    while at < file.len() {
        at += 12 + u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        places.push(at);
    }
    places.pop();
    for (at, kind) in places.iter().flat_map(|&at| kinds.map(move |kind| (at, kind))) {
        for payload in [&b""[..], b"SECRET", b"SECRET\0\0\0SECRET"] {
            let mut changed = file.clone();
            changed.splice(at..at, chunk(kind, payload));
            let stripped = strip(&changed, StripOptions::default()).unwrap();
            let kept = stripped.map_or(changed.clone(), |stripped| stripped.bytes);
            let what = || format!("{} {} at {at}", kind.escape_ascii(), payload.escape_ascii());
            assert!(!common::contains(&kept, "SECRET"), "{}", what());
            assert_eq!(by_image(&kept), clean, "{}", what());
        }
    }
}
