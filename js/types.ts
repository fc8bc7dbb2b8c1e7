/** Types of the SDK's options and results. The responses themselves are declared by the Rust core. */
import type {
  Code,
  Comparison,
  Deletion,
  Detection,
  Enrollment,
  EnrollmentList,
} from '../build/core/perse_wasm.js';
import type { Global } from './environment.js';

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
} from '../build/core/perse_wasm.js';

/**
 * An image: a file, its bytes or its data URL, or anything that a browser can draw. Files
 * have at most 64,000,000 bytes and 120 megapixels.
 */
export type Image =
  | Global<'Blob'>
  | ArrayBuffer
  | ArrayBufferView
  | `data:${string}`
  | Global<'HTMLImageElement'>
  | Global<'SVGImageElement'>
  | Global<'HTMLVideoElement'>
  | Global<'HTMLCanvasElement'>
  | Global<'OffscreenCanvas'>
  | Global<'ImageBitmap'>
  | Global<'ImageData'>
  | Global<'VideoFrame'>;

/** The environment's `fetch`. */
type Fetch = typeof globalThis extends { fetch: infer Function } ? Function : never;

/** An image file before or after its preparation. */
export interface ImageFileFacts {
  /** MIME type, by content. */
  type: string;
  /** File size. */
  bytes: number;
  /** Pixels in a row, upright. */
  width: number;
  /** Rows, upright. */
  height: number;
}

/** A kind of data in a file besides its pixels. */
export type Metadata = 'exif' | 'gps' | 'xmp' | 'iptc' | 'comment' | 'thumbnail' | 'trailing' | 'other';

/** Limits of a prepared photo. */
export interface PrepareLimits {
  /**
   * Longer side, 64 to 16,384 pixels.
   *
   * @default 1600
   */
  maxSide?: number;
  /**
   * File size, 10,000 to 1,000,000 bytes.
   *
   * @default 500_000
   */
  maxBytes?: number;
  /**
   * Quality of the JPEG, 0.1 to 1. It is lowered only where fewer pixels do not make the file fit.
   *
   * @default 0.85
   */
  quality?: number;
}

/** Report on a prepared image. */
export interface PrepareReport {
  /** The file before; absent if it was no file. */
  from?: ImageFileFacts;
  /** The file after. */
  to: ImageFileFacts;
  /** It was rotated upright. */
  isTurned: boolean;
  /** It was resized. */
  isResized: boolean;
  /** Its type was changed. */
  isConverted: boolean;
  /** The kinds that were found and removed. Of types that the service does not accept nothing is reported, nor kept. */
  removed: Metadata[];
}

/** An image that can be sent. */
export interface PreparedImage {
  /** The file. */
  blob: Global<'Blob'>;
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** The preparation in detail. */
  report: PrepareReport;
}

/** An image that can be sent, when `status` is `true`. */
export type PrepareResult = Success<PreparedImage> | Failure;

/** The measures of a whole picture, its shorter side reduced to 128 pixels. */
export interface ImageMetrics {
  /** Share of dark pixels, 0..1; over 0.7 it is too dark. */
  underexposure: number;
  /** Share of bright pixels, 0..1; over 0.65 it is too bright. */
  overexposure: number;
  /** Spread of the Laplacian, 0..1; under 0.1591 it is blurred. */
  sharpness: number;
}

/** The verdict on a whole picture, worked out on the device. */
export type ImageQualityVerdict = {
  /** The verdict in words, and what to do better. */
  message: string;
  /** The measured metrics. */
  metrics: ImageMetrics;
  /** It is too dark. */
  isUnderexposed: boolean;
  /** It is too bright. */
  isOverexposed: boolean;
  /** It is not sharp enough. */
  isBlurred: boolean;
  /** Pixels in a row, upright. */
  width: number;
  /** Rows, upright. */
  height: number;
  /** The file's size; absent if it was no file. */
  bytes?: number;
} & (
  | {
      /** It has no fault. */
      status: true;
      /** The only code of that. */
      code: 'success';
    }
  | {
      /** It has a fault. */
      status: false;
      /** The only code of that. */
      code: 'bad_image_quality';
    }
);

