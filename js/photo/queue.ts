/** Runs jobs one at a time: two large photos at once would need twice the memory. */

export interface Queue {
  /**
   * Runs a job after all earlier ones, whether they succeeded or not. A job whose signal is aborted before its
   * start rejects with the signal's reason.
   */
  run<Result>(job: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result>;
}

export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(job, signal) {
      const turn = last.then(() => {
        if (signal?.aborted) throw signal.reason;
        return job();
      });
      last = turn.catch(() => {});
      return turn;
    },
  };
}

/** Returns the promise; rejects with the reason of the signal as soon as that is aborted. */
export function untilAborted<Value>(job: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return job;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    job.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
