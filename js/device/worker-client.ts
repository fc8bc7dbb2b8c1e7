/** The page's end of a worker that answers one question at a time. */

/** A worker that has not answered by then will not, in milliseconds: a frame takes 8, a photo a second at most. */
const ANSWER_LIMIT_MS = 10_000;

/** The part of a `Worker` that is used. */
export type WorkerLike = Pick<
  Worker,
  'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'
>;

/** Asks a worker, and terminates it when it fails or is no longer needed. Questions never overlap. */
export class WorkerClient<Question, Answer> {
  readonly #worker: WorkerLike;
  /** Makes the error of a worker that failed. */
  readonly #failed: (message: string) => Error;
  #end: Error | undefined;
  #pending: { resolve(answer: Answer): void; reject(cause: Error): void } | undefined;

  /** Takes the worker over. */
  constructor(worker: WorkerLike, failed: (message: string) => Error) {
    this.#worker = worker;
    this.#failed = failed;
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#pending?.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.end(failed(event.message));
    };
    worker.onmessageerror = () => this.end(failed('An unreadable message.'));
  }

  /** Whether the worker has ended. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Asks a question; rejects when the worker fails, has ended, or does not answer in ten seconds. */
  ask(question: Question, transfer: Transferable[] = []): Promise<Answer> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => this.end(this.#failed('The worker does not answer.')), ANSWER_LIMIT_MS);
      const settling =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer);
          this.#pending = undefined;
          settle(value);
        };
      this.#pending = { resolve: settling(resolve), reject: settling(reject) };
      this.#worker.postMessage(question, transfer);
    });
  }

  /** Ends the worker; what was asked, and what will be, rejects with `cause`. */
  end(cause: Error): void {
    if (this.#end) return;
    this.#end = cause;
    this.#worker.terminate();
    this.#pending?.reject(cause);
  }
}
