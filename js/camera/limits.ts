/** Options of a capture with their defaults, ranges and checks. */
import { own } from '../own.js';

/** Limits of a face that is good enough for a photo. */
export interface Limits {
  /** Height of the face ÷ shorter side of the frame, at least; 0..1. @default 0.35 */
  minSize: number;
  /** Height of the face ÷ shorter side of the frame, at most; 0..1. @default 0.9 */
  maxSize: number;
  /** Shares of the frame that the face must stay clear of: top, right, bottom, left; 0..1. @default 0 0 0 0 */
  roi: Region;
  /** Degrees that the head may be turned to a side, 0..90. @default 20 */
  maxYaw: number;
  /** Degrees that the head may look up or down, 0..90. @default 30 */
  maxPitch: number;
  /** Degrees that the head may lean, 0..180. @default 20 */
  maxRoll: number;
  /** Take no photo while the eyes are closed. @default true */
  eyesOpen: boolean;
}

/** Shares of a frame's height and width: top, right, bottom, left; 0..1 each. */
export type Region = readonly [top: number, right: number, bottom: number, left: number];

/** Options of a capture that have a default. */
export interface Settings extends Limits {
  /** The camera that faces the person, or the world. @default 'user' */
  facing: 'user' | 'environment';
  /** A camera's `deviceId`; goes before `facing`. @default none */
  deviceId: string | undefined;
  /** Take photos by themselves once everything is good, or only when told. @default 'auto' */
  capture: 'auto' | 'manual';
  /** Number of photos, 0..25; 0 takes photos until it is stopped. @default 1 */
  count: number;
  /** Milliseconds between two photos, 0..60000. @default 1000 */
  interval: number;
  /** The whole picture, or the face with a margin. @default 'none' */
  crop: 'none' | 'face';
  /** Margin on each side of a cropped face, as a share of the face's size; 0..1. @default 0.2 */
  cropMargin: number;
  /** Milliseconds that everything has to be good before a photo is taken, 0..5000. @default 600 */
  hold: number;
  /** Milliseconds without a photo after which the capture fails; 0 never. @default 60000 */
  timeout: number;
  /**
   * Ask the person to do something after the last photo, 10 seconds long: turn the head to a side, smile, blink, or
   * one of the first two by chance. The event `presence` tells whether they did. It shows that somebody follows the
   * instructions, not that they are no recording. @default 'none'
   */
  challenge: 'none' | 'turn' | 'smile' | 'blink' | 'random';
  /**
   * Keep two frames a second of the challenge, at most 21, in `presence.frames`, for your server to look at.
   * @default false
   */
  keepFrames: boolean;
  /** Switch the camera's light on. @default false */
  torch: boolean;
}

/** The defaults. */
export const DEFAULTS: Settings = {
  facing: 'user',
  deviceId: undefined,
  capture: 'auto',
  count: 1,
  interval: 1000,
  minSize: 0.35,
  maxSize: 0.9,
  roi: [0, 0, 0, 0],
  crop: 'none',
  cropMargin: 0.2,
  maxYaw: 20,
  maxPitch: 30,
  maxRoll: 20,
  hold: 600,
  eyesOpen: true,
  timeout: 60_000,
  challenge: 'none',
  keepFrames: false,
  torch: false,
};

const RANGES: { [name in keyof Settings]?: readonly [min: number, max: number] } = {
  count: [0, 25],
  interval: [0, 60_000],
  minSize: [0, 1],
  maxSize: [0, 1],
  cropMargin: [0, 1],
  maxYaw: [0, 90],
  maxPitch: [0, 90],
  maxRoll: [0, 180],
  hold: [0, 5000],
  timeout: [0, 86_400_000],
};

const CHOICES: { [name in keyof Settings]?: readonly string[] } = {
  facing: ['user', 'environment'],
  capture: ['auto', 'manual'],
  crop: ['none', 'face'],
  challenge: ['none', 'turn', 'smile', 'blink', 'random'],
};

/**
 * Fills in defaults.
 *
 * @throws TypeError naming an option whose type or range is wrong.
 */
export function toSettings(options: Partial<Settings>): Settings {
  const settings = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Settings)[]) {
    const value = own(options, name);
    if (value !== undefined) Object.assign(settings, { [name]: check(name, value) });
  }
  const [top, right, bottom, left] = settings.roi;
  if (top + bottom >= 1 || left + right >= 1) throw wrong('roi', 'shares that leave some room');
  if (settings.minSize >= settings.maxSize) throw wrong('minSize', 'less than maxSize');
  return settings;
}

function check(name: keyof Settings, value: unknown): unknown {
  const range = RANGES[name];
  const choices = CHOICES[name];
  if (range) {
    const [min, max] = range;
    const isWithin = typeof value === 'number' && value >= min && value <= max;
    if (!isWithin || (name === 'count' && !Number.isInteger(value))) {
      throw wrong(name, `${name === 'count' ? 'a whole number' : 'a number'} from ${min} to ${max}`);
    }
  } else if (choices) {
    if (!choices.includes(value as string)) throw wrong(name, choices.join(' or '));
  } else if (name === 'roi') {
    const isRegion =
      Array.isArray(value) &&
      value.length === 4 &&
      value.every((share) => typeof share === 'number' && share >= 0 && share < 1);
    if (!isRegion) throw wrong(name, 'four shares from 0 to 1: top, right, bottom, left');
  } else if (name === 'deviceId') {
    if (typeof value !== 'string') throw wrong(name, "a camera's deviceId");
    return value || undefined;
  } else if (typeof value !== 'boolean') {
    throw wrong(name, 'true or false');
  }
  return value;
}

const wrong = (name: string, expected: string) => new TypeError(`${name} expects ${expected}.`);
