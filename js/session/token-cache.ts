/** Caches the session token of one client and renews it when a call needs it. No error shows it. */
import type { ErrorDetail } from '../messages/error-detail.js';
import { since, type Report } from '../client/events.js';
import type { TokenListener, TokenProvider } from '../types.js';
import { timeLeft } from './claims.js';
import { askProvider, providerError, type Provided } from './provider.js';
import { createTokenEvents, type TokenTimes } from './token-events.js';

/** Time before its expiry in which a token is renewed, in milliseconds; at most this share of its lifetime. */
const MARGIN_MS = 30_000;
const MARGIN_SHARE = 0.1;
/** A page's own token that expires within this time of its receipt hints at a wrong clock. */
const JUST_RECEIVED_MS = 1000;

/** A shorter token is no secret: a word of a message may repeat it, in characters. */
const MIN_SECRET_CHARS = 16;
/** A part of a secret of this length is treated as the secret, in characters. */
const SECRET_PART_CHARS = 8;

interface CachedToken {
  token: string;
  /** When it was received, by both clocks: the first can be set, the second stops while the device sleeps. */
  received: { wall: number; steady: number };
  /** Milliseconds from its receipt to its expiry; `Infinity` if it does not say. */
  lifetime: number;
}

export interface TokenCache {
  /** Sets a token or a provider of tokens; `undefined` forgets both. */
  set(source: string | TokenProvider | undefined): void;
  /**
   * Returns a token to send, other than `rejected`; `undefined` if there is neither token nor provider. `limit`
   * bounds the time of the provider, in milliseconds; what it does is reported.
   *
   * @throws ErrorDetail `unauthorized` when the token has expired or the provider fails.
   */
  get(rejected: string | undefined, limit: number, report?: Report): Promise<string | undefined>;
  /** Adds a listener; returns the function that removes it. */
  listen(listener: TokenListener): () => void;
  /** Replaces the token, these secrets, words with a part of them, and what looks like a JWT in a text. */
  redact(text: string, secrets: Set<string | undefined>): string;
}

export function createTokenCache(): TokenCache {
  let provider: TokenProvider | undefined;
  let cached: CachedToken | undefined;
  let renewal: Promise<void> | undefined;
  const events = createTokenEvents();

  /** `isFresh`: the provider made it just now; a page's own token may be of any age. */
  function store(provided: Provided | undefined, isFresh: boolean): void {
    cached = provided && receive(provided, isFresh);
    events.announce(cached && timesOf(cached));
  }

  async function renew(asked: TokenProvider, limit: number): Promise<void> {
    const provided = await askProvider(asked, limit);
    // A token or provider that was set meanwhile is newer.
    if (provider === asked) store(provided, true);
  }

  /** Renews the token, once for all calls that wait for it. */
  function renewOnce(asked: TokenProvider, limit: number): Promise<void> {
    const own = (renewal ??= renew(asked, limit).finally(() => {
      if (renewal === own) renewal = undefined;
    }));
    return own;
  }

  return {
    set(source) {
      provider = typeof source === 'function' ? source : undefined;
      renewal = undefined;
      store(typeof source === 'string' ? { token: source } : undefined, false);
    },
    async get(rejected, limit, report) {
      const current = cached && cached.token !== rejected ? cached : undefined;
      const times = current && timesOf(current);
      if (times && times.expiry > 0 && !(provider && times.renewal <= 0)) return current.token;
      if (!provider) {
        if (current) throw expiredError(current);
        return undefined;
      }
      const start = performance.now();
      try {
        await renewOnce(provider, limit);
        report?.('token', { ms: since(start) });
      } catch (error) {
        report?.('token', { ms: since(start), code: (error as ErrorDetail).code });
        // A token that expires soon is better than none.
        if (current && cached === current && timesOf(current).expiry > 0) return current.token;
        throw error;
      }
      if (cached && cached.token !== rejected) return cached.token;
      throw providerError('it returned the same token again, which the service has rejected');
    },
    listen: (listener) => events.listen(listener, () => cached && timesOf(cached)),
    redact(text, secrets) {
      for (const secret of [...secrets, cached?.token]) {
        if (!secret || secret.length < MIN_SECRET_CHARS) continue;
        text = text
          .replaceAll(secret, '…')
          .replace(/[\w+/=.~%-]{8,}/g, (word) => (hasPart(word, secret) ? '…' : word));
      }
      return text.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '…');
    },
  };
}

/** Whether a word repeats a part of a secret, in small letters or capitals. */
function hasPart(word: string, secret: string): boolean {
  const [lower, whole] = [word.toLowerCase(), secret.toLowerCase()];
  for (let start = 0; start + SECRET_PART_CHARS <= lower.length; start++) {
    if (whole.includes(lower.slice(start, start + SECRET_PART_CHARS))) return true;
  }
  return false;
}

function receive({ token, expiresAt = Infinity }: Provided, isFresh: boolean): CachedToken {
  const received = { wall: Date.now(), steady: performance.now() };
  const lifetime = timeLeft(token, received.wall, isFresh) ?? expiresAt - received.wall;
  return { token, received, lifetime };
}

function timesOf({ received, lifetime }: CachedToken): TokenTimes {
  const expiry = lifetime - elapsed(received);
  return {
    expiry,
    renewal: expiry - Math.min(MARGIN_MS, lifetime * MARGIN_SHARE),
    expiresAt: Number.isFinite(lifetime) ? Math.round(received.wall + lifetime) : undefined,
  };
}

/** Returns the longer of the two clocks' times: the device may have slept, or its clock may have been set back. */
const elapsed = ({ wall, steady }: CachedToken['received']): number =>
  Math.max(Date.now() - wall, performance.now() - steady);

const expiredError = ({ received }: CachedToken): ErrorDetail => ({
  code: 'unauthorized',
  detail:
    elapsed(received) < JUST_RECEIVED_MS
      ? "The session token has expired, or this device's clock is wrong. Fetch a new one from your server and call Perse.setToken."
      : 'The session token has expired. Fetch a new one from your server and call Perse.setToken.',
});
