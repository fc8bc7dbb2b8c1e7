/** Time that a person has for a photo: runs only while the camera shows them. */
import type { Clock } from './ports.js';
import type { Timers } from './timers.js';

/** Counts down to `capture_timeout`, with pauses. */
export class Countdown {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #onEnd: () => void;
  /** Milliseconds; 0 for no limit. */
  readonly #limit: number;
  #left: number;
  #endsAt: number | undefined;

  constructor(limit: number, clock: Clock, timers: Timers, onEnd: () => void) {
    this.#limit = this.#left = limit;
    this.#clock = clock;
    this.#timers = timers;
    this.#onEnd = onEnd;
  }

  /** Goes on where it was paused. Does nothing while it runs. */
  start(): void {
    if (this.#limit === 0 || this.#endsAt !== undefined) return;
    this.#endsAt = this.#clock.now() + this.#left;
    this.#timers.set('timeout', this.#left, this.#onEnd);
  }

  /** Keeps the time that is left. */
  pause(): void {
    if (this.#endsAt === undefined) return;
    this.#left = Math.max(0, this.#endsAt - this.#clock.now());
    this.#endsAt = undefined;
    this.#timers.clear('timeout');
  }

  /** Stops, with the whole time before it. */
  reset(): void {
    this.pause();
    this.#left = this.#limit;
  }
}
