/**
 * The worker of the page: started when there is a job, ended soon after the last one, so that neither
 * it nor its memory stays. It is started from its text, which works from every bundle and from
 * `file://`; under a policy that needs `worker-src blob:`.
 */
import { ImageFailure, type ImageFailureCode } from './failure.js';
import type { Encoded, Job, Measured, Probe, Report } from './job.js';

/** A second photo often follows the first at once; to start anew costs about 20 ms. */
const IDLE = 1_000;
/** A worker that has not said a word by then, in milliseconds, will not. */
const START_LIMIT = 3_000;

let worker: Worker | undefined;
let idle: ReturnType<typeof setTimeout> | undefined;
let isImpossible = false;

/** Starts the worker, unless it runs. `false` where that can't be: then the page's thread has to do. */
export async function startWorker(): Promise<boolean> {
  if (worker) {
    rest();
    return true;
  }
  if (isImpossible || typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined') return false;
  const { default: script } = await import('./worker-script.js');
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  let started: Worker | undefined;
  try {
    started = new Worker(url);
    if (await isReady(started)) {
      worker = started;
      rest();
      return true;
    }
  } catch {
    // A policy may forbid it at once, or by an error event.
  } finally {
    URL.revokeObjectURL(url);
  }
  started?.terminate();
  isImpossible = true;
  return false;
}

function isReady(worker: Worker): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, START_LIMIT, false);
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

/** Has the worker do a job; `startWorker` must have said that there is one. A job that is aborted ends it. */
export function workInWorker(
  job: Job,
  module: WebAssembly.Module,
  signal: AbortSignal | undefined,
): Promise<Encoded | Measured> {
  const running = worker;
  if (!running) throw new Error('The worker has not been started.');
  clearTimeout(idle);
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
        else if ('failure' in data) {
          reject(new ImageFailure(data.failure.code as ImageFailureCode, data.failure.message));
        } else reject(new Error('error' in data ? data.error : 'The worker said nothing.'));
      });
      rest();
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
    running.postMessage({ job, module }, picture instanceof Blob ? [] : [picture]);
  });
}

/** The worker has nothing to do; soon it ends, unless there is more. */
function rest(): void {
  clearTimeout(idle);
  idle = setTimeout(end, IDLE);
}

function end(): void {
  clearTimeout(idle);
  worker?.terminate();
  worker = undefined;
}
