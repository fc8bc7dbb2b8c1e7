/** The camera in one call, with or without a picture of the page's own. */
import { bare } from '../own.js';
import type { LoadAnalyser } from './analyser.js';
import type { PerseCameraProperties } from './attributes.js';
import { definePerseCamera, type PerseCamera } from './element.js';
import { loadEngine } from './engine.js';
import { toSettings } from './limits.js';
import { messageOf } from './messages.js';
import { CaptureSession } from './session.js';
import { VideoCamera } from './stream.js';
import type {
  CapturedFace,
  CapturedPhoto,
  CaptureFailure,
  CaptureResult,
  Presence,
  HintDetail,
  SessionOptions,
} from './types.js';

/** Options of {@link openCamera}. */
export interface OpenCameraOptions extends SessionOptions {
  /** Loads another face engine than the package's. */
  analyser?: LoadAnalyser | undefined;
}

/** Options of {@link capture}. */
export interface CaptureOptions extends OpenCameraOptions {
  /**
   * Shows the picture, in a page that draws its own surroundings. Without it a dialog opens over the page.
   */
  video?: HTMLVideoElement | undefined;
  /** Offers to choose a file where there is no camera; in the dialog only. @default 'file' */
  fallback?: PerseCameraProperties['fallback'];
  /** Milliseconds until the button appears; in the dialog only. @default 8000 */
  manualAfter?: number;
  /** Is called with each hint. */
  onHint?: ((hint: HintDetail) => void) | undefined;
  /** Is called with each frame's face. */
  onFace?: ((face: CapturedFace) => void) | undefined;
}

/**
 * Opens the camera in a `<video>` of the page and starts to look for a face. The session tells by events
 * what it sees, takes photos, and turns the camera off at their end.
 *
 * @throws TypeError naming a wrong option.
 * @example
 * const session = openCamera(document.querySelector('video'));
 * session.addEventListener('hint', ({ detail }) => (output.textContent = detail.message));
 * const { photos } = await session.result;
 */
export function openCamera(video: HTMLVideoElement, options: OpenCameraOptions = {}): CaptureSession {
  const { analyser = loadEngine, ...rest } = ownOptions(options);
  const session = new CaptureSession(rest, { camera: new VideoCamera(video), loadAnalyser: analyser });
  void session.start();
  return session;
}

/**
 * Takes photos of a person's face and turns the camera off. Never rejects for what happens with the
 * camera: a failure is a result with `status: false`.
 *
 * Rejects with a TypeError naming a wrong option.
 *
 * @example
 * const { status, photos, message } = await capture();
 * if (status) await Perse.face.compare(photos[0].blob, idPhoto, { enduserConsent: true });
 */
export async function capture(given: CaptureOptions = {}): Promise<CaptureResult> {
  const options = ownOptions(given);
  const { video, onHint, onFace } = options;
  toSettings(options);
  if (options.signal?.aborted) return failure('aborted', options);
  if (!video) return captureInDialog(options);
  const session = openCamera(video, options);
  if (onHint) session.addEventListener('hint', ({ detail }) => onHint(detail));
  if (onFace) session.addEventListener('face', ({ detail }) => onFace(detail));
  return session.result;
}

/** Copies the options that a page gave; `Object.prototype`, which any library may pollute, sets none. */
const ownOptions = <Options extends object>(options: Options): Options => bare({ ...options });

const failure = (code: CaptureFailure['code'], options: SessionOptions): CaptureFailure => ({
  ...{ status: false, code, message: messageOf(code, options) },
});

const DIALOG = `
::backdrop { background: rgb(11 14 19 / 60%) }
@media (max-height: 30rem) and (orientation: landscape) {
  dialog { width: min(44rem, 100vw - 24px) !important }
}`;

function captureInDialog(options: CaptureOptions): Promise<CaptureResult> {
  definePerseCamera();
  const { signal, onHint, onFace, ...properties } = options;
  delete properties.video;
  // A shadow root keeps the page's styles away from the dialog.
  const host = document.createElement('div');
  const dialog = document.createElement('dialog');
  const camera = document.createElement('perse-camera');
  assign(camera, properties);
  dialog.setAttribute('aria-label', messageOf('label', options));
  Object.assign(dialog.style, {
    ...{ padding: '0', border: 'none', background: 'none', overflow: 'visible', colorScheme: 'inherit' },
    ...{ width: 'min(26rem, 100vw - 24px)', maxWidth: 'none', maxHeight: 'none' },
  });
  dialog.append(camera);
  const root = host.attachShadow({ mode: 'open' });
  root.append(dialog);
  if (root.adoptedStyleSheets) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(DIALOG);
    root.adoptedStyleSheets = [sheet];
  }
  document.body.append(host);

  return new Promise((resolve) => {
    let failed: CaptureFailure | undefined;
    let isOver = false;
    const finish = (result: CaptureResult) => {
      if (isOver) return;
      isOver = true;
      camera.stop();
      signal?.removeEventListener('abort', abort);
      dialog.close();
      host.remove();
      resolve(result);
    };
    const succeed = (photos: readonly CapturedPhoto[], presence: Presence | null = null) => {
      const message = messageOf('captured', options);
      finish({ status: true, code: 'success', message, photos: [...photos], presence });
    };
    const abort = () => {
      // Without an end, the photos so far are the result.
      if (options.count === 0 && camera.photos.length > 0) succeed(camera.photos);
      else finish(failed ?? failure('aborted', options));
    };
    signal?.addEventListener('abort', abort);
    camera.addEventListener('hint', ({ detail }) => onHint?.(detail));
    camera.addEventListener('face', ({ detail }) => onFace?.(detail));
    camera.addEventListener('complete', ({ detail }) => succeed(detail.photos, detail.presence));
    camera.addEventListener('statechange', ({ detail }) => {
      if (detail.state === 'requesting') failed = undefined;
      // Stopped from outside: by another camera of the page, or after a long interruption.
      if (detail.state === 'idle') abort();
    });
    camera.addEventListener('cancel', abort);
    // The person may try again, or choose a file; the failure counts when they leave.
    camera.addEventListener('fail', ({ detail }) => (failed = { status: false, ...detail }));
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      abort();
    });
    dialog.showModal();
    void camera.start();
  });
}

function assign(camera: PerseCamera, properties: Partial<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) Object.assign(camera, { [name]: value });
  }
}
