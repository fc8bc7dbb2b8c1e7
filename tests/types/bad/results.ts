// Each line that says so must fail with that error, and no other line may.
import * as Perse from 'perse-wasm';
import type { Code, ErrorCode } from 'perse-wasm';

const photo = new Blob();
const compared = await Perse.face.compare(photo, photo, true);
console.log(compared.similarity); // TS2339: only where status is true
if (compared.code === 'unauthorised') console.log(); // TS2367: a typo in a code
if (!compared.status) {
  console.log(compared.imageTokens); // TS2339: not on a failure
  if (compared.code === 'success') console.log(); // TS2367: not the code of a failure
}
if (compared.status && compared.code === 'timeout') console.log(); // TS2367: not the code of an answer
compared satisfies Promise<unknown>; // TS1360: it was awaited

const pending = Perse.face.detect(photo, true);
console.log(pending.status); // TS2339: not awaited

const quality = await Perse.face.quality(photo, true);
console.log(quality.detailedFaces); // TS2339: not where there is no verdict
if (quality.status) console.log(quality.detailedFaces[0].isBlurred); // TS2532: there may be no face
if (quality.status) console.log(quality.detailedFaces[0]?.isSpoofing); // TS2339: not judged by this method

export const code: Code = 'ok'; // TS2322: no such code
export const errorCode: ErrorCode = 'similar'; // TS2322: not the code of a failure