/** The verdict on a picture, or why there is none. */
export type ImageQualityResult = ImageQualityVerdict | Failure<Exclude<ErrorCode, 'bad_image_quality'>>;

/** The token of an enrolled user, as `face.enrollment.create` returned it. */
export type UserToken = string;

/** The codes of a result whose `status` is `false`. */
export type ErrorCode = Exclude<Code, 'success' | 'similar'>;

/** A failure: what happened and what to do, in `message`. */
export interface Failure<Codes extends ErrorCode = ErrorCode> extends Origin {
  /** The call failed. */
  status: false;
  /** Code of the failure. */
  code: Codes;
  /** Message for the person in front of the screen: what happened and what to do. */
  message: string;
  /** Place of the failure, if the client knows it. */
  details?: {
    /** The argument of `compare`, `isSimilar` or `verify` that the failure is about: the first or the second. */
    image: 'a' | 'b';
  };
  /** Details for developers, in English. Not enumerable: it is in no JSON. */
  readonly cause?: unknown;
}

/** Origin of a result. */
export interface Origin {
  /** Present where an engine in the page worked it out, and not the service. */
  source?: 'device';
}

/** A response of the service, or of an engine in its place. */
export type Success<Response> = Origin &
  Response & {
    /** The call succeeded. */
    status: true;
    /** The only code of a success. */
    code: 'success';
    /** The same in words. */
    message: string;
    /** Only failures have details. */
    details?: undefined;
  };

/** The faces of a photo, when `status` is `true`. Their places are pixels of the upright image of the page. */
export type DetectResult = Success<Detection & DetectedImage> | Failure;

/** The image that faces were detected in. */
export interface DetectedImage {
  /** Size of the upright image that was passed, in pixels; the photo that was sent may be smaller. */
  imageSize: {
    /** Pixels in a row. */
    width: number;
    /** Rows. */
    height: number;
  };
}

/** The similarity of two faces, when `status` is `true`. */
export type CompareResult = Success<Comparison> | Failure;

/** The token of the user who is now enrolled, when `status` is `true`. */
export type EnrollmentResult = Success<Enrollment> | Failure;

/** The tokens of all enrolled users, when `status` is `true`. */
export type EnrollmentListResult = Success<EnrollmentList> | Failure;

/** Whether the user was deleted. */
export type DeletionResult = Success<Deletion> | Failure;

/** Whether two faces are of one person: `code` is `similar` or `not_similar`. */
export type SimilarResult =
  | (Origin & {
      /** The faces are of one person. */
      status: true;
      /** The only code of that. */
      code: 'similar';
      /** The same in words. */
      message: string;
      /** Only failures have details. */
      details?: undefined;
    })
  | Failure;

/** Faults of one face. */
export interface FaceQuality {
  /** It is too dark. */
  isUnderexposed: boolean;
  /** It is too bright. */
  isOverexposed: boolean;
  /** It is not sharp enough. */
  isBlurred: boolean;
}

/** Faults of one face, spoofing included. */
export interface FaceQualityWithSpoofing extends FaceQuality {
  /** The face may be a picture of a person; judged only where nothing else is wrong with it. */
  isSpoofing: boolean;
}

/** The verdict on each face of a photo; `status` is `true` only when none has a fault. */
export type QualityVerdict<Quality extends FaceQuality = FaceQuality> = Origin & {
  /** The verdict in words, and what to do better. */
  message: string;
  /** Number of faces that were found. */
  totalFaces: number;
  /** The verdict on each. */
  detailedFaces: Quality[];
} & (
    | {
        /** No face has a fault. */
        status: true;
        /** The only code of that. */
        code: 'success';
      }
    | {
        /** There is no face, or one with a fault. */
        status: false;
        /** Which of the two. */
        code: 'bad_image_quality' | 'no_face_detected';
      }
  );

/** The verdict on a photo, or why there is none. */
export type QualityResult<Quality extends FaceQuality = FaceQuality> =
  QualityVerdict<Quality> | Failure<Exclude<ErrorCode, 'bad_image_quality' | 'no_face_detected'>>;

