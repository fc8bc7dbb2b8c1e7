/** Reads and checks what a developer passes in. No value of an option is part of an error. */
import { addressOf, problemOfUrl, urlOf } from '../base-url.js';
import { PerseError } from '../error.js';
import { own } from '../own.js';

export { bare, own } from '../own.js';

const DEFAULT_BASE_URL = 'https://api.getperse.com/v0';
/** Default limit of one request to the service. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Options of one function: named in each error, unknown ones refused. */
export interface OptionReader {
  get(name: string): unknown;
  /** An error that begins with the function's name. */
  invalid(problem: string): PerseError;
}

/** @throws PerseError `invalid_request` unless `options` is an object that has only the `known` names. */
export function readOptions(caller: string, options: unknown, known: readonly string[]): OptionReader {
  const invalid = (problem: string) => new PerseError('invalid_request', `${caller}: ${problem}`);
  if (typeof options !== 'object' || options === null) throw invalid('expected an object.');
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    // A secret that was passed by mistake may stand where a name belongs.
    const named = /^[A-Za-z]{1,20}$/.test(unknown) ? ` ${unknown}` : ' of that name';
    throw invalid(`there is no option${named}. The options are ${known.join(', ')}.`);
  }
  return { get: (name) => own(options, name), invalid };
}

/** The private key without the white space that a secret file ends with. */
export function readPrivateKey({ get, invalid }: OptionReader): string {
  const privateKey = get('privateKey');
  if (typeof privateKey === 'string' && privateKey.trim() !== '') return privateKey.trim();
  throw invalid('privateKey is missing. Is its variable set on this server?');
}

/** The service's base URL without a trailing slash. */
export function readBaseUrl({ get, invalid }: OptionReader): string {
  const baseUrl = get('baseUrl') === undefined ? DEFAULT_BASE_URL : get('baseUrl');
  const url = typeof baseUrl === 'string' ? urlOf(baseUrl.trim()) : undefined;
  if (!url) throw invalid('baseUrl expects an address that begins with https://.');
  const problem = problemOfUrl(url);
  if (problem) throw invalid(`baseUrl expects ${problem}.`);
  return addressOf(url);
}

/** Milliseconds. */
export function readTimeout({ get, invalid }: OptionReader): number {
  const timeout = get('timeout') === undefined ? DEFAULT_TIMEOUT_MS : get('timeout');
  if (typeof timeout !== 'number' || !(timeout > 0)) throw invalid('timeout expects milliseconds over 0.');
  return timeout;
}

/**
 * Refuses to run in a page, or in a worker of one. Browsers name their `product` in both, by the standard,
 * and no server's runtime does. Tests on a server may define a page's globals.
 *
 * @throws PerseError `invalid_request`
 */
export function refuseBrowser(caller: string): void {
  const { Deno, document, navigator, process } = globalThis as Record<string, any>;
  const isServer = Deno !== undefined || Object.prototype.toString.call(process) === '[object process]';
  if (isServer || (document === undefined && navigator?.product === undefined)) return;
  throw new PerseError(
    'invalid_request',
    `${caller} does not run in a browser: the private key must stay on your server. Call it in a route there.`,
  );
}
