/** Asks a page's token provider, and checks what it returns. */
import type { ErrorDetail } from '../messages/error-detail.js';
import { isErrorCode } from '../messages/messages.js';
import { own } from '../own.js';
import { MAX_TIMER_MS } from '../timer.js';
import type { TokenProvider } from '../types.js';

/** A token that a provider returned, and its expiry in milliseconds since 1970 where it is separate. */
export interface Provided {
  token: string;
  expiresAt?: number | undefined;
}

/**
 * Returns the provider's token within `limit` milliseconds.
 *
 * @throws ErrorDetail the provider's own, `offline` or `network_error` for a `fetch` that failed, `unauthorized`
 * when it is late, fails in another way, or returns something else.
 */
export async function askProvider(provider: TokenProvider, limit: number): Promise<Provided> {
  const LATE = Symbol('late');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(LATE), Math.min(limit, MAX_TIMER_MS));
  });
  // Inside the promise, because a provider may also throw.
  const asked = new Promise<unknown>((resolve) => resolve(provider())).then(readResponse);
  const provided = await Promise.race([asked, late])
    .catch((error: unknown) => {
      throw failureOf(error);
    })
    .finally(() => clearTimeout(timer));
  if (provided === LATE) throw providerError(`it did not respond in ${limit} ms`);
  return readToken(provided);
}

/** Reads a `Response`, as of `fetch`; returns another value as it is. */
async function readResponse(value: unknown): Promise<unknown> {
  if (Object.prototype.toString.call(value) !== '[object Response]') return value;
  const { ok, status } = value as Response;
  if (!ok) throw new Error(`HTTP status ${status}`);
  const text = await (value as Response).text();
  return /^\s*[{"]/.test(text) ? JSON.parse(text) : text;
}

/** Reads a token, or an object with one, as `createSession` of `perse-wasm/server` returns it. */
function readToken(value: unknown): Provided {
  const [inner, expiresAt] = [own(value, 'token'), own(value, 'expiresAt')];
  const text = inner ?? value;
  const token = typeof text === 'string' ? text.trim() : text;
  const problem = token === '' ? 'an empty string' : tokenProblem(token);
  if (problem) throw providerError(`it returned ${problem}`);
  return {
    token: token as string,
    expiresAt: Number.isFinite(expiresAt) ? (expiresAt as number) : undefined,
  };
}

/** Returns why a provider failed: its own code and message, or a failure of the network. */
function failureOf(error: unknown): ErrorDetail {
  const [code, message] = [field(error, 'code'), field(error, 'message')];
  const detail = typeof message === 'string' ? message : undefined;
  if (isErrorCode(code)) return { code, detail };
  // The engines' messages about a `fetch` that failed; its type is that of many other errors.
  if (/fetch|network|load failed/i.test(detail ?? '') && field(error, 'name') === 'TypeError') {
    const isOffline = globalThis.navigator?.onLine === false;
    return { code: isOffline ? 'offline' : 'network_error', detail };
  }
  return providerError(`it failed with "${detail ?? typeName(error)}"`);
}

/** Reads a field of an error, which may be inherited; a page's own getter may throw. */
function field(error: unknown, name: string): unknown {
  try {
    return typeof error === 'object' ? (error as Record<string, unknown> | null)?.[name] : undefined;
  } catch {
    return undefined;
  }
}

/** Describes a value that is no token, without showing it; `undefined` for one that may be a token. */
export function tokenProblem(token: unknown): string | undefined {
  if (typeof field(token, 'then') === 'function')
    return 'a promise; await it, or pass the function that returns it';
  if (typeof token !== 'string') return typeName(token);
  if (/[\s"'{}<>]/.test(token) || token === 'undefined' || token === 'null') {
    return 'other text, such as JSON, a page or "Bearer …"';
  }
  return undefined;
}

/** Returns a value's type for an error message. */
export const typeName = (value: unknown): string => (value === null ? 'null' : typeof value);

/** Describes a failure of the page's token provider. */
export const providerError = (what: string): ErrorDetail => ({
  code: 'unauthorized',
  detail: `The token provider failed: ${what}. Start a new session and try again.`,
});
