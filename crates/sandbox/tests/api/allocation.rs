//! Files whose headers claim more than they hold, sent to a server that may not have it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    time::Duration,
};

use image::{DynamicImage, ImageFormat, RgbImage};
use perse_protocol::{field, route};

use crate::common::{Form, KEY, encode, jpeg, models, wall};

/// Of virtual memory: what the server's threads reserve, and room for one picture.
const LIMIT_KILOBYTES: u32 = 1_500_000;
const SIZES: [u32; 5] = [0, 1, 0x7FFF_FFFF, 0xCCCC_CCCC, 0xFFFF_FFFE];

/// A WebP of a wall in the extended form, with a chunk of this name that claims this size.
fn webp(chunk: &[u8; 4], size: u32, is_first: bool) -> Vec<u8> {
    let simple = encode(&DynamicImage::from(wall()), ImageFormat::WebP);
    let picture = &simple[12..];
    // A decoder refuses a flag whose chunk is missing before it reads any chunk.
    let flag = match chunk {
        b"ANIM" | b"ANMF" => 0x02,
        b"XMP " => 0x04,
        b"EXIF" => 0x08,
        b"ALPH" => 0x10,
        b"ICCP" => 0x20,
        _ => 0,
    };
    let mut file = b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0".to_vec();
    // A canvas of 320 × 240.
    file.extend([flag, 0, 0, 0, 0x3F, 0x01, 0, 0xEF, 0, 0]);
    let mut claim = chunk.to_vec();
    claim.extend(size.to_le_bytes());
    claim.extend([0; 64]);
    let parts = if is_first { [&claim[..], picture] } else { [picture, &claim[..]] };
    parts.iter().for_each(|part| file.extend(*part));
    let length = u32::try_from(file.len() - 8).unwrap().max(size);
    file[4..8].copy_from_slice(&length.to_le_bytes());
    file
}

/// A PNG of a wall with a chunk of this name that claims this size, after its header.
fn png(chunk: &[u8; 4], size: u32) -> Vec<u8> {
    let mut file = encode(&DynamicImage::from(wall()), ImageFormat::Png);
    let mut claim = size.to_be_bytes().to_vec();
    claim.extend(chunk);
    claim.extend([0x78; 64]);
    file.splice(33..33, claim);
    file
}

/// A PNG whose compressed text or profile unpacks to a hundred megabytes.
fn png_bomb(chunk: &[u8; 4], head: &[u8]) -> Vec<u8> {
    // zlib: stored blocks of 65,535 bytes would be large, so a run of one repeated byte in fixed codes.
    let mut zeros = encode(&DynamicImage::from(RgbImage::new(5_900, 5_900)), ImageFormat::Png);
    let start = zeros.windows(4).position(|name| name == b"IDAT").unwrap();
    let length = u32::from_be_bytes(zeros[start - 4..start].try_into().unwrap()) as usize;
    let data: Vec<u8> = zeros.drain(start + 4..start + 4 + length).collect();
    let body = [head, &data].concat();
    let mut file = encode(&DynamicImage::from(wall()), ImageFormat::Png);
    let mut claim = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    claim.extend(chunk);
    claim.extend(&body);
    // A wrong checksum of an ancillary chunk is read over.
    claim.extend([0; 4]);
    file.splice(33..33, claim);
    file
}

/// A JPEG of a wall with a segment of this marker and length before everything else.
fn jpeg_with(marker: u8, length: u16, content: &[u8]) -> Vec<u8> {
    let mut file = jpeg(&wall());
    let mut segment = vec![0xFF, marker];
    segment.extend(length.to_be_bytes());
    segment.extend(content);
    file.splice(2..2, segment);
    file
}

/// An EXIF block in which one entry claims so many values.
fn exif(count: u32) -> Vec<u8> {
    let mut block = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03".to_vec();
    block.extend(count.to_be_bytes());
    block.extend([0, 6, 0, 0, 0xFF, 0xFF, 0xFF, 0xF0]);
    block
}

fn corpus() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for size in SIZES {
        for chunk in [b"EXIF", b"ICCP", b"XMP ", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L", b"junk"] {
            files.extend([webp(chunk, size, true), webp(chunk, size, false)]);
        }
        for chunk in [
            b"eXIf", b"iCCP", b"zTXt", b"iTXt", b"tEXt", b"PLTE", b"tRNS", b"IDAT", b"acTL", b"fdAT", b"juNk",
        ] {
            files.push(png(chunk, size));
        }
        let block = exif(size);
        let length = u16::try_from(block.len() + 2).unwrap();
        for marker in [0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE, 0xDB, 0xC4, 0xDD] {
            files.extend([jpeg_with(marker, length, &block), jpeg_with(marker, 0xFFFF, &block)]);
        }
    }
    files.push(png_bomb(b"iCCP", b"profile\0\0"));
    files.push(png_bomb(b"zTXt", b"comment\0\0"));
    files.push(png_bomb(b"iTXt", b"comment\0\x01\0\0\0"));
    files
}

#[cfg(unix)]
#[test]
fn a_file_that_claims_gigabytes_does_not_end_a_server_that_has_not_got_them() {
    let program = env!("CARGO_BIN_EXE_perse-sandbox");
    let models = models();
    let limited = format!(
        "ulimit -v {LIMIT_KILOBYTES} && exec '{program}' --port 0 --workers 1 --private-key {KEY} --models '{}'",
        models.display()
    );
    let mut server = Command::new("sh")
        .args(["-c", &limited])
        .env("TOKIO_WORKER_THREADS", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").expect("it did not start").to_owned();
    let files = corpus();
    assert!(files.len() > 200, "{}", files.len());
    for (number, file) in files.iter().enumerate() {
        let body = Form::agreed().file(field::IMAGE, file).body();
        let mut stream =
            TcpStream::connect(&address).unwrap_or_else(|error| panic!("file {number}: {error}"));
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!(
            "POST /v0{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}: {KEY}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            route::DETECT,
            route::API_KEY,
            Form::content_type(),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let is_clear =
            ["HTTP/1.1 200 ", "HTTP/1.1 415 ", "HTTP/1.1 413 "].iter().any(|s| answer.starts_with(s));
        assert!(is_clear, "file {number} of {} bytes: {answer:?}", file.len());
    }
    assert!(server.try_wait().unwrap().is_none());
    server.kill().unwrap();
    server.wait().unwrap();
}
