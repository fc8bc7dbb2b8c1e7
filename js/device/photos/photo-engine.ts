/** The page's one engine of photos: its worker starts for the first photo, and ends by `dispose`. */
import { isErrorDetail, scriptUnavailable, type ErrorDetail } from '../../messages/error-detail.js';
import { createQueue, untilAborted } from '../../photo/queue.js';
import { startScript } from '../../script-worker.js';
import { lazyModule } from '../../wasm/lazy-module.js';
import { captureWeights } from '../capture-weights.js';
import { detectionWeights, recognitionWeights } from '../photo-weights.js';
import { WorkerClient } from '../worker-client.js';
import type { Answer, Question } from './messages.js';

type EngineWorker = WorkerClient<Question, Answer>;
/** The answer to a question of one kind. */
type AnswerWith<Key extends string> = Extract<Answer, Record<Key, unknown>>;

const loadModule = lazyModule(
  () => import('./engine-simd.js'),
  () => import('./engine-plain.js'),
);

let starting: Promise<EngineWorker> | undefined;
/** Settles when the started worker can describe faces. */
let recognition: Promise<void> | undefined;
/** Two photos at once would need twice the memory. */
const queue = createQueue();

/** Loads the engine and the weights that find faces, unless they are loaded. Rejects with an {@link ErrorDetail}. */
export function load(): Promise<EngineWorker> {
  const loading = (starting ??= start());
  return loading.then(
    (worker) => {
      if (!worker.hasEnded) return worker;
      // It failed, or was disposed of: the next one may do better.
      if (starting === loading) dispose();
      return load();
    },
    (cause) => {
      if (starting === loading) dispose();
      throw isErrorDetail(cause) ? cause : scriptUnavailable(cause);
    },
  );
}

/** Loads what {@link load} does, and the weights that describe faces. Rejects with an {@link ErrorDetail}. */
export async function loadRecognition(): Promise<EngineWorker> {
  const worker = await load();
  const loading = (recognition ??= addRecognition(worker));
  try {
    await loading;
    return worker;
  } catch (cause) {
    if (recognition === loading) recognition = undefined;
    throw isErrorDetail(cause) ? cause : scriptUnavailable(cause);
  }
}

/** Returns the report on a photo, the numbers of `crates/device`. Rejects with an {@link ErrorDetail}. */
export async function findFaces(photo: Blob, signal: AbortSignal | undefined): Promise<Float32Array> {
  const { faces } = await ask<AnswerWith<'faces'>>(load(), { detect: photo }, signal);
  return faces;
}

/** Compares the largest faces of two photos. Rejects with an {@link ErrorDetail}. */
export async function compareFaces(
  photos: [Blob, Blob],
  signal: AbortSignal | undefined,
): Promise<AnswerWith<'similarity'>> {
  return ask(loadRecognition(), { compare: photos }, signal);
}

/** Ends the worker at once and frees its memory. What is pending is `aborted`; the next photo starts another one. */
export function dispose(): void {
  const ended = starting;
  starting = recognition = undefined;
  ended?.then(
    (worker) => worker.end(failure('aborted', 'The face engine was disposed of.')),
    () => {},
  );
}

async function ask<Kind extends Answer>(
  loading: Promise<EngineWorker>,
  question: Question,
  signal: AbortSignal | undefined,
): Promise<Kind> {
  const worker = await untilAborted(loading, signal);
  const asking = queue.run(() => answerOf(worker, question), signal);
  return (await untilAborted(asking, signal)) as Kind;
}

async function answerOf(worker: EngineWorker, question: Question, transfer?: ArrayBuffer[]): Promise<Answer> {
  const answer = await worker.ask(question, transfer);
  if ('errorDetail' in answer) throw answer.errorDetail;
  return answer;
}

async function start(): Promise<EngineWorker> {
  if (typeof Worker === 'undefined') {
    throw failure('wasm_unavailable', 'This environment, such as Node.js, has no workers.');
  }
  const [module, capture, detection, script] = await Promise.all([
    loadModule(),
    captureWeights(),
    detectionWeights(),
    import('./engine-script.js'),
  ]);
  const { worker, release } = startScript(script.default);
  const client: EngineWorker = new WorkerClient(worker, (message) =>
    failure('wasm_unavailable', `The face engine did not start, or stopped. ${message}`),
  );
  try {
    await answerOf(client, { module, weights: [capture, detection] }, [capture, detection]);
    return client;
  } catch (cause) {
    client.end(failure('wasm_unavailable', 'The face engine did not start.'));
    throw cause;
  } finally {
    release();
  }
}

async function addRecognition(worker: EngineWorker): Promise<void> {
  const weights = await recognitionWeights();
  // Not between the photos of a pending comparison.
  await queue.run(() => answerOf(worker, { recognition: weights }, [weights]), undefined);
}

/** An error that is an {@link ErrorDetail}, too. */
function failure(code: ErrorDetail['code'], detail: string): Error & ErrorDetail {
  return Object.assign(new Error(detail), { code, detail });
}
