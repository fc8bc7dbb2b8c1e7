/** The one error type inside the facade; the core and the photo worker reject with its form, too. */
import { own } from '../own.js';
import type { ErrorCode } from '../types.js';
import { isCode } from './messages.js';

/** Why a call failed, before it is put into words. */
export interface ErrorDetail {
  code: ErrorCode;
  /** Message in English: what happened and what to do; absent where the code's message says everything. */
  detail?: string | undefined;
  /** The argument of a method with two images that the error is about. */
  image?: 'a' | 'b' | undefined;
}

/** Whether a thrown value is an {@link ErrorDetail}, and not an unexpected error. */
export function isErrorDetail(value: unknown): value is ErrorDetail {
  return isCode(String(own(value, 'code')));
}

/** Describes an unexpected error. */
export function internalError(error: unknown): ErrorDetail {
  return {
    code: 'internal_error',
    detail: `The SDK failed. Report this: ${error}`,
  };
}

/** Describes a script of this package that did not load. */
export function scriptUnavailable(error: unknown): ErrorDetail {
  const advice =
    'ServiceWorkerGlobalScope' in globalThis
      ? "A service worker cannot load the package's other files. Import perse-wasm/perse.global.js there."
      : 'A script of this package could not be loaded. Serve all its files.';
  const detail = `${advice} The browser said: ${error}`;
  return { code: 'wasm_unavailable', detail };
}
