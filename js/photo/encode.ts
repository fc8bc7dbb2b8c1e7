/**
 * The work itself, on whichever thread: decodes, scales, encodes, measures. Pixels are read in strips,
 * so that neither this nor the module ever holds more than a small part of a large picture, and a page
 * stays alive between them.
 *
 * The browser could scale, too. Likeness (SSIM) with a Lanczos reference of 12 megapixels at 2304 × 1728,
 * and of a zone plate at 0.57 of its size, which shows moiré, by the better of `drawImage` and
 * `createImageBitmap` at high quality: Chromium 0.984 and 0.66, Firefox 0.994 and 0.999, WebKit 0.969 and
 * 0.57; here 0.994 and 0.999. Chromium is faster at it (70 to 160 ms), Firefox (290) and WebKit (430) aren't.
 */
import { initSync, Meter, moduleMemory, Scaler, reset } from '../../build/pixels/perse_pixels.js';
import { checkPixels, createCanvas, decode, discard, toJpeg, type Context } from './canvas.js';
import type { ErrorDetail } from '../messages/error-detail.js';
import type { EncodeJob, Encoded, Job, Measured, MeasureJob } from './messages.js';

/** Lets the page do other things; throws when the job is no longer wanted. */
export type Pause = () => Promise<void>;

/**
 * Of a JPEG that had to be scaled to fit. From 0.6 to 0.9 the likeness to the photo (SSIM, at half and at
 * full size) hardly differs between more pixels and finer ones, and is best at 0.75; pixels are preferred.
 */
const QUALITY = 0.72;
/** Of one that fits without it, the first of these that does. */
const FINE_QUALITIES = [0.92, 0.85];
/** The part of the limit that is aimed at; a little below it, because sizes are predicted. */
const TARGET_FILL = 0.97;
/** A result that fills less than this part of the limit is made again, larger. */
const MIN_FILL = 0.9;
/** Bytes that a pixel takes, before anything is known of the picture. */
const TYPICAL_BYTES_PER_PIXEL = 0.15;
/** Bytes grow a little slower than the number of pixels: larger pictures are softer. */
const SIZE_EXPONENT = 0.9;
/** What every JPEG begins with, in bytes. */
const JPEG_HEADER_BYTES = 620;
/** Pixels that are read at once. */
const BAND_PIXELS = 2 ** 19;
/** Samples of a picture, along each side, and their width and height: a multiple of the blocks of JPEG. */
const SAMPLES_PER_SIDE = 6;
const SAMPLE_SIDE = 96;
/** Where scaling was of no help. */
const LOWER_QUALITIES = [0.6, 0.45, 0.3, 0.15, 0.02];

let hasInstance = false;

/** Runs one job in an instance of its own, because a module never returns memory. */
export async function work(job: Job, module: WebAssembly.Module, pause: Pause): Promise<Encoded | Measured> {
  if (!hasInstance) initSync({ module });
  hasInstance = true;
  const { picture } = job;
  const bitmap = picture instanceof Blob ? await decode(picture) : picture;
  try {
    checkPixels(bitmap.width, bitmap.height);
    await pause();
    return await (job.kind === 'encode' ? encode(bitmap, job, pause) : measure(bitmap, job, pause));
  } finally {
    bitmap.close();
    release();
  }
}

/** Replaces the instance: the first call after `reset` makes a new one, with little memory. */
function release(): void {
  reset();
  moduleMemory();
}

async function measure(bitmap: ImageBitmap, job: MeasureJob, pause: Pause): Promise<Measured> {
  const scale = Math.min(1, job.shorterSide / Math.min(bitmap.width, bitmap.height));
  const target = sized(bitmap, scale);
  const meter = new Meter(target[0]);
  if (scale === 1) {
    await readBands(bitmap, (rgba) => meter.push(rgba), pause);
  } else {
    const small = await scaleDown(bitmap, target, 1, pause);
    // A copy, because pushing may move the module's memory.
    meter.push(imageOf(small).data.slice());
    small.free();
  }
  const [width, height] = upright([bitmap.width, bitmap.height], job.orientation);
  return { width, height, ...meter.finish() };
}

