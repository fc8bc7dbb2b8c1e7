/** Asks a page's token provider, and checks what it returns. */
import type { ErrorDetail } from '../messages/error-detail.js';
import { MAX_TIMER_MS } from '../timer.js';
import type { TokenProvider } from '../types.js';

/**
 * Returns the provider's token within `limit` milliseconds.
 *
 * @throws ErrorDetail `unauthorized` when it fails, is late, or returns another value.
 */
export async function askProvider(provider: TokenProvider, limit: number): Promise<string> {
  const LATE = Symbol('late');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(LATE), Math.min(limit, MAX_TIMER_MS));
  });
  // Inside the promise, because a provider may also throw.
  const asked = new Promise<unknown>((resolve) => resolve(provider()));
  const answer = await Promise.race([asked, late])
    .catch((error: unknown) => {
      throw providerError(`it failed with ${error instanceof Error ? error.message : typeName(error)}`);
    })
    .finally(() => clearTimeout(timer));
  if (answer === LATE) throw providerError(`it did not respond in ${limit} ms`);
  const token = typeof answer === 'string' ? answer.trim() : answer;
  const problem = token === '' ? 'an empty string' : tokenProblem(token);
  if (problem) throw providerError(`it returned ${problem}`);
  return token as string;
}

/** Describes a value that is no token, without showing it; `undefined` for one that may be a token. */
export function tokenProblem(token: unknown): string | undefined {
  if (typeof token !== 'string') return typeName(token);
  if (/[\s"'{}<>]/.test(token) || token === 'undefined' || token === 'null') {
    return 'other text, such as JSON, a page or "Bearer …"';
  }
  return undefined;
}

/** Returns a value's type for an error message. */
export const typeName = (value: unknown): string => (value === null ? 'null' : typeof value);

/** Describes a failure of the page's token provider. */
export const providerError = (what: string): ErrorDetail => ({
  code: 'unauthorized',
  detail: `The token provider failed: ${what}. Start a new session and try again.`,
});
