/**
 * Turns the analyser's reports into one hint at a time. Pure: time comes in with each report.
 *
 * Three rules keep hints calm. A limit is entered and left at different values, at least 15 % apart. A
 * hint changes only when two frames in a row say so. A second face counts until the next frame that
 * was searched as a whole.
 */
import type { Box, Exposure, FaceReport, FrameReport } from './analyser.js';
import type { Limits } from './limits.js';

/**
 * Codes of hints, the most urgent first.
 *
 * @example
 * const translated = Object.fromEntries(HINTS.map((code) => [code, translate(code)]));
 */
export const HINTS = [
  'several_faces',
  'too_dark',
  'no_face',
  'too_far',
  'too_close',
  'out_of_roi',
  'off_center',
  'too_bright',
  'blurred',
  'turn_left',
  'turn_right',
  'tilt',
  'chin',
  'eyes_closed',
  'hold_still',
  'look_left',
  'look_right',
  'smile',
  'blink',
  'captured',
] as const;

/** Code of the hint: something to do, or something that just happened. */
export type HintCode = (typeof HINTS)[number];

/** A way to go, as the person sees it. */
export type Direction = 'left' | 'right' | 'up' | 'down';

/** One hint. */
export interface Hint {
  /** Code of the hint. */
  code: HintCode;
  /** Direction to move, turn or lean, for `out_of_roi`, `off_center`, `tilt` and `chin`. */
  direction?: Direction;
}

/** Published limits of the service. */
const MAX_UNDEREXPOSURE = 0.7;
const MAX_OVEREXPOSURE = 0.65;
const MIN_SHARPNESS = 0.1591;
/** Distance of the face's centre from the region's ÷ half of the frame's shorter side. */
const MAX_OFFSET = 0.4;
/** Distance between the limits at which a state is entered and left, as a share. */
const HYSTERESIS = 0.15;
/** An eye's openness below this share of its own median counts as closed. */
const CLOSED_EYE = 0.8;
/** Longer than that it isn't a blink but the light, in milliseconds. */
const MAX_BLINK_MS = 400;
/** Frames whose openness makes up a person's median. */
const EYE_FRAMES = 45;
/** Fewer frames say nothing about a person's eyes. */
const MIN_EYE_FRAMES = 8;
/** Mouth ÷ eyes; 0.60 to 0.65 at rest, 0.75 to 0.80 in a smile. */
export const SMILING_MOUTH = 0.72;

/** Says how one frame looks. */
export interface Advice {
  /** The hint to show. */
  hint: Hint;
  /** Whether this very frame may become a photo. */
  isGood: boolean;
  /** The largest face. */
  face: FaceReport | undefined;
  /** Whether the eyes are open; `null` until enough frames are known. */
  eyes: { left: boolean | null; right: boolean | null };
  /** Whether the person smiles. */
  smiling: boolean;
}

/** Judges frame after frame. */
export class Guidance {
  #limits: Limits;
  /** Checks that the face passes at present; they fail at a wider limit than they are passed at. */
  #passed = new Set<string>();
  #hasSeveral = false;
  #isDark = false;
  #hint: Hint | undefined;
  #worseFrames = 0;
  #better: HintCode | undefined;
  #betterFrames = 0;
  #eyes = new EyeBaseline();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Forgets everything, as after another camera was chosen. */
  reset(): void {
    this.#passed.clear();
    this.#hasSeveral = false;
    this.#isDark = false;
    this.#hint = undefined;
    this.#worseFrames = this.#betterFrames = 0;
    this.#eyes = new EyeBaseline();
  }

  /** Judges a frame that was taken at `now`, in milliseconds. */
  judge(report: FrameReport, now: number): Advice {
    const face = report.faces[0];
    if (report.searched || report.faces.length > 1) this.#hasSeveral = report.faces.length > 1;
    if (!face) {
      this.#passed.clear();
      this.#eyes = new EyeBaseline();
    }
    const eyes = face ? this.#eyes.add(face, now) : { left: null, right: null };
    const candidate = this.#candidate(report, face, eyes.left === false && eyes.right === false);
    return {
      hint: this.#calm(candidate),
      isGood: candidate.code === 'hold_still',
      face,
      eyes,
      smiling: !!face && face.mouth >= SMILING_MOUTH,
    };
  }

