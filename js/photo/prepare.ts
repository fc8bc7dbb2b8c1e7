/**
 * Prepares a photo before it is sent. The core inspects the file and decides; what has to be encoded again is
 * encoded by a chunk that loads when the first photo needs it.
 */
import type { Core } from '../wasm/loader.js';
import { isErrorDetail, scriptUnavailable, type ErrorDetail } from '../messages/error-detail.js';
import type { ErrorCode, Metadata, PreparedImage, PrepareReport } from '../types.js';
import type { PixelSource } from './bitmap.js';
import type { Source } from './source.js';

/** A larger file can't be sent unencoded, whatever its metadata takes, so only its beginning is read. */
const READ_WHOLE_BELOW_BYTES = 2_000_000;
/** In most files the header and the metadata before the pixels are within these bytes. */
const HEADER_PROBE_BYTES = 512_000;
/** The service's limit of a file. */
const MAX_SENT_BYTES = 1_000_000;
/** Length that the shorter side of an image is reduced to before it is measured, in pixels. */
const MEASURED_SIDE = 128;

export interface PhotoOptions {
  core: Core;
  /** Whether a photo may be encoded again; otherwise it is sent as it is, except for its metadata. */
  prepare: boolean;
  /** Aborts the work on the photo. */
  signal: AbortSignal;
}

type Inspection = ReturnType<Core['inspectPhoto']>;

/** Prepared photos by file. A `Blob` does not change, and a photo is often judged first and compared then. */
const prepared = new WeakMap<Blob, PreparedImage>();

/**
 * Prepares a photo: removes its metadata, and encodes what is rotated, too large or of another type.
 *
 * @throws ErrorDetail `empty_file`, `invalid_file_type` or `file_too_large`, with what to do.
 */
export async function preparePhoto(source: Source, options: PhotoOptions): Promise<PreparedImage> {
  if (source.pixels) return reportOn(await encode(source.pixels, 1, options));
  if (!options.prepare) return prepareFile(source.file, options);
  let photo = prepared.get(source.file);
  if (!photo) {
    photo = await prepareFile(source.file, options);
    prepared.set(source.file, photo);
  }
  return photo;
}

async function prepareFile(file: Blob, options: PhotoOptions): Promise<PreparedImage> {
  const { inspection, bytes } = await inspect(file, options, READ_WHOLE_BELOW_BYTES);
  if (inspection.next === 'send') {
    const blob = fileToSend(file, inspection);
    return reportOn({ blob, width: inspection.width, height: inspection.height }, file, inspection);
  }
  // What follows the inspected bytes of a large JPEG stays as it is.
  const bare = inspection.bytes
    ? new Blob([inspection.bytes, slice(file, bytes.byteLength, file.size)], { type: inspection.type })
    : file;
  try {
    return reportOn(await encode(bare, inspection.orientation, options), file, inspection);
  } catch (error) {
    throw describe(error, inspection);
  }
}

function fileToSend(file: Blob, { bytes, type }: Inspection): Blob {
  if (bytes) return new Blob([bytes], { type });
  return file.type === type ? file : slice(file, 0, file.size, type);
}

/** By the prototype's method, as a page or a library may have replaced that of one file. */
const slice = (file: Blob, start: number, end: number, type = ''): Blob =>
  Blob.prototype.slice.call(file, start, end, type);

/** Reads the beginning of a file, or all of it where the core needs more, and inspects it. */
async function inspect(file: Blob, { core, prepare }: PhotoOptions, wholeBelow: number) {
  const length = file.size <= wholeBelow ? file.size : HEADER_PROBE_BYTES;
  // A file over the core's limit is refused by its size.
  let bytes = await read(file, length);
  let inspection = core.inspectPhoto(bytes, file.size, prepare);
  if (inspection.next === 'readMore') {
    bytes = await read(file, file.size);
    inspection = core.inspectPhoto(bytes, file.size, prepare);
  }
  return { inspection, bytes };
}

async function read(file: Blob, length: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await new Response(slice(file, 0, length)).arrayBuffer());
  } catch {
    const detail = "The photo can't be read: it was moved or changed after it was chosen. Choose it again.";
    throw { code: 'invalid_file_type', detail } satisfies ErrorDetail;
  }
}

/** Names the type of a file that the browser can't decode. */
function describe(error: unknown, { undecodable }: Inspection): unknown {
  const isUndecodable = undecodable && isErrorDetail(error) && error.code === 'invalid_file_type';
  return isUndecodable ? ({ code: error.code, detail: undecodable } satisfies ErrorDetail) : error;
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
    removed: (inspection?.removed ?? []) as Metadata[],
  };
  return { blob, width, height, report };
}

function encode(picture: Blob | PixelSource, orientation: number, { signal }: PhotoOptions) {
  return withEncoder((encoder) => encoder.encode(picture, { orientation, maxBytes: MAX_SENT_BYTES, signal }));
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
  const inspection =
    file && (await inspect(file, { ...options, prepare: true }, HEADER_PROBE_BYTES)).inspection;
  const measured = await withEncoder((encoder) =>
    encoder.measure(source.pixels ?? source.file, { shorterSide: MEASURED_SIDE, signal }),
  ).catch((error) => {
    throw inspection ? describe(error, inspection) : error;
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
    // What the browsers say of a chunk that does not load.
    const text = String((error as Partial<Error> | undefined)?.message);
    if (/import|dynamically|module script/i.test(text)) throw scriptUnavailable(error);
    const code: ErrorCode = 'internal_error';
    throw { code, detail: `The photo could not be prepared: ${error}` } satisfies ErrorDetail;
  }
}
