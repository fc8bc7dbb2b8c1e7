import type { ErrorCode, Failure } from './types.js';

/**
 * A failure as an exception: what calls reject with under `throwOnError`, and what `configure` and
 * `setToken` throw when they are given something wrong.
 */
export class PerseError extends Error implements Failure {
  override readonly name = 'PerseError';
  readonly status = false;

  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }

  /** The three fields of a failure, without the stack. */
  toJSON(): Failure {
    return { status: this.status, code: this.code, message: this.message };
  }
}

/** Whether a value is a {@link PerseError}, also one of another copy of this package. */
export function isPerseError(value: unknown): value is PerseError {
  return value instanceof Error && value.name === 'PerseError' && 'code' in value;
}
