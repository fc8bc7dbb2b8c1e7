/** Shows hints at a pace that can be read and heard. */
import type { Hint } from './guidance.js';
import type { Clock } from './ports.js';
import type { Timers } from './timers.js';

/** Least time between two hints, in milliseconds: a screen reader needs it to say one. */
const HINT_EVERY_MS = 700;

/** Passes on a hint that differs from the one before, at most one in `HINT_EVERY_MS`; `captured` at once. */
export class HintPacer {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #show: (hint: Hint) => void;
  #shownKey = '';
  #shownAt = -Infinity;
  /** The hint that waits for its turn. */
  #next: Hint | undefined;

  constructor(clock: Clock, timers: Timers, show: (hint: Hint) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#show = show;
  }

  /** Takes the hint of the present moment; one that still waits is replaced. */
  offer(hint: Hint): void {
    const key = `${hint.code} ${hint.direction}`;
    if (key === this.#shownKey) return this.cancel();
    const now = this.#clock.now();
    const wait = hint.code === 'captured' ? 0 : this.#shownAt + HINT_EVERY_MS - now;
    if (wait > 0) {
      if (!this.#next) this.#timers.set('hint', wait, () => this.#next && this.offer(this.#next));
      this.#next = hint;
      return;
    }
    this.cancel();
    this.#shownKey = key;
    this.#shownAt = now;
    this.#show(hint);
  }

  /** Forgets the hint that waits. */
  cancel(): void {
    this.#next = undefined;
    this.#timers.clear('hint');
  }

  /** Forgets everything that was shown. */
  reset(): void {
    this.cancel();
    this.#shownKey = '';
    this.#shownAt = -Infinity;
  }
}