/** The verdict of `verify` on two faces. */
export type VerifyVerdict = Origin & {
  /** The verdict in words. */
  message: string;
  /** Only failures and unfit photos have details. */
  details?: undefined;
  /** Similarity of the faces. */
  similarity: number;
  /** The service's threshold: at least this similarity means the same person. */
  threshold: number;
} & (
    | {
        /** The faces are of one person. */
        status: true;
        /** The only code of that. */
        code: 'similar';
      }
    | {
        /** The faces are of two persons. */
        status: false;
        /** The only code of that. */
        code: 'not_similar';
      }
  );

/** The verdict of `verify` on a photo that is not good enough to be compared. */
export type UnfitPhoto = QualityVerdict & {
  /** The photo is not good enough. */
  status: false;
  /** Place of the fault. */
  details: {
    /** The first photo; the second one only with `precheck`. */
    image: 'a' | 'b';
  };
};

/**
 * The verdict of `verify`: on the first photo where that is not good enough, otherwise on the two faces. Or why
 * there is none.
 */
export type VerifyResult =
  VerifyVerdict | UnfitPhoto | Failure<Exclude<ErrorCode, 'bad_image_quality' | 'not_similar'>>;

/**
 * Fetches a session token from the page's own server: the token itself, an object with it as `createSession`
 * of `perse-wasm/server` returns it, or the server's response with either. An error with one of this package's
 * codes fails the call with that code and message; any other gives `unauthorized`.
 *
 * @example
 * Perse.setToken(() => fetch('/my-session', { method: 'POST' }));
 */
export type TokenProvider = () => ProvidedToken | Promise<ProvidedToken>;

/** A session token as a provider returns it. */
export type ProvidedToken =
  | string
  | Global<'Response'>
  | {
      /** The token. */
      token: string;
      /** Its expiry, in milliseconds since 1970; read where the token itself does not contain one. */
      expiresAt?: number;
    };

/**
 * A step of a call, for logs and measurements. It never contains tokens, photos or faces.
 *
 * @example
 * Perse.configure({ onEvent: (event) => console.debug(event.call, event.type, event) });
 */
export interface CallEvent {
  /**
   * `prepare`: the photos are ready. `token`: the provider was asked. `request`: an attempt begins. `response`: its
   * response has begun to arrive. `retry`: another attempt follows after a pause. `result`: the call has ended.
   */
  type: 'prepare' | 'token' | 'request' | 'response' | 'retry' | 'result';
  /** Number of the call, from 1; unique on the page. */
  call: number;
  /** Number of the attempt, from 1. */
  attempt?: number;
  /** Duration of the step, or of the pause before a retry, in milliseconds. */
  ms?: number;
  /** Size of all photos that are sent, in bytes. */
  bytes?: number;
  /** The code of the result, or of the failure that is followed by a retry. */
  code?: Code;
  /** HTTP status of the response. */
  httpStatus?: number;
  /** The service's `x-request-id`, which its support needs; CORS must expose the header. */
  requestId?: string;
}

/** Event of the session token: it expires soon, it has expired, or it was renewed. */
export type TokenEvent = 'expiring' | 'expired' | 'renewed';

/**
 * Receives the events of the session token, and the expiry of that token: milliseconds since 1970 by the
 * device's clock, `undefined` if it does not say.
 */
export type TokenListener = (event: TokenEvent, expiresAt: number | undefined) => void;

/** The WebAssembly module, or where it is. */
export type WasmSource = WasmModule | Promise<WasmModule>;
// The DOM's declarations take anything for a module; it is at least an object.
type WasmModule =
  string | Global<'URL'> | Global<'Response'> | ArrayBuffer | ArrayBufferView | (WebAssemblyModule & object);
type WebAssemblyModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module
  : never;

/**
 * Finds and compares faces in the service's place. The module `perse-wasm/device` is one. It must send nothing: faces
 * are found without the end user's consent. What it rejects with is `internal_error`, unless it has one of this
 * package's codes as `code`, and a text in English as `detail`.
 *
 * @example
 * import * as device from 'perse-wasm/device';
 * const perse = createPerse({ engine: device });
 */
