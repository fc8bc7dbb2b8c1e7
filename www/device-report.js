// Reports on the preparation and the verdict on the device, in a person's words.
import { createBars } from './metric-bars.js';
import { el } from './dom.js';

/** The limits of `Perse.image.quality`, as its documentation has them. */
const LIMITS = { underexposure: 0.7, overexposure: 0.65, sharpness: 0.1591 };

const FAULTS = [
  ['isUnderexposed', 'dark', 'too dark'],
  ['isOverexposed', 'bright', 'too bright'],
  ['isBlurred', 'blurred', 'blurred'],
];

/** Kinds of metadata, the most personal first. */
const REMOVED = {
  gps: 'place',
  exif: 'camera data',
  thumbnail: 'thumbnail',
  iptc: 'caption and author',
  xmp: 'editing data',
  comment: 'comments',
  trailing: 'data behind the picture',
  other: 'other data',
};

/** Makes the part of a slot that tells of the device in `root`. */
export function createDevice(root) {
  const report = root.querySelector('[data-report]');
  const verdict = root.querySelector('[data-local-verdict]');
  const advice = root.querySelector('.advice');
  const bars = createBars(root.querySelector('.bars'), Object.keys(LIMITS), 'localMetric');

  return {
    /** Shows what was done to a photo: the result of `Perse.image.prepare`. */
    showReport({ report: { from, to, isTurned, isResized, isConverted, removed } }) {
      Object.assign(report.dataset, {
        fromBytes: from.bytes,
        toBytes: to.bytes,
        turned: isTurned,
        resized: isResized,
        converted: isConverted,
        removed: removed.join(' '),
      });
      const gone = Object.keys(REMOVED).filter((kind) => removed.includes(kind));
      const done = [
        isTurned && 'turned upright',
        isResized && 'scaled down',
        isConverted && `converted from ${typeName(from)} to ${typeName(to)}`,
        gone.length > 0 && `removed: ${gone.map((kind) => REMOVED[kind]).join(', ')}`,
      ].filter(Boolean);
      if (done.length === 0) done.push(from.bytes === to.bytes ? 'fits as it is' : 'compressed to fit');
      const sizes = el(
        'p',
        { className: 'sizes' },
        change(...inBytes(from.bytes, to.bytes)),
        change(inPixels(from), inPixels(to), ' pixels'),
      );
      const changes = el('ul', {}, ...done.map((what) => el('li', {}, what)));
      report.replaceChildren(sizes, changes);
      root.dataset.shown = true;
    },
    /** Shows what the device thinks of a photo: the result of `Perse.image.quality`. */
    showVerdict(quality) {
      const faults = FAULTS.filter(([fault]) => quality.metrics && quality[fault]);
      const isGood = quality.status;
      verdict.dataset.localVerdict = isGood
        ? 'good'
        : faults.map(([, name]) => name).join(' ') || quality.code;
      verdict.dataset.verdict = isGood ? 'good' : quality.metrics ? 'bad' : 'none';
      verdict.textContent = isGood ? 'good' : faults.map(([, , words]) => words).join(', ') || 'not measured';
      advice.textContent = isGood ? '' : quality.message;
      bars.show(quality.metrics, LIMITS);
    },
    clear() {
      delete root.dataset.shown;
      report.replaceChildren();
      for (const name of Object.keys(report.dataset)) if (name !== 'report') delete report.dataset[name];
      verdict.dataset.localVerdict = '';
      verdict.dataset.verdict = 'none';
      verdict.textContent = '';
      advice.textContent = '';
      bars.show();
    },
  };
}

/** From one to the other, or once what has not changed. */
function change(from, to, unit = '') {
  if (from === to) return el('span', {}, to, unit);
  const arrow = el('span', { className: 'arrow', attributes: { role: 'img', 'aria-label': 'is now' } }, '→');
  return el('span', {}, from, ' ', arrow, ' ', el('b', {}, to), unit);
}

/** Both in the unit that suits the first. */
function inBytes(...sizes) {
  const [unit, name] = sizes[0] < 1_000_000 ? [1000, 'kB'] : [1_000_000, 'MB'];
  return sizes.map((bytes) => {
    const number = bytes / unit;
    return `${number < 10 && unit > 1000 ? number.toPrecision(2) : Math.max(1, Math.round(number))} ${name}`;
  });
}

const inPixels = ({ width, height }) => `${width} × ${height}`;

const typeName = ({ type }) => type.replace('image/', '').toUpperCase();
