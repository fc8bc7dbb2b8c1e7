/** Puts codes into words, in the language of the person who reads them. */
import type { Code } from '../build/wasm/perse_wasm.js';
// Written by the build from the table of the codes: [English, Portuguese, Spanish] by code.
import table from '../build/messages.json';
import type { ErrorCode, Failure, PerseOptions } from './types.js';

/** Why a call failed, not yet in words. */
export interface Cause {
  code: ErrorCode;
  /** In English, where there is more to say than the code's message. */
  detail?: string | undefined;
}

export const isCode = (code: string): code is Code => Object.hasOwn(table, code);

/** Whether it is one of ours, and not an error that nobody has thought of. */
export const isCause = (value: unknown): value is Cause => isCode((value as Cause | undefined)?.code ?? '');

const LANGUAGES = ['en', 'pt', 'es'];

/**
 * The message of a code: the page's own, or in the page's language. In English the detail says more; in
 * the others there is just the code's message.
 */
export function messageOf(
  { code, detail }: { code: Code; detail?: string | undefined },
  { locale, messages }: Pick<PerseOptions, 'locale' | 'messages'>,
): string {
  const language = (locale || globalThis.document?.documentElement?.lang || 'en')
    .toLowerCase()
    .split(/[-_]/)[0]!;
  const index = Math.max(0, LANGUAGES.indexOf(language));
  const [english, ...others] = table[code] as [string, string, string];
  return messages?.[code] ?? others[index - 1] ?? detail ?? english;
}

/** The failure that a page gets. */
export function toFailure(cause: Cause, settings: Pick<PerseOptions, 'locale' | 'messages'>): Failure {
  return { status: false, code: cause.code, message: messageOf(cause, settings) };
}
