import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toReport } from './report.js';

const FACE = 13 + 136;
const numbers = (count: number) => Float32Array.from({ length: count }, (_, index) => index);

test('numbers become a report, face after face', () => {
  const report = toReport(numbers(4 + 2 * FACE), 640, 480);
  assert.deepEqual([report.width, report.height, report.searched], [640, 480, false]);
  assert.deepEqual(report.exposure, { underexposure: 1, overexposure: 2, sharpness: 3 });
  assert.equal(report.faces.length, 2);
  const { points, ...face } = report.faces[0]!;
  assert.deepEqual(face, {
    box: { x: 4, y: 5, width: 6, height: 7 },
    ...{ yaw: 8, pitch: 9, roll: 10 },
    quality: { underexposure: 11, overexposure: 12, sharpness: 13 },
    eyes: { left: 14, right: 15 },
    mouth: 16,
  });
  assert.deepEqual([points.length, points[0], points[135]], [136, 17, 152]);
  assert.equal(report.faces[1]!.box.x, 4 + FACE);
});

test('a frame without faces was searched', () => {
  const report = toReport(Float32Array.of(1, 0.25, 0.5, 0.75), 480, 640);
  assert.deepEqual(report, {
    ...{ width: 480, height: 640, searched: true, faces: [] },
    exposure: { underexposure: 0.25, overexposure: 0.5, sharpness: 0.75 },
  });
});
