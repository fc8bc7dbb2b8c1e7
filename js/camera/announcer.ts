/**
 * Decides what a screen reader hears, and when: never more than one announcement a second, the same one
 * not twice within two seconds, and the latest hint in the place of those that it overtook.
 */
import { systemClock, type Clock, type Timer } from './ports.js';

const EVERY_MS = 1_000;
const REPEAT_MS = 2_000;

export class Announcer {
  readonly #write: (text: string) => void;
  readonly #clock: Clock;
  #spoken = '';
  #spokenAt = -Infinity;
  /** Facts that are told in any case, as that the face is lost. */
  #facts: string[] = [];
  #hint = '';
  #timer: Timer | undefined;

  /** Writes texts into the live region by `write`. */
  constructor(write: (text: string) => void, clock: Clock = systemClock) {
    this.#write = write;
    this.#clock = clock;
  }

  /** Tells a hint, unless a newer one comes first. */
  hint(text: string): void {
    this.#hint = text;
    this.#schedule();
  }

  /** Tells a fact, together with the latest hint. */
  fact(text: string): void {
    this.#facts = [...this.#facts.filter((other) => other !== text), text];
    this.#schedule();
  }

  /** Forgets what was not told yet, and empties the live region. */
  clear(): void {
    this.#clock.clear(this.#timer);
    this.#timer = undefined;
    this.#facts = [];
    this.#hint = this.#spoken = '';
    this.#spokenAt = -Infinity;
    this.#write('');
  }

  #schedule(): void {
    const wait = this.#spokenAt + EVERY_MS - this.#clock.now();
    // A hint that follows a fact in the same task is told with it.
    this.#timer ??= this.#clock.set(() => this.#speak(), Math.max(0, wait));
  }

  #speak(): void {
    this.#timer = undefined;
    const text = [...this.#facts, this.#hint].filter(Boolean).join('. ');
    this.#facts = [];
    this.#hint = '';
    if (!text) return;
    const now = this.#clock.now();
    if (text === this.#spoken) {
      if (now - this.#spokenAt < REPEAT_MS) return;
      // Screen readers tell only what has changed.
      this.#write('');
    }
    this.#spoken = text;
    this.#spokenAt = now;
    this.#write(text);
  }
}
