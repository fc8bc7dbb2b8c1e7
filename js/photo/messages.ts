/** Messages between the main thread and the photo worker. */
import type { ErrorDetail } from '../messages/error-detail.js';

/** An image: a file without an orientation, or a bitmap that the job closes. */
export type Picture = Blob | ImageBitmap;

export type Job = EncodeJob | MeasureJob;

export interface EncodeJob {
  kind: 'encode';
  picture: Picture;
  orientation: number;
  maxBytes: number;
  /** In pixels. */
  maxSide: number;
  /** Of the JPEG, in 0..=1; lower ones are tried where fewer pixels do not help. */
  quality: number;
}

export interface MeasureJob {
  kind: 'measure';
  picture: Picture;
  orientation: number;
  shorterSide: number;
}

/** An upright JPEG. */
export interface Encoded {
  blob: Blob;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Of the JPEG, in 0..=1. */
  quality: number;
  /** Width and height of the decoded image, in pixels, upright. */
  source: [width: number, height: number];
}

/** The metrics of a whole image, by the formulas of `crates/metrics`. */
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

/** A job for the worker. */
export interface Task {
  job: Job;
  module: WebAssembly.Module;
}

/** The first message to the worker: a file that it must be able to read. */
export interface Probe {
  probe: Blob;
}

/** From the worker: first whether it can work, then one outcome per task. */
export type Report =
  { isReady: boolean } | { result: Encoded | Measured } | { errorDetail: ErrorDetail } | { error: string };
