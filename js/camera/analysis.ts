/** The analyser of a capture: loaded while the browser asks the person, replaced once, then done without. */
import type { AnalysedFrame, Analyser, FrameReport, LoadAnalyser } from './analyser.js';

/** Keeps the analyser of a capture. */
export class Analysis {
  readonly #load: () => Promise<Analyser>;
  readonly #onUnavailable: (cause: unknown) => void;
  #analyser: Analyser | undefined;
  #isUnavailable = false;
  #hasReloaded = false;
  /** Counts captures: what an older one loaded is disposed of. */
  #epoch = 0;

  /** `onUnavailable` is called once when no analyser can be loaded, or the second one fails. */
  constructor(
    loadAnalyser: LoadAnalyser,
    models: string | URL | undefined,
    onUnavailable: (cause: unknown) => void,
  ) {
    this.#load = () => loadAnalyser({ models });
    this.#onUnavailable = onUnavailable;
  }

  /** Whether frames can be analysed now. */
  get isReady(): boolean {
    return this.#analyser !== undefined;
  }

  /** Whether this capture goes on without. */
  get isUnavailable(): boolean {
    return this.#isUnavailable;
  }

  /** Loads an analyser for a capture. */
  async start(): Promise<void> {
    this.release();
    this.#isUnavailable = this.#hasReloaded = false;
    await this.#open();
  }

  /** Analyses a frame. Returns `undefined` where the analyser failed, or was released meanwhile. */
  async analyse(frame: AnalysedFrame): Promise<FrameReport | undefined> {
    const epoch = this.#epoch;
    if (!this.#analyser) return void frame.close();
    try {
      return await this.#analyser.analyse(frame);
    } catch (cause) {
      if (epoch === this.#epoch) await this.#replace(cause);
      return undefined;
    }
  }

  /** Ends the analyser, also one that is still loading. */
  release(): void {
    this.#epoch++;
    this.#analyser?.dispose();
    this.#analyser = undefined;
  }

  async #open(): Promise<void> {
    const epoch = this.#epoch;
    try {
      const analyser = await this.#load();
      if (epoch === this.#epoch) this.#analyser = analyser;
      else analyser.dispose();
    } catch (cause) {
      if (epoch === this.#epoch) this.#giveUp(cause);
    }
  }

  /** A worker that died is replaced once. */
  async #replace(cause: unknown): Promise<void> {
    this.release();
    if (this.#hasReloaded) return this.#giveUp(cause);
    this.#hasReloaded = true;
    await this.#open();
  }

  #giveUp(cause: unknown): void {
    this.#isUnavailable = true;
    this.#onUnavailable(cause);
  }
}
