//! The two loops in which a network spends its time, in one version per kind of processor.
//!
//! Everything unsafe in this crate is below this module, and is one of two things: a vector load or
//! store through a reference to an array of the right length, and the call of a function compiled
//! for a processor whose features were asked for first.

mod portable;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

/// Channels that travel together: weights and tensors are laid out in blocks of this many.
pub(crate) const LANES: usize = 8;

/// Which version of the kernels runs. All of them agree to float noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backend(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
}

impl Backend {
    /// Plain loops, which the compiler vectorises with what every target of its kind has.
    pub fn portable() -> Self {
        Self(Kind::Portable)
    }

    /// The fastest that this machine runs: AVX2 with FMA where the processor has both, `simd128`
    /// where the module was compiled with it, otherwise the portable loops.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
            return Self(Kind::Avx2);
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return Self(Kind::Simd128);
        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
        Self::portable()
    }

    /// A short name for logs: `portable`, `avx2` or `simd128`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => "simd128",
        }
    }

    /// Convolves the windows that begin at `starts` and writes each pixel's channels at its place
    /// of `targets`.
    pub(crate) fn convolve(
        self,
        job: &Convolution<'_>,
        starts: &[usize],
        output: &mut [f32],
        targets: &[usize],
    ) {
        match self.0 {
            Kind::Portable => portable::convolve(job, starts, output, targets),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Kind::Avx2` is only made by `best`, after it found AVX2 and FMA.
            Kind::Avx2 => unsafe { avx2::convolve(job, starts, output, targets) },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => wasm::convolve(job, starts, output, targets),
        }
    }

    /// Filters a row of pixels channel by channel.
    pub(crate) fn depthwise(self, job: &Depthwise<'_>, output: &mut [f32]) {
        match self.0 {
            Kind::Portable => portable::depthwise(job, output),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Kind::Avx2` is only made by `best`, after it found AVX2 and FMA.
            Kind::Avx2 => unsafe { avx2::depthwise(job, output) },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => wasm::depthwise(job, output),
        }
    }
}

/// Activation of a sum before it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    Linear,
    Relu,
    /// `x` above zero, `0.1 x` below.
    Leaky,
    /// `x` above zero, `slope · x` below, with a slope for each channel.
    Prelu,
}

/// The part of the input under one output pixel: `rows` runs of `run` neighbouring floats, `stride`
/// floats apart. With channels innermost this covers every dense convolution, 1×1 and fully
/// connected ones included, as long as the input carries its own zero border.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) rows: usize,
    pub(crate) run: usize,
    pub(crate) stride: usize,
}

/// A dense convolution: `activation(bias + window · weights [+ what is there already])`.
pub(crate) struct Convolution<'a> {
    pub(crate) input: &'a [f32],
    pub(crate) window: Window,
    /// For each block of output channels `rows × run` weight vectors.
    pub(crate) weights: &'a [[f32; LANES]],
    /// One vector for each block.
    pub(crate) bias: &'a [[f32; LANES]],
    /// One vector for each block; needed by [`Activation::Prelu`] alone.
    pub(crate) slopes: &'a [[f32; LANES]],
    pub(crate) activation: Activation,
    /// Adds what the output holds before the activation: a residual connection.
    pub(crate) accumulate: bool,
}

impl Convolution<'_> {
    /// The weights of one block of output channels, for one row of the window.
    #[inline(always)]
    fn weights_of(&self, block: usize, row: usize) -> &[[f32; LANES]] {
        let Window { rows, run, .. } = self.window;
        &self.weights[(block * rows + row) * run..][..run]
    }

    /// One row of the window that begins at `start`.
    #[inline(always)]
    fn input_of(&self, start: usize, row: usize) -> &[f32] {
        &self.input[start + row * self.window.stride..][..self.window.run]
    }
}

/// A row of depthwise windows: `activation(bias + window · weights)`, each channel for itself.
pub(crate) struct Depthwise<'a> {
    pub(crate) input: &'a [f32],
    /// Offset of the first window.
    pub(crate) start: usize,
    /// From one window to the next, in floats.
    pub(crate) step: usize,
    /// From one row of a window to the next, in floats.
    pub(crate) stride: usize,
    /// Channels, a multiple of [`LANES`].
    pub(crate) channels: usize,
    /// Columns, and rows, of a window.
    pub(crate) size: DepthwiseSize,
    /// For each block of channels one weight vector for each tap of the window.
    pub(crate) weights: &'a [[f32; LANES]],
    /// One vector for each block.
    pub(crate) bias: &'a [[f32; LANES]],
    /// One vector for each block; needed by [`Activation::Prelu`] alone.
    pub(crate) slopes: &'a [[f32; LANES]],
    pub(crate) activation: Activation,
}

/// The sizes of depthwise windows that the networks have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DepthwiseSize {
    Three,
    Seven,
}

impl DepthwiseSize {
    /// Returns columns, and rows, of a window.
    pub(crate) const fn side(self) -> usize {
        match self {
            Self::Three => 3,
            Self::Seven => 7,
        }
    }
}

/// Returns the slopes of one block of channels: what sums below zero are multiplied by. Every activation is
/// `max(x, 0) + slope · min(x, 0)`, so that the kernels need not ask which it is.
#[inline(always)]
fn slopes_of(activation: Activation, slopes: &[[f32; LANES]], block: usize) -> [f32; LANES] {
    match activation {
        Activation::Linear => [1.0; LANES],
        Activation::Relu => [0.0; LANES],
        Activation::Leaky => [0.1; LANES],
        Activation::Prelu => slopes.get(block).copied().unwrap_or_default(),
    }
}

/// The vector at `at`.
#[inline(always)]
fn vector(values: &[f32], at: usize) -> &[f32; LANES] {
    // Indexing proves the length; the conversion cannot fail after it.
    values[at..].first_chunk().unwrap_or(&[0.0; LANES])
}

/// The vector at `at`, for writing; `None` beyond the end.
#[inline(always)]
fn vector_mut(values: &mut [f32], at: usize) -> Option<&mut [f32; LANES]> {
    values.get_mut(at..)?.first_chunk_mut()
}
