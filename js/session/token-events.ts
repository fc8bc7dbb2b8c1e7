/** Calls the page's listeners for events of the session token. */
import { MAX_TIMER_MS } from '../timer.js';
import type { TokenEvent, TokenListener } from '../types.js';

/** When a token is renewed and when it expires, in milliseconds from now. */
export interface TokenTimes {
  renewal: number;
  /** `Infinity` for a token that does not say. */
  expiry: number;
  /** The expiry in milliseconds since 1970; the same value in each event. */
  expiresAt: number | undefined;
}

export interface TokenEvents {
  /** Adds a listener; returns the function that removes it. `times` reads those of the current token. */
  listen(listener: TokenListener, times: () => TokenTimes | undefined): () => void;
  /** Announces a new token and schedules its events; `undefined` stops them. */
  announce(times: TokenTimes | undefined): void;
}

export function createTokenEvents(): TokenEvents {
  const listeners = new Set<TokenListener>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  /** The events of the current token that were announced. */
  let announced = new Set<TokenEvent>();

  function call(event: TokenEvent, expiresAt: number | undefined): void {
    for (const listener of [...listeners]) {
      try {
        listener(event, expiresAt);
      } catch (error) {
        // As an error of the page: the other listeners and the call go on.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }

  function stop(): void {
    timers.forEach(clearTimeout);
    timers.clear();
  }

  function schedule({ renewal, expiry, expiresAt }: TokenTimes): void {
    stop();
    for (const [event, delay] of [
      ['expiring', renewal],
      ['expired', expiry],
    ] as const) {
      if (delay > MAX_TIMER_MS || announced.has(event)) continue;
      const timer = setTimeout(() => {
        announced.add(event);
        call(event, expiresAt);
      }, delay);
      timers.add(timer);
      // A timer of Node.js would keep the process alive.
      (timer as { unref?: () => void }).unref?.();
    }
  }

  return {
    listen(listener, times) {
      // A wrapper, so that a listener that is added twice is called twice.
      const own: TokenListener = (...event) => listener(...event);
      listeners.add(own);
      const current = times();
      if (current) schedule(current);
      return () => {
        listeners.delete(own);
        if (listeners.size === 0) stop();
      };
    },
    announce(times) {
      announced = new Set();
      stop();
      if (!times || listeners.size === 0) return;
      // After the current task: the page may still be setting up.
      queueMicrotask(() => call('renewed', times.expiresAt));
      schedule(times);
    },
  };
}
