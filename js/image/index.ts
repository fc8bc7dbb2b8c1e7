/**
 * Photos made fit, and measured, on the device: in a worker where the browser has one for it, on the
 * page's thread in small steps where it hasn't. It knows nothing of file headers and of the service:
 * the caller says how a picture lies and how large it may be.
 */
import type { Encoded, Job, Measured } from './job.js';
import { loadModule } from './module.js';
import { toBitmap, type PixelSource } from './source.js';
import { startWorker, workInWorker } from './thread.js';

export { ImageFailure, type ImageFailureCode } from './failure.js';
export type { Encoded, Measured } from './job.js';
export { toBitmap, type PixelSource } from './source.js';

/** What every job takes. */
export interface ImageOptions {
  /** How the pixels lie, as the Exif orientation says: 1 to 8; upright by default. */
  orientation?: number;
  /** Rejects the job at once when it is aborted, with the signal's reason. */
  signal?: AbortSignal;
}

/** What makes a picture fit. */
export interface EncodeOptions extends ImageOptions {
  /** Bytes that the result may have. */
  maxBytes: number;
  /** Pixels that the result may have; all by default. */
  maxPixels?: number;
}

/** How a picture is measured. */
export interface MeasureOptions extends ImageOptions {
  /** Pixels that its shorter side is reduced to; not at all by default. */
  shorterSide?: number;
}

/** Where a job was done. */
export interface Done {
  /** The page's own thread only where there is no worker to be had. */
  thread: 'worker' | 'page';
}

/** Pixels that no JPEG of any browser exceeds. */
const ALL_PIXELS = 65_535 ** 2;
/** How long the page's thread works before others get a turn, in milliseconds. */
const TURN = 12;

/**
 * Decodes a picture, turns it upright, scales it down no further than needed and encodes it as JPEG.
 * A file must have no orientation of its own: take it out before, and say it in `orientation`.
 *
 * @throws ImageFailure when there is no picture in it, or none that may be read.
 */
export function encode(source: Blob | PixelSource, options: EncodeOptions): Promise<Encoded & Done> {
  const { orientation = 1, maxBytes, maxPixels = ALL_PIXELS, signal } = options;
  const job = { kind: 'encode', orientation, maxBytes, maxPixels } as const;
  return run(source, (picture) => ({ ...job, picture }), signal) as Promise<Encoded & Done>;
}

/**
 * Decodes a picture and measures all of it.
 *
 * @throws ImageFailure when there is no picture in it, or none that may be read.
 */
export function measure(source: Blob | PixelSource, options: MeasureOptions = {}): Promise<Measured & Done> {
  const { orientation = 1, shorterSide = ALL_PIXELS, signal } = options;
  const job = { kind: 'measure', orientation, shorterSide } as const;
  return run(source, (picture) => ({ ...job, picture }), signal) as Promise<Measured & Done>;
}

/** The job before, whatever became of it: one at a time, or two large photos would need twice the memory. */
let last: Promise<unknown> = Promise.resolve();

function run(
  source: Blob | PixelSource,
  jobOf: (picture: Blob | ImageBitmap) => Job,
  signal: AbortSignal | undefined,
): Promise<(Encoded | Measured) & Done> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  return untilAborted(enqueue(source, jobOf, signal), signal);
}

async function enqueue(
  source: Blob | PixelSource,
  jobOf: (picture: Blob | ImageBitmap) => Job,
  signal: AbortSignal | undefined,
): Promise<(Encoded | Measured) & Done> {
  // A canvas or a video may change while the job waits for its turn.
  const picture = source instanceof Blob ? source : await toBitmap(source);
  const turn = last;
  const job = turn.then(() => {
    if (signal?.aborted) throw signal.reason;
    return start(jobOf(picture), signal);
  });
  last = job.catch(() => {}).finally(() => 'close' in picture && picture.close());
  return job;
}

async function start(job: Job, signal: AbortSignal | undefined): Promise<(Encoded | Measured) & Done> {
  const [module, hasWorker] = await Promise.all([loadModule(), startWorker()]);
  if (signal?.aborted) throw signal.reason;
  if (hasWorker) return { ...(await workInWorker(job, module, signal)), thread: 'worker' };
  const { work } = await import('./work.js');
  return { ...(await work(job, module, pauseUntil(signal))), thread: 'page' };
}

/** Gives the page a turn when it has waited long enough. */
function pauseUntil(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (signal?.aborted) throw signal.reason;
    if (performance.now() - since < TURN) return;
    await nextTask();
    since = performance.now();
    if (signal?.aborted) throw signal.reason;
  };
}

/** A message comes without the 4 ms that a timer waits. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function untilAborted<Value>(job: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return job;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    job.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