  /** The hint of this frame alone. */
  #candidate(report: FrameReport, face: FaceReport | undefined, areEyesClosed: boolean): Hint {
    if (this.#hasSeveral) return { code: 'several_faces' };
    // Detectors see nothing in the dark: to call that "no face" would send the person the wrong way.
    const lightest = this.#isDark ? MAX_UNDEREXPOSURE * (1 - HYSTERESIS) : MAX_UNDEREXPOSURE;
    this.#isDark = report.exposure.underexposure > lightest;
    if (!face) return { code: this.#isDark ? 'too_dark' : 'no_face' };
    const limits = this.#limits;
    const size = face.box.height / Math.min(report.width, report.height);
    // All checks are done in any case: each one remembers whether the face passes it.
    const checks: [isPassed: boolean, hint: Hint][] = [
      [this.#atLeast('min-size', size, limits.minSize), { code: 'too_far' }],
      // A face that is higher than the frame is cut off, whatever the limit.
      [size <= 1 && this.#atMost('max-size', size, limits.maxSize), { code: 'too_close' }],
      ...this.#place(report, face.box),
      ...this.#exposure(face.quality),
      // Before the pose, which is uncertain in a blurred picture.
      [this.#above('sharpness', face.quality.sharpness, MIN_SHARPNESS), { code: 'blurred' }],
      [
        this.#atMost('yaw', Math.abs(face.yaw), limits.maxYaw),
        // A head that is turned to its left, the image's right, has to turn back to the right.
        { code: face.yaw > 0 ? 'turn_right' : 'turn_left' },
      ],
      [
        this.#atMost('roll', Math.abs(face.roll), limits.maxRoll),
        { code: 'tilt', direction: face.roll > 0 ? 'right' : 'left' },
      ],
      [
        this.#atMost('pitch', Math.abs(face.pitch), limits.maxPitch),
        { code: 'chin', direction: face.pitch > 0 ? 'down' : 'up' },
      ],
      [!(limits.eyesOpen && areEyesClosed), { code: 'eyes_closed' }],
    ];
    return checks.find(([isPassed]) => !isPassed)?.[1] ?? { code: 'hold_still' };
  }

  /** Inside the region, and about in its middle. */
  #place({ width, height }: FrameReport, box: Box): [boolean, Hint][] {
    const [top, right, bottom, left] = this.#limits.roi;
    const region = {
      left: left * width,
      right: (1 - right) * width,
      top: top * height,
      bottom: (1 - bottom) * height,
    };
    const half = Math.min(width, height) / 2;
    // Distance that the face has to move, in image pixels: right and down are positive.
    const across = (region.left + region.right) / 2 - (box.x + box.width / 2);
    const down = (region.top + region.bottom) / 2 - (box.y + box.height / 2);
    const direction: Direction =
      Math.abs(across) >= Math.abs(down)
        ? across > 0
          ? 'left' // the image's right is the person's left
          : 'right'
        : down > 0
          ? 'down'
          : 'up';
    const overhang = Math.max(
      region.left - box.x,
      box.x + box.width - region.right,
      region.top - box.y,
      box.y + box.height - region.bottom,
    );
    const hasRegion = this.#limits.roi.some((share) => share > 0);
    const isInside = !hasRegion || this.#atMost('roi', 1 + overhang / box.height, 1);
    const isCentral = this.#atMost('offset', Math.hypot(across, down) / half, MAX_OFFSET);
    return [
      [isInside, { code: 'out_of_roi', direction }],
      [isCentral, { code: 'off_center', direction }],
    ];
  }

  #exposure({ underexposure, overexposure }: Exposure): [boolean, Hint][] {
    return [
      [this.#below('underexposure', underexposure, MAX_UNDEREXPOSURE), { code: 'too_dark' }],
      [this.#below('overexposure', overexposure, MAX_OVEREXPOSURE), { code: 'too_bright' }],
    ];
  }

  // A limit of framing or pose is passed at the limit itself and lost 15 % beyond it: a face that
  // trembles at the limit is captured. A limit of the service is passed 15 % inside and lost at the
  // limit itself: what is captured passes there too.

  #atMost(name: string, value: number, limit: number): boolean {
    return this.#pass(name, value <= limit, value <= limit * (1 + HYSTERESIS));
  }

  #atLeast(name: string, value: number, limit: number): boolean {
    return this.#pass(name, value >= limit, value >= limit * (1 - HYSTERESIS));
  }

  #below(name: string, value: number, limit: number): boolean {
    return this.#pass(name, value <= limit * (1 - HYSTERESIS), value <= limit);
  }

  #above(name: string, value: number, limit: number): boolean {
    return this.#pass(name, value >= limit * (1 + HYSTERESIS), value >= limit);
  }

