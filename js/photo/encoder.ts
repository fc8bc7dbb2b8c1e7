/**
 * Encodes and measures photos on the device, one at a time: in a worker, or in small steps on the main thread
 * where the browser has no worker for it. The caller passes the orientation and the limits.
 */
import type { Encoded, Job, Measured } from './messages.js';
import { loadModule } from './pixels-module.js';
import { toBitmap, type PixelSource } from './bitmap.js';
import { createQueue, untilAborted } from './queue.js';
import { runInWorker, scheduleEnd, startWorker } from './worker-client.js';

export type { Encoded, Measured } from './messages.js';
export { toBitmap, type PixelSource } from './bitmap.js';

/** Options of every job. */
export interface ImageOptions {
  /** EXIF orientation that the pixels are stored in, 1 to 8; upright by default. */
  orientation?: number;
  /** Rejects the job with its reason when it is aborted. */
  signal?: AbortSignal;
}

/** Options of an encoded image. */
export interface EncodeOptions extends ImageOptions {
  /** The limit of the result's size, in bytes. */
  maxBytes: number;
  /** The limit of the result's longer side, in pixels; none by default. */
  maxSide?: number;
  /** The quality of the JPEG, in 0..=1; 0.85 by default. */
  quality?: number;
}

/** Options of a measurement. */
export interface MeasureOptions extends ImageOptions {
  /** Length that the shorter side is reduced to, in pixels; its own by default. */
  shorterSide?: number;
}

/** Thread that a job ran on. */
export interface Done {
  /** The main thread only where the browser has no worker for it. */
  thread: 'worker' | 'page';
}

/** The main thread yields after this time. */
const YIELD_AFTER_MS = 12;

/**
 * Decodes an image, rotates it upright, resizes it no further than needed and encodes it as JPEG. A file must
 * have no EXIF orientation: pass it in `orientation`.
 *
 * @throws ErrorDetail when the source has no pixels, or none that may be read.
 */
export function encode(source: Blob | PixelSource, options: EncodeOptions): Promise<Encoded & Done> {
  const { orientation = 1, maxBytes, maxSide = Infinity, quality = 0.85, signal } = options;
  const job = { kind: 'encode', orientation, maxBytes, maxSide, quality } as const;
  return run(source, (picture) => ({ ...job, picture }), signal) as Promise<Encoded & Done>;
}

/**
 * Decodes an image and measures all of it.
 *
 * @throws ErrorDetail when the source has no pixels, or none that may be read.
 */
export function measure(source: Blob | PixelSource, options: MeasureOptions = {}): Promise<Measured & Done> {
  const { orientation = 1, shorterSide = Infinity, signal } = options;
  const job = { kind: 'measure', orientation, shorterSide } as const;
  return run(source, (picture) => ({ ...job, picture }), signal) as Promise<Measured & Done>;
}

/** Loads what the first job needs. */
export const preload = (): Promise<unknown> =>
  Promise.all([loadModule(), import('./worker-script.js'), import('./encode.js')]);

const queue = createQueue();

function run(
  source: Blob | PixelSource,
  jobOf: (picture: Blob | ImageBitmap) => Job,
  signal: AbortSignal | undefined,
): Promise<(Encoded | Measured) & Done> {
  return untilAborted(enqueue(source, jobOf, signal), signal);
}

/** Not by `instanceof`: a file picked in an iframe has another `Blob`. */
const isFile = (source: Blob | PixelSource): source is Blob => 'arrayBuffer' in source;

async function enqueue(
  source: Blob | PixelSource,
  jobOf: (picture: Blob | ImageBitmap) => Job,
  signal: AbortSignal | undefined,
): Promise<(Encoded | Measured) & Done> {
  // Copied now: a canvas or a video may change while the job waits.
  const picture = isFile(source) ? source : await toBitmap(source);
  try {
    return await queue.run(() => start(jobOf(picture), signal), signal);
  } finally {
    if ('close' in picture) picture.close();
  }
}

async function start(job: Job, signal: AbortSignal | undefined): Promise<(Encoded | Measured) & Done> {
  const starting = startWorker();
  try {
    const [module, hasWorker] = await Promise.all([loadModule(), starting]);
    if (signal?.aborted) throw signal.reason;
    if (hasWorker) return { ...(await runInWorker(job, module, signal)), thread: 'worker' };
    return { ...(await runHere(job, module, signal)), thread: 'page' };
  } finally {
    // Not before: on a slow network the module arrives long after the worker is ready.
    void starting.then(scheduleEnd, () => {});
  }
}

async function runHere(
  job: Job,
  module: WebAssembly.Module,
  signal: AbortSignal | undefined,
): Promise<Encoded | Measured> {
  const { work } = await import('./encode.js');
  return work(job, module, pauseUntil(signal));
}

/** Returns a function that yields to the page when a job has blocked it long enough. */
function pauseUntil(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (signal?.aborted) throw signal.reason;
    if (performance.now() - since < YIELD_AFTER_MS) return;
    await nextTask();
    since = performance.now();
    if (signal?.aborted) throw signal.reason;
  };
}

/** Waits for a message, which comes without the 4 ms of a nested timer. */
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
