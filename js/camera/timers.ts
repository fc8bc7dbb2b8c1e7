/** Timers by name: one of each at a time. */
import type { Clock, Timer } from './ports.js';

/** Running timers of a capture. */
export class Timers {
  readonly #clock: Clock;
  readonly #running = new Map<string, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls an action once, after `ms` milliseconds; replaces the timer of that name. */
  set(name: string, ms: number, action: () => void): void {
    this.clear(name);
    const run = () => {
      this.#running.delete(name);
      action();
    };
    this.#running.set(name, this.#clock.set(run, ms));
  }

  /** Forgets a timer; ignores one that is over. */
  clear(name: string): void {
    this.#clock.clear(this.#running.get(name));
    this.#running.delete(name);
  }

  /** Forgets all timers. */
  clearAll(): void {
    for (const name of [...this.#running.keys()]) this.clear(name);
  }
}