  #pass(name: string, mayEnter: boolean, mayStay: boolean): boolean {
    const isPassed = this.#passed.has(name) ? mayStay : mayEnter;
    if (isPassed) this.#passed.add(name);
    else this.#passed.delete(name);
    return isPassed;
  }

  /**
   * A worse hint is shown when a second frame finds something worse, too; a better one when a second frame finds
   * the same. The first frame after a cut may show neither what was nor what is.
   */
  #calm(candidate: Hint): Hint {
    const shown = (this.#hint ??= candidate);
    const isWorse = rank(candidate) < rank(shown);
    const isBetter = rank(candidate) > rank(shown);
    this.#worseFrames = isWorse ? this.#worseFrames + 1 : 0;
    this.#betterFrames = !isBetter ? 0 : candidate.code === this.#better ? this.#betterFrames + 1 : 1;
    this.#better = candidate.code;
    if (this.#worseFrames >= 2 || this.#betterFrames >= 2 || (!isWorse && !isBetter)) {
      this.#hint = candidate;
      this.#worseFrames = this.#betterFrames = 0;
    }
    return this.#hint;
  }
}

const rank = ({ code }: Hint): number => HINTS.indexOf(code);

/** Knows how open a person's eyes usually are. */
class EyeBaseline {
  #left: number[] = [];
  #right: number[] = [];
  #closedSince: number | undefined;

  /** Adds a frame; says whether the eyes are open in it. */
  add({ eyes }: FaceReport, now: number): Advice['eyes'] {
    const left = isOpen(this.#left, eyes.left);
    const right = isOpen(this.#right, eyes.right);
    remember(this.#left, eyes.left);
    remember(this.#right, eyes.right);
    if (left !== false || right !== false) this.#closedSince = undefined;
    else this.#closedSince ??= now;
    if (this.#closedSince !== undefined && now - this.#closedSince > MAX_BLINK_MS) {
      // The light has changed, or a screen's glare has gone: begin again with what is there.
      this.#left = [];
      this.#right = [];
      this.#closedSince = undefined;
      return { left: null, right: null };
    }
    return { left, right };
  }
}

function isOpen(known: number[], value: number): boolean | null {
  if (known.length < MIN_EYE_FRAMES) return null;
  const sorted = [...known].sort((a, b) => a - b);
  return value >= CLOSED_EYE * sorted[sorted.length >> 1]!;
}

function remember(known: number[], value: number): void {
  known.push(value);
  if (known.length > EYE_FRAMES) known.shift();
}

/** Returns the pose of a head in the steps of Perse's own SDKs: ±12° and ±36°. */
export type Step<Minus extends string, Plus extends string> =
  'normal' | Minus | Plus | `super_${Minus}` | `super_${Plus}`;

/** Puts an angle in degrees into one of Perse's steps. */
export function step<Minus extends string, Plus extends string>(
  angle: number,
  minus: Minus,
  plus: Plus,
): Step<Minus, Plus> {
  const size = Math.abs(angle);
  if (size <= 12) return 'normal';
  const way = angle < 0 ? minus : plus;
  return size <= 36 ? way : `super_${way}`;
}
