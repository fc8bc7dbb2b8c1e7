/**
 * The session token of one client: kept, renewed when a call needs it, and never shown. How long it
 * lives is the core's to read.
 */
import { LONGEST_TIMER } from './deadline.js';
import type { Cause } from './messages.js';
import type { TokenEvent, TokenListener, TokenProvider } from './types.js';

/** Milliseconds before its end in which a token is renewed; at most that share of its life. */
const MARGIN = 30_000;
const MARGIN_SHARE = 0.1;

/** Milliseconds that a token received at `now` still lives; `undefined` if it does not say. */
export type TimeLeft = (token: string, now: number, isFresh: boolean) => number | undefined;

interface Held {
  token: string;
  /** Asked for just now, and so new; a page's own token may be of any age. */
  isFresh: boolean;
  /** When it was received, by both clocks: the first can be set, the second may sleep. */
  received: { wall: number; steady: number };
  /** What was already told of it. */
  told: Set<TokenEvent>;
}

export interface TokenKeeper {
  /** Takes a token or a provider of tokens; `undefined` forgets both. */
  set(source: string | TokenProvider | undefined): void;
  /**
   * A token that is worth sending, other than `rejected`; `undefined` if there is none and nobody to
   * ask. Rejects with a {@link Cause} when it has ended or the provider fails, after `limit` at most.
   */
  get(timeLeft: TimeLeft, rejected: string | undefined, limit: number): Promise<string | undefined>;
  /** Tells `listener` from now on; gives the way to stop that. */
  listen(listener: TokenListener): () => void;
  /** The text without the token and these secrets. */
  redact(text: string, secrets: Set<string | undefined>): string;
}

