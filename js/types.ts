/** What the SDK takes and gives. The answers themselves are declared by the Rust core. */
import type {
  Code,
  Comparison,
  Deletion,
  Detection,
  Enrollment,
  EnrollmentList,
} from '../build/wasm/perse_wasm.js';

export type {
  Code,
  Comparison,
  ComparisonThresholds,
  Deletion,
  Detection,
  DetectionThresholds,
  Enrollment,
  EnrollmentList,
  Face,
  Landmarks,
  Metrics,
  Point,
} from '../build/wasm/perse_wasm.js';

/** A JPEG, PNG or WebP file of at most 1,000,000 bytes. */
export type Image = Blob;

/** The token of an enrolled user, as `face.enrollment.create` gave it. */
export type UserToken = string;

/** The codes of a result whose `status` is `false`. */
export type ErrorCode = Exclude<Code, 'success' | 'similar'>;

/** A failure: what happened and what to do, in `message`. */
export interface Failure<Codes extends ErrorCode = ErrorCode> {
  status: false;
  code: Codes;
  message: string;
}

/** An answer of the service. */
export type Success<Answer> = Answer & { status: true; code: 'success'; message: string };

export type DetectResult = Success<Detection> | Failure;
export type CompareResult = Success<Comparison> | Failure;
export type EnrollmentResult = Success<Enrollment> | Failure;
export type EnrollmentListResult = Success<EnrollmentList> | Failure;
export type DeletionResult = Success<Deletion> | Failure;

/** Whether two faces are of one person: `code` is `similar` or `not_similar`. */
export type SimilarResult = { status: true; code: 'similar'; message: string } | Failure;

/** What is wrong with one face. */
export interface FaceQuality {
  isUnderexposed: boolean;
  isOverexposed: boolean;
  isBlurred: boolean;
}

/** What is wrong with one face, spoofing included. */
export interface FaceQualityWithSpoofing extends FaceQuality {
  /** The face may be a picture of a person; judged only where nothing else is wrong with it. */
  isSpoofing: boolean;
}

/** The verdict on each face of a photo; `status` is `true` only when none has a fault. */
export type QualityVerdict<Quality extends FaceQuality = FaceQuality> = {
  message: string;
  totalFaces: number;
  detailedFaces: Quality[];
} & ({ status: true; code: 'success' } | { status: false; code: 'bad_image_quality' | 'no_face_detected' });

export type QualityResult<Quality extends FaceQuality = FaceQuality> =
  QualityVerdict<Quality> | Failure<Exclude<ErrorCode, 'bad_image_quality' | 'no_face_detected'>>;

/** The WebAssembly module, or where it is. */
export type WasmSource = WasmModule | Promise<WasmModule>;
type WasmModule = string | URL | Response | BufferSource | WebAssembly.Module;

/** Settings of a client. */
export interface PerseOptions {
  /** Where the API is; `https://api.getperse.com/v0` by default. Relative to the page, if relative. */
  baseUrl?: string;
  /** The end user agreed to the use of their biometric data; `false` by default. */
  enduserConsent?: boolean;
  /** Milliseconds that a call may take; 10,000 by default. */
  timeout?: number;
  /** Failures reject with {@link PerseError} instead of resolving to `{status: false, …}`. */
  throwOnError?: boolean;
  /** Failures also show as a warning on the console; `true` by default. */
  warn?: boolean;
  /** Where the WebAssembly module is, if not where the entry looks for it; for all clients of the page. */
  wasm?: WasmSource;
}

/** Settings of one call, which go before the client's own. */
export type CallOptions = Pick<PerseOptions, 'enduserConsent' | 'timeout'>;

/** What may follow the images of a call: the end user's consent, options, or both. */
export type CallSettings = [enduserConsent?: boolean, options?: CallOptions] | [options?: CallOptions];
