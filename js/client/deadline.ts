/** The end of one call: its time limit, or the page's wish to cancel it. */
import type { ErrorDetail } from '../messages/error-detail.js';
import { MAX_TIMER_MS } from '../timer.js';

/** The step that a call waits for. It decides the message when the call times out. */
export type Stage = 'module' | 'token' | 'photo' | 'engine' | 'service';

export interface Deadline {
  /** Aborted when the call fails, for any reason. */
  readonly signal: AbortSignal;
  /** Returns the promise; rejects with an {@link ErrorDetail} when the call ends before it settles. */
  within<Value>(promise: Promise<Value>, stage: Stage): Promise<Value>;
  /**
   * Resolves to `true` after some milliseconds, or to `false` at once when the call would time out by then.
   * Rejects with an {@link ErrorDetail} when the call ends during the pause.
   */
  pause(milliseconds: number): Promise<boolean>;
  /** Cancels the call. */
  cancel(detail: string): void;
  /** Aborts what is still pending. */
  abort(): void;
  /** Releases the timers and the page's signal. */
  end(): void;
}

/** Starts the time limit of a call, in milliseconds; `caller` is the page's own signal. Call `end` after it. */
export function startDeadline(timeout: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const endsAt = performance.now() + timeout;
  let stage: Stage = 'service';
  let pauseTimer: ReturnType<typeof setTimeout> | undefined;

  let abortWith!: (error: ErrorDetail) => void;
  const ended = new Promise<never>((_, reject) => {
    abortWith = (error) => {
      reject(error);
      // Without a reason: fetch would reject with it, whatever it is.
      controller.abort();
    };
  });
  // The call may end while nothing waits for it.
  ended.catch(() => {});

  const timer = setTimeout(() => abortWith(timeoutError(stage, timeout)), Math.min(timeout, MAX_TIMER_MS));
  const onAbort = () => abortWith(cancelError(caller?.reason));
  if (caller?.aborted) onAbort();
  else caller?.addEventListener('abort', onAbort);

  return {
    signal: controller.signal,
    async within(promise, next) {
      const previous = stage;
      stage = next;
      try {
        return await Promise.race([ended, promise]);
      } finally {
        stage = previous;
      }
    },
    pause(milliseconds) {
      if (performance.now() + milliseconds >= endsAt) return Promise.resolve(false);
      return Promise.race([
        ended,
        new Promise<boolean>((resolve) => {
          // Without arguments for the callback, which wrappers of `setTimeout` drop.
          pauseTimer = setTimeout(() => resolve(true), milliseconds);
        }),
      ]);
    },
    // A pending request would hold one of the browser's six connections to a server.
    abort: () => controller.abort(),
    cancel: (detail) => abortWith({ code: 'aborted', detail }),
    end() {
      clearTimeout(timer);
      clearTimeout(pauseTimer);
      caller?.removeEventListener('abort', onAbort);
    },
  };
}

function timeoutError(stage: Stage, timeout: number): ErrorDetail {
  switch (stage) {
    case 'module':
      return {
        code: 'timeout',
        detail: `The WebAssembly did not load in ${timeout} ms. Check the connection and try again.`,
      };
    case 'token':
      return {
        code: 'unauthorized',
        detail: `The token provider returned no token in ${timeout} ms. Check the connection and the page's own server.`,
      };
    case 'photo':
      return {
        code: 'timeout',
        detail: `The photo was not ready in ${timeout} ms. Use a smaller photo, or allow more time.`,
      };
    case 'engine':
      return {
        code: 'timeout',
        detail: `The face engine was not done in ${timeout} ms. Load it before the first call, or allow more time.`,
      };
    case 'service':
      return { code: 'timeout' };
  }
}

/** Reads the page's reason, where it says more than that there was one. */
function cancelError(reason: unknown): ErrorDetail {
  let name: unknown, message: unknown;
  try {
    // Not by `instanceof`: it may come from another realm.
    ({ name, message } = Object(typeof reason === 'string' ? { message: reason } : reason));
  } catch {
    // A getter of the page's reason threw.
  }
  // The reason of `AbortSignal.timeout`.
  if (name === 'TimeoutError') return { code: 'timeout' };
  const hasMessage = typeof message === 'string' && message !== '' && name !== 'AbortError';
  return { code: 'aborted', detail: hasMessage ? `The call was cancelled: ${message}` : undefined };
}
