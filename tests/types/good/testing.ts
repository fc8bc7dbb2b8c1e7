import * as Perse from 'perse-wasm';
import { createMockPerse, type MockPerse } from 'perse-wasm/testing';

const mock: MockPerse = createMockPerse({
  'face.compare': { code: 'success', similarity: 90, defaultThresholds: { similarity: 50 } },
  'face.verify': (selfie) => (selfie ? { code: 'similar' } : { code: 'no_face_detected' }),
});
// It takes the place of a client.
const client: Perse.PerseClient = mock;
const verified: Perse.VerifyResult = await client.face.verify(new Blob(), 'user-1', true);
if (verified.code === 'bad_image_quality') {
  const faces: Perse.FaceQuality[] = verified.detailedFaces;
  const image: 'a' | 'b' = verified.details.image;
  void [faces, image];
}
const calls: string[] = mock.calls.map(({ method }) => method);
Perse.preload({ photos: true }).then(() => calls);
const judged: Perse.QualityResult = await Perse.qualityOf(await Perse.face.detect(new Blob(), true));
void [judged, Perse.VueInstall.install];
