/**
 * Decodes, scales, encodes and measures photos, in the worker or on the main thread. Pixels are read in bands: the
 * module never holds more than a small part of a large photo, and the main thread can respond between two bands.
 *
 * The browser halves a photo, 2:1 exactly, while that leaves more pixels than the target; Rust does the rest. The
 * browser alone would be worse: SSIM to a Lanczos reference, 12 megapixels to 2304 × 1728, by the better of
 * `drawImage` and `createImageBitmap` at high quality: Chromium 0.984, Firefox 0.994, WebKit 0.969; Rust 0.994.
 */
import { initSync, Meter, moduleMemory, Scaler, reset } from '../../build/pixels/perse_pixels.js';
import { checkPixels, createCanvas, decode, discard, toJpeg } from './canvas.js';
import type { ErrorDetail } from '../messages/error-detail.js';
import type { EncodeJob, Encoded, Job, Measured, MeasureJob } from './messages.js';

/** Yields to the page; throws when the job is no longer wanted. */
export type Pause = () => Promise<void>;

/** Share of the byte limit that a smaller image aims at, because sizes are predicted. */
const TARGET_FILL = 0.97;
/** Fewest bytes for a pixel of a photo: an image with more pixels cannot fit, and is not tried. */
const MIN_BYTES_PER_PIXEL = 0.05;
/** Bytes grow a little slower than the number of pixels: larger images are softer. */
const SIZE_EXPONENT = 0.9;
/** Pixels that are read at once. */
const BAND_PIXELS = 2 ** 19;
/** Qualities of JPEG that are tried where fewer pixels did not help. */
const LOWER_QUALITIES = [0.6, 0.45, 0.3, 0.15, 0.02];
/** A canvas whose pixels deviate by more than this on average is falsified; protection with small noise is not. */
const MAX_CANVAS_DEVIATION = 4;

let hasInstance = false;

/** Runs one job in an instance of its own, because a module never returns memory. */
export async function work(job: Job, module: WebAssembly.Module, pause: Pause): Promise<Encoded | Measured> {
  checkCanvas();
  if (!hasInstance) initSync({ module });
  hasInstance = true;
  const { picture } = job;
  const bitmap = 'close' in picture ? picture : await decode(picture);
  try {
    checkPixels(bitmap.width, bitmap.height);
    await pause();
    return await (job.kind === 'encode' ? encode(bitmap, job, pause) : measure(bitmap, job, pause));
  } finally {
    bitmap.close();
    release();
  }
}

let isHonest: boolean | undefined;

/**
 * Writes known pixels to a canvas and reads them back, once for each thread. Firefox with
 * `privacy.resistFingerprinting`, and extensions against fingerprinting, return others.
 *
 * @throws ErrorDetail `pixels_unavailable`.
 */
function checkCanvas(): void {
  isHonest ??= readsBack();
  if (isHonest) return;
  const detail = 'The browser, or an extension of it, falsifies the pixels that a page reads from a canvas.';
  throw { code: 'pixels_unavailable', detail } satisfies ErrorDetail;
}

function readsBack(): boolean {
  const side = 16;
  const context = createCanvas(side, side);
  const written = context.createImageData(side, side);
  // No two neighbours are alike, because some extensions leave plain areas as they are. All are opaque.
  written.data.forEach((_, index, data) => (data[index] = index % 4 === 3 ? 255 : (index * 37) % 256));
  context.putImageData(written, 0, 0);
  const { data } = context.getImageData(0, 0, side, side);
  const deviation = data.reduce((sum, value, index) => sum + Math.abs(value - written.data[index]!), 0);
  discard(context);
  return deviation / data.length <= MAX_CANVAS_DEVIATION;
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
    await readBands(bitmap, 0, (rgba) => meter.push(rgba), pause);
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
  const { maxBytes, maxSide, orientation } = job;
  const { width, height } = bitmap;
  const mostPixels = maxBytes / MIN_BYTES_PER_PIXEL;
  const scale = Math.min(1, maxSide / Math.max(width, height), Math.sqrt(mostPixels / (width * height)));
  let { quality } = job;
  let picture = await scaleDown(bitmap, sized(bitmap, scale), orientation, pause);
  let blob = await encodePicture(picture, quality);
  for (let attempt = 0; attempt < 3 && blob.size > maxBytes; attempt++) {
    await pause();
    const factor = Math.min(0.98, ((TARGET_FILL * maxBytes) / blob.size) ** (1 / (2 * SIZE_EXPONENT)));
    const size: Size = [shrunk(picture.width, factor), shrunk(picture.height, factor)];
    const smaller = await scaleAgain(picture, size, pause);
    picture.free();
    picture = smaller;
    blob = await encodePicture(picture, quality);
  }
  for (const lower of LOWER_QUALITIES) {
    if (blob.size <= maxBytes) break;
    if (lower >= job.quality) continue;
    await pause();
    quality = lower;
    blob = await encodePicture(picture, quality);
  }
  if (blob.size > maxBytes) {
    const detail = `The photo can't be encoded in ${maxBytes} bytes. Choose another photo.`;
    throw { code: 'file_too_large', detail } satisfies ErrorDetail;
  }
  const source = upright([width, height], orientation);
  const result = { blob, quality, width: picture.width, height: picture.height, source };
  picture.free();
  return result;
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

/** Returns a smaller, upright image. */
async function scaleDown(
  bitmap: ImageBitmap,
  target: Size,
  orientation: number,
  pause: Pause,
): Promise<Scaler> {
  let halvings = 0;
  while (target.every((side, axis) => 2 * side <= halved(bitmap, halvings)[axis]!)) halvings += 1;
  const scaler = createScaler(halved(bitmap, halvings), target, orientation);
  await readBands(bitmap, halvings, (rgba) => scaler.push(rgba), pause);
  return scaler;
}

/** Returns the size of an image that was halved; an odd last row or column is dropped. */
const halved = ({ width, height }: ImageBitmap, halvings: number): Size => [
  width >> halvings,
  height >> halvings,
];

/** Returns an image smaller than one that was scaled already. */
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

/** Reads an image from top to bottom, halved so many times, on white where it is transparent. */
async function readBands(
  bitmap: ImageBitmap,
  halvings: number,
  take: (rgba: Uint8ClampedArray) => void,
  pause: Pause,
): Promise<void> {
  const [width, height] = halved(bitmap, halvings);
  const rows = Math.min(height, Math.max(1, Math.floor((BAND_PIXELS >> halvings) / width)));
  // One canvas for each halving: reduced by more at once, a browser would skip pixels.
  const canvases = Array.from({ length: Math.max(1, halvings) }, (_, index) => {
    const factor = 2 ** Math.max(0, halvings - 1 - index);
    return createCanvas(width * factor, rows * factor);
  });
  for (let top = 0; top < height; top += rows) {
    const used = Math.min(rows, height - top);
    let source: CanvasImageSource = bitmap;
    let from = { top: top << halvings, width: width << halvings, height: used << halvings };
    for (const context of canvases) {
      const factor = halvings ? 2 : 1;
      const [toWidth, toHeight] = [from.width / factor, from.height / factor];
      context.fillStyle = '#fff';
      context.fillRect(0, 0, toWidth, toHeight);
      context.drawImage(source, 0, from.top, from.width, from.height, 0, 0, toWidth, toHeight);
      source = context.canvas;
      from = { top: 0, width: toWidth, height: toHeight };
    }
    take(canvases.at(-1)!.getImageData(0, 0, width, used).data);
    await pause();
  }
  canvases.forEach(discard);
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
