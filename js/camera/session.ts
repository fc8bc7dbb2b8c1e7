/**
 * The capture: a state machine from the first prompt to the last photo. It knows no DOM; the camera, the
 * analyser and the clock come from outside.
 *
 *     idle → requesting → starting → searching ⇄ guiding → holding → capturing → done
 *
 * From any state: interrupted (hidden or muted; goes on within 30 s), failed, cancelled, idle (stopped).
 * Whatever the way out, the camera is off before the state changes.
 */
import { bare } from '../own.js';
import type { FrameReport, LoadAnalyser } from './analyser.js';
import { Analysis } from './analysis.js';
import { isFacing, nextCamera } from './cameras.js';
import { Challenge } from './challenge.js';
import { Countdown } from './countdown.js';
import { CameraError, type CameraErrorCode, type CameraWarningCode } from './errors.js';
import { cropOf, describe, moveFace } from './face.js';
import { Guidance, type Advice, type Hint } from './guidance.js';
import { HintPacer } from './hint-pacer.js';
import { Hold } from './hold.js';
import { toSettings, type Settings } from './limits.js';
import { messageOf } from './messages.js';
import { PictureWatch } from './picture-watch.js';
import {
  systemClock,
  type CameraDevice,
  type CameraEvents,
  type CameraPort,
  type CameraRequest,
  type Clock,
  type EncodedPhoto,
  type OpenCamera,
} from './ports.js';
import { LIVE, OFF } from './states.js';
import { Timers } from './timers.js';
import type {
  CameraName,
  CapturedFace,
  CapturedPhoto,
  CaptureEvents,
  CaptureFailure,
  CaptureResult,
  CaptureState,
  HintDetail,
  KeptFrame,
  Presence,
  SessionOptions,
} from './types.js';

/** Parts of a session. */
export interface SessionParts {
  /** The camera. */
  camera: CameraPort;
  /** Loads what finds faces; starts while the browser asks the person. */
  loadAnalyser: LoadAnalyser;
  /** Tells the time. */
  clock?: Clock;
  /** Chooses challenges: a number from 0 to below 1. */
  random?: () => number;
}

const FIRST_FRAME_MS = 5_000;
const MUTE_MS = 1_000;
const INTERRUPTION_MS = 30_000;
/** A camera that ends sooner than that after its start is asked once more: Safari ends the first one of a tab. */
const EARLY_END_MS = 1_000;
const LOW_RESOLUTION = 720;
const CHALLENGE_MS = 10_000;
const KEEP_EVERY_MS = 500;

/**
 * Takes photos. The camera is on between `start()` and the first of: all photos, `stop`, `cancel`, failure.
 *
 * @example
 * const session: CaptureSession = openCamera(video);
 */
export class CaptureSession extends EventTarget {
  readonly #camera: CameraPort;
  readonly #clock: Clock;
  readonly #random: (() => number) | undefined;
  readonly #options: SessionOptions;
  #settings: Settings;

  readonly #timers: Timers;
  readonly #analysis: Analysis;
  readonly #guidance: Guidance;
  readonly #pacer: HintPacer;
  readonly #countdown: Countdown;
  readonly #picture = new PictureWatch();
  readonly #hold = new Hold();

  #state: CaptureState = 'idle';
  /** Counts openings and ends: what belongs to an older one is dropped. */
  #run = 0;
  /** Counts captures: a frame may outlive a switch of the camera, but not the capture. */
  #epoch = 0;
  #isSettled = false;
  #starting: Promise<void> | undefined;
  #result!: Promise<CaptureResult>;
  #settle: (result: CaptureResult) => void = () => {};

  #opened: OpenCamera | undefined;
  #openedAt = 0;
  #hasReopened = false;
  #hasSkippedInfrared = false;
  #request: CameraRequest;

  #isBusy = false;
  #lastFrameAt = 0;
  #progress = 0;
  #missedFaces = 0;

  #hint: HintDetail | undefined;
  #face: CapturedFace | undefined;

