/** Creates, encodes and releases canvases, on the main thread or in a worker, and decodes files. */
import type { ErrorDetail } from '../messages/error-detail.js';

/** An idle page encodes a photo of a megabyte in less, in milliseconds. */
const TO_BLOB_TIMEOUT_MS = 400;

/** The most pixels that are read, as in the core's `MAX_PIXELS`. */
const MAX_PIXELS = 120_000_000;

export type Canvas = OffscreenCanvas | HTMLCanvasElement;
export type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/**
 * Checks the size of decoded pixels: a file may decode to more than its header says.
 *
 * @throws ErrorDetail `file_too_large`.
 */
export function checkPixels(width: number, height: number): void {
  if (width * height <= MAX_PIXELS) return;
  const detail = `The image has ${width} × ${height} pixels; the limit is 120 megapixels. Choose a smaller one.`;
  throw { code: 'file_too_large', detail } satisfies ErrorDetail;
}

/** Creates an opaque canvas whose pixels stay in main memory, because they are read and written. */
export function createCanvas(width: number, height: number): Context {
  const options: CanvasRenderingContext2DSettings = { alpha: false, willReadFrequently: true };
  const context =
    typeof document === 'undefined'
      ? new OffscreenCanvas(width, height).getContext('2d', options)
      : // On the main thread an element encodes with less delay than an OffscreenCanvas.
        Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', options);
  if (!context) throw new Error('The browser has no memory for a canvas.');
  return context;
}

/** Releases the memory of a canvas at once; a browser may collect it much later. */
export function discard({ canvas }: Context): void {
  canvas.width = 0;
  canvas.height = 0;
}

export async function toJpeg({ canvas }: Context, quality: number): Promise<Blob> {
  const type = 'image/jpeg';
  const blob = await ('convertToBlob' in canvas
    ? canvas.convertToBlob({ type, quality })
    : toBlob(canvas, type, quality));
  // A browser that can't encode JPEG returns PNG.
  if (blob?.type !== type) throw new Error('The browser cannot encode JPEG.');
  return blob;
}

/**
 * Encodes by `toBlob`, or by `toDataURL` when that takes too long: Chromium's `toBlob` waits until the page is
 * idle, for a second and more on a busy page.
 */
async function toBlob(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isLate = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), TO_BLOB_TIMEOUT_MS);
  });
  const encoded = new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
  const blob = await Promise.race([encoded, isLate]).finally(() => clearTimeout(timer));
  if (blob !== 'late') return blob;
  const [head, base64 = ''] = canvas.toDataURL(type, quality).split(',');
  if (!head?.includes(type)) return null;
  return new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], { type });
}

/**
 * Decodes a file without an orientation: browsers differ in what they do with one.
 *
 * @throws ErrorDetail `empty_file` or `invalid_file_type`.
 */
export async function decode(file: Blob): Promise<ImageBitmap> {
  if (file.size === 0)
    throw { code: 'empty_file', detail: 'The file is empty. Choose another photo.' } satisfies ErrorDetail;
  try {
    return (await decodeInFirefox(file)) ?? (await createImageBitmap(file));
  } catch (cause) {
    const detail =
      `The browser can't open this file: it is damaged, or of an unknown type. ` +
      `Choose a JPEG, PNG or WebP photo. The browser said: ${cause}`;
    throw { code: 'invalid_file_type', detail } satisfies ErrorDetail;
  }
}

/**
 * Decodes by Firefox's `ImageDecoder`. Firefox decodes a bitmap on the main thread, even for a worker, and
 * blocks it for 90 ms for 12 megapixels. Chromium's `ImageDecoder` takes a second, and Chromium and WebKit
 * decode a worker's bitmaps in the worker.
 */
async function decodeInFirefox(file: Blob): Promise<ImageBitmap | undefined> {
  if (typeof ImageDecoder === 'undefined' || !/Firefox\//.test(navigator.userAgent)) return undefined;
  // A file's type is only what its name says.
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0xff || second !== 0xd8) return undefined;
  const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type: 'image/jpeg' });
  try {
    const { image } = await decoder.decode();
    try {
      return await createImageBitmap(image);
    } finally {
      image.close();
    }
  } catch {
    // The file is damaged: `createImageBitmap` may still decode a part, and has a better error.
    return undefined;
  } finally {
    decoder.close();
  }
}
