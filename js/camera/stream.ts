/**
 * The one owner of a camera's stream. Nothing else in the package calls `getUserMedia` or stops a track.
 *
 * A page has one open camera: in Safari a second stream mutes the first (WebKit 179363). The
 * capture that opens last takes over, and the one before is told.
 */
import { bare } from '../own.js';
import { CameraError, toCameraError } from './errors.js';
import type {
  CameraDevice,
  CameraEvents,
  CameraPort,
  CameraRequest,
  Crop,
  EncodedPhoto,
  Grab,
  OpenCamera,
} from './ports.js';

/** Shorter side of analysed frames, in pixels. */
const FRAME_SIDE = 480;
const JPEG_QUALITY = 0.92;
const PROBE_SIDE = 16;
/** Luma of a black frame is 0 to 8 after the conversion from video levels. */
const BLACK = 8;
const GREY_SPREAD = 6;

/** The owner of the page's camera, also across copies of this module. */
const OWNER = Symbol.for('perse-wasm.camera');
const page = globalThis as { [OWNER]?: (() => void) | undefined };

/** A camera shown in a `<video>`. */
export class VideoCamera implements CameraPort {
  readonly #video: HTMLVideoElement;
  #generation = 0;
  #stream: MediaStream | undefined;
  /** Stream of the video; it outlives the camera's stream by a few lines of `close`. */
  #shown: MediaStream | undefined;
  #cleanUp: (() => void)[] = [];
  #probeCanvas: CanvasRenderingContext2D | undefined;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  async open(request: CameraRequest, events: CameraEvents): Promise<OpenCamera> {
    this.close();
    const generation = this.#generation;
    const check = () => {
      if (generation !== this.#generation) throw new CameraError('aborted', 'The camera was closed.');
    };
    page[OWNER]?.();
    const release = () => events.replaced();
    page[OWNER] = release;
    this.#cleanUp.push(() => {
      if (page[OWNER] === release) page[OWNER] = undefined;
    });
    this.#listen(document, 'visibilitychange', () => (document.hidden ? events.hidden() : events.visible()));
    this.#listen(window, 'pagehide', () => events.leaving());

    const { stream, isReplacement } = await this.#request(request, check);
    this.#stream = stream;
    const track = stream.getVideoTracks()[0];
    if (!track) throw new CameraError('camera_not_found', 'The stream has no video track.');
    // Handlers, not listeners: Firefox 153 calls only these for events that a script dispatches.
    track.onended = () => events.ended();
    track.onmute = () => events.muted();
    track.onunmute = () => events.unmuted();
    this.#cleanUp.push(() => (track.onended = track.onmute = track.onunmute = null));
    const needsGesture = !(await this.#show(stream));
    check();
    this.#watchFrames(events);
    const { facingMode, deviceId = '' } = track.getSettings();
    const looksAway = facingMode ? facingMode === 'environment' : /\b(back|rear)\b/i.test(track.label);
    return {
      label: track.label,
      facing: looksAway ? 'environment' : 'user',
      ...{ deviceId, isReplacement, needsGesture },
    };
  }

  close(): void {
    this.#generation++;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    for (const action of this.#cleanUp.splice(0)) action();
    // Another session may show its own stream in the same element by now.
    if (this.#shown && this.#video.srcObject === this.#shown) this.#video.srcObject = null;
    this.#shown = undefined;
  }

  async resume(): Promise<boolean> {
    const stream = this.#stream;
    const isEnded = stream?.getVideoTracks().some(({ readyState }) => readyState === 'ended') ?? true;
    if (!stream || isEnded) return false;
    // iOS keeps a frozen picture after a call unless the stream is attached again.
    this.#video.srcObject = null;
    return this.#show(stream);
  }

  async grab(wanted: { frame: boolean; photo: boolean }): Promise<Grab> {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const scale = Math.min(1, FRAME_SIDE / Math.min(width, height));
    const size: ImageBitmapOptions =
      scale < 1
        ? {
            resizeWidth: Math.round(width * scale),
            resizeHeight: Math.round(height * scale),
            resizeQuality: 'low',
          }
        : {};
    // The photo has to be of the analysed moment: the frame is made from it.
    const photo = wanted.photo ? await createImageBitmap(this.#video) : undefined;
    try {
      const frame = wanted.frame ? await createImageBitmap(photo ?? this.#video, size) : undefined;
      return { frame, photo, width, height };
    } catch (cause) {
      photo?.close();
      throw cause;
    }
  }

  progress(): number {
    return this.#video.getVideoPlaybackQuality?.().totalVideoFrames || this.#video.currentTime;
  }

  probe(): 'black' | 'grey' | 'color' {
    if (!this.#probeCanvas) {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = PROBE_SIDE;
      this.#probeCanvas = canvas.getContext('2d', { willReadFrequently: true }) ?? undefined;
    }
    const context = this.#probeCanvas;
    if (!context) return 'color';
    context.drawImage(this.#video, 0, 0, PROBE_SIDE, PROBE_SIDE);
    const { data } = context.getImageData(0, 0, PROBE_SIDE, PROBE_SIDE);
    let isBlack = true;
    for (let i = 0; i < data.length; i += 4) {
      const [red, green, blue] = [data[i]!, data[i + 1]!, data[i + 2]!];
      const lightest = Math.max(red, green, blue);
      if (lightest - Math.min(red, green, blue) > GREY_SPREAD) return 'color';
      if (lightest > BLACK) isBlack = false;
    }
    return isBlack ? 'black' : 'grey';
  }

  async encode(photo: ImageBitmap, crop: Crop | undefined): Promise<EncodedPhoto> {
    const { x, y, width, height } = crop ?? { x: 0, y: 0, width: photo.width, height: photo.height };
    try {
      const blob = await encodeJpeg(width, height, (context) => context.drawImage(photo, -x, -y));
      return { blob, width, height };
    } finally {
      photo.close();
    }
  }

  async setTorch(isOn: boolean): Promise<boolean> {
    const track = this.#stream?.getVideoTracks()[0];
    const capabilities = track?.getCapabilities?.() as { torch?: boolean } | undefined;
    if (!track || !capabilities?.torch) return false;
    const constraint = { advanced: [{ torch: isOn }] } as unknown as MediaTrackConstraints;
    return track.applyConstraints(constraint).then(
      () => true,
      () => false,
    );
  }

  async devices(): Promise<CameraDevice[]> {
    const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
    return all
      .filter(({ kind }) => kind === 'videoinput')
      .map(({ deviceId, label }) => ({ deviceId, label }));
  }

  async #request(request: CameraRequest, check: () => void) {
    if (globalThis.isSecureContext === false) throw new CameraError('insecure_context');
    // Some webviews define it late: it is looked for at each start.
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError('camera_unsupported');
    const deviceId = request.deviceId ?? (await this.#mainBackCamera(request));
    check();
    const size = { width: { ideal: 1920 }, height: { ideal: 1080 } };
    const video: MediaTrackConstraints = deviceId
      ? { deviceId: { exact: deviceId }, ...size }
      : { facingMode: request.facing, ...size };
    const began = performance.now();
    try {
      return { stream: await this.#getUserMedia(video, check), isReplacement: false };
    } catch (cause) {
      check();
      const error = toCameraError(cause, { ...surroundings(), elapsed: performance.now() - began });
      const mayRetry =
        error.code === 'camera_not_suitable' || (!!deviceId && error.code === 'camera_not_found');
      if (!mayRetry) throw error;
    }
    try {
      const constraint = request.deviceId ? { facingMode: request.facing, ...size } : true;
      return { stream: await this.#getUserMedia(constraint, check), isReplacement: !!request.deviceId };
    } catch (cause) {
      check();
      throw toCameraError(cause, { ...surroundings(), elapsed: performance.now() - began });
    }
  }

  async #getUserMedia(video: MediaTrackConstraints | true, check: () => void): Promise<MediaStream> {
    // A browser also reads inherited constraints.
    const constraints = bare({ video: video === true || bare(video), audio: false });
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    try {
      check();
    } catch (cause) {
      // The person answered after the capture had ended.
      for (const track of stream.getTracks()) track.stop();
      throw cause;
    }
    return stream;
  }

  /** Phones list wide and tele lenses as cameras too. Known only once a camera was allowed. */
  async #mainBackCamera({ facing }: CameraRequest): Promise<string | undefined> {
    if (facing !== 'environment') return undefined;
    const back = (await this.devices()).filter(({ label }) => /\b(back|rear)\b/i.test(label));
    const main =
      back.find(({ label }) => /\b0\b/.test(label)) ??
      back.find(({ label }) => !/wide|tele|ultra|dual|triple|macro|depth/i.test(label));
    return main?.deviceId || undefined;
  }

  /** Shows a stream. `false` if the browser wants a tap first. */
  async #show(stream: MediaStream): Promise<boolean> {
    const video = this.#video;
    // Safari needs all three before it gets the stream, and reads the attributes.
    video.muted = video.autoplay = video.playsInline = true;
    for (const name of ['muted', 'autoplay', 'playsinline']) video.setAttribute(name, '');
    video.srcObject = this.#shown = stream;
    try {
      await video.play();
    } catch (cause) {
      // AbortError: moved in the document or given another stream meanwhile; it plays by `autoplay`.
      if ((cause as DOMException).name === 'NotAllowedError') return false;
      if ((cause as DOMException).name !== 'AbortError') throw cause;
    }
    return true;
  }

  #watchFrames(events: CameraEvents): void {
    const video = this.#video;
    let handle = 0;
    if (video.requestVideoFrameCallback) {
      const next = () => {
        handle = video.requestVideoFrameCallback(next);
        events.frame();
      };
      handle = video.requestVideoFrameCallback(next);
      this.#cleanUp.push(() => video.cancelVideoFrameCallback(handle));
    } else {
      // Firefox before 132.
      let time = -1;
      const next = () => {
        handle = requestAnimationFrame(next);
        if (video.readyState < 2 || video.currentTime === time) return;
        time = video.currentTime;
        events.frame();
      };
      handle = requestAnimationFrame(next);
      this.#cleanUp.push(() => cancelAnimationFrame(handle));
    }
  }

  #listen(target: EventTarget, type: string, listener: () => void): void {
    target.addEventListener(type, listener);
    this.#cleanUp.push(() => target.removeEventListener(type, listener));
  }
}

