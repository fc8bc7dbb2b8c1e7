/** The options of `createVerifications`, checked and with their defaults. */
import { readBaseUrl, readOptions, readPrivateKey, readTimeout } from './options.js';
import { createMemoryStore, type VerificationStore } from './store.js';
import type { VerificationsOptions } from './types.js';

export interface Settings {
  privateKey: string;
  baseUrl: string;
  secret: string | undefined;
  store: VerificationStore;
  ttl: number;
  attempts: number;
  reveal: 'verdict' | 'all';
  scoped: boolean;
  timeout: number;
  onResult: NonNullable<VerificationsOptions['onResult']>;
  onError: NonNullable<VerificationsOptions['onError']>;
}

const OPTIONS = [
  ...['privateKey', 'baseUrl', 'secret', 'store', 'ttl', 'attempts', 'reveal', 'scoped', 'timeout'],
  ...['onResult', 'onError'],
];
/** A key as long as the signature is asked for by RFC 7518 §3.2. */
const MIN_SECRET_CHARS = 32;
const DEFAULT_TTL_MS = 15 * 60 * 1000;
const MAX_TTL_MS = 24 * 60 * 60 * 1000;
const DEFAULT_ATTEMPTS = 5;
const MAX_ATTEMPTS = 100;

/** @throws PerseError `invalid_request` */
export function readSettings(options: VerificationsOptions): Settings {
  const reader = readOptions('createVerifications', options, OPTIONS);
  const { get, invalid } = reader;
  const or = <Value>(name: string, value: Value, isValid: (given: unknown) => boolean, expected: string) => {
    const given = get(name);
    if (given === undefined) return value;
    if (isValid(given)) return given as Value;
    throw invalid(`${name} expects ${expected}.`);
  };
  const isFunction = (given: unknown) => typeof given === 'function';
  const isStore = (given: any) => ['get', 'set', 'update'].every((name) => isFunction(given?.[name]));
  const isBetween = (least: number, most: number) => (given: any) => given >= least && given <= most;

  const store = or<VerificationStore | undefined>(
    'store',
    undefined,
    isStore,
    'an object with get, set and update',
  );
  const secret = or<string | undefined>(
    'secret',
    undefined,
    (given) => typeof given === 'string' && given.length >= MIN_SECRET_CHARS,
    `a text of ${MIN_SECRET_CHARS} characters or more`,
  );
  if (store && secret === undefined) {
    throw invalid('a store needs a secret, the same in every process. Is its variable set?');
  }
  return {
    privateKey: readPrivateKey(reader),
    baseUrl: readBaseUrl(reader),
    timeout: readTimeout(reader),
    secret,
    store: store ?? createMemoryStore(),
    ttl: or('ttl', DEFAULT_TTL_MS, isBetween(1000, MAX_TTL_MS), 'milliseconds, 1,000 to 86,400,000'),
    attempts: or(
      'attempts',
      DEFAULT_ATTEMPTS,
      (given) => Number.isInteger(given) && isBetween(1, MAX_ATTEMPTS)(given),
      `a whole number, 1 to ${MAX_ATTEMPTS}`,
    ),
    reveal: or('reveal', 'verdict', (given) => given === 'verdict' || given === 'all', "'verdict' or 'all'"),
    scoped: or('scoped', false, (given) => typeof given === 'boolean', 'true or false'),
    onResult: or('onResult', () => {}, isFunction, 'a function'),
    onError: or('onError', logError, isFunction, 'a function'),
  };
}

/** Code and message of a `PerseError` carry no secret. What a store throws may carry anything. */
function logError(error: unknown): void {
  const { code, message, name } = Object(error);
  console.error(code ? `perse-wasm: ${message} (${code})` : `perse-wasm: ${name ?? 'an error'}`);
}
