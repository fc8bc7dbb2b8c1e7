/** Puts codes into words, in the language of the person who reads them. */
import type { Code } from '../../build/core/perse_wasm.js';
// Written by the build from the codes of crates/protocol: the English message of each code.
import english from '../../build/messages/en.json';
import { own } from '../own.js';
import type { ErrorCode, Failure, PerseOptions } from '../types.js';
import type { ErrorDetail } from './error-detail.js';

type MessageOptions = Pick<PerseOptions, 'locale' | 'messages'>;
type Table = Record<Code, string>;
interface Coded {
  code: Code;
  detail?: string | undefined;
}

/** Whether a string is a code of the SDK. */
export const isCode = (code: string): code is Code => Object.hasOwn(english, code);

/** Whether a value is the code of a failure. */
export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && isCode(code) && code !== 'success' && code !== 'similar';

/** Codes whose detail is for developers: it goes to the console and into `cause`. Other details are messages. */
const TECHNICAL = new Set<Code>([
  ...(['content_type_header_missing', 'form_key_missing', 'unauthorized', 'consent_required'] as const),
  ...(['invalid_request', 'route_not_found', 'method_not_allowed', 'server_error', 'network_error'] as const),
  ...(['timeout', 'invalid_response', 'internal_error', 'wasm_unavailable', 'pixels_unavailable'] as const),
]);

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
 * Returns the message of a code for the person who reads it: the page's own, or one in the page's language. In
 * English a detail takes its place where it is for people.
 */
export function messageOf({ code, detail }: Coded, options: MessageOptions): string {
  return (
    (own(own(options, 'messages'), code) as string | undefined) ??
    loaded[languageOf(options)]?.[code] ??
    (TECHNICAL.has(code) ? undefined : detail) ??
    english[code]
  );
}

/** Returns whether there are messages in a language. */
export const hasLanguage = (locale: string): boolean =>
  ['en', ...Object.keys(LANGUAGES)].includes(languageOf({ locale }));

const languageOf = (options: MessageOptions): string =>
  ((own(options, 'locale') as string | undefined) || globalThis.document?.documentElement?.lang || 'en')
    .toLowerCase()
    .split(/[-_]/)[0]!;

/** Returns the failure that a page gets. Its `cause`, for developers, does not show in lists and JSON. */
export function toFailure({ code, detail, image }: ErrorDetail, options: MessageOptions): Failure {
  const failure = { status: false, code, message: messageOf({ code, detail }, options) } as const;
  const details = image && { details: { image } };
  return Object.defineProperty({ ...failure, ...details }, 'cause', { value: detail });
}
