/**
 * Asks a person to do something, and tells from the frames whether they did: a sign that somebody is there and
 * follows. It tells no person from a recording of one; the decision belongs to a server. Pure: each frame comes in.
 */
import type { FaceReport } from './analyser.js';
import { type Advice, type HintCode, SMILING_MOUTH } from './guidance.js';

/** An action that a person can be asked to do. */
export type ChallengeName = 'turn' | 'smile' | 'blink';

/** Something that a person was asked to do. */
export interface ChallengeResult {
  /** The action. */
  name: ChallengeName;
  /** Whether they did it in time, their face always in sight. */
  passed: boolean;
}

/** Challenges of `random`. Blinking is left out: how surely it is seen was not measured on people. */
const RANDOM: readonly ChallengeName[] = ['turn', 'smile'];
/** Degrees that a head has to turn; flat photos that were turned by 40° seemed to turn by 16° at most. */
const TURN = 25;
/** Growth of mouth ÷ eyes by a smile, at least; 0.60 to 0.65 become 0.75 to 0.80. */
const SMILE = 0.08;

/** Follows one challenge from frame to frame. */
export class Challenge {
  readonly name: ChallengeName;
  /** The hint that asks for the action. */
  readonly hint: HintCode;
  #startYaw: number | undefined;
  #restingMouth = Infinity;
  #wereEyesClosed = false;
  #doneFrames = 0;

  constructor(name: ChallengeName | 'random', random: () => number = Math.random) {
    const choose = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    this.name = name === 'random' ? choose(RANDOM) : name;
    this.hint = this.name === 'turn' ? choose(['look_left', 'look_right'] as const) : this.name;
  }

  /** Looks at the next frame. Returns whether the person has done it: two frames in a row have to show it. */
  judge(face: FaceReport, eyes: Advice['eyes']): boolean {
    this.#doneFrames = this.#isDone(face, eyes) ? this.#doneFrames + 1 : 0;
    return this.#doneFrames >= 2;
  }

  #isDone({ yaw, mouth }: FaceReport, eyes: Advice['eyes']): boolean {
    switch (this.hint) {
      case 'look_left':
      case 'look_right': {
        const turned = yaw - (this.#startYaw ??= yaw);
        return (this.hint === 'look_left' ? turned : -turned) >= TURN;
      }
      case 'smile':
        this.#restingMouth = Math.min(this.#restingMouth, mouth);
        return mouth >= SMILING_MOUTH && mouth - this.#restingMouth >= SMILE;
      default: {
        const areClosed = eyes.left === false && eyes.right === false;
        this.#wereEyesClosed ||= areClosed;
        return this.#wereEyesClosed && eyes.left === true && eyes.right === true;
      }
    }
  }
}
