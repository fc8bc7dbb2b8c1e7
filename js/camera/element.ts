/** `<perse-camera>`: a camera with guidance, for a page that wants no code of its own. */
import type { LoadAnalyser } from './analyser.js';
import { Announcer } from './announcer.js';
import { ATTRIBUTES, reflect, toAttribute, upgrade, type PerseCameraProperties } from './attributes.js';
import { loadEngine } from './engine.js';
import { CameraError, type CameraErrorCode } from './errors.js';
import { EVENT_TYPES } from './event-types.js';
import { DEFAULTS, toSettings, type Settings } from './limits.js';
import { messageOf, type MessageKey, type MessageOptions } from './messages.js';
import { place, type Rect } from './place.js';
import type { CameraDevice } from './ports.js';
import { CaptureSession } from './session.js';
import { LIVE, OFF } from './states.js';
import { VideoCamera } from './stream.js';
import { createTree, type Tree } from './template.js';
import type { CaptureEvents, CapturedFace, CapturedPhoto, CaptureState, SessionOptions } from './types.js';

/** Events of `<perse-camera>`; they don't bubble. */
export type PerseCameraEventMap = { [Type in keyof CaptureEvents]: CustomEvent<CaptureEvents[Type]> };

const isOn = (state: CaptureState) => !OFF.has(state);
const isLive = (state: CaptureState) => LIVE.has(state);

/** Failures that another try won't mend. */
const FINAL: ReadonlySet<CameraErrorCode> = new Set(['insecure_context', 'camera_unsupported']);

