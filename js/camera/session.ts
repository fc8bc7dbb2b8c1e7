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
import type { Analyser, FrameReport, LoadAnalyser } from './analyser.js';
import { Challenge } from './challenge.js';
import { CameraError, type CameraErrorCode, type CameraWarningCode } from './errors.js';
import { cropOf, describe, moveFace } from './face.js';
import { Guidance, type Advice, type Hint } from './guidance.js';
import { toSettings, type Settings } from './limits.js';
import { messageOf } from './messages.js';
import {
  systemClock,
  type CameraDevice,
  type CameraEvents,
  type CameraPort,
  type CameraRequest,
  type Clock,
  type EncodedPhoto,
  type OpenCamera,
  type Timer,
} from './ports.js';
import { LIVE, OFF } from './states.js';
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

const HINT_EVERY_MS = 700;
const LAPSE_MS = 150;
const FIRST_FRAME_MS = 5_000;
const BLACK_MS = 3_000;
const PROBE_EVERY_MS = 500;
const MUTE_MS = 1_000;
const INTERRUPTION_MS = 30_000;
/** A camera that ends sooner than that after its start is asked once more: Safari ends the first one of a tab. */
const EARLY_END_MS = 1_000;
const INFRARED_MS = 1_000;
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
  readonly #loadAnalyser: LoadAnalyser;
  readonly #clock: Clock;
  readonly #options: SessionOptions;
  #settings: Settings;
  readonly #guidance: Guidance;

  #state: CaptureState = 'idle';
  /** Counts openings and ends: what belongs to an older one is dropped. */
  #run = 0;
  /** Counts captures: the analyser outlives a switch of the camera, but not the capture. */
  #epoch = 0;
  #isSettled = false;
  #starting: Promise<void> | undefined;
  #result!: Promise<CaptureResult>;
  #settle: (result: CaptureResult) => void = () => {};

  #opened: OpenCamera | undefined;
  #openedAt = 0;
  #hasReopened = false;
  #request: CameraRequest;
  #analyser: Analyser | undefined;
  #hasReloaded = false;
  #isAnalyserOff = false;

  #isBusy = false;
  #lastFrameAt = 0;
  #progress = 0;
  #lastProbeAt = 0;
  #blackSince: number | undefined;
  #greySince: number | undefined;
  #hasSkippedInfrared = false;
  #missedFaces = 0;

  #hint: HintDetail | undefined;
  #hintKey = '';
  #hintAt = -Infinity;
  #nextHint: Hint | undefined;

  #face: CapturedFace | undefined;
  #holdSince: number | undefined;
  #goodAt = 0;

  #photos: CapturedPhoto[] = [];
  #photoAt = -Infinity;
  #shots: { resolve(photo: CapturedPhoto): void; reject(cause: CameraError): void }[] = [];

  #isHidden = false;
  #isMuted = false;
  #timeLeft = 0;
  #deadlineAt: number | undefined;
  #isTimeoutPaused = false;

  readonly #random: (() => number) | undefined;
  #challenge: Challenge | undefined;
  #presence: Presence | null = null;
  /** Frames of the challenge. */
  #frames: KeptFrame[] = [];
  #challengeAt = 0;

  readonly #timers = new Map<string, Timer>();

  /**
   * @throws TypeError naming an option whose type or range is wrong.
   */
  constructor(options: SessionOptions, { camera, loadAnalyser, clock = systemClock, random }: SessionParts) {
    super();
    // Only own properties count: any library may pollute `Object.prototype`.
    this.#options = bare({ ...options });
    this.#settings = toSettings(options);
    this.#guidance = new Guidance(this.#settings);
    this.#request = { facing: this.#settings.facing, deviceId: this.#settings.deviceId };
    this.#camera = camera;
    this.#loadAnalyser = loadAnalyser;
    this.#clock = clock;
    this.#random = random;
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
    return this.#settings.capture === 'auto' && !this.#isAnalyserOff;
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
      void this.#load();
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
    if (isPaused) this.#stopCountdown();
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
      this.#blackSince = this.#greySince = undefined;
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
    this.#clearTimers();
    this.#camera.close();
    this.#stopCountdown();
    this.#holdSince = undefined;
    this.#guidance.reset();
    await this.#open(this.#request, previous);
  }

  #awaitFrame(): void {
    this.#lastFrameAt = this.#clock.now();
    this.#progress = this.#camera.progress();
    this.#change('starting');
    // A hidden page gets no frames.
    if (this.#isHidden) return this.#interrupt();
    this.#set('no-picture', FIRST_FRAME_MS, this.#checkFrames);
  }

  /** Fails when the camera has delivered nothing for a while. */
  readonly #checkFrames = (): void => {
    const progress = this.#camera.progress();
    if (progress !== this.#progress) this.#lastFrameAt = this.#clock.now();
    this.#progress = progress;
    const silence = this.#clock.now() - this.#lastFrameAt;
    if (silence >= FIRST_FRAME_MS) this.#fail(new CameraError('camera_no_picture', 'No frames.'));
    else this.#set('no-picture', FIRST_FRAME_MS - silence, this.#checkFrames);
  };

  async #load(): Promise<void> {
    const epoch = this.#epoch;
    const isOver = () => epoch !== this.#epoch;
    try {
      const analyser = await this.#loadAnalyser({ models: this.#options.models });
      if (isOver()) return analyser.dispose();
      this.#analyser = analyser;
    } catch (cause) {
      if (!isOver()) this.#goByHand(cause);
    }
  }

  /** Without an analyser there is no guidance: the person takes the photo. */
  #goByHand(cause: unknown): void {
    this.#isAnalyserOff = true;
    this.#holdSince = undefined;
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
        this.#set('mute', MUTE_MS, () => this.#interrupt());
      }),
      unmuted: during(() => {
        this.#isMuted = false;
        this.#unset('mute');
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
      this.#change(this.#isAnalyserOff ? 'guiding' : 'searching');
      this.#startCountdown();
    }
    if (!LIVE.has(this.#state)) return;
    if (now - this.#lastProbeAt >= PROBE_EVERY_MS) {
      this.#lastProbeAt = now;
      if (this.#probe(now)) return;
    }
    void this.#look();
  }

  /** Finds cameras whose picture is of no use. `true` if this one was given up. */
  #probe(now: number): boolean {
    const seen = this.#camera.probe();
    this.#blackSince = seen === 'black' ? (this.#blackSince ?? now) : undefined;
    if (this.#blackSince !== undefined && now - this.#blackSince >= BLACK_MS) {
      this.#fail(new CameraError('camera_no_picture', 'All frames are black.'));
      return true;
    }
    // Some phones and laptops name their infrared camera first.
    this.#greySince = seen === 'color' ? undefined : (this.#greySince ?? now);
    const isGrey = this.#greySince !== undefined && now - this.#greySince >= INFRARED_MS;
    if (isGrey && !this.#hasSkippedInfrared && isInfrared(this.#opened!.label)) {
      this.#hasSkippedInfrared = true;
      void this.switchCamera();
      return true;
    }
    return false;
  }

  /** Grabs and analyses the present frame; frames that come meanwhile are skipped. */
  async #look(): Promise<void> {
    if (this.#isBusy || !LIVE.has(this.#state)) return;
    const analyser = this.#analyser;
    const isShot = this.#shots.length > 0;
    if (!analyser && !isShot) return;
    this.#isBusy = true;
    const run = this.#run;
    const epoch = this.#epoch;
    const isOver = () => run !== this.#run || !LIVE.has(this.#state);
    let photo: ImageBitmap | undefined;
    try {
      const isKept = this.#isFrameDue();
      const wanted = { frame: !!analyser, photo: isShot || isKept || this.#isDue() };
      const grab = await this.#camera.grab(wanted);
      photo = grab.photo;
      if (isOver()) return grab.frame?.close();
      let advice: Advice | undefined;
      let report: FrameReport | undefined;
      if (analyser && grab.frame) {
        try {
          report = await analyser.analyse(grab.frame);
        } catch (cause) {
          if (epoch !== this.#epoch) return;
          await this.#replaceAnalyser(cause);
        }
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

  /** A worker that died is replaced once; then photos are taken by hand. */
  async #replaceAnalyser(cause: unknown): Promise<void> {
    this.#analyser?.dispose();
    this.#analyser = undefined;
    if (this.#hasReloaded) return this.#goByHand(cause);
    this.#hasReloaded = true;
    await this.#load();
  }

  /** Whether a photo follows if the next frame is good. */
  #isDue(): boolean {
    const now = this.#clock.now();
    return (
      this.isAutomatic &&
      !this.#challenge &&
      this.#holdSince !== undefined &&
      now - this.#holdSince >= this.#settings.hold &&
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
    if (isGood) {
      this.#goodAt = now;
      this.#holdSince ??= now;
    } else if (this.#holdSince !== undefined && now - this.#goodAt > LAPSE_MS) {
      this.#holdSince = undefined;
    }
    if (this.#holdSince !== undefined) {
      this.#change(this.isAutomatic ? 'holding' : 'guiding');
      this.#showHint({ code: 'hold_still' });
    } else {
      this.#change(this.#face ? 'guiding' : 'searching');
      this.#showHint(advice.hint);
    }
    return advice;
  }

  /** Tells a hint, unless it was told; a quick series of hints is thinned out. */
  #showHint(hint: Hint): void {
    const key = `${hint.code} ${hint.direction}`;
    if (key === this.#hintKey) {
      this.#nextHint = undefined;
      this.#unset('hint');
      return;
    }
    const now = this.#clock.now();
    const wait = hint.code === 'captured' ? 0 : this.#hintAt + HINT_EVERY_MS - now;
    if (wait > 0) {
      if (!this.#nextHint) this.#set('hint', wait, () => this.#nextHint && this.#showHint(this.#nextHint));
      this.#nextHint = hint;
      return;
    }
    this.#nextHint = undefined;
    this.#unset('hint');
    this.#hintKey = key;
    this.#hintAt = now;
    const code = hint.code === 'hold_still' && !this.isAutomatic ? 'ready' : hint.code;
    const message = messageOf(code, this.#options, hint.direction);
    this.#hint = Object.freeze({ ...hint, message });
    this.#emit('hint', this.#hint);
  }

  // Photos

  async #take(bitmap: ImageBitmap, face: CapturedFace | undefined): Promise<void> {
    const run = this.#run;
    this.#holdSince = undefined;
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
    if (!isChallenged) this.#showHint({ code: 'captured' });
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
      this.#restartCountdown();
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
    if (!this.#analyser) return this.#endChallenge(false);
    this.#challengeAt = this.#clock.now();
    this.#stopCountdown();
    this.#change('challenging');
    this.#set('challenge', CHALLENGE_MS, () => this.#endChallenge(false));
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
    else this.#showHint({ code: challenge.hint });
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
    this.#holdSince = undefined;
    this.#stopCountdown();
    this.#unset('no-picture');
    this.#change('interrupted');
    this.#set('interruption', INTERRUPTION_MS, () => this.stop());
  }

  #endInterruption(): void {
    if (this.#state !== 'interrupted' || this.#isHidden || this.#isMuted) return;
    this.#unset('interruption');
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

  // Timeout

  #startCountdown(): void {
    const isOff = this.#settings.timeout === 0 || this.#isTimeoutPaused || this.#deadlineAt !== undefined;
    if (isOff) return;
    this.#deadlineAt = this.#clock.now() + this.#timeLeft;
    this.#set('timeout', this.#timeLeft, () =>
      this.#fail(new CameraError('capture_timeout', 'No photo in time.')),
    );
  }

  #stopCountdown(): void {
    if (this.#deadlineAt === undefined) return;
    this.#timeLeft = Math.max(0, this.#deadlineAt - this.#clock.now());
    this.#deadlineAt = undefined;
    this.#unset('timeout');
  }

  #restartCountdown(): void {
    this.#stopCountdown();
    this.#timeLeft = this.#settings.timeout;
    this.#startCountdown();
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
    this.#analyser?.dispose();
    this.#analyser = undefined;
    this.#clearTimers();
    this.#deadlineAt = undefined;
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
    this.#photoAt = this.#hintAt = -Infinity;
    this.#hint = this.#holdSince = this.#blackSince = this.#greySince = this.#nextHint = undefined;
    this.#hintKey = '';
    this.#isAnalyserOff = this.#hasReloaded = this.#hasReopened = this.#hasSkippedInfrared = false;
    this.#isHidden = this.#isMuted = false;
    this.#lastProbeAt = -Infinity;
    this.#missedFaces = 0;
    this.#presence = null;
    this.#timeLeft = this.#settings.timeout;
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

  #set(name: string, ms: number, action: () => void): void {
    this.#unset(name);
    this.#timers.set(
      name,
      this.#clock.set(() => {
        this.#timers.delete(name);
        action();
      }, ms),
    );
  }

  #unset(name: string): void {
    this.#clock.clear(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #clearTimers(): void {
    for (const name of [...this.#timers.keys()]) this.#unset(name);
    this.#nextHint = undefined;
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

const isFacing = (to: string | undefined): to is 'user' | 'environment' =>
  to === 'user' || to === 'environment';

const isInfrared = (label: string): boolean => /infra.?red|\bIR\b/i.test(label);

/** The camera after the open one, in the browser's order; the other way round where there is no list. */
function nextCamera(devices: CameraDevice[], { deviceId, facing }: OpenCamera): CameraRequest {
  const others = devices.filter((device) => device.deviceId && !isInfrared(device.label));
  const index = others.findIndex((device) => device.deviceId === deviceId);
  const next = others[(index + 1) % others.length];
  const opposite = facing === 'user' ? 'environment' : 'user';
  return next && next.deviceId !== deviceId
    ? { facing: opposite, deviceId: next.deviceId }
    : { facing: opposite };
}
