/** Keeps verifications between requests. */

/**
 * Keeps texts under keys for a time. The default one keeps them in this process's memory, so it serves one
 * process only; several processes, and serverless functions, need a shared one such as SQL or Redis.
 */
export interface VerificationStore {
  /**
   * Returns the value of a key, unless it is expired.
   *
   * @example
   * const value = await store.get('perse-verification:7b1c…');
   */
  get(key: string): Promise<string | undefined>;
  /**
   * Sets a new key for `ttl` milliseconds.
   *
   * @example
   * await store.set('perse-verification:7b1c…', '{"status":"pending"}', 900_000);
   */
  set(key: string, value: string, ttl: number): Promise<void>;
  /**
   * Replaces the value of a key by `change(value)` for another `ttl` milliseconds. Nothing else may change
   * the key in between; a store that finds out afterwards calls `change` again with the new value.
   *
   * Nothing changes if the key is missing or expired, or `change` returns `undefined`.
   *
   * @example
   * await store.update('visits', (value) => String(Number(value) + 1), 900_000);
   */
  update(key: string, change: (value: string) => string | undefined, ttl: number): Promise<void>;
}

/** Interval between searches for expired entries, in milliseconds. */
const SWEEP_INTERVAL_MS = 10_000;

/**
 * A {@link VerificationStore} in this process's memory.
 *
 * @example
 * const store = createMemoryStore(); // the default of createVerifications
 */
export function createMemoryStore(): VerificationStore {
  const entries = new Map<string, { value: string; expiresAt: number }>();
  let nextSweep = 0;
  // With each new entry rather than by a timer, which edge runtimes forbid between requests.
  const sweep = (now: number) => {
    if (now < nextSweep) return;
    nextSweep = now + SWEEP_INTERVAL_MS;
    for (const [key, { expiresAt }] of entries) if (expiresAt <= now) entries.delete(key);
  };
  const read = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.expiresAt > Date.now() ? entry.value : undefined;
  };
  return {
    get: async (key) => read(key),
    async set(key, value, ttl) {
      const now = Date.now();
      sweep(now);
      entries.set(key, { value, expiresAt: now + ttl });
    },
    async update(key, change, ttl) {
      const value = read(key);
      const next = value === undefined ? undefined : change(value);
      if (next !== undefined) entries.set(key, { value: next, expiresAt: Date.now() + ttl });
    },
  };
}
