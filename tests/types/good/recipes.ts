// The recipes of the documentation, as a page would have them.
import * as Perse from 'perse-wasm';
import { capture } from 'perse-wasm/camera';

declare const userToken: string;
declare const show: (message: string) => void;
declare const enduserConsent: boolean;

/** The person takes a selfie, and photographs a document. */
export async function compareWithDocument(): Promise<void> {
  const selfie = await capture();
  if (!selfie.status) return show(selfie.message);
  const document = await capture({ facing: 'environment', capture: 'manual' });
  if (!document.status) return show(document.message);
  const photos = [selfie.photos[0]!.blob, document.photos[0]!.blob] as const;
  const result = await Perse.face.verify(...photos, { enduserConsent });
  show(result.details?.image === 'b' ? 'No face on the document. Take it from nearer.' : result.message);
}

/** The person signs in with the face that was enrolled. */
export async function signIn(signal: AbortSignal): Promise<boolean> {
  const taken = await capture({ signal });
  if (!taken.status) {
    show(taken.message);
    return false;
  }
  const selfie = taken.photos[0]!.blob;
  const result = await Perse.face.verify(selfie, userToken, { enduserConsent, signal });
  show(result.message);
  return result.code === 'similar';
}

/** Messages in the page's own words, and in another language than the page's. */
export function translate(): void {
  Perse.configure({ locale: 'pt-BR', messages: { not_similar: 'Não reconhecemos você. Fale com a gente.' } });
}

/** A connection of 0.36 Mbit/s takes half a minute for two photos of the default size. */
export function prepareForSlowNetworks(): void {
  Perse.configure({ timeout: 60_000, prepare: { maxSide: 1_000, maxBytes: 200_000 } });
  void Perse.preload({ photos: true });
}
