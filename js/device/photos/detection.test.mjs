import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toDetection } from './detection.js';

const THRESHOLDS = [0.7, 0.65, 0.1591];
const IMAGE = [0.1, 0.2, 0.3, 0.4];
const FACE = [
  ...[10, 11, 20, 21, 30, 31, 40, 41, 50, 51],
  ...[1, 2, 3, 4, 0.9],
  ...[0.5, 0.6, 0.7, 0.8],
  ...[25, -12, 3, 8],
];

test('each number is at its place, with the decimals that it has', () => {
  const { faces, ...rest } = toDetection(Float32Array.of(...THRESHOLDS, ...IMAGE, ...FACE, ...FACE));
  assert.deepEqual(rest, {
    totalFaces: 2,
    imageMetrics: { underexposure: 0.1, overexposure: 0.2, sharpness: 0.3, color: 0.4 },
    defaultThresholds: { underexposure: 0.7, overexposure: 0.65, sharpness: 0.1591 },
  });
  assert.deepEqual(faces[1], faces[0]);
  assert.deepEqual(faces[0], {
    landmarks: {
      rightEye: [10, 11],
      leftEye: [20, 21],
      nose: [30, 31],
      mouthRight: [40, 41],
      mouthLeft: [50, 51],
    },
    boundingBox: [1, 2, 3, 4],
    confidence: 0.9,
    faceMetrics: {
      ...{ underexposure: 0.5, overexposure: 0.6, sharpness: 0.7, color: 0.8 },
      ...{ rotation: 25, yaw: -12, pitch: 3, roll: 8 },
    },
  });
});

test('a photo without a face has its metrics', () => {
  const { totalFaces, faces } = toDetection(Float32Array.of(...THRESHOLDS, ...IMAGE));
  assert.deepEqual([totalFaces, faces], [0, []]);
});
