// Quality as bars, each with its limit marked and its verdict in a word.
import { el } from './dom.js';

/**
 * `upTo`: good up to the limit; otherwise good from the limit on. The score of the copy check is no proof of a
 * person: no word for it may sound like one.
 */
const METRICS = [
  { name: 'underexposure', label: 'Shadow loss', upTo: true, bad: 'too dark' },
  { name: 'overexposure', label: 'Highlight loss', upTo: true, bad: 'too bright' },
  { name: 'sharpness', label: 'Sharpness', upTo: false, bad: 'blurred' },
  {
    name: 'liveness',
    label: 'Copy check',
    upTo: false,
    good: 'no sign',
    bad: 'looks copied',
    missing: 'camera only',
  },
];

const twoDigits = (value) => value.toFixed(2);

/**
 * Makes the bars of these metrics in a `<dl>`, each marked by `data-<hook>`; `show(values, limits)` fills
 * them, `show()` empties them.
 */
export function createBars(list, names, hook) {
  const rows = METRICS.filter(({ name }) => names.includes(name)).map((metric) => {
    const bar = el(
      'span',
      {
        className: 'bar',
        attributes: { role: 'meter', 'aria-label': metric.label, 'aria-valuemin': 0, 'aria-valuemax': 1 },
      },
      el('span', { className: 'bar-fill' }),
      el('span', { className: 'bar-limit' }),
    );
    const number = el('span', { className: 'bar-number' });
    const word = el('span', { className: 'bar-word' });
    const row = el(
      'div',
      { className: 'bar-row', dataset: { [hook]: metric.name } },
      el('dt', {}, metric.label),
      el('dd', {}, bar, number, word),
    );
    list.append(row);
    return { ...metric, row, bar, number, word };
  });

  return {
    show(values, limits) {
      for (const { name, label, upTo, good = 'good', bad, missing = '–', row, bar, number, word } of rows) {
        const value = values?.[name];
        const limit = limits?.[name];
        const known = typeof value === 'number' && typeof limit === 'number';
        const isGood = known && (upTo ? value <= limit : value >= limit);
        row.dataset.verdict = known ? (isGood ? 'good' : 'bad') : 'none';
        bar.style.setProperty('--value', known ? Math.min(1, value) : 0);
        bar.style.setProperty('--limit', known ? Math.min(1, limit) : 0);
        number.textContent = known ? twoDigits(value) : '';
        word.textContent = known ? (isGood ? good : bad) : values ? missing : '–';
        const rule = known ? `${good} ${upTo ? 'up to' : 'from'} ${twoDigits(limit)}` : 'not measured yet';
        row.title = known ? `${label}: ${rule}` : '';
        bar.setAttribute('aria-valuenow', known ? twoDigits(value) : 0);
        bar.setAttribute(
          'aria-valuetext',
          known ? `${twoDigits(value)}, ${isGood ? good : bad}; ${rule}` : rule,
        );
      }
    },
  };
}
