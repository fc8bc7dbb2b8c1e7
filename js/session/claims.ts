/** Reads how long a session token lives. Its signature is the service's to verify. */

import { own } from '../own.js';

/** The claims that bound a token's lifetime, in seconds since 1970 (RFC 7519 §4.1). */
interface Claims {
  exp: number | undefined;
  iat: number | undefined;
}

/**
 * Returns the milliseconds that a token received at `now` (milliseconds since 1970, by the device's clock) still
 * lives, below 0 if it has expired; `undefined` if it does not say.
 *
 * A token never outlives `exp - iat` from its receipt, so a slow clock does not lengthen its lifetime. A fast
 * clock makes a new token look expired: a token that `isFresh`, because it was requested just now, has its whole
 * lifetime ahead.
 */
export function timeLeft(token: string, now: number, isFresh: boolean): number | undefined {
  const { exp, iat } = readClaims(token) ?? {};
  if (exp === undefined) return undefined;
  const byClock = exp * 1000 - now;
  // Issued after its expiry: the claim is of no use.
  const lifetime = iat !== undefined && exp > iat ? (exp - iat) * 1000 : undefined;
  if (byClock <= 0 && isFresh) return lifetime;
  return lifetime === undefined ? byClock : Math.min(byClock, lifetime);
}

/** Reads the claims of a JWT; `undefined` for another token, or for claims of another type. */
function readClaims(token: string): Claims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(atob(parts[1]!.replaceAll('-', '+').replaceAll('_', '/')));
    const [exp, iat] = [own(claims, 'exp'), own(claims, 'iat')];
    return isTime(exp) && isTime(iat) ? { exp: exp ?? undefined, iat: iat ?? undefined } : undefined;
  } catch {
    return undefined;
  }
}

const isTime = (value: unknown): value is number | undefined | null =>
  value === undefined || value === null || Number.isFinite(value);
