export {};
import * as Perse from 'perse-wasm';

// Once: where tokens come from. The SDK asks whenever it needs one.
Perse.setToken(async () => {
  const session = await fetch('/my-session', { method: 'POST' }); // your own server
  if (!session.ok) throw new Error('Please sign in again.');
  return (await session.json()).token;
});

/** The words for the person whose selfie is compared with the photo on their document. */
export async function verify(selfie: Blob, idPhoto: Blob): Promise<string> {
  const consent = { enduserConsent: true }; // only when the person has agreed
  const quality = await Perse.face.quality(selfie, consent);
  if (!quality.status) return quality.message; // 'The photo is too dark, …'

  const result = await Perse.face.isSimilar(selfie, idPhoto, consent);
  return result.code === 'similar' ? 'Welcome back' : result.message;
}

/** Says what is wrong with a photo before anything is sent. */
export async function look(photo: Blob | HTMLVideoElement): Promise<string> {
  const verdict = await Perse.image.quality(photo); // no consent, no token, no request
  return verdict.status ? 'Good photo' : verdict.message; // 'The photo is blurred. …'
}
