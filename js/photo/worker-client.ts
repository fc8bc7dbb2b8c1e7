/** The page's one photo worker: started for the first job, terminated soon after the last one. */
import { type ScriptWorker, startScript } from '../script-worker.js';
import type { Encoded, Job, Measured, Probe, Report } from './messages.js';

/** Time until an idle worker is terminated. A second photo often follows at once; a new start takes 20 ms. */
const WORKER_IDLE_MS = 1_000;
/** Time that a worker has to start. */
const WORKER_START_MS = 3_000;

let worker: Worker | undefined;
let idle: ReturnType<typeof setTimeout> | undefined;
let isImpossible = false;

/**
 * Starts the worker unless it runs. Returns `false` where there can be none. Call {@link scheduleEnd} when no job
 * follows.
 */
export async function startWorker(): Promise<boolean> {
  clearTimeout(idle);
  if (worker) return true;
  if (isImpossible || typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined') return false;
  const { default: script } = await import('./worker-script.js');
  let started: ScriptWorker | undefined;
  try {
    started = startScript(script);
    if (await isReady(started.worker)) {
      worker = started.worker;
      return true;
    }
    started.worker.terminate();
  } catch {
    // A policy forbids it by an exception or by an error event, and some test environments have no object URLs.
  } finally {
    started?.release();
  }
  isImpossible = true;
  return false;
}

function isReady(worker: Worker): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), WORKER_START_MS);
    const answer = (value: boolean) => {
      clearTimeout(timer);
      resolve(value);
    };
    worker.onmessage = ({ data }: MessageEvent<Report>) => answer('isReady' in data && data.isReady);
    worker.onerror = (event) => {
      event.preventDefault();
      answer(false);
    };
    worker.postMessage({ probe: new Blob(['a file']) } satisfies Probe);
  });
}

/** Runs a job in the started worker. Aborting the job terminates the worker. The caller schedules its end. */
export function runInWorker(
  job: Job,
  module: WebAssembly.Module,
  signal: AbortSignal | undefined,
): Promise<Encoded | Measured> {
  const running = worker;
  if (!running) throw new Error('The worker has not been started.');
  return new Promise((resolve, reject) => {
    const abort = () => {
      end();
      reject(signal?.reason);
    };
    const settle = (action: () => void) => {
      signal?.removeEventListener('abort', abort);
      action();
    };
    signal?.addEventListener('abort', abort);
    running.onmessage = ({ data }: MessageEvent<Report>) => {
      settle(() => {
        if ('result' in data) resolve(data.result);
        else if ('errorDetail' in data) reject(data.errorDetail);
        else reject(new Error('error' in data ? data.error : 'The worker sent an empty message.'));
      });
    };
    const fail = (event: Event) => {
      event.preventDefault();
      end();
      settle(() =>
        reject(new Error(`The worker failed. ${event instanceof ErrorEvent ? event.message : ''}`)),
      );
    };
    running.onerror = fail;
    running.onmessageerror = fail;
    const { picture } = job;
    running.postMessage({ job, module }, 'close' in picture ? [picture] : []);
  });
}

/** Terminates the worker after a while, unless another job starts. */
export function scheduleEnd(): void {
  clearTimeout(idle);
  idle = setTimeout(end, WORKER_IDLE_MS);
}

function end(): void {
  clearTimeout(idle);
  worker?.terminate();
  worker = undefined;
}
