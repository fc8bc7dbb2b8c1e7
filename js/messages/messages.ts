/** Puts codes into words, in the language of the person who reads them. */
import type { Code } from '../../build/core/perse_wasm.js';
// Written by the build from the codes of crates/protocol: [English, Portuguese, Spanish] by code.
import table from '../../build/messages.json';
import type { Failure, PerseOptions } from '../types.js';
import type { ErrorDetail } from './error-detail.js';

type MessageOptions = Pick<PerseOptions, 'locale' | 'messages'>;

/** Whether a string is a code of the SDK. */
export const isCode = (code: string): code is Code => Object.hasOwn(table, code);

const LANGUAGES = ['en', 'pt', 'es'];

/**
 * Returns the message of a code: the page's own, or one in the page's language. In English the detail takes
 * its place where there is one.
 */
export function messageOf(
  { code, detail }: { code: Code; detail?: string | undefined },
  { locale, messages }: MessageOptions,
): string {
  const language = (locale || globalThis.document?.documentElement?.lang || 'en')
    .toLowerCase()
    .split(/[-_]/)[0]!;
  const index = Math.max(0, LANGUAGES.indexOf(language));
  const [english, ...others] = table[code] as [string, string, string];
  return messages?.[code] ?? others[index - 1] ?? detail ?? english;
}

/** Returns the failure that a page gets. */
export function toFailure(error: ErrorDetail, options: MessageOptions): Failure {
  return { status: false, code: error.code, message: messageOf(error, options) };
}
