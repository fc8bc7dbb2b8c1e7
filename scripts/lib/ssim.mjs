// Computes the mean structural similarity (Z. Wang and others, "Image quality
// assessment: from error visibility to structural similarity", 2004) of their luma in windows of 8 × 8.

const SIDE = 8;
const STEP = 4;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** SSIM of two greyscale pictures of one size, a byte a pixel: 1 when they are equal. */
export function ssim(a, b, width, height) {
  if (a.length !== width * height || b.length !== a.length) throw new Error('The sizes differ.');
  let sum = 0;
  let windows = 0;
  for (let top = 0; top + SIDE <= height; top += STEP) {
    for (let left = 0; left + SIDE <= width; left += STEP) {
      sum += ofWindow(a, b, top * width + left, width);
      windows++;
    }
  }
  return sum / windows;
}

function ofWindow(a, b, start, width) {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let y = 0; y < SIDE; y++) {
    const row = start + y * width;
    for (let at = row; at < row + SIDE; at++) {
      const [x, y] = [a[at], b[at]];
      sumA += x;
      sumB += y;
      squaresA += x * x;
      squaresB += y * y;
      products += x * y;
    }
  }
  const count = SIDE * SIDE;
  const [meanA, meanB] = [sumA / count, sumB / count];
  const varianceA = squaresA / count - meanA * meanA;
  const varianceB = squaresB / count - meanB * meanB;
  const covariance = products / count - meanA * meanB;
  const luminance = (2 * meanA * meanB + C1) / (meanA * meanA + meanB * meanB + C1);
  const structure = (2 * covariance + C2) / (varianceA + varianceB + C2);
  return luminance * structure;
}
