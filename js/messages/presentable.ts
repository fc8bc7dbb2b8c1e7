/** Makes a service's message fit to be shown. */

/** The longest message that is repeated, in characters. */
const MAX_MESSAGE_CHARS = 300;

/**
 * Returns at most 300 characters of a service's message, without control and direction marks. Long words that look
 * random, as credentials and their encodings do, become `…`.
 */
export function presentable(message: string): string {
  const plain = message
    // A message may be as long as a response. Words that are left out make room for others.
    .slice(0, 10 * MAX_MESSAGE_CHARS)
    .replace(/[\p{Cf}\u2028\u2029]/gu, '')
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[\w+/=.~%-]{16,}/g, (word) => (/\d|([a-z][A-Z].*){2}/.test(word) ? '…' : word))
    .trim();
  return [...plain].slice(0, MAX_MESSAGE_CHARS).join('');
}
