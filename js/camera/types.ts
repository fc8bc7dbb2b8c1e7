/** Options, events and results of a capture. */
import type { Box, Exposure } from './analyser.js';
import type { ChallengeResult } from './challenge.js';
import type { CameraErrorCode, CameraWarningCode } from './errors.js';
import type { Direction, HintCode, Step } from './guidance.js';
import type { Settings } from './limits.js';
import type { MessageOptions } from './messages.js';

/** States of a capture. */
export type CaptureState =
  /** The camera is off. */
  | 'idle'
  /** The browser asks the person. */
  | 'requesting'
  /** The browser wants a tap before it shows the picture: call `start()` from one. */
  | 'needs_gesture'
  /** The camera is on, its first frame is awaited. */
  | 'starting'
  /** There is no face. */
  | 'searching'
  /** There is a face, and something to do better. */
  | 'guiding'
  /** Everything is good; the photo follows. */
  | 'holding'
  /** The photo is made. */
  | 'capturing'
  /** All photos are taken; the person is asked to do something. */
  | 'challenging'
  /** All photos are taken; the camera is off. */
  | 'done'
  /** The page is hidden or the camera is taken away for a while. */
  | 'interrupted'
  /** It failed; the camera is off. */
  | 'failed'
  /** The person cancelled; the camera is off. */
  | 'cancelled';

/** A face, in pixels of the video; in a photo, in pixels of the photo. Never mirrored. */
export interface CapturedFace {
  /** The face from forehead to chin. */
  box: Box;
  /** The 68 landmarks, as x and y in turn. */
  points: readonly number[];
  /** Degrees. Above 0 the person has turned to their left. */
  yaw: number;
  /** Degrees. Above 0 the person looks up. */
  pitch: number;
  /** Degrees. Above 0 the head leans to the person's left shoulder. */
  roll: number;
  /** `pitch` in Perse's steps of ±12° and ±36°. */
  vertical: Step<'down', 'up'>;
  /** `yaw` in the same steps, as the person sees it. */
  horizontal: Step<'right', 'left'>;
  /** `roll` in the same steps, as the person sees it. */
  tilt: Step<'right', 'left'>;
  /** Whether the person's left eye is open; `null` until enough frames are known. */
  leftEyeOpen: boolean | null;
  /** Whether the person's right eye is open; `null` until enough frames are known. */
  rightEyeOpen: boolean | null;
  /** Whether the person smiles. */
  smiling: boolean;
  /** Exposure and sharpness of the face. */
  quality: Exposure;
}

/** Which camera it was. */
export interface CameraName {
  /** The browser's name of it. Virtual cameras often say so here: a hint for your server. */
  label: string;
  /** Direction of the camera. */
  facing: 'user' | 'environment';
}

/** Says that the state has changed. */
export interface StateChange {
  /** The state now. */
  state: CaptureState;
  /** The state before. */
  previous: CaptureState;
}

/** Says what the person should do, or what just happened. */
export interface HintDetail {
  /** Code of the hint. */
  code: HintCode;
  /** The same in words. */
  message: string;
  /** Direction to move, turn or lean. */
  direction?: Direction;
}

/** Says that all photos were taken. */
export interface Completion {
  /** The photos, in order. */
  photos: readonly CapturedPhoto[];
  /** Outcome of the challenge; `null` if there was none. */
  presence: Presence | null;
}

/**
 * Tells whether a person followed instructions before this camera. It does not tell a person from a recording, nor a
 * camera from a program that pretends to be one: decide on your server.
 */
export interface Presence {
  /** The actions that the person was asked for, in order. */
  challenges: readonly ChallengeResult[];
  /** Whether they did all of it. */
  passed: boolean;
  /** Frames of the challenge, in order; empty without `keepFrames`. */
  frames: readonly KeptFrame[];
}

/** A frame of a challenge. */
export interface KeptFrame {
  /** A JPEG file of all of the picture, never mirrored. */
  blob: Blob;
  /** Width, in pixels. */
  width: number;
  /** Height, in pixels. */
  height: number;
  /** Milliseconds since the challenge began. */
  at: number;
}

/** Says what limits a capture, or why it failed. */
export interface Problem<Code extends string> {
  /** The file. */
  code: Code;
  /** The same in words, and what to do. */
  message: string;
}

/** A photo. */
export interface CapturedPhoto {
  /** A JPEG file, never mirrored; what the person chose, if `source` is `file`. */
  blob: Blob;
  /** Width, in pixels. */
  width: number;
  /** Height, in pixels. */
  height: number;
  /** Number of this photo, from 1. */
  count: number;
  /** Number of photos that will be taken; 0 if there is no end. */
  total: number;
  /** The face in it; `null` if the photo was taken by hand without one, or is a file. */
  face: CapturedFace | null;
  /** Exposure and sharpness of the face; `null` if there is none. */
  quality: Exposure | null;
  /** Milliseconds since 1970. */
  takenAt: number;
  /** Source of the photo. */
  source: 'camera' | 'file';
  /** The camera; `null` if it is a file. */
  camera: CameraName | null;
  /** Warnings: facts that may be too little for a verification. */
  warnings: 'low_resolution'[];
}

/** Result of a capture. */
export type CaptureResult =
  | {
      /** All photos were taken. */
      status: true;
      /** The only code of that. */
      code: 'success';
      /** The same in words. */
      message: string;
      /** The photos, in order. */
      photos: readonly CapturedPhoto[];
      /** Outcome of the challenge; `null` if there was none. */
      presence: Presence | null;
    }
  | CaptureFailure;

/** Why there is no photo. */
export interface CaptureFailure {
  /** There is no photo. */
  status: false;
  /** Code of the failure. */
  code: CameraErrorCode;
  /** The same in words, and what to do. */
  message: string;
}

/** Events of a capture, with their `detail`. */
export interface CaptureEvents {
  /** The state has changed. */
  statechange: StateChange;
  /** There is something else to tell the person; at most every 700 ms. */
  hint: HintDetail;
  /** A frame with a face was analysed. */
  face: CapturedFace;
  /** The face is gone. */
  facelost: Record<string, never>;
  /** A photo was taken. */
  photo: CapturedPhoto;
  /** The person did what they were asked to do, or did not; `complete` follows. */
  presence: Presence;
  /** All photos were taken. */
  complete: Completion;
  /** The person cancelled. */
  cancel: Record<string, never>;
  /** Something limits the capture, which goes on. */
  warning: Problem<CameraWarningCode>;
  /** The capture failed. */
  fail: Problem<CameraErrorCode>;
}

/** Options of a capture. */
export interface SessionOptions extends Partial<Settings>, MessageOptions {
  /** URL of the file of network weights. @default the weights of the package */
  models?: string | URL | undefined;
  /** Ends the capture. */
  signal?: AbortSignal | undefined;
}
