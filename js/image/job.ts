/** What is asked of the worker, or of the page's own thread, and what comes back. */

/** A picture: a file's bytes without an orientation of their own, or pixels that the job may close. */
export type Picture = Blob | ImageBitmap;

export type Job = EncodeJob | MeasureJob;

export interface EncodeJob {
  kind: 'encode';
  picture: Picture;
  orientation: number;
  maxBytes: number;
  maxPixels: number;
}

export interface MeasureJob {
  kind: 'measure';
  picture: Picture;
  orientation: number;
  shorterSide: number;
}

/** A JPEG, upright. */
export interface Encoded {
  blob: Blob;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Of the JPEG, in 0..=1. */
  quality: number;
}

/** The metrics of a whole picture, by the formulas of the service. */
export interface Measured {
  /** In pixels, upright. */
  width: number;
  /** In pixels, upright. */
  height: number;
  /** Share of dark pixels, in 0..=1. */
  underexposure: number;
  /** Share of bright pixels, in 0..=1. */
  overexposure: number;
  /** Spread of the Laplacian, in 0..=1. */
  sharpness: number;
}

/** To the worker. */
export interface Task {
  job: Job;
  module: WebAssembly.Module;
}

/** To the worker before any task: a file that it has to be able to read. */
export interface Probe {
  probe: Blob;
}

/** From the worker: first whether it can work at all, then an outcome for each task. */
export type Report =
  | { isReady: boolean }
  | { result: Encoded | Measured }
  | { failure: { code: string; message: string } }
  | { error: string };
