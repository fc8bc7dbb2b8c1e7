/** Finds cameras whose picture is of no use: covered or switched off by a key, or infrared. */
import { isInfrared } from './cameras.js';

/** Least time between two looks at the picture, in milliseconds. */
const LOOK_EVERY_MS = 500;
/** A camera may start with black frames; one that stays black is covered. */
const BLACK_MS = 3_000;
const INFRARED_MS = 1_000;

/** Follows the colours of an open camera's picture. */
export class PictureWatch {
  #lookedAt = -Infinity;
  #blackSince: number | undefined;
  #greySince: number | undefined;

  /** Forgets the picture of the camera before. */
  reset(): void {
    this.#lookedAt = -Infinity;
    this.#blackSince = this.#greySince = undefined;
  }

  /**
   * Looks at the picture when that is due. Returns `'black'` for one that has been black for three seconds, and
   * `'infrared'` for one that has been grey for a second, of a camera whose name says so.
   */
  look(
    probe: () => 'black' | 'grey' | 'color',
    label: string,
    now: number,
  ): 'black' | 'infrared' | undefined {
    if (now - this.#lookedAt < LOOK_EVERY_MS) return undefined;
    this.#lookedAt = now;
    const seen = probe();
    this.#blackSince = seen === 'black' ? (this.#blackSince ?? now) : undefined;
    this.#greySince = seen === 'color' ? undefined : (this.#greySince ?? now);
    if (this.#blackSince !== undefined && now - this.#blackSince >= BLACK_MS) return 'black';
    const isGrey = this.#greySince !== undefined && now - this.#greySince >= INFRARED_MS;
    return isGrey && isInfrared(label) ? 'infrared' : undefined;
  }
}
