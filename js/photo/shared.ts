/** Shares a job on a file between the calls that need it, and keeps its result as long as the file. */
import { untilAborted } from './queue.js';

interface Shared {
  result: Promise<unknown>;
  /** Calls that wait for the result; the last one to give up ends the job. */
  waiting: number;
  controller: AbortController;
}

const jobs = new WeakMap<Blob, Map<string, Shared>>();

/**
 * Returns the result of the job of this key on a file, which runs once; a failure is forgotten. Rejects with the
 * reason of the caller's signal when that is aborted.
 */
export async function shared<Result>(
  file: Blob,
  key: string,
  signal: AbortSignal,
  job: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  let ofFile = jobs.get(file);
  if (!ofFile) jobs.set(file, (ofFile = new Map()));
  let entry = ofFile.get(key);
  if (!entry) {
    const controller = new AbortController();
    entry = { result: job(controller.signal), waiting: 0, controller };
    const { result } = entry;
    const own = entry;
    ofFile.set(key, own);
    result.catch(() => {
      if (ofFile.get(key) === own) ofFile.delete(key);
    });
  }
  entry.waiting += 1;
  try {
    return (await untilAborted(entry.result, signal)) as Result;
  } finally {
    entry.waiting -= 1;
    if (signal.aborted && entry.waiting === 0) {
      entry.controller.abort(signal.reason);
      if (ofFile.get(key) === entry) ofFile.delete(key);
    }
  }
}
