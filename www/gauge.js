// The similarity gauge: a half circle with the limit marked on it.

/** Makes the gauge in `root`; `show(similarity, limit)` sets it, `show()` empties it. */
export function createGauge(root) {
  const value = root.querySelector('.gauge-value');
  const limitMark = root.querySelector('.gauge-limit');
  const limitText = root.querySelector('.gauge-limit-text');
  const number = root.querySelector('[data-similarity]');

  return {
    show(similarity, limit) {
      const known = typeof similarity === 'number';
      // Some services count to 1 instead of 100: the limit of the same answer tells.
      const top = limit <= 1 ? 1 : 100;
      const share = known ? Math.min(1, Math.max(0, similarity / top)) : 0;
      root.dataset.known = known;
      value.style.strokeDashoffset = 100 - share * 100;
      number.dataset.similarity = known ? similarity : '';
      number.textContent = known ? readable(similarity, top) : '–';
      if (!known) return;
      const turn = (limit / top) * 180;
      limitMark.setAttribute('transform', `rotate(${turn} 120 124)`);
      const angle = (turn * Math.PI) / 180;
      limitText.setAttribute('x', 120 - Math.cos(angle) * 108);
      limitText.setAttribute('y', 124 - Math.sin(angle) * 108);
      limitText.setAttribute('text-anchor', turn < 80 ? 'end' : turn > 100 ? 'start' : 'middle');
      limitText.textContent = readable(limit, top);
    },
  };
}

/** A similarity in as many digits as it deserves. */
export const readable = (similarity, top = 100) =>
  top === 1 ? similarity.toFixed(3) : String(Math.round(similarity * 10) / 10);
