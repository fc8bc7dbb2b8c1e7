/** Copies the pixels of an image, a video, a canvas or a camera's frame. */
import type { Image } from '../types.js';
import type { ErrorDetail } from '../messages/error-detail.js';
import { checkPixels, createCanvas } from './canvas.js';

/** An image that is not a file. */
export type PixelSource = Exclude<Image, Blob | ArrayBuffer | ArrayBufferView | string>;

/**
 * Copies the current pixels; the caller closes the copy. Waits for an `<img>` that is still loading.
 *
 * @throws ErrorDetail when there are no pixels, or when the page may not read them.
 */
export async function toBitmap(source: PixelSource): Promise<ImageBitmap> {
  await check(source);
  let bitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (cause) {
    if (isSecurity(cause)) throw foreign();
    throw invalid(`The browser can't read this image: ${cause}`);
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
        'Expected an image. Pass a file, an image, a video, a canvas, an ImageBitmap or ImageData.',
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
      throw invalid('The <img> could not be loaded. Check its src.');
    }
  }
  if (image.naturalWidth === 0 || image.naturalHeight === 0) {
    throw empty('The image of the <img> has no intrinsic size. Give the SVG a width and a height.');
  }
  checkPixels(image.naturalWidth, image.naturalHeight);
}

/** Whether the page may read the pixels. It may only show those of another origin. */
function isReadable(bitmap: ImageBitmap): boolean {
  const context = createCanvas(1, 1);
  context.drawImage(bitmap, 0, 0);
  try {
    context.getImageData(0, 0, 1, 1);
    return true;
  } catch (cause) {
    if (isSecurity(cause)) return false;
    throw cause;
  }
}

const isSecurity = (cause: unknown): boolean => (cause as Partial<Error>)?.name === 'SecurityError';

const foreign = (): ErrorDetail =>
  invalid(
    'The image comes from another origin, which does not let this page read it. Load it with ' +
      'crossorigin="anonymous" from a server that allows it (Access-Control-Allow-Origin), or pass the file.',
  );

const empty = (detail: string): ErrorDetail => ({ code: 'empty_file', detail });
const invalid = (detail: string): ErrorDetail => ({ code: 'invalid_file_type', detail });
