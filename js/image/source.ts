/** Pixels of whatever a page has them in: an image, a video, a canvas, a camera's frame. */
import type { Image } from '../types.js';
import { ImageFailure } from './failure.js';

/** What a picture can be taken from, besides a file. */
export type PixelSource = Exclude<Image, Blob | BufferSource | string>;

/**
 * A copy of the pixels as they are now, which the caller closes; the source stays as it is. An `<img>`
 * that still loads is waited for.
 *
 * @throws ImageFailure saying what to do when there are none, or when the page may not read them.
 */
export async function toBitmap(source: PixelSource): Promise<ImageBitmap> {
  await check(source);
  let bitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (cause) {
    if (isSecurity(cause)) throw foreign();
    throw invalid(`The browser can't read this picture: ${cause}`);
  }
  if (!isReadable(bitmap)) {
    bitmap.close();
    throw foreign();
  }
  return bitmap;
}

async function check(source: PixelSource): Promise<void> {
  // By its name, because an element of a frame is not an instance of this window's class.
  switch (Object.prototype.toString.call(source).slice('[object '.length, -1)) {
    case 'HTMLImageElement':
      return checkImage(source as HTMLImageElement);
    case 'HTMLVideoElement': {
      const { readyState, videoWidth } = source as HTMLVideoElement;
      // HAVE_CURRENT_DATA
      if (readyState < 2 || videoWidth === 0) {
        throw empty("The video shows no frame yet. Wait for its 'loadeddata' event.");
      }
      return;
    }
    case 'HTMLCanvasElement':
    case 'OffscreenCanvas': {
      const { width, height } = source as HTMLCanvasElement;
      if (width === 0 || height === 0) {
        throw empty('The canvas has no pixels: its width or height is 0, or it was transferred.');
      }
      return;
    }
    case 'ImageBitmap':
      if ((source as ImageBitmap).width === 0) {
        throw empty('The ImageBitmap was closed or transferred. Pass it before that.');
      }
      return;
    case 'VideoFrame':
      if ((source as VideoFrame).codedWidth === 0) {
        throw empty('The VideoFrame was closed or transferred. Pass it before that.');
      }
      return;
    case 'ImageData':
      if ((source as ImageData).data.length === 0) {
        throw empty('The pixels of the ImageData were transferred. Pass it before that.');
      }
      return;
    case 'SVGImageElement':
      return;
    default:
      throw invalid(
        'This is no picture. Pass a file, an image, a video, a canvas, an ImageBitmap or ImageData.',
      );
  }
}

async function checkImage(image: HTMLImageElement): Promise<void> {
  if (!image.currentSrc && !image.src && !image.srcset) {
    throw empty('The <img> has no source yet. Set its src before it is passed.');
  }
  try {
    await image.decode();
  } catch {
    // An image that shows is good enough: `decode` also rejects when the source changes meanwhile.
    if (!image.complete || image.naturalWidth === 0) {
      throw invalid('The <img> could not be loaded, or shows no picture. Check its src.');
    }
  }
  if (image.naturalWidth === 0 || image.naturalHeight === 0) {
    throw empty('The picture of the <img> has no size of its own. Give the SVG a width and a height.');
  }
}

/** Whether the page may see the pixels: those of another origin it may show only. */
function isReadable(bitmap: ImageBitmap): boolean {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d');
  context?.drawImage(bitmap, 0, 0);
  try {
    context?.getImageData(0, 0, 1, 1);
    return true;
  } catch (cause) {
    if (isSecurity(cause)) return false;
    throw cause;
  }
}

const isSecurity = (cause: unknown): boolean => (cause as Partial<Error>)?.name === 'SecurityError';

const foreign = (): ImageFailure =>
  invalid(
    'The picture comes from another origin, which does not let this page read it. Load it with ' +
      'crossorigin="anonymous" from a server that allows it (Access-Control-Allow-Origin), or pass the file.',
  );

const empty = (message: string): ImageFailure => new ImageFailure('empty_file', message);
const invalid = (message: string): ImageFailure => new ImageFailure('invalid_file_type', message);