interface Policy {
  allowsFeature(name: string): boolean;
}

function surroundings(): { isFramed: boolean; isForbidden: boolean | undefined } {
  const { permissionsPolicy, featurePolicy } = document as {
    permissionsPolicy?: Policy;
    featurePolicy?: Policy;
  };
  const policy = permissionsPolicy ?? featurePolicy;
  return {
    isFramed: isForeignFrame(),
    isForbidden: policy?.allowsFeature ? !policy.allowsFeature('camera') : undefined,
  };
}

/** A frame of the same origin may use the camera by default. */
function isForeignFrame(): boolean {
  try {
    return window.self !== window.top && window.frameElement === null;
  } catch {
    return true;
  }
}

type Drawing = (context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D) => void;

async function encodeJpeg(width: number, height: number, draw: Drawing): Promise<Blob> {
  const type = 'image/jpeg';
  if (typeof OffscreenCanvas !== 'undefined') {
    const canvas = new OffscreenCanvas(width, height);
    // Safari before 17 has no 2D context here.
    const context = canvas.getContext('2d');
    if (context) {
      draw(context);
      return canvas.convertToBlob({ type, quality: JPEG_QUALITY });
    }
  }
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  draw(canvas.getContext('2d')!);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The canvas made no file.'))),
      type,
      JPEG_QUALITY,
    ),
  );
}
