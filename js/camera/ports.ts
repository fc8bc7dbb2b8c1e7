/** Interfaces of a capture to time and a camera. Tests bring their own. */
import type { AnalysedFrame } from './analyser.js';

/** Tells the time and wakes up later. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls an action once, after `ms` milliseconds. */
  set(action: () => void, ms: number): Timer;
  /** Forgets a timer; ignores one that is over. */
  clear(timer: Timer | undefined): void;
}

/** A timer of a {@link Clock}. */
export type Timer = ReturnType<typeof setTimeout>;

/** The browser's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  set: (action, ms) => setTimeout(action, ms),
  clear: (timer) => clearTimeout(timer),
};

/** Which camera to open. */
export interface CameraRequest {
  /** The camera that faces the person, or the world. */
  facing: 'user' | 'environment';
  /** Exactly this camera; another one is opened when it is gone. */
  deviceId?: string | undefined;
}

/** A camera that is open. */
export interface OpenCamera {
  /** The browser's name of the camera. Virtual cameras often say so here: a hint for your server. */
  label: string;
  /** Direction of the camera. Cameras that don't say count as facing the person. */
  facing: 'user' | 'environment';
  /** Its `deviceId`. */
  deviceId: string;
  /** Whether another camera than the requested one was opened. */
  isReplacement: boolean;
  /** Whether the browser wants a tap before it shows the picture. */
  needsGesture: boolean;
}

/** A camera of the device. */
export interface CameraDevice {
  /** Its `deviceId`. */
  deviceId: string;
  /** The browser's name of it; empty before the person has allowed a camera. */
  label: string;
}

/** Pictures of one moment; the caller closes each. */
export interface Grab {
  /** At most 480 pixels on the shorter side, for the analyser. */
  frame: AnalysedFrame | undefined;
  /** All pixels of the same moment, unmirrored. */
  photo: ImageBitmap | undefined;
  /** Width of the photo, in pixels; the frame is reduced from it. */
  width: number;
  /** Height of the photo, in pixels. */
  height: number;
}

/** A rectangle of a photo, in whole pixels. */
export interface Crop {
  /** Left edge. */
  x: number;
  /** Upper edge. */
  y: number;
  /** Width. */
  width: number;
  /** Height. */
  height: number;
}

/** A photo as a file. */
export interface EncodedPhoto {
  /** A JPEG file. */
  blob: Blob;
  /** Width, in pixels. */
  width: number;
  /** Height, in pixels. */
  height: number;
}

/** Events of a camera. */
export interface CameraEvents {
  /** A new frame can be grabbed. */
  frame(): void;
  /** The camera is gone. */
  ended(): void;
  /** The camera delivers no pictures for now, as during a phone call. */
  muted(): void;
  /** It does again. */
  unmuted(): void;
  /** The page can't be seen. */
  hidden(): void;
  /** It can again. */
  visible(): void;
  /** The page is left. */
  leaving(): void;
  /** Another capture of the page took the camera over. */
  replaced(): void;
}

/** The one owner of a camera's stream. */
export interface CameraPort {
  /**
   * Opens a camera with exactly one request to the browser, after closing the one before. A camera that
   * comes after `close` is stopped at once.
   *
   * Rejects with a `CameraError`.
   */
  open(request: CameraRequest, events: CameraEvents): Promise<OpenCamera>;
  /** Stops every track before it returns. Safe to call at any time. */
  close(): void;
  /**
   * Shows the picture again after an interruption, or after a tap. `false` if the camera has to be opened
   * again.
   */
  resume(): Promise<boolean>;
  /** Takes pictures of this moment. */
  grab(wanted: { frame: boolean; photo: boolean }): Promise<Grab>;
  /**
   * Counts what has been played: grows while the camera delivers, also where no frame is announced, as
   * while the video is scrolled out of sight.
   */
  progress(): number;
  /** Looks at a few pixels of this moment. */
  probe(): 'black' | 'grey' | 'color';
  /** Makes a file of a photo or a part of it, and closes the photo. */
  encode(photo: ImageBitmap, crop: Crop | undefined): Promise<EncodedPhoto>;
  /** Switches the light. `false` if the camera has none. */
  setTorch(isOn: boolean): Promise<boolean>;
  /** Lists cameras. Never asks the person. */
  devices(): Promise<CameraDevice[]>;
}
