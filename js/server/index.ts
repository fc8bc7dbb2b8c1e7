/**
 * The entry for the page's own server. Plain `fetch` and WebCrypto: no WebAssembly, no dependency, nothing
 * of one runtime.
 */
export { isPerseError, PerseError } from '../error.js';
export type { ErrorCode, Failure } from '../types.js';
export { createSession } from './session.js';
export type { Scope, Session, SessionOptions } from './session.js';
export { createMemoryStore } from './store.js';
export type { VerificationStore } from './store.js';
export { createVerifications } from './verifications.js';
export type {
  Purpose,
  StartedVerification,
  StartOptions,
  VerificationResult,
  Verifications,
  VerificationsOptions,
} from './types.js';
