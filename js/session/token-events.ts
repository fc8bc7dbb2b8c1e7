/** Tells the page's listeners what happens to the session token. */
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
  /** The events that were told of the current token. */
  let told = new Set<TokenEvent>();

  function tell(event: TokenEvent, expiresAt: number | undefined): void {
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
      if (delay > MAX_TIMER_MS || told.has(event)) continue;
      const timer = setTimeout(() => {
        told.add(event);
        tell(event, expiresAt);
      }, delay);
      timers.add(timer);
      // A timer of Node.js would keep the process alive.
      (timer as { unref?: () => void }).unref?.();
    }
  }

  return {
    listen(listener, times) {
      // A wrapper, so that a listener that is added twice is told twice.
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
      told = new Set();
      stop();
      if (!times || listeners.size === 0) return;
      // After the current task: the page may still be setting up.
      queueMicrotask(() => tell('renewed', times.expiresAt));
      schedule(times);
    },
  };
}
