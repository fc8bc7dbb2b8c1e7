/** The end of one call: its time limit, or the page's wish to cancel it. */
import type { Cause } from './messages.js';

/** What `setTimeout` can count, in milliseconds; a longer time would end at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** What a call waits for, which decides what is said when its time is over. */
export type Stage = 'module' | 'token' | 'picture' | 'service';

export interface Deadline {
  /** Aborted when the call is over, whatever ended it. */
  readonly signal: AbortSignal;
  /** The promise, unless the call is over before; then it rejects with a {@link Cause}. */
  within<Value>(promise: Promise<Value>, stage: Stage): Promise<Value>;
  /** Resolves after so many milliseconds; rejects at once if the call will be over by then. */
  pause(milliseconds: number): Promise<void>;
  /** Cancels the call. */
  cancel(detail: string): void;
  /** Releases the timers and the page's signal, and stops what is still under way. */
  end(): void;
}

/** Starts counting; `caller` is the page's own signal. The caller has to `end` it. */
export function startDeadline(timeout: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const ends = performance.now() + timeout;
  let stage: Stage = 'service';
  let pausing: ReturnType<typeof setTimeout> | undefined;

  let cut!: (cause: Cause) => void;
  const over = new Promise<never>((_, reject) => {
    cut = (cause) => {
      reject(cause);
      // Plainly: what a page gives as its reason must not reach the core's fetch.
      controller.abort();
    };
  });
  // It may be cut while nobody waits.
  over.catch(() => {});

  const timer = setTimeout(() => cut(late(stage, timeout)), Math.min(timeout, LONGEST_TIMER));
  const onAbort = () => cut(cancelled(caller?.reason));
  if (caller?.aborted) onAbort();
  else caller?.addEventListener('abort', onAbort);

  return {
    signal: controller.signal,
    async within(promise, next) {
      const previous = stage;
      stage = next;
      try {
        return await Promise.race([over, promise]);
      } finally {
        stage = previous;
      }
    },
    pause(milliseconds) {
      if (performance.now() + milliseconds >= ends) return Promise.reject(late(stage, timeout));
      return Promise.race([
        over,
        new Promise<void>((resolve) => {
          pausing = setTimeout(resolve, milliseconds);
        }),
      ]);
    },
    cancel: (detail) => cut({ code: 'aborted', detail }),
    end() {
      clearTimeout(timer);
      clearTimeout(pausing);
      caller?.removeEventListener('abort', onAbort);
      // A request that nobody waits for any more would hold one of the browser's few connections.
      controller.abort();
    },
  };
}

function late(stage: Stage, timeout: number): Cause {
  if (stage === 'module') {
    const detail = `The WebAssembly did not load in ${timeout} ms. Check the connection and try again.`;
    return { code: 'timeout', detail };
  }
  if (stage === 'token') {
    const detail = `The token provider gave no token in ${timeout} ms. Check the connection and the page's own server.`;
    return { code: 'unauthorized', detail };
  }
  if (stage === 'picture') {
    const detail = `The photo was not ready in ${timeout} ms. Use a smaller photo, or allow more time.`;
    return { code: 'timeout', detail };
  }
  return { code: 'timeout' };
}

/** What the page gave as its reason, where it says more than that there was one. */
function cancelled(reason: unknown): Cause {
  let name: unknown, message: unknown;
  try {
    // Not by `instanceof`: it may come from another realm.
    ({ name, message } = Object(typeof reason === 'string' ? { message: reason } : reason));
  } catch {
    // A page's own getter has thrown: then it says nothing.
  }
  // Of `AbortSignal.timeout`.
  if (name === 'TimeoutError') return { code: 'timeout' };
  const isTelling = typeof message === 'string' && message !== '' && name !== 'AbortError';
  return { code: 'aborted', detail: isTelling ? `The call was cancelled: ${message}` : undefined };
}
