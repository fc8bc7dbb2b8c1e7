/** The loop over the attempts of one call: whether a refused attempt is repeated, and with which token. */
import type { ErrorDetail } from '../messages/error-detail.js';
import { own } from '../own.js';

/** The state that an attempt starts from. */
export interface AttemptState {
  /** The session token; `undefined` for a client with an API key. */
  token: string | undefined;
  /** Number of this attempt, from 0. */
  attempt: number;
  /** Whether an earlier attempt may have been carried out. */
  mayHaveHappened: boolean;
}

/** Rejection of a refused attempt. */
export interface Refusal extends ErrorDetail {
  /** Milliseconds to wait before the next attempt; `undefined` when it must not be repeated. */
  retryAfterMs?: number | undefined;
  mayHaveHappened?: boolean;
}

export interface Attempts<Result> {
  /** Largest number of repeats. */
  retries: number;
  /** Whether an attempt without a session token has another credential. */
  hasApiKey: boolean;
  /** Returns a session token other than `rejected`; `undefined` if there is none. */
  getToken(rejected: string | undefined): Promise<string | undefined>;
  /** Makes one attempt; rejects with a {@link Refusal}. */
  send(state: AttemptState): Promise<Result>;
  /**
   * Resolves to `true` after some milliseconds, to `false` at once when the call would time out by then. A
   * {@link Refusal} is the reason.
   */
  pause(milliseconds: number, refusal: Refusal, state: AttemptState): Promise<boolean>;
}

/**
 * Makes attempts until one succeeds or must not be repeated. A rejected session token is replaced once, which
 * does not count as a retry.
 *
 * @throws ErrorDetail of the last attempt, or of the call that ended during a pause.
 */
export async function repeat<Result>({
  retries,
  hasApiKey,
  getToken,
  send,
  pause,
}: Attempts<Result>): Promise<Result> {
  const state: AttemptState = { token: undefined, attempt: 0, mayHaveHappened: false };
  let rejected: { token: string; refusal: Refusal } | undefined;
  for (;;) {
    state.token = await getToken(rejected?.token);
    if (state.token === undefined && (rejected || !hasApiKey)) {
      throw rejected?.refusal ?? ({ code: 'unauthorized' } satisfies ErrorDetail);
    }
    try {
      return await send({ ...state });
    } catch (error) {
      const refusal = error as Refusal;
      // An error of the facade has neither field.
      const retryAfterMs = own(refusal, 'retryAfterMs') as Refusal['retryAfterMs'];
      if (refusal.code === 'unauthorized' && state.token !== undefined && !rejected) {
        rejected = { token: state.token, refusal };
        continue;
      }
      if (retryAfterMs === undefined || state.attempt >= retries) throw refusal;
      if (!(await pause(retryAfterMs, refusal, state))) throw refusal;
      state.attempt += 1;
      state.mayHaveHappened ||= own(refusal, 'mayHaveHappened') === true;
    }
  }
}
