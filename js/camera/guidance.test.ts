import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaceReport, FrameReport } from './analyser.js';
import { Guidance, HINTS, step } from './guidance.js';
import { DEFAULTS } from './limits.js';
import { face, report } from './test-support.js';

const guide = (limits = {}) => {
  const guidance = new Guidance({ ...DEFAULTS, ...limits });
  let now = 0;
  return (next: FrameReport | Partial<FaceReport> = {}) =>
    guidance.judge('faces' in next ? next : report([face(next as Partial<FaceReport>)]), (now += 33));
};
const box = (x: number, y: number, height: number) => ({ x, y, width: height * 0.77, height });
const middle = (height: number) => box(320 - height * 0.385, 240 - height / 2, height);

test('each fault of a frame gives its hint', () => {
  const quality = face().quality;
  const cases: [FrameReport | Partial<FaceReport>, string, string?][] = [
    [report([face(), face()]), 'several_faces'],
    [report([]), 'no_face'],
    [report([], { exposure: { ...quality, underexposure: 0.9 } }), 'too_dark'],
    [{ box: middle(140) }, 'too_far'],
    [{ box: middle(460) }, 'too_close'],
    [{ box: box(20, 110, 260) }, 'off_center', 'left'],
    [{ box: box(420, 110, 260) }, 'off_center', 'right'],
    [{ box: box(220, -60, 260) }, 'off_center', 'down'],
    [{ box: box(220, 280, 260) }, 'off_center', 'up'],
    [{ quality: { ...quality, underexposure: 0.9 } }, 'too_dark'],
    [{ quality: { ...quality, overexposure: 0.9 } }, 'too_bright'],
    [{ yaw: 30 }, 'turn_right'],
    [{ yaw: -30 }, 'turn_left'],
    [{ roll: 30 }, 'tilt', 'right'],
    [{ roll: -30 }, 'tilt', 'left'],
    [{ pitch: 40 }, 'chin', 'down'],
    [{ pitch: -40 }, 'chin', 'up'],
    [{ quality: { ...quality, sharpness: 0.1 } }, 'blurred'],
    [{}, 'hold_still'],
  ];
  for (const [frame, code, direction] of cases) {
    const { hint, isGood } = guide()(frame);
    assert.deepEqual([hint.code, hint.direction], [code, direction]);
    assert.equal(isGood, code === 'hold_still');
  }
});

test('several faults give the most urgent hint', () => {
  const judge = guide();
  assert.equal(judge({ box: middle(140), yaw: 40, roll: 40 }).hint.code, 'too_far');
  assert.equal(guide()({ yaw: 40, roll: 40, pitch: 40 }).hint.code, 'turn_right');
  assert.equal(guide()({ roll: 40, pitch: 40 }).hint.code, 'tilt');
  assert.ok(HINTS.indexOf('several_faces') < HINTS.indexOf('no_face'));
});

test('a face outside a region is sent into it', () => {
  const judge = guide({ roi: [0, 0.5, 0, 0] });
  const { hint } = judge({ box: box(400, 110, 240) });
  // The region is in the image's left half, which is on the person's right.
  assert.deepEqual(hint, { code: 'out_of_roi', direction: 'right' });
  assert.equal(guide({ roi: [0, 0.5, 0, 0] })({ box: box(70, 120, 230) }).hint.code, 'hold_still');
});

// Defect 1: a face whose angle sits at the limit was never captured.
for (const [name, limit, at] of [
  ['yaw', 20, (value: number) => ({ yaw: value })],
  ['roll', 20, (value: number) => ({ roll: -value })],
  ['pitch', 30, (value: number) => ({ pitch: value })],
] as const) {
  test(`${name} passes at its limit and is lost 15 % beyond`, () => {
    const judge = guide();
    assert.equal(judge(at(limit + 0.1)).isGood, false);
    assert.equal(judge(at(limit)).isGood, true);
    assert.equal(judge(at(limit * 1.15 - 0.1)).isGood, true);
    assert.equal(judge(at(limit * 1.15 + 0.1)).isGood, false);
    assert.equal(judge(at(limit + 0.1)).isGood, false);
  });
}

test('a size passes at its limit and is lost 15 % beyond', () => {
  const pass = (shares: number[]) => {
    const judge = guide();
    return shares.map((share) => judge({ box: middle(480 * share) }).isGood);
  };
  assert.deepEqual(pass([0.34, 0.351, 0.3, 0.29, 0.34]), [false, true, true, false, false]);
  // A face that is higher than the frame is cut off.
  assert.deepEqual(pass([0.91, 0.899, 0.99, 1.01]), [false, true, true, false]);
});

test("the service's limits are left at the published value, so that a photo passes there", () => {
  const pass = (name: keyof FaceReport['quality'], values: number[]) => {
    const judge = guide();
    return values.map((value) => judge({ quality: { ...face().quality, [name]: value } }).isGood);
  };
  const expected = [false, true, true, false, false];
  assert.deepEqual(pass('sharpness', [0.17, 0.184, 0.16, 0.159, 0.17]), expected);
  assert.deepEqual(pass('underexposure', [0.65, 0.59, 0.69, 0.71, 0.65]), expected);
  assert.deepEqual(pass('overexposure', [0.6, 0.55, 0.64, 0.66, 0.6]), expected);
});

