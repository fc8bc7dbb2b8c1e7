/**
 * The entry `perse-wasm/device`: finds and compares faces in the page itself. Nothing is sent, and no token is
 * needed. Its results are the page's own: they prove nothing to a server, and can't tell a person from a picture
 * of one. The module is an engine, too: `createPerse({ engine: device })`.
 */
import { toDetection } from './device/photos/detection.js';
import * as photoEngine from './device/photos/photo-engine.js';
import { createPerse, PerseError, type Comparison, type Detection, type Perse } from './index.js';
import { randomId } from './random-id.js';

/** Options of {@link load}. */
export interface LoadOptions {
  /**
   * Loads what compares faces, too: 1 MB more.
   *
   * @default false
   */
  recognition?: boolean;
}

/**
 * Loads the engine before the first photo needs it: 1.2 MB. It is never needed, and safe to repeat.
 *
 * @throws PerseError `wasm_unavailable`, as in a browser without workers that draw (Safari before 17).
 * @example
 * await device.load({ recognition: true });
 */
export async function load(options?: LoadOptions): Promise<void> {
  try {
    await (options?.recognition ? photoEngine.loadRecognition() : photoEngine.load());
  } catch (error) {
    const { code, detail } = error as { code: 'wasm_unavailable'; detail: string };
    throw new PerseError(code, detail);
  }
}

/**
 * Ends the engine at once and frees its memory, about 30 MB. What is pending is `aborted`; the next photo loads it
 * again.
 *
 * @example
 * device.dispose();
 */
export const dispose = (): void => photoEngine.dispose();

/**
 * Finds the faces of a photo that is ready, as a client asks its `engine`. Pages call {@link detect}.
 *
 * @example
 * const perse = createPerse({ engine: device });
 */
export async function detectFaces(photo: Blob, signal?: AbortSignal): Promise<Detection> {
  const start = performance.now();
  const found = toDetection(await photoEngine.findFaces(photo, signal));
  return { ...found, imageToken: randomId(), timeTaken: secondsSince(start) };
}

/**
 * Compares two photos that are ready, as a client asks its `engine`. Pages call {@link compare}.
 *
 * @example
 * const perse = createPerse({ engine: device });
 */
export async function compareFaces(photos: [Blob, Blob], signal?: AbortSignal): Promise<Comparison> {
  const start = performance.now();
  const { similarity, threshold } = await photoEngine.compareFaces(photos, signal);
  return {
    ...{ similarity, defaultThresholds: { similarity: threshold } },
    ...{ imageTokens: [randomId(), randomId()], timeTaken: secondsSince(start) },
  };
}

const client = createPerse({ engine: { detectFaces, compareFaces } });

/**
 * Finds the faces of a photo, as `Perse.face.detect` does, but without `livenessScore`.
 *
 * @example
 * const result = await device.detect(photo);
 * if (result.status) console.log(result.faces.map((face) => face.boundingBox));
 */
export const detect: Perse['face']['detect'] = client.face.detect;

/**
 * Judges whether any face of a photo is too dark, too bright or blurred.
 *
 * @example
 * const result = await device.quality(photo);
 * if (!result.status) console.log(result.message); // what to do better
 */
export const quality: Perse['face']['quality'] = client.face.quality;

/**
 * Compares the largest faces of two photos. It needs the end user's consent, and never shows the numbers that
 * describe a face. Judge the similarity by `defaultThresholds` of the same result: the service's threshold is another.
 *
 * @example
 * const result = await device.compare(selfie, idPhoto, { enduserConsent: true });
 * if (result.status) console.log(result.similarity >= result.defaultThresholds.similarity);
 */
export const compare: Perse['face']['compare'] = client.face.compare;

/**
 * As {@link compare}, judged by the engine's own threshold: `similar` or `not_similar`.
 *
 * @example
 * const { code } = await device.isSimilar(selfie, idPhoto, { enduserConsent: true });
 */
export const isSimilar: Perse['face']['isSimilar'] = client.face.isSimilar;

/**
 * Judges a selfie, and compares only a good one with the second photo.
 *
 * @example
 * const result = await device.verify(selfie, idPhoto, { enduserConsent: true });
 */
export const verify: Perse['face']['verify'] = client.face.verify;

/**
 * Changes settings of this module's methods, such as `locale` and `throwOnError`.
 *
 * @throws PerseError naming a wrong option.
 * @example
 * device.configure({ locale: 'pt-BR' });
 */
export const configure: Perse['configure'] = client.configure;

const secondsSince = (start: number): number => Math.round(performance.now() - start) / 1_000;
