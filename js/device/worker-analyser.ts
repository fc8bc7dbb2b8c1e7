/** The page's end of the face engine's worker. */
import type { AnalysedFrame, Analyser, FrameReport } from '../camera/analyser.js';
import { CameraError } from '../camera/errors.js';
import type { Answer, Task } from './messages.js';

/** A worker that has not answered by then will not, in milliseconds; a frame takes 8. */
const ANSWER_LIMIT_MS = 10_000;

/** The part of a `Worker` that is used. */
export type WorkerLike = Pick<
  Worker,
  'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'
>;

/**
 * Starts the engine in a worker. Takes the worker over, and terminates it when the engine fails.
 *
 * Rejects with a `CameraError` of the code `models_unavailable` or `wasm_unavailable`.
 */
export async function startWorkerAnalyser(
  worker: WorkerLike,
  module: WebAssembly.Module,
  weights: ArrayBuffer,
): Promise<Analyser> {
  const analyser = new WorkerAnalyser(worker);
  await analyser.ask({ module, weights }, [weights]);
  return analyser;
}

class WorkerAnalyser implements Analyser {
  readonly #worker: WorkerLike;
  #isDisposed = false;
  #pending: { resolve(answer: Answer): void; reject(cause: CameraError): void } | undefined;

  constructor(worker: WorkerLike) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ('failure' in data) this.#fail(new CameraError(data.failure.code, data.failure.message));
      else this.#pending?.resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new CameraError('wasm_unavailable', event.message));
    };
    worker.onmessageerror = () => this.#fail(new CameraError('wasm_unavailable', 'An unreadable message.'));
  }

  async analyse(frame: AnalysedFrame): Promise<FrameReport> {
    const answer = await this.ask({ frame }, [frame]);
    if ('report' in answer) return answer.report;
    throw new CameraError('wasm_unavailable', 'The worker answered another question.');
  }

  dispose(): void {
    this.#fail(new CameraError('aborted', 'The analyser was disposed of.'));
  }

  ask(task: Task, transfer: Transferable[]): Promise<Answer> {
    if (this.#isDisposed) return Promise.reject(new CameraError('aborted', 'The analyser is disposed of.'));
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(new CameraError('wasm_unavailable', 'The worker does not answer.')),
        ANSWER_LIMIT_MS,
      );
      const settle = () => {
        clearTimeout(timer);
        this.#pending = undefined;
      };
      this.#pending = {
        resolve(answer) {
          settle();
          resolve(answer);
        },
        reject(cause) {
          settle();
          reject(cause);
        },
      };
      this.#worker.postMessage(task, transfer);
    });
  }

  /** Ends the worker; what was asked has no answer. */
  #fail(cause: CameraError): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#worker.terminate();
    this.#pending?.reject(cause);
  }
}
