/**
 * The entry for the page's own server: it swaps the private key for a session token that the page may
 * have. Plain `fetch`, no WebAssembly, nothing of one runtime. It knows neither photos nor the core.
 */
import { problemOfUrl, urlOf } from './base-url.js';
import { LONGEST_TIMER } from './deadline.js';
import { PerseError } from './error.js';
import type { ErrorCode } from './types.js';

export { PerseError, isPerseError } from './error.js';
export type { ErrorCode, Failure } from './types.js';

/** What {@link createSession} takes. */
export interface SessionOptions {
  /**
   * The account's private key, from a secret of the server's environment; never from a page. Without it
   * the call fails, and says so.
   */
  privateKey: string | undefined;
  /**
   * Where the API is; `https://api.getperse.com/v0` by default. Plain `http` is taken only for this very
   * machine: `localhost`, `127.0.0.1` and the like.
   */
  baseUrl?: string | undefined;
  /** Milliseconds that the API may take; 10,000 by default. */
  timeout?: number | undefined;
  /** Ends the call early, with the code `aborted`. */
  signal?: AbortSignal | undefined;
}

/** What a page needs for its calls. */
export interface Session {
  /** The session token, for `Perse.setToken` on the page. It is a secret of this one page's user. */
  token: string;
  /** When it expires: milliseconds since 1970, as `Date.now()` counts. */
  expiresAt: number;
}

const DEFAULTS = { baseUrl: 'https://api.getperse.com/v0', timeout: 10_000 };
const OPTIONS = ['privateKey', 'baseUrl', 'timeout', 'signal'];

/** How long a token lives that doesn't say it itself, in milliseconds. */
const LIFETIME = 15 * 60 * 1000;

/** Longer than what any API has to say. */
const LONGEST_MESSAGE = 300;

/** The codes that an answer to this call may bring, and what they mean to its developer. */
const REFUSALS = {
  unauthorized:
    'The API refused the private key. Check the privateKey, and that baseUrl is where it is valid.',
  invalid_request: 'The API found the request malformed. Check the privateKey.',
  content_type_header_missing: 'The API missed the content type of the request. Check what is in between.',
  form_key_missing: 'The API missed the private key in the request. Check what is in between.',
  route_not_found: 'The API has no such path. Check the baseUrl.',
  method_not_allowed: 'The path does not take a login. Check the baseUrl.',
  request_refused: 'The API refused the request.',
  rate_limited: 'The API takes no more requests for now. Try again in a while.',
  server_busy: 'The API is busy. Try again in a few seconds.',
  server_error: 'The API failed. Try again later.',
};

/**
 * Fetches a session token for a page, with the private key that never leaves the server. Call it in a
 * route that has checked who asks, and answer with `Cache-Control: no-store`. Nothing is tried twice.
 *
 * @throws PerseError whose `code` says what went wrong: `unauthorized` (a wrong key), `invalid_request` (a
 * wrong option, or a browser), `rate_limited`, `timeout`, `aborted`, `network_error`, `server_busy`,
 * `server_error`, `invalid_response` and others of the API. Neither key nor token is ever part of its message.
 * @example
 * import { createSession } from 'perse-wasm/server';
 * const { token, expiresAt } = await createSession({ privateKey: process.env.PERSE_PRIVATE_KEY });
 */
export async function createSession(options: SessionOptions): Promise<Session> {
  if (isBrowser()) {
    throw failure(
      'invalid_request',
      'createSession does not run in a browser: the private key must stay on your server. Call it in a route there, and fetch that from the page.',
    );
  }
  const { url, privateKey, timeout, signal } = checked(options);

  const controller = new AbortController();
  let stopped: PerseError | undefined;
  const stop = (code: 'aborted' | 'timeout', message: string) => {
    stopped ??= failure(code, message);
    controller.abort();
  };
  const abort = () => stop('aborted', 'The call was aborted by its signal.');
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const timer = setTimeout(
    () => stop('timeout', `The API did not answer in ${timeout} ms. Check the connection and try again.`),
    Math.min(timeout, LONGEST_TIMER),
  );
  try {
    if (stopped) throw stopped;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ privateKey }),
      // Not `error`, which Cloudflare's runtime refuses; redirects are refused below.
      redirect: 'manual',
      signal: controller.signal,
      // Next.js 13 and 14 may keep the answer to a POST. Where a runtime lacks the field, it throws on it.
      ...('cache' in Request.prototype && { cache: 'no-store' }),
    });
    return session(response, await response.text(), privateKey);
  } catch (error) {
    throw stopped ?? (error instanceof PerseError ? error : unreachable(error, privateKey));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** The session that an answer brings; throws what it says otherwise. */
function session(response: Response, text: string, privateKey: string): Session {
  const { status, type } = response;
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    throw failure(
      'invalid_response',
      'The API answered with a redirect, which was not followed: it might take the private key elsewhere. Check the baseUrl.',
    );
  }
  const body = parsed(text);
  // The body's code decides, not the HTTP status.
  if (!response.ok || body?.status === false) throw refusal(status, body, privateKey);
  const token = body?.token;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw failure('invalid_response', 'The answer has no session token. Check the baseUrl.');
  }
  return { token, expiresAt: expiry(token) ?? Date.now() + LIFETIME };
}

