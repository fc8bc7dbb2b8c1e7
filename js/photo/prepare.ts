/**
 * Prepares a photo before it is sent. The core inspects the file and decides; what has to be encoded again is
 * encoded by a chunk that loads when the first photo needs it.
 */
import type { Core } from '../wasm/loader.js';
import { isErrorDetail, scriptUnavailable, type ErrorDetail } from '../messages/error-detail.js';
import type { ErrorCode, PreparedImage, PrepareLimits, PrepareReport } from '../types.js';
import type { PixelSource } from './bitmap.js';
import { shared } from './shared.js';
import type { Source } from './source.js';

/** A larger file can't be sent unencoded, however large its metadata is, so only its beginning is read. */
const READ_WHOLE_BELOW_BYTES = 2_000_000;
/** In most files the header and the metadata before the pixels are within these bytes. */
const HEADER_PROBE_BYTES = 512_000;
/** Length that the shorter side of an image is reduced to before it is measured, in pixels. */
const MEASURED_SIDE = 128;

export interface PhotoOptions {
  core: Core;
  /** Limits of a photo that may be encoded again; without them it is sent as it is, except for its metadata. */
  limits: Required<PrepareLimits> | undefined;
  /** Aborts the work on the photo. */
  signal: AbortSignal;
}

/** The limits of a photo by default: at 1,600 pixels a face is compared as well as at full size. */
export const DEFAULT_LIMITS: Required<PrepareLimits> = {
  maxSide: 1_600,
  maxBytes: 500_000,
  quality: 0.85,
};

/** A photo that can be sent, and the size of the page's image that it was made of. */
export interface ReadyPhoto extends PreparedImage {
  source: [width: number, height: number];
}

type Inspection = ReturnType<Core['inspectPhoto']>;

/**
 * Prepares a photo: removes its metadata, and encodes what is rotated, too large or of another type. Calls with
 * the same file share one preparation, as a photo is often judged first and compared then.
 *
 * @throws ErrorDetail `empty_file`, `invalid_file_type`, `file_too_large` or `pixels_unavailable`.
 */
export async function preparePhoto(source: Source, options: PhotoOptions): Promise<ReadyPhoto> {
  const { file, pixels } = source;
  if (pixels) {
    const encoded = await encode(pixels, 1, options);
    return { ...reportOn(encoded), source: encoded.source };
  }
  const { limits, signal } = options;
  if (!limits) return prepareFile(file, options);
  const key = Object.values(limits).join();
  const photo = await shared(file, key, signal, (signal) => prepareFile(file, { ...options, signal }));
  // Each caller may change its own report.
  return { ...photo, report: JSON.parse(JSON.stringify(photo.report)) };
}

async function prepareFile(file: Blob, options: PhotoOptions): Promise<ReadyPhoto> {
  const { inspection, bytes } = await inspect(file, options, READ_WHOLE_BELOW_BYTES);
  const { next, type, width, height } = inspection;
  const source: ReadyPhoto['source'] = [width, height];
  if (next === 'send') {
    // The bytes that were inspected: the file may change, or become unreadable, before it is sent.
    const blob = new Blob([inspection.bytes ?? bytes], { type });
    return { ...reportOn({ blob, width, height }, file, inspection), source };
  }
  // The rest of a large file, behind the inspected bytes, stays as it is. Chromium refuses a JPEG without its end marker,
  // and a second marker does no harm.
  const rest = slice(file, bytes.byteLength, file.size);
  const end = Uint8Array.from(type === 'image/jpeg' ? [0xff, 0xd9] : []);
  const bare = new Blob([inspection.bytes ?? bytes, rest, end], { type });
  try {
    return { ...reportOn(await encode(bare, inspection.orientation, options), file, inspection), source };
  } catch (error) {
    const reason = await describe(error, file, inspection);
    if (reason.code !== 'pixels_unavailable') throw reason;
    // A file that fits is sent as it is.
    return prepareFile(file, { ...options, limits: undefined }).catch(() => {
      throw reason;
    });
  }
}

/** By the prototype's method, as a page or a library may have replaced that of one file. */
const slice = (file: Blob, start: number, end: number, type = ''): Blob =>
  Blob.prototype.slice.call(file, start, end, type);