async function encode(bitmap: ImageBitmap, job: EncodeJob, pause: Pause): Promise<Encoded> {
  const pixels = bitmap.width * bitmap.height;
  /** The largest scale that is wanted; nothing is scaled up. */
  const most = Math.min(1, Math.sqrt(job.maxPixels / pixels));
  let scale = await predictScale(bitmap, most, job.maxBytes, pause);
  let picture = await scaleDown(bitmap, sized(bitmap, scale), job.orientation, pause);
  if (scale === most) {
    for (const quality of FINE_QUALITIES) {
      const blob = await encodePicture(picture, quality);
      if (blob.size <= job.maxBytes) return finished(picture, blob, quality);
      await pause();
      // One step of quality can't halve the file.
      if (blob.size > 2 * job.maxBytes) break;
    }
  }
  let blob = await encodePicture(picture, QUALITY);
  if (scale < most && blob.size < MIN_FILL * job.maxBytes) {
    picture.free();
    scale = Math.min(most, adjusted(scale, blob.size, job.maxBytes));
    picture = await scaleDown(bitmap, sized(bitmap, scale), job.orientation, pause);
    blob = await encodePicture(picture, QUALITY);
  }
  for (let attempt = 0; attempt < 3 && blob.size > job.maxBytes; attempt++) {
    await pause();
    const factor = Math.min(0.98, adjusted(1, blob.size, job.maxBytes));
    const size: Size = [shrunk(picture.width, factor), shrunk(picture.height, factor)];
    const smaller = await scaleAgain(picture, size, pause);
    picture.free();
    picture = smaller;
    blob = await encodePicture(picture, QUALITY);
  }
  let quality = QUALITY;
  for (const lower of LOWER_QUALITIES) {
    if (blob.size <= job.maxBytes) break;
    await pause();
    quality = lower;
    blob = await encodePicture(picture, quality);
  }
  if (blob.size > job.maxBytes) {
    const detail = `The photo can't be encoded in ${job.maxBytes} bytes. Choose another photo.`;
    throw { code: 'file_too_large', detail } satisfies ErrorDetail;
  }
  return finished(picture, blob, quality);
}

function finished(picture: Scaler, blob: Blob, quality: number): Encoded {
  const { width, height } = picture;
  picture.free();
  return { blob, width, height, quality };
}

/** The scale at which the picture will fill the limit, from samples of it; `most` if it may be larger. */
async function predictScale(
  bitmap: ImageBitmap,
  most: number,
  maxBytes: number,
  pause: Pause,
): Promise<number> {
  const pixels = bitmap.width * bitmap.height;
  let scale = Math.min(most, Math.sqrt(maxBytes / TYPICAL_BYTES_PER_PIXEL / pixels));
  for (let round = 0; round < 3; round++) {
    const bytes = await sample(bitmap, scale, pause);
    if (bytes === undefined) return scale;
    const next = Math.min(
      most,
      adjusted(scale, JPEG_HEADER_BYTES + bytes * pixels * scale * scale, maxBytes),
    );
    // The samples tell little of a scale far from theirs.
    const isNear = Math.abs(next / scale - 1) < 0.1;
    scale = next;
    if (isNear) break;
  }
  return scale;
}

/** The scale that gives the bytes that are aimed at, when another has given `bytes`. */
function adjusted(scale: number, bytes: number, maxBytes: number): number {
  return scale * ((TARGET_FILL * maxBytes) / bytes) ** (1 / (2 * SIZE_EXPONENT));
}

