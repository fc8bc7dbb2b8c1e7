/** One request to the service, with its time limit, and what its response means. */
import { PerseError } from '../error.js';
import { readBody } from './body.js';
import { bare, own } from './options.js';

/** The longest delay that `setTimeout` counts; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The longest message of the service that is repeated, in characters. */
const MAX_MESSAGE_CHARS = 300;
/** A part of a secret of this length is treated as the secret. */
const SECRET_PART_CHARS = 8;

export interface ServiceRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: BodyInit;
  /** Milliseconds until the whole response has to be there. */
  timeout: number;
  /** Limit of the response's body. */
  maxBytes: number;
  signal: AbortSignal | undefined;
  /** Never part of an error. */
  secrets: readonly string[];
}

export interface ServiceResponse {
  status: number;
  /** The response's JSON object, if it is one. */
  body: unknown;
  text: string;
  headers: Headers;
}

/**
 * Sends a request once and reads the whole response.
 *
 * @throws PerseError `timeout`, `aborted`, `network_error`, or `invalid_response` for a redirect and for a
 * body over the limit
 */
export async function send(request: ServiceRequest): Promise<ServiceResponse> {
  const { url, method, headers, body, timeout, maxBytes, signal, secrets } = request;
  const controller = new AbortController();
  let stopped: PerseError | undefined;
  const stop = (error: PerseError) => {
    stopped ??= error;
    controller.abort();
  };
  const abort = () => stop(new PerseError('aborted', 'The call was aborted by its signal.'));
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const late = `The API did not respond in ${timeout} ms. Check the connection and try again.`;
  const timer = setTimeout(() => stop(new PerseError('timeout', late)), Math.min(timeout, MAX_TIMER_MS));
  try {
    if (stopped) throw stopped;
    const init: RequestInit = {
      method,
      headers,
      body,
      // Not `error`, which Cloudflare's runtime refuses; redirects are refused below.
      redirect: 'manual',
      signal: controller.signal,
      // Next.js 13 and 14 may cache the response to a POST. Where a runtime lacks the field, it throws on it.
      ...('cache' in Request.prototype && { cache: 'no-store' }),
    };
    const response = await fetch(url, bare(init));
    const { status, type } = response;
    if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
      throw new PerseError(
        'invalid_response',
        'The API responded with a redirect, which was not followed. Check the baseUrl.',
      );
    }
    const bytes = await readBody(response.body, maxBytes);
    if (!bytes) {
      controller.abort();
      throw new PerseError('invalid_response', 'The response of the API is too long. Check the baseUrl.');
    }
    const text = new TextDecoder().decode(bytes);
    return { status, body: parseObject(text), text, headers: response.headers };
  } catch (error) {
    throw stopped ?? (error instanceof PerseError ? error : unreachable(error, secrets));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Returns the object that a JSON text holds, if it holds one. */
export function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the service's own message, fit to be shown, unless it holds a secret or something like one. */
export function serviceMessage(body: unknown, secrets: readonly string[]): string | undefined {
  const message = own(body, 'message');
  return typeof message === 'string' ? harmless(message, secrets) : undefined;
}

/**
 * Returns a text of someone else without control and direction marks, at most 300 characters of it; nothing
 * when it repeats a part of a secret, a token, or a long word that might be one in another form.
 */
function harmless(text: string, secrets: readonly string[]): string | undefined {
  const plain = text
    .slice(0, 10 * MAX_MESSAGE_CHARS)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  const lower = plain.toLowerCase();
  const isSecret = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .some((secret) => parts(secret.toLowerCase()).some((part) => lower.includes(part)));
  const isLikeOne = plain.split(/[^\w+/=.~%-]+/).some((word) => word.length >= 12 && /\d/.test(word));
  return isSecret || isLikeOne ? undefined : plain.slice(0, MAX_MESSAGE_CHARS) || undefined;
}

/** Returns every run of characters that gives a secret away; a shorter secret is one run. */
function parts(secret: string): string[] {
  const count = Math.max(1, secret.length - SECRET_PART_CHARS + 1);
  return Array.from({ length: count }, (_, start) => secret.slice(start, start + SECRET_PART_CHARS));
}

/** A failed connection. Of the runtime's error only a word like ECONNREFUSED is shown. */
function unreachable(error: any, secrets: readonly string[]): PerseError {
  const reason = error?.cause?.code ?? error?.code;
  const isWord = typeof reason === 'string' && /^[A-Z_]{3,40}$/i.test(reason) && harmless(reason, secrets);
  const shown = isWord ? ` (${reason})` : '';
  return new PerseError(
    'network_error',
    `The API could not be reached${shown}. Check the connection and the baseUrl.`,
  );
}
