//! Writes a weights file.

use crate::{Kind, MAGIC, VERSION, checksum};

/// Collects the tensors of one network into a file.
///
/// # Panics
/// Its methods panic where a name is longer than 255 bytes or the numbers do not fill the shape: the
/// writer runs at set-up, on published networks of known size.
pub struct Writer {
    name: Vec<u8>,
    count: u16,
    table: Vec<u8>,
    values: Vec<u8>,
}

impl Writer {
    /// Begins the file of a network.
    pub fn new(network: &str) -> Self {
        let mut name = Vec::new();
        push_name(&mut name, network);
        Self { name, count: 0, table: Vec::new(), values: Vec::new() }
    }

    /// Adds a tensor whose numbers are kept exactly.
    pub fn exact(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        self.entry(name, Kind::Exact, shape, values.len());
        self.values.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }

    /// Adds a tensor as whole numbers from −127 to 127, with one scale for each output channel.
    pub fn per_channel(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        self.entry(name, Kind::PerChannel, shape, values.len());
        let channels = shape.last().copied().unwrap_or(1);
        let mut scales = vec![0.0_f32; channels];
        for row in values.chunks_exact(channels) {
            for (scale, value) in scales.iter_mut().zip(row) {
                *scale = scale.max(value.abs() / 127.0);
            }
        }
        self.values.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
        let quantise = |(value, scale): (&f32, &f32)| {
            if *scale > 0.0 { (value / scale).round().clamp(-127.0, 127.0) as i8 as u8 } else { 0 }
        };
        self.values.extend(values.iter().zip(scales.iter().cycle()).map(quantise));
    }

    /// Adds a tensor that was published as bytes with one scale and one minimum.
    pub fn affine(&mut self, name: &str, shape: &[usize], bytes: &[u8], scale: f64, min: f64) {
        self.entry(name, Kind::Affine, shape, bytes.len());
        self.values.extend([scale, min].iter().flat_map(|value| value.to_le_bytes()));
        self.values.extend(bytes);
    }

    /// Returns the whole file.
    pub fn finish(self) -> Vec<u8> {
        let body = [self.name, self.count.to_le_bytes().to_vec(), self.table, self.values].concat();
        [MAGIC.as_slice(), &VERSION.to_le_bytes(), &checksum(&body).to_le_bytes(), &body].concat()
    }

    fn entry(&mut self, name: &str, kind: Kind, shape: &[usize], count: usize) {
        assert_eq!(shape.iter().product::<usize>(), count, "{name} does not fill its shape");
        push_name(&mut self.table, name);
        self.table.extend([kind as u8, shape.len() as u8]);
        self.table.extend(shape.iter().flat_map(|&side| (side as u32).to_le_bytes()));
        self.count += 1;
    }
}

fn push_name(bytes: &mut Vec<u8>, name: &str) {
    assert!(name.len() <= 255, "{name} is too long a name");
    bytes.push(name.len() as u8);
    bytes.extend(name.as_bytes());
}
