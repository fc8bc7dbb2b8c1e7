// Images for the tests and benchmarks of `js/photo`, made from the sample photos of a pinned package.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const samples = fileURLToPath(new URL('../../node_modules/@vladmandic/face-api/demo/', import.meta.url));

/** Twelve megapixels, as a phone has them. */
export const LARGE = { width: 4032, height: 3024 };

/** A photo of twelve megapixels as raw pixels: a sample, enlarged, with the noise of a sensor. */
export async function largePhoto({ width, height } = LARGE) {
  const noise = await sharp({
    create: {
      ...{ width, height, channels: 3, background: '#808080' },
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .blur(0.6)
    .raw()
    .toBuffer();
  return sharp(join(samples, 'sample3.jpg'))
    .resize(width, height, { fit: 'cover', kernel: 'lanczos3' })
    .sharpen()
    .composite([{ input: noise, raw: { width, height, channels: 3 }, blend: 'soft-light' }])
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** Raw pixels as a sharp picture. */
export const picture = (pixels, { width, height, channels = 3 }) =>
  sharp(pixels, { raw: { width, height, channels } });

/** Pixels without any order, which no encoder can make small. */
export function noise(width, height) {
  const pixels = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let at = 0; at < pixels.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[at] = state >>> 24;
  }
  return picture(pixels, { width, height });
}

/** Red, green, blue and white quarters: top left, top right, bottom left, bottom right. */
export async function quarters(width, height) {
  const quarter = (colour, left, top) => ({
    input: { create: { width: width / 2, height: height / 2, channels: 3, background: colour } },
    ...{ left, top },
  });
  return sharp({ create: { width, height, channels: 3, background: '#fff' } }).composite([
    quarter('#f00', 0, 0),
    quarter('#0f0', width / 2, 0),
    quarter('#00f', 0, height / 2),
  ]);
}

/** Lays a picture so that the orientation puts it upright again. sharp flops before it rotates. */
export const LAID = {
  1: (image) => image,
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  4: (image) => image.flip(),
  5: (image) => image.flop().rotate(270),
  6: (image) => image.rotate(270),
  7: (image) => image.flop().rotate(90),
  8: (image) => image.rotate(90),
};
