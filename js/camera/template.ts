/** Builds the element's shadow tree. Made of nodes, not of markup: pages may require Trusted Types. */
import styles from './element.css';

const SVG = 'http://www.w3.org/2000/svg';

type Attributes = Record<string, string>;

function html<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Node[]
): HTMLElementTagNameMap[Name] {
  return fill(document.createElement(name), attributes, children);
}

function svg(name: string, attributes: Attributes = {}, ...children: Node[]): SVGElement {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill<Made extends Element>(element: Made, attributes: Attributes, children: Node[]): Made {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const icon = (d: string, viewBox = '0 0 24 24') =>
  svg('svg', { viewBox, 'aria-hidden': 'true' }, svg('path', { d }));

const FACE =
  'M24 5c-8 0-13 6-13 15 0 11 6 19 13 19s13-8 13-19c0-9-5-15-13-15zM18 20v2M30 20v2M24 21v6h-2M19 32c3 2.500 7 2.500 10 0M2 12V6a4 4 0 0 1 4-4h6M36 2h6a4 4 0 0 1 4 4v6M46 36v6a4 4 0 0 1-4 4h-6M12 46H6a4 4 0 0 1-4-4v-6';
const CAMERA_OFF =
  'M3 3l18 18M9 5h6l2 3h3a1 1 0 0 1 1 1v9M18 19H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1h3M9.500 11.500a3.500 3.500 0 0 0 5 5';
const SWITCH = 'M4 9a8 8 0 0 1 14-3l2 2M20 3v5h-5M20 15a8 8 0 0 1-14 3l-2-2M4 21v-5h5';
const TICK = 'M5 13l4.500 4.500L19 7';
const ARROW = 'M4 12h16M13 5l7 7-7 7';

/** The parts of the shadow tree that the element works with. */
export type Tree = ReturnType<typeof createTree>;

/** Builds the tree in a shadow root. */
export function createTree(root: ShadowRoot) {
  const video = html('video', { part: 'video', tabindex: '-1' });
  const shade = svg(
    'svg',
    { viewBox: '0 0 100 100', 'aria-hidden': 'true', part: 'shade' },
    svg('path', {
      class: 'shade',
      'fill-rule': 'evenodd',
      d: 'M-900-900H1000V1000H-900zM50 11a31 40 0 0 0 0 80a31 40 0 0 0 0-80z',
    }),
  );
  // From the top and clockwise: the way that the progress takes.
  const outline = (name: string) =>
    svg('path', { class: name, d: 'M50 11a31 40 0 0 1 0 80a31 40 0 0 1 0-80', pathLength: '100' });
  const line = outline('line');
  // Its dashes are in pixels, not in hundredths of the way round.
  line.removeAttribute('pathLength');
  const oval = svg(
    'svg',
    { viewBox: '0 0 100 100', 'aria-hidden': 'true', class: 'oval', part: 'oval' },
    ...[outline('edge'), line, outline('progress')],
  );
  const box = html('div', { class: 'box', part: 'box', hidden: '' });
  const pointsPath = svg('path');
  const points = svg('svg', { class: 'points', 'aria-hidden': 'true' }, pointsPath);
  const arrow = html('div', { class: 'arrow', hidden: '' }, icon(ARROW));
  const target = html('div', { class: 'guide target' }, shade, oval);
  // Screen readers get the same words from the live region, at their own pace.
  const hint = html('p', { class: 'hint', part: 'hint', 'aria-hidden': 'true', hidden: '' });
  const count = html('p', { class: 'count', 'aria-hidden': 'true', hidden: '' });
  const guide = html('div', { class: 'guide' }, target, box, points, arrow);

  const introTitle = html('h2');
  const introText = html('p');
  const start = html('button', { class: 'main', type: 'button' });
  const intro = html(
    'div',
    { class: 'view intro' },
    html('slot', { name: 'intro', class: 'words' }, icon(FACE, '0 0 48 48'), introTitle, introText),
    html('div', { class: 'actions' }, start),
  );

  const waitText = html('p');
  const spinner = html('div', { class: 'spinner' });
  const show = html('button', { class: 'main', type: 'button', hidden: '' });
  const wait = html('div', { class: 'view wait', hidden: '' }, spinner, waitText, show);

  const failedTitle = html('h2');
  // The words are set later than the role: that is what makes it an announcement.
  const failedText = html('p', { role: 'alert' });
  const failedSlot = html('slot', { class: 'words' }, icon(CAMERA_OFF), failedTitle);
  const retry = html('button', { class: 'main', type: 'button' });
  const choose = html('button', { type: 'button' });
  const leave = html('button', { class: 'plain', type: 'button' });
  const fileProblem = html('p', { class: 'problem', role: 'alert' });
  const failed = html(
    'div',
    { class: 'view failed', hidden: '' },
    ...[failedSlot, failedText, html('div', { class: 'actions' }, retry, choose), fileProblem, leave],
  );
  const file = html('input', { type: 'file', accept: 'image/*', hidden: '', tabindex: '-1' });

  const picture = html('img');
  const doneText = html('span');
  const done = html(
    'div',
    { class: 'view done', hidden: '' },
    html('slot', { name: 'done' }, picture, html('p', { class: 'tick' }, icon(TICK), doneText)),
  );

  const stage = html('div', { class: 'stage' }, video, guide, hint, count, wait, done);
  const cancel = html('button', { class: 'plain', type: 'button', part: 'cancel' });
  const shoot = html('button', { class: 'shoot', type: 'button', part: 'shoot' });
  const turn = html('button', { class: 'plain icon', type: 'button', part: 'switch' }, icon(SWITCH));
  const turnSpace = html('div', {}, turn);
  const bar = html('div', { class: 'bar away' }, cancel, shoot, turnSpace);
  const again = html('button', { type: 'button' });
  const doneBar = html('div', { class: 'bar single', hidden: '' }, again);
  const live = html('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  const frame = html(
    'div',
    { class: 'frame', part: 'frame', role: 'group', tabindex: '-1' },
    ...[stage, intro, failed, bar, doneBar, file, live],
  );
  adopt(root);
  root.append(frame);
  return {
    ...{ frame, stage, video, target, box, points, pointsPath, arrow, hint, count, bar, doneBar, live },
    ...{ intro, introTitle, introText, start, wait, waitText, spinner, show },
    ...{ failed, failedSlot, failedTitle, failedText, fileProblem, retry, choose, leave, file },
    ...{ done, doneText, picture, cancel, shoot, turn, again },
  };
}

let sheet: CSSStyleSheet | undefined;

/** Constructed sheets are free of the page's Content-Security-Policy; Safari has them since 16.4. */
function adopt(root: ShadowRoot): void {
  if (!root.adoptedStyleSheets || !('replaceSync' in CSSStyleSheet.prototype)) {
    const style = html('style');
    style.textContent = styles;
    return root.append(style);
  }
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
  }
  root.adoptedStyleSheets = [sheet];
}
