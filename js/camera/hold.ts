/** The moment before a photo: good frames in a row. */

/** A hold survives bad frames for so long, in milliseconds. */
const LAPSE_MS = 150;

/** Follows how long a face has been good. */
export class Hold {
  #since: number | undefined;
  #goodAt = 0;

  /** Whether a hold runs. */
  get isOn(): boolean {
    return this.#since !== undefined;
  }

  /** Adds the next frame. */
  add(isGood: boolean, now: number): void {
    if (isGood) {
      this.#goodAt = now;
      this.#since ??= now;
    } else if (now - this.#goodAt > LAPSE_MS) {
      this.#since = undefined;
    }
  }

  /** Whether the hold has lasted `ms` milliseconds. */
  hasLasted(ms: number, now: number): boolean {
    return this.#since !== undefined && now - this.#since >= ms;
  }

  /** Ends the hold. */
  end(): void {
    this.#since = undefined;
  }
}
