// Small helpers for building elements; no state.

/** Makes an element: `el('p', { className: 'soft', dataset: { x: 1 } }, 'text', child)`. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  const { dataset, attributes, ...rest } = properties;
  Object.assign(element, rest);
  Object.assign(element.dataset, dataset);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Makes an SVG element with attributes. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Shows an answer of the SDK as JSON. Anything that looks like a session token is left out. */
export function showRaw(details, call, answer) {
  const json = JSON.stringify(answer, (_, value) => readable(value), 2);
  details.querySelector('pre').textContent = answer === undefined ? 'Nothing yet.' : `// ${call}\n${json}`;
}

function readable(value) {
  if (value instanceof Blob) return `(${value.size} bytes of ${value.type})`;
  return typeof value === 'string' && /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(value) ? '(token)' : value;
}

/** Counts in words: `count(2, 'face')` is "2 faces". */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;
