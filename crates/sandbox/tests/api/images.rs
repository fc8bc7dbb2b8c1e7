//! Every kind of picture becomes the same upright pixels.

use image::{DynamicImage, ImageFormat, RgbImage, imageops};
use perse_protocol::{Code, route};
use serde_json::Value;

use crate::common::{Form, Sandbox, encode, jpeg, pixels, sample, wall};

/// The metrics that the server sees, which tell pictures apart.
async fn metrics(sandbox: &Sandbox, file: &[u8]) -> [f64; 3] {
    let answer = sandbox.upload(route::DETECT, Form::image(file)).await;
    let metrics = &answer.is_ok()["image_metrics"];
    ["underexposure", "overexposure", "sharpness"].map(|name| metrics[name].as_f64().unwrap())
}

#[track_caller]
fn near(one: [f64; 3], other: [f64; 3], by: f64) {
    for (one, other) in one.into_iter().zip(other) {
        assert!((one - other).abs() <= by, "{one} is not {other}");
    }
}

/// Three bands, dark, middling and bright, of lengths that no other order gives.
fn bands(levels: [u8; 3]) -> RgbImage {
    RgbImage::from_fn(200, 100, |x, _| {
        let [dark, middle, bright] = levels;
        image::Rgb(
            [if x < 100 {
                dark
            } else if x < 160 {
                middle
            } else {
                bright
            }; 3],
        )
    })
}

#[tokio::test]
async fn every_format_and_depth_shows_the_same_picture() {
    let sandbox = Sandbox::new().await;
    let image = DynamicImage::from(bands([10, 128, 240]));
    let expected = [0.5, 0.2];
    for file in [
        encode(&image, ImageFormat::Jpeg),
        encode(&image, ImageFormat::Png),
        encode(&image, ImageFormat::WebP),
        encode(&image.to_luma8().into(), ImageFormat::Jpeg),
        encode(&image.to_luma8().into(), ImageFormat::Png),
        encode(&image.to_luma16().into(), ImageFormat::Png),
        encode(&image.to_luma_alpha8().into(), ImageFormat::Png),
        encode(&image.to_rgba8().into(), ImageFormat::Png),
        encode(&image.to_rgb16().into(), ImageFormat::Png),
        encode(&image.to_rgba16().into(), ImageFormat::Png),
        encode(&image.to_rgba8().into(), ImageFormat::WebP),
    ] {
        let [dark, bright, _] = metrics(&sandbox, &file).await;
        near([dark, bright, 0.0], [expected[0], expected[1], 0.0], 0.02);
    }
}

#[tokio::test]
async fn transparency_is_laid_on_white() {
    let sandbox = Sandbox::new().await;
    let mut image = image::RgbaImage::from_pixel(100, 100, image::Rgba([0, 0, 0, 255]));
    image.enumerate_pixels_mut().filter(|(x, _, _)| *x < 25).for_each(|(_, _, pixel)| pixel.0[3] = 0);
    let [dark, bright, _] = metrics(&sandbox, &encode(&image.into(), ImageFormat::Png)).await;
    near([dark, bright, 0.0], [0.75, 0.25, 0.0], 1e-6);
}

#[tokio::test]
async fn a_print_shops_jpeg_is_read() {
    // 16 × 16 pixels of rgb(200, 100, 50) in CMYK; luma about 124.
    let cmyk = include_bytes!("cmyk.jpg");
    let [dark, bright, sharpness] = metrics(&Sandbox::new().await, cmyk).await;
    near([dark, bright, sharpness], [0.0; 3], 0.02);
}

/// Puts an orientation into a JPEG: an APP1 segment with the smallest TIFF that can say it.
fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"\xFF\xE1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    assert_eq!(exif.len(), 0x22 + 2);
    [&jpeg[..2], &exif, &jpeg[2..]].concat()
}

#[tokio::test]
async fn a_photo_is_seen_upright_however_the_camera_was_held() {
    let sandbox = Sandbox::new().await;
    let upright = pixels(&sample(1));
    let detect = async |file: Vec<u8>| {
        let answer = sandbox.upload(route::DETECT, Form::image(&file)).await;
        answer.is_ok()["faces"][0]["bounding_box"].clone()
    };
    let expected = detect(jpeg(&upright)).await;
    assert_ne!(expected, Value::Null, "no face");
    let near = |found: &Value| {
        (0..4).all(|i| {
            let off = found[i].as_f64().unwrap_or(f64::MAX) - expected[i].as_f64().unwrap();
            off.abs() < 8.0
        })
    };
    for (orientation, stored) in [
        (1, upright.clone()),
        (2, imageops::flip_horizontal(&upright)),
        (3, imageops::rotate180(&upright)),
        (4, imageops::flip_vertical(&upright)),
        (5, imageops::flip_horizontal(&imageops::rotate90(&upright))),
        (6, imageops::rotate270(&upright)),
        (7, imageops::flip_horizontal(&imageops::rotate270(&upright))),
        (8, imageops::rotate90(&upright)),
    ] {
        let file = jpeg(&stored);
        let found = detect(turned(&file, orientation)).await;
        assert!(near(&found), "orientation {orientation}: {found} is not {expected}");
        if orientation == 3 {
            assert!(!near(&detect(file).await), "the test cannot tell");
        }
    }
    // Nonsense is no orientation.
    assert!(near(&detect(turned(&jpeg(&upright), 77)).await));
}

/// A PNG that says it is this large, and has no pixels at all.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1A\n\0\0\0\x0D".to_vec();
    file.extend(&header);
    file.extend(crc32(&header).to_be_bytes());
    file.extend(b"\0\0\0\0IDAT\x35\xAF\x06\x1E\0\0\0\0IEND\xAE\x42\x60\x82");
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

#[tokio::test]
async fn a_bomb_is_refused_by_its_header() {
    let sandbox = Sandbox::new().await;
    let start = std::time::Instant::now();
    let mut jpeg_bomb = jpeg(&wall());
    // The frame header: marker, length, precision, height, width.
    let frame = jpeg_bomb.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg_bomb[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    for file in [bomb(100_000, 100_000), bomb(20_000, 10), bomb(10, 20_000), bomb(6000, 5000), jpeg_bomb] {
        let answer = sandbox.upload(route::DETECT, Form::image(&file)).await;
        answer.is(Code::InvalidFileType);
        assert!(answer.json["message"].as_str().unwrap().contains("too many pixels"), "{:?}", answer.json);
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(1));
    // The same file with a size that may be is merely damaged.
    let answer = sandbox.upload(route::DETECT, Form::image(&bomb(100, 100))).await;
    answer.is(Code::InvalidFileType);
    assert!(answer.json["message"].as_str().unwrap().contains("damaged"));
}

#[tokio::test]
async fn a_single_pixel_is_a_picture() {
    let dot = RgbImage::from_pixel(1, 1, image::Rgb([255, 255, 255]));
    let answer =
        Sandbox::new().await.upload(route::DETECT, Form::image(&encode(&dot.into(), ImageFormat::Png))).await;
    assert_eq!(answer.is_ok()["total_faces"], 0);
}
