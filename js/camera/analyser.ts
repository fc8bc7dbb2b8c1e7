/**
 * The one interface between the camera and whatever finds faces in its frames. All lengths are pixels of
 * the frame that was analysed, unmirrored, with the origin in its top left corner.
 */

import type { Global } from '../environment.js';

/** Finds faces in frames, one frame at a time. */
export interface Analyser {
  /**
   * Analyses a frame and takes it over: the frame is closed or transferred, and must not be used again.
   * Calls never overlap.
   *
   * Rejects when the analyser cannot go on, as when its worker died. It is disposed of then.
   *
   * @example
   * const { faces } = await analyser.analyse(await createImageBitmap(video));
   */
  analyse(frame: AnalysedFrame): Promise<FrameReport>;
  /**
   * Frees everything at once, without waiting: worker, memory, pending calls. Safe to call twice.
   *
   * @example
   * analyser.dispose();
   */
  dispose(): void;
}

/** A frame of the camera: at most 480 pixels on the shorter side. */
export type AnalysedFrame = ImageBitmap | Global<'VideoFrame'>;

/**
 * Creates an analyser. Rejects with an error whose `code` is `models_unavailable` or `wasm_unavailable`
 * where it can't.
 */
export type LoadAnalyser = (options: AnalyserOptions) => Promise<Analyser>;

/** Settings of an analyser. */
export interface AnalyserOptions {
  /**
   * URL of the file of network weights.
   * @default the weights of the package: a module of its own, or models/capture.weights.js beside the script
   */
  models?: string | URL | undefined;
}

/** Describes one frame. */
export interface FrameReport {
  /** Width of the frame, in pixels. */
  width: number;
  /** Height of the frame, in pixels. */
  height: number;
  /** Faces, largest first. */
  faces: FaceReport[];
  /**
   * Whether the whole frame was searched. `false` while one known face is followed: another face would
   * not be seen then. At least every 250 ms a frame is searched.
   */
  searched: boolean;
  /** Exposure and sharpness of the whole frame. */
  exposure: Exposure;
}

/** Describes one face of a frame. */
export interface FaceReport {
  /** The face from forehead to chin, as `face.detect` reports it. It may reach outside the frame. */
  box: Box;
  /** The 68 landmarks in the usual order, as x and y in turn: 136 numbers. */
  points: ArrayLike<number>;
  /** Degrees, -90..90. Above 0 the nose points to the image's right, which is the person's left. */
  yaw: number;
  /** Degrees, -90..90. Above 0 the person looks up. */
  pitch: number;
  /** Degrees, -180..180. Above 0 the head leans clockwise in the image, to the person's left shoulder. */
  roll: number;
  /** Exposure and sharpness inside the face's ellipse. */
  quality: Exposure;
  /** Openness of the person's eyes, comparable only with the same person's in other frames. */
  eyes: Eyes;
  /** Distance of the mouth's corners ÷ distance of the eyes' outer corners; about 0.62 at rest. */
  mouth: number;
}

/** A rectangle, in pixels. */
export interface Box {
  /** Left edge. */
  x: number;
  /** Upper edge. */
  y: number;
  /** Width. */
  width: number;
  /** Height. */
  height: number;
}

/**
 * Lightness of the darkest 6×6 window ÷ mean lightness, in a patch of 32×20 pixels aligned with the line
 * of the eyes. It falls by a fifth or more when an eye closes; the level itself differs between people.
 */
export interface Eyes {
  /** The person's left eye, 0..1. */
  left: number;
  /** The person's right eye, 0..1. */
  right: number;
}

/** The service's metrics of a photo or face. */
export interface Exposure {
  /** Share of luma 0..63, 0..1. Above 0.7 it is too dark. */
  underexposure: number;
  /** Share of luma 192..255, 0..1. Above 0.65 it is too bright. */
  overexposure: number;
  /** Spread of the Laplacian, 0..1. Below 0.1591 it is blurred. */
  sharpness: number;
}
