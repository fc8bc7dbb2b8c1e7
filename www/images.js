// Pictures on a canvas, and canvases as JPEG files under the service's limit.

const LIMIT = 1_000_000;

/** The canvas as a JPEG file; of lower quality where that is needed to stay under the limit. */
export async function toFile(canvas, name) {
  for (const quality of [0.92, 0.8, 0.65, 0.5]) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
    if (!blob) break;
    if (blob.size <= LIMIT) return new File([blob], name, { type: 'image/jpeg' });
  }
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

/** A smaller copy of a photo that is too large for the service. */
export async function shrink(file) {
  const bitmap = await createImageBitmap(file);
  try {
    return await toFile(draw(bitmap, [0, 0, bitmap.width, bitmap.height], 1600), file.name ?? 'photo.jpg');
  } finally {
    bitmap.close();
  }
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
