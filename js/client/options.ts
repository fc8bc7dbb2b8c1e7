/** The options of clients and calls: their defaults and their validation. */
import { addressOf, problemOfUrl, urlOf } from '../base-url.js';
import type { ErrorDetail } from '../messages/error-detail.js';
import { isCode } from '../messages/messages.js';
import { bare } from '../own.js';
import { typeName } from '../session/provider.js';
import type { CallOptions, PerseOptions } from '../types.js';

/** The settings of one client, in an object without a prototype. */
export type Settings = Required<Omit<PerseOptions, 'wasm' | 'fetch' | 'engine' | 'onEvent'>> &
  Pick<PerseOptions, 'fetch' | 'engine' | 'onEvent'>;

export const DEFAULTS: Settings = bare<Settings>({
  baseUrl: 'https://api.getperse.com/v0',
  enduserConsent: false,
  timeout: 30_000,
  retries: 2,
  prepare: true,
  precheck: false,
  throwOnError: false,
  warn: true,
  locale: '',
  messages: {},
});

const MAX_RETRIES = 10;

type Options = PerseOptions & CallOptions;

/** The types of each option, of clients and of calls. */
const TYPES: Record<keyof Options, string[]> = {
  baseUrl: ['string'],
  enduserConsent: ['boolean'],
  timeout: ['number'],
  retries: ['number'],
  prepare: ['boolean', 'object'],
  precheck: ['boolean'],
  throwOnError: ['boolean'],
  warn: ['boolean'],
  locale: ['string'],
  messages: ['object'],
  wasm: ['string', 'object'],
  fetch: ['function'],
  engine: ['object'],
  onEvent: ['function'],
  signal: ['object'],
};
const CLIENT = Object.keys(TYPES).filter((name) => name !== 'signal');
const CALL: (keyof CallOptions)[] = ['enduserConsent', 'timeout', 'retries', 'prepare', 'precheck', 'signal'];

/**
 * Returns the options of a client that are set, in an object without a prototype.
 *
 * @throws ErrorDetail that names a wrong one.
 */
export const clientOptions = (options: PerseOptions): PerseOptions =>
  validateOptions(options, CLIENT, 'configure: ');

/**
 * Returns the options of a call that are set, in an object without a prototype.
 *
 * @throws ErrorDetail that names a wrong one.
 */
export const callOptions = (options: CallOptions): CallOptions => validateOptions(options, CALL, '');

function validateOptions<Known extends object>(
  options: Known,
  names: readonly string[],
  prefix: string,
): Known {
  const invalid = (what: string): ErrorDetail => ({ code: 'invalid_request', detail: `${prefix}${what}` });
  if (typeof options !== 'object' || options === null) {
    throw invalid(`expected an object of options, got ${typeName(options)}.`);
  }
  let set: Options;
  try {
    set = bare(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
  } catch {
    throw invalid('the options could not be read. Pass a plain object.');
  }
  for (const [name, value] of Object.entries(set)) {
    if (!names.includes(name)) {
      throw invalid(`there is no option ${name}. The options are ${names.join(', ')}.`);
    }
    const types = TYPES[name as keyof Options];
    if (value === null || !types.includes(typeof value)) {
      throw invalid(`${name} expects ${types.map(withArticle).join(' or ')}, got ${typeName(value)}.`);
    }
  }
  const problem = problemOfValues(set);
  if (problem) throw invalid(problem);
  if (set.baseUrl !== undefined) set.baseUrl = readBaseUrl(set.baseUrl).baseUrl;
  return set as Known;
}

const withArticle = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

/** The ranges of the limits of a prepared photo. */
const LIMIT_RANGES: Record<string, [least: number, most: number]> = bare({
  maxSide: [64, 16_384],
  maxBytes: [10_000, 1_000_000],
  quality: [0.1, 1],
});

function problemOfLimits(limits: object): string | undefined {
  for (const [name, value] of Object.entries(limits)) {
    const range = LIMIT_RANGES[name];
    if (!range)
      return `prepare: there is no limit ${name}. The limits are ${Object.keys(LIMIT_RANGES).join(', ')}.`;
    const isInRange = value >= range[0] && value <= range[1];
    if (value !== undefined && !(typeof value === 'number' && isInRange)) {
      return `prepare: ${name} expects a number from ${range.join(' to ')}.`;
    }
  }
  return undefined;
}

/** Describes the first value that is out of its range. */
function problemOfValues({
  baseUrl,
  timeout,
  retries,
  prepare,
  messages,
  engine,
  signal,
}: Options): string | undefined {
  const problem =
    (baseUrl === undefined ? undefined : readBaseUrl(baseUrl).problem) ?? problemOfLimits(Object(prepare));
  if (problem) return problem;
  if (timeout !== undefined && !(timeout > 0)) {
    return `timeout expects milliseconds over 0, got ${timeout}.`;
  }
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= MAX_RETRIES)) {
    return `retries expects a whole number from 0 to ${MAX_RETRIES}, got ${retries}.`;
  }
  for (const [code, text] of Object.entries(messages ?? {})) {
    if (!isCode(code)) return `messages: there is no code ${code}.`;
    if (typeof text !== 'string') return `messages: ${code} expects a string, got ${typeName(text)}.`;
  }
  if (engine && !(typeof engine.detectFaces === 'function' && typeof engine.compareFaces === 'function')) {
    return 'engine expects the module perse-wasm/device, or another object with detectFaces and compareFaces.';
  }
  if (signal !== undefined && typeof signal.addEventListener !== 'function') {
    return 'signal expects an AbortSignal. Pass controller.signal.';
  }
  return undefined;
}

/**
 * Returns the absolute form of a base URL, without a trailing slash, or describes why a token must not be sent
 * there. A relative one belongs to the page that sets it, whatever its `<base href>` says; without a page, as
 * while a server renders it, it stays relative.
 */
export function readBaseUrl(text: string): { baseUrl: string; problem?: string | undefined } {
  const baseUrl = text.trim();
  const page = globalThis.location;
  // The URL parser ignores tabs and line breaks, and reads a backslash as a slash: `/\\host` is another host.
  const isRelative = /^\.{0,2}\/(?!\/)/.test(baseUrl);
  if (isRelative && !page) return { baseUrl };
  const isReadable = (isRelative || /^[a-z]+:\/\//i.test(baseUrl)) && !/[\0-\x20\x7f\\]/.test(baseUrl);
  const url = isReadable ? urlOf(baseUrl, isRelative ? page.href : undefined) : undefined;
  const problem =
    url && !(isRelative && url.origin !== page.origin)
      ? problemOfUrl(url)
      : 'an address that begins with https://, or a path of the page';
  if (!problem) return { baseUrl: addressOf(url!) };
  return { baseUrl, problem: `baseUrl expects ${problem}, got ${withoutSecrets(baseUrl)}.` };
}

/** Hides what comes before an `@`, a query and a fragment. */
const withoutSecrets = (url: string): string =>
  url.replace(/^([a-z]+:)?([\\/]*).*@/is, '$1$2…@').replace(/[?#].*/s, '…');
