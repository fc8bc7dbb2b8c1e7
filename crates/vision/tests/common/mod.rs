//! Helpers of the tests: the published weights and photos, which come from the pinned npm package.

// Each test binary uses its own part, and all of them stop at the first surprise.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use perse_vision::{Backend, FaceEngine, FaceFinderWeights, Image};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// Path of the npm package: `PERSE_FACE_API_DIR`, or where `npm install` puts it.
fn package() -> PathBuf {
    match std::env::var_os("PERSE_FACE_API_DIR") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/@vladmandic/face-api"),
    }
}

fn read(path: &str) -> Vec<u8> {
    let path = package().join(path);
    fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}. Run `npm install` in the project's root first.", path.display())
    })
}

/// One network's weights, as the set-up packed them.
pub fn weights(network: &str) -> Vec<u8> {
    let models = match std::env::var_os("PERSE_MODELS") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models"),
    };
    let path = models.join(format!("{network}.bin"));
    fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}. Run `npm run setup` in the project's root first.", path.display())
    })
}

/// The engine with the published weights, made once per test binary.
pub fn engine() -> &'static FaceEngine {
    static ENGINE: OnceLock<FaceEngine> = OnceLock::new();
    ENGINE.get_or_init(load)
}

/// A new engine.
pub fn load() -> FaceEngine {
    load_with(Backend::best())
}

/// A new engine with a choice of kernels.
pub fn load_with(backend: Backend) -> FaceEngine {
    let [tiny, landmarks, short, full, feature] = [
        "tiny_face_detector",
        "face_landmark_68",
        "face_detection_short_range",
        "face_detection_full_range",
        "fr_feature",
    ]
    .map(weights);
    let finder = FaceFinderWeights {
        tiny_face_detector: &tiny,
        face_landmark_68: &landmarks,
        face_detection_short_range: &short,
        face_detection_full_range: &full,
    };
    FaceEngine::with_backend(&finder, &feature, backend).expect("the published weights are good")
}

/// A decoded picture.
#[derive(Clone)]
pub struct Photo {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

impl Photo {
    /// Photo 1 to 6 of the package.
    pub fn sample(number: usize) -> Self {
        Self::decode(&read(&format!("demo/sample{number}.jpg")))
    }

    pub fn decode(jpeg: &[u8]) -> Self {
        let mut decoder = mozjpeg::Decompress::new_mem(jpeg).and_then(|d| d.rgb()).expect("a JPEG");
        let (width, height) = (decoder.width() as u32, decoder.height() as u32);
        let rgb: Vec<u8> = decoder.read_scanlines().expect("all rows");
        Self { width, height, rgb }
    }

    /// The picture after a round trip through a JPEG of the given quality.
    pub fn recompressed(&self, quality: f32) -> Self {
        let mut encoder = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
        encoder.set_size(self.width as usize, self.height as usize);
        encoder.set_quality(quality);
        let mut encoder = encoder.start_compress(Vec::new()).expect("a compressor");
        encoder.write_scanlines(&self.rgb).expect("all rows");
        Self::decode(&encoder.finish().expect("a JPEG"))
    }

    /// A picture of one colour for each pixel.
    pub fn draw(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Self {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self { width, height, rgb: pixels.flat_map(|(x, y)| colour(x, y)).collect() }
    }

    /// Each byte through a function.
    pub fn toned(&self, tone: impl Fn(f32) -> f32) -> Self {
        let rgb =
            self.rgb.iter().map(|&byte| tone(f32::from(byte)).round().clamp(0.0, 255.0) as u8).collect();
        Self { rgb, ..*self }
    }

    /// A part of the picture; what is outside is the nearest pixel inside.
    pub fn cropped(&self, x: i64, y: i64, width: u32, height: u32) -> Self {
        Self::draw(width, height, |i, j| self.pixel(x + i64::from(i), y + i64::from(j)))
    }

    /// The picture at another width, each pixel the mean of 3×3 samples.
    pub fn resized(&self, width: u32) -> Self {
        let scale = self.width as f32 / width as f32;
        let height = (self.height as f32 / scale).round() as u32;
        Self::draw(width, height, |x, y| {
            let mut sum = [0.0; 3];
            for k in 0..9 {
                let u = x as f32 + ((k % 3) as f32 + 0.5) / 3.0;
                let v = y as f32 + ((k / 3) as f32 + 0.5) / 3.0;
                for (sum, value) in sum.iter_mut().zip(self.between([u * scale, v * scale])) {
                    *sum += value / 9.0;
                }
            }
            sum.map(|value: f32| value.round() as u8)
        })
    }

    pub fn mirrored(&self) -> Self {
        Self::draw(self.width, self.height, |x, y| self.pixel(i64::from(self.width - 1 - x), i64::from(y)))
    }

    /// A square of the picture around a point, turned by an angle, at another size, each pixel the
    /// mean of 4×4 samples.
    pub fn turned(&self, centre: [f32; 2], side: f32, degrees: f32, size: u32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Self::draw(size, size, |x, y| {
            let mut sum = [0.0; 3];
            for k in 0..16 {
                let u = ((x * 4 + k % 4) as f32 + 0.5) / (size * 4) as f32 - 0.5;
                let v = ((y * 4 + k / 4) as f32 + 0.5) / (size * 4) as f32 - 0.5;
                let at = [centre[0] + side * (u * cos - v * sin), centre[1] + side * (u * sin + v * cos)];
                for (sum, value) in sum.iter_mut().zip(self.between(at)) {
                    *sum += value / 16.0;
                }
            }
            sum.map(|value: f32| value.round() as u8)
        })
    }

    /// Box blur, twice, with the given radius.
    pub fn blurred(&self, radius: i64) -> Self {
        let pass = |photo: &Photo, dx: i64, dy: i64| {
            Photo::draw(photo.width, photo.height, |x, y| {
                let mut sum = [0_u32; 3];
                for k in -radius..=radius {
                    let pixel = photo.pixel(i64::from(x) + k * dx, i64::from(y) + k * dy);
                    for (sum, value) in sum.iter_mut().zip(pixel) {
                        *sum += u32::from(value);
                    }
                }
                sum.map(|value| (value / (2 * radius as u32 + 1)) as u8)
            })
        };
        let once = pass(&pass(self, 1, 0), 0, 1);
        pass(&pass(&once, 1, 0), 0, 1)
    }

    /// The nearest pixel of the picture.
    pub fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        let x = x.clamp(0, i64::from(self.width) - 1) as usize;
        let y = y.clamp(0, i64::from(self.height) - 1) as usize;
        let at = (y * self.width as usize + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    fn between(&self, [x, y]: [f32; 2]) -> [f32; 3] {
        let (x, y) = (x - 0.5, y - 0.5);
        let (i, j) = (x.floor(), y.floor());
        let (u, v) = (x - i, y - j);
        let corner = |dx, dy| self.pixel(i as i64 + dx, j as i64 + dy).map(f32::from);
        let (a, b, c, d) = (corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1));
        std::array::from_fn(|k| (a[k] * (1.0 - u) + b[k] * u) * (1.0 - v) + (c[k] * (1.0 - u) + d[k] * u) * v)
    }

    pub fn image(&self) -> Image<'_> {
        Image::new(self.width, self.height, &self.rgb).expect("a picture")
    }
}