/** Bytes that a pixel takes at a scale; `undefined` of a picture that is too small to have samples. */
async function sample(bitmap: ImageBitmap, scale: number, pause: Pause): Promise<number | undefined> {
  const side = Math.ceil(SAMPLE_SIDE / scale);
  const columns = Math.min(SAMPLES_PER_SIDE, Math.floor(bitmap.width / side));
  const rows = Math.min(SAMPLES_PER_SIDE, Math.floor(bitmap.height / side));
  if (columns * rows === 0) return undefined;
  const mosaic = createCanvas(columns * SAMPLE_SIDE, rows * SAMPLE_SIDE);
  const reader = createCanvas(side, side);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const left = Math.floor(((bitmap.width - side) * (column + 0.5)) / columns);
      const top = Math.floor(((bitmap.height - side) * (row + 0.5)) / rows);
      const scaler = createScaler([side, side], [SAMPLE_SIDE, SAMPLE_SIDE], 1);
      scaler.push(read(reader, bitmap, [left, top], [side, side]));
      mosaic.putImageData(imageOf(scaler), column * SAMPLE_SIDE, row * SAMPLE_SIDE);
      scaler.free();
    }
    await pause();
  }
  const { size } = await toJpeg(mosaic, QUALITY);
  [mosaic, reader].forEach(discard);
  return Math.max(0, size - JPEG_HEADER_BYTES) / (columns * rows * SAMPLE_SIDE * SAMPLE_SIDE);
}

type Size = [width: number, height: number];

const shrunk = (length: number, scale: number): number => Math.max(1, Math.round(length * scale));

const sized = ({ width, height }: ImageBitmap, scale: number): Size => [
  shrunk(width, scale),
  shrunk(height, scale),
];

const upright = ([width, height]: Size, orientation: number): Size =>
  orientation >= 5 ? [height, width] : [width, height];

function createScaler([width, height]: Size, target: Size, orientation: number): Scaler {
  const scaler = Scaler.create(width, height, ...target, orientation);
  if (!scaler)
    throw new Error(`A picture of ${width} × ${height} can't become one of ${target.join(' × ')}.`);
  return scaler;
}

/** A picture, smaller and upright. */
async function scaleDown(
  bitmap: ImageBitmap,
  target: Size,
  orientation: number,
  pause: Pause,
): Promise<Scaler> {
  const scaler = createScaler([bitmap.width, bitmap.height], target, orientation);
  await readBands(bitmap, (rgba) => scaler.push(rgba), pause);
  return scaler;
}

/** One that is smaller still. */
async function scaleAgain(picture: Scaler, target: Size, pause: Pause): Promise<Scaler> {
  const { width, height } = picture;
  const scaler = createScaler([width, height], target, 1);
  const rows = Math.max(1, Math.floor(BAND_PIXELS / width));
  for (let top = 0; top < height; top += rows) {
    scaler.pushResult(picture, top, top + rows);
    await pause();
  }
  return scaler;
}

/** Reads a picture from top to bottom, on white where it is transparent. */
async function readBands(
  bitmap: ImageBitmap,
  take: (rgba: Uint8ClampedArray) => void,
  pause: Pause,
): Promise<void> {
  const { width, height } = bitmap;
  const rows = Math.min(height, Math.max(1, Math.floor(BAND_PIXELS / width)));
  const reader = createCanvas(width, rows);
  for (let top = 0; top < height; top += rows) {
    take(read(reader, bitmap, [0, top], [width, Math.min(rows, height - top)]));
    await pause();
  }
  discard(reader);
}

function read(
  reader: Context,
  bitmap: ImageBitmap,
  [left, top]: [number, number],
  [width, height]: Size,
): Uint8ClampedArray {
  reader.fillStyle = '#fff';
  reader.fillRect(0, 0, width, height);
  reader.drawImage(bitmap, left, top, width, height, 0, 0, width, height);
  return reader.getImageData(0, 0, width, height).data;
}

/** A view of the module's memory: it must be used before anything else is done there. */
function imageOf({ width, height, pixels }: Scaler): ImageData {
  const { buffer } = moduleMemory() as WebAssembly.Memory;
  return new ImageData(new Uint8ClampedArray(buffer, pixels, width * height * 4), width, height);
}

async function encodePicture(picture: Scaler, quality: number): Promise<Blob> {
  const canvas = createCanvas(picture.width, picture.height);
  canvas.putImageData(imageOf(picture), 0, 0);
  const blob = await toJpeg(canvas, quality);
  discard(canvas);
  return blob;
}