  #photos: CapturedPhoto[] = [];
  #photoAt = -Infinity;
  #shots: { resolve(photo: CapturedPhoto): void; reject(cause: CameraError): void }[] = [];

  #isHidden = false;
  #isMuted = false;
  #isTimeoutPaused = false;

  #challenge: Challenge | undefined;
  #presence: Presence | null = null;
  /** Frames of the challenge. */
  #frames: KeptFrame[] = [];
  #challengeAt = 0;

  /**
   * @throws TypeError naming an option whose type or range is wrong.
   */
  constructor(options: SessionOptions, { camera, loadAnalyser, clock = systemClock, random }: SessionParts) {
    super();
    // Only own properties count: any library may pollute `Object.prototype`.
    this.#options = bare({ ...options });
    this.#settings = toSettings(options);
    this.#request = { facing: this.#settings.facing, deviceId: this.#settings.deviceId };
    this.#camera = camera;
    this.#clock = clock;
    this.#random = random;
    this.#timers = new Timers(clock);
    this.#analysis = new Analysis(loadAnalyser, options.models, (cause) => this.#goByHand(cause));
    this.#guidance = new Guidance(this.#settings);
    this.#pacer = new HintPacer(clock, this.#timers, (hint) => this.#showHint(hint));
    this.#countdown = new Countdown(this.#settings.timeout, clock, this.#timers, () =>
      this.#fail(new CameraError('capture_timeout', 'No photo in time.')),
    );
    this.#expectResult();
  }

  /** State of the capture. */
  get state(): CaptureState {
    return this.#state;
  }

  /** The latest hint. */
  get hint(): HintDetail | undefined {
    return this.#hint;
  }

  /** The face of the latest frame. */
  get face(): CapturedFace | undefined {
    return this.#face;
  }

  /** The photos so far. */
  get photos(): readonly CapturedPhoto[] {
    return this.#photos;
  }

  /** The open camera. */
  get camera(): (CameraName & CameraDevice) | undefined {
    return this.#opened;
  }

  /** Whether photos are taken by themselves at present. */
  get isAutomatic(): boolean {
    return this.#settings.capture === 'auto' && !this.#analysis.isUnavailable;
  }

  /** Result of the capture. Never rejects. */
  get result(): Promise<CaptureResult> {
    return this.#result;
  }

  /**
   * Opens the camera. Resolves when the first frame is there, or when the capture ends. Does nothing while
   * the camera is on, but shows the picture in the state `needs_gesture`.
   *
   * @example
   * button.addEventListener('click', () => session.start());
   */
  start(): Promise<void> {
    if (this.#state === 'needs_gesture') {
      void this.#resume();
      return this.#starting!;
    }
    if (OFF.has(this.#state)) {
      this.#reset();
      const { signal } = this.#options;
      if (signal?.aborted) {
        this.#finish('idle', this.#failure('aborted'));
        return Promise.resolve();
      }
      signal?.addEventListener('abort', this.#onAbort, { once: true });
      this.#starting = new Promise((resolve) => {
        const finish = () => {
          if (!LIVE.has(this.#state) && !OFF.has(this.#state)) return;
          this.removeEventListener('statechange', finish);
          resolve();
        };
        this.addEventListener('statechange', finish);
      });
      void this.#open(this.#request);
      void this.#analysis.start();
    }
    return this.#starting!;
  }

  /**
   * Turns the camera off before it returns. Safe to call at any time.
   *
   * @example
   * session.stop();
   */
  stop(): void {
    if (OFF.has(this.#state)) return;
    const isEnough = this.#settings.count === 0 && this.#photos.length > 0;
    this.#end('idle', isEnough ? this.#success() : this.#failure('aborted'));
  }

  /**
   * Ends the capture as the person wishes: `stop`, with the event `cancel`.
   *
   * @example
   * closeButton.addEventListener('click', () => session.cancel());
   */
  cancel(): void {
    if (this.#state === 'failed') this.#change('cancelled');
    else if (OFF.has(this.#state)) return;
    else this.#end('cancelled', this.#failure('aborted'));
    this.#emit('cancel', {});
  }

  /**
   * Takes a photo now, whatever the hint. Rejects with a `CameraError` if the capture ends before.
   *
   * @example
   * const { blob } = await session.shoot();
   */
  shoot(): Promise<CapturedPhoto> {
    if (OFF.has(this.#state)) {
      return Promise.reject(new CameraError('aborted', 'The camera is off. Call start() first.'));
    }
    if (this.#challenge) return Promise.reject(new CameraError('aborted', 'All photos are taken.'));
    return new Promise((resolve, reject) => {
      this.#shots.push({ resolve, reject });
      void this.#look();
    });
  }

  /**
   * Opens another camera: one that looks there, the one with that `deviceId`, or the next one. Resolves
   * when it is open, or when the capture has ended.
   *
   * @example
   * await session.switchCamera('environment');
   */
  async switchCamera(to?: 'user' | 'environment' | (string & {})): Promise<void> {
    if (!this.#opened || this.#challenge) return;
    const run = this.#run;
    let request: CameraRequest;
    if (isFacing(to)) request = { facing: to };
    else if (to) request = { facing: this.#opened.facing, deviceId: to };
    else {
      const devices = await this.#camera.devices();
      if (run !== this.#run) return;
      request = nextCamera(devices, this.#opened);
    }
    const previous = this.#request;
    this.#request = request;
    await this.#reopen(previous);
  }

  /**
   * Switches the camera's light. A camera without one gives the warning `torch_unavailable`.
   *
   * @example
   * await session.setTorch(true);
   */
  async setTorch(isOn: boolean): Promise<void> {
    this.#settings = { ...this.#settings, torch: isOn };
    if (!this.#opened) return;
    const run = this.#run;
    const isDone = await this.#camera.setTorch(isOn);
    if (!isDone && isOn && run === this.#run) this.#warn('torch_unavailable');
  }

  /**
   * Lists the device's cameras. Never asks the person: labels are empty until a camera was allowed.
   *
   * @example
   * const names = (await session.devices()).map(({ label }) => label);
   */
  devices(): Promise<CameraDevice[]> {
    return this.#camera.devices();
  }

  /**
   * Stops and resumes the countdown to `capture_timeout`, as while a person works by keyboard.
   *
   * @example
   * dialog.addEventListener('keydown', () => session.pauseTimeout(true));
   */
  pauseTimeout(isPaused: boolean): void {
    if (this.#isTimeoutPaused === isPaused) return;
    this.#isTimeoutPaused = isPaused;
    if (isPaused) this.#countdown.pause();
    else if (LIVE.has(this.#state)) this.#startCountdown();
  }

  /**
   * Puts a photo that the person chose from their files in the place of one of the camera.
   *
   * @example
   * const { width, height } = await createImageBitmap(file);
   * session.acceptFile({ blob: file, width, height });
   */
  acceptFile(file: EncodedPhoto): void {
    if (this.#isSettled) this.#reset();
    const photo = this.#toPhoto(file, null, null, 'file');
    this.#keep(photo);
  }

  // Opening

  /** Opens a camera; where that fails, the one from before. */
  async #open(request: CameraRequest, previous?: CameraRequest): Promise<void> {
    const run = ++this.#run;
    this.#change('requesting');
    try {
      const opened = await this.#camera.open(request, this.#eventsOf(run));
      if (run !== this.#run) return;
      this.#opened = opened;
      this.#openedAt = this.#clock.now();
      this.#picture.reset();
      if (opened.isReplacement) this.#warn('camera_replaced');
      if (opened.needsGesture) this.#change('needs_gesture');
      else this.#awaitFrame();
      if (this.#settings.torch) await this.setTorch(true);
    } catch (cause) {
      if (run !== this.#run) return;
      if (!previous) return this.#fail(cause);
      this.#warn('camera_replaced');
      this.#request = previous;
      await this.#open(previous);
    }
  }

  async #reopen(previous?: CameraRequest): Promise<void> {
    this.#countdown.pause();
    this.#stopWaiting();
    this.#camera.close();
    this.#hold.end();
    this.#guidance.reset();
    await this.#open(this.#request, previous);
  }

  #awaitFrame(): void {
    this.#lastFrameAt = this.#clock.now();
    this.#progress = this.#camera.progress();
    this.#change('starting');
    // A hidden page gets no frames.
    if (this.#isHidden) return this.#interrupt();
    this.#timers.set('no-picture', FIRST_FRAME_MS, this.#checkFrames);
  }

  /** Fails when the camera has delivered nothing for a while. */
  readonly #checkFrames = (): void => {
    const progress = this.#camera.progress();
    if (progress !== this.#progress) this.#lastFrameAt = this.#clock.now();
    this.#progress = progress;
    const silence = this.#clock.now() - this.#lastFrameAt;
    if (silence >= FIRST_FRAME_MS) this.#fail(new CameraError('camera_no_picture', 'No frames.'));
    else this.#timers.set('no-picture', FIRST_FRAME_MS - silence, this.#checkFrames);
  };

  /** Without an analyser there is no guidance: the person takes the photo. */
  #goByHand(cause: unknown): void {
    this.#hold.end();
    this.#face = undefined;
    const code = (cause as { code?: unknown } | undefined)?.code;
    this.#warn(code === 'models_unavailable' ? code : 'wasm_unavailable');
    if (this.#challenge) return this.#endChallenge(false);
    if (LIVE.has(this.#state) && this.#state !== 'capturing') this.#change('guiding');
  }

  // Frames

  #eventsOf(run: number): CameraEvents {
    const during = (action: () => void) => () => {
      if (run === this.#run) action();
    };
    return {
      frame: during(() => this.#onFrame()),
      ended: during(() => this.#onEnded()),
      muted: during(() => {
        this.#isMuted = true;
        this.#timers.set('mute', MUTE_MS, () => this.#interrupt());
      }),
      unmuted: during(() => {
        this.#isMuted = false;
        this.#timers.clear('mute');
        this.#endInterruption();
      }),
      hidden: during(() => {
        this.#isHidden = true;
        this.#interrupt();
      }),
      visible: during(() => {
        this.#isHidden = false;
        this.#endInterruption();
      }),
      leaving: during(() => this.stop()),
      replaced: during(() => this.stop()),
    };
  }

  #onFrame(): void {
    const now = this.#clock.now();
    this.#lastFrameAt = now;
    if (this.#state === 'starting') {
      this.#change(this.#analysis.isUnavailable ? 'guiding' : 'searching');
      this.#startCountdown();
    }
    if (!LIVE.has(this.#state)) return;
    if (this.#hasUselessPicture(now)) return;
    void this.#look();
  }

  /** Whether this camera was given up for its picture. */
  #hasUselessPicture(now: number): boolean {
    const fault = this.#picture.look(() => this.#camera.probe(), this.#opened!.label, now);
    if (fault === 'black') {
      this.#fail(new CameraError('camera_no_picture', 'All frames are black.'));
      return true;
    }
    if (fault !== 'infrared' || this.#hasSkippedInfrared) return false;
    this.#hasSkippedInfrared = true;
    void this.switchCamera();
    return true;
  }

  /** Grabs and analyses the present frame; frames that come meanwhile are skipped. */
  async #look(): Promise<void> {
    if (this.#isBusy || !LIVE.has(this.#state)) return;
    const isShot = this.#shots.length > 0;
    const isAnalysed = this.#analysis.isReady;
    if (!isAnalysed && !isShot) return;
    this.#isBusy = true;
    const run = this.#run;
    const epoch = this.#epoch;
    const isOver = () => run !== this.#run || !LIVE.has(this.#state);
    let photo: ImageBitmap | undefined;
    try {
      const isKept = this.#isFrameDue();
      const wanted = { frame: isAnalysed, photo: isShot || isKept || this.#isDue() };
      const grab = await this.#camera.grab(wanted);
      photo = grab.photo;
      if (isOver()) return grab.frame?.close();
      let advice: Advice | undefined;
      if (grab.frame) {
        const report = await this.#analysis.analyse(grab.frame);
        if (isOver()) return;
        if (isKept && photo) {
          const kept = photo;
          photo = undefined;
          await this.#keepFrame(kept);
          if (isOver()) return;
        }
        if (report) advice = this.#advance(report, grab.width / report.width);
      }
      const isWanted = isShot || (advice?.isGood && this.#isDue());
      if (photo && isWanted) {
        const taken = photo;
        photo = undefined;
        await this.#take(taken, advice?.face && this.#face);
      }
    } catch (cause) {
      if (run === this.#run) this.#fail(cause);
    } finally {
      photo?.close();
      if (epoch === this.#epoch) this.#isBusy = false;
    }
  }

  /** Whether a photo follows if the next frame is good. */
  #isDue(): boolean {
    const now = this.#clock.now();
    return (
      this.isAutomatic &&
      !this.#challenge &&
      this.#hold.hasLasted(this.#settings.hold, now) &&
      now - this.#photoAt >= this.#settings.interval
    );
  }

  #advance(report: FrameReport, scale: number): Advice {
    const now = this.#clock.now();
    const advice = this.#guidance.judge(report, now);
    const { face, isGood } = advice;
    if (face) {
      this.#missedFaces = 0;
      this.#face = describe(face, advice, scale);
      this.#emit('face', this.#face);
    } else if (this.#face && ++this.#missedFaces >= 2) {
      this.#face = undefined;
      this.#emit('facelost', {});
    }
    if (this.#challenge) {
      this.#followChallenge(this.#challenge, advice);
      return advice;
    }
    this.#hold.add(isGood, now);
    if (this.#hold.isOn) {
      this.#change(this.isAutomatic ? 'holding' : 'guiding');
      this.#pacer.offer({ code: 'hold_still' });
    } else {
      this.#change(this.#face ? 'guiding' : 'searching');
      this.#pacer.offer(advice.hint);
    }
    return advice;
  }

  #showHint(hint: Hint): void {
    const code = hint.code === 'hold_still' && !this.isAutomatic ? 'ready' : hint.code;
    const message = messageOf(code, this.#options, hint.direction);
    this.#hint = Object.freeze({ ...hint, message });
    this.#emit('hint', this.#hint);
  }

  // Photos

  async #take(bitmap: ImageBitmap, face: CapturedFace | undefined): Promise<void> {
    const run = this.#run;
    this.#hold.end();
    this.#change('capturing');
    const { width, height } = bitmap;
    const { crop, cropMargin } = this.#settings;
    const part = crop === 'face' && face ? cropOf(face.box, cropMargin, width, height) : undefined;
    const file = await this.#camera.encode(bitmap, part);
    if (run !== this.#run) return;
    const seen = face ? moveFace(face, -(part?.x ?? 0), -(part?.y ?? 0)) : null;
    const camera = { label: this.#opened!.label, facing: this.#opened!.facing };
    const photo = this.#toPhoto(file, seen, camera, 'camera');
    if (Math.min(width, height) < LOW_RESOLUTION) {
      photo.warnings.push('low_resolution');
      this.#warn('low_resolution');
    }
    this.#keep(photo);
  }

  #toPhoto(
    { blob, width, height }: EncodedPhoto,
    face: CapturedFace | null,
    camera: CapturedPhoto['camera'],
    source: CapturedPhoto['source'],
  ): CapturedPhoto {
    return {
      ...{ blob, width, height, count: this.#photos.length + 1, total: this.#settings.count },
      ...{ face, quality: face?.quality ?? null, takenAt: Date.now(), source, camera, warnings: [] },
    };
  }

  #keep(photo: CapturedPhoto): void {
    this.#photos.push(Object.freeze(photo));
    this.#photoAt = this.#clock.now();
    const shots = this.#shots.splice(0);
    const isLast = this.#photos.length === this.#settings.count;
    const { challenge } = this.#settings;
    const isChallenged = isLast && challenge !== 'none';
    if (!isChallenged) this.#pacer.offer({ code: 'captured' });
    // The camera is off before the page hears of the last photo.
    if (isLast && !isChallenged) this.#release();
    const run = this.#run;
    this.#emit('photo', photo);
    for (const { resolve } of shots) resolve(photo);
    if (isChallenged) {
      // The page may have stopped the capture meanwhile.
      if (run === this.#run) this.#beginChallenge(new Challenge(challenge, this.#random));
    } else if (isLast) {
      this.#complete();
    } else if (this.#state === 'capturing') {
      this.#countdown.reset();
      this.#startCountdown();
      this.#change('guiding');
    }
  }

  #complete(): void {
    this.#finish('done', this.#success());
    this.#emit('complete', { photos: Object.freeze([...this.#photos]), presence: this.#presence });
  }

  // Challenges

  #beginChallenge(challenge: Challenge): void {
    this.#challenge = challenge;
    // A file, or a camera without an engine, shows no action.
    if (!this.#analysis.isReady) return this.#endChallenge(false);
    this.#challengeAt = this.#clock.now();
    this.#countdown.pause();
    this.#change('challenging');
    this.#timers.set('challenge', CHALLENGE_MS, () => this.#endChallenge(false));
  }

  /** Whether the challenge keeps the next frame. */
  #isFrameDue(): boolean {
    if (!this.#challenge || !this.#settings.keepFrames) return false;
    const lastAt = this.#frames.at(-1)?.at ?? -Infinity;
    return this.#clock.now() - this.#challengeAt - lastAt >= KEEP_EVERY_MS;
  }

  /** Before the frame is judged, so that the one that passes is there, too. */
  async #keepFrame(frame: ImageBitmap): Promise<void> {
    const [run, at] = [this.#run, this.#clock.now() - this.#challengeAt];
    const file = await this.#camera.encode(frame, undefined);
    if (run === this.#run) this.#frames.push(Object.freeze({ ...file, at: Math.round(at) }));
  }

  /** Fails when the face goes out of sight or is not alone: another person may come in its place. */
  #followChallenge(challenge: Challenge, { face, eyes, hint }: Advice): void {
    if (!this.#face || hint.code === 'several_faces') return this.#endChallenge(false);
    if (face && challenge.judge(face, eyes)) this.#endChallenge(true);
    else this.#pacer.offer({ code: challenge.hint });
  }

  #endChallenge(passed: boolean): void {
    const { name } = this.#challenge!;
    const frames = Object.freeze(this.#frames);
    this.#presence = Object.freeze({ challenges: [{ name, passed }], passed, frames });
    this.#release();
    this.#emit('presence', this.#presence);
    this.#complete();
  }

  // Interruptions

  #onEnded(): void {
    if (this.#challenge) return this.#endChallenge(false);
    const isEarly = this.#clock.now() - this.#openedAt < EARLY_END_MS;
    if (isEarly && !this.#hasReopened) {
      this.#hasReopened = true;
      void this.#reopen();
    } else if (this.#state !== 'interrupted') {
      // During an interruption it may be back afterwards.
      this.#fail(new CameraError('camera_disconnected', 'The track ended.'));
    }
  }

  #interrupt(): void {
    if (!LIVE.has(this.#state) && this.#state !== 'starting') return;
    if (this.#challenge) return this.#endChallenge(false);
    this.#hold.end();
    this.#countdown.pause();
    this.#timers.clear('no-picture');
    this.#change('interrupted');
    this.#timers.set('interruption', INTERRUPTION_MS, () => this.stop());
  }

  #endInterruption(): void {
    if (this.#state !== 'interrupted' || this.#isHidden || this.#isMuted) return;
    this.#timers.clear('interruption');
    void this.#resume();
  }

  async #resume(): Promise<void> {
    const run = this.#run;
    this.#guidance.reset();
    try {
      const isShown = await this.#camera.resume();
      if (run !== this.#run) return;
      if (isShown) this.#awaitFrame();
      else await this.#reopen();
    } catch (cause) {
      if (run === this.#run) this.#fail(cause);
    }
  }

  #startCountdown(): void {
    if (!this.#isTimeoutPaused) this.#countdown.start();
  }

  // Ends

  readonly #onAbort = (): void => this.stop();

  #fail(cause: unknown): void {
    if (OFF.has(this.#state)) return;
    const code = cause instanceof CameraError ? (cause.code as CameraErrorCode) : 'internal_error';
    const failure = this.#failure(code);
    this.#end('failed', failure, cause instanceof CameraError ? cause : new CameraError(code, cause));
    this.#emit('fail', { code: failure.code, message: failure.message });
  }

  #end(
    state: CaptureState,
    result: CaptureResult,
    cause = new CameraError('aborted', 'The camera is off.'),
  ): void {
    this.#release();
    for (const { reject } of this.#shots.splice(0)) reject(cause);
    this.#finish(state, result);
  }

  /** Turns everything off, at once. */
  #release(): void {
    this.#camera.close();
    this.#run++;
    this.#epoch++;
    this.#isBusy = false;
    this.#analysis.release();
    this.#countdown.reset();
    this.#stopWaiting();
    this.#opened = undefined;
    this.#face = undefined;
    this.#challenge = undefined;
    this.#frames = [];
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  #finish(state: CaptureState, result: CaptureResult): void {
    this.#isSettled = true;
    this.#settle(result);
    this.#change(state);
  }

  #reset(): void {
    if (this.#isSettled) this.#expectResult();
    this.#epoch++;
    this.#photos = [];
    this.#photoAt = -Infinity;
    this.#hint = undefined;
    this.#hold.end();
    this.#pacer.reset();
    this.#hasReopened = this.#hasSkippedInfrared = false;
    this.#isHidden = this.#isMuted = false;
    this.#missedFaces = 0;
    this.#presence = null;
    this.#guidance.reset();
  }

  #expectResult(): void {
    this.#isSettled = false;
    this.#result = new Promise((resolve) => (this.#settle = resolve));
  }

  #success(): CaptureResult {
    return {
      status: true,
      code: 'success',
      message: messageOf('captured', this.#options),
      photos: [...this.#photos],
      presence: this.#presence,
    };
  }

  #failure(code: CameraErrorCode): CaptureFailure {
    return { status: false, code, message: messageOf(code, this.#options) };
  }

  #warn(code: CameraWarningCode): void {
    this.#emit('warning', { code, message: messageOf(code, this.#options) });
  }

  #change(state: CaptureState): void {
    const previous = this.#state;
    if (state === previous) return;
    this.#state = state;
    this.#emit('statechange', { state, previous });
  }

  #emit<Type extends keyof CaptureEvents>(type: Type, detail: CaptureEvents[Type]): void {
    this.dispatchEvent(new CustomEvent(type, { detail: Object.freeze(detail) }));
  }

  #stopWaiting(): void {
    this.#timers.clearAll();
    this.#pacer.cancel();
  }
}

/**
 * Types of the listeners.
 *
 * @example
 * session.addEventListener('photo', ({ detail }) => upload(detail.blob));
 */
export interface CaptureSession {
  /**
   * Calls a listener at each event.
   *
   * @example
   * session.addEventListener('hint', ({ detail }) => (output.textContent = detail.message));
   */
  addEventListener<Type extends keyof CaptureEvents>(
    type: Type,
    listener: (event: CustomEvent<CaptureEvents[Type]>) => void,
    options?: AddEventListenerOptions | boolean,
  ): void;
  /**
   * Calls a listener at each event, whatever its type.
   *
   * @example
   * session.addEventListener(type, (event) => console.log(event.type));
   */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
}
