/** `<perse-camera>`: a camera with guidance, for a page that wants no code of its own. */
import type { LoadAnalyser } from './analyser.js';
import { Announcer } from './announcer.js';
import { ATTRIBUTES, reflect, toAttribute, upgrade, type PerseCameraProperties } from './attributes.js';
import { loadEngine } from './engine.js';
import { CameraError } from './errors.js';
import { EVENT_TYPES } from './event-types.js';
import { FocusReturn } from './focus.js';
import { DEFAULTS, toSettings, type Settings } from './limits.js';
import { messageOf, type MessageKey, type MessageOptions } from './messages.js';
import type { CameraDevice } from './ports.js';
import { CaptureSession } from './session.js';
import { LIVE, OFF } from './states.js';
import { VideoCamera } from './stream.js';
import { createTree, type Tree } from './template.js';
import type { CaptureEvents, CapturedFace, CapturedPhoto, CaptureState, SessionOptions } from './types.js';
import { render, renderPlaces, renderTexts, type Scene } from './view.js';

/** Events of `<perse-camera>`; they don't bubble. */
export type PerseCameraEventMap = { [Type in keyof CaptureEvents]: CustomEvent<CaptureEvents[Type]> };

const isOn = (state: CaptureState) => !OFF.has(state);
const isLive = (state: CaptureState) => LIVE.has(state);

// A server has no elements, but may import the module.
const Base = globalThis.HTMLElement ?? class {};

/**
 * Shows the camera's picture, tells the person what to do better, and takes the photo by itself.
 *
 * The camera is off, and every track ended, as soon as the photos are taken, the person cancels, `stop()`
 * is called, the element leaves the page, the page is left, or anything fails.
 *
 * @example
 * <perse-camera></perse-camera>
 * <script type="module">
 *   document.querySelector('perse-camera').addEventListener('photo', ({ detail }) => upload(detail.blob));
 * </script>
 */
export class PerseCamera extends Base {
  /** Attributes whose changes take effect. */
  static get observedAttributes(): string[] {
    return [...ATTRIBUTES.keys()];
  }

  /** Texts of the page's own, by key. */
  #messages: MessageOptions['messages'];
  /** Loads another face engine than the package's. */
  #analyser: LoadAnalyser = loadEngine;

  #tree: Tree | undefined;
  #session: CaptureSession | undefined;
  #announcer: Announcer | undefined;
  #manualTimer: ReturnType<typeof setTimeout> | undefined;
  #isButtonShown = false;
  #hasHadFace = false;
  #failure: CaptureEvents['fail'] | undefined;
  #pictureUrl: string | undefined;
  #cameras = 0;
  readonly #focus = new FocusReturn(this);
  #resizes: ResizeObserver | undefined;

  /** State of the capture. */
  get state(): CaptureState {
    return this.#session?.state ?? 'idle';
  }

  /** The current hint. */
  get hint(): CaptureEvents['hint'] | undefined {
    return this.#session?.hint;
  }

  /** The face of the latest frame, in pixels of the video. */
  get face(): CapturedFace | undefined {
    return this.#session?.face;
  }

  /** The photos so far. */
  get photos(): readonly CapturedPhoto[] {
    return this.#session?.photos ?? [];
  }

  /** Texts of the page's own, by key; those that it doesn't name stay. */
  get messages(): MessageOptions['messages'] {
    return this.#messages;
  }

  set messages(messages: MessageOptions['messages']) {
    this.#messages = messages;
    this.#renderTexts();
  }

  /** Loads another face engine than the package's; takes effect at the next start. */
  get analyser(): LoadAnalyser {
    return this.#analyser;
  }

  set analyser(load: LoadAnalyser | undefined) {
    this.#analyser = load ?? loadEngine;
  }

  /**
   * Opens the camera; best from a tap, after the page has said why. Resolves when the first frame is there,
   * or when the capture ends. Safe to call twice.
   *
   * @example
   * button.addEventListener('click', () => camera.start());
   */
  async start(): Promise<void> {
    if (isOn(this.state)) return this.#session!.start();
    this.#build();
    this.#focus.remember(this.#tree!.frame);
    await this.#createSession().start();
  }