// A server has no elements, but may import the module.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

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
  #focusBefore: HTMLElement | undefined;
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
    this.#rememberFocus();
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
        toSettings({ [name]: value } as Partial<Settings>);
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
        if (isLive(this.state)) this.#renderPlaces();
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
      const hadFocus = this.#hasFocus();
      queueMicrotask(() => this.#giveFocusBack(hadFocus));
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

  // Focus

  /** The control that has the focus will be hidden while the camera is on. */
  #rememberFocus(): void {
    const { activeElement, body } = this.ownerDocument;
    const isInside = this.#hasFocus();
    const isOutside = !isInside && activeElement instanceof HTMLElement && activeElement !== body;
    this.#focusBefore = isOutside ? activeElement : undefined;
    if (isInside) this.#tree!.frame.focus({ preventScroll: true });
  }

  #hasFocus(): boolean {
    // Not `:focus`: that matches in the active window only.
    return !!this.shadowRoot?.activeElement;
  }

  /** Called when the control that had the focus is hidden again. */
  #giveFocusBack(hadFocus: boolean): void {
    const before = this.#focusBefore;
    this.#focusBefore = undefined;
    const { activeElement, body } = this.ownerDocument;
    const isElsewhere = activeElement && activeElement !== body && activeElement !== this;
    // The focus stays where the person has moved it meanwhile.
    if (!hadFocus || isElsewhere) return;
    const { start, retry, choose, again } = this.#tree!;
    const inside = [start, retry, choose, again].find((button) => button.offsetParent);
    (before?.isConnected ? before : inside)?.focus({ preventScroll: true });
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
    const tree = this.#tree;
    if (!tree) return;
    const texts: [Node, MessageKey][] = [
      [tree.introTitle, 'intro_title'],
      [tree.introText, 'intro_text'],
      [tree.start, 'start'],
      [tree.show, 'show'],
      [tree.failedTitle, 'failed_title'],
      [tree.retry, 'retry'],
      [tree.choose, 'choose_file'],
      [tree.doneText, 'captured'],
      [tree.again, 'again'],
      [tree.cancel, 'cancel'],
      [tree.leave, 'cancel'],
    ];
    for (const [node, key] of texts) node.textContent = this.#text(key);
    const labels: [Element, MessageKey][] = [
      [tree.frame, 'label'],
      [tree.video, 'video_label'],
      [tree.shoot, 'shoot'],
      [tree.turn, 'switch'],
    ];
    for (const [node, key] of labels) node.setAttribute('aria-label', this.#text(key));
    for (const node of [tree.shoot, tree.turn]) node.title = node.getAttribute('aria-label')!;
    tree.picture.alt = this.#text('done_label');
    this.#render();
  }

  /** Shows what the state, the hint and the face say. */
  #render(): void {
    const tree = this.#tree;
    if (!tree) return;
    const { state } = this;
    const live = isLive(state);
    const { frame } = tree;
    frame.dataset.state = state;
    frame.style.setProperty('--hold', `${this.hold}ms`);
    tree.video.classList.toggle('on', live || state === 'interrupted');

    show(tree.intro, state === 'idle' || state === 'cancelled');
    const waits: { [key in CaptureState]?: MessageKey } = {
      requesting: 'requesting',
      starting: 'starting',
      needs_gesture: 'needs_gesture',
      interrupted: 'interrupted',
    };
    const wait = waits[state];
    show(tree.wait, !!wait);
    if (wait) tree.waitText.textContent = this.#text(wait);
    show(tree.spinner, state !== 'needs_gesture');
    show(tree.show, state === 'needs_gesture');
    this.#renderFailure(state === 'failed');
    show(tree.done, state === 'done');

    show(tree.bar, state !== 'done');
    tree.bar.classList.toggle('away', !isOn(state)); // it keeps its place: nothing jumps
    show(tree.doneBar, state === 'done');
    tree.shoot.classList.toggle('away', !live || !this.#isButtonShown || state === 'challenging');
    tree.shoot.disabled = state === 'capturing';
    show(tree.turn, live && this.#cameras > 1);

    show(tree.target.parentElement!, live);
    this.#renderHint(live);
    const { count } = this;
    show(tree.count, live && count > 1);
    if (count > 1) tree.count.textContent = `${Math.min(this.photos.length + 1, count)} / ${count}`;
    if (live) this.#renderPlaces();
  }

  #renderHint(live: boolean): void {
    const { hint: node, arrow } = this.#tree!;
    const session = this.#session;
    const byHand = live && session && !session.isAutomatic && this.capture === 'auto';
    const hint = live ? this.hint : undefined;
    const text = byHand ? this.#text('by_hand') : (hint?.message ?? '');
    show(node, live && text !== '');
    if (node.textContent !== text) node.textContent = text;
    const [, turn] = hint?.code.match(/^(?:turn|look)_(left|right)$/) ?? [];
    const direction = turn ?? hint?.direction;
    const isShown = live && !!direction && hint?.code !== 'chin' && hint?.code !== 'tilt';
    show(arrow, isShown);
    if (!isShown) return;
    // In a mirror the person's left is on the left.
    const isSide = direction === 'left' || direction === 'right';
    const flipped = direction === 'left' ? 'right' : 'left';
    arrow.dataset.side = isSide && !this.#isMirrored() ? flipped : direction;
  }

  #renderFailure(isFailed: boolean): void {
    const { failed, failedSlot, failedText, retry, choose } = this.#tree!;
    show(failed, isFailed);
    const code = this.#failure?.code;
    const text = isFailed && this.#failure ? this.#failure.message : '';
    if (failedText.textContent !== text) failedText.textContent = text;
    if (!isFailed || !code) return;
    const isDenied = code === 'camera_denied' || code === 'camera_blocked_by_page';
    failedSlot.name = isDenied
      ? 'denied'
      : FINAL.has(code) || code === 'camera_not_found'
        ? 'unsupported'
        : 'failed';
    show(retry, !FINAL.has(code));
    show(choose, this.fallback === 'file');
    choose.classList.toggle('main', FINAL.has(code));
    if (this.facing) this.#tree!.file.setAttribute('capture', this.facing);
  }

  #isMirrored(): boolean {
    if (this.mirror !== 'auto') return this.mirror === 'on';
    return (this.#session?.camera?.facing ?? this.facing) !== 'environment';
  }

  /** Lays region, box and points over the picture. */
  #renderPlaces(): void {
    const { frame, stage, video, target, box, pointsPath } = this.#tree!;
    const mirrored = this.#isMirrored();
    frame.classList.toggle('mirrored', mirrored);
    const size = { width: video.videoWidth, height: video.videoHeight };
    if (!size.width) return;
    const onStage = (rect: Rect) =>
      place(rect, size, { width: stage.clientWidth, height: stage.clientHeight }, mirrored);

    const [top = 0, right = 0, bottom = 0, left = 0] = this.roi.split(/[\s,]+/).map(Number);
    const hasRegion = top + right + bottom + left > 0;
    if (hasRegion) {
      const { width, height } = size;
      lay(
        target,
        onStage({
          x: left * width,
          y: top * height,
          width: (1 - left - right) * width,
          height: (1 - top - bottom) * height,
        }),
      );
    } else target.removeAttribute('style');

    const { face } = this;
    const { showBox, showPoints, blurFace } = this;
    show(box, !!face && (showBox || blurFace));
    if (face && (showBox || blurFace)) {
      lay(box, onStage(face.box));
      box.classList.toggle('bare', !showBox);
      box.classList.toggle('blurred', blurFace);
    }
    let path = '';
    for (let i = 0; face && showPoints && i < face.points.length; i += 2) {
      const { x, y } = onStage({ x: face.points[i]!, y: face.points[i + 1]!, width: 0, height: 0 });
      path += `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
    }
    // WebKit paints the drawing again even for an equal path.
    if ((pointsPath.getAttribute('d') ?? '') !== path) pointsPath.setAttribute('d', path);
  }
}

function show(element: Element, isShown: boolean): void {
  element.toggleAttribute('hidden', !isShown);
}

function lay(element: HTMLElement, { x, y, width, height }: Rect): void {
  Object.assign(element.style, {
    ...{ inset: 'auto', left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` },
  });
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
