// The samples: people cut out of the group photos that the server hands out, and how to make them.
import { blurred, draw, toFile } from './canvas.js';

/** `crop` is [x, y, width, height] in pixels of the photo; `blur` how many times coarser it gets. */
export const SAMPLES = {
  'person-1-a': { photo: 1, crop: [1297, 40, 560, 560], label: 'Person 1, shot A' },
  'person-1-b': { photo: 3, crop: [865, 45, 640, 640], label: 'Person 1, shot B' },
  'person-2-a': { photo: 3, crop: [384, 164, 600, 600], label: 'Person 2' },
  'person-2-b': { photo: 3, crop: [464, 244, 440, 440], label: 'Person 2, closer' },
  'person-3': { photo: 6, crop: [1360, 130, 560, 560], label: 'Person 3' },
  group: { photo: 6, crop: [0, 0, 1920, 1537], label: 'Four people' },
  blurred: { photo: 3, crop: [384, 164, 600, 600], blur: 11, label: 'Blurred' },
  'no-face': { photo: 5, crop: [0, 0, 480, 480], label: 'Nobody' },
};

/** Pairs to begin with. */
export const PAIRS = { same: ['person-1-a', 'person-1-b'], different: ['person-2-a', 'person-3'] };

const photos = new Map();

/** A group photo, loaded once; a failed load is tried again the next time. */
function photo(number) {
  if (!photos.has(number)) {
    const image = new Image();
    image.src = `/samples/sample${number}.jpg`;
    const loaded = image.decode().then(
      () => image,
      () => {
        photos.delete(number);
        throw new Error('The sample photo could not be loaded. Check that the server runs and try again.');
      },
    );
    photos.set(number, loaded);
  }
  return photos.get(number);
}

async function cut({ photo: number, crop, blur }, longest) {
  const canvas = draw(await photo(number), crop, longest);
  return blur ? blurred(canvas, blur) : canvas;
}

/** The sample as a JPEG file. */
export const sampleFile = async (name) => toFile(await cut(SAMPLES[name], 1280), `${name}.jpg`);

/** Draws the middle square of a sample on a small canvas. */
export async function drawThumbnail(name, canvas) {
  const {
    crop: [x, y, width, height],
    blur,
    photo: number,
  } = SAMPLES[name];
  const side = Math.min(width, height);
  const square = [x + (width - side) / 2, y + (height - side) / 2, side, side];
  const small = draw(await photo(number), square, canvas.width);
  canvas
    .getContext('2d')
    .drawImage(blur ? blurred(small, blur / 2) : small, 0, 0, canvas.width, canvas.height);
}
