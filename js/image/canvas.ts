/** Canvases on either thread, and what is done with all of them. */
import { ImageFailure } from './failure.js';

/** Milliseconds that an idle page takes at most to encode a picture of a megabyte. */
const PATIENCE = 400;

export type Canvas = OffscreenCanvas | HTMLCanvasElement;
export type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/** An opaque canvas whose pixels are read or written, so that they had better not be in a graphics card. */
export function createCanvas(width: number, height: number): Context {
  const options: CanvasRenderingContext2DSettings = { alpha: false, willReadFrequently: true };
  const context =
    typeof document === 'undefined'
      ? new OffscreenCanvas(width, height).getContext('2d', options)
      : // On the page's thread an element encodes with less delay for the page.
        Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', options);
  if (!context) throw new Error('The browser has no memory for a canvas.');
  return context;
}

/** Gives its memory back now; a browser may not see that it is no longer used for long. */
export function discard({ canvas }: Context): void {
  canvas.width = 0;
  canvas.height = 0;
}

export async function toJpeg({ canvas }: Context, quality: number): Promise<Blob> {
  const type = 'image/jpeg';
  const blob = await ('convertToBlob' in canvas
    ? canvas.convertToBlob({ type, quality })
    : toBlob(canvas, type, quality));
  // A browser that can't write JPEG writes PNG.
  if (blob?.type !== type) throw new Error('The browser could not write a JPEG.');
  return blob;
}

/**
 * Chromium's `toBlob` waits for the page to be idle: for a second and more, each time, on a busy page.
 * Such a page gets its file at once instead, in one piece of work.
 */
async function toBlob(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isLate = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, 'late');
  });
  const encoded = new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
  const blob = await Promise.race([encoded, isLate]).finally(() => clearTimeout(timer));
  if (blob !== 'late') return blob;
  const [head, base64 = ''] = canvas.toDataURL(type, quality).split(',');
  if (!head?.includes(type)) return null;
  return new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], { type });
}

/** Decodes a file. Its own orientation must have been taken out: browsers differ in what they do with it. */
export async function decode(file: Blob): Promise<ImageBitmap> {
  if (file.size === 0) throw new ImageFailure('empty_file', 'The file is empty. Choose a photo.');
  try {
    return (await decodeApart(file)) ?? (await createImageBitmap(file));
  } catch (cause) {
    throw new ImageFailure(
      'invalid_file_type',
      `The browser can't show this file: it is damaged, or of a type that it doesn't know. ` +
        `Choose another photo, best a JPEG. The browser said: ${cause}`,
    );
  }
}

/**
 * Firefox decodes a bitmap on the page's thread, even for a worker: 90 ms for 12 megapixels, in which the
 * page stands still. Its `ImageDecoder` works beside it. Chromium's takes a second to draw what it gave,
 * and Chromium and WebKit decode a worker's bitmaps in the worker: so this is for Firefox only.
 */
async function decodeApart(file: Blob): Promise<ImageBitmap | undefined> {
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
    // It is damaged; the other way may still show a part of it, and has a better error.
    return undefined;
  } finally {
    decoder.close();
  }
}
