/** The page's end of the worker of the engine that guides. */
import type { AnalysedFrame, Analyser, FrameReport } from '../camera/analyser.js';
import { CameraError } from '../camera/errors.js';
import type { Answer, Task } from './messages.js';
import { WorkerClient, type WorkerLike } from './worker-client.js';

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
  readonly #client: WorkerClient<Task, Answer>;

  constructor(worker: WorkerLike) {
    this.#client = new WorkerClient(worker, (message) => new CameraError('wasm_unavailable', message));
  }

  async analyse(frame: AnalysedFrame): Promise<FrameReport> {
    const answer = await this.ask({ frame }, [frame]);
    if ('report' in answer) return answer.report;
    throw new CameraError('wasm_unavailable', 'The worker answered another question.');
  }

  dispose(): void {
    this.#client.end(new CameraError('aborted', 'The analyser is disposed of.'));
  }

  /** Asks the worker, which ends when the engine can't go on. */
  async ask(task: Task, transfer: Transferable[]): Promise<Exclude<Answer, { failure: unknown }>> {
    const answer = await this.#client.ask(task, transfer);
    if (!('failure' in answer)) return answer;
    const cause = new CameraError(answer.failure.code, answer.failure.message);
    this.#client.end(cause);
    throw cause;
  }
}