  /**
   * Turns the camera off before it returns. Safe to call at any time.
   *
   * @example
   * router.beforeEach(() => camera.stop());
   */
  stop(): void {
    this.#session?.stop();
  }

  /**
   * Ends the capture as the person would: `stop()`, with the event `cancel`.
   *
   * @example
   * closeButton.addEventListener('click', () => camera.cancel());
   */
  cancel(): void {
    this.#session?.cancel();
  }

  /**
   * Takes a photo now, whatever the hint. Rejects with a `CameraError` if the capture ends before.
   *
   * @example
   * const { blob } = await camera.shoot();
   */
  async shoot(): Promise<CapturedPhoto> {
    if (!this.#session) throw new CameraError('aborted', 'The camera is off. Call start() first.');
    return this.#session.shoot();
  }

  /**
   * Opens another camera: the one that looks there, the one with that `deviceId`, or the next one.
   *
   * @example
   * await camera.switchCamera('environment');
   */
  async switchCamera(to?: 'user' | 'environment' | (string & {})): Promise<void> {
    await this.#session?.switchCamera(to);
  }

  /**
   * Switches the camera's light, where it has one.
   *
   * @example
   * await camera.setTorch(true);
   */
  async setTorch(isOn: boolean): Promise<void> {
    await this.#session?.setTorch(isOn);
  }

  /**
   * Lists the device's cameras. Labels are empty until a camera was allowed.
   *
   * @example
   * const names = (await camera.devices()).map(({ label }) => label);
   */
  async devices(): Promise<CameraDevice[]> {
    this.#build();
    return new VideoCamera(this.#tree!.video).devices();
  }

  /** @internal */
  connectedCallback(): void {
    // A framework may have set properties before the class was known.
    for (const name of [...ATTRIBUTES.values(), 'messages', 'analyser']) upgrade(this, name);
    this.#build();
    this.#renderTexts();
    this.#render();
    this.#resizes?.observe(this.#tree!.stage);
    if (isLive(this.state)) void this.#tree!.video.play().catch(() => {}); // it pauses when it is moved
    this.#autostart();
  }

  /** @internal */
  disconnectedCallback(): void {
    // Moving the element in the document removes it for a moment.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.stop();
      this.#session = undefined;
      this.#resizes?.disconnect();
      this.#announcer?.clear();
      this.#forgetPicture();
    });
  }

  /** @internal */
  attributeChangedCallback(attribute: string, old: string | null, value: string | null): void {
    if (old === value) return;
    const name = ATTRIBUTES.get(attribute)!;
    if (name === 'locale') this.#renderTexts();
    if (!isOn(this.state)) {
      if (name === 'autostart') this.#autostart();
      return;
    }
    if (name === 'torch') void this.setTorch(this.torch);
    else if (name === 'facing') void this.switchCamera(this.facing);
    else if (name === 'deviceId' && this.deviceId) void this.switchCamera(this.deviceId);
    this.#render();
  }

  /** Starts once; later in the same task, so that frameworks have set all properties by then. */
  #autostart(): void {
    queueMicrotask(() => {
      if (this.autostart && this.isConnected && !this.#session) void this.start();
    });
  }

