/** Codes of everything that can go wrong with a camera, and how a browser's errors map to them. */

/** Codes of a capture that failed. */
export type CameraErrorCode =
  /** The person or the browser's settings refused. */
  | 'camera_denied'
  /** The page sits in an `<iframe>` without `allow="camera"`, or its own policy forbids cameras. */
  | 'camera_blocked_by_page'
  /** The device has no camera. */
  | 'camera_not_found'
  /** Another program uses the camera, or it failed to start. */
  | 'camera_in_use'
  /** No camera fits, even without constraints. */
  | 'camera_not_suitable'
  /** The page is not served by https. */
  | 'insecure_context'
  /** The browser offers no cameras to pages, as many in-app browsers. */
  | 'camera_unsupported'
  /** The camera was unplugged or taken away. */
  | 'camera_disconnected'
  /** The camera delivers no frames, or only black ones. */
  | 'camera_no_picture'
  /** No photo was taken in time. */
  | 'capture_timeout'
  /** The page or the person ended the capture. */
  | 'aborted'
  /** The SDK failed. */
  | 'internal_error';

/** Codes of what limits a capture without ending it. */
export type CameraWarningCode =
  /** The network weights did not load: there is no guidance, photos are taken by hand. */
  | 'models_unavailable'
  /** The face engine did not start or stopped: there is no guidance, photos are taken by hand. */
  | 'wasm_unavailable'
  /** The camera has no light. */
  | 'torch_unavailable'
  /** The camera that was asked for isn't there; another one is used. */
  | 'camera_replaced'
  /** The photo's shorter side has less than 720 pixels. */
  | 'low_resolution';

/**
 * Says why a camera failed: what `shoot()` and an analyser reject with. The message is for developers,
 * people read the one of the code.
 *
 * @example
 * throw new CameraError('models_unavailable', 'The weights answered 404.');
 */
export class CameraError extends Error {
  /** Tells it from other errors, also across realms. */
  override readonly name = 'CameraError';

  /** Code of the failure. */
  readonly code: CameraErrorCode | CameraWarningCode;

  constructor(code: CameraErrorCode | CameraWarningCode, detail: unknown = code) {
    super(String(detail));
    this.code = code;
  }
}

/** Permissions of the frame around the page. */
export interface Surroundings {
  /** Whether the page sits in a frame of another page. */
  isFramed: boolean;
  /** Whether a policy forbids cameras; `undefined` where the browser doesn't say. */
  isForbidden: boolean | undefined;
  /** Milliseconds from the request to its rejection. */
  elapsed: number;
}

/** A person needs longer than that to read a prompt and refuse, in milliseconds. */
const FASTEST_ANSWER_MS = 300;

/** Maps what `getUserMedia` rejected with to a code. */
export function toCameraError(cause: unknown, { isFramed, isForbidden, elapsed }: Surroundings): CameraError {
  if (cause instanceof CameraError) return cause;
  const name = (cause as { name?: unknown } | undefined)?.name;
  const code = ((): CameraErrorCode => {
    switch (name) {
      case 'NotAllowedError':
      case 'PermissionDeniedError': // Safari 11, old webviews
        // Firefox and Safari don't expose the policy: a frame that is refused faster than any person
        // answers was refused by it.
        return (isForbidden ?? (isFramed && elapsed < FASTEST_ANSWER_MS))
          ? 'camera_blocked_by_page'
          : 'camera_denied';
      case 'NotFoundError':
      case 'DevicesNotFoundError':
        return 'camera_not_found';
      case 'NotReadableError':
      case 'TrackStartError':
      case 'AbortError':
        return 'camera_in_use';
      case 'OverconstrainedError':
      case 'ConstraintNotSatisfiedError':
        return 'camera_not_suitable';
      case 'SecurityError':
        return 'insecure_context';
      case 'TypeError': // Chromium, when the page is not secure
      case 'NotSupportedError':
        return 'camera_unsupported';
      default:
        return 'internal_error';
    }
  })();
  return new CameraError(code, cause);
}
