// Pictures on a canvas, and canvases as JPEG files.

/** The canvas as a JPEG file. */
export async function toFile(canvas, name) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92));
  if (blob) return new File([blob], name, { type: 'image/jpeg' });
  throw new Error('The browser could not make a JPEG of the picture.');
}

/** Part of a picture, upright, at most `longest` pixels on its longer side. */
export function draw(source, [x, y, width, height], longest = Infinity) {
  const scale = Math.min(1, longest / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Blurs by drawing the picture small and then large again, which every browser can. */
export function blurred(canvas, factor) {
  const { width, height } = canvas;
  return enlarged(draw(canvas, [0, 0, width, height], Math.max(width, height) / factor), width, height);
}

function enlarged(source, width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, width, height);
  return canvas;
}
