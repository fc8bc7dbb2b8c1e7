/** The types of a capture's events, as a list. */
import type { CaptureEvents } from './types.js';

/** A type that is missing here fails to compile. */
const EVENTS: Record<keyof CaptureEvents, true> = {
  statechange: true,
  hint: true,
  face: true,
  facelost: true,
  photo: true,
  presence: true,
  complete: true,
  cancel: true,
  warning: true,
  fail: true,
};

/** Types of all events. */
export const EVENT_TYPES = Object.keys(EVENTS) as (keyof CaptureEvents)[];
