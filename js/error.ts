import type { ErrorCode, Failure } from './types.js';

/**
 * A failure as an exception: calls reject with it under `throwOnError`, and `configure` and `setToken` throw it for
 * a wrong value.
 *
 * @example
 * Perse.configure({ throwOnError: true });
 * try {
 *   await Perse.face.detect(photo, { enduserConsent: true });
 * } catch (error) {
 *   if (Perse.isPerseError(error)) console.log(error.code, error.message);
 * }
 */
export class PerseError extends Error implements Failure {
  /** Identifies the class, also across realms. */
  override readonly name = 'PerseError';
  /** As in the result of a call that failed. */
  readonly status = false;

  /** Code of the failure. */
  readonly code: ErrorCode;

  /** As in the result of a call that failed. */
  declare readonly details?: NonNullable<Failure['details']>;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /**
   * Returns the three fields of a failure, without the stack.
   *
   * @example
   * report(JSON.stringify(error)); // {"status":false,"code":"timeout","message":"…"}
   */
  toJSON(): Failure {
    return { status: this.status, code: this.code, message: this.message };
  }
}

/**
 * Returns whether a value is a {@link PerseError}, also one of another copy of this package.
 *
 * @example
 * if (isPerseError(error) && error.code === 'timeout') retry();
 */
export function isPerseError(value: unknown): value is PerseError {
  // By its tag, because an error of another realm is not an instance of this one's class.
  const isError = Object.prototype.toString.call(value) === '[object Error]';
  return isError && (value as Error).name === 'PerseError' && 'code' in (value as Error);
}
