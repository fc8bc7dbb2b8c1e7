import * as Perse from 'perse-wasm';

/** What to tell the person whose selfie is compared with the photo on their document. */
export async function verify(selfie: Blob, idPhoto: Blob): Promise<string> {
  const session = await fetch('/my-session', { method: 'POST' }); // your own server
  if (!session.ok) return 'Please sign in again.';
  Perse.setToken(await session.text());

  const consent = { enduserConsent: true }; // only when the person has agreed
  const quality = await Perse.face.quality(selfie, consent);
  if (!quality.status) return quality.message; // 'The photo is too dark, …'

  const result = await Perse.face.isSimilar(selfie, idPhoto, consent);
  return result.code === 'similar' ? 'Welcome back' : result.message;
}

/** A copy of a picture, a photo over 1 MB say, that fits. */
export async function fit(picture: Blob | HTMLCanvasElement): Promise<Blob | null> {
  const bitmap = await createImageBitmap(picture);
  const scale = Math.min(1, 1600 / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
}
