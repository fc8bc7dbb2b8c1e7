// Photos for the tests, made from the sample photos of a pinned npm package.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const samples = fileURLToPath(new URL('../../node_modules/@vladmandic/face-api/demo/', import.meta.url));

/** A part of a sample photo: `[left, top, width, height]` in its pixels. */
export const crop = (sample, [left, top, width, height]) =>
  sharp(join(samples, `sample${sample}.jpg`)).extract({ left, top, width, height });

/** Noise of a sensor, which makes a file large. */
const grain = () =>
  sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });

/** Makes all photos in a folder of their own; gives their paths and a way to remove them. */
export async function makePhotos() {
  const folder = await mkdtemp(join(tmpdir(), 'perse-photos-'));
  // In two steps, because sharp turns a picture before it cuts it.
  const portrait = await crop(3, [865, 45, 640, 640])
    .resize(2400, 3000)
    .composite([{ input: await grain().png().toBuffer(), tile: true, blend: 'soft-light' }])
    .png({ compressionLevel: 0 })
    .toBuffer();
  const recipes = {
    // Two shots of one person, on two occasions.
    firstPerson: crop(1, [1297, 40, 560, 560]).jpeg(),
    firstPersonAgain: crop(3, [865, 45, 640, 640]).jpeg(),
    secondPerson: crop(3, [384, 164, 600, 600]).jpeg(),
    blurred: crop(3, [384, 164, 600, 600]).blur(5).jpeg(),
    dark: crop(3, [384, 164, 600, 600]).linear(0.28).jpeg(),
    threePeople: crop(3, [0, 0, 1920, 1350]).jpeg(),
    noFace: crop(5, [0, 0, 480, 480]).jpeg(),
    png: crop(3, [384, 164, 600, 600]).png(),
    webp: crop(3, [384, 164, 600, 600]).webp(),
    gif: crop(3, [384, 164, 600, 600]).gif(),
    // Lying on its side, with the orientation that puts it upright again.
    turned: crop(3, [384, 164, 600, 600]).rotate(-90).withMetadata({ orientation: 6 }).jpeg(),
    // The first person again as a phone takes photos: too large even without loss of pixels, lying on its
    // side, and knowing where it was taken.
    fromPhone: sharp(portrait)
      .rotate(-90)
      .withMetadata({ orientation: 6 })
      .withExifMerge({
        IFD0: { Make: 'Example', Model: 'Phone 1' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '51/1 28/1 40/1',
          GPSLongitudeRef: 'W',
          GPSLongitude: '0/1 0/1 5/1',
        },
      })
      .jpeg({ quality: 95 }),
    tooLarge: crop(3, [0, 0, 1920, 1350]).resize(3840).jpeg({ quality: 100 }),
  };
  const photos = {};
  for (const [name, recipe] of Object.entries(recipes)) {
    photos[name] = join(folder, `${name}.jpg`);
    await writeFile(photos[name], await recipe.toBuffer());
  }
  photos.text = join(folder, 'text.jpg');
  await writeFile(photos.text, 'This is not a photo.');
  photos.empty = join(folder, 'empty.jpg');
  await writeFile(photos.empty, '');
  return { ...photos, remove: () => rm(folder, { recursive: true, force: true }) };
}