/** When a JWT expires, in milliseconds since 1970, if it can be read. */
function expiry(token: string): number | undefined {
  const payload = token.split('.')[1] ?? '';
  try {
    const exp = parsed(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))?.exp;
    return typeof exp === 'number' && exp > 0 ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** What an answer without a session means. */
function refusal(status: number, body: Record<string, unknown> | undefined, privateKey: string): PerseError {
  const said = typeof body?.message === 'string' ? harmless(body.message, privateKey) : undefined;
  if (typeof body?.code === 'string' && Object.hasOwn(REFUSALS, body.code)) {
    const code = body.code as keyof typeof REFUSALS;
    // The API's own words are for a page: they speak of its session token.
    return failure(code, (code !== 'unauthorized' && said) || REFUSALS[code]);
  }
  const code = codeOf(status, body?.code !== undefined);
  if (code === 'invalid_response') {
    return failure(code, `The answer, HTTP status ${status}, is not one of the API. Check the baseUrl.`);
  }
  return failure(code, said ? `${REFUSALS[code]} It said: ${said}` : REFUSALS[code]);
}

/** What an HTTP status means by itself, as from a proxy in between. */
function codeOf(status: number, isOfTheApi: boolean) {
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'rate_limited';
  if (status === 503) return 'server_busy';
  if (status >= 500) return 'server_error';
  return isOfTheApi ? 'request_refused' : 'invalid_response';
}

/** A failed connection. Of the runtime's error only a word like ECONNREFUSED is told. */
function unreachable(error: any, privateKey: string): PerseError {
  const reason = error?.cause?.code ?? error?.code;
  const isWord = typeof reason === 'string' && /^[A-Za-z]\w{2,39}$/.test(reason);
  const told = isWord && harmless(reason, privateKey) ? ` (${reason})` : '';
  return failure(
    'network_error',
    `The API could not be reached${told}. Check the connection and the baseUrl.`,
  );
}

/** A text of someone else, unless it is empty or repeats a secret: the key in any form, or a token. */
function harmless(text: string, privateKey: string): string | undefined {
  const forms = [privateKey, encodeURIComponent(privateKey), JSON.stringify(privateKey).slice(1, -1)];
  const lower = text.toLowerCase();
  const isSecret = forms.some((form) => lower.includes(form.toLowerCase())) || /eyJ[\w-]+\./.test(text);
  return isSecret ? undefined : text.trim().slice(0, LONGEST_MESSAGE) || undefined;
}

/** The options, each of its type and with its default. No value of theirs is part of an error. */
function checked(options: SessionOptions) {
  const wrong = (what: string) => failure('invalid_request', `createSession: ${what}`);
  if (typeof options !== 'object' || options === null) throw wrong('it takes an object of options.');
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  // The name might be anything, too, if the options are something else.
  if (unknown !== undefined) {
    const named = /^[A-Za-z]{1,20}$/.test(unknown) ? ` ${unknown}` : ' of that name';
    throw wrong(`there is no option${named}. The options are ${OPTIONS.join(', ')}.`);
  }

  const { privateKey, baseUrl = DEFAULTS.baseUrl, timeout = DEFAULTS.timeout, signal } = options;
  if (typeof privateKey !== 'string' || privateKey.trim() === '') {
    throw wrong('privateKey is missing. Is the variable or secret that it comes from set on this server?');
  }
  if (typeof timeout !== 'number' || !(timeout > 0)) throw wrong('timeout takes milliseconds, over 0.');
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw wrong('signal takes an AbortSignal.');
  }

  const url = typeof baseUrl === 'string' ? urlOf(baseUrl.trim()) : undefined;
  if (!url) throw wrong('baseUrl takes an address that begins with https://.');
  const problem = problemOfUrl(url);
  if (problem) throw wrong(`baseUrl takes ${problem}.`);
  const path = url.pathname.replace(/\/+$/, '');
  return { url: `${url.origin}${path}/login`, privateKey: privateKey.trim(), timeout, signal };
}

/** The object that a JSON text holds, if it holds one. */
function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether this is a page, or a worker of one. Browsers name their `product` in both, by the standard,
 * and no server's runtime does; not even those that share a worker's other globals. Tests on a server
 * may put a page's globals there.
 */
function isBrowser(): boolean {
  const { Deno, document, navigator, process } = globalThis as Record<string, any>;
  const isServer = Deno !== undefined || Object.prototype.toString.call(process) === '[object process]';
  return !isServer && (document !== undefined || navigator?.product !== undefined);
}

const failure = (code: ErrorCode, message: string): PerseError => new PerseError(code, message);
