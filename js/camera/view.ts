/** Draws `<perse-camera>`: what its state, its hint and its face say. Decides nothing, and keeps nothing. */
import type { CameraErrorCode } from './errors.js';
import type { MessageKey } from './messages.js';
import { place, type Rect } from './place.js';
import { LIVE, OFF } from './states.js';
import type { Tree } from './template.js';
import type { CaptureEvents, CapturedFace, CaptureState } from './types.js';

/** Everything that the element shows at one moment. */
export interface Scene {
  /** State of the capture. */
  state: CaptureState;
  /** The latest hint. */
  hint: CaptureEvents['hint'] | undefined;
  /** The face of the latest frame. */
  face: CapturedFace | undefined;
  /** Why the capture failed. */
  failure: CaptureEvents['fail'] | undefined;
  /** Whether the person takes the photo because no engine does. */
  isByHand: boolean;
  /** Whether the button that takes a photo is offered. */
  isButtonShown: boolean;
  /** Whether the picture is shown as in a mirror. */
  isMirrored: boolean;
  /** Whether the device has another camera. */
  hasOtherCamera: boolean;
  /** Whether a file may be chosen in the camera's place. */
  hasFallback: boolean;
  /** Photos taken so far. */
  taken: number;
  /** Photos wanted. */
  count: number;
  /** Time that a face has to be good, in milliseconds. */
  hold: number;
  /** Attribute `facing`. */
  facing: string;
  /** Attribute `roi`: shares of the picture that are left out, from the top clockwise. */
  roi: string;
  /** Attribute `show-box`. */
  showBox: boolean;
  /** Attribute `show-points`. */
  showPoints: boolean;
  /** Attribute `blur-face`. */
  blurFace: boolean;
}

/** Texts of the element's language. */
type Text = (key: MessageKey) => string;

/** Failures that another try won't mend. */
const FINAL: ReadonlySet<CameraErrorCode> = new Set(['insecure_context', 'camera_unsupported']);

const WAITS: { [key in CaptureState]?: MessageKey } = {
  requesting: 'requesting',
  starting: 'starting',
  needs_gesture: 'needs_gesture',
  interrupted: 'interrupted',
};

/** Writes the texts that no state changes. */
export function renderTexts(tree: Tree, text: Text): void {
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
  for (const [node, key] of texts) node.textContent = text(key);
  const labels: [Element, MessageKey][] = [
    [tree.frame, 'label'],
    [tree.video, 'video_label'],
    [tree.shoot, 'shoot'],
    [tree.turn, 'switch'],
  ];
  for (const [node, key] of labels) node.setAttribute('aria-label', text(key));
  for (const node of [tree.shoot, tree.turn]) node.title = node.getAttribute('aria-label')!;
  tree.picture.alt = text('done_label');
}

/** Draws a scene. */
export function render(tree: Tree, scene: Scene, text: Text): void {
  const { state } = scene;
  const live = LIVE.has(state);
  const { frame } = tree;
  frame.dataset.state = state;
  frame.style.setProperty('--hold', `${scene.hold}ms`);
  tree.video.classList.toggle('on', live || state === 'interrupted');

  show(tree.intro, state === 'idle' || state === 'cancelled');
  const wait = WAITS[state];
  show(tree.wait, !!wait);
  if (wait) tree.waitText.textContent = text(wait);
  show(tree.spinner, state !== 'needs_gesture');
  show(tree.show, state === 'needs_gesture');
  renderFailure(tree, scene);
  show(tree.done, state === 'done');

  show(tree.bar, state !== 'done');
  tree.bar.classList.toggle('away', OFF.has(state)); // it keeps its place: nothing jumps
  show(tree.doneBar, state === 'done');
  tree.shoot.classList.toggle('away', !live || !scene.isButtonShown || state === 'challenging');
  tree.shoot.disabled = state === 'capturing';
  show(tree.turn, live && scene.hasOtherCamera);

  show(tree.target.parentElement!, live);
  renderHint(tree, scene, text);
  const { count, taken } = scene;
  show(tree.count, live && count > 1);
  if (count > 1) tree.count.textContent = `${Math.min(taken + 1, count)} / ${count}`;
  if (live) renderPlaces(tree, scene);
}

function renderHint({ hint: node, arrow }: Tree, scene: Scene, text: Text): void {
  const live = LIVE.has(scene.state);
  const hint = live ? scene.hint : undefined;
  const message = live && scene.isByHand ? text('by_hand') : (hint?.message ?? '');
  show(node, live && message !== '');
  if (node.textContent !== message) node.textContent = message;
  const [, turn] = hint?.code.match(/^(?:turn|look)_(left|right)$/) ?? [];
  const direction = turn ?? hint?.direction;
  const isShown = live && !!direction && hint?.code !== 'chin' && hint?.code !== 'tilt';
  show(arrow, isShown);
  if (!isShown) return;
  // In a mirror the person's left is on the left.
  const isSide = direction === 'left' || direction === 'right';
  const flipped = direction === 'left' ? 'right' : 'left';
  arrow.dataset.side = isSide && !scene.isMirrored ? flipped : direction;
}

function renderFailure(tree: Tree, { state, failure, hasFallback, facing }: Scene): void {
  const { failed, failedSlot, failedText, retry, choose } = tree;
  const isFailed = state === 'failed';
  show(failed, isFailed);
  const message = isFailed && failure ? failure.message : '';
  if (failedText.textContent !== message) failedText.textContent = message;
  if (!isFailed || !failure) return;
  const { code } = failure;
  const isFinal = FINAL.has(code);
  const isDenied = code === 'camera_denied' || code === 'camera_blocked_by_page';
  const slot = isFinal || code === 'camera_not_found' ? 'unsupported' : 'failed';
  failedSlot.name = isDenied ? 'denied' : slot;
  show(retry, !isFinal);
  show(choose, hasFallback);
  choose.classList.toggle('main', isFinal);
  if (facing) tree.file.setAttribute('capture', facing);
}

/** Lays region, box and points over the picture. */
export function renderPlaces(tree: Tree, scene: Scene): void {
  const { frame, stage, video, target, box, pointsPath } = tree;
  const { face, showBox, showPoints, blurFace, isMirrored } = scene;
  frame.classList.toggle('mirrored', isMirrored);
  const size = { width: video.videoWidth, height: video.videoHeight };
  if (!size.width) return;
  const onStage = (rect: Rect) =>
    place(rect, size, { width: stage.clientWidth, height: stage.clientHeight }, isMirrored);

  const [top = 0, right = 0, bottom = 0, left = 0] = scene.roi.split(/[\s,]+/).map(Number);
  const hasRegion = top + right + bottom + left > 0;
  if (hasRegion) {
    const region = {
      x: left * size.width,
      y: top * size.height,
      width: (1 - left - right) * size.width,
      height: (1 - top - bottom) * size.height,
    };
    lay(target, onStage(region));
  } else target.removeAttribute('style');

  const hasBox = !!face && (showBox || blurFace);
  show(box, hasBox);
  if (hasBox) {
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

function show(element: Element, isShown: boolean): void {
  element.toggleAttribute('hidden', !isShown);
}

function lay(element: HTMLElement, { x, y, width, height }: Rect): void {
  Object.assign(element.style, {
    ...{ inset: 'auto', left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` },
  });
}