  #createSession(): CaptureSession {
    const tree = this.#tree!;
    const session = new CaptureSession(this.#options(), {
      camera: new VideoCamera(tree.video),
      loadAnalyser: (options) => this.#analyser(options),
    });
    this.#session = session;
    this.#failure = undefined;
    this.#hasHadFace = this.#isButtonShown = false;
    this.#forgetPicture();
    tree.fileProblem.textContent = '';
    for (const type of EVENT_TYPES) {
      session.addEventListener(type, ({ detail }) => {
        // Each event first changes what the element shows, then reaches the page.
        this.#onEvent(type, detail);
        this.dispatchEvent(new CustomEvent(type, { detail }));
      });
    }
    return session;
  }

  /** Attributes as options; a wrong one is reported and left at its default. */
  #options(): SessionOptions {
    const options: Record<string, unknown> = {};
    for (const name of Object.keys(DEFAULTS) as (keyof Settings)[]) {
      const value = name === 'roi' ? this.roi.split(/[\s,]+/).map(Number) : this[name];
      try {
        toSettings({ [name]: value });
        options[name] = value;
      } catch (error) {
        console.warn(`<perse-camera ${toAttribute(name)}>:`, (error as Error).message);
      }
    }
    if ((options.minSize as number) >= (options.maxSize as number)) {
      console.warn('<perse-camera min-size>: minSize expects less than maxSize.');
      delete options.minSize;
      delete options.maxSize;
    }
    return { ...options, ...this.#words(), models: this.models || undefined };
  }

  #words(): MessageOptions {
    const locale = this.locale || this.closest?.<HTMLElement>('[lang]')?.lang || undefined;
    return { locale, messages: this.#messages };
  }

  #text(key: MessageKey): string {
    return messageOf(key, this.#words());
  }

  #onEvent(type: keyof CaptureEvents, detail: CaptureEvents[keyof CaptureEvents]): void {
    const announcer = this.#announcer!;
    switch (type) {
      case 'statechange':
        this.#onState(detail as CaptureEvents['statechange']);
        break;
      case 'hint':
        announcer.hint((detail as CaptureEvents['hint']).message);
        break;
      case 'face':
        if (!this.#hasHadFace) announcer.fact(this.#text('face_found'));
        this.#hasHadFace = true;
        // At every frame: nothing else has changed.
        if (this.#tree && isLive(this.state)) renderPlaces(this.#tree, this.#scene());
        return;
      case 'facelost':
        this.#hasHadFace = false;
        announcer.fact(this.#text('face_lost'));
        break;
      case 'warning': {
        const { code, message } = detail as CaptureEvents['warning'];
        if (code === 'low_resolution') break; // nothing that the person could do now
        announcer.fact(message);
        if (code === 'models_unavailable' || code === 'wasm_unavailable') this.#showButton();
        break;
      }
      case 'photo':
        this.#showPicture(detail as CapturedPhoto);
        break;
      case 'fail':
        this.#failure = detail as CaptureEvents['fail'];
        break;
    }
    this.#render();
  }

  #onState({ state, previous }: CaptureEvents['statechange']): void {
    const wasLive = isLive(previous);
    if (isLive(state) && !wasLive) {
      this.#scheduleButton();
      void this.#countCameras();
    } else if (!isLive(state)) {
      clearTimeout(this.#manualTimer);
      this.#hasHadFace = false;
    }
    if (state === 'requesting' || state === 'needs_gesture' || state === 'interrupted') {
      this.#announcer!.hint(this.#text(state));
    }
    if (!isOn(state)) {
      if (state !== 'done') this.#announcer!.clear();
      // After the listeners of the page, which may move the focus themselves.
      const hadFocus = this.#focus.isInside;
      const { start, retry, choose, again } = this.#tree!;
      queueMicrotask(() => this.#focus.giveBack(hadFocus, [start, retry, choose, again]));
    }
  }

  /** Shows the button after a while, so that no limit locks a person out. */
  #scheduleButton(): void {
    clearTimeout(this.#manualTimer);
    const { manualAfter } = this;
    if (!this.#session!.isAutomatic || manualAfter === 0) this.#showButton();
    else if (manualAfter > 0) {
      this.#manualTimer = setTimeout(() => {
        this.#showButton();
        this.#announcer!.fact(this.#text('by_hand'));
        this.#render();
      }, manualAfter);
    }
  }

  #showButton(): void {
    this.#isButtonShown = true;
  }

  async #countCameras(): Promise<void> {
    this.#cameras = (await this.devices()).length;
    this.#render();
  }

  // Files

  async #onFile(): Promise<void> {
    const { file, fileProblem } = this.#tree!;
    const blob = file.files?.[0];
    file.value = '';
    if (!blob) return;
    try {
      const bitmap = await createImageBitmap(blob);
      const { width, height } = bitmap;
      bitmap.close();
      fileProblem.textContent = '';
      const session = this.#session ?? this.#createSession();
      session.acceptFile({ blob, width, height });
    } catch {
      fileProblem.textContent = this.#text('bad_file');
    }
  }

  #showPicture({ blob }: CapturedPhoto): void {
    this.#forgetPicture();
    this.#pictureUrl = URL.createObjectURL(blob);
    this.#tree!.picture.src = this.#pictureUrl;
  }

  #forgetPicture(): void {
    if (this.#pictureUrl) URL.revokeObjectURL(this.#pictureUrl);
    this.#pictureUrl = undefined;
    this.#tree?.picture.removeAttribute('src');
  }

  // The shadow tree

  #build(): void {
    if (this.#tree) return;
    const tree = (this.#tree = createTree(this.attachShadow({ mode: 'open' })));
    this.#announcer = new Announcer((text) => (tree.live.textContent = text));
    const begin = () => void this.start();
    for (const button of [tree.start, tree.retry, tree.again, tree.show]) {
      button.addEventListener('click', begin);
    }
    for (const button of [tree.cancel, tree.leave]) {
      button.addEventListener('click', () => this.cancel());
    }
    tree.shoot.addEventListener('click', () => void this.#session?.shoot().catch(() => {}));
    tree.turn.addEventListener('click', () => void this.switchCamera());
    tree.choose.addEventListener('click', () => tree.file.click());
    tree.file.addEventListener('change', () => void this.#onFile());
    tree.video.addEventListener('resize', () => this.#render()); // also when the device is turned
    tree.frame.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !isOn(this.state)) return;
      event.preventDefault();
      event.stopPropagation();
      this.cancel();
    });
    // A person who uses a keyboard or a switch has no time limit.
    const pause = (isPaused: boolean) => this.#session?.pauseTimeout(isPaused);
    for (const type of ['keydown', 'keyup']) tree.frame.addEventListener(type, () => pause(true));
    tree.frame.addEventListener('pointerdown', () => pause(false));
    tree.frame.addEventListener('focusout', ({ relatedTarget }) => {
      if (!tree.frame.contains(relatedTarget as Node | null)) pause(false);
    });
    if (typeof ResizeObserver !== 'undefined') this.#resizes = new ResizeObserver(() => this.#render());
  }

  #renderTexts(): void {
    if (!this.#tree) return;
    renderTexts(this.#tree, (key) => this.#text(key));
    this.#render();
  }

  #render(): void {
    if (this.#tree) render(this.#tree, this.#scene(), (key) => this.#text(key));
  }

  #scene(): Scene {
    const { state, hint, face, count, hold, facing, roi, showBox, showPoints, blurFace } = this;
    const session = this.#session;
    const isFrontal = (session?.camera?.facing ?? facing) !== 'environment';
    return {
      ...{ state, hint, face, count, hold, facing, roi, showBox, showPoints, blurFace },
      failure: this.#failure,
      isByHand: !!session && !session.isAutomatic && this.capture === 'auto',
      isButtonShown: this.#isButtonShown,
      isMirrored: this.mirror === 'auto' ? isFrontal : this.mirror === 'on',
      hasOtherCamera: this.#cameras > 1,
      hasFallback: this.fallback === 'file',
      taken: this.photos.length,
    };
  }
}

reflect(PerseCamera);

/**
 * Properties that mirror attributes, and types of the listeners.
 *
 * @example
 * camera.count = 3;
 */
export interface PerseCamera extends PerseCameraProperties {
  /**
   * Calls a listener at each event.
   *
   * @example
   * camera.addEventListener('photo', ({ detail }) => upload(detail.blob));
   */
  addEventListener<Type extends keyof PerseCameraEventMap>(
    type: Type,
    listener: (this: PerseCamera, event: PerseCameraEventMap[Type]) => void,
    options?: AddEventListenerOptions | boolean,
  ): void;
  /**
   * Calls a listener at each event, whatever its type.
   *
   * @example
   * camera.addEventListener(type, (event) => console.log(event.type));
   */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: AddEventListenerOptions | boolean,
  ): void;
}

/** Registers `<perse-camera>`, where there are elements and none has that name. */
export function definePerseCamera(): void {
  const registry = globalThis.customElements;
  if (registry && !registry.get('perse-camera')) registry.define('perse-camera', PerseCamera);
}

declare global {
  interface HTMLElementTagNameMap {
    'perse-camera': PerseCamera;
  }
}
