import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaceReport } from './analyser.js';
import { Challenge } from './challenge.js';
import { face } from './test-support.js';

const OPEN = { left: true, right: true };
const CLOSED = { left: false, right: false };

/** The number of the frame, from 1, that passes the challenge; 0 for none. */
function passes(challenge: Challenge, frames: Partial<FaceReport>[], eyes = frames.map(() => OPEN)): number {
  return frames.findIndex((frame, index) => challenge.judge(face(frame), eyes[index]!)) + 1;
}

test('a turn counts in the direction that was asked for, from where the head was', () => {
  const to = (random: number, yaws: number[]) =>
    passes(
      new Challenge('turn', () => random),
      yaws.map((yaw) => ({ yaw })),
    );
  assert.equal(new Challenge('turn', () => 0).hint, 'look_left');
  assert.equal(new Challenge('turn', () => 0.9).hint, 'look_right');
  assert.equal(to(0, [-5, 5, 15, 20, 21, 30]), 5, 'the second frame at 25° or more');
  assert.equal(to(0, [-5, -20, -40, -40]), 0);
  assert.equal(to(0.9, [0, -20, -30, -35]), 4);
  assert.equal(to(0, [0, 16, 16, 16]), 0, 'a flat photo');
  assert.equal(to(0, [0, 30, 0, 30, 0]), 0, 'one frame alone');
});

test('a smile has to begin', () => {
  const to = (mouths: number[]) =>
    passes(
      new Challenge('smile'),
      mouths.map((mouth) => ({ mouth })),
    );
  assert.equal(to([0.62, 0.65, 0.76, 0.77]), 4);
  assert.equal(to([0.78, 0.78, 0.78]), 0, 'a picture of a smile');
  assert.equal(to([0.78, 0.64, 0.78, 0.78]), 4);
  assert.equal(to([0.67, 0.73, 0.73]), 0);
});

test('a blink is both eyes closed, then open', () => {
  const to = (eyes: (typeof OPEN)[]) =>
    passes(
      new Challenge('blink'),
      eyes.map(() => ({})),
      eyes,
    );
  assert.equal(to([OPEN, CLOSED, OPEN, OPEN]), 4);
  assert.equal(to([OPEN, OPEN, OPEN]), 0);
  assert.equal(to([OPEN, { left: false, right: true }, OPEN, OPEN]), 0);
});

test('random is one of those that were measured', () => {
  assert.equal(new Challenge('random', () => 0).name, 'turn');
  assert.equal(new Challenge('random', () => 0.99).name, 'smile');
});
