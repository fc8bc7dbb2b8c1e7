/** What a client and a call can be told, and what is wrong with it. */
import { problemOfUrl, urlOf } from './base-url.js';
import { isCode, type Cause } from './messages.js';
import { typeOf } from './token.js';
import type { CallOptions, PerseOptions } from './types.js';

/** The settings that each client has of its own. */
export type Settings = Required<Omit<PerseOptions, 'wasm'>>;

export const DEFAULTS: Settings = {
  baseUrl: 'https://api.getperse.com/v0',
  enduserConsent: false,
  timeout: 10_000,
  retries: 2,
  prepare: true,
  precheck: false,
  throwOnError: false,
  warn: true,
  locale: '',
  messages: {},
};

const MOST_RETRIES = 10;

type Options = PerseOptions & CallOptions;

/** The type of each option, of clients and of calls. */
const TYPES: Record<keyof Options, string[]> = {
  baseUrl: ['string'],
  enduserConsent: ['boolean'],
  timeout: ['number'],
  retries: ['number'],
  prepare: ['boolean'],
  precheck: ['boolean'],
  throwOnError: ['boolean'],
  warn: ['boolean'],
  locale: ['string'],
  messages: ['object'],
  wasm: ['string', 'object'],
  signal: ['object'],
};
const CLIENT = Object.keys(TYPES).filter((name) => name !== 'signal');
const CALL: (keyof CallOptions)[] = ['enduserConsent', 'timeout', 'retries', 'prepare', 'precheck', 'signal'];

/** The options of a client that are set. Throws a {@link Cause} that names a wrong one. */
export const clientOptions = (options: PerseOptions): PerseOptions => checked(options, CLIENT, 'configure: ');

/**
 * Parts what a page passed to a method into the images and user tokens, and the options of the call:
 * a boolean is the end user's consent, a plain object has the options.
 */
export function partArguments(values: unknown[]): { inputs: unknown[]; options: CallOptions } {
  const inputs: unknown[] = [];
  let options: CallOptions = {};
  for (const value of values) {
    if (typeof value === 'boolean') options = { ...options, enduserConsent: value };
    else if (isPlain(value)) options = { ...options, ...checked(value, CALL, '') };
    else inputs.push(value);
  }
  return { inputs, options };
}

/** By its tag, since an object of another realm has another `Object`; a tag may be a throwing getter. */
function isPlain(value: unknown): value is object {
  try {
    return Object.prototype.toString.call(value) === '[object Object]';
  } catch {
    return false;
  }
}

function checked<Known extends object>(options: Known, names: readonly string[], where: string): Known {
  const wrong = (what: string): Cause => ({ code: 'invalid_request', detail: `${where}${what}` });
  if (typeof options !== 'object' || options === null) {
    throw wrong(`it takes an object of options; it was given ${typeOf(options)}.`);
  }
  let set: Options;
  try {
    set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  } catch {
    throw wrong('The options could not be read. Pass a plain object.');
  }
  for (const [name, value] of Object.entries(set)) {
    if (!names.includes(name)) {
      throw wrong(`there is no option ${name}. The options are ${names.join(', ')}.`);
    }
    const types = TYPES[name as keyof Options];
    if (value === null || !types.includes(typeof value)) {
      throw wrong(`${name} takes a ${types.join(' or an ')}; it was given ${typeOf(value)}.`);
    }
  }
  const { baseUrl, timeout, retries, messages, signal } = set;
  if (baseUrl !== undefined) {
    set.baseUrl = baseUrl.trim();
    const problem = problemOfBaseUrl(set.baseUrl);
    if (problem) throw wrong(problem);
  }
  if (timeout !== undefined && !(timeout > 0)) {
    throw wrong(`timeout takes milliseconds, over 0; it was given ${timeout}.`);
  }
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= MOST_RETRIES)) {
    throw wrong(`retries takes a whole number from 0 to ${MOST_RETRIES}; it was given ${retries}.`);
  }
  for (const [code, text] of Object.entries(messages ?? {})) {
    if (!isCode(code)) throw wrong(`messages: there is no code ${code}.`);
    if (typeof text !== 'string')
      throw wrong(`messages: ${code} takes a string; it was given ${typeOf(text)}.`);
  }
  if (signal !== undefined && typeof signal.addEventListener !== 'function') {
    throw wrong('signal takes an AbortSignal. Pass controller.signal.');
  }
  return set as Known;
}

/**
 * What keeps a token from being sent there; `undefined` if nothing does. A relative address is one of
 * the page, which is known only where there is a page.
 */
export function problemOfBaseUrl(baseUrl: string): string | undefined {
  const isRelative = /^\.{0,2}\/(?!\/)/.test(baseUrl);
  const page = globalThis.location?.href;
  if (isRelative && page === undefined) return undefined;
  const url = urlOf(baseUrl, isRelative ? page : undefined);
  const problem = url ? problemOfUrl(url) : 'an address that begins with https://, or a path of the page';
  return problem && `baseUrl takes ${problem}; it was given ${withoutSecrets(baseUrl)}.`;
}

const withoutSecrets = (url: string): string => url.replace(/\/\/[^/]*@/, '//…@').replace(/[?#].*/, '…');
