/** Separates the arguments of a method by what they are, not by their position. */
import { bare } from '../own.js';
import { readSource, type Source } from '../photo/source.js';
import type { CallOptions } from '../types.js';
import { callOptions } from './options.js';

export interface Arguments {
  images: Source[];
  /** Of each image: its place among the images and user tokens. */
  places: ('a' | 'b')[];
  userTokens: string[];
  options: CallOptions;
}

/**
 * Separates images, user tokens and options: a boolean is the end user's consent, a plain object holds options,
 * a string is a user token unless it is a data URL. `null` and `undefined` are ignored.
 *
 * @throws ErrorDetail for a wrong option, or a value that is none of these.
 */
export function splitArguments(values: unknown[]): Arguments {
  const split: Arguments = { images: [], places: [], userTokens: [], options: bare({}) };
  for (const value of values) {
    if (typeof value === 'boolean') split.options.enduserConsent = value;
    else if (isPlainObject(value)) Object.assign(split.options, callOptions(value));
    else if (typeof value === 'string' && !value.trim().startsWith('data:')) split.userTokens.push(value);
    else if (value !== undefined && value !== null) {
      split.places.push(split.images.length + split.userTokens.length === 0 ? 'a' : 'b');
      split.images.push(readSource(value));
    }
  }
  return split;
}

/** By its tag, since an object of another realm has another `Object`; a tag may be a throwing getter. */
function isPlainObject(value: unknown): value is object {
  try {
    return Object.prototype.toString.call(value) === '[object Object]';
  } catch {
    return false;
  }
}
