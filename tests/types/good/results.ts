// A result is what its `status` and `code` say.
import * as Perse from 'perse-wasm';
import type { Code, CompareResult, ErrorCode, Failure, QualityResult } from 'perse-wasm';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>(): void => {};

const photo = new Blob();
const consent = { enduserConsent: true };

const compared: CompareResult = await Perse.face.compare(photo, photo, consent);
if (compared.status) {
  const similarity: number = compared.similarity;
  const limit: number = compared.defaultThresholds.similarity;
  const [first, second]: string[] = compared.imageTokens;
  console.log(similarity >= limit, first, second);
  holds<Same<typeof compared.code, 'success'>>();
} else {
  holds<Same<typeof compared, Failure>>();
  holds<Same<typeof compared.code, ErrorCode>>();
  if (compared.code === 'unauthorized') console.log(compared.message);
}

const detected = await Perse.face.detect(photo, consent);
if (detected.status === true) {
  for (const { boundingBox, landmarks, faceMetrics, livenessScore } of detected.faces) {
    const [x, y, width, height] = boundingBox;
    const [eyeX] = landmarks.leftEye;
    const turned: number | undefined = faceMetrics.rotation;
    const score: number | undefined = livenessScore;
    console.log(x + y + width + height + eyeX, score, turned);
  }
}

const similar = await Perse.face.isSimilar(photo, 'user-token', consent);
if (similar.code === 'similar') holds<Same<typeof similar.status, true>>();
else holds<Same<typeof similar.status, false>>();

const quality = await Perse.face.quality(photo, consent);
if (quality.code === 'bad_image_quality' || quality.code === 'success') {
  const blurred: boolean[] = quality.detailedFaces.map((face) => face.isBlurred);
  console.log(blurred, quality.totalFaces);
}
const spoofing = await Perse.face.qualityWithSpoofCheck(photo, consent);
if (spoofing.code === 'no_face_detected' || spoofing.code === 'success') {
  const isSpoofing: boolean | undefined = spoofing.detailedFaces[0]?.isSpoofing;
  console.log(isSpoofing);
}

const enrolled = await Perse.face.enrollment.create(photo, consent);
if (enrolled.status) {
  const token: string = enrolled.userToken;
  await Perse.face.enrollment.update(photo, token, consent);
  await Perse.face.enrollment.update(token, photo, consent);
  const { status } = await Perse.face.enrollment.delete(token);
  console.log(status);
}
const list = await Perse.face.enrollment.read();
if (list.status) console.log(list.userTokens.join(), list.totalUsers.toFixed());

const judged = await Perse.image.quality(photo);
if (judged.code === 'bad_image_quality' || judged.code === 'success') {
  const { sharpness }: { sharpness: number } = judged.metrics;
  console.log(sharpness, judged.isBlurred, judged.width * judged.height, judged.bytes?.toFixed());
}
const prepared = await Perse.image.prepare(photo, { timeout: 5_000 });
if (prepared.status) {
  const fit: Blob = prepared.blob;
  const place: boolean = prepared.report.removed.includes('gps');
  console.log(fit.size, place, prepared.report.from?.bytes, prepared.report.to.width);
}

// Every failure is a Failure, so that one function can show them all.
const show = (failure: Failure): string => `${failure.code}: ${failure.message}`;
for (const result of [compared, detected, similar, enrolled, list, prepared]) {
  if (!result.status) show(result);
}

// Codes can be told apart to the last one.
function isTransient(code: Code): boolean {
  switch (code) {
    case 'network_error':
    case 'server_busy':
    case 'timeout':
      return true;
    default:
      return false;
  }
}
console.log(isTransient('timeout'));

const wide: QualityResult = spoofing;
console.log(wide.message);
