/** Groups of a capture's states. */
import type { CaptureState } from './types.js';

/** The camera delivers frames. */
export const LIVE: ReadonlySet<CaptureState> = new Set<CaptureState>([
  'searching',
  'guiding',
  'holding',
  'capturing',
  'challenging',
]);

/** The camera is off. */
export const OFF: ReadonlySet<CaptureState> = new Set<CaptureState>(['idle', 'done', 'failed', 'cancelled']);
