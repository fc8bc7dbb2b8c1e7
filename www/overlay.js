// Boxes and landmarks over a photo. The SVG has the pixels of the page's own photo as its coordinates, so it fits at
// every size; line widths stay the same on the screen.
import { svg } from './dom.js';

/** Draws the faces; `chosen` is the index of the one whose quality is shown. */
export function drawFaces(overlay, { width, height }, faces, chosen) {
  overlay.setAttribute('viewBox', `0 0 ${width} ${height}`);
  overlay.replaceChildren(
    ...faces.map(({ boundingBox: [x, y, w, h], landmarks }, index) => {
      const box = { x, y, width: w, height: h, rx: Math.min(w, h) * 0.08 };
      const points = Object.values(landmarks)
        .map(([px, py]) => `M${px} ${py}h0`)
        .join('');
      const face = svg(
        'g',
        { class: index === chosen ? 'face chosen' : 'face', 'data-face': index + 1 },
        svg('rect', { ...box, class: 'box-edge' }),
        svg('rect', { ...box, class: 'box' }),
        svg('path', { d: points, class: 'points-edge' }),
        svg('path', { d: points, class: 'points' }),
      );
      if (faces.length > 1) {
        const size = Math.max(width, height) / 22;
        face.append(
          svg(
            'text',
            { x: x + w / 2, y: y - size * 0.35, 'font-size': size, class: 'number' },
            String(index + 1),
          ),
        );
      }
      return face;
    }),
  );
}

/** Index of the face that comparing uses: the largest. */
export function largest(faces) {
  const area = ({ boundingBox: [, , w, h] }) => w * h;
  return faces.reduce((best, face, index) => (area(face) > area(faces[best]) ? index : best), 0);
}
