/** Faces as the page gets them: in the pixels of the video or the photo. */
import type { Box, FaceReport } from './analyser.js';
import { step, type Advice } from './guidance.js';
import type { Crop } from './ports.js';
import type { CapturedFace } from './types.js';

/** A face in the pixels of the video, which are `scale` to a pixel of the frame. */
export function describe(face: FaceReport, { eyes, smiling }: Advice, scale: number): CapturedFace {
  const { x, y, width, height } = face.box;
  const { yaw, pitch, roll, quality } = face;
  return {
    box: { x: x * scale, y: y * scale, width: width * scale, height: height * scale },
    points: Array.from(face.points, (value) => value * scale),
    ...{ yaw, pitch, roll, quality, smiling },
    vertical: step(pitch, 'down', 'up'),
    horizontal: step(yaw, 'right', 'left'),
    tilt: step(roll, 'right', 'left'),
    leftEyeOpen: eyes.left,
    rightEyeOpen: eyes.right,
  };
}

/** The same face after a crop or a move of the picture. */
export function moveFace(face: CapturedFace, right: number, down: number): CapturedFace {
  const { x, y, width, height } = face.box;
  return {
    ...face,
    box: { x: x + right, y: y + down, width, height },
    points: face.points.map((value, index) => value + (index % 2 ? down : right)),
  };
}

/** A face with a margin on each side, as far as the photo reaches. */
export function cropOf(box: Box, margin: number, width: number, height: number): Crop {
  const x = Math.max(0, Math.floor(box.x - margin * box.width));
  const y = Math.max(0, Math.floor(box.y - margin * box.height));
  const right = Math.min(width, Math.ceil(box.x + (1 + margin) * box.width));
  const bottom = Math.min(height, Math.ceil(box.y + (1 + margin) * box.height));
  return { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) };
}