export interface Engine {
  /**
   * Finds the faces of a photo, which is upright and has no metadata, the largest first.
   *
   * @example
   * const { faces } = await engine.detectFaces(photo);
   */
  detectFaces(photo: Global<'Blob'>, signal?: Global<'AbortSignal'>): Promise<Detection>;
  /**
   * Compares the largest faces of two photos; rejects with the code `no_face_detected` where one has none.
   *
   * @example
   * const { similarity } = await engine.compareFaces([selfie, idPhoto]);
   */
  compareFaces(photos: [Global<'Blob'>, Global<'Blob'>], signal?: Global<'AbortSignal'>): Promise<Comparison>;
}

/**
 * Settings of a client.
 *
 * @example
 * Perse.configure({ enduserConsent: true, timeout: 20_000 });
 */
export interface PerseOptions {
  /**
   * Base URL of the API; `https://api.getperse.com/v0` by default. Relative to the page, if relative. It has
   * to be https, except on this machine.
   */
  baseUrl?: string;
  /**
   * The end user agreed to the use of their biometric data; `false` by default. Set it to `false` again
   * when they take that back: what is not yet sent then stays here.
   */
  enduserConsent?: boolean;
  /**
   * Time limit of a call and of everything that belongs to it, in milliseconds.
   *
   * @default 30_000
   */
  timeout?: number;
  /**
   * Largest number of repeats of a request where that is safe, 0 to 10; 2 by default. Never after an
   * enrolment that may have been stored.
   */
  retries?: number;
  /**
   * Prepares photos before they are sent: rotates them upright, resizes and encodes as JPEG those over the limits
   * or of a type that the service does not accept. `true` stands for the default limits, `false` sends photos as
   * they are. Their metadata is removed in any case.
   *
   * @default true
   */
  prepare?: boolean | PrepareLimits;
  /**
   * Judges photos before they are sent: one that is hopelessly dark, bright or blurred gives
   * `bad_image_quality` without a request. Skipped where the browser can't read pixels.
   *
   * @default false
   */
  precheck?: boolean;
  /** Failures reject with {@link PerseError} instead of resolving to `{status: false, …}`. */
  throwOnError?: boolean;
  /** Failures also show as a warning on the console; `true` by default. */
  warn?: boolean;
  /** The language of the messages: English, Portuguese or Spanish (`'pt-BR'`); the page's by default. */
  locale?: string;
  /** Messages of the page's own, by code. */
  messages?: { [code in Code]?: string };
  /** The WebAssembly module or its URL, if not where the entry looks for it; for all clients of the page. */
  wasm?: WasmSource;
  /** Sends the requests in place of the global `fetch`, as for tests. */
  fetch?: Fetch;
  /**
   * Finds and compares faces in the service's place: `detect`, `quality`, `compare`, `isSimilar` and `verify` send
   * nothing then, need no token, and return `source: 'device'`. Methods that need the service are `invalid_request`.
   */
  engine?: Engine;
  /** Receives each step of each call, for logs and measurements. */
  onEvent?: (event: CallEvent) => void;
}

/** Settings of one call, which go before the client's own. */
export interface CallOptions extends Pick<
  PerseOptions,
  'enduserConsent' | 'timeout' | 'retries' | 'prepare' | 'precheck'
> {
  /** Cancels the call, which then fails with `aborted`. */
  signal?: Global<'AbortSignal'>;
}

/**
 * Arguments that may follow the images of a call: the end user's consent, options, or both.
 *
 * @example
 * await Perse.face.detect(photo, true);
 * await Perse.face.detect(photo, { enduserConsent: true, timeout: 5_000 });
 * await Perse.face.detect(photo, true, { timeout: 5_000 });
 */
export type CallSettings = [enduserConsent?: boolean, options?: CallOptions] | [options?: CallOptions];

/** Two photos, or a photo and the token of an enrolled user in either order. */
export type PhotoPair = [a: Image, b: Image | UserToken] | [a: UserToken, b: Image];

/** A photo and the token of an enrolled user, in either order. */
export type PhotoAndUser = [image: Image, userToken: UserToken] | [userToken: UserToken, image: Image];