// Defect 2: the detector sees nothing in the dark.
test('no face in a dark frame says that it is dark, without flicker at the limit', () => {
  const judge = guide();
  const light = (underexposure: number) =>
    judge(report([], { exposure: { underexposure, overexposure: 0, sharpness: 0 } })).hint.code;
  assert.equal(light(0.72), 'too_dark');
  assert.equal(light(0.69), 'too_dark');
  assert.equal(light(0.62), 'too_dark');
  assert.equal(light(0.58), 'too_dark'); // one frame is not enough
  assert.equal(light(0.58), 'no_face');
  assert.equal(light(0.69), 'no_face');
});

// Defect 3: a second face is seen in searched frames only.
test('a second face counts until the next searched frame', () => {
  const judge = guide();
  const one = (searched: boolean) => judge(report([face()], { searched })).hint.code;
  assert.equal(judge(report([face(), face()])).hint.code, 'several_faces');
  for (let i = 0; i < 6; i++) assert.equal(one(false), 'several_faces');
  assert.equal(one(true), 'several_faces'); // one frame is not enough
  assert.equal(one(false), 'hold_still');
});

// Defect 4: after a cut the follower keeps an old box for one frame.
test('a hint changes with the second frame that says so', () => {
  const judge = guide();
  assert.equal(judge().hint.code, 'hold_still');
  assert.equal(judge({ yaw: 50 }).hint.code, 'hold_still');
  assert.equal(judge().hint.code, 'hold_still');
  assert.equal(judge({ yaw: 50 }).hint.code, 'hold_still');
  assert.equal(judge({ box: middle(100) }).hint.code, 'too_far');
  assert.equal(judge().hint.code, 'too_far');
  assert.equal(judge({ yaw: 50 }).hint.code, 'too_far', 'better, but another than the frame before');
  assert.equal(judge({ yaw: 50 }).hint.code, 'turn_right');
  assert.equal(judge().hint.code, 'turn_right');
  assert.equal(judge().hint.code, 'hold_still');
});

test('a frame that is not good is never a photo, even while its hint still says so', () => {
  const judge = guide();
  judge();
  assert.equal(judge({ yaw: 50 }).isGood, false);
});

// Defect 5: angles are judged apart, and a smile that moves one of them is no obstacle.
test('yaw, pitch and roll have limits of their own', () => {
  assert.equal(guide()({ pitch: 28, yaw: 15, roll: 15 }).isGood, true);
  assert.equal(guide({ maxPitch: 10 })({ pitch: 12 }).hint.code, 'chin');
  assert.equal(guide({ maxYaw: 40 })({ yaw: 35 }).isGood, true);
});

const eyes = (left: number, right: number) => ({ eyes: { left, right } });

test('eyes are unknown at first, then compared with their own median', () => {
  const judge = guide();
  assert.deepEqual(judge(eyes(0.4, 0.5)).eyes, { left: null, right: null });
  for (let i = 0; i < 10; i++) judge(eyes(0.4, 0.5));
  assert.deepEqual(judge(eyes(0.4, 0.5)).eyes, { left: true, right: true });
  assert.deepEqual(judge(eyes(0.3, 0.5)).eyes, { left: false, right: true });
  assert.equal(judge(eyes(0.3, 0.5)).isGood, true, 'a wink is no blink');
});

test('a frame of a blink is no photo, and a blink does not last', () => {
  const judge = guide();
  for (let i = 0; i < 12; i++) judge(eyes(0.6, 0.6));
  assert.equal(judge(eyes(0.4, 0.42)).isGood, false);
  assert.equal(judge(eyes(0.4, 0.42)).hint.code, 'eyes_closed');
  assert.equal(judge(eyes(0.6, 0.6)).isGood, true);
  // 20 frames are 660 ms: the light has changed.
  for (let i = 0; i < 20; i++) judge(eyes(0.4, 0.42));
  assert.equal(judge(eyes(0.4, 0.42)).isGood, true);
});

test('closed eyes are no obstacle where the page says so', () => {
  const judge = guide({ eyesOpen: false });
  for (let i = 0; i < 12; i++) judge(eyes(0.6, 0.6));
  assert.equal(judge(eyes(0.4, 0.4)).isGood, true);
});

test('a smile is told by the mouth', () => {
  assert.equal(guide()({ mouth: 0.62 }).smiling, false);
  assert.equal(guide()({ mouth: 0.78 }).smiling, true);
});

test("angles fall into Perse's steps", () => {
  const all = [-40, -36, -20, -12, 0, 12, 13, 36, 37].map((angle) => step(angle, 'down', 'up'));
  assert.deepEqual(all, [
    ...['super_down', 'down', 'down', 'normal', 'normal', 'normal', 'up', 'up', 'super_up'],
  ]);
});