/** Reads the beginning of a file, or all of it where the core needs more, and inspects it. */
async function inspect(file: Blob, { core, limits }: PhotoOptions, wholeBelow: number) {
  const [maxSide, maxBytes] = [limits?.maxSide ?? 0, limits?.maxBytes ?? 0];
  const length = file.size <= wholeBelow ? file.size : HEADER_PROBE_BYTES;
  // A file over the core's limit is refused by its size.
  let bytes = await read(file, length);
  let inspection = core.inspectPhoto(bytes, file.size, maxSide, maxBytes);
  if (inspection.next === 'readMore') {
    bytes = await read(file, file.size);
    inspection = core.inspectPhoto(bytes, file.size, maxSide, maxBytes);
  }
  return { inspection, bytes };
}

async function read(file: Blob, length: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await new Response(slice(file, 0, length)).arrayBuffer());
  } catch {
    const detail = "The photo can't be read: it was moved or changed after it was chosen. Choose it again.";
    throw { code: 'invalid_file_type', detail } satisfies ErrorDetail;
  }
}

/** Names the reason why a file can't be decoded: it can no longer be read, or its type. */
async function describe(error: unknown, file: Blob, { undecodable }: Inspection): Promise<ErrorDetail> {
  const detail = error as ErrorDetail;
  if (detail.code !== 'invalid_file_type') return detail;
  try {
    await read(file, 1);
    return undecodable ? { code: detail.code, detail: undecodable } : detail;
  } catch (unreadable) {
    return unreadable as ErrorDetail;
  }
}

interface EncodedPhoto {
  blob: Blob;
  width: number;
  height: number;
}

/** Returns the photo with a report of what was done to its file, if it had one. */
function reportOn(
  { blob, width, height }: EncodedPhoto,
  file?: Blob,
  inspection?: Inspection,
): PreparedImage {
  const to = { type: blob.type, bytes: blob.size, width, height };
  const from = file &&
    inspection && {
      ...{ type: inspection.type, bytes: file.size },
      ...{ width: inspection.width, height: inspection.height },
    };
  const report: PrepareReport = {
    ...(from && { from }),
    to,
    isTurned: inspection?.next === 'encode' && inspection.orientation !== 1,
    isResized: from !== undefined && (from.width !== width || from.height !== height),
    isConverted: from !== undefined && from.type !== blob.type,
    removed: inspection?.removed ?? [],
  };
  return { blob, width, height, report };
}

function encode(image: Blob | PixelSource, orientation: number, { limits, signal }: PhotoOptions) {
  const options = { ...(limits ?? DEFAULT_LIMITS), orientation, signal };
  return withEncoder((encoder) => encoder.encode(image, options));
}

/** The verdict on a photo by its pixels alone, its upright size, and the size of its file. */
export type PhotoVerdict = ReturnType<Core['judgeImage']> & { width: number; height: number; bytes?: number };

/**
 * Measures a photo on the device and judges it.
 *
 * @throws ErrorDetail as {@link preparePhoto} does, except for a file over the service's limit.
 */
export async function judgePhoto(source: Source, options: PhotoOptions): Promise<PhotoVerdict> {
  const { core, signal } = options;
  const { file } = source;
  if (typeof createImageBitmap !== 'function') {
    const detail =
      'This environment, such as Node.js or jsdom, has no createImageBitmap to decode photos with.';
    throw { code: 'pixels_unavailable', detail } satisfies ErrorDetail;
  }
  const inspection =
    file && (await inspect(file, { ...options, limits: DEFAULT_LIMITS }, HEADER_PROBE_BYTES)).inspection;
  const measured = await withEncoder((encoder) =>
    encoder.measure(source.pixels ?? source.file, { shorterSide: MEASURED_SIDE, signal }),
  ).catch(async (error) => {
    throw file && inspection ? await describe(error, file, inspection) : error;
  });
  const verdict = core.judgeImage(measured.underexposure, measured.overexposure, measured.sharpness);
  // A browser may or may not have rotated the pixels: the file knows its upright size.
  const { width, height } = inspection ?? measured;
  return { ...verdict, width, height, ...(file && { bytes: file.size }) };
}

/** Loads the encoder and uses it; reports other errors than its own as one of the package. */
async function withEncoder<Value>(
  action: (encoder: typeof import('./encoder.js')) => Promise<Value>,
): Promise<Value> {
  try {
    return await action(await import('./encoder.js'));
  } catch (error) {
    if (isErrorDetail(error)) throw error;
    // The browsers' messages about a chunk that does not load.
    const text = String((error as Partial<Error> | undefined)?.message);
    if (/import|dynamically|module script/i.test(text)) throw scriptUnavailable(error);
    const code: ErrorCode = 'internal_error';
    throw { code, detail: `The photo could not be prepared: ${error}` } satisfies ErrorDetail;
  }
}
