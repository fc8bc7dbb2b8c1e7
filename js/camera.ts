/**
 * The entry `perse-wasm/camera`: a camera that guides a person to a good photo. Importing it registers
 * `<perse-camera>` and does nothing else; a server may import it.
 */
import { definePerseCamera } from './camera/element.js';

export { capture, openCamera } from './camera/capture.js';
export type { CaptureOptions, OpenCameraOptions } from './camera/capture.js';
export { PerseCamera } from './camera/element.js';
export type { PerseCameraProperties } from './camera/attributes.js';
export type { PerseCameraEventMap } from './camera/element.js';
export type { ChallengeName, ChallengeResult } from './camera/challenge.js';
export { CameraError } from './camera/errors.js';
export type { CameraErrorCode, CameraWarningCode } from './camera/errors.js';
export { HINTS } from './camera/guidance.js';
export type { Direction, Hint, HintCode, Step } from './camera/guidance.js';
export type { Limits, Region, Settings } from './camera/limits.js';
export type { MessageKey, MessageOptions } from './camera/messages.js';
export type { CameraDevice, EncodedPhoto } from './camera/ports.js';
export { CaptureSession } from './camera/session.js';
export type {
  CameraName,
  CapturedFace,
  CapturedPhoto,
  CaptureEvents,
  CaptureFailure,
  CaptureResult,
  CaptureState,
  Completion,
  HintDetail,
  KeptFrame,
  Presence,
  Problem,
  SessionOptions,
  StateChange,
} from './camera/types.js';
export type {
  AnalysedFrame,
  Analyser,
  AnalyserOptions,
  Box,
  Exposure,
  Eyes,
  FaceReport,
  FrameReport,
  LoadAnalyser,
} from './camera/analyser.js';

definePerseCamera();
