/** Puts codes into words, in the language of the person who reads them. */
import type { Code } from '../../build/core/perse_wasm.js';
// Written by the build from the codes of crates/protocol: the English message of each code.
import english from '../../build/messages/en.json';
import { own } from '../own.js';
import type { Failure, PerseOptions } from '../types.js';
import type { ErrorDetail } from './error-detail.js';

type MessageOptions = Pick<PerseOptions, 'locale' | 'messages'>;
type Table = Record<Code, string>;

/** Whether a string is a code of the SDK. */
export const isCode = (code: string): code is Code => Object.hasOwn(english, code);

/** The other languages, which only their readers load. */
const LANGUAGES: Record<string, () => Promise<{ default: Table }>> = {
  pt: () => import('./pt.js'),
  es: () => import('./es.js'),
};
const loaded: Record<string, Table> = Object.create(null);

/** Loads the messages of a page's language, so that they are there when a call fails for lack of a network. */
export async function loadMessages(options: MessageOptions): Promise<void> {
  const language = languageOf(options);
  const load = Object.hasOwn(LANGUAGES, language) && !loaded[language] && LANGUAGES[language];
  if (!load) return;
  // Without the file the messages are English.
  await load().then(
    (table) => (loaded[language] = table.default),
    () => {},
  );
}

/**
 * Returns the message of a code: the page's own, or one in the page's language. In English the detail takes
 * its place where there is one.
 */
export function messageOf(
  error: { code: Code; detail?: string | undefined },
  options: MessageOptions,
): string {
  const { code } = error;
  return (
    (own(own(options, 'messages'), code) as string | undefined) ??
    loaded[languageOf(options)]?.[code] ??
    (own(error, 'detail') as string | undefined) ??
    (english as Table)[code]
  );
}

const languageOf = (options: MessageOptions): string =>
  ((own(options, 'locale') as string | undefined) || globalThis.document?.documentElement?.lang || 'en')
    .toLowerCase()
    .split(/[-_]/)[0]!;

/** Returns the failure that a page gets. */
export function toFailure(error: ErrorDetail, options: MessageOptions): Failure {
  return { status: false, code: error.code, message: messageOf(error, options) };
}