/** `core` loads what reads tokens: needed for events only, since calls load it anyway. */
export function createTokenKeeper(core: () => Promise<{ timeLeft: TimeLeft }>): TokenKeeper {
  let provider: TokenProvider | undefined;
  let held: Held | undefined;
  let renewing: Promise<void> | undefined;
  const listeners = new Set<TokenListener>();
  const timers = new Set<ReturnType<typeof setTimeout>>();

  /** Milliseconds from its receipt to its end. */
  const lifetime = (timeLeft: TimeLeft, { token, received, isFresh }: Held) =>
    timeLeft(token, received.wall, isFresh) ?? Infinity;

  /** Milliseconds that are left, and whether it is time for a new one. */
  function judge(timeLeft: TimeLeft, token: Held) {
    const total = lifetime(timeLeft, token);
    const left = total - elapsed(token.received);
    return { left, isEnding: left <= margin(total) };
  }

  function hold(token: string | undefined, isFresh = false): void {
    const received = { wall: Date.now(), steady: performance.now() };
    held = token === undefined ? undefined : { token, isFresh, received, told: new Set() };
    void announce(held && 'renewed');
  }

  /** Tells of the token's life, as far as anybody listens. */
  async function announce(event?: TokenEvent): Promise<void> {
    timers.forEach(clearTimeout);
    timers.clear();
    const token = held;
    if (!token || listeners.size === 0) return;
    const { timeLeft } = await core().catch(() => ({ timeLeft: () => undefined }));
    // Another one may have come meanwhile, which is announced by itself.
    if (token !== held || timers.size > 0) return;
    const total = lifetime(timeLeft, token);
    const left = total - elapsed(token.received);
    const end = Number.isFinite(left) ? Date.now() + left : undefined;
    if (event) tell(event, end);
    schedule('expiring', left - margin(total));
    schedule('expired', left);

    function schedule(next: 'expiring' | 'expired', delay: number): void {
      if (delay > LONGEST_TIMER || token!.told.has(next)) return;
      const timer = setTimeout(() => {
        token!.told.add(next);
        tell(next, end);
      }, delay);
      timers.add(timer);
      // In Node.js it must not keep the process alive.
      (timer as { unref?: () => void }).unref?.();
    }
  }

  function tell(event: TokenEvent, expiresAt: number | undefined): void {
    for (const listener of [...listeners]) {
      try {
        listener(event, expiresAt);
      } catch (error) {
        // A page's own error is the page's to see, and nobody else's to suffer from.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }

  async function renew(asked: TokenProvider, limit: number): Promise<void> {
    const token = await answerOf(asked, limit);
    // What was set meanwhile is newer.
    if (provider === asked) hold(token, true);
  }

  return {
    set(source) {
      provider = typeof source === 'function' ? source : undefined;
      renewing = undefined;
      hold(typeof source === 'string' ? source : undefined);
    },
    async get(timeLeft, rejected, limit) {
      const current = held && held.token !== rejected ? held : undefined;
      const { left, isEnding } = current ? judge(timeLeft, current) : { left: 0, isEnding: true };
      if (current && left > 0 && !(provider && isEnding)) return current.token;
      if (!provider) {
        if (current) throw ended(current);
        return undefined;
      }
      const renewal = (renewing ??= renew(provider, limit).finally(() => {
        if (renewing === renewal) renewing = undefined;
      }));
      try {
        await renewal;
      } catch (cause) {
        // The one that is ending is better than none.
        if (current && held === current && judge(timeLeft, current).left > 0) return current.token;
        throw cause;
      }
      if (held && held.token !== rejected) return held.token;
      throw refused('it gave the same token again, which the service has rejected');
    },
    listen(listener) {
      // Its own function, so that a listener that is added twice is told twice.
      const own: TokenListener = (...event) => listener(...event);
      listeners.add(own);
      void announce();
      return () => {
        listeners.delete(own);
        if (listeners.size === 0) void announce();
      };
    },
    redact: (text, secrets) => {
      for (const secret of [...secrets, held?.token]) {
        if (secret) text = text.replaceAll(secret, '…');
      }
      return text.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '…');
    },
  };
}

const margin = (total: number): number => Math.min(MARGIN, total * MARGIN_SHARE);

/** The longer of what the two clocks say: a device that slept, or whose clock was set back. */
const elapsed = ({ wall, steady }: Held['received']): number =>
  Math.max(Date.now() - wall, performance.now() - steady);

/** What the provider gives, if it is a token and comes in time. */
async function answerOf(provider: TokenProvider, limit: number): Promise<string> {
  const LATE = Symbol('late');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.min(limit, LONGEST_TIMER), LATE);
  });
  // Inside the promise, so that it may also throw.
  const asked = new Promise<unknown>((resolve) => resolve(provider()));
  const answer = await Promise.race([asked, late])
    .catch((error: unknown) => {
      throw refused(`it failed with ${error instanceof Error ? error.message : typeOf(error)}`);
    })
    .finally(() => clearTimeout(timer));
  if (answer === LATE) throw refused(`it gave no answer in ${limit} ms`);
  const token = typeof answer === 'string' ? answer.trim() : answer;
  const problem = token === '' ? 'an empty string' : problemOf(token);
  if (problem) throw refused(`it gave ${problem}`);
  return token as string;
}

/** What is wrong with a token, without showing it; `undefined` if it may be one. */
export function problemOf(token: unknown): string | undefined {
  if (typeof token !== 'string') return typeOf(token);
  if (/[\s"'{}<>]/.test(token) || token === 'undefined' || token === 'null') {
    return 'other text, such as JSON, a page or "Bearer …"';
  }
  return undefined;
}

export const typeOf = (value: unknown): string => (value === null ? 'null' : typeof value);

const refused = (what: string): Cause => ({
  code: 'unauthorized',
  detail: `The token provider failed: ${what}. Start a new session and try again.`,
});

const ended = ({ received }: Held): Cause => ({
  code: 'unauthorized',
  detail:
    elapsed(received) < 1000
      ? "The session token has expired, or this device's clock is wrong. Fetch a new one from your server and call Perse.setToken."
      : 'The session token has expired. Fetch a new one from your server and call Perse.setToken.',
});
