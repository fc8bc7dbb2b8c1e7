/** Shares a job on a file between the calls that need it, and keeps its result as long as the file. */

interface Shared {
  result: Promise<unknown>;
  /** Calls that wait for the result; the last one to give up ends the job. */
  waiting: number;
  controller: AbortController;
}

const jobs = new WeakMap<Blob, Map<string, Shared>>();

/**
 * Returns the result of the job of this key on a file, which runs once; a failure is forgotten. A caller gives up by
 * aborting its signal, and no longer waits for the result.
 */
export async function shared<Result>(
  file: Blob,
  key: string,
  signal: AbortSignal,
  job: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ofFile = jobs.get(file) ?? new Map<string, Shared>();
  jobs.set(file, ofFile);
  const entry = ofFile.get(key) ?? start();
  entry.waiting += 1;
  const giveUp = () => {
    entry.waiting -= 1;
    if (entry.waiting > 0) return;
    forget(entry);
    entry.controller.abort(signal.reason);
  };
  signal.addEventListener('abort', giveUp);
  try {
    return (await entry.result) as Result;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }

  function start(): Shared {
    const controller = new AbortController();
    const started = { result: job(controller.signal), waiting: 0, controller };
    ofFile.set(key, started);
    started.result.catch(() => forget(started));
    return started;
  }

  function forget(entry: Shared): void {
    if (ofFile.get(key) === entry) ofFile.delete(key);
  }
}
