/** Reads what a page has an image in: a file in any of its forms, or pixels. */
import type { ErrorDetail } from '../messages/error-detail.js';
import type { PixelSource } from './bitmap.js';

/** An image: its file, or something that a browser can draw. */
export type Source = { file: Blob; pixels?: never } | { pixels: PixelSource; file?: never };

const PIXELS = new Set([
  ...['HTMLImageElement', 'SVGImageElement', 'HTMLVideoElement', 'HTMLCanvasElement'],
  ...['OffscreenCanvas', 'ImageBitmap', 'ImageData', 'VideoFrame'],
]);

const REMEDIES: Record<string, string> = {
  Array: 'Pass one element, for example files[0].',
  FileList: 'Pass one element, for example files[0].',
  HTMLInputElement: 'Pass its file: input.files[0].',
  MediaStream: 'Pass the video element that shows it.',
  Promise: 'Await it first.',
  Response: 'Pass its content: await response.blob().',
};

/**
 * Reads an image of any realm.
 *
 * @throws ErrorDetail `invalid_file_type` for another value, or for bytes that can't be read.
 */
export function readSource(value: unknown): Source {
  if (typeof value === 'string') return { file: fileOfDataUrl(value.trim()) };
  // By its tag and not by `instanceof`: a file picked in an iframe has another `Blob`.
  const type = tagOf(value);
  if (type === 'Blob' || type === 'File') return { file: readable(value as Blob) };
  if (type === 'ArrayBuffer' || type === 'SharedArrayBuffer' || ArrayBuffer.isView(value)) {
    return { file: fileOfBytes(value as BufferSource) };
  }
  if (PIXELS.has(type)) return { pixels: value as PixelSource };
  const article = /^[AEIOU]/i.test(type) ? 'an' : 'a';
  const remedy = REMEDIES[type] ?? 'Pass a file, a Blob, or the element that shows the image.';
  throw invalid(`Expected an image, got ${article} ${type}. ${remedy}`);
}

/** Returns a file whose properties can be read; a page's own getter may throw. */
function readable(file: Blob): Blob {
  try {
    void [file.size, file.type];
    return file;
  } catch {
    throw invalid("The file can't be read. Choose it again.");
  }
}

/** Returns the name in a value's `[object Name]`; a page's own tag may throw. */
function tagOf(value: unknown): string {
  if (typeof value !== 'object') return typeof value;
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1);
  } catch {
    return 'object';
  }
}

/** Reads a data URL of base64 (RFC 2397). Not by `fetch`, which a policy's `connect-src` may forbid. */
function fileOfDataUrl(url: string): Blob {
  const [head, base64] = url.split(',', 2);
  try {
    if (base64 === undefined || !head!.endsWith(';base64')) throw undefined;
    return new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]);
  } catch {
    throw invalid("The data URL can't be read: it should be data:image/…;base64,… and complete.");
  }
}

/** Copies the bytes, because the page may go on writing to them. */
function fileOfBytes(bytes: BufferSource): Blob {
  try {
    return new Blob([bytes]);
  } catch {
    throw invalid(
      "The bytes can't be read: their buffer was transferred away, or is shared. Pass a copy of them.",
    );
  }
}

const invalid = (detail: string): ErrorDetail => ({ code: 'invalid_file_type', detail });
