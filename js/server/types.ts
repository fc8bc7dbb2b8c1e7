/** The public types of verifications. */
import type { Purpose } from './purpose.js';
import type { VerificationStore } from './store.js';

export type { Purpose } from './purpose.js';

/** Options of {@link createVerifications}. */
export interface VerificationsOptions {
  /** The account's private key, from a secret of the server's environment. */
  privateKey: string | undefined;
  /**
   * Base URL of the API; plain `http` only for this very machine.
   *
   * @default 'https://api.getperse.com/v0'
   */
  baseUrl?: string | undefined;
  /**
   * Signs the tickets: 32 characters or more, the same in every process. Needed with a `store`.
   *
   * @default a random one that ends with this process
   */
  secret?: string | undefined;
  /**
   * Keeps the verifications.
   *
   * @default this process's memory
   */
  store?: VerificationStore | undefined;
  /**
   * Milliseconds that a ticket is good for, and that a final result is kept: 1,000 to 86,400,000.
   *
   * @default 900_000
   */
  ttl?: number | undefined;
  /**
   * Photos that a person may try with one ticket, 1 to 100. A call that the service did not judge, because
   * it was down for example, is none.
   *
   * @default 5
   */
  attempts?: number | undefined;
  /**
   * Part of a response that the page reads. `verdict`: only whether it passed; a `similarity` is 0 or 100 then, the
   * threshold 50, and a new user's token is empty. `all`: what the service responded.
   *
   * @default 'verdict'
   */
  reveal?: 'verdict' | 'all' | undefined;
  /**
   * Asks the service for session tokens that are good for one kind of call only. For services with scopes.
   *
   * @default false
   */
  scoped?: boolean | undefined;
  /**
   * Milliseconds that the API may take for one request.
   *
   * @default 10_000
   */
  timeout?: number | undefined;
  /** Called once with each final result, before the page reads it. For your audit log. */
  onResult?: ((result: VerificationResult) => unknown) | undefined;
  /**
   * Called when the service or the store failed, or `onResult` did. The page reads a neutral message only.
   *
   * @default writes code and message to the console
   */
  onError?: ((error: unknown) => unknown) | undefined;
}

/** Options of {@link Verifications.start}. */
export interface StartOptions {
  /** The use that the page may make of the ticket. */
  purpose: Purpose;
  /** The user, in your words: the id of the user's account, for example. It goes to the result. */
  subject?: string | undefined;
  /** The enrolled user to compare with. Needed for `login`, and for nothing else. */
  userToken?: string | undefined;
}

/** A verification that was started. */
export interface StartedVerification {
  /** Names the verification. Keep it on the server, in the person's session. */
  id: string;
  /** The ticket, for `Perse.setToken` on the page. */
  token: string;
  /** When the ticket expires: milliseconds since 1970. */
  expiresAt: number;
}

/** Result of a verification. */
export interface VerificationResult {
  /** As `start` returned it. */
  id: string;
  /** As it was given to `start`. */
  subject: string | undefined;
  /** As it was given to `start`. */
  purpose: Purpose;
  /**
   * `passed` and `failed` are final. `pending`: the person may still try. `expired`: the person can no longer
   * try. Rely on `passed` alone.
   */
  status: 'pending' | 'passed' | 'failed' | 'expired';
  /** Code of the last attempt: `similar`, `not_similar`, `success`, `no_face_detected` … */
  code: string | undefined;
  /** Similarity of the last comparison, 0..100. */
  similarity: number | undefined;
  /** Similarity from which on the service calls two faces similar. */
  threshold: number | undefined;
  /** Attempts that were made, 0 to `attempts`. */
  attempts: number;
  /** `login`: as it was given to `start`. `enrol`: the token of the new user. */
  userToken: string | undefined;
  /** Ids of the requests, the oldest first; the service's logs have them, too. At most 20. */
  requestIds: string[];
  /** When the last attempt ended: milliseconds since 1970. */
  at: number | undefined;
}

/** Result of {@link createVerifications}. */
export interface Verifications {
  /**
   * Starts a verification. Call it in a route that has checked who asks.
   *
   * @throws PerseError `invalid_request` for a wrong option
   * @example
   * const { id, token } = await verifications.start({ purpose: 'enrol', subject: user.id });
   */
  start(options: StartOptions): Promise<StartedVerification>;
  /**
   * Responds to a request of the page. Mount it at a path such as `/perse/v0`, for `POST` below it; the
   * page's `baseUrl` is that path. Never rejects.
   *
   * @example
   * export const POST = verifications.handle; // a route handler of Next.js
   */
  handle(request: Request): Promise<Response>;
  /**
   * Returns what became of a verification; `undefined` when the id is unknown or was forgotten.
   *
   * @example
   * if ((await verifications.result(session.verification))?.status === 'passed') signIn();
   */
  result(id: string): Promise<VerificationResult | undefined>;
}
