/** Exchanges the private key for a session token. */
import { PerseError } from '../error.js';
import { readPayload } from './jwt.js';
import { own, readBaseUrl, readOptions, readPrivateKey, readTimeout, refuseBrowser } from './options.js';
import { send, serviceMessage, type ServiceResponse } from './service.js';

/**
 * Scope of a session token: `detect` (find and judge faces), `compare`, `enrol` (a new user), `users`
 * (list, update and delete enrolled users).
 */
export type Scope = 'detect' | 'compare' | 'enrol' | 'users';

/** Options of {@link createSession}. */
export interface SessionOptions {
  /**
   * The account's private key, from a secret of the server's environment; never from a page. Without it
   * the call fails, and says so.
   */
  privateKey: string | undefined;
  /**
   * Base URL of the API. Plain `http` is accepted only for this very machine: `localhost`, `127.0.0.1` and the
   * like.
   *
   * @default 'https://api.getperse.com/v0'
   */
  baseUrl?: string | undefined;
  /**
   * Restricts the token to some calls, where the service has scopes; others get 403 `request_refused`. A
   * service without scopes may ignore it or refuse the login.
   *
   * @default every call
   */
  scope?: Scope | readonly Scope[] | undefined;
  /**
   * Restricts the token to one enrolled user, where the service has scopes.
   *
   * @default every user
   */
  userToken?: string | undefined;
  /**
   * Milliseconds that the API may take.
   *
   * @default 10_000
   */
  timeout?: number | undefined;
  /** Ends the call early, with the code `aborted`. */
  signal?: AbortSignal | undefined;
}

/** A session token for a page. */
export interface Session {
  /** The session token, for `Perse.setToken` on the page. It is a secret of this one page's user. */
  token: string;
  /** When it expires: milliseconds since 1970, as `Date.now()` counts. */
  expiresAt: number;
}

const OPTIONS = ['privateKey', 'baseUrl', 'scope', 'userToken', 'timeout', 'signal'];
const SCOPES: readonly unknown[] = ['detect', 'compare', 'enrol', 'users'];

/** Lifetime of a token that doesn't name it, in milliseconds. */
const DEFAULT_LIFETIME_MS = 15 * 60 * 1000;
/** Limit of a response to a login: a token is a few hundred bytes. */
const MAX_LOGIN_BYTES = 64_000;

const MALFORMED = 'The API found the request malformed. Check the privateKey, and any proxy.';

/** The codes that a response to a login may carry, and what they mean to its developer. */
const REFUSALS = {
  unauthorized: 'The API refused the private key. Check the privateKey and the baseUrl.',
  invalid_request: MALFORMED,
  content_type_header_missing: MALFORMED,
  form_key_missing: MALFORMED,
  route_not_found: 'The API has no such path. Check the baseUrl.',
  method_not_allowed: 'The path does not take a login. Check the baseUrl.',
  request_refused: 'The API refused the request.',
  rate_limited: 'The API accepts no more requests for now. Try again in a while.',
  server_busy: 'The API is busy. Try again in a few seconds.',
  server_error: 'The API failed. Try again later.',
};

/**
 * Fetches a session token for a page, with the private key that never leaves the server. Call it in a
 * route that has checked who asks, and respond with `Cache-Control: no-store`. Nothing is tried twice.
 *
 * A page that holds a session token may do whatever the token allows, and its verdict proves nothing to
 * your server. Where you rely on the verdict, use {@link createVerifications}.
 *
 * @throws PerseError whose `code` says what went wrong: `unauthorized` (a wrong key), `invalid_request` (a
 * wrong option, or a browser), `rate_limited`, `timeout`, `aborted`, `network_error`, `server_busy`,
 * `server_error`, `invalid_response` and others of the API. Neither key nor token is ever part of its message.
 * @example
 * import { createSession } from 'perse-wasm/server';
 * const { token, expiresAt } = await createSession({ privateKey: process.env.PERSE_PRIVATE_KEY });
 */
export async function createSession(options: SessionOptions): Promise<Session> {
  refuseBrowser('createSession');
  const reader = readOptions('createSession', options, OPTIONS);
  const privateKey = readPrivateKey(reader);
  const timeout = readTimeout(reader);
  const signal = reader.get('signal') as AbortSignal | undefined;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw reader.invalid('signal expects an AbortSignal.');
  }
  const scope = reader.get('scope');
  const scopes = [scope].flat();
  // An empty list would ask for a token that may do everything.
  if (scope !== undefined && !(scopes.length > 0 && scopes.every((one) => SCOPES.includes(one)))) {
    throw reader.invalid(`scope expects one or several of ${SCOPES.join(', ')}.`);
  }
  const userToken = reader.get('userToken');
  if (userToken !== undefined && (typeof userToken !== 'string' || userToken === '')) {
    throw reader.invalid("userToken expects an enrolled user's token.");
  }

  const response = await send({
    url: `${readBaseUrl(reader)}/login`,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ privateKey, scope: scope && scopes.join(' '), userToken }),
    ...{ timeout, signal, maxBytes: MAX_LOGIN_BYTES, secrets: [privateKey] },
  });
  return toSession(response, privateKey);
}

/** Returns the session of a response; throws what the response says otherwise. */
function toSession({ status, body }: ServiceResponse, privateKey: string): Session {
  // The body's code decides, not the HTTP status.
  const isOk = status >= 200 && status < 300 && own(body, 'status') !== false;
  if (!isOk) throw toError(status, body, privateKey);
  const token = own(body, 'token');
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new PerseError('invalid_response', 'The response has no session token. Check the baseUrl.');
  }
  return { token, expiresAt: expiry(token) ?? Date.now() + DEFAULT_LIFETIME_MS };
}

/** Returns when a JWT expires, in milliseconds since 1970, if that can be read. */
function expiry(token: string): number | undefined {
  const exp = own(readPayload(token.split('.')[1] ?? ''), 'exp');
  return typeof exp === 'number' && exp > 0 ? exp * 1000 : undefined;
}

/** Returns the error of a response without a session. */
function toError(status: number, body: unknown, privateKey: string): PerseError {
  const message = serviceMessage(body, [privateKey]);
  const bodyCode = own(body, 'code');
  if (typeof bodyCode === 'string' && Object.hasOwn(REFUSALS, bodyCode)) {
    const code = bodyCode as keyof typeof REFUSALS;
    // The API's own words are for a page: they speak of its session token.
    return new PerseError(code, (code !== 'unauthorized' && message) || REFUSALS[code]);
  }
  const code = statusCode(status, bodyCode !== undefined);
  if (code === 'invalid_response') {
    return new PerseError(
      code,
      `HTTP status ${status}: the response is not one of the API. Check the baseUrl.`,
    );
  }
  return new PerseError(code, message ? `${REFUSALS[code]} It said: ${message}` : REFUSALS[code]);
}

/** Returns the code of an HTTP status by itself, as from a proxy in between. */
export function statusCode(status: number, isOfTheApi: boolean): keyof typeof REFUSALS | 'invalid_response' {
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'rate_limited';
  if (status === 503) return 'server_busy';
  if (status >= 500) return 'server_error';
  return isOfTheApi ? 'request_refused' : 'invalid_response';
}
