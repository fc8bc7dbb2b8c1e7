/** The worker of the engine of photos: answers one question after the other. The build makes a text of it. */
import {
  PhotoEngine,
  initSync,
  similarityThreshold,
  type DescribedFace,
} from '../../../build/photo-engine/perse_device.js';
import type { ErrorDetail } from '../../messages/error-detail.js';
import type { Answer, Question } from './messages.js';

let engine: PhotoEngine | undefined;

onmessage = async ({ data }: MessageEvent<Question>) => {
  let answer: Answer;
  try {
    answer = await answerTo(data);
  } catch (cause) {
    answer = { errorDetail: toDetail(cause) };
  }
  postMessage(answer);
};

async function answerTo(question: Question): Promise<Answer> {
  if ('module' in question) return start(question.module, question.weights);
  if ('recognition' in question) return ready(engine!.addRecognition(new Uint8Array(question.recognition)));
  if ('detect' in question) {
    const { data, width } = await pixelsOf(question.detect);
    return { faces: engine!.detect(data, width) };
  }
  return compare(question.compare);
}

function start(module: WebAssembly.Module, [capture, detection]: [ArrayBuffer, ArrayBuffer]): Answer {
  initSync({ module });
  engine = PhotoEngine.create(new Uint8Array(capture), new Uint8Array(detection));
  return ready(engine !== undefined);
}

function ready(isReady: boolean): Answer {
  if (isReady) return { isReady };
  throw {
    code: 'wasm_unavailable',
    detail: 'The weights of the networks are damaged.',
  } satisfies ErrorDetail;
}

async function compare(photos: [Blob, Blob]): Promise<Answer> {
  const faces: DescribedFace[] = [];
  // The browser decodes the second one while this thread looks at the first.
  const decoding = photos.map(pixelsOf);
  decoding[1]!.catch(() => {});
  for (const [index, pixels] of decoding.entries()) {
    const { data, width } = await pixels;
    const face = engine!.describe(data, width);
    if (!face) throw { code: 'no_face_detected', image: index === 0 ? 'a' : 'b' } satisfies ErrorDetail;
    faces.push(face);
  }
  const [a, b] = faces as [DescribedFace, DescribedFace];
  return { similarity: a.similarity(b), threshold: similarityThreshold() };
}

async function pixelsOf(photo: Blob): Promise<ImageData> {
  if (typeof OffscreenCanvas === 'undefined') {
    // Safari before 17.
    const detail = 'This browser has no canvas in workers.';
    throw { code: 'wasm_unavailable', detail } satisfies ErrorDetail;
  }
  const bitmap = await createImageBitmap(photo).catch((cause) => {
    const detail = `The browser can't open this photo: ${cause}`;
    throw { code: 'invalid_file_type', detail } satisfies ErrorDetail;
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** Without the table of codes, which the worker has no need of. */
function toDetail(cause: unknown): ErrorDetail {
  const { code, detail, image } = Object(cause) as ErrorDetail;
  if (typeof code === 'string') return { code, detail, image };
  return { code: 'internal_error', detail: `The face engine failed. Report this: ${cause}` };
}
